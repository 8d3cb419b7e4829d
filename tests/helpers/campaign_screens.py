"""A campaign in which all kinds of things happen, and what a person sees of it."""

import json
import re
from pathlib import Path

from helpers.command_line import COMMAND, environment, order

from spapi_messaging.sandbox import Sandbox

ACTIONS = ("unexpectedProblem", "confirmOrderDetails", "confirmDeliveryDetails")
HEADLINE = re.compile(
    r"[\d,]+/[\d,]+( · (<1|\d+) %)?( · [\d.,]+/s)?( · (\d+:)+\d\d left| · in (\d+:)+\d\d)?"
    r"( · \d+ in doubt)?( · [\d,]+ sent before)?"
)


def bulk_of(path: Path, *options: object) -> list[str]:
    return [*COMMAND, "bulk", str(path), *map(str, options)]


def mixed(sandbox: Sandbox, path: Path, count: int) -> Path:
    """Write jobs of three actions; every seventh order is closed, and two answers are lost."""
    sandbox.announce_rate = False
    with path.open("w", encoding="utf-8") as file:
        for number in range(count):
            action = ACTIONS[number % len(ACTIONS)]
            job = {"order_id": order(number), "action": action, "text": f"no. {number}"}
            file.write(f"{json.dumps(job)}\n")
            sandbox.add_order(order(number), locale="de-DE", closed=number % 7 == 3)
    for number, operation in ((6, "createUnexpectedProblem"), (7, "createConfirmOrderDetails")):
        sandbox.fail_next(503, operation=operation, order_id=order(number), after_accepting=True)
    return path


def on_screen(sandbox: Sandbox, **more: str) -> dict[str, str]:
    """Return the environment of a command that asks the terminal itself how wide it is."""
    environ = environment(sandbox)
    del environ["COLUMNS"]
    return environ | more


def done_in(lines: list[str]) -> int:
    """Return how many jobs a screen says are done, or -1 where it has no headline."""
    counts = [match for line in lines if (match := re.match(r"([\d,]+)/[\d,]+", line))]
    return int(counts[-1][1].replace(",", "")) if counts else -1


def before_the_end(lines: list[str]) -> list[str]:
    """Return what a view has left above what is said at the end of a run."""
    return lines[: lines.index("")]


def is_whole(lines: list[str], columns: int, *, open_part: str = "━") -> bool:
    """Say whether headline, bar and table stand on lines of their own, each of them once."""
    heads = [row for row, line in enumerate(lines) if re.match(r"[\d,]+/[\d,]+( |$)", line)]
    if len(heads) != 1 or len(lines) < heads[0] + 4:
        return False
    headline, bar, header, first, *_ = lines[heads[0] :]
    names = ("action outcomes",) if columns < 60 else ("action sent", "action refused")
    return bool(
        HEADLINE.fullmatch(headline)
        and re.fullmatch(f"━*{open_part}*", bar)
        and len(bar) == columns
        and " ".join(header.split()).startswith(names)
        and first.startswith("confirm")
        and max(map(len, lines)) <= columns
    )
