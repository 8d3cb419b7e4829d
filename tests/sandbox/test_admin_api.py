"""The sandbox's own API: what it shows, what it changes, and whom it lets do so."""

import asyncio
import base64
import hashlib
import json
import math
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import quote

import aiohttp
import pytest
from helpers.sandbox_client import DE, ORDER, ORDER_PATH, Api, Clock, Reply, serving
from yarl import URL

from spapi_messaging.sandbox import Sandbox

OWN = "/__sandbox__/"
MAY = {"X-Sandbox": "1"}
OTHER = "111-1111111-1111111"


@pytest.fixture
async def api() -> AsyncIterator[Api]:
    async with serving(rate=math.inf) as api:
        yield api


async def change(api: Api, name: str, value: Any = None, **headers: str) -> Reply:
    return await api.call("POST", OWN + name, json=value or {}, headers={**MAY, **headers})


async def say(api: Api, *texts: str, order: str = ORDER) -> None:
    for text in texts:
        reply = await api.post("unexpectedProblem", {"text": text}, order=order)
        assert reply.status == 201


async def messages(api: Api, query: str = "") -> Any:
    return (await api.get(f"{OWN}messages{query}")).json


def texts(shown: Any) -> list[str]:
    return [message["text"] for message in shown["messages"]]


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
    assert record == {
        "seq": 2,
        "method": "GET",
        "path": ORDER_PATH,
        "operation": "getMessagingActionsForOrder",
        "order_id": ORDER,
        "status": 200,
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


# Changes


async def test_orders_are_added_and_changed(api: Api) -> None:
    added = {"order_id": OTHER, "actions": ["warranty"], "disabled": {"warranty": "Later"}}
    assert (await change(api, "orders", added)).json["orders"] == 2
    order = api.sandbox.backend.orders[OTHER]
    assert (order.actions, order.disabled) == (("warranty",), {"warranty": "Later"})
    await change(api, "orders", {"order_id": OTHER, "closed": True})
    assert (order.closed, order.actions) == (True, ("warranty",))
    assert (await api.get(f"/messaging/v1/orders/{OTHER}{DE}")).status == 403


async def test_quotas_are_changed_and_lifted() -> None:
    async with serving(clock=Clock()) as api:
        await change(api, "quotas", {"operation": "GetAttributes", "rate": 1, "burst": 1})
        path = f"{ORDER_PATH}/attributes{DE}"
        assert [(await api.get(path)).status for _ in range(2)] == [200, 429]
        await change(api, "quotas", {"operation": None, "rate": None, "burst": None})
        assert [(await api.get(path)).status for _ in range(2)] == [200, 200]


async def test_faults_are_ordered_and_cleared(api: Api) -> None:
    await change(api, "faults", {"status": 429, "operation": "unexpectedProblem", "times": 2})
    assert (await api.get()).status == 200
    assert (await api.post("unexpectedProblem", {"text": "x"})).status == 429
    assert (await change(api, "faults/clear")).json["faults"] == []
    await say(api, "x")


async def test_tokens_are_revoked_and_refused(api: Api) -> None:
    await change(api, "tokens", {"do": "refuse"})
    assert (await api.log_in()).status == 400
    await change(api, "tokens", {"do": "accept"})
    api.token = (await api.log_in()).json["access_token"]
    await change(api, "tokens", {"do": "expire"})
    assert "expired" in (await api.get()).json["errors"][0]["details"]
    await change(api, "tokens", {"do": "revoke"})
    assert "revoked" in (await api.get()).json["errors"][0]["details"]


async def test_reset_forgets_what_happened(api: Api) -> None:
    assert (await api.post("negativeFeedbackRemoval")).status == 201
    api.sandbox.fail_next()
    assert (await change(api, "reset")).json["messages"] == 0
    assert (api.sandbox.messages(), api.sandbox.messages(ORDER)) == ([], [])
    assert (api.sandbox.requests, api.sandbox.count(ORDER), api.sandbox.count()) == ([], 0, 0)
    assert (await api.post("negativeFeedbackRemoval")).status == 201
    assert [item["seq"] for item in (await messages(api))["messages"]] == [2]


@pytest.mark.parametrize(
    ("name", "value", "reported"),
    [
        ("orders", {}, "order_id"),
        ("orders", {"order_id": "a/b"}, "order_id"),
        ("orders", {"order_id": ORDER, "schemas": "odd"}, "schemas"),
        ("orders", {"order_id": ORDER, "actions": ["a\r\nb"]}, "actions[0]"),
        ("orders", {"order_id": ORDER, "clsoed": True}, "clsoed"),
        ("quotas", {"rate": 1}, "burst"),
        ("quotas", {"rate": 0, "burst": 1}, "rate"),
        ("quotas", {"rate": 10**400, "burst": 1}, "rate"),
        ("quotas", {"operation": "warrenty", "rate": 1, "burst": 1}, "warrenty"),
        ("faults", {"status": 42}, "status"),
        ("faults", {"times": 0}, "times"),
        ("faults", {"headers": {"a b": "c"}}, "a b"),
        ("faults", {"headers": {"X": "a\r\nY: b"}}, "headers.X"),
        ("faults", {"location": "\n"}, "location"),
        ("latency", {"seconds": -1}, "seconds"),
        ("latency", {"seconds": [2, 1]}, "seconds"),
        ("latency", {"seconds": True}, "seconds"),
        ("latency", {}, "seconds"),
        ("tokens", {"do": "eat"}, "do"),
        ("reset", {"all": True}, "all"),
    ],
)
async def test_a_wrong_value_is_named_and_changes_nothing(
    api: Api, name: str, value: Any, reported: str
) -> None:
    before = (await api.get(f"{OWN}state")).json
    answer = await change(api, name, value)
    assert answer.status == 400
    assert reported in answer.json["error"]
    assert before == (await api.get(f"{OWN}state")).json


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"{", 400),
        (b"[]", 400),
        (b"[" * 200_000, 400),
        (b'{"seconds": NaN}', 400),
        (b'{"seconds": "\\ud800"}', 400),
        (b"\xff", 400),
        (b" " * (1024 * 1024 + 1), 413),
    ],
)
async def test_a_body_that_is_no_json_of_a_bounded_size_is_refused(
    api: Api, data: bytes, status: int
) -> None:
    headers = {**MAY, "Content-Type": "application/json"}

    async def body() -> AsyncIterator[bytes]:
        yield data

    answer = await api.call("POST", f"{OWN}latency", data=body(), headers=headers)
    assert (status, ["error"]) == (answer.status, list(answer.json))


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Sec-Fetch-Site": "same-origin"}, 200),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "http://127.0.0.1:1"}, 403),
        ({"Origin": "null"}, 403),
        ({"X-Sandbox": "0"}, 403),
        ({"Content-Type": "text/plain"}, 403),
        ({"Host": "evil.example"}, 403),
    ],
)
async def test_no_other_site_can_drive_it(api: Api, headers: dict[str, str], status: int) -> None:
    answer = await change(api, "latency", {"seconds": 7}, **headers)
    assert (status, status == 200) == (answer.status, api.sandbox.latency == 7)
    assert not [name for name in answer.headers if name.lower().startswith("access-control")]


