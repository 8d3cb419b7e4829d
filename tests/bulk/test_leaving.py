"""Leaving a run early sends nothing more, and leaves nothing behind."""

import asyncio
import itertools
from collections import Counter
from collections.abc import AsyncIterator

import pytest
from helpers.bulk_runs import (
    PROBLEM,
    job,
    jobs,
    no_task_left,
    opened,
    own_tasks,
    stub_run,
)
from helpers.virtual_time import VirtualLoop, turns, virtual

from spapi_messaging import (
    Entry,
    Job,
    MessagingSession,
    Quota,
    RateLimits,
    UnexpectedProblem,
)
from spapi_messaging.bulk.run import BulkRun


class BrokenError(Exception):
    """What an iterator raises."""


@virtual
async def test_a_job_cancelled_from_outside_is_no_silent_loss() -> None:
    async with stub_run(jobs(3), lambda _: asyncio.sleep(9), window=2) as run:
        await asyncio.sleep(1)
        next(iter(run._tasks)).cancel()
        with pytest.raises(RuntimeError, match="cancelled"):
            await run.finish()


@pytest.mark.parametrize("way", ["break", "exception", "timeout", "cancelled"])
@virtual
async def test_leaving_early_sends_nothing_more(way: str) -> None:
    """What is under way is awaited; what waits for its turn is given up."""
    limits = RateLimits(quotas={PROBLEM: Quota(rate=1, burst=3)})
    seen = []
    left_at = 0.0
    loop = asyncio.get_running_loop()

    async def consume(session: MessagingSession) -> None:
        async with session.bulk(jobs(50), window=20) as outcomes:
            async for outcome in outcomes:
                seen.append(outcome)
                if len(seen) == 5 and way == "break":
                    break
                if len(seen) == 5 and way == "exception":
                    raise BrokenError

    async with opened(limits=limits, plan={"latency": 3.0}) as (sandbox, session):
        await session._open.login.token()
        with no_task_left():
            consumer = asyncio.create_task(consume(session))
            if way == "cancelled":
                await asyncio.sleep(11)
                consumer.cancel()
            try:
                async with asyncio.timeout(11 if way == "timeout" else None):
                    await consumer
            except (BrokenError, TimeoutError, asyncio.CancelledError):
                assert way != "break"
            left_at = loop.time()
            await turns()
        arrived = sandbox.count(None, PROBLEM)
        accepted = len(sandbox.messages())
        await asyncio.sleep(100)
        assert sandbox.count(None, PROBLEM) == arrived
        assert accepted == arrived, "what was under way was awaited"
        assert len(seen) <= accepted < 12
        assert left_at < 20


@virtual
async def test_grace_is_all_that_is_waited() -> None:
    loop = asyncio.get_running_loop()
    with no_task_left():
        async with stub_run(jobs(9), lambda _: asyncio.sleep(1000), grace=7):
            await asyncio.sleep(1)
        assert loop.time() == pytest.approx(8, abs=0.001)


@virtual
async def test_a_second_cancellation_ends_the_grace() -> None:
    """Once more, and again: each time until no task is alive."""
    ended = 0
    loop = asyncio.get_running_loop()

    async def sending(_: str) -> None:
        nonlocal ended
        try:
            await asyncio.sleep(1000)
        finally:
            await asyncio.sleep(2)
            ended += 1

    async def consume() -> None:
        async with stub_run(jobs(9), sending, grace=50) as run:
            await run.finish()

    with no_task_left():
        consumer = asyncio.create_task(consume())
        for _ in range(3):
            await asyncio.sleep(1)
            consumer.cancel()
        with pytest.raises(asyncio.CancelledError):
            await consumer
        assert (ended, round(loop.time())) == (9, 4)


@virtual
async def test_what_a_cancelled_job_has_yet_to_write_is_not_broken_off() -> None:
    """Neither the end of the grace nor another cancellation interrupts it."""
    written = 0

    async def sending(_: str) -> None:
        nonlocal written
        try:
            await asyncio.sleep(1000)
        finally:
            await asyncio.sleep(5)
            written += 1

    async def consume() -> None:
        async with stub_run(jobs(9), sending, head_sent=False, grace=2) as run:
            await run.finish()

    with no_task_left():
        consumer = asyncio.create_task(consume())
        for _ in range(2):
            await asyncio.sleep(1)
            consumer.cancel()
        with pytest.raises(asyncio.CancelledError):
            await consumer
    assert written == 9


