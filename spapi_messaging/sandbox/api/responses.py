"""What the sandbox answers, as data: the error bodies of the API, of Login with Amazon and of S3.

The API's codes and messages are those that its users see; clients tell errors apart by them.
"""

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import attrs


@attrs.frozen
class Response:
    """An HTTP answer before it is one."""

    status: int
    body: bytes = attrs.field(default=b"", repr=False)
    content_type: str = "application/json"

    @property
    def succeeded(self) -> bool:
        """Whether the request was carried out."""
        return is_success(self.status)


def is_success(status: int) -> bool:
    """Say whether a status tells of a request that was carried out."""
    return status < HTTPStatus.MULTIPLE_CHOICES


class RefusedError(Exception):
    """A request is not carried out; ``answer`` says why. It never leaves the backend."""

    def __init__(self, answer: Response) -> None:
        super().__init__(answer)
        self.answer = answer


def as_json(value: Any) -> bytes:
    """Write JSON as Amazon does: compact, UTF-8."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def ok(value: Any, *, status: int = 200) -> Response:
    """Answer with a JSON value."""
    return Response(status, as_json(value))


def error(status: int, code: str, message: str, details: str | None = "") -> Response:
    """Answer with an error list of one; ``details=None`` leaves the details out."""
    entry = {"code": code, "message": message}
    if details is not None:
        entry["details"] = details
    return ok({"errors": [entry]}, status=status)


def invalid(message: str = "Invalid Input", details: str = "") -> Response:
    """Answer 400: the request is not what it must be."""
    return error(400, "InvalidInput", message, details)


def denied(details: str = "") -> Response:
    """Answer 403: the caller may not do this at all."""
    return error(403, "Unauthorized", "Access to requested resource is denied.", details)


def login_error(status: int, code: str, description: str) -> Response:
    """Answer as Login with Amazon does: RFC 6749 §5.2."""
    return ok({"error": code, "error_description": description}, status=status)


def s3_error(status: int, code: str, message: str) -> Response:
    """Answer as S3 does, in XML."""
    xml = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f"<Error><Code>{code}</Code><Message>{message}</Message></Error>"
    )
    return Response(status, xml.encode(), "application/xml")


TOKEN_MISSING = denied("Access token is missing in the request header.")
TOKEN_EXPIRED = denied("The access token you provided has expired.")
TOKEN_INVALID = denied("The access token you provided is revoked, malformed or invalid.")
ROLE_MISSING = denied()
NOT_PERMITTED = error(403, "Unauthorized", "Invalid amazonOrderId and template combination.")
BAD_MARKETPLACE = invalid("Missing or invalid request parameter: marketplaceId")
NOT_FOUND = error(404, "NotFound", "The requested resource does not exist.")
BAD_METHOD = error(405, "MethodNotAllowed", "This resource does not answer this method.")
TOO_LARGE = error(413, "RequestTooLarge", "The request is larger than this server accepts.")
NOT_JSON = error(415, "UnsupportedMediaType", "The payload must be application/json.")
THROTTLED = error(429, "QuotaExceeded", "You exceeded your quota for the requested resource.", None)

SUCCESS_BODIES: Mapping[str, bytes] = {"object": b"{}", "errors": b'{"errors": []}', "empty": b""}
"""The three bodies that a 201 has been seen with."""

FAULT_CODES: Mapping[int, tuple[str, str]] = {
    400: ("InvalidInput", "Invalid Input"),
    403: ("Unauthorized", "Access to requested resource is denied."),
    404: ("NotFound", "The requested resource does not exist."),
    429: ("QuotaExceeded", "You exceeded your quota for the requested resource."),
    500: ("InternalFailure", "We encountered an internal error. Please try again."),
    503: ("ServiceUnavailable", "Service is temporarily unavailable. Please try again."),
}
"""Code and message by status, for a status that was ordered as a fault."""


def fault_answer(status: int) -> Response:
    """Answer with a status in Amazon's usual form for it; below 400 with an empty object."""
    if status < HTTPStatus.BAD_REQUEST:
        return Response(status, b"{}")
    code, message = FAULT_CODES.get(status, ("InternalFailure", "Something went wrong."))
    return error(status, code, message, None if status == HTTPStatus.TOO_MANY_REQUESTS else "")
