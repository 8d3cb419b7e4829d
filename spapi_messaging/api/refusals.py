"""Error answers to errors: what Amazon refused, by its status and its own words.

No body hides an answer's status: whatever it is (HTML, empty, cut off, nested without end), an
error answer becomes the ApiError of its status.
"""

import json
import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

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
    status: int, body: bytes, *, operation: str, order_id: str | None, request_id: str | None
) -> ApiError:
    """Turn an error answer into the error of its status, whatever the body is.

    The 403s differ only in their texts: not permitted for this order, a bad token, or the
    role missing. 401 is a bad token, too.
    """
    code, message, details = _first_error(body)
    is_servers = status >= HTTPStatus.INTERNAL_SERVER_ERROR
    kind = _BY_STATUS.get(status, ServerError if is_servers else ApiError)
    if status == HTTPStatus.FORBIDDEN:
        kind = _forbidden(message, details)
    return kind(operation, status, code, message, details, request_id, order_id)


def _forbidden(message: str, details: str) -> type[ApiError]:
    if _NOT_PERMITTED in message:
        return ActionNotPermittedError
    if _TOKEN_REJECTED.search(details) or _TOKEN_REJECTED.search(message):
        return TokenRejectedError
    return AccessDeniedError


def _first_error(body: bytes) -> tuple[str, str, str]:
    try:
        first = json.loads(body)["errors"][0]
        parts = [first.get(name) for name in ("code", "message", "details")]
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return *storage_error(body), ""
    code, message, details = (
        cut(part, MAX_PART) if isinstance(part, str) else "" for part in parts
    )
    return code, message, details
