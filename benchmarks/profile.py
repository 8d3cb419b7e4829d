"""Where the microseconds of a send go, by room and by library, beside those of one by hand.

    python -m benchmarks --profile

Calls are counted and timed by cProfile. What it costs itself is measured, as the CPU above that
of the same sends without it, and taken off again, for each call a half from the caller and a
half from the called; so the rows add up to what a send takes when nobody looks. A builtin
counts where it is called from, unless it belongs to a library that has a row of its own.
"""

import asyncio
import cProfile
import itertools
import pstats
import re
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any, TypeAlias

import attrs

from benchmarks.answers import EMBEDDED, PLAIN, order_ids
from benchmarks.by_hand import TEXT, Operation, by_hand
from benchmarks.figures import Options, median
from benchmarks.server import pin, server, unpin
from benchmarks.side_by_side import ours

ROOMS = ("session", "order", "api", "hal", "messages", "sending", "quota", "transport")
OTHERS = "other rooms"
LIBRARIES = {
    "aiohttp": r"\baiohttp\b",
    "yarl, multidict": r"\b(yarl|multidict|propcache|frozenlist|aiosignal)\b",
    "aiolimiter": r"\baiolimiter\b",
    "json": r"\b(orjson|_?json)\b",
    "sockets": r"_socket\.|\bsocket\.py\b",
    "asyncio": r"\b_?asyncio\b|\bselectors\.py\b|Context' objects",
    "selector": r"select\.(epoll|kqueue|poll|select)\b",
}
HERE, REST = "the caller's own", "the rest"
ROWS = (*ROOMS, OTHERS, *LIBRARIES, HERE, REST)
SELECTOR = "selector"
"""Its time is mostly waiting: what counts is the CPU that the other rows leave."""

_OWN = re.compile(r"\bspapi_messaging[./](\w+)")
_BLOCK = 100

Function: TypeAlias = tuple[str, int, str]
"""A file, a line and a name, as cProfile has it."""


@attrs.frozen
class Spent:
    """Calls, and microseconds, of each row for one send."""

    calls: dict[str, float]
    took: dict[str, float]
    overhead: float
    """Nanoseconds that the profiler takes for a call, which are taken off."""


def row_of(function: Function) -> str | None:
    """Return the row that a function is in; None for a builtin that belongs to its caller."""
    file, _, name = function
    is_builtin = file == "~"
    said = name if is_builtin else file
    own = _OWN.search(said.partition("site-packages")[2] or said)
    if own:
        return own[1] if own[1] in ROOMS else OTHERS
    if re.search(r"\bbenchmarks[./]", said):
        return HERE
    for row, pattern in LIBRARIES.items():
        if re.search(pattern, said):
            return row
    return None if is_builtin else REST


def spent(profile: cProfile.Profile, cpu: float, real: float, count: int) -> Spent:
    """Sum a profile up by rows; ``cpu`` and ``real``: seconds with the profiler, and without."""
    stats: dict[Function, Any] = vars(pstats.Stats(profile))["stats"]
    total = sum(calls for _, calls, *_ in stats.values())
    overhead = (cpu - real) / total
    calls: Counter[str] = Counter()
    took: dict[str, float] = dict.fromkeys(ROWS, 0.0)
    for function, (_, _, own, _, callers) in stats.items():
        row = row_of(function)
        for caller, (_, number, part, _) in callers.items():
            above = row_of(caller) or REST
            calls[row or above] += number
            took[row or above] += part - overhead * number / 2
            took[above] -= overhead * number / 2
        took[row or REST] += own - sum(part for _, _, part, _ in callers.values())
    took[SELECTOR] = 0.0
    known = sum(took.values())
    took[SELECTOR] = max(0.0, real - known)
    scale = min(1.0, real / known)  # others may have had the core while the profiler was on
    return Spent(
        {row: calls[row] / count for row in ROWS},
        {row: each * scale / count * 1e6 for row, each in took.items()},
        overhead * 1e9,
    )


@attrs.frozen
class Side:
    """One way to send, and what its blocks took: seconds with the profiler, and without."""

    operation: Operation
    profile: cProfile.Profile = attrs.field(factory=cProfile.Profile)
    cpu: list[float] = attrs.field(factory=list)
    real: list[float] = attrs.field(factory=list)

    async def block(self, ids: Iterator[str]) -> float:
        """Send so many messages, and return the CPU they took."""
        orders = [*itertools.islice(ids, _BLOCK)]
        began = time.process_time()
        for order_id in orders:
            await self.operation(order_id, f"{TEXT} ({order_id})")
        return time.process_time() - began

    async def turn(self, ids: Iterator[str]) -> None:
        """Take one turn without the profiler, and one with it."""
        self.real.append(await self.block(ids))
        self.profile.enable()
        try:
            self.cpu.append(await self.block(ids))
        finally:
            self.profile.disable()

    def spent(self) -> Spent:
        """Sum up."""
        turns = len(self.cpu)
        return spent(
            self.profile, median(self.cpu) * turns, median(self.real) * turns, turns * _BLOCK
        )


def table(mine: Spent, raw: Spent) -> Iterator[str]:
    """Return the lines of the table."""
    yield f"{'':18}{'ours':>9}{'':18}{'by hand':>12}{'':15}{'more'}"
    yield f"{'':18}" + f"{'calls':>9}{'own µs':>9}{'share':>7}  " * 2 + f"{'µs':>7}"
    totals = [sum(side.took.values()) for side in (mine, raw)]
    for row in (*ROWS, "all"):
        line = f"{row:18}"
        both = []
        for side, total in zip((mine, raw), totals, strict=True):
            calls = sum(side.calls.values()) if row == "all" else side.calls[row]
            took = total if row == "all" else side.took[row]
            both.append(took)
            line += f"{calls:9.1f}{took:9.1f}{took / total:7.1%}  "
        yield line + f"{both[0] - both[1]:+7.1f}"
    yield (
        f"Taken off for each call that was profiled: {mine.overhead:.0f} and "
        f"{raw.overhead:.0f} ns. A coroutine counts each time it goes on."
    )


async def _both(url: str, prefix: str, rounds: int) -> list[Spent]:
    ids = order_ids(prefix)
    async with ours(url) as mine, by_hand(url) as raw:
        sides = [Side(mine), Side(raw)]
        for side in sides:
            await side.block(ids)
        for turn in range(rounds):
            for side in sides if turn % 2 else reversed(sides):
                await side.turn(ids)
    return [side.spent() for side in sides]


def show(options: Options) -> None:
    """Print a table for each size of answers."""
    with server() as addresses:
        pin(last=False)
        try:
            for prefix, size in ((PLAIN, "1.6 KB"), (EMBEDDED, "7.5 KB with schemas")):
                rounds = 3 if options.quick else 15
                mine, raw = asyncio.run(_both(addresses.at_once, prefix, rounds))
                print(f"discover + send, {size}: where a send's CPU goes\n")
                print("\n".join(table(mine, raw)), end="\n\n")
        finally:
            unpin()
