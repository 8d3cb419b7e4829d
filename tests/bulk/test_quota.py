"""A bulk run reaches what the quotas allow, and no more, on a virtual clock."""

import asyncio
from typing import Any

import pytest
from helpers.bulk_runs import (
    DETAILS,
    DISCOVERY,
    PROBLEM,
    job,
    jobs,
    named,
    opened,
    order_id,
    outcomes_of,
)
from helpers.virtual_time import virtual

from spapi_messaging import (
    ConfirmOrderDetails,
    NotSent,
    Quota,
    RateLimits,
    RequestEvent,
    Sent,
    ThrottledError,
)
from spapi_messaging.sandbox import Sandbox

JITTER = (0.05, 0.4)


def plan(rate: float, burst: int) -> dict[str, Any]:
    """Return what a sandbox enforces, over a network that is not steady."""
    return {"rate": rate, "burst": burst, "latency": JITTER}


def arrivals(sandbox: Sandbox, operation: str) -> list[float]:
    """Return the times at which requests of an operation arrived, the throttled ones as well."""
    return [record.at for record in sandbox.requests if record.operation == operation]


def share(times: list[float], rate: float, burst: int) -> float:
    """Return the share of the allowance that was used between the first and the last."""
    return len(times) / (burst + rate * (times[-1] - times[0]))


class Turns:
    """Notes when each request had its turn, and in which order they were answered."""

    def __init__(self) -> None:
        self.answered: dict[str, list[str]] = {}
        self._began: dict[tuple[str, str], float] = {}

    def __call__(self, event: RequestEvent) -> None:
        order = str(event.order_id)
        now = asyncio.get_running_loop().time()
        self.answered.setdefault(event.operation, []).append(order)
        self._began[event.operation, order] = round(now - event.took, 6)

    def in_order(self, operation: str, expected: list[str]) -> bool:
        """Say if no request had its turn before another that stands in front of it."""
        began = [self._began[operation, order] for order in expected]
        return began == sorted(began)


@pytest.mark.slow
@pytest.mark.parametrize(("rate", "burst"), [(1, 5), (5, 10)])
@virtual
async def test_discovery_and_sending_together_reach_the_allowance(rate: int, burst: int) -> None:
    """Both at full rate, none throttled, first come, first served."""
    turns = Turns()
    limits = RateLimits(default=Quota(rate=rate, burst=burst))
    options = {"limits": limits, "plan": plan(rate, burst), "on_request": turns}
    async with opened(**options) as (sandbox, session):
        outcomes = await outcomes_of(session.bulk(jobs(1000)))
        assert named(outcomes) == dict.fromkeys(range(1000), "Sent")
        assert sandbox.throttled() == 0
        for operation in (DISCOVERY, PROBLEM):
            times = arrivals(sandbox, operation)
            assert len(times) == 1000
            assert share(times, rate, burst) >= 0.995
        together = arrivals(sandbox, PROBLEM)[-1] - arrivals(sandbox, DISCOVERY)[0]
        assert 1000 / (burst + rate * together) >= 0.995, "a pipeline, not one after the other"
        assert turns.in_order(DISCOVERY, [order_id(number) for number in range(1000)])
        assert turns.in_order(PROBLEM, turns.answered[DISCOVERY])


@pytest.mark.slow
@virtual
async def test_half_of_the_plan_unannounced_still_delivers_all() -> None:
    limits = RateLimits(default=Quota(rate=2, burst=10))
    async with opened(limits=limits, plan=plan(1, 10)) as (sandbox, session):
        sandbox.announce_rate = False
        outcomes = await outcomes_of(session.bulk(jobs(1000), discover=False))
        assert named(outcomes) == dict.fromkeys(range(1000), "Sent")
        assert len(sandbox.messages()) == 1000
        assert sandbox.throttled() <= 50
        accepted = [message.at for message in sandbox.messages()]
        assert share(accepted, 1, 10) >= 0.9


@virtual
async def test_twenty_times_the_plan_is_reached_within_thirty_sends() -> None:
    """The header says so; it is believed by steps."""
    limits = RateLimits(default=Quota(rate=1, burst=5))
    async with opened(limits=limits, plan=plan(20, 10)) as (sandbox, session):
        sent = 0
        async with session.bulk(jobs(1000), discover=False) as outcomes:
            async for outcome in outcomes:
                sent += isinstance(outcome, Sent)
                if sent == 30:
                    assert outcomes.summary.allowed == {PROBLEM: 20}
        assert (sent, sandbox.throttled()) == (1000, 0)
        assert share(arrivals(sandbox, PROBLEM)[40:], 20, 5) >= 0.99


