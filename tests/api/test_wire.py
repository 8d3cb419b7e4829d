"""Bytes and objects: every body and every answer as literal JSON."""

import json
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings, strategies as st

from spapi_messaging import errors
from spapi_messaging.api import wire
from spapi_messaging.api.wire import AccessToken, Buyer, OrderAttributes, TokenRefusal
from spapi_messaging.errors import ApiError, DecodeError, InvalidMessageError
from spapi_messaging.messages import message as messages
from spapi_messaging.messages.attachments import Attachment, File
from spapi_messaging.messages.message import (
    MESSAGE_TYPES,
    ConfirmDeliveryDetails,
    Message,
    Warranty,
)

ORDER = "903-1671087-0812628"
UPLOADED = Attachment("dest-1", "a.pdf")
FILES = '"attachments":[{"uploadDestinationId":"dest-1","fileName":"a.pdf"}]'
START, END = datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 2, 3, 4, 5, 6, 789, tzinfo=UTC)
COVERAGE = (
    '"coverageStartDate":"2026-01-01T00:00:00+00:00",'
    '"coverageEndDate":"2027-02-03T04:05:06.000789+00:00"'
)

# type, fields, body; attachments are (UPLOADED,) if the body has some
BODIES: list[tuple[str, dict[str, Any], str]] = [
    ("ConfirmCustomizationDetails", {"text": "Ü"}, '{"text":"Ü"}'),
    ("ConfirmCustomizationDetails", {"attachments": [UPLOADED]}, f"{{{FILES}}}"),
    (
        "ConfirmCustomizationDetails",
        {"text": "x", "attachments": [Path("b.pdf")]},
        f'{{"text":"x",{FILES}}}',
    ),
    ("ConfirmDeliveryDetails", {"text": 'a"b\n\x00'}, r'{"text":"a\"b\n\u0000"}'),
    ("LegalDisclosure", {"attachments": [File(b"%PDF-", name="b.pdf")]}, f"{{{FILES}}}"),
    ("NegativeFeedbackRemoval", {}, "{}"),
    ("ConfirmOrderDetails", {"text": "\N{GRINNING FACE}"}, '{"text":"\N{GRINNING FACE}"}'),
    ("ConfirmServiceDetails", {"text": "x"}, '{"text":"x"}'),
    ("AmazonMotors", {"attachments": [Path("b.pdf")]}, f"{{{FILES}}}"),
    ("Warranty", {"attachments": [Path("b.pdf")]}, f"{{{FILES}}}"),
    (
        "Warranty",
        {"attachments": [UPLOADED], "coverage_start_date": START, "coverage_end_date": END},
        f"{{{FILES},{COVERAGE}}}",
    ),
    (
        "Warranty",
        {
            "attachments": [UPLOADED],
            "coverage_start_date": START.astimezone(timezone(timedelta(hours=-8))),
        },
        f'{{{FILES},"coverageStartDate":"2025-12-31T16:00:00-08:00"}}',
    ),
    ("DigitalAccessKey", {"text": "x"}, '{"text":"x"}'),
    ("UnexpectedProblem", {"text": "x"}, '{"text":"x"}'),
    ("Invoice", {"attachments": [Path("b.pdf"), UPLOADED]}, f"{{{FILES}}}"),
]


def kind_of(name: str) -> type[Message]:
    kind = getattr(messages, name)
    assert issubclass(kind, Message)
    return kind


def test_every_type_has_a_body_in_the_table() -> None:
    assert {row[0] for row in BODIES} == {kind.__name__ for kind in MESSAGE_TYPES}


@pytest.mark.parametrize(("name", "fields", "body"), BODIES)
def test_body(name: str, fields: dict[str, Any], body: str) -> None:
    attachments = (UPLOADED,) if "attachments" in body else ()
    assert wire.encode(wire.body_of(kind_of(name)(**fields), attachments)).decode() == body


def test_the_uploaded_files_take_the_place_of_all_others() -> None:
    invoice = messages.Invoice(attachments=[Path("b.pdf")])
    assert wire.body_of(invoice, [Attachment("1", "b.pdf"), Attachment("2", "c.pdf")]) == {
        "attachments": [
            {"uploadDestinationId": "1", "fileName": "b.pdf"},
            {"uploadDestinationId": "2", "fileName": "c.pdf"},
        ]
    }


def test_body_of_an_action_without_a_type() -> None:
    values = {"someText": "Ü", "n": [1, None, {"when": START}], "attachments": ["b.pdf"]}
    body = wire.encode(wire.plain_body(values, [UPLOADED])).decode()
    assert body == f'{{"someText":"Ü","n":[1,null,{{"when":"2026-01-01T00:00:00+00:00"}}],{FILES}}}'
    assert wire.encode(wire.plain_body({}, ())) == b"{}"
    assert values["attachments"] == ["b.pdf"], "the caller's own mapping is left alone"


