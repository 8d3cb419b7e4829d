"""A turn is good for 1/rate; with an older one given back the bucket is as if it had not been."""

import asyncio
from typing import Any

import attrs
import pytest
from helpers.limiters import PLAN, SLOT, Line, drained, now
from helpers.shared_limiters import excess
from helpers.virtual_time import gather_cancelled, run, turns, virtual
from hypothesis import given, settings, strategies as st

from spapi_messaging.quota.limiter import EndpointLimiter
from spapi_messaging.quota.plan import Quota

TOLERANCE = 1e-6


@virtual
async def test_a_turn_is_good_for_one_interval() -> None:
    limiter = await drained()
    await limiter.acquire()
    taken_at = now()
    await asyncio.sleep(1)
    assert await limiter.renew(taken_at) == 0
    assert await limiter.acquire() == pytest.approx(SLOT - 1, abs=1e-5), "it was not given back"


@virtual
async def test_the_rate_in_force_says_how_long_it_is_good() -> None:
    limiter = EndpointLimiter(PLAN)
    await limiter.acquire()
    taken_at = now()
    limiter.answered(succeeded=True, announced="0.1")
    await asyncio.sleep(9)
    assert await limiter.renew(taken_at) == 0


@virtual
async def test_a_turn_given_back_is_there_for_another() -> None:
    """Of a bucket that was used up in between; from a full one nothing is given twice."""
    limiter = await drained()
    taken_at = now()
    await asyncio.sleep(1.1)
    await limiter.acquire()
    assert await limiter.renew(taken_at) == 0
    assert await limiter.acquire() == pytest.approx(2 * SLOT - 1.1, abs=1e-5)
    await asyncio.sleep(3600)
    assert await limiter.renew(taken_at + 1.1) == 0
    waits = [await limiter.acquire() for _ in range(4)]
    assert waits == [0, 0, 0, pytest.approx(SLOT, abs=1e-5)]


@virtual
async def test_what_comes_back_with_an_old_turn_goes_before_the_line() -> None:
    limiter = await drained(Quota(rate=1, burst=2))
    line, taken_at = Line(limiter), now()
    tasks = [await line.join(name) for name in "ab"]
    await asyncio.sleep(SLOT + 0.5)
    assert line.order == "a"
    assert await limiter.renew(taken_at) == pytest.approx(SLOT - 0.5, abs=1e-4)
    assert line.order == "a"
    await asyncio.gather(*tasks)
    assert line.granted["b"] == pytest.approx(3 * SLOT, abs=1e-4)


@virtual
async def test_who_is_cancelled_at_it_loses_nothing_for_the_others() -> None:
    """With a burst of 1 its answer is not taken for that of the one who came in its place."""
    limiter = EndpointLimiter(Quota(rate=1, burst=1))
    await limiter.acquire()
    taken_at = now()
    other = asyncio.create_task(limiter.acquire())
    await asyncio.sleep(1.5)
    renewing = asyncio.create_task(limiter.renew(taken_at))
    await turns(1)
    await gather_cancelled([renewing])
    await other
    limiter.answered()
    waiting = await Line(limiter).join("a")
    await asyncio.sleep(10)
    assert not waiting.done()
    limiter.answered(succeeded=True)
    await asyncio.wait_for(waiting, SLOT + 0.1)
    assert limiter.waiting == 0


@virtual
async def test_after_a_429_nothing_is_given_back_that_was_not_there() -> None:
    limiter = EndpointLimiter(PLAN)
    await limiter.acquire()
    before = now()
    limiter.answered(throttled=True)
    await limiter.acquire()
    taken_at = now()
    await asyncio.sleep(1.1)
    assert [await limiter.renew(at) for at in (taken_at, before)] == [0, 0]
    assert await limiter.acquire() == pytest.approx(2 * SLOT - 1.1, abs=1e-4)


@virtual
async def test_with_a_burst_of_one_it_is_renewed_at_once_and_still_the_only_one() -> None:
    limiter = EndpointLimiter(Quota(rate=1, burst=1))
    await limiter.acquire()
    taken_at = now()
    waiting = await Line(limiter).join("a")
    await asyncio.sleep(10)
    assert await limiter.renew(taken_at) == 0
    await asyncio.sleep(10)
    assert not waiting.done()
    limiter.answered(succeeded=True)
    await asyncio.wait_for(waiting, SLOT + 0.1)


@virtual
async def test_of_very_many_turns_the_last_can_be_given_back() -> None:
    limiter = EndpointLimiter(Quota(rate=1000, burst=11))
    for _ in range(3000):
        await limiter.acquire()
    taken_at = now()
    await asyncio.sleep(0.0011)
    assert await limiter.renew(0.1) == 0
    assert await limiter.acquire() > 0, "it was long forgotten, and cost another"
    assert await limiter.renew(taken_at) == pytest.approx(0, abs=2e-6)
    assert await limiter.acquire() == pytest.approx(0.001, abs=2e-4)


holds = st.sampled_from([0.0, 0.01, 0.5, 1.0, 1.2, 3.0, 10.0])
requests = st.tuples(
    st.sampled_from([0.0, 0.0, 0.1, 1.0, 5.0]),
    holds,
    st.sampled_from(["sent", "sent", "sent", "throttled", "cancelled"]),
)


@attrs.define
class Sender:
    """Sends requests that are held up between their turn and their first byte."""

    limiter: EndpointLimiter
    interval: float
    times: list[float] = attrs.field(factory=list)
    in_flight: int = 0

    async def send(self, hold: float, *, throttled: bool) -> None:
        await self.limiter.acquire()
        self.in_flight += 1
        try:
            taken_at = now()
            await asyncio.sleep(hold * self.interval)
            while await self.limiter.renew(taken_at):
                taken_at = now()
            self.times.append(now())
            await asyncio.sleep(0.3 * self.interval)
        finally:
            self.in_flight -= 1
            self.limiter.answered(succeeded=not throttled, throttled=throttled)

    async def play(self, script: list[tuple[float, float, str]]) -> None:
        tasks = []
        for pause, hold, fate in script:
            task = asyncio.create_task(self.send(hold, throttled=fate == "throttled"))
            tasks.append(task)
            await asyncio.sleep(pause * self.interval)
            if fate == "cancelled":
                tasks[len(tasks) // 2].cancel()
        results: list[Any] = await asyncio.gather(*tasks, return_exceptions=True)
        assert {type(result) for result in results} <= {type(None), asyncio.CancelledError}


@settings(max_examples=300, deadline=None)
@given(
    quota=st.builds(Quota, rate=st.sampled_from([0.1, 1, 7, 20]), burst=st.integers(1, 8)),
    script=st.lists(requests, max_size=60),
)
def test_never_more_than_the_burst_and_the_rate_leave_however_they_are_held_up(
    quota: Quota, script: list[tuple[float, float, str]]
) -> None:
    """In any window, with 429s and cancellations; and nobody is left standing."""

    async def main() -> None:
        sender = Sender(EndpointLimiter(quota), 1 / quota.rate)
        await sender.play(script)
        if sender.times:
            assert excess(sender.times, quota) <= TOLERANCE
        assert sender.limiter.waiting == 0
        assert sender.in_flight == sender.limiter._in_flight == 0

    run(main)
