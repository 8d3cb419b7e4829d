"""How fast a journal takes entries, and what it costs a bulk run.

A hundred tasks write at once, as the jobs of a bulk run do, each a row 'sending' and then the
same row 'sent'. Every write returns when it is on the disk.
"""

import asyncio
import hashlib
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import attrs

from benchmarks.answers import PLAIN_ORDER
from benchmarks.exchange import TEXT
from benchmarks.figures import Options, Ratio, Row, median
from benchmarks.server import RATE, server
from spapi_messaging import (
    Credentials,
    Job,
    Marketplace,
    MessagingSession,
    Quota,
    UnexpectedProblem,
)
from spapi_messaging.bulk.journal import Entry
from spapi_messaging.bulk.sqlite_journal import SqliteJournal

TASKS = 100


def entry(number: int) -> Entry:
    """Return an entry as a run makes it."""
    return Entry(
        key=hashlib.sha256(b"%d" % number).hexdigest(),
        seller="0123456789abcdef",
        marketplace="A1PA6795UKMFR9",
        order_id=f"903-{number:07}-0812628",
        operation="createUnexpectedProblem",
        state="sending",
        began_at=1_780_000_000.0 + number,
    )


async def write(journal: SqliteJournal, numbers: Iterator[int], took: list[float]) -> None:
    """Write entries one after the other, and note how long each write took."""
    clock = time.perf_counter
    for number in numbers:
        sending = entry(number)
        sent = attrs.evolve(sending, state="sent", ended_at=sending.began_at, request_id="1-2-3")
        for item in (sending, sent):
            began = clock()
            await journal.write(item)
            took.append(clock() - began)


async def writes(entries: int, folder: Path) -> tuple[float, float]:
    """Return the writes per second, and the 99th percentile in milliseconds."""
    took: list[float] = []
    numbers = iter(range(entries))
    async with SqliteJournal(folder / "journal.db") as journal:
        began = time.perf_counter()
        async with asyncio.TaskGroup() as tasks:
            for _ in range(TASKS):
                tasks.create_task(write(journal, numbers, took))
        elapsed = time.perf_counter() - began
    return len(took) / elapsed, statistics.quantiles(took, n=100)[98] * 1e3


class NoWait:
    """Limits that let all through: what a journal costs shall not be what a limiter costs.

    A turn is good for 1/rate. At the 9,000/s of this server it would be too old after each commit,
    and be exchanged for another; no plan of Amazon's comes near that.
    """

    quota = Quota(rate=RATE, burst=1_000_000)
    is_shared = False

    def limiter(self, _account: str, _operation: str) -> "NoWait":
        """Return the one for all."""
        return self

    async def acquire(self, *, first: bool = False) -> float:
        """Give leave at once."""
        return 0.0 * first

    async def renew(self, _taken_at: float) -> float:
        """Keep the turn."""
        return 0.0

    def answered(self, **_: object) -> None:
        """Take no notice."""

    async def publish(self) -> None:
        """Tell nobody."""


def _jobs(count: int) -> Iterator[Job]:
    for number in range(count):
        yield Job(f"904-{number:07d}-0812628", UnexpectedProblem(text=TEXT))


async def _messages(url: str, count: int, journal: Path | None) -> float:
    """Return the CPU time per message of a run, in microseconds, all threads together."""
    async with MessagingSession(
        Credentials("client", "secret", "refresh"),
        marketplace=Marketplace.DE,
        endpoint=url,
        token_url=f"{url}/auth/o2/token",
        limits=NoWait(),
    ) as session:
        await session.send(PLAIN_ORDER, UnexpectedProblem(text=TEXT))
        began = time.process_time()
        async with session.bulk(_jobs(count), journal=journal) as outcomes:
            summary = await outcomes.finish()
        assert summary.total == {"Sent": count}
        return (time.process_time() - began) / count * 1e6


def measure(options: Options) -> list[Row]:
    """Measure writes, and bulk runs with a journal and without in turns."""
    count, entries, rounds = (500, 5_000, 5) if options.quick else (2_000, 40_000, 9)
    with tempfile.TemporaryDirectory() as name, server() as addresses:
        folder = Path(name)
        rate, late = asyncio.run(writes(entries, folder))
        taken = [
            tuple(
                asyncio.run(_messages(addresses.at_once, count, journal))
                for journal in (folder / f"{number}.db", None)
            )
            for number in range(rounds)
        ]
    pairs = [(mine, bare) for mine, bare in taken]
    ratio = Ratio.of(pairs)
    return [
        Row(
            what="journal: durable writes per second",
            ours=f"{rate:,.0f}",
            goal="≥ 20,000",
            met=rate >= 20_000,
        ),
        Row(
            what="journal: 99th percentile of a write",
            ours=f"{late:.1f} ms",
            goal="≤ 10 ms",
            met=late <= 10,
        ),
        Row(
            what="bulk with a journal: CPU per message",
            ours=f"{median(pair[0] for pair in pairs):.0f} µs",
            reference=f"without one {median(pair[1] for pair in pairs):.0f} µs",
            ratio=str(ratio),
            goal="≤ 1.15",
            met=ratio.middle <= 1.15,
        ),
    ]
