"""What the inbox shows of a request: all that was said, and no secret."""

import base64
import hashlib
import json
import math
from typing import Any
from urllib.parse import quote

import pytest
from helpers.sandbox_admin import OWN, change, say
from helpers.sandbox_client import DE, ORDER, ORDER_PATH, Api, serving
from helpers.virtual_time import virtual
from yarl import URL

from spapi_messaging.sandbox import CLIENT_SECRET, REFRESH_TOKEN


async def last(api: Api, back: int = 1) -> Any:
    seq = api.sandbox.requests[-back].seq
    return (await api.get(f"{OWN}requests/{seq}")).json


async def test_a_request_is_shown_with_what_was_said_and_the_message_it_made(api: Api) -> None:
    await say(api, "Grüße")
    shown = await last(api)
    assert shown["body"] == {
        "text": '{"text": "Gr\\u00fc\\u00dfe"}',
        "size": 27,
        "cut": False,
        "why": None,
    }
    assert shown["answer"]["text"] in {"{}", '{"errors": []}', ""}
    assert (shown["method"], shown["status"], shown["reason"]) == ("POST", 201, None)
    assert shown["path"] == f"{ORDER_PATH}/messages/unexpectedProblem"
    assert shown["query"] == [{"name": "marketplaceIds", "value": "A1PA6795UKMFR9"}]
    assert {"name": "content-type", "value": "application/json"} in shown["headers"]
    message = (await api.get(f"{OWN}messages/{shown['message']}")).json
    assert (message["text"], message["request"]) == ("Grüße", shown["seq"])


@virtual
async def test_how_long_it_took_counts_the_latency_both_ways() -> None:
    async with serving(rate=math.inf) as api:
        api.sandbox.latency = 8.0
        await api.get()
        assert 8 <= (await last(api))["took"] < 8.1


async def test_no_secret_is_shown(api: Api) -> None:
    await api.log_in()
    token = await last(api)
    assert token["body"]["why"] == "It holds credentials, which are not shown."
    assert token["answer"]["why"] == "It holds an access token, which is not shown."
    assert token["answer"]["size"] > 0
    headers = {"Authorization": f"Bearer {api.token}", "X-Odd": "odd-secret"}
    path = f"{ORDER_PATH}/{api.token}{DE}&access_token=query-secret&note={api.token}"
    await api.get(path, headers=headers)
    await api.post("unexpectedProblem", {"text": f"My token is {api.token}."})
    for back in range(1, len(api.sandbox.requests) + 1):
        shown = json.dumps(await last(api, back))
        for secret in (api.token, "odd-secret", "query-secret", CLIENT_SECRET, REFRESH_TOKEN):
            if secret is not REFRESH_TOKEN:  # the seller's name here
                assert secret not in shown
    shown = await last(api, 2)
    assert {"name": "x-amz-access-token", "value": "not shown"} in shown["headers"]
    assert {"name": "x-odd", "value": "not shown"} in shown["headers"]


async def test_a_refused_token_request_says_why_without_its_credentials(api: Api) -> None:
    await api.log_in(refresh_token="sandbox-but-too-" + "x" * 300)
    shown = await last(api)
    assert (shown["status"], shown["body"]["text"]) == (400, None)
    assert shown["answer"]["text"]
    assert "invalid_grant" in shown["reason"]


async def test_neither_a_file_nor_where_it_goes_is_shown(api: Api) -> None:
    content = b"\x89PNG secret bytes"
    md5 = quote(base64.b64encode(hashlib.md5(content, usedforsecurity=False).digest()), safe="")
    resource = f"messaging/v1/orders/{ORDER}/messages/invoice"
    query = f"{DE}&contentMD5={md5}&contentType=image/png"
    path = f"/uploads/2020-11-01/uploadDestinations/{resource}{query}"
    api.sandbox.backend.uploads.signed_headers = False
    made = (await api.call("POST", path)).json["payload"]
    async with api.http.put(URL(made["url"], encoded=True), data=content) as answer:
        assert answer.status == 200
    signature = made["url"].rpartition("X-Amz-Signature=")[2]
    destination, put = await last(api, 2), await last(api)
    assert made["uploadDestinationId"] in destination["answer"]["text"]
    assert "?(signature not shown)" in destination["answer"]["text"]
    assert (put["operation"], put["body"]["text"]) == ("putUpload", None)
    assert put["body"]["why"].startswith("It is a file")
    for shown in (destination, put):
        assert signature not in json.dumps(shown)
        assert "X-Amz-Credential=" not in json.dumps(shown)
        assert "secret bytes" not in json.dumps(shown)


