"""The limiter: time per acquire alone and in a crowd, and memory per waiter.

Beside it stands the bucket that it is built on, aiolimiter's AsyncLimiter, without a line.
"""

import asyncio
import gc
import time
import tracemalloc
from collections.abc import Awaitable, Callable

from aiolimiter import AsyncLimiter

from benchmarks.figures import Options, Ratio, Row, median
from spapi_messaging.quota.limiter import EndpointLimiter
from spapi_messaging.quota.plan import Quota

RATE = 1_000_000
"""Per second: so high that the crowd is let through at once, one after the other."""


def _ours() -> Callable[[], Awaitable[object]]:
    limiter = EndpointLimiter(Quota(rate=RATE, burst=11))

    async def acquire() -> None:
        await limiter.acquire()
        limiter.answered(succeeded=True)

    return acquire


def _bare() -> Callable[[], Awaitable[object]]:
    return AsyncLimiter(10, 10 / RATE).acquire


async def _alone(acquire: Callable[[], Awaitable[object]], count: int) -> float:
    for _ in range(100):
        await acquire()
    took = 0.0
    for _ in range(count // 10):
        await asyncio.sleep(0)  # the bucket leaks meanwhile
        began = time.thread_time()
        for _ in range(10):
            await acquire()
        took += time.thread_time() - began
    return took / count * 1e6


async def _crowd(acquire: Callable[[], Awaitable[object]], waiters: int) -> float:
    tasks = [asyncio.ensure_future(acquire()) for _ in range(waiters)]
    began = time.thread_time()
    await asyncio.gather(*tasks)
    return (time.thread_time() - began) / waiters * 1e6


async def _memory(waiters: int) -> float:
    limiter = EndpointLimiter(Quota(rate=0.001, burst=2))
    await limiter.acquire()
    gc.collect()
    tracemalloc.start()
    tasks = [asyncio.ensure_future(limiter.acquire()) for _ in range(waiters)]
    await asyncio.sleep(0)
    each = tracemalloc.get_traced_memory()[0] / waiters
    tracemalloc.stop()
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    return each


def measure(options: Options) -> list[Row]:
    """Measure in turns with the bare bucket."""
    rounds, count = (5, 5_000) if options.quick else (11, 20_000)
    alone = [
        (asyncio.run(_alone(_ours(), count)), asyncio.run(_alone(_bare(), count)))
        for _ in range(rounds)
    ]
    rows = [_row("limiter: CPU per acquire, nobody waits", alone, 3)]
    for waiters in (1_000, 10_000) if options.quick else (1_000, 10_000, 100_000):
        crowd = [
            (asyncio.run(_crowd(_ours(), waiters)), asyncio.run(_crowd(_bare(), waiters)))
            for _ in range(5)
        ]
        rows.append(_row(f"limiter: CPU per acquire, {waiters:,} wait", crowd, 60))
    each = asyncio.run(_memory(10_000))
    rows.append(Row(what="limiter: memory per waiter, with its task", ours=f"{each:,.0f} bytes"))
    return rows


def _row(what: str, pairs: list[tuple[float, float]], most: float) -> Row:
    ours, bare = median(pair[0] for pair in pairs), median(pair[1] for pair in pairs)
    return Row(
        what=what,
        ours=f"{ours:.1f} µs",
        reference=f"aiolimiter alone {bare:.1f} µs",
        ratio=str(Ratio.of(pairs)),
        goal=f"≤ {most} µs",
        met=ours <= most,
    )
