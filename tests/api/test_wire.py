"""Bytes and objects: every body and every answer as literal JSON."""

import json
from pathlib import Path
from typing import Any

import pytest
from helpers.bodies import BODIES, FILES, START, UPLOADED, kind_of
from hypothesis import given, settings, strategies as st

from spapi_messaging.api import wire
from spapi_messaging.api.wire import AccessToken, Buyer, OrderAttributes, TokenRefusal
from spapi_messaging.errors import DecodeError, InvalidMessageError
from spapi_messaging.messages import (
    MESSAGE_TYPES,
    Attachment,
    ConfirmDeliveryDetails,
    Invoice,
)

ORDER = "903-1671087-0812628"


def test_every_type_has_a_body_in_the_table() -> None:
    assert {row[0] for row in BODIES} == {kind.__name__ for kind in MESSAGE_TYPES}


@pytest.mark.parametrize(("name", "fields", "body"), BODIES)
def test_body(name: str, fields: dict[str, Any], body: str) -> None:
    attachments = (UPLOADED,) if "attachments" in body else ()
    assert wire.encode(wire.body_of(kind_of(name)(**fields), attachments)).decode() == body


def test_the_uploaded_files_take_the_place_of_all_others() -> None:
    invoice = Invoice(attachments=[Path("b.pdf")])
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


@settings(deadline=None)
@given(st.text(st.characters()) | st.sampled_from(["\ud800", "\x00\x7f", "\u2028", '"\\/']))
def test_the_quick_body_equals_the_slow_one(text: str) -> None:
    """A message that is nothing but a text is encoded without an encoder."""
    body = {"text": text}
    assert wire._quick_encoded(body) == wire._ENCODER.encode(body)
    for other in ({"text": text, "more": 1}, {"texts": text}, {"text": [text]}, {}):
        assert wire._quick_encoded(other) is None


def test_a_plain_value_without_end_is_an_invalid_message() -> None:
    endless: list[object] = []
    endless.append(endless)
    with pytest.raises(InvalidMessageError, match="nested too deep"):
        wire.plain_body({"someText": endless}, ())


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
    with pytest.raises(ValueError, match=r"."):
        wire.decode(body)


@given(body=st.binary())
@settings(deadline=None, max_examples=150, database=None)
def test_any_bytes_structure_or_are_a_decode_error(body: bytes) -> None:
    try:
        found = wire.structure(body, OrderAttributes, operation="op", order_id=ORDER)
    except DecodeError as error:
        path = error.path
    else:
        assert isinstance(found, OrderAttributes)
        return
    assert path in {"the body", "$"} or path.startswith("$.")


@given(text=st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=2000))
@settings(deadline=None, max_examples=60, database=None)
def test_every_text_comes_back_from_its_bytes(text: str) -> None:
    text = f"{text}."  # blanks only are refused
    body = wire.encode(wire.body_of(ConfirmDeliveryDetails(text=text), ()))
    assert json.loads(body.decode()) == {"text": text}