@pytest.mark.parametrize("header", ["fast", "-5", "0", "0.0", "inf", "nan", "1e9", "string", ""])
@virtual
async def test_a_header_that_is_no_rate_is_ignored(header: str) -> None:
    limits = RateLimits(default=Quota(rate=1, burst=5))
    async with opened(limits=limits, plan=plan(1, 5)) as (sandbox, session):
        sandbox.header_override = header
        run = session.bulk(jobs(50), discover=False)
        await outcomes_of(run)
        assert run.summary.total == {"Sent": 50}
        assert run.summary.allowed == {PROBLEM: 1}
        assert sandbox.throttled() == 0
        assert share(arrivals(sandbox, PROBLEM), 1, 5) >= 0.97  # one of 50 is the reserve


@virtual
async def test_a_saturated_operation_delays_no_other() -> None:
    """The slow one has a tenth of the rate and more jobs than it can take."""
    quotas = {DETAILS: Quota(rate=0.1, burst=5)}
    limits = RateLimits(default=Quota(rate=1, burst=5), quotas=quotas)
    work = []
    for number in range(600):
        work.append(job(number))
        if number % 6 == 0:
            work.append(job(number, ConfirmOrderDetails(text=f"{number}")))
    async with opened(limits=limits, plan=plan(1, 5)) as (sandbox, session):
        sandbox.set_quota(DETAILS, rate=0.1, burst=5)
        run = session.bulk(work, discover=False)
        outcomes = await outcomes_of(run)
        assert {type(outcome) for outcome in outcomes} == {Sent}
        fast, slow = arrivals(sandbox, PROBLEM), arrivals(sandbox, DETAILS)
        assert slow[-1] > fast[-1] + 300, "it was saturated all the time"
        assert share(fast, 1, 5) >= 0.98
        assert share(slow, 0.1, 5) >= 0.98
        assert sandbox.throttled() == 0
        assert run.summary.allowed == {PROBLEM: 1, DETAILS: 0.1}


@virtual
async def test_a_throttled_message_goes_first_again() -> None:
    """It is sent again before those that came after it, and is no outcome."""
    turns = Turns()
    limits = RateLimits(default=Quota(rate=1, burst=2))
    async with opened(limits=limits, plan=plan(1, 2), on_request=turns) as (sandbox, session):
        sandbox.fail_next(429, operation=PROBLEM, order_id=order_id(5), times=2)
        outcomes = await outcomes_of(session.bulk(jobs(20), discover=False))
        assert named(outcomes) == dict.fromkeys(range(20), "Sent")
        answered = turns.answered[PROBLEM]
        assert len(answered) == 22
        last = len(answered) - 1 - answered[::-1].index(order_id(5))
        assert last - answered.index(order_id(5)) <= 4, "one was under way with each of the two"


@pytest.mark.parametrize("operation", [PROBLEM, DISCOVERY])
@virtual
async def test_an_order_that_is_always_throttled_holds_up_no_other(operation: str) -> None:
    """200 jobs at 1/s take 195 s without it; it is tried until the patience is over."""
    clock = asyncio.get_running_loop().time
    limits = RateLimits(default=Quota(rate=1, burst=5))
    ended = {}
    async with opened(limits=limits, plan=plan(1, 5)) as (sandbox, session):
        sandbox.fail_next(429, operation=operation, order_id=order_id(0), times=10**6)
        async with session.bulk(jobs(200)) as outcomes:
            async for outcome in outcomes:
                ended[outcome.job.order_id] = (outcome, clock())
        always, at = ended.pop(order_id(0))
        assert isinstance(always, NotSent)
        assert isinstance(always.error, ThrottledError)
        assert 300 < at < 340
        assert {type(outcome) for outcome, _ in ended.values()} == {Sent}
        assert max(at for _, at in ended.values()) < 215
        asked = [record for record in sandbox.requests if record.order_id == order_id(0)]
        assert len(asked) < 30, "it is not hammered either"
        assert outcomes.summary.allowed == {PROBLEM: 1}, "its repeats lower no rate"


@virtual
async def test_a_few_orders_that_are_always_throttled_let_the_others_through() -> None:
    limits = RateLimits(default=Quota(rate=1, burst=5))
    clock = asyncio.get_running_loop().time
    async with opened(limits=limits, plan=plan(1, 5), patience=60) as (sandbox, session):
        for number in (0, 70, 140):
            sandbox.fail_next(429, operation=PROBLEM, order_id=order_id(number), times=10**6)
        async with session.bulk(jobs(200), discover=False) as outcomes:
            ended = [clock() async for outcome in outcomes if isinstance(outcome, Sent)]
    assert len(ended) == 197
    assert ended[-1] < 240
