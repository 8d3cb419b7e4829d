"""Error answers to errors: whatever the body is, the status is not hidden."""

import json

import pytest
from helpers.pickling import pickled
from hypothesis import example, given, settings, strategies as st

from spapi_messaging import errors
from spapi_messaging.api import api_error
from spapi_messaging.errors import ApiError

ORDER = "903-1671087-0812628"


def reported(message: object, details: object = "", code: object = "Unauthorized") -> bytes:
    body = {"errors": [{"code": code, "message": message, "details": details}]}
    return json.dumps(body).encode()


INVALID = reported("Could not send. Missing or invalid request parameter: marketplaceId")
NO_FILE = reported("Attachment with ID x does not exist", code="InvalidInput")
NOT_NOW = reported("Invalid amazonOrderId and template combination.")
DENIED = reported("Access to requested resource is denied.")
EXPIRED = reported("Access to requested resource is denied.", "The access token has expired.")
REVOKED = reported(
    "Access to requested resource is denied.",
    "The access token you provided is revoked, malformed or invalid.",
)
QUOTA = b'{"errors": [{"code": "QuotaExceeded", "message": "You exceeded your quota."}]}'


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (400, INVALID, "BadRequestError"),
        (400, NO_FILE, "BadRequestError"),
        (401, DENIED, "TokenRejectedError"),
        (403, NOT_NOW, "ActionNotPermittedError"),
        (403, DENIED, "AccessDeniedError"),
        (403, EXPIRED, "TokenRejectedError"),
        (403, reported("x", "ACCESS TOKEN is EXPIRED"), "TokenRejectedError"),
        (403, reported("The access token expired"), "TokenRejectedError"),
        (403, REVOKED, "TokenRejectedError"),
        (403, reported("Access denied.", None), "AccessDeniedError"),
        (403, reported("Access denied.", "Scope is missing."), "AccessDeniedError"),
        (403, reported("Access denied.", ["access token expired"]), "AccessDeniedError"),
        (403, b"", "AccessDeniedError"),
        (404, reported("Not found", code="NotFound"), "NotFoundError"),
        (409, b"", "ApiError"),
        (413, b"<html>", "PayloadTooLargeError"),
        (415, b"", "UnsupportedMediaTypeError"),
        (429, QUOTA, "ThrottledError"),
        (429, b"", "ThrottledError"),
        (499, b"", "ApiError"),
        (500, reported("x", code="InternalFailure"), "ServerError"),
        (503, b"<html>Service Unavailable</html>", "ServerError"),
        (599, b"", "ServerError"),
        # the text decides among the 403s only
        (400, NOT_NOW, "BadRequestError"),
        (500, EXPIRED, "ServerError"),
    ],
)
def test_api_error(status: int, body: bytes, kind: str) -> None:
    error = api_error(status, body, operation="op", order_id=ORDER, request_id="req-1")
    assert type(error) is getattr(errors, kind)
    assert (error.status, error.operation) == (status, "op")
    assert (error.order_id, error.request_id) == (ORDER, "req-1")


PAGE = b"\n<!DOCTYPE html><html><h1>default backend - 404</h1></html>"


@pytest.mark.parametrize("status", [400, 403, 404, 413, 415, 422])
def test_a_page_without_amazons_id_says_nothing_against_the_message(status: int) -> None:
    """A load balancer or a company's proxy wrote it; the next run may get through."""
    error = api_error(status, PAGE, operation="op", order_id=ORDER, request_id=None)
    assert error.passing
    assert "somebody in between" in str(error)
    assert pickled(error).passing
    for body, request_id in ((PAGE, "req-1"), (DENIED, None), (b"", None)):
        amazons = api_error(status, body, operation="op", order_id=ORDER, request_id=request_id)
        assert not amazons.passing


@pytest.mark.parametrize(
    ("body", "parts"),
    [
        (b'{"message": "Forbidden"}', ("", "Forbidden", "")),
        (
            b'{"Message": "Rate exceeded", "__type": "Throttling"}',
            ("Throttling", "Rate exceeded", ""),
        ),
        (b'[{"code": "A", "message": "b", "details": "c"}]', ("A", "b", "c")),
        (b'{"error": "invalid_request", "error_description": "x"}', ("invalid_request", "x", "")),
        (b'{"errors": {"code": "A", "message": "b"}}', ("A", "b", "")),
        (b'{"errors": "no"}', ("", "", "")),
        (b'{"errors": [], "message": "b"}', ("", "b", "")),
        (REVOKED, ("Unauthorized", "Access to requested resource is denied.", ...)),
        (QUOTA, ("QuotaExceeded", "You exceeded your quota.", "")),
        (b'{"errors": [{"code": "A"}, {"code": "B"}]}', ("A", "", "")),
        (b'\xef\xbb\xbf{"errors": [{"code": "A"}]}', ("A", "", "")),
        (reported(None, {}, 400), ("", "", "")),
        (reported("x" * 10_000), ("Unauthorized", "x" * 500, "")),
        *(
            (body, ("", "", ""))
            for body in (
                b"",
                b" ",
                b"<html><body>errors</body></html>",
                b'{"errors": [{"code": "Inva',
                b"\xff\xfe\x00",
                b"[" * 100_000,
                b'{"errors":' * 100_000,
                b"9" * 10_000,
                b"null",
                b"[]",
                b'"errors"',
                b"5",
                b"{}",
                b'{"errors": null}',
                b'{"errors": []}',
                b'{"errors": {}}',
                b'{"errors": {"0": 1}}',
                b'{"errors": "code"}',
                b'{"errors": 5}',
                b'{"errors": [null]}',
                b'{"errors": ["code"]}',
                b'{"errors": [[1]]}',
            )
        ),
    ],
    ids=lambda value: value[:30].decode(errors="replace") if isinstance(value, bytes) else "",
)
def test_what_an_error_body_says(body: bytes, parts: tuple[object, ...]) -> None:
    error = api_error(418, body, operation="op", order_id=None, request_id=None)
    found = (error.code, error.message, error.details)
    pairs = zip(found, parts, strict=True)
    assert [part for part, wanted in pairs if wanted not in {part, ...}] == []


def test_what_a_server_says_can_be_written_anywhere() -> None:
    body = rb'{"errors": [{"code": "\ud800", "message": "\udfff", "details": "\udc80"}]}'
    error = api_error(400, body, operation="op", order_id=None, request_id=None)
    for part in (error.code, error.message, error.details, str(error)):
        assert part.encode()


@given(
    status=st.integers(400, 599),
    body=st.binary()
    | st.recursive(
        st.none() | st.integers() | st.text() | st.sampled_from(["access token expired"]),
        lambda inner: (
            st.lists(inner, max_size=2)
            | st.dictionaries(
                st.sampled_from(["errors", "code", "message", "details"]), inner, max_size=3
            )
        ),
    ).map(lambda value: json.dumps(value).encode()),
)
@settings(deadline=None, max_examples=300, database=None)
@example(status=403, body=b'{"errors": [{"message": ["access token expired"]}]}')
def test_no_body_hides_the_status(status: int, body: bytes) -> None:
    error = api_error(status, body, operation="op", order_id=ORDER, request_id=None)
    assert isinstance(error, ApiError)
    assert error.status == status
    assert f"answered {status}" in str(error)
    assert all(isinstance(p, str) for p in (error.code, error.message, error.details))
    assert isinstance(error, errors.ServerError) == (status >= 500)
    assert isinstance(error, errors.ThrottledError) == (status == 429)
