"""What Amazon is not known to refuse is accepted, and stands in the log; the rest is refused."""

import gzip
import io
import json
from typing import Any

import pytest
from helpers.sandbox_admin import OWN, messages
from helpers.sandbox_client import DE, ORDER, ORDER_PATH, Api

TEXT = {"text": "Hi"}
NOT_KNOWN = "Amazon is not known to refuse it"
UPLOAD = f"/uploads/2020-11-01/uploadDestinations{ORDER_PATH}/messages/invoice{DE}"


def notes(api: Api) -> list[str]:
    """Return the notes of the last request, without what they all say."""
    found = api.sandbox.requests[-1].notes
    assert all(note.endswith(f": {NOT_KNOWN}") for note in found)
    return [note.removesuffix(f": {NOT_KNOWN}") for note in found]


@pytest.mark.parametrize(
    ("segment", "body", "noted"),
    [
        (
            "unexpectedProblem",
            TEXT | {"marketplaceIds": ["A1PA6795UKMFR9"]},
            ["unknown member marketplaceIds in the body"],
        ),
        (
            "unexpectedProblem",
            TEXT | {"b": {"c": [1, None]}, "a": 1.5},
            ["unknown member a in the body", "unknown member b in the body"],
        ),
        (
            "unexpectedProblem",
            TEXT | {"attachments": 7},
            ["unknown member attachments in the body"],
        ),
        ("legalDisclosure", {"text": "Hi"}, ["unknown member text in the body"]),
        ("negativeFeedbackRemoval", {"text": "Hi"}, ["a body where there is none to send"]),
        ("negativeFeedbackRemoval", ["x"], ["a body where there is none to send"]),
        ("negativeFeedbackRemoval", {}, []),
        ("unexpectedProblem", TEXT, []),
    ],
)
async def test_an_unknown_member_is_accepted_and_noted(
    api: Api, segment: str, body: Any, noted: list[str]
) -> None:
    assert (await api.post(segment, body)).status == 201
    assert notes(api) == noted
    (message,) = api.sandbox.messages(ORDER)
    assert message.notes == api.sandbox.requests[-1].notes
    assert message.body == (body if isinstance(body, dict) else {})


async def test_the_notes_are_shown_in_the_inbox_and_in_the_log(api: Api) -> None:
    await api.post("unexpectedProblem", TEXT | {"marketplaceIds": ["DE"]})
    note = f"unknown member marketplaceIds in the body: {NOT_KNOWN}"
    (record, *_) = (await api.get(f"{OWN}requests")).json["requests"]
    (message,) = (await messages(api))["messages"]
    assert record["notes"] == message["notes"] == [note]


async def test_many_long_names_make_few_short_notes(api: Api) -> None:
    odd = {f"{number:03d}{'x' * 500}": 1 for number in range(400)}
    assert (await api.post("unexpectedProblem", TEXT | odd)).status == 201
    assert len(notes(api)) == 6
    assert notes(api)[-1] == "395 more unknown members in the body"
    assert max(map(len, notes(api))) < 150


@pytest.mark.parametrize("value", ["null", '""', "[]", "7"])
async def test_an_operation_without_a_body_takes_any_json(api: Api, value: str) -> None:
    headers = {"Content-Type": "application/json"}
    how: dict[str, Any] = {"data": value.encode(), "headers": headers}
    assert (await api.post("negativeFeedbackRemoval", **how)).status == 201


@pytest.mark.parametrize(
    ("headers", "status", "noted"),
    [
        ("Content-Type: application/json;charset=UTF-8", 201, []),
        ("content-type: APPLICATION/JSON ; charset=utf-8", 201, []),
        ("X-Y: z", 201, ["a body without Content-Type"]),
        ("Content-Type:", 201, ["a body without Content-Type"]),
        ("Content-Type: text/json", 201, ["a body as text/json"]),
        ("Content-Type: application/hal+json", 201, ["a body as application/hal+json"]),
        ("Content-Type: text/plain", 415, []),
        ("Content-Type: application/json\r\nContent-Encoding: br", 415, []),
        (
            (
                "Content-Type: application/json\r\nx-amz-date: 20260101T000000Z\r\n"
                "Authorization: AWS4-HMAC-SHA256 Credential=AKIA/x, Signature=0"
            ),
            201,
            ["an Authorization header"],
        ),
        ("Content-Type: application/json\r\nExpect: 100-continue", 201, []),
    ],
)
@pytest.mark.parametrize("version", ["1.0", "1.1"])
async def test_headers_are_taken_as_other_clients_send_them(
    api: Api, version: str, headers: str, status: int, noted: list[str]
) -> None:
    """HTTP/1.0 without a Host is let in as well."""
    host = "" if version == "1.0" else "Host: localhost\r\nConnection: close\r\n"
    answer = await api.raw(
        f"POST {ORDER_PATH}/messages/unexpectedProblem{DE} HTTP/{version}\r\n{host}"
        f"X-AMZ-Access-Token: {api.token}\r\n{headers}\r\nContent-Length: 14\r\n\r\n"
        '{"text": "Hi"}'
    )
    answer = answer.removeprefix(b"HTTP/1.1 100 Continue\r\n\r\n")
    assert int(answer.split()[1]) == status
    assert notes(api) == noted


