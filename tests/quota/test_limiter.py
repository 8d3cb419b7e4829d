"""The limiter on a virtual clock: the burst, then an even pace; first come, first served."""

import asyncio

import pytest
from helpers.limiters import SLOT, Line, drained, now
from helpers.virtual_time import VirtualLoop, turns, virtual

from spapi_messaging.quota.limiter import EndpointLimiter
from spapi_messaging.quota.plan import Quota


@pytest.mark.parametrize("rate", [0.1, 0.5, 1, 5, 7, 20])
@pytest.mark.parametrize("burst", [2, 5, 10])
@virtual
async def test_all_but_one_of_the_burst_at_once_then_evenly(rate: float, burst: int) -> None:
    limiter = await drained(Quota(rate=rate, burst=burst))
    assert now() == 0
    for number in range(1, 20):
        waited = await limiter.acquire()
        limiter.answered(succeeded=True)
        assert waited == pytest.approx(1 / (0.999 * rate), abs=1e-5)
        assert now() == pytest.approx(number / (0.999 * rate), abs=1e-4)


@virtual
async def test_what_was_not_used_is_there_later_but_never_more_than_the_burst() -> None:
    limiter = await drained()
    await asyncio.sleep(3600)
    waits = [await limiter.acquire() for _ in range(5)]
    assert waits == [0, 0, 0, 0, pytest.approx(SLOT, abs=1e-5)]


@virtual
async def test_with_a_burst_of_one_the_next_turn_comes_after_the_answer() -> None:
    limiter = EndpointLimiter(Quota(rate=2, burst=1))
    line = Line(limiter)
    assert await limiter.acquire() == 0
    waiting = await line.join("a")
    await asyncio.sleep(10)
    assert line.order == ""
    limiter.answered(succeeded=True)
    await waiting
    assert line.granted == {"a": pytest.approx(10 + SLOT / 2, abs=1e-5)}


@virtual
async def test_with_a_burst_of_one_a_request_without_an_answer_counts_too() -> None:
    limiter = EndpointLimiter(Quota(rate=2, burst=1))
    await limiter.acquire()
    limiter.answered()
    assert await limiter.acquire() == pytest.approx(SLOT / 2, abs=1e-5)


@virtual
async def test_strictly_first_come_first_served() -> None:
    line = Line(await drained())
    tasks = [await line.join(name) for name in "abcdefghij"]
    assert line.limiter.waiting == 10
    await asyncio.gather(*tasks)
    assert line.order == "abcdefghij"
    assert line.limiter.waiting == 0


@virtual
async def test_who_was_just_served_does_not_slip_in_again_before_the_others() -> None:
    """The turn is handed over in the instant of the grant, and is never free in between."""
    limiter = await drained()
    order = []

    async def send_twice(name: str) -> None:
        for _ in range(2):
            await limiter.acquire()
            order.append(name)

    await asyncio.gather(*map(send_twice, "abc"))
    assert "".join(order) == "abcabc"


@virtual
async def test_a_newcomer_does_not_take_what_trickled_in_for_the_one_at_the_bucket() -> None:
    loop = asyncio.get_running_loop()
    assert isinstance(loop, VirtualLoop)
    line = Line(await drained())
    tasks = [await line.join("a")]
    loop.jump(1.5)  # there is room by now, but a still sleeps
    await line._pass("b", first=False)
    await asyncio.gather(*tasks)
    assert line.order == "ab"


@virtual
async def test_a_request_that_came_back_goes_before_the_line_and_the_one_at_the_bucket() -> None:
    line = Line(await drained())
    tasks = [await line.join(name) for name in "abc"]
    tasks += [await line.join("R", first=True), await line.join("S", first=True)]
    await asyncio.gather(*tasks)
    assert line.order == "RSabc"
    assert line.granted["R"] == pytest.approx(SLOT, abs=1e-5)


@virtual
async def test_a_returned_request_overtakes_who_was_handed_the_turn_but_not_yet_ran() -> None:
    limiter = await drained(Quota(rate=1, burst=3))
    line = Line(limiter)
    tasks = [await line.join(name) for name in "ab"]
    await asyncio.sleep(0.5)
    tasks[0].cancel()
    await turns(1)  # a hands its turn to b, who has not run yet
    tasks += [asyncio.create_task(line._pass("R", first=True))]
    await asyncio.gather(*tasks, return_exceptions=True)
    assert line.order == "Rb"
