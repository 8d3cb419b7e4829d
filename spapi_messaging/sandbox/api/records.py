"""What a test looks at afterwards: which requests came, and which messages were accepted."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import attrs

UPLOAD_PATH = "/s3/sandbox-attachments/%2F067/"
_RECORD_BYTES, _EXCHANGE_BYTES, _LIST_BYTES, _ITEM_BYTES = 800, 250, 200, 20


@attrs.define(kw_only=True)
class Exchange:
    """What a request and its answer said: the beginnings of their bodies.

    Credentials and files are in none of it; an answer may have a presigned URL in it.
    """

    body: bytes | None = attrs.field(default=None, repr=False)
    """None where it is not kept; `RequestRecord.body_size` has its size."""
    answer: bytes | None = attrs.field(default=None, repr=False)
    """None where there was no answer, or it is not kept."""
    answer_size: int = 0
    answer_type: str = ""
    forgotten: bool = False
    """Whether newer ones took its room."""

    @property
    def room(self) -> int:
        """The bytes it takes, about."""
        return _EXCHANGE_BYTES + len(self.body or b"") + len(self.answer or b"")

    def forget(self) -> None:
        """Make room for newer ones."""
        self.body, self.answer, self.forgotten = None, None, True


@attrs.define(kw_only=True)
class RequestRecord:
    """One request that arrived complete. ``status`` is None as long as nothing was answered.

    What is too long in it is cut, with a mark in its place.
    """

    method: str
    path: str
    query: Mapping[str, list[str]]
    target: str = attrs.field(repr=False)
    """Path and query as they came."""
    headers: Mapping[str, str] = attrs.field(repr=False)
    """By lower-case name; the token is in it."""
    body_size: int
    at: float
    """In seconds of the sandbox's clock, which is the event loop's."""
    operation: str
    request_id: str
    seq: int = 0
    """Its number among all requests, from 1."""
    stranger: bool = False
    """Whether its access token, credentials or upload URL were not given out here."""
    began: float = 0.0
    """When its head came, by the same clock as ``at``: before latency and body."""
    took: float | None = None
    """Seconds from its head to its answer; None without an answer."""
    message_seq: int | None = None
    """The number of the message that it made."""
    exchange: Exchange | None = attrs.field(default=None, repr=False)
    """None as long as nothing was answered."""
    received: datetime | None = None
    """By the wall clock, for display."""
    order_id: str | None = None
    seller: str | None = None
    status: int | None = None
    fault: bool = False
    """Whether an ordered fault was played."""
    notes: tuple[str, ...] = ()
    """What was taken here though it is unusual: Amazon is not known to refuse it."""

    @property
    def has_token(self) -> bool:
        """Whether it carried an access token."""
        return "x-amz-access-token" in self.headers

    @property
    def room(self) -> int:
        """The bytes it takes, about."""
        texts = len(self.path) + len(self.target) + sum(map(len, self.headers.values()))
        for values in self.query.values():
            texts += _LIST_BYTES + sum(map(len, values))
        return _RECORD_BYTES + texts + len(self.headers) * _ITEM_BYTES


@attrs.define(kw_only=True, eq=False)
class Upload:
    """An upload destination, and the file once it was put there."""

    destination_id: str
    order_id: str
    seller: str
    signature: int = attrs.field(repr=False)
    expires_at: float
    content_md5: str
    content_type: str | None
    signed_headers: bool = True
    size: int | None = None
    """Bytes put; None before the PUT."""
    content: bytes | None = attrs.field(default=None, repr=False)
    """None before the PUT, and when newer uploads have taken the room."""

    @property
    def path(self) -> str:
        """Where its file is put."""
        return f"{UPLOAD_PATH}{self.destination_id}"

    @property
    def target(self) -> str:
        """Its path with the signature, which must come back byte for byte."""
        # The escapes are the point: a client that rewrites %2F or %3B breaks the signature.
        return (
            f"{self.path}?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Date=20250701T000000Z"
            "&X-Amz-SignedHeaders=content-md5%3Bhost%3Bx-amz-server-side-encryption"
            "&X-Amz-Expires=900"
            "&X-Amz-Credential=SANDBOX%2F20250701%2Feu-west-1%2Fs3%2Faws4_request"
            f"&X-Amz-Signature={self.signature:064x}"
        )

    @property
    def headers(self) -> Mapping[str, str] | None:
        """The headers that were signed and must be sent along."""
        if not self.signed_headers:
            return None
        return {"Content-MD5": self.content_md5, "x-amz-server-side-encryption": "aws:kms"}


@attrs.frozen(kw_only=True)
class AcceptedAttachment:
    """A file of an accepted message."""

    name: str
    upload_destination_id: str
    upload: Upload | None = attrs.field(default=None, repr=False)
    """None for ids of the static sandbox."""

    @property
    def content(self) -> bytes | None:
        """The bytes, as far as they were uploaded here and are still kept."""
        return self.upload.content if self.upload else None


@attrs.frozen(kw_only=True)
class AcceptedMessage:
    """One accepted POST. A message that was sent twice is here twice."""

    order_id: str
    action: str
    """The last segment of the path it was posted to."""
    operation: str
    body: Mapping[str, Any]
    attachments: tuple[AcceptedAttachment, ...]
    seller: str
    marketplace: str
    at: float
    """In seconds of the sandbox's clock."""
    received: datetime
    """By the wall clock, for display."""
    request_id: str
    seq: int = 0
    """Its number among all messages, from 1."""
    request_seq: int = 0
    """The number of the request that made it."""
    locale: str | None = None
    """The buyer's."""
    size: int = 0
    """Bytes of its body as it came."""
    room: int = 0
    """Bytes that it takes, about."""
    notes: tuple[str, ...] = ()
    """What was taken here though it is unusual: Amazon is not known to refuse it."""
