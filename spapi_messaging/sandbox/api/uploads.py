"""The Uploads API and the S3 behind it.

A destination's URL is presigned: path and query must come back byte for byte, with the headers
that were signed, within 900 s and without the access token. Source: uploads 2020-11-01 and
https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html.
"""

import base64
import binascii
import hashlib
import random
from collections import deque
from collections.abc import Mapping
from urllib.parse import unquote

import attrs

from spapi_messaging.sandbox.api.cuts import MAX_TARGET, cut
from spapi_messaging.sandbox.api.records import UPLOAD_PATH, Upload
from spapi_messaging.sandbox.api.responses import Response, invalid, ok, s3_error
from spapi_messaging.sandbox.api.routes import Call, unusual

LIFETIME = 900.0
"""Seconds that an upload URL is good for."""
MAX_UPLOAD_BYTES = 10_000_000
"""A larger file is answered with EntityTooLarge."""
MAX_STORED_BYTES = 64 * 1024 * 1024
"""Of all files together the newest are kept; older ones lose their content, not their id."""
MAX_DESTINATIONS = 100_000
"""Destinations that are remembered; the oldest are forgotten."""
MAX_PARAMETER = 200
"""Characters of a destination's contentMD5 and of its contentType; no such thing is longer."""
MAX_LEAKS = 1000
"""Leaks that are remembered, the newest."""

_WRONG_SIGNATURE = s3_error(
    403,
    "SignatureDoesNotMatch",
    "The request signature we calculated does not match the signature you provided.",
)
_EXPIRED = s3_error(403, "AccessDenied", "Request has expired")
_LEAKED = s3_error(400, "InvalidArgument", "A presigned URL takes no other credentials.")
_NO_LENGTH = s3_error(411, "MissingContentLength", "You must provide the Content-Length header.")
_BAD_DIGEST_FORM = s3_error(400, "InvalidDigest", "The Content-MD5 you specified is not valid.")
_BAD_DIGEST = s3_error(400, "BadDigest", "The Content-MD5 you specified did not match.")
TOO_LARGE = s3_error(400, "EntityTooLarge", "Your proposed upload exceeds the maximum size.")
BAD_METHOD = s3_error(405, "MethodNotAllowed", "This resource does not answer this method.")


@attrs.define(kw_only=True)
class Uploads:
    """All upload destinations, and the newest files."""

    rng: random.Random
    signed_headers: bool = True
    """Whether a destination names headers to send; without them ``headers`` is null."""
    leaks: deque[str] = attrs.field(factory=lambda: deque(maxlen=MAX_LEAKS), repr=False)
    """Targets of the PUTs that carried the access token or an Authorization header."""
    stored_bytes: int = 0
    _by_id: dict[str, Upload] = attrs.field(factory=dict, repr=False)
    _kept: dict[str, Upload] = attrs.field(factory=dict, repr=False)
    """Those whose content is kept, the oldest first."""

    def answer(self, call: Call, base: str, now: float) -> Response:
        """Answer a request for a destination; ``base`` is the URL in front of its path."""
        content_md5, content_type = call.parameter("contentMD5"), call.parameter("contentType")
        if content_md5 is None or len(content_md5) > MAX_PARAMETER:
            return invalid("Missing or invalid request parameter: contentMD5")
        if len(content_type or "") > MAX_PARAMETER:
            return invalid("Missing or invalid request parameter: contentType")
        if "%" in content_md5:
            content_md5 = unquote(content_md5)
            call.note(unusual("contentMD5 is percent-encoded twice"))
        return self.create(
            order_id=call.order_id,
            seller=call.seller,
            base=base,
            content_md5=content_md5,
            content_type=content_type,
            now=now,
        )

    def create(
        self,
        *,
        order_id: str,
        seller: str,
        base: str,
        content_md5: str,
        content_type: str | None,
        now: float,
    ) -> Response:
        """Return a destination; ``base`` is the URL in front of its path."""
        destination = f"{self.rng.getrandbits(128):032x}"
        upload = Upload(
            destination_id=destination,
            order_id=order_id,
            seller=seller,
            signature=self.rng.getrandbits(256),
            expires_at=now + LIFETIME,
            content_md5=content_md5,
            content_type=content_type,
            signed_headers=self.signed_headers,
        )
        self._by_id[destination] = upload
        if len(self._by_id) > MAX_DESTINATIONS:
            del self._by_id[next(iter(self._by_id))]
        return ok(
            {
                "payload": {
                    "uploadDestinationId": destination,
                    "url": base + upload.target,
                    "headers": upload.headers,
                }
            },
            status=201,
        )

    def find(self, destination_id: str, *, order_id: str, seller: str) -> Upload | None:
        """Find what was uploaded for an order; None where no PUT has succeeded."""
        upload = self._by_id.get(destination_id)
        if upload is None or upload.size is None:
            return None
        return upload if (upload.order_id, upload.seller) == (order_id, seller) else None

    def expects(self, target: str) -> bool:
        """Say whether a URL was given out here, byte for byte."""
        upload = self._by_id.get(target.partition("?")[0].removeprefix(UPLOAD_PATH))
        return upload is not None and upload.target == target

    def put(self, target: str, headers: Mapping[str, str], body: bytes, now: float) -> Response:
        """Take a file, or refuse it as S3 does."""
        if "x-amz-access-token" in headers or "authorization" in headers:
            self.leaks.append(cut(target, MAX_TARGET))
            return _LEAKED
        if not self.expects(target):
            return _WRONG_SIGNATURE
        upload = self._by_id[target.partition("?")[0].removeprefix(UPLOAD_PATH)]
        if now > upload.expires_at:
            return _EXPIRED
        if "content-length" not in headers:
            return _NO_LENGTH
        for name, value in (upload.headers or {}).items():
            if headers.get(name.lower()) != value:
                return _WRONG_SIGNATURE
        return _digest_fault(headers.get("content-md5"), body) or self._keep(upload, body)

    def _keep(self, upload: Upload, body: bytes) -> Response:
        if upload.content is not None:
            self.stored_bytes -= len(upload.content)
            self._kept.pop(upload.destination_id, None)
        upload.size, upload.content = len(body), body
        self._kept[upload.destination_id] = upload
        self.stored_bytes += len(body)
        while self.stored_bytes > MAX_STORED_BYTES or len(self._kept) > MAX_DESTINATIONS:
            oldest = self._kept.pop(next(iter(self._kept)))
            self.stored_bytes -= len(oldest.content or b"")
            oldest.content = None
        return Response(200, b"", "application/xml")


def _digest_fault(content_md5: str | None, body: bytes) -> Response | None:
    if content_md5 is None:
        return None
    try:
        digest = base64.b64decode(content_md5, validate=True)
    except binascii.Error:
        return _BAD_DIGEST_FORM
    actual = hashlib.md5(body, usedforsecurity=False).digest()
    if len(digest) != len(actual):
        return _BAD_DIGEST_FORM
    return None if digest == actual else _BAD_DIGEST
