"""What counts as Amazon's yes: a 2xx alone may be anybody's.

Amazon accepts a message with 201 and an empty body, ``{}`` or ``{"errors": []}``. A company's
block page, a portal or a cache answers 2xx as well, and the message went no further than there;
and ``errors`` in a 2xx are no yes. A body that was cut off takes nothing from a 201, as far
as what came of it could be Amazon's.
"""

import re

from spapi_messaging.api.wire import decode

_PLAIN = (b"{}", b'{"errors":[]}')
_NOTHING: tuple[dict[str, object], ...] = ({}, {"errors": []}, {"errors": None})
_BEGINS_JSON = re.compile(rb"[\[{\"0-9tfn-]")
_ERRORS = re.compile(rb'"errors"\s*:(?!\s*(?:\[\s*\]|null))')


def has_errors(body: bytes) -> bool:
    """Say whether an answer names errors, whatever its status says."""
    if b"errors" not in body:
        return False
    try:
        value = decode(body)
    except ValueError:
        return False
    return isinstance(value, dict) and bool(value.get("errors"))


def doubt_about(
    body: bytes, *, request_id: str | None, media_type: str | None, is_whole: bool
) -> str | None:
    """Say why a 2xx that answers a message may not be Amazon's yes; None if it is."""
    body = body.strip()
    if not is_whole:
        return _doubt_about_part(body, request_id, (media_type or "json").lower())
    if request_id is None and "html" in (media_type or "").lower():
        return "a page"
    if not body:
        return None
    try:
        value = decode(body)
    except ValueError:
        return "a body that is not JSON"
    if isinstance(value, dict) and value.get("errors"):
        return "errors"
    return None if request_id or value in _NOTHING else "a body without Amazon's request id"


def _doubt_about_part(body: bytes, request_id: str | None, media_type: str) -> str | None:
    if "json" not in media_type or (body and not _BEGINS_JSON.match(body)):
        return "the beginning of a body that is not JSON"
    if _ERRORS.search(body):
        return "the beginning of errors"
    compact = b"".join(body.split())
    if request_id or any(plain.startswith(compact) for plain in _PLAIN):
        return None
    return "the beginning of a body without Amazon's request id"
