"""What the tests of rehearsals and plans share: rows, and a plan's lines."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from helpers.command_line import order

OPERATION = "createUnexpectedProblem"
ACTION = "unexpectedProblem"


def row(number: int, **more: Any) -> dict[str, Any]:
    return {"order_id": order(number), "action": ACTION, "text": f"no. {number}"} | more


def file_of(rows: Iterable[Any], path: Path) -> Path:
    """Write JSON Lines; a str is a line as it stands."""
    lines = (each if isinstance(each, str) else json.dumps(each) for each in rows)
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


def lines_of(plan: Path) -> list[dict[str, Any]]:
    """Return the objects of a plan, the first line among them."""
    return [json.loads(line) for line in plan.read_text("utf-8").splitlines()]
