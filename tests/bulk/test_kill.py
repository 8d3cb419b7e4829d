"""kill -9 at any moment, and again: no message twice, none without a row, doubt bounded."""

import asyncio
import random
import signal
import time
from collections import Counter
from multiprocessing.process import BaseProcess
from pathlib import Path

import pytest
from helpers import warm
from helpers.killed_run import BURST, RATE, WINDOW, jobs, run
from helpers.served import served

from spapi_messaging.bulk.sqlite_journal import SqliteJournal
from spapi_messaging.sandbox import Sandbox

KILLS = 20
JOBS = 700


def started(sandbox: Sandbox, journal: Path, log: Path) -> BaseProcess:
    return warm.start(run, str(journal), JOBS, environment=sandbox.environment, log=log)


def killed(sandbox: Sandbox, process: BaseProcess, after: int, late: float) -> bool:
    """Kill a run after so many more requests and a moment; False if it ended before."""
    goal = sandbox.count() + after
    deadline = time.monotonic() + 20
    while sandbox.count() < goal and process.is_alive():
        assert time.monotonic() < deadline
        time.sleep(0.0005)
    time.sleep(late)
    process.kill()
    return warm.end(process, 10) == -signal.SIGKILL


def kills(sandbox: Sandbox, journal: Path, log: Path, rng: random.Random) -> int:
    """Kill runs at random points until enough died, and then let one come to its end."""
    count = 0
    while count < KILLS:
        # The token is one request; 0 kills it while it opens the journal or looks jobs up.
        after = rng.choice([0, 1, 2, 3, rng.randrange(5, 25)])
        process = started(sandbox, journal, log)
        assert killed(sandbox, process, after, rng.uniform(0, 0.03)), "give it more jobs"
        count += 1
    assert warm.end(started(sandbox, journal, log), 30) == 0
    return count


async def rows(path: Path) -> dict[str, str]:
    async with SqliteJournal(path) as journal:
        return {entry.order_id: entry.state for entry in await journal.entries()}


@pytest.mark.slow
@pytest.mark.parametrize("seed", [7])
def test_killed_and_resumed(tmp_path: Path, seed: int) -> None:
    journal, log = tmp_path / "run.db", tmp_path / "log"
    rng = random.Random(seed)
    orders = [job.order_id for job in jobs(JOBS)]
    with served(rate=RATE, burst=BURST, latency=(0.002, 0.03), seed=seed) as sandbox:
        refused = set(rng.sample(orders, 40))
        for order in orders:
            sandbox.add_order(order, closed=order in refused)
        count = kills(sandbox, journal, log, rng)
        before = sandbox.count()
        accepted = Counter(message.order_id for message in sandbox.messages())
        posted = {order: sandbox.count(order) for order in orders}
        lines = log.read_text().splitlines()
        assert warm.end(started(sandbox, journal, log), 30) == 0
        assert sandbox.count() == before  # not even a token: there is nothing left to send
    assert max(accepted.values()) == 1, "a buyer got a message twice"
    states = asyncio.run(rows(journal))
    assert set(states) == set(orders), "every job has its row, and so its one outcome"
    doubts = {order for order, state in states.items() if state == "sending"}
    sent = {order for order, state in states.items() if state == "sent"}
    assert sent <= set(accepted) <= sent | doubts
    assert {order for order, state in states.items() if state == "refused"} <= refused
    assert len(doubts) <= WINDOW * count
    assert set(states.values()) == {"sent", "refused", "sending"}
    assert max(posted.values()) <= 2  # a throttled one comes again
    # What a run has told is true for ever: no message that it called sent is in doubt later.
    told = Counter(line.split()[0] for line in lines if line.endswith((" Sent ", " Refused ")))
    assert max(told.values()) == 1
    assert set(told).isdisjoint(doubts)
    last = log.read_text().rpartition("end\n")[0].rpartition("end\n")[2].splitlines()
    kinds = Counter(line.partition(" ")[2] for line in last)
    assert kinds["Skipped sent"] == len(sent)
    assert kinds["InDoubt "] == len(doubts)
    assert len(last) == JOBS
    report = f"{count} kills, {len(accepted)} delivered, {len(doubts)} in doubt, 0 twice"
    print(report)
