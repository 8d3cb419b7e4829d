"""Ours and that by hand in one process, in short blocks that alternate.

    python -m benchmarks.side_by_side URL READER LOOP TASKS EACH ROUNDS

Separate processes cannot resolve a tenth; blocks of ten operations that alternate can, when the
median over many pairs is taken. Each round has a block of each kind and of each size of answer,
so that rows can be read across; their order changes from round to round. Orders, texts and
answers are others each time. READER is ``orjson`` or ``json``, for both; LOOP is ``asyncio`` or
``uvloop``. Prints for each case, as JSON, what each pair of blocks took in seconds.
"""

import asyncio
import gc
import importlib
import itertools
import json
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from types import FrameType
from typing import Any, TypeAlias

import attrs

from benchmarks.answers import EMBEDDED, PLAIN, order_ids
from benchmarks.by_hand import ROOM, TEXT, ByHand, Operation, fast_json, open_http
from benchmarks.server import RATE, pin
from spapi_messaging import (
    Credentials,
    Marketplace,
    MessagingSession,
    Quota,
    RateLimits,
    UnexpectedProblem,
)
from spapi_messaging.api.wire import decode

CASES = (PLAIN, EMBEDDED)

Took: TypeAlias = tuple[float, float]
"""CPU and wall time of a block."""


@attrs.frozen
class Pair:
    """What two blocks took, in seconds: ours and that by hand."""

    cpu: tuple[float, float]
    wall: tuple[float, float]


@attrs.frozen(kw_only=True)
class Plan:
    """How long a block is: ``tasks`` at once that do ``each`` in a row. ``rounds`` of them."""

    tasks: int = 1
    each: int = 10
    rounds: int


@asynccontextmanager
async def ours(url: str) -> AsyncIterator[Operation]:
    """Return the operation of this package, with a quota that never holds it up."""
    async with MessagingSession(
        Credentials("client", "secret", "refresh"),
        marketplace=Marketplace.DE,
        endpoint=url,
        token_url=f"{url}/auth/o2/token",
        limits=RateLimits(default=Quota(rate=RATE, burst=ROOM)),
    ) as session:

        async def operation(order_id: str, text: str = TEXT) -> object:
            return await session.send(order_id, UnexpectedProblem(text=text))

        yield operation


def take_reader(name: str) -> None:
    """Let both sides read JSON with orjson, or with json as where orjson isn't installed."""
    if name == "json":
        modules: dict[str, Any] = sys.modules
        modules["orjson"] = None  # to import it is an ImportError from now on
    assert {_module_of(decode), _module_of(fast_json().loads)} == {name}  # else it is no figure


def _module_of(reader: Callable[[bytes], Any]) -> str:
    """Return which library a reader of JSON calls."""
    called: list[Any] = []

    def note(_: FrameType, event: str, function: Any) -> None:
        if event == "c_call":
            called.append(function)

    sys.setprofile(note)
    try:
        reader(b"{}")
    finally:
        sys.setprofile(None)
    is_fast = any(getattr(function, "__module__", None) == "orjson" for function in called)
    return "orjson" if is_fast else "json"


async def pairs(url: str, plan: Plan) -> list[list[Pair]]:
    """Return the pairs of each case."""
    found: list[list[Pair]] = [[] for _ in CASES]
    ids = [order_ids(prefix) for prefix in CASES]
    async with ours(url) as mine, open_http() as http:
        raw = ByHand(http=http, url=url).send
        for number in range(-3, plan.rounds):  # the first are to warm up
            if number == 0:
                gc.collect()
                gc.freeze()
            for case in (0, 1) if number & 2 else (1, 0):
                sides = (mine, raw) if number & 1 else (raw, mine)
                took = {side: await _block(side, ids[case], plan) for side in sides}
                if number >= 0:
                    cpu, wall = zip(took[mine], took[raw], strict=True)
                    found[case].append(Pair(cpu, wall))
        gc.unfreeze()
    return found


async def _block(operation: Operation, ids: Iterator[str], plan: Plan) -> Took:
    work = [
        [(order_id, f"{TEXT} ({order_id})") for order_id in itertools.islice(ids, plan.each)]
        for _ in range(plan.tasks)
    ]

    async def one(orders: Sequence[tuple[str, str]]) -> None:
        for order_id, text in orders:
            await operation(order_id, text)

    wall, cpu = time.perf_counter(), time.process_time()
    if plan.tasks == 1:
        await one(work[0])
    else:
        async with asyncio.TaskGroup() as group:
            for orders in work:
                group.create_task(one(orders))
    return time.process_time() - cpu, time.perf_counter() - wall


def main() -> None:
    """Measure as the command line says."""
    url, reader, loop, *numbers = sys.argv[1:]
    tasks, each, rounds = map(int, numbers)
    take_reader(reader)
    pin(last=False)
    make = importlib.import_module("uvloop").new_event_loop if loop == "uvloop" else None
    with asyncio.Runner(loop_factory=make) as runner:
        found = runner.run(pairs(url, Plan(tasks=tasks, each=each, rounds=rounds)))
    json.dump([[attrs.astuple(pair) for pair in case] for case in found], sys.stdout)


if __name__ == "__main__":
    main()
