"""One discover and one send, by this package and by hand over aiohttp, seen side by side.

What is done by hand is fixed in ``by_hand.py``, and how both are measured in ``side_by_side.py``.
Each way of running is measured by several processes that take turns, so that neither the state
of the machine nor the layout of one process decides.
"""

import importlib.util
import itertools
import json
import subprocess
import sys
from collections.abc import Iterator

import attrs

from benchmarks.by_hand import TEXT, Operation, by_hand
from benchmarks.figures import Options, Ratio, Row, median
from benchmarks.server import Addresses, server
from benchmarks.side_by_side import CASES, Pair, Plan

__all__ = ["TEXT", "Operation", "by_hand", "measure"]

TASKS = 64
QUARTILE = 1.30

_SIZES = (("1.6 KB", 1.18), ("7.5 KB with schemas", 1.20))


@attrs.frozen(kw_only=True)
class Way:
    """A way of running: how JSON is read, on which loop, and with how many at once."""

    reader: str
    loop: str
    many: bool

    def __str__(self) -> str:
        return ", ".join(filter(None, (self.reader, self.loop * (self.loop != "asyncio"))))


def _ways() -> list[Way]:
    """Return the ways that can be run here."""
    fast = ("orjson",) if importlib.util.find_spec("orjson") else ()
    readers = (*fast, "json")
    ways = [Way(reader=reader, loop="asyncio", many=False) for reader in readers]
    ways.append(Way(reader=readers[0], loop="asyncio", many=True))
    if importlib.util.find_spec("uvloop"):
        ways += [Way(reader=readers[0], loop="uvloop", many=many) for many in (False, True)]
    return ways


def _run(way: Way, addresses: Addresses, plan: Plan) -> list[list[Pair]]:
    """Measure one way in a process of its own."""
    url = addresses.later if way.many else addresses.at_once
    numbers = (plan.tasks, plan.each, plan.rounds)
    command = [sys.executable, "-m", "benchmarks.side_by_side", url, way.reader, way.loop]
    reported = subprocess.run(
        [*command, *map(str, numbers)], check=True, stdout=subprocess.PIPE
    ).stdout
    return [[Pair(tuple(cpu), tuple(wall)) for cpu, wall in case] for case in json.loads(reported)]


def measure(options: Options) -> list[Row]:
    """Hold sends against raw aiohttp: in a row, and 64 at once with 50 ms of latency."""
    turns = 1 if options.quick else 4
    in_a_row = Plan(rounds=80 if options.quick else 125)
    at_once = Plan(tasks=TASKS, each=3, rounds=3 if options.quick else 5)
    ways = _ways()
    found: dict[Way, list[list[Pair]]] = {way: [[] for _ in CASES] for way in ways}
    with server() as addresses:
        for _, way in itertools.product(range(turns), ways):
            taken = _run(way, addresses, at_once if way.many else in_a_row)
            for known, more in zip(found[way], taken, strict=True):
                known.extend(more)
    return [
        row
        for way, cases in found.items()
        for pairs, (size, most) in zip(cases, _SIZES, strict=True)
        for row in _rows(way, pairs, size, most, at_once if way.many else in_a_row)
    ]


def _rows(way: Way, pairs: list[Pair], size: str, most: float, plan: Plan) -> Iterator[Row]:
    count = plan.tasks * plan.each
    what = f"{TASKS} at once" if way.many else "discover + send"
    if way.many:
        yield _throughput(f"{what}, 50 ms latency, {size} ({way}): per second", pairs, count)
        most = 1.20
    ratio = Ratio.of(pair.cpu for pair in pairs)
    ours, raw = (median(pair.cpu[i] for pair in pairs) / count * 1e6 for i in (0, 1))
    yield Row(
        what=f"{what}, {size} ({way}): CPU",
        ours=f"{ours:.0f} µs",
        reference=f"aiohttp by hand {raw:.0f} µs",
        ratio=str(ratio),
        goal=f"≤ {most:.2f}, quartile < {QUARTILE:.2f}",
        met=ratio.middle <= most and ratio.high < QUARTILE,
    )


def _throughput(what: str, pairs: list[Pair], count: int) -> Row:
    ratio = Ratio.of((raw, ours) for ours, raw in (pair.wall for pair in pairs))
    ours, raw = (count / median(pair.wall[i] for pair in pairs) for i in (0, 1))
    return Row(
        what=what,
        ours=f"{ours:.0f}",
        reference=f"aiohttp by hand {raw:.0f}",
        ratio=str(ratio),
        goal="≥ 0.98",
        met=ratio.middle >= 0.98,
    )