async def test_long_bodies_are_cut_between_characters(api: Api) -> None:
    api.sandbox.add_order(ORDER, actions=("odd",), custom={"odd": {}})
    body = ('{"text": "x' + "ü" * 9000 + '"}').encode()
    headers = {"Content-Type": "application/json"}
    answer = await api.call("POST", f"{ORDER_PATH}/messages/odd{DE}", data=body, headers=headers)
    assert answer.status == 201
    shown = (await last(api))["body"]
    assert (shown["size"], shown["cut"]) == (len(body), True)
    assert shown["text"] == body[: 16 * 1024 - 1].decode()


@pytest.mark.parametrize(
    ("body", "headers"),
    [(b"\xff\xfe{}", {}), (b"\x1f\x8b\x08\x00garbage\xff", {"Content-Encoding": "gzip"})],
)
async def test_what_is_no_text_is_not_shown(api: Api, body: bytes, headers: dict[str, str]) -> None:
    sent = {"Content-Type": "application/json", **headers}
    await api.call("POST", f"{ORDER_PATH}/messages/odd{DE}", data=body, headers=sent)
    shown = await last(api)
    assert (shown["body"]["text"], shown["body"]["why"]) == (None, "It is no text.")


async def refused(api: Api, case: str) -> None:
    sandbox = api.sandbox
    match case:
        case "no token":
            await api.get(token="")
        case "revoked":
            sandbox.revoke_tokens()
            await api.get()
        case "closed":
            sandbox.change_order(ORDER, closed=True)
            await api.get()
        case "unknown order":
            await api.get(f"/messaging/v1/orders/111-1111111-1111111{DE}")
        case "marketplace":
            await api.get(ORDER_PATH)
        case "method":
            await api.call("DELETE", ORDER_PATH + DE)
        case "body":
            await api.post("unexpectedProblem", {"text": "x" * 2001})
        case "throttled":
            sandbox.set_quota("warranty", rate=0.001, burst=1)
            await api.post("warranty", {})
            await api.post("warranty", {})
        case "fault":
            sandbox.fail_next(503, after_accepting=True)
            await api.post("unexpectedProblem", {"text": "x"})
        case "put":
            await api.call("PUT", "/s3/nowhere", data=b"x", token="x")


@pytest.mark.parametrize(
    ("case", "words"),
    [
        ("no token", "It carries no access token"),
        ("revoked", "Its access token was revoked"),
        ("closed", "The order does not permit this: it is closed"),
        ("unknown order", "There is no such order here"),
        ("marketplace", "marketplaceIds is missing"),
        ("method", "This path takes another method."),
        ("body", "Invalid Input — text has 2001 characters, not 1 to 2000"),
        ("throttled", "The quota of warranty was used up when it came."),
        ("fault", "it was answered 503, though the message was accepted."),
        ("put", "InvalidArgument — A presigned URL takes no other credentials."),
    ],
)
async def test_a_refusal_has_a_reason_in_words(api: Api, case: str, words: str) -> None:
    await refused(api, case)
    assert words in (await last(api))["reason"]


async def test_the_bodies_of_old_requests_are_forgotten(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("spapi_messaging.sandbox.api.log.MAX_EXCHANGES", 2)
    await say(api, "one", "two")
    await api.get(f"/messaging/v1/orders/111-1111111-1111111{DE}")
    old = await last(api, 3)
    assert (old["body"]["text"], old["body"]["why"]) == (None, "It is no longer kept.")
    assert old["message"] == 1
    assert "two" in (await last(api, 2))["body"]["text"]


async def test_bodies_are_bounded_in_bytes(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("spapi_messaging.sandbox.api.log.MAX_EXCHANGE_BYTES", 3000)
    await say(api, *("x" * 1900 for _ in range(3)))
    kept = [record.exchange for record in api.sandbox.requests if record.exchange]
    assert [exchange.forgotten for exchange in kept] == [True, True, True, False]
    assert api.sandbox.backend.log._exchange_bytes == kept[-1].room <= 3000


@pytest.mark.parametrize("seq", ["0", "99", "x", "1" * 16])
async def test_a_request_that_is_not_there_is_not_found(api: Api, seq: str) -> None:
    answer = await api.get(f"{OWN}requests/{seq}")
    assert (answer.status, "request" in answer.json["error"]) == (
        404 if seq in {"0", "99"} else 400,
        True,
    )


async def test_a_request_that_a_reset_forgot_is_gone(api: Api) -> None:
    await api.get()
    await change(api, "reset")
    answer = await api.get(f"{OWN}requests/2")
    assert "Request 2 is gone" in answer.json["error"]
