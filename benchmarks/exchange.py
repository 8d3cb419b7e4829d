"""One discover and one send, by this package and by hand over aiohttp, in one process.

Separate processes cannot resolve a tenth; blocks of ten operations that alternate can, when the
median over many pairs is taken. Both have the same connector, timeouts and answers, each its own.
"""

import asyncio
import gc
import importlib.util
import itertools
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any, TypeAlias

import aiohttp
import attrs
from yarl import URL

from benchmarks.answers import EMBEDDED_ORDER, MARKETPLACE, PLAIN_ORDER
from benchmarks.figures import Options, Ratio, Row, median
from benchmarks.server import RATE, pin, server, unpin
from spapi_messaging import (
    Credentials,
    Marketplace,
    MessagingSession,
    Quota,
    RateLimits,
    UnexpectedProblem,
)

BLOCK = 10
TASKS = 64
TEXT = "The parcel was damaged on its way. May we send you another one on Monday?"
AGENT = "benchmark/1.0 (Language=Python; Platform=Linux)"

CASES = ((PLAIN_ORDER, "1.6 KB", 1.10), (EMBEDDED_ORDER, "7.5 KB with schemas", 1.15))

Operation: TypeAlias = Callable[[str], Awaitable[object]]
"""Asks an order and sends to it."""


@attrs.frozen
class Pair:
    """What two blocks took, in seconds: ours and that by hand."""

    cpu: tuple[float, float]
    wall: tuple[float, float]


@asynccontextmanager
async def ours(url: str) -> AsyncIterator[Operation]:
    """Return the operation of this package, with a quota that never holds it up."""
    async with MessagingSession(
        Credentials("client", "secret", "refresh"),
        marketplace=Marketplace.DE,
        endpoint=url,
        token_url=f"{url}/auth/o2/token",
        limits=RateLimits(default=Quota(rate=RATE, burst=1_000_000)),
    ) as session:

        async def operation(order_id: str) -> None:
            await session.send(order_id, UnexpectedProblem(text=TEXT))

        yield operation


@asynccontextmanager
async def by_hand(url: str) -> AsyncIterator[Operation]:
    """Return what one would write over aiohttp, without anything that can be left out."""
    async with aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=128),
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=aiohttp.ClientTimeout(total=60, sock_connect=10),
    ) as http:

        async def operation(order_id: str) -> tuple[str, str]:
            return await _by_hand(http, f"{url}/messaging/v1/orders/{order_id}")

        yield operation


async def _by_hand(http: aiohttp.ClientSession, order: str) -> tuple[str, str]:
    query = f"?marketplaceIds={MARKETPLACE}"
    headers = {
        "x-amz-access-token": "Atza|benchmark",
        "User-Agent": AGENT,
        "Accept": "application/json",
    }
    async with http.get(
        URL(order + query, encoded=True), headers=headers, allow_redirects=False
    ) as response:
        body = await response.read()
        _check(response, 200)
    _look(json.loads(body), "unexpectedProblem")
    async with http.post(
        URL(f"{order}/messages/unexpectedProblem{query}", encoded=True),
        data=json.dumps({"text": TEXT}).encode(),
        headers={**headers, "Content-Type": "application/json"},
        allow_redirects=False,
    ) as response:
        await response.read()
        return _check(response, 201)


def _check(response: aiohttp.ClientResponse, status: int) -> tuple[str, str]:
    if response.status != status:
        raise RuntimeError(f"answered {response.status}")
    return response.headers["x-amzn-RequestId"], response.headers["x-amzn-RateLimit-Limit"]


def _look(document: dict[str, Any], name: str) -> None:
    if all(link["name"] != name for link in document["_links"]["actions"]):
        raise LookupError(name)
    for action in document.get("_embedded", {}).get("actions", ()):
        if action["name"] == name:
            schema = action["_embedded"]["schema"]
            limit = schema["properties"]["rawMessageBody"]["maxLength"]
            if schema["disabled"] or len(TEXT) > limit:
                raise ValueError(name)


