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

import attrs

from spapi_messaging.sandbox.api.records import Upload
from spapi_messaging.sandbox.api.responses import Response, ok, s3_error

LIFETIME = 900.0
"""Seconds that an upload URL is good for."""
MAX_UPLOAD_BYTES = 10_000_000
"""A larger file is answered with EntityTooLarge."""
MAX_STORED_BYTES = 64 * 1024 * 1024
"""Of all files together the newest are kept; older ones lose their content, not their id."""
MAX_DESTINATIONS = 500_000
"""Destinations that are remembered; the oldest are forgotten."""

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
    leaks: list[str] = attrs.field(factory=list)
    """Targets of the PUTs that carried the access token or an Authorization header."""
    stored_bytes: int = 0
    _by_id: dict[str, Upload] = attrs.field(factory=dict, repr=False)
    _by_path: dict[str, Upload] = attrs.field(factory=dict, repr=False)
    _kept: deque[Upload] = attrs.field(factory=deque, repr=False)

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
        path = f"/s3/sandbox-attachments/%2F067/{destination}"
        upload = Upload(
            destination_id=destination,
            order_id=order_id,
            seller=seller,
            target=f"{path}?{_signature(self.rng.getrandbits(256))}",
            expires_at=now + LIFETIME,
            content_md5=content_md5,
            content_type=content_type,
            headers={"Content-MD5": content_md5, "x-amz-server-side-encryption": "aws:kms"}
            if self.signed_headers
            else None,
        )
        self._by_id[destination] = self._by_path[path] = upload
        if len(self._by_id) > MAX_DESTINATIONS:
            oldest = self._by_id.pop(next(iter(self._by_id)))
            del self._by_path[oldest.target.partition("?")[0]]
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

    def put(self, target: str, headers: Mapping[str, str], body: bytes, now: float) -> Response:
        """Take a file, or refuse it as S3 does."""
        if "x-amz-access-token" in headers or "authorization" in headers:
            self.leaks.append(target)
            return _LEAKED
        upload = self._by_path.get(target.partition("?")[0])
        if upload is None or upload.target != target:
            return _WRONG_SIGNATURE
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
            self._kept.remove(upload)
        upload.size, upload.content = len(body), body
        self._kept.append(upload)
        self.stored_bytes += len(body)
        while self.stored_bytes > MAX_STORED_BYTES:
            oldest = self._kept.popleft()
            self.stored_bytes -= len(oldest.content or b"")
            oldest.content = None
        return Response(200, b"", "application/xml")


def _signature(number: int) -> str:
    # The escapes are the point: a client that rewrites %2F or %3B breaks the signature.
    return (
        "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Date=20250701T000000Z"
        "&X-Amz-SignedHeaders=content-md5%3Bhost%3Bx-amz-server-side-encryption"
        "&X-Amz-Expires=900"
        "&X-Amz-Credential=SANDBOX%2F20250701%2Feu-west-1%2Fs3%2Faws4_request"
        f"&X-Amz-Signature={number:064x}"
    )


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
