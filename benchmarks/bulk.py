"""Bulk runs: memory and time by the number of jobs, and how much of the quota is used.

    python -m benchmarks.bulk [--quick]

For the table of ``python -m benchmarks`` the network is a stub that answers at once; each row is
a process of its own, so that its peak is its own. By itself this runs 10,000 orders, discovered
and sent to, against the sandbox, with its quotas enforced and 50 to 400 ms of latency, on a
virtual clock. Run it from the project's folder: the virtual clock is that of the tests.
"""

import argparse
import asyncio
import resource
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import attrs

from benchmarks.figures import Options, Row
from spapi_messaging import (
    Credentials,
    Job,
    Marketplace,
    Message,
    MessagingSession,
    Quota,
    RateLimits,
    Receipt,
    RequestEvent,
    UnexpectedProblem,
)
from spapi_messaging.bulk.run import BulkRun
from spapi_messaging.sandbox import DEFAULT_ACTIONS, Sandbox
from spapi_messaging.transport import Delivery

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from helpers.virtual_time import run

OPERATIONS = ("getMessagingActionsForOrder", UnexpectedProblem.operation)


class Stub:
    """A seller whose orders and messages are answered at once."""

    account = seller = "stub"
    marketplace = Marketplace.DE

    def __init__(self) -> None:
        self.limits = RateLimits()
        self.patience = 300.0

    async def order(self, order_id: str, **_: Any) -> Any:
        """Return an order that takes everything."""
        return StubOrder(order_id)

    @asynccontextmanager
    async def checkout(self, _job: Job) -> AsyncIterator[Any]:
        """Check this seller out."""
        yield self


class StubOrder:
    """An order that takes everything."""

    def __init__(self, order_id: str) -> None:
        self.order_id = order_id

    async def prepare(self, message: Message) -> "StubOutgoing":
        """Take the message."""
        return StubOutgoing(self.order_id, message)


@attrs.frozen
class StubOutgoing:
    """A message that is accepted at once."""

    order_id: str
    message: Message
    language: str | None = None

    async def deliver(self, _: Delivery) -> Receipt:
        """Accept the message."""
        return Receipt(
            order_id=self.order_id,
            operation=self.message.operation,
            request_id=None,
            sent_at=datetime.now(UTC),
        )


def jobs(count: int) -> Iterator[Job]:
    """Make jobs, each with a text of its own."""
    for number in range(count):
        order_id = f"902-{number:07d}-0000000"
        yield Job(order_id, UnexpectedProblem(text=f"The parcel of order {order_id} is late."))


async def stubbed(count: int) -> float:
    """Return the seconds that so many jobs take."""
    began = time.perf_counter()
    bulk = BulkRun(jobs(count), checkout=Stub().checkout, clock=time.time)
    async with bulk as outcomes:
        summary = await outcomes.finish()
    assert summary.total == {"Sent": count}  # a figure of a broken run is none
    return time.perf_counter() - began


def child(count: int) -> tuple[float, float]:
    """Return the peak in MiB and the microseconds per job of a process that does so many."""
    command = [sys.executable, "-m", "benchmarks.bulk", "--child", str(count)]
    reported = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    peak, seconds = map(float, reported.split())
    return peak, seconds / count * 1e6


def memory(counts: Sequence[int]) -> list[Row]:
    """Hold peak memory and time per job against those of the smallest run."""
    taken = [(count, *child(count)) for count in counts]
    _, first, _ = taken[0]
    return [
        Row(
            what=f"bulk, {count:,} jobs: CPU per job without the network",
            ours=f"{each:.0f} µs, peak {peak:.1f} MiB",
            reference=f"peak with {counts[0]:,} jobs {first:.1f} MiB",
            goal="memory does not grow with the jobs",
            met=peak < first + 8,
        )
        for count, peak, each in taken
    ]


async def paced(rate: float, burst: int, count: int) -> None:
    """Print how much of the allowance is used for so many orders."""
    began = time.perf_counter()
    plan: dict[str, Any] = {"rate": rate, "burst": burst, "latency": (0.05, 0.4)}
    turns: dict[str, list[float]] = {operation: [] for operation in OPERATIONS}

    def note(event: RequestEvent) -> None:
        turns[event.operation].append(asyncio.get_running_loop().time() - event.took)

    async with (
        Sandbox(any_order=DEFAULT_ACTIONS, **plan) as sandbox,
        MessagingSession(
            Credentials.from_env(sandbox.environment),
            marketplace=Marketplace.DE,
            endpoint=sandbox.url,
            token_url=sandbox.token_url,
            limits=RateLimits(default=Quota(rate=rate, burst=burst)),
            on_request=note,
        ) as session,
        session.bulk(jobs(count)) as outcomes,
    ):
        summary = await outcomes.finish()
    assert summary.total == {"Sent": count}  # a figure of a broken run is none
    used = [
        count / (burst + rate * (max(times) - min(times)))
        for times in map(turns.__getitem__, OPERATIONS)
    ]
    print(
        f"{rate:g}/s, burst {burst:>2}: {count:,} orders in {summary.elapsed:,.0f} s; of the "
        f"allowance: discovery {used[0]:.2%}, sending {used[1]:.2%}; 429s: {sandbox.throttled()} "
        f"({time.perf_counter() - began:.0f} s of real time)",
        flush=True,
    )


def peak() -> float:
    """Return the most memory that this process held, in MiB."""
    status = Path("/proc/self/status")
    if status.exists():  # getrusage counts what its parent held before it was started
        (line,) = (one for one in status.read_text().splitlines() if one.startswith("VmHWM"))
        return int(line.split()[1]) / 1024
    unit = 1024 * 1024 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit


def measure(options: Options) -> list[Row]:
    """Measure memory and time by the number of jobs."""
    return memory((1_000, 10_000) if options.quick else (1_000, 100_000, 1_000_000))


def main() -> None:
    """Run one row in a child process, or the pacing of 10,000 orders on a virtual clock."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a tenth of it")
    parser.add_argument("--child", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        seconds = asyncio.run(stubbed(options.child))
        print(peak(), seconds)
        return
    for rate, burst in ((1, 5), (5, 10)):
        count = 1_000 if options.quick else 10_000
        run(lambda rate=rate, burst=burst, count=count: paced(rate, burst, count))


if __name__ == "__main__":
    main()
