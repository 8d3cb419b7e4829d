"""A bulk run: an outcome for each job, nothing twice, nothing left behind."""

import asyncio
import functools
import gc
import itertools
import weakref
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import pytest
from helpers.bulk_runs import (
    DISCOVERY,
    PROBLEM,
    job,
    jobs,
    named,
    no_task_left,
    number_of,
    opened,
    order_id,
    outcomes_of,
    stub_run,
)
from helpers.virtual_time import turns, virtual

from spapi_messaging import (
    Job,
    Outcome,
    Quota,
    RateLimits,
    UnexpectedProblem,
)

HELLO = UnexpectedProblem(text="hello")


@virtual
async def test_without_discovery_no_order_is_asked() -> None:
    async with opened() as (sandbox, session):
        await outcomes_of(session.bulk(jobs(10), discover=False))
        assert (sandbox.count(None, DISCOVERY), sandbox.count(None, PROBLEM)) == (0, 10)
        await outcomes_of(session.bulk(jobs(10)))
        assert (sandbox.count(None, DISCOVERY), sandbox.count(None, PROBLEM)) == (10, 20)


@virtual
async def test_outcomes_come_as_they_happen() -> None:
    loop = asyncio.get_running_loop()
    async with stub_run(jobs(5), lambda order_id: asyncio.sleep(9 - int(order_id[4:11]))) as run:
        seen = [(number_of(outcome.job), round(loop.time())) async for outcome in run]
    assert seen == [(4, 5), (3, 6), (2, 7), (1, 8), (0, 9)]


@virtual
async def test_the_summary_tells_at_any_time_how_the_run_stands() -> None:
    limits = RateLimits(quotas={PROBLEM: Quota(rate=0.5, burst=2)})
    async with opened(limits=limits) as (sandbox, session):
        sandbox.add_order(order_id(0), closed=True)
        async with session.bulk(jobs(22)) as run:
            assert (run.summary.remaining, run.summary.seconds_left) == (22, None)
            assert (run.summary.total, run.summary.elapsed) == ({}, 0)
            seen = 0
            async for _ in run:
                seen += 1
                if seen == 12:
                    break
            summary = run.summary
            assert summary.total == {"Refused": 1, "Sent": 11}
            assert summary.counts == {PROBLEM: {"Refused": 1, "Sent": 11}}
            assert summary.allowed == {PROBLEM: 0.5}
            assert summary.rates[PROBLEM] == pytest.approx(0.5, rel=0.01)
            assert (summary.remaining, summary.in_progress) == (10, 10)
            assert summary.pace == pytest.approx(0.5, rel=0.01)
            assert summary.seconds_left == pytest.approx(20, rel=0.01)
            assert (await run.finish()).total == {"Refused": 1, "Sent": 21}
        await asyncio.sleep(1000)
        summary = run.summary
        assert (summary.remaining, summary.seconds_left, summary.in_progress) == (0, 0, 0)
        assert summary.rates[PROBLEM] == pytest.approx(0.5, rel=0.01), "the clock has stopped"
        assert summary.elapsed < 50


@virtual
async def test_without_a_length_nobody_knows_what_is_left() -> None:
    async with stub_run(iter(jobs(3))) as run:
        summary = await run.finish()
    assert (summary.remaining, summary.seconds_left) == (None, None)
    assert summary.total == {"Sent": 3}


async def later(work: list[Job]) -> AsyncIterator[Job]:
    for item in work:
        await asyncio.sleep(1)
        yield item


@pytest.mark.parametrize("source", [list, tuple, iter, later, lambda work: (item for item in work)])
@pytest.mark.parametrize("count", [0, 1, 7])
@pytest.mark.parametrize("window", [1, 3, 100])
@virtual
async def test_jobs_come_from_any_iterable(
    source: Callable[[list[Job]], Any], count: int, window: int
) -> None:
    with no_task_left():
        outcomes = await outcomes_of(stub_run(source(jobs(count)), window=window))
    assert [outcome.job for outcome in outcomes] == jobs(count)


class BrokenError(Exception):
    """What an iterator raises."""


def breaks(work: list[Job]) -> Iterator[Job]:
    yield from work
    raise BrokenError


