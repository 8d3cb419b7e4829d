"""A waiter that is cancelled loses nothing for the others, on a virtual clock."""

import asyncio
from collections.abc import Callable

import pytest
from helpers.limiters import SLOT, Line, drained, live_timers
from helpers.virtual_time import gather_cancelled, turns, virtual

from spapi_messaging.quota.plan import Quota


@pytest.mark.parametrize("gone", ["a", "b", "e", "ab", "bd", "de", "abc", "ac"])
@pytest.mark.parametrize("at", [0.0, 0.5, 0.999])
@virtual
async def test_a_cancelled_waiter_loses_nothing_for_the_others(gone: str, at: float) -> None:
    """At the bucket (a) and in line alike."""
    line = Line(await drained())
    tasks = {name: await line.join(name) for name in "abcde"}
    await asyncio.sleep(at)
    for name in gone:
        tasks[name].cancel()
    await asyncio.gather(*tasks.values(), return_exceptions=True)
    stayed = [name for name in "abcde" if name not in gone]
    assert line.granted == {
        name: pytest.approx(number * SLOT, abs=1e-4) for number, name in enumerate(stayed, 1)
    }


@pytest.mark.parametrize("ticks", range(6))
@virtual
async def test_cancelled_in_the_instant_of_being_handed_the_turn(ticks: int) -> None:
    line = Line(await drained())
    first, second, third = [await line.join(name) for name in "abc"]
    first.cancel()
    await turns(ticks)
    second.cancel()
    await asyncio.gather(first, second, third, return_exceptions=True)
    assert second.cancelled()
    assert line.granted == {"c": pytest.approx(SLOT, abs=1e-5)}
    assert await line.limiter.acquire() == pytest.approx(SLOT, abs=1e-5)


@pytest.mark.parametrize("ticks", range(6))
@virtual
async def test_cancelled_while_stepping_aside(ticks: int) -> None:
    line = Line(await drained())
    tasks = [await line.join("a"), await line.join("b")]
    tasks.append(asyncio.create_task(line._pass("R", first=True)))
    await turns(ticks)
    tasks[0].cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert line.order == "Rb"
    assert line.granted["b"] == pytest.approx(2 * SLOT, abs=1e-4)


@pytest.mark.parametrize("burst", [1, 5])
@virtual
async def test_when_all_are_cancelled_nothing_is_left_and_the_next_is_served(burst: int) -> None:
    line = Line(await drained(Quota(rate=1, burst=burst)))
    if burst == 1:
        await line.limiter.acquire()
    await gather_cancelled([await line.join(str(number)) for number in range(100)])
    assert line.limiter.waiting == 0
    await turns()
    assert live_timers() == []
    if burst == 1:
        line.limiter.answered()
    assert await line.limiter.acquire() == pytest.approx(SLOT, abs=1e-5)


@virtual
async def test_who_is_cancelled_in_line_waits_no_more() -> None:
    line = Line(await drained())
    tasks = [await line.join(name) for name in "abcd"]
    await gather_cancelled(tasks[1:3])
    assert line.limiter.waiting == 2
    await asyncio.gather(tasks[0], tasks[3])
    assert line.order == "ad"


@virtual
async def test_a_great_crowd_can_leave_at_once() -> None:
    limiter = await drained()
    crowd = [asyncio.create_task(limiter.acquire()) for _ in range(20_000)]
    await turns()
    assert limiter.waiting == 20_000
    await gather_cancelled(crowd)
    assert limiter.waiting == 0
    assert len(limiter._queue) == 0
    assert await limiter.acquire() == pytest.approx(SLOT, abs=1e-5)


@pytest.mark.parametrize("cancel_first", [True, False])
@pytest.mark.parametrize("ticks", range(4))
@virtual
async def test_a_cancellation_during_a_change_of_buckets_is_not_swallowed(
    ticks: int, *, cancel_first: bool
) -> None:
    line = Line(await drained())
    await line.limiter.acquire()
    waiting, next_one = await line.join("a"), await line.join("b")
    await asyncio.sleep(0.5)
    deeds: list[Callable[[], object]] = [
        waiting.cancel,
        lambda: line.limiter.answered(throttled=True),
    ]
    for deed in deeds if cancel_first else reversed(deeds):
        deed()
        await turns(ticks)
    await asyncio.gather(waiting, next_one, return_exceptions=True)
    assert waiting.cancelled()
    assert line.order == "b"


@virtual
async def test_a_task_that_once_swallowed_a_cancellation_can_be_moved() -> None:
    """A clean-up may send too; being called away must not look like a second cancellation."""
    limiter = await drained()

    async def stubborn() -> float:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            return await limiter.acquire()
        raise AssertionError

    task = asyncio.create_task(stubborn())
    await turns()
    await limiter.acquire()
    task.cancel()
    await asyncio.sleep(0.5)
    limiter.answered(throttled=True)
    assert await task == pytest.approx(0.5 + SLOT, abs=1e-5)
