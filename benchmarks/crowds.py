"""Many sellers in one process, and many jobs in one window: what a message costs by their number.

A thousand sellers, at 1/s each, are held against as many requests by hand, spread evenly. Ten
times as many sellers, or jobs in a window, shall cost a message no more than a few: nothing may
grow faster than their number.
"""

import asyncio
import gc
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import attrs

from benchmarks.bulk import Stub, StubOrder, StubOutgoing
from benchmarks.exchange import TEXT, Operation, by_hand
from benchmarks.figures import Options, Row
from benchmarks.server import RATE, server
from spapi_messaging import (
    Credentials,
    Job,
    Marketplace,
    Message,
    Quota,
    RateLimits,
    Receipt,
    SellerPool,
    Sent,
    UnexpectedProblem,
)
from spapi_messaging.bulk.run import BulkRun
from spapi_messaging.transport import Delivery

DISCOVERY = "getMessagingActionsForOrder"
RARER = 20_000
"""New objects between two collections; Python's own are 700 or 2,000."""
EACH = 3
"""Messages of each seller, where their number is what is measured."""


def pool(url: str, limits: RateLimits) -> SellerPool:
    """Return a pool of sellers at a server."""
    endpoint: dict[str, Any] = {"endpoint": url, "token_url": f"{url}/auth/o2/token"}
    return SellerPool(
        lambda name: Credentials("client", "secret", name),
        marketplace=Marketplace.DE,
        limits=limits,
        **endpoint,
    )


def jobs(count: int, sellers: int) -> Iterator[Job]:
    """Make jobs of so many sellers, in turns."""
    for number in range(count):
        message = UnexpectedProblem(text=TEXT)
        yield Job(f"902-{number:07d}-0812628", message, seller=f"s{number % sellers}")


async def many_sellers(url: str, sellers: int, seconds: int) -> tuple[float, float]:
    """Return the share of a core, and the messages per second, of so many sellers at 1/s each."""
    limits = RateLimits(default=Quota(rate=1, burst=2), starts_empty=True)
    async with (
        pool(url, limits) as sessions,
        sessions.bulk(jobs(sellers * (seconds + 10), sellers), window=sellers * 2) as outcomes,
    ):
        sent, began = 0, (0.0, 0.0)
        async for outcome in outcomes:
            assert isinstance(outcome, Sent), outcome
            sent += 1
            if sent == sellers * 3:  # the sessions are open
                began = time.perf_counter(), time.process_time()
            if sent == sellers * (seconds + 3):
                wall = time.perf_counter() - began[0]
                return (time.process_time() - began[1]) / wall, sellers * seconds / wall
    raise AssertionError("the jobs ended early")


async def many_by_hand(url: str, sellers: int, seconds: int) -> float:
    """Return the share of a core of as many requests by hand over aiohttp, spread evenly."""
    first = time.perf_counter() + 1

    async def one(number: int, operation: Operation) -> None:
        for second in range(seconds + 1):
            due = first + second + number / sellers
            await asyncio.sleep(due - time.perf_counter())
            await operation(f"902-{number:07d}-0812628")

    async with by_hand(url) as operation, asyncio.TaskGroup() as tasks:
        for number in range(sellers):
            tasks.create_task(one(number, operation))
        await asyncio.sleep(first + 1 - time.perf_counter())
        began, cpu = time.perf_counter(), time.process_time()
        await asyncio.sleep(seconds)
        return (time.process_time() - cpu) / (time.perf_counter() - began)


async def each_seller(url: str, sellers: int) -> float:
    """Return the CPU time per message of so many sellers, whose sessions are opened for it."""
    limits = RateLimits(default=Quota(rate=RATE, burst=1_000_000))
    began = time.process_time()
    async with (
        pool(url, limits) as sessions,
        sessions.bulk(jobs(sellers * EACH, sellers), window=sellers * 2) as outcomes,
    ):
        summary = await outcomes.finish()
    assert summary.total == {"Sent": sellers * EACH}
    return (time.process_time() - began) / (sellers * EACH) * 1e6