@virtual
async def test_leaving_gives_up_what_waits_after_a_429() -> None:
    """Those that were throttled have their turn before them: it never comes."""
    limits = RateLimits(quotas={PROBLEM: Quota(rate=0.1, burst=10)})
    loop = asyncio.get_running_loop()
    async with opened(limits=limits, plan={"latency": 2.0}) as (sandbox, session):
        sandbox.fail_next(429, operation=PROBLEM, times=1000)
        with no_task_left():
            async with session.bulk(jobs(20), discover=False):
                await sandbox.arrived(9, operation=PROBLEM)
                await turns()
                assert len([task for task in own_tasks() if not task.done()]) > 9
            assert loop.time() < 6, "the answers under way came, and no other turn is waited for"
        arrived = sandbox.count(None, PROBLEM)
        await asyncio.sleep(1000)
        assert (sandbox.count(None, PROBLEM), sandbox.messages()) == (arrived, [])


class CancellingLoop(VirtualLoop):
    """Cancels a task at one of its turns."""

    victim: "asyncio.Task[None] | None" = None
    left = -1

    def _run_once(self) -> None:
        super()._run_once()
        if self.victim is not None and not self.victim.done():
            self.left -= 1
            if self.left == 0:
                self.victim.cancel()


async def cancelled_at(turn: int) -> bool:
    """Cancel a consumer at a turn of the loop, look at what is left, and say if it was hit."""
    limits = RateLimits(default=Quota(rate=1, burst=2))
    loop = asyncio.get_running_loop()
    assert isinstance(loop, CancellingLoop)
    async with opened(limits=limits, plan={"latency": 0.2}) as (sandbox, session):
        sandbox.fail_next(429, operation=PROBLEM)
        work = [
            job(0),
            job(1),
            job(0, UnexpectedProblem(text="another"), key="another"),
            job(2),
            job(3),
        ]

        async def consume() -> None:
            async with session.bulk(later_or_now(work), window=3, grace=0.15) as outcomes:
                async for _ in outcomes:
                    await asyncio.sleep(0)

        loop.victim, loop.left = asyncio.create_task(consume()), turn
        await asyncio.wait([loop.victim])
        hit = loop.victim.cancelled()
        await turns()
        left = [task for task in own_tasks() if "Login" not in task.get_coro().__qualname__]
        assert left == []
        await asyncio.sleep(0.3)  # what has left arrives
        arrived = sandbox.count(None, PROBLEM)
        await asyncio.sleep(100)
        assert sandbox.count(None, PROBLEM) == arrived
        texts = Counter(str(message.body) for message in sandbox.messages())
        assert set(texts.values()) <= {1}
        assert hit or len(texts) == 5
    assert own_tasks() == set()
    return hit


async def later_or_now(work: list[Job]) -> AsyncIterator[Job]:
    for item in work:
        yield item
        await asyncio.sleep(0)


def test_a_consumer_can_be_cancelled_at_every_turn() -> None:
    """Nothing is sent afterwards, no task is alive, and no message is there twice."""
    hits = 0
    for turn in itertools.count(1):
        with asyncio.Runner(loop_factory=CancellingLoop) as runner:
            if not runner.run(cancelled_at(turn)):
                break
        hits += 1
    assert hits > 80


class Memory:
    """A journal that is written at once, and forgotten."""

    def __init__(self) -> None:
        self.entries: dict[str, Entry] = {}

    async def find(self, key: str, /) -> Entry | None:
        return self.entries.get(key)

    async def write(self, entry: Entry, /) -> None:
        self.entries[entry.key] = entry


class StoppingLoop(VirtualLoop):
    """Stops a run between two turns, when so many have passed."""

    left = -1
    run: BulkRun

    def _run_once(self) -> None:
        if self.left == 0:
            self.run._stop()
        self.left -= 1
        super()._run_once()


async def stopped_after(turn: int) -> tuple[int, list[str]]:
    """Return how many messages were accepted, and what the journal says of them."""
    loop, journal = asyncio.get_running_loop(), Memory()
    assert isinstance(loop, StoppingLoop)
    async with opened() as (sandbox, session):
        await session.login()
        async with session.bulk([job(0)], journal=journal, discover=False) as loop.run:
            loop.left = turn
            await turns(turn + 1)
        return len(sandbox.messages()), [entry.state for entry in journal.entries.values()]


def test_what_is_stopped_in_the_instant_before_its_bytes_leave_is_not_sent() -> None:
    """aiohttp writes a body in a task of its own, which may run before a cancellation comes."""
    seen = []
    for turn in range(30):
        with asyncio.Runner(loop_factory=StoppingLoop) as runner:
            seen.append(runner.run(stopped_after(turn)))
    assert {(0, ()), (1, ("sent",))} <= {(count, tuple(states)) for count, states in seen}
    assert [each for each in seen if each not in [(0, []), (0, ["not sent"]), (1, ["sent"])]] == []
