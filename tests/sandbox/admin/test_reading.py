"""The sandbox's own API: the messages, files, requests and the state that it shows."""

import base64
import hashlib
import json
import math
from typing import Any
from urllib.parse import quote

import pytest
from helpers.sandbox_admin import OTHER, OWN, change, messages, say, texts
from helpers.sandbox_client import DE, ORDER, ORDER_PATH, Api, Clock, serving
from yarl import URL


async def test_a_message_is_shown_with_all_that_its_buyer_would_get(api: Api) -> None:
    api.sandbox.add_order(ORDER, locale="de-DE")
    answer = await api.post("unexpectedProblem", {"text": "<script>"})
    shown = await messages(api)
    (message,) = shown["messages"]
    assert message.pop("at") == api.sandbox.messages()[0].received.isoformat()
    assert message == {
        "seq": 1,
        "order_id": ORDER,
        "action": "unexpectedProblem",
        "operation": "createUnexpectedProblem",
        "locale": "de-DE",
        "text": "<script>",
        "body": {"text": "<script>"},
        "attachments": [],
        "seller": "sandbox-refresh-token",
        "request_id": answer.headers["x-amzn-RequestId"],
        "request": 2,
    }
    assert (shown["total"], shown["more"]) == (1, False)


async def test_messages_come_in_pages_newest_first(api: Api) -> None:
    await say(api, *"abcde")
    assert texts(await messages(api)) == list("edcba")
    page = await messages(api, "?limit=2")
    assert (texts(page), page["total"], page["more"]) == (["e", "d"], 5, True)
    page = await messages(api, "?limit=2&before=3")
    assert (texts(page), page["more"]) == (["b", "a"], False)
    assert texts(await messages(api, "?after=3")) == ["e", "d"]
    assert texts(await messages(api, "?after=9")) == []
    assert (await messages(api, "?before=1"))["messages"] == []