@pytest.mark.parametrize(
    ("method", "target", "data", "noted"),
    [
        ("GET", ORDER_PATH + DE, b"{}", ["a body with GET"]),
        ("GET", f"{ORDER_PATH}/{DE}", None, ["a slash after the path"]),
        (
            "GET",
            f"{ORDER_PATH}/attributes{DE}&MarketplaceId=A1PA6795UKMFR9&x=1&x=2",
            None,
            ["unknown parameter MarketplaceId in the query", "unknown parameter x in the query"],
        ),
        (
            "POST",
            f"{UPLOAD}&contentMD5=sQr50%252BpnLVPUaSVvbmm%2FkQ%253D%253D",
            b'{"marketplaceIds": []}',
            ["contentMD5 is percent-encoded twice"],
        ),
    ],
)
async def test_a_request_may_carry_more_than_it_must(
    api: Api, method: str, target: str, data: bytes | None, noted: list[str]
) -> None:
    body = None if data is None else io.BytesIO(data)
    assert (await api.call(method, target, data=body)).status in {200, 201}
    assert notes(api) == noted


async def test_a_body_in_gzip_is_read_and_is_no_bomb(api: Api) -> None:
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    packed = gzip.compress(json.dumps(TEXT).encode())
    answer = await api.post("unexpectedProblem", data=packed, headers=headers)
    assert (answer.status, notes(api)) == (201, ["a body in gzip"])
    bomb = gzip.compress(b'{"text": "' + b" " * 50_000_000 + b'"}')
    for data in (bomb, b"no gzip"):
        refused = await api.post("unexpectedProblem", data=data, headers=headers)
        assert refused.status == 400


@pytest.mark.parametrize(
    "body",
    [
        '{"text": "Hi", "x": NaN}',
        '{"text": "Hi", "x": 1e999}',
        '{"text": "Hi", "x": ' + "[" * 101 + "]" * 101 + "}",
    ],
)
async def test_what_could_not_be_shown_again_is_no_body(api: Api, body: str) -> None:
    headers = {"Content-Type": "application/json"}
    answer = await api.post("unexpectedProblem", data=body.encode(), headers=headers)
    assert (answer.status, api.sandbox.messages()) == (400, [])


@pytest.mark.parametrize(
    ("content_type", "data", "status"),
    [
        ("application/json", json.dumps, 200),
        ("application/json; charset=utf-8", json.dumps, 200),
        ("application/json", lambda form: json.dumps(form | {"client_secret": "x"}), 401),
        ("text/plain", json.dumps, 400),
        ("application/json", lambda form: json.dumps([form]), 400),
    ],
)
async def test_a_token_may_be_asked_for_in_json(
    api: Api, content_type: str, data: Any, status: int
) -> None:
    """As Amazon's own SDKs for Java and C# do; pages of Amazon's write /auth/O2/token."""
    form = {
        "grant_type": "refresh_token",
        "refresh_token": "sandbox-refresh-token",
        "client_id": "sandbox-client-id",
        "client_secret": "sandbox-client-secret",
    }
    headers = {"Content-Type": content_type}
    answer = await api.call("POST", "/auth/O2/token", data=data(form).encode(), headers=headers)
    assert answer.status == status


@pytest.mark.parametrize(
    ("method", "target", "status"),
    [
        ("GET", f"{ORDER_PATH}{DE},ATVPDKIKX0DER", 400),
        ("GET", f"{ORDER_PATH}//{DE}", 404),
        ("GET", f"/messaging/v1/orders/{DE}", 404),
        ("POST", f"{ORDER_PATH}/messages/unexpectedproblem{DE}", 404),
        ("PUT", f"{ORDER_PATH}/messages/unexpectedProblem{DE}", 405),
        ("POST", f"{UPLOAD}&contentMD5={'x' * 201}", 400),
        ("GET", "/" * 5000, 404),
    ],
)
async def test_what_is_refused_stays_refused(
    api: Api, method: str, target: str, status: int
) -> None:
    assert (await api.call(method, target)).status == status
