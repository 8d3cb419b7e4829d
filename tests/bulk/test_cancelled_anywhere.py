"""Cancelled at any turn of the loop: the journal tells the truth."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from helpers.resumed_runs import (
    HELLO,
    OPERATION,
    ORDER,
    opened,
    outcomes_of,
)
from helpers.virtual_time import VirtualLoop

from spapi_messaging import (
    Job,
    MessagingSession,
)
from spapi_messaging.bulk.journal import State
from spapi_messaging.bulk.repeats import Repeats
from spapi_messaging.bulk.sqlite_journal import SqliteJournal
from spapi_messaging.bulk.worker import Again, JobWorker
from spapi_messaging.transport import Delivery


class SteppingLoop(VirtualLoop):
    """Cancels a task at a given turn of the loop, and counts the turns until then."""

    victim: asyncio.Task[Any] | None = None
    left = 0

    def _run_once(self) -> None:
        if self.victim is not None and not self.victim.done():
            self.left -= 1
            if self.left == 0:
                self.victim.cancel()
        super()._run_once()


Way = Callable[[MessagingSession, Job, SqliteJournal], Coroutine[Any, Any, None]]


async def a_run(session: MessagingSession, job: Job, journal: SqliteJournal) -> None:
    """To cancel it leaves the block, which lets an answer come."""
    await outcomes_of(session, [job], journal)


async def a_job(session: MessagingSession, job: Job, journal: SqliteJournal) -> None:
    """To cancel it breaks off what is under way, as a run does after its grace."""
    with Repeats() as repeats:
        work = JobWorker(
            checkout=session._checkout,
            journal=journal,
            again=Again(),
            once="action",
            discover=True,
            clock=time.time,
            repeats=repeats,
        )
        await work.do(job, Delivery())


FAULTS: dict[str, dict[str, Any] | None] = {
    "accepted": None,
    "throttled": {"status": 429},
    "refused": {"status": 400},
    "503": {"status": 503, "after_accepting": True},
    "503, a long page": {"status": 503, "after_accepting": True, "body": "huge"},
    "not accepted, a long page": {"status": 503, "body": "huge"},
    "accepted, a long page": {"status": None, "body": "huge"},
    "slow": {"status": None, "delay": 5.0},
}


Seen: TypeAlias = Counter[tuple[State | None, int]]
"""How often the journal's state of a job met so many messages that the sandbox accepted."""

POSSIBLE: set[tuple[State | None, int]] = {
    *((None, 0), ("not sent", 0), ("sending", 0), ("sending", 1), ("sent", 1)),
    ("refused", 0),
}


async def cancelled_at_each_turn(path: Path, fault: dict[str, Any] | None, way: Way) -> Seen:
    """Cancel a job at the first turn of the loop, the next at the second, until one ends."""
    seen: Seen = Counter()
    loop = asyncio.get_running_loop()
    assert isinstance(loop, SteppingLoop)
    async with opened() as (sandbox, session), SqliteJournal(path) as journal:
        await session.order(ORDER)  # the token and the connection are there
        for turn in range(1, 2000):
            order = f"903-{turn:07}-0812628"
            sandbox.add_order(order)
            sandbox.clear_faults()
            if fault is not None:
                sandbox.fail_next(order_id=order, operation=OPERATION, **fault)
            going = way(session, Job(order, HELLO), journal)
            loop.victim, loop.left = loop.create_task(going), turn
            await asyncio.wait([loop.victim])
            await asyncio.sleep(10)  # what is on its way arrives
            accepted = len(sandbox.messages(order))
            rows = {entry.order_id: entry.state for entry in await journal.entries()}
            state = rows.get(order)
            seen[state, accepted] += 1
            assert (state, accepted) in POSSIBLE, (turn, state, accepted)
            assert state is not None or not sandbox.count(order, OPERATION), turn
            if not loop.victim.cancelled():
                return seen
    raise AssertionError("it never came to its end")


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("way", [a_run, a_job])
def test_cancelled_at_any_turn_the_journal_tells_the_truth(
    tmp_path: Path, fault: str, way: Way
) -> None:
    """One job for each turn of the loop: what the sandbox accepted is never 'not sent'."""
    with asyncio.Runner(loop_factory=SteppingLoop) as runner:
        seen = runner.run(cancelled_at_each_turn(tmp_path / "run.db", FAULTS[fault], way))
    assert seen[None, 0]
    assert all(accepted <= 1 for _, accepted in seen)
    if way is a_job:
        assert seen["not sent", 0]
        assert any(state == "sending" for state, _ in seen)
    ends: dict[str, tuple[State, int]] = {
        "refused": ("refused", 0),
        "503": ("sending", 1),
        "not accepted": ("sending", 0),
    }
    assert seen[ends.get(fault.partition(",")[0], ("sent", 1))]
