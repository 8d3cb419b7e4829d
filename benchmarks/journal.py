"""How fast a journal takes entries: ``python -m benchmarks.journal [entries] [folder]``.

A hundred tasks write at once, as the jobs of a bulk run do, each a row 'sending' and then the
same row 'sent'. Every write returns when it is on the disk.
"""

import asyncio
import hashlib
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import attrs

from spapi_messaging.bulk.entries import Entry
from spapi_messaging.bulk.journal import SqliteJournal

TASKS = 100


def entry(number: int) -> Entry:
    """Give an entry as a run makes it."""
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


async def main(entries: int, folder: Path) -> None:
    """Print the figures."""
    took: list[float] = []
    numbers = iter(range(entries))
    async with SqliteJournal(folder / "journal.db") as journal:
        began = time.perf_counter()
        async with asyncio.TaskGroup() as tasks:
            for _ in range(TASKS):
                tasks.create_task(write(journal, numbers, took))
        elapsed = time.perf_counter() - began
    cuts = statistics.quantiles(took, n=100)
    print(f"{entries} entries, {len(took)} writes by {TASKS} tasks in {elapsed:.2f} s")
    print(f"{len(took) / elapsed:,.0f} writes/s (goal: at least 20,000)")
    print(f"p50 {cuts[49] * 1e3:.2f} ms, p99 {cuts[98] * 1e3:.2f} ms (goal: at most 10 ms)")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(dir=sys.argv[2] if len(sys.argv) > 2 else None) as folder:
        asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 40_000, Path(folder)))