@pytest.mark.parametrize(
    "value",
    ["\ud800", float("nan"), float("inf"), object(), b"x"],
    ids=["surrogate", "nan", "inf", "object", "bytes"],
)
def test_a_plain_value_that_json_cannot_carry_is_an_invalid_message(value: object) -> None:
    """``NaN`` is no JSON, and a TypeError would not say that nothing was sent."""
    with pytest.raises(InvalidMessageError):
        wire.encode(wire.plain_body({"someText": value}, ()))


@pytest.mark.parametrize(
    ("name", "wire_name"),
    [
        ("text", "text"),
        ("file_name", "fileName"),
        ("upload_destination_id", "uploadDestinationId"),
        ("coverage_start_date", "coverageStartDate"),
    ],
)
def test_camel(name: str, wire_name: str) -> None:
    assert wire.camel(name) == wire_name


WIRE_FILE = {"uploadDestinationId": "dest-1", "fileName": "a.pdf"}
WARRANTY = Warranty(attachments=[UPLOADED], coverage_start_date=START, coverage_end_date=END)


@pytest.mark.parametrize(
    "values",
    [
        json.loads(f"{{{FILES},{COVERAGE}}}"),
        {"attachments": [UPLOADED], "coverage_start_date": START, "coverage_end_date": END},
        {
            "attachments": (WIRE_FILE,),
            "coverageStartDate": "2026-01-01T01:00:00+01:00",
            "coverage_end_date": "2027-02-03T04:05:06.000789Z",
        },
    ],
    ids=["wire", "python", "mixed"],
)
def test_message_from_plain_values(values: dict[str, Any]) -> None:
    assert wire.message_from(Warranty, values) == WARRANTY


@pytest.mark.parametrize(("name", "fields", "body"), BODIES)
def test_message_from_its_own_body(name: str, fields: dict[str, Any], body: str) -> None:
    made = wire.message_from(kind_of(name), json.loads(body))
    attachments = {"attachments": [UPLOADED]} if "attachments" in body else {}
    assert made == kind_of(name)(**fields | attachments)


@pytest.mark.parametrize(
    ("name", "values", "faults"),
    [
        ("ConfirmDeliveryDetails", {}, ["text is missing"]),
        (
            "ConfirmDeliveryDetails",
            {"text": None},
            ["not NoneType"],
        ),
        ("NegativeFeedbackRemoval", {"text": "x"}, ["'text' is not one of its fields"]),
        (
            "ConfirmDeliveryDetails",
            {"rawMessageBody": "x", "a": 1},
            [
                "'rawMessageBody' is not one of its fields",
                "'a' is not one of its fields",
                "text is missing",
            ],
        ),
        (
            "ConfirmDeliveryDetails",
            {"text": "", "a": 1},
            ["'a' is not one of its fields", "text has 0 characters; 1 to 2000 are allowed"],
        ),
        ("Invoice", {"attachments": []}, ["0 attachments; 1 to 5 are allowed"]),
        ("Invoice", {"attachments": "a.pdf"}, ["attachments must be a list"]),
        ("Invoice", {"attachments": ["a.pdf"]}, ["Path, File or Attachment, not str"]),
        ("Invoice", {"attachments": [{"fileName": "a.pdf"}]}, ["File or Attachment, not dict"]),
        ("Invoice", {"attachments": [WIRE_FILE | {"x": 1}]}, ["File or Attachment, not dict"]),
        ("Invoice", {"attachments": [WIRE_FILE | {"fileName": 5}]}, [""]),
        ("Invoice", {"attachments": [WIRE_FILE | {"uploadDestinationId": 5}]}, [""]),
        (
            "Warranty",
            {"attachments": [WIRE_FILE], "coverageStartDate": "soon", "coverageEndDate": 5},
            [
                "coverage_start_date must be a datetime, not str",
                "coverage_end_date must be a datetime, not int",
            ],
        ),
        (
            "Warranty",
            {"attachments": [WIRE_FILE], "coverageStartDate": "2026-01-01"},
            ["coverage_start_date has no time zone"],
        ),
        (
            "Warranty",
            {"attachments": [WIRE_FILE], "coverage_end_date": date(2026, 1, 1)},
            ["coverage_end_date must be a datetime, not date"],
        ),
    ],
)
def test_message_from_names_every_fault(
    name: str, values: dict[str, Any], faults: list[str]
) -> None:
    with pytest.raises(InvalidMessageError) as caught:
        wire.message_from(kind_of(name), values)
    assert caught.value.subject == name
    for wanted in faults:
        assert any(wanted in fault for fault in caught.value.faults), caught.value.faults