async def test_its_own_origin_can_drive_it(api: Api) -> None:
    assert (await change(api, "reset", Origin=api.sandbox.url)).status == 200


async def test_reading_needs_a_host_of_this_machine_and_no_other_site(api: Api) -> None:
    for path in ("/", f"{OWN}state"):
        assert (await api.get(path, headers={"Host": "evil.example:80"})).status == 403
        assert (await api.get(path, headers={"Host": "127.0.0.1.evil.example"})).status == 403
    assert (await api.get(f"{OWN}state", headers={"Host": "localhost:9"})).status == 200
    assert (await api.get(f"{OWN}state", headers={"Sec-Fetch-Site": "cross-site"})).status == 403


async def test_what_is_not_there_is_not_found(api: Api) -> None:
    assert (await api.get(f"{OWN}nothing")).status == 404
    assert (await change(api, "nothing")).status == 404
    assert (await api.call("PUT", f"{OWN}state")).status == 405
    assert (await api.call("POST", "/")).status == 405


async def test_the_page_has_a_strict_policy(api: Api) -> None:
    page = pytest.importorskip("spapi_messaging.sandbox.admin.page")
    answer = await api.get("/")
    assert (answer.status, answer.body) == (200, page.PAGE)
    expected = {
        "Content-Type": "text/html; charset=utf-8",
        "Content-Security-Policy": page.CSP,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "X-Frame-Options": "DENY",
    }
    assert expected == {name: answer.headers[name] for name in expected}


# Events


async def next_event(stream: aiohttp.StreamReader, name: str) -> Any:
    async with asyncio.timeout(3):
        while True:
            lines = (await stream.readuntil(b"\n\n")).decode().splitlines()
            fields = dict(line.split(": ", 1) for line in lines if line)
            if fields.get("event") == name:
                return json.loads(fields["data"])


async def test_events_tell_what_happens(api: Api) -> None:
    async with api.http.get(f"{api.sandbox.url}{OWN}events") as stream:
        assert stream.headers["Content-Type"] == "text/event-stream"
        assert (await next_event(stream.content, "state"))["messages"] == 0
        await say(api, "Hi\nthere")
        told = await next_event(stream.content, "message")
        assert told == (await messages(api))["messages"][0]
        request = await next_event(stream.content, "request")
        assert request == (await api.get(f"{OWN}requests")).json["requests"][0]
        assert (await next_event(stream.content, "state"))["messages"] == 1


async def test_a_request_without_an_answer_is_told_of(api: Api) -> None:
    async with api.http.get(f"{api.sandbox.url}{OWN}events") as stream:
        await next_event(stream.content, "state")
        api.sandbox.fail_next(reset=True)
        with pytest.raises(aiohttp.ClientError):
            await api.post("unexpectedProblem", {"text": "x"})
        assert (await next_event(stream.content, "request"))["status"] is None


async def test_states_are_told_four_times_a_second_at_most(api: Api) -> None:
    loop = asyncio.get_running_loop()
    async with api.http.get(f"{api.sandbox.url}{OWN}events") as stream:
        await next_event(stream.content, "state")
        began, told = loop.time(), 0
        while told < 3:
            await say(api, "x")
            told += (await stream.content.readany()).count(b"event: state")
        assert loop.time() - began >= 0.7


async def test_a_reader_that_is_too_slow_is_dropped(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("spapi_messaging.sandbox.admin.events.MAX_QUEUED", 5)
    events = api.sandbox._admin_api.events
    async with api.http.get(f"{api.sandbox.url}{OWN}events") as stream:
        await next_event(stream.content, "state")
        await say(api, "x")
        for _ in range(6):
            events.message(api.sandbox.messages()[0])
        with pytest.raises(aiohttp.ClientError):
            await stream.read()
    assert events.readers == set()
    await say(api, "still served")


async def test_stopping_ends_streams_at_once_and_leaves_no_task() -> None:
    before = asyncio.all_tasks()
    sandbox = Sandbox()
    await sandbox.start()
    async with aiohttp.ClientSession() as http, http.get(f"{sandbox.url}{OWN}events") as stream:
        await next_event(stream.content, "state")
        async with asyncio.timeout(1):
            await sandbox.stop()
    assert before == asyncio.all_tasks()
    assert sandbox._admin_api.events.readers == set()
