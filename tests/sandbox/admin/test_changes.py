"""The sandbox's own API: what it changes, and how it names what it cannot change."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from helpers.sandbox_admin import MAY, OTHER, OWN, change, messages, say
from helpers.sandbox_client import DE, ORDER, ORDER_PATH, Api, Clock, serving


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