def test_a_field_under_both_of_its_names_is_refused() -> None:
    """Neither is silently preferred."""
    with pytest.raises(InvalidMessageError):
        wire.message_from(
            Warranty,
            {"attachments": [WIRE_FILE], "coverageEndDate": END, "coverage_end_date": START},
        )


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
        (401, DENIED, "ApiError"),
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
    error = wire.api_error(status, body, operation="op", order_id=ORDER, request_id="req-1")
    assert type(error) is getattr(errors, kind)
    assert (error.status, error.operation) == (status, "op")
    assert (error.order_id, error.request_id) == (ORDER, "req-1")


@pytest.mark.parametrize(
    ("body", "parts"),
    [
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
    error = wire.api_error(418, body, operation="op", order_id=None, request_id=None)
    found = (error.code, error.message, error.details)
    pairs = zip(found, parts, strict=True)
    assert [part for part, wanted in pairs if wanted not in {part, ...}] == []


@pytest.mark.parametrize(
    "body", [rb'"\ud800"', rb'["\uDFFF"]', rb'{"\udc80": 1}', b'"\xed\xa0\x80"']
)
def test_no_lone_surrogate_is_decoded(body: bytes) -> None:
    """It has no UTF-8 form, so it would break a log's file and the journal."""
    try:
        value = wire.decode(body)
    except ValueError:
        return
    assert json.dumps(value, ensure_ascii=False).encode()


def test_surrogate_pairs_are_decoded() -> None:
    assert wire.decode(rb'"\ud83d\ude00 \\ud800"') == "\N{GRINNING FACE} \\ud800"


def test_what_a_server_says_can_be_written_anywhere() -> None:
    body = rb'{"errors": [{"code": "\ud800", "message": "\udfff", "details": "\udc80"}]}'
    error = wire.api_error(400, body, operation="op", order_id=None, request_id=None)
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
    error = wire.api_error(status, body, operation="op", order_id=ORDER, request_id=None)
    assert isinstance(error, ApiError)
    assert error.status == status
    assert f"answered {status}" in str(error)
    assert all(isinstance(p, str) for p in (error.code, error.message, error.details))
    assert isinstance(error, errors.ServerError) == (status >= 500)
    assert isinstance(error, errors.ThrottledError) == (status == 429)


def test_answers() -> None:
    locale = b'{"buyer": {"locale": "en-US", "x": 1}, "errors": []}'
    found = wire.structure(locale, OrderAttributes, operation="GetAttributes")
    assert found == OrderAttributes(Buyer("en-US"))
    assert wire.access_token(
        b'{"access_token": "t", "token_type": "bearer", "expires_in": 3600, "refresh_token": "r"}'
    ) == AccessToken("t", 3600)
    assert wire.access_token(b'{"access_token": "t", "expires_in": 1.5}').expires_in == 1.5
    destination = wire.upload_destination(
        b'{"payload": {"uploadDestinationId": "1b00d421", "url": "http://localhost:3000/",'
        b' "headers": null}}',
        order_id=ORDER,
    )
    assert destination == wire.UploadDestination("1b00d421", "http://localhost:3000/", None)
    headers = wire.upload_destination(
        b'{"payload": {"uploadDestinationId": "i", "url": "u", "headers": {"x-amz-a": "b"}}}',
        order_id=ORDER,
    ).headers
    assert headers == {"x-amz-a": "b"}


@pytest.mark.parametrize("body", [b"{}", b'{"buyer": {}}', b'{"buyer": {"locale": null}}'])
def test_a_buyer_without_a_locale(body: bytes) -> None:
    attributes = wire.structure(body, OrderAttributes, operation="GetAttributes")
    assert attributes.buyer.locale is None


@pytest.mark.parametrize(
    ("kind", "body", "path", "fault"),
    [
        (OrderAttributes, b"", "the body", "0 bytes that are not JSON"),
        (OrderAttributes, b"<html>", "the body", "6 bytes that are not JSON"),
        (OrderAttributes, b"\xff", "the body", "1 bytes that are not JSON"),
        (OrderAttributes, b"[" * 100_000, "the body", "100000 bytes that are not JSON"),
        (OrderAttributes, b"[]", "$", "a JSON list"),
        (OrderAttributes, b"null", "$", "a JSON NoneType"),
        (OrderAttributes, b'{"buyer": {"locale": 5}}', "$.buyer.locale", "int instead of str"),
        (OrderAttributes, b'{"buyer": "x"}', "$.buyer", ...),
        (OrderAttributes, b'{"buyer": []}', "$.buyer", ...),
        (AccessToken, b"{}", "$.access_token", "nothing"),
        (AccessToken, b'{"access_token": null}', "$.access_token", "NoneType instead of str"),
        (
            AccessToken,
            b'{"access_token": "t", "expires_in": "3600"}',
            "$.expires_in",
            "str instead of float",
        ),
        (
            AccessToken,
            b'{"access_token": "t", "expires_in": true}',
            "$.expires_in",
            "bool instead of float",
        ),
        (wire._UploadAnswer, b"{}", "$.payload", "nothing"),
        (wire._UploadAnswer, b'{"payload": null}', "$.payload", ...),
        (wire._UploadAnswer, b'{"payload": "x"}', "$.payload", ...),
        (wire._UploadAnswer, b'{"payload": []}', "$.payload", ...),
        (wire._UploadAnswer, b'{"payload": {}}', "$.payload.uploadDestinationId", "nothing"),
        (
            wire._UploadAnswer,
            b'{"payload": {"uploadDestinationId": 5, "url": 6}}',
            "$.payload.uploadDestinationId",
            "int instead of str",
        ),
        (
            wire._UploadAnswer,
            b'{"payload": {"uploadDestinationId": "i"}}',
            "$.payload.url",
            "nothing",
        ),
        (
            wire._UploadAnswer,
            b'{"payload": {"uploadDestinationId": "i", "url": "u", "headers": "x"}}',
            "$.payload.headers",
            "something unexpected",
        ),
        (
            wire._UploadAnswer,
            b'{"payload": {"uploadDestinationId": "i", "url": "u", "headers": {"x_y": 5}}}',
            "$.payload.headers['x_y']",
            "int instead of str",
        ),
    ],
    ids=lambda value: value[:60].decode(errors="replace") if isinstance(value, bytes) else "",
)
def test_decode_errors_say_where(kind: type, body: bytes, path: str, fault: object) -> None:
    """Paths are those of the answer itself: wire names where the wire has them."""
    with pytest.raises(DecodeError) as caught:
        wire.structure(body, kind, operation="op", order_id=ORDER)
    assert (caught.value.operation, caught.value.order_id) == ("op", ORDER)
    assert caught.value.path == path
    assert caught.value.fault == fault or fault is ...
    assert "argument of type" not in caught.value.fault, "not in the interpreter's words"


def test_upload_answers_name_the_operation() -> None:
    with pytest.raises(DecodeError, match="createUploadDestinationForResource"):
        wire.upload_destination(b"{}", order_id=ORDER)
    with pytest.raises(DecodeError, match="Login with Amazon"):
        wire.access_token(b"{}")


@pytest.mark.parametrize(
    ("body", "refusal"),
    [
        (
            b'{"error": "invalid_grant", "error_description": "revoked"}',
            ("invalid_grant", "revoked"),
        ),
        (b'{"error": "invalid_client"}', ("invalid_client", "")),
        (b"{}", ("unknown_error", "")),
        (b"<html>", ("unknown_error", "")),
        (b"[]", ("unknown_error", "")),
        (b'{"error": {"code": 5}}', ("unknown_error", "")),
    ],
)
def test_token_refusal(body: bytes, refusal: tuple[str, str]) -> None:
    assert wire.token_refusal(body) == TokenRefusal(*refusal)


def test_no_repr_shows_a_secret() -> None:
    destination = wire.UploadDestination("dest-1", "https://s3/?secret", {"x": "secret"})
    assert "secret" not in repr([destination, AccessToken("secret", 1)])


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"[" * 100_000, b"9" * 10_000])
def test_decode_raises_value_error_only(body: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  # its words are the json module's
        wire.decode(body)


@given(body=st.binary())
@settings(deadline=None, max_examples=150, database=None)
def test_any_bytes_structure_or_are_a_decode_error(body: bytes) -> None:
    try:
        assert isinstance(
            wire.structure(body, OrderAttributes, operation="op", order_id=ORDER), OrderAttributes
        )
    except DecodeError as error:
        assert error.path in {"the body", "$"} or error.path.startswith("$.")  # noqa: PT017


@given(text=st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=2000))
@settings(deadline=None, max_examples=60, database=None)
def test_every_text_comes_back_from_its_bytes(text: str) -> None:
    body = wire.encode(wire.body_of(ConfirmDeliveryDetails(text=text), ()))
    assert json.loads(body.decode()) == {"text": text}
