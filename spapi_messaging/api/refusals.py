"""Error answers to errors: what Amazon refused, by its status and its own words.

No body hides an answer's status: whatever it is (HTML, empty, cut off, nested without end), an
error answer becomes the ApiError of its status.
"""

import json
import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

from spapi_messaging.api.quotes import without_quotes
from spapi_messaging.api.storage_errors import storage_error
from spapi_messaging.errors import (
    AccessDeniedError,
    ActionNotPermittedError,
    ApiError,
    BadRequestError,
    NotFoundError,
    PayloadTooLargeError,
    ServerError,
    ThrottledError,
    TokenRejectedError,
    UnsupportedMediaTypeError,
)
from spapi_messaging.redaction import cut

MAX_PART = 500  # of an error body: enough to read, too short to flood a log

_TOKEN_REJECTED = re.compile(r"access token.*(expired|revoked|malformed|invalid)", re.IGNORECASE)
_PARTS = (
    ("code", "Code", "error", "__type"),
    ("message", "Message", "error_description"),
    ("details",),
)
"""The names that gateways in front of the API have for what Amazon calls by the first."""
_LOOKED_AT, _BLANKS, _AMAZONS = 1024, b" \t\r\n\xef\xbb\xbf", (b"", b"{", b"[")
_NOT_AMAZONS = "It is a page of somebody in between, such as a proxy, and not Amazon's answer."
_NOT_PERMITTED = "Invalid amazonOrderId and template combination"

_BY_STATUS: Final[Mapping[int, type[ApiError]]] = {
    HTTPStatus.BAD_REQUEST: BadRequestError,
    HTTPStatus.UNAUTHORIZED: TokenRejectedError,
    HTTPStatus.NOT_FOUND: NotFoundError,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: PayloadTooLargeError,
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: UnsupportedMediaTypeError,
    HTTPStatus.TOO_MANY_REQUESTS: ThrottledError,
}


def api_error(
    status: int,
    body: bytes,
    *,
    operation: str,
    order_id: str | None,
    request_id: str | None,
    said: bytes | None = None,
    token: str | None = None,
) -> ApiError:
    """Turn an error answer into the error of its status, whatever the body is.

    The 403s differ only in their texts: not permitted for this order, a bad token, or the
    role missing. 401 is a bad token, too. ``said`` and ``token`` are those of the request, which
    the error shall not quote.
    """
    code, message, details = (
        without_quotes(part, said=said, token=token) for part in _first_error(body)
    )
    is_servers = status >= HTTPStatus.INTERNAL_SERVER_ERROR
    kind = _BY_STATUS.get(status, ServerError if is_servers else ApiError)
    if status == HTTPStatus.FORBIDDEN:
        kind = _forbidden(message, details)
    error = kind(operation, status, code, message, details, request_id, order_id)
    if request_id is None and not is_servers and _is_page(body):
        error.passing, error.advice = True, _NOT_AMAZONS
    return error


def _is_page(body: bytes) -> bool:
    """Say whether a body is neither empty nor JSON, which Amazon's are."""
    return body[:_LOOKED_AT].lstrip(_BLANKS)[:1] not in _AMAZONS


def _forbidden(message: str, details: str) -> type[ApiError]:
    if _NOT_PERMITTED in message:
        return ActionNotPermittedError
    if _TOKEN_REJECTED.search(details) or _TOKEN_REJECTED.search(message):
        return TokenRejectedError
    return AccessDeniedError


def _first_error(body: bytes) -> tuple[str, str, str]:
    """Read code, message and details, in whatever form they come."""
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return *storage_error(body), ""
    if isinstance(value, dict) and value.get("errors"):
        value = value["errors"]
    first = value[0] if isinstance(value, list) and value else value
    if not isinstance(first, dict):
        return "", "", ""
    code, message, details = (_part(first, names) for names in _PARTS)
    return code, message, details


def _part(error: Mapping[str, object], names: tuple[str, ...]) -> str:
    found = (error.get(name) for name in names)
    return next((cut(part, MAX_PART) for part in found if isinstance(part, str)), "")