class QueueingStub(Stub):
    """A seller that answers at once, when it is a request's turn."""

    def __init__(self, rate: float) -> None:
        super().__init__()
        self.limits = RateLimits(default=Quota(rate=rate, burst=10))

    async def order(self, order_id: str, **_: Any) -> Any:
        """Wait for a turn, and return an order that takes everything."""
        await self.turn(DISCOVERY)
        return QueueingOrder(order_id, self)

    async def turn(self, operation: str) -> None:
        """Wait for a turn, and answer."""
        limiter = self.limits.limiter(self.account, operation)
        await limiter.acquire()
        limiter.answered(succeeded=True)


class QueueingOrder(StubOrder):
    """An order whose messages wait for their turn."""

    def __init__(self, order_id: str, seller: QueueingStub) -> None:
        super().__init__(order_id)
        self.seller = seller

    async def prepare(self, message: Message) -> "QueueingOutgoing":
        """Take the message."""
        return QueueingOutgoing(self.order_id, message, seller=self.seller)


@attrs.frozen
class QueueingOutgoing(StubOutgoing):
    """A message that waits for its turn."""

    seller: QueueingStub = attrs.field(kw_only=True)

    async def deliver(self, delivery: Delivery) -> Receipt:
        """Wait for the turn, and accept the message."""
        await self.seller.turn(self.message.operation)
        return await super().deliver(delivery)


async def each_window(count: int, window: int, rate: float) -> float:
    """Return the CPU time per job of so many through a window that is always full."""
    stub = QueueingStub(rate)
    began = time.process_time()
    bulk = BulkRun(jobs(count, 1), checkout=stub.checkout, clock=time.time, window=window)
    async with bulk as outcomes:
        summary = await outcomes.finish()
    assert summary.total == {"Sent": count}
    return (time.process_time() - began) / count * 1e6


@contextmanager
def rarer_collections() -> Iterator[None]:
    """Let both sides collect garbage as rarely as the README recommends for so many sellers."""
    usual = gc.get_threshold()
    gc.set_threshold(RARER)
    try:
        yield
    finally:
        gc.set_threshold(*usual)


def measure(options: Options) -> list[Row]:
    """Measure a thousand sellers, and how the cost of a message grows."""
    few, many = (200, 2_000) if options.quick else (1_000, 10_000)
    with server() as addresses:
        seconds = 3 if options.quick else 15
        rows = [_sellers_at_their_pace(addresses.paced, few, seconds)]
        with rarer_collections():
            rows.append(_sellers_at_their_pace(addresses.paced, few, seconds))
        taken = {
            number: asyncio.run(each_seller(addresses.at_once, number)) for number in (few, many)
        }
    rows.append(_growth("bulk, {:,} sellers, three messages each: CPU per message", taken))
    count, rate = (15_000, 3_000) if options.quick else (30_000, 3_000)
    windows = {window: asyncio.run(each_window(count, window, rate)) for window in (100, 10_000)}
    what = "bulk, one seller, a window of {:,}: CPU per job without the network"
    rows.append(_growth(what, windows))
    return rows


def _sellers_at_their_pace(url: str, sellers: int, seconds: int) -> Row:
    share, rate = asyncio.run(many_sellers(url, sellers, seconds))
    bare = asyncio.run(many_by_hand(url, sellers, seconds))
    is_whole, threshold = sellers >= 1_000, gc.get_threshold()[0]
    setting = f", gc.set_threshold({threshold:_})" if threshold == RARER else ""
    return Row(
        what=f"bulk, {sellers:,} sellers at 1/s, discover + send{setting}: share of a core",
        ours=f"{share:.0%} at {rate:,.0f}/s",
        reference=f"aiohttp by hand {bare:.0%}",
        ratio=f"{share / bare * sellers / rate:.2f} for each message",
        goal="≤ 60 % at ≥ 990/s" if is_whole else "",
        met=share <= 0.6 and rate >= 990 if is_whole else None,
    )


def _growth(what: str, taken: dict[int, float]) -> Row:
    (few, first), (many, last) = taken.items()
    return Row(
        what=what.format(many),
        ours=f"{last:.0f} µs",
        reference=f"with {few:,} {first:.0f} µs",
        ratio=f"{last / first:.2f}",
        goal="≤ 1.25",
        met=last <= 1.25 * first,
    )
