"""What a test looks at afterwards: which requests came, and which messages were accepted."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import attrs


@attrs.define(kw_only=True)
class RequestRecord:
    """One request that arrived complete. ``status`` is None as long as nothing was answered."""

    method: str
    path: str
    query: Mapping[str, list[str]]
    target: str = attrs.field(repr=False)
    """Path and query exactly as they came."""
    headers: Mapping[str, str] = attrs.field(repr=False)
    """By lower-case name; the token is in it."""
    body_size: int
    at: float
    """In seconds of the sandbox's clock, which is the event loop's."""
    operation: str
    request_id: str
    seq: int = 0
    """Its number among all requests, from 1."""
    received: datetime | None = None
    """By the wall clock, for display."""
    order_id: str | None = None
    seller: str | None = None
    status: int | None = None
    fault: bool = False
    """Whether an ordered fault was played."""

    @property
    def has_token(self) -> bool:
        """Whether it carried an access token."""
        return "x-amz-access-token" in self.headers


@attrs.define(kw_only=True)
class Upload:
    """An upload destination, and the file once it was put there."""

    destination_id: str
    order_id: str
    seller: str
    target: str
    expires_at: float
    content_md5: str
    content_type: str | None
    headers: Mapping[str, str] | None
    size: int | None = None
    """Bytes put; None before the PUT."""
    content: bytes | None = attrs.field(default=None, repr=False)
    """None before the PUT, and when newer uploads have taken the room."""


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
    locale: str | None = None
    """The buyer's."""
    size: int = 0
    """Bytes of its body as it came."""
