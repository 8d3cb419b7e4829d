"""The sandbox's quotas: buckets per seller and operation, latency, and the rate's header."""

import asyncio
import math

import pytest
from helpers.sandbox_client import DE, ORDER, ORDER_PATH, THROTTLED, Clock, serving
from helpers.virtual_time import virtual


async def test_a_bucket_starts_full_and_refills_at_its_rate() -> None:
    clock = Clock()
    async with serving(clock=clock) as api:
        statuses = [(await api.get()).status for _ in range(7)]
        assert statuses == [200] * 5 + [429] * 2
        clock.now += 0.999
        assert (await api.get()).status == 429
        clock.now += 0.001
        assert [(await api.get()).status for _ in range(2)] == [200, 429]
        clock.now += 3000
        assert [(await api.get()).status for _ in range(6)] == [200] * 5 + [429]
        assert api.sandbox.throttled() == 5
        assert api.sandbox.throttled("getMessagingActionsForOrder") == 5
        assert api.sandbox.throttled("GetAttributes") == 0


async def test_a_throttled_answer_has_no_details_and_no_rate() -> None:
    async with serving(rate=1, burst=1, clock=Clock()) as api:
        await api.get()
        answer = await api.get()
    assert (answer.status, answer.json) == (429, THROTTLED)
    assert "x-amzn-RateLimit-Limit" not in answer.headers
    assert "x-amzn-RequestId" in answer.headers


async def test_buckets_are_per_seller_and_operation() -> None:
    async with serving(rate=1, burst=1, clock=Clock()) as api:
        other = (await api.log_in(refresh_token="sandbox-other")).json["access_token"]
        attributes = f"{ORDER_PATH}/attributes{DE}"
        assert [(await api.get()).status for _ in range(2)] == [200, 429]
        assert [(await api.get(attributes)).status for _ in range(2)] == [200, 429]
        assert [(await api.get(token=other)).status for _ in range(2)] == [200, 429]


async def test_an_alias_shares_the_bucket_of_its_operation() -> None:
    async with serving(rate=1, burst=1, clock=Clock()) as api:
        assert (await api.post("updateFeedback")).status == 201
        assert (await api.post("negativeFeedbackRemoval")).status == 429


async def test_quotas_can_be_changed_and_switched_off() -> None:
    async with serving(clock=Clock()) as api:
        api.sandbox.set_quota("createUnexpectedProblem", rate=2, burst=10)
        statuses = [(await api.post("unexpectedProblem", {"text": "x"})).status for _ in range(11)]
        assert statuses == [201] * 10 + [429]
        api.sandbox.set_quota("createUnexpectedProblem")
        answer = await api.post("unexpectedProblem", {"text": "x"})
        assert answer.status == 201
        assert "x-amzn-RateLimit-Limit" not in answer.headers
        api.sandbox.set_quota()
        assert {(await api.get()).status for _ in range(20)} == {200}
        with pytest.raises(ValueError, match="both"):
            api.sandbox.set_quota("GetAttributes", rate=1)


async def test_refused_tokens_cost_nothing_and_refused_requests_do() -> None:
    async with serving(rate=1, burst=2, clock=Clock()) as api:
        assert {(await api.get(token="Atza|no")).status for _ in range(5)} == {403}
        assert (await api.get(ORDER_PATH)).status == 400
        assert [(await api.get()).status for _ in range(2)] == [200, 429]


@virtual
async def test_the_event_loops_clock_is_the_default() -> None:
    """On a virtual clock the sandbox refills in virtual seconds, and its latency takes some."""
    loop = asyncio.get_running_loop()
    async with serving(rate=0.1, burst=1, latency=2.0) as api:
        started = loop.time()
        assert (await api.get()).status == 200
        assert loop.time() - started == pytest.approx(2.0, abs=1e-3)
        assert (await api.get()).status == 429
        await asyncio.sleep(10)
        assert (await api.get()).status == 200


@virtual
async def test_latency_can_be_a_range() -> None:
    loop = asyncio.get_running_loop()
    async with serving(rate=math.inf, latency=(1.0, 3.0), seed=7) as api:
        took = []
        for _ in range(20):
            started = loop.time()
            await api.get()
            took.append(loop.time() - started)
    assert min(took) >= 1.0
    assert max(took) <= 3.001
    assert max(took) - min(took) > 0.5


@pytest.mark.parametrize(
    ("path", "status", "rate"),
    [
        (ORDER_PATH + DE, 200, "1.0"),
        (ORDER_PATH, 400, "1.0"),
        ("/messaging/v1/orders/111-1111111-1111111" + DE, 404, "1.0"),
        ("/elsewhere", 404, None),
    ],
)
async def test_the_rate_is_announced_where_amazon_does(
    path: str, status: int, rate: str | None
) -> None:
    async with serving() as api:
        answer = await api.get(path)
        assert (status, rate) == (answer.status, answer.headers.get("x-amzn-RateLimit-Limit"))
        api.sandbox.header_override = "soon, maybe"
        overridden = (await api.get(path)).headers.get("x-amzn-RateLimit-Limit")
        assert overridden == ("soon, maybe" if rate else None)
        api.sandbox.announce_rate = False
        assert "x-amzn-RateLimit-Limit" not in (await api.get(path)).headers


async def test_a_closed_orders_403_announces_no_rate() -> None:
    async with serving() as api:
        api.sandbox.add_order(ORDER, closed=True)
        assert "x-amzn-RateLimit-Limit" not in (await api.get()).headers