async def breaks_later(work: list[Job]) -> AsyncIterator[Job]:
    for item in work:
        yield item
    await asyncio.sleep(0.5)
    raise BrokenError


def foreign(work: list[Job]) -> list[Any]:
    return [*work, "no job", *work]


async def cancelled_itself(work: list[Job]) -> AsyncIterator[Job]:
    for item in work:
        yield item
    raise asyncio.CancelledError


@pytest.mark.parametrize(
    ("source", "error"),
    [
        (breaks, BrokenError),
        (breaks_later, BrokenError),
        (foreign, TypeError),
        (cancelled_itself, RuntimeError),
    ],
)
@virtual
async def test_what_was_pulled_is_finished_before_an_iterators_failure_is_raised(
    source: Callable[[list[Job]], Any], error: type[Exception]
) -> None:
    seen: list[Outcome] = []

    async def consume() -> None:
        async with stub_run(source(jobs(5)), lambda _: asyncio.sleep(1)) as run:
            async for outcome in run:
                seen.extend([outcome])

    with no_task_left(), pytest.raises(error):
        await consume()
    assert named(seen) == dict.fromkeys(range(5), "Sent")


@virtual
async def test_jobs_are_pulled_as_the_window_frees() -> None:
    """Never more than the window ahead of the consumer, however fast the jobs are."""
    pulled = itertools.count(1)
    ahead = []

    def source() -> Iterator[Job]:
        for item in jobs(50):
            ahead.append(next(pulled) - taken)
            yield item

    taken = 0
    async with stub_run(source(), window=7) as run:
        await turns(100)
        assert len(ahead) == 7
        async for _ in run:
            taken += 1
            await turns(20)
            assert len(ahead) == min(50, taken + 7)
    assert max(ahead) == 7


@pytest.mark.parametrize("pause", [0.0, 10.0], ids=["while it waits", "at its yield"])
@pytest.mark.parametrize("after", [0, 3])
@virtual
async def test_an_async_generator_is_closed_when_the_block_is_left(
    after: int, pause: float
) -> None:
    closed = []

    async def source() -> AsyncIterator[Job]:
        try:
            for number in itertools.count():
                await asyncio.sleep(1)
                yield job(number)
        finally:
            await asyncio.sleep(1)
            closed.append(True)

    with no_task_left():
        async with stub_run(source(), window=2) as run:
            await turns()
            for _ in range(after):
                await anext(run)
            await asyncio.sleep(pause)
        assert closed == [True]


@virtual
async def test_a_job_that_comes_after_the_end_is_not_begun() -> None:
    """An iterator may swallow its cancellation and give one more."""
    begun: list[str] = []

    async def source() -> AsyncIterator[Job]:
        try:
            await asyncio.sleep(5)
        except asyncio.CancelledError:
            yield job(1)

    async def sending(number: str) -> None:
        begun.append(number)

    async with stub_run(source(), sending):
        await asyncio.sleep(1)
    await asyncio.sleep(10)
    assert begun == []


@virtual
async def test_a_run_is_used_once_and_inside_of_its_block() -> None:
    run = stub_run(jobs(3))
    with pytest.raises(RuntimeError, match="inside"):
        await anext(run)
    async with run:
        with pytest.raises(RuntimeError, match="once"):
            await run.__aenter__()
    with pytest.raises(RuntimeError, match="inside"):
        await anext(run)
    for options in ({"window": 0}, {"on_doubt": "guess"}):
        with pytest.raises(ValueError, match=r"window|on_doubt"):
            stub_run([], **options)


@virtual
async def test_a_run_holds_no_more_jobs_than_its_window() -> None:
    """Besides the one that the consumer looks at and the one that is just pulled."""
    alive: dict[int, Any] = {}
    most = 0

    def source() -> Iterator[Job]:
        nonlocal most
        for number in range(20_000):
            item = Job(order_id(number), HELLO)
            alive[number] = weakref.ref(item, functools.partial(alive.pop, number))
            most = max(most, len(alive))
            yield item

    gc.disable()
    try:
        async with stub_run(source(), window=50) as run:
            assert (await run.finish()).total == {"Sent": 20_000}
    finally:
        gc.enable()
    assert 50 <= most <= 53, "and no cycle keeps one until the collector comes"