async def pairs(
    url: str, order_id: str, *, blocks: int, tasks: int = 1, each: int = BLOCK
) -> list[Pair]:
    """Alternate blocks of both, each of ``tasks`` at once that do ``each`` in a row."""
    found: list[Pair] = []
    async with ours(url) as mine, by_hand(url) as raw:
        for operation in (mine, raw) * 3:
            await _block(operation, order_id, tasks, each)
        gc.collect()
        gc.freeze()
        for number in range(blocks):
            order = (mine, raw) if number % 2 else (raw, mine)
            took = {one: await _block(one, order_id, tasks, each) for one in order}
            (cpu, wall), (raw_cpu, raw_wall) = took[mine], took[raw]
            found.append(Pair((cpu, raw_cpu), (wall, raw_wall)))
        gc.unfreeze()
    return found


async def _block(operation: Operation, order_id: str, tasks: int, each: int) -> tuple[float, float]:
    async def one() -> None:
        for _ in itertools.repeat(None, each):
            await operation(order_id)

    wall, cpu = time.perf_counter(), time.process_time()
    if tasks == 1:
        await one()
    else:
        async with asyncio.TaskGroup() as group:
            for _ in range(tasks):
                group.create_task(one())
    return time.process_time() - cpu, time.perf_counter() - wall


def measure(options: Options) -> list[Row]:
    """Hold sends against raw aiohttp: in a row, and 64 at once with 50 ms of latency."""
    blocks, rounds = (60, 5) if options.quick else (500, 24)
    rows = []
    with server() as addresses:
        pin(last=False)
        try:
            for order_id, what, most in CASES:
                found = asyncio.run(pairs(addresses.at_once, order_id, blocks=blocks))
                rows.append(_sequential(f"discover + send, {what}: CPU", found, most))
            for order_id, what, _ in CASES:
                each = 3 if options.quick else 6
                found = asyncio.run(
                    pairs(addresses.later, order_id, blocks=rounds, tasks=TASKS, each=each)
                )
                rows += _at_once(what, found, TASKS * each)
            if importlib.util.find_spec("uvloop"):
                found = _on_uvloop(pairs(addresses.at_once, PLAIN_ORDER, blocks=blocks))
                rows.append(_sequential("the same on uvloop, 1.6 KB: CPU", found, None))
        finally:
            unpin()
    return rows


def _on_uvloop(work: Coroutine[Any, Any, list[Pair]]) -> list[Pair]:
    uvloop = importlib.import_module("uvloop")
    found: list[Pair] = uvloop.run(work)
    return found


def _sequential(what: str, found: list[Pair], most: float | None) -> Row:
    ratio = Ratio.of(pair.cpu for pair in found)
    ours, raw = (median(pair.cpu[i] for pair in found) / BLOCK * 1e6 for i in (0, 1))
    return Row(
        what=what,
        ours=f"{ours:.0f} µs",
        reference=f"aiohttp by hand {raw:.0f} µs",
        ratio=str(ratio),
        goal="" if most is None else f"≤ {most:.2f}",
        met=None if most is None else ratio.middle <= most,
    )


def _at_once(what: str, found: list[Pair], count: int) -> list[Row]:
    throughput = Ratio.of((raw, ours) for ours, raw in (pair.wall for pair in found))
    ours, raw = (count / median(pair.wall[i] for pair in found) for i in (0, 1))
    cpu = Ratio.of(pair.cpu for pair in found)
    each, raw_each = (median(pair.cpu[i] for pair in found) / count * 1e6 for i in (0, 1))
    return [
        Row(
            what=f"{TASKS} at once, 50 ms latency, {what}: per second",
            ours=f"{ours:.0f}",
            reference=f"aiohttp by hand {raw:.0f}",
            ratio=str(throughput),
            goal="≥ 0.98",
            met=throughput.middle >= 0.98,
        ),
        Row(
            what=f"{TASKS} at once, {what}: CPU",
            ours=f"{each:.0f} µs",
            reference=f"aiohttp by hand {raw_each:.0f} µs",
            ratio=str(cpu),
            goal="≤ 1.15",
            met=cpu.middle <= 1.15,
        ),
    ]