async def test_numbers_go_on_when_old_messages_are_forgotten(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("spapi_messaging.sandbox.api.log.MAX_MESSAGES", 2)
    async with serving(rate=math.inf) as api:
        await say(api, *"abcd")
        assert [item["seq"] for item in (await messages(api))["messages"]] == [4, 3]
        assert texts(await messages(api, "?before=4")) == ["c"]


async def test_the_bodies_of_messages_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("spapi_messaging.sandbox.api.log.MAX_MESSAGE_BYTES", 250)
    async with serving(rate=math.inf) as api:
        await say(api, "a" * 100, "b" * 100, "c" * 100)
        assert [text[0] for text in texts(await messages(api))] == ["c", "b"]
        assert len(api.sandbox.messages(ORDER)) == 2


async def test_messages_are_found_by_words_and_by_order(api: Api) -> None:
    api.sandbox.add_order(OTHER)
    await say(api, "The parcel", "An INVOICE", "Nothing")
    await say(api, "the Parcel", order=OTHER)
    found = await messages(api, "?query=PARCEL&limit=1")
    assert (texts(found), found["total"], found["more"]) == (["the Parcel"], 2, True)
    assert texts(await messages(api, f"?query=parcel&order_id={ORDER}")) == ["The parcel"]
    assert texts(await messages(api, f"?order_id={OTHER}")) == ["the Parcel"]
    assert texts(await messages(api, "?query=111-111")) == ["the Parcel"]


@pytest.mark.parametrize(
    "query", ["messages?limit=201", "messages?limit=0", "messages?before=x", "requests?after=-1"]
)
async def test_a_wrong_parameter_is_named(api: Api, query: str) -> None:
    answer = await api.get(OWN + query)
    assert (answer.status, query.partition("?")[2].partition("=")[0]) == (
        400,
        answer.json["error"].split()[0],
    )


async def attach(api: Api, name: str, content_type: str, content: bytes) -> Any:
    order = f"messaging/v1/orders/{ORDER}/messages/invoice"
    md5 = quote(base64.b64encode(hashlib.md5(content, usedforsecurity=False).digest()))
    query = f"{DE}&contentMD5={md5}&contentType={content_type}"
    api.sandbox.backend.uploads.signed_headers = False
    path = f"/uploads/2020-11-01/uploadDestinations/{order}{query}"
    made = (await api.call("POST", path)).json["payload"]
    async with api.http.put(URL(made["url"], encoded=True), data=content) as answer:
        assert answer.status == 200
    item = {"uploadDestinationId": made["uploadDestinationId"], "fileName": name}
    assert (await api.post("invoice", {"attachments": [item]})).status == 201
    return (await messages(api))["messages"][0]["attachments"][0]


@pytest.mark.parametrize(
    ("content_type", "sent_as", "shown"),
    [
        ("image/png", "image/png", "inline"),
        ("application/pdf", "application/pdf", "inline"),
        ("text/plain", "text/plain; charset=utf-8", "inline"),
        ("text/html", "application/octet-stream", "attachment"),
        ("image/svg%2Bxml", "application/octet-stream", "attachment"),
    ],
)
async def test_files_are_given_and_only_harmless_ones_are_shown(
    api: Api, content_type: str, sent_as: str, shown: str
) -> None:
    file = await attach(api, 'a"\r\nb.txt', content_type, b"<script>")
    assert (file["name"], file["size"]) == ('a"\r\nb.txt', 8)
    answer = await api.get(file["url"])
    assert (answer.status, answer.body) == (200, b"<script>")
    assert answer.headers["Content-Type"] == sent_as
    assert answer.headers["Content-Disposition"] == f"{shown}; filename*=UTF-8''a%22%0D%0Ab.txt"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    policy = answer.headers["Content-Security-Policy"]
    assert ("default-src 'none'" in policy, "sandbox" in policy) == (True, sent_as[-3:] != "pdf")


@pytest.mark.parametrize("path", ["9/0", "1/0", "0/0"])
async def test_a_file_that_is_not_there_is_not_found(api: Api, path: str) -> None:
    await say(api, "x")
    assert (await api.get(f"{OWN}attachments/{path}")).status == 404


async def test_requests_are_listed_without_those_of_this_api(api: Api) -> None:
    await api.get()
    await messages(api)
    await change(api, "latency", {"seconds": 0})
    answer = (await api.get(f"{OWN}requests?after=1")).json
    (record,) = answer["requests"]
    assert record.pop("at")
    assert record.pop("request_id")
    assert record.pop("took") > 0
    assert record == {
        "seq": 2,
        "method": "GET",
        "path": ORDER_PATH,
        "operation": "getMessagingActionsForOrder",
        "order_id": ORDER,
        "status": 200,
        "message": None,
        "seller": "sandbox-refresh-token",
    }
    assert api.token not in json.dumps(answer)


async def test_the_state_says_what_is_left_now() -> None:
    clock = Clock()
    async with serving(rate=1, burst=2, clock=clock) as api:
        assert [(await api.get()).status for _ in range(3)] == [200, 200, 429]
        api.sandbox.fail_next(500, times=3)
        clock.now += 0.5
        state = (await api.get(f"{OWN}state")).json
        assert state["quotas"] == [
            {
                "seller": "sandbox-refresh-token",
                "operation": "getMessagingActionsForOrder",
                "rate": 1.0,
                "burst": 2,
                "tokens": 0.5,
                "throttled": 1,
            }
        ]
        assert [(fault["status"], fault["left"]) for fault in state["faults"]] == [(500, 3)]
        counted = {name: state[name] for name in ("orders", "messages", "latency", "tokens")}
        assert counted == {"orders": 1, "messages": 0, "latency": 0.0, "tokens": {"asked": 1}}


async def test_this_api_costs_no_quota_no_latency_and_meets_no_fault() -> None:
    async with serving(rate=1, burst=1, clock=Clock()) as api:
        api.sandbox.fail_next(500)
        api.sandbox.latency = 600.0
        answers = [await api.get(f"{OWN}state") for _ in range(5)]
        assert {answer.status for answer in answers} == {200}
        assert len(api.sandbox.faults.pending) == 1
        await change(api, "latency", {"seconds": [0, 0]})
        assert (await api.get()).status == 500
