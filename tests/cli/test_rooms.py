"""The rooms of the command line: what may import what, each by its door."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import spapi_messaging.cli

PACKAGE = "spapi_messaging.cli"
ROOM = Path(spapi_messaging.cli.__file__).parent

# From the ground up; "" is the entry point. Those of one floor import none of each other.
FLOORS = (
    ("countries", "journal_names", "moments", "needs", "pages", "words"),
    ("journal_standing", "settings"),
    ("content", "credentials", "elsewhere", "jobfile", "reasons", "report", "skipped", "sources"),
    ("doctor", "options", "view"),
    ("hints",),
    ("campaign", "ending"),
    ("neighbours", "rehearsal"),
    ("commands",),
    ("app",),
    ("",),
    ("__main__",),
)
FLOOR_OF = {room: number for number, rooms in enumerate(FLOORS) for room in rooms}
SOURCES = sorted(ROOM.rglob("*.py"))


def shown(file: Path) -> str:
    return str(file.relative_to(ROOM))


def own_room(file: Path) -> str:
    return file.relative_to(ROOM).parts[0].removesuffix(".py").replace("__init__", "")


def own_imports(file: Path) -> Iterator[list[str]]:
    """Return the parts of each module of the command line that a file imports, below its own."""
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and str(node.module).startswith(PACKAGE):
            yield str(node.module).removeprefix(PACKAGE).split(".")[1:] or [""]


@pytest.mark.parametrize("file", SOURCES, ids=shown)
def test_imports_go_downward_and_by_the_door(file: Path) -> None:
    own = own_room(file)
    assert own in FLOOR_OF, f"give {own} its floor in FLOORS"
    others = [parts for parts in own_imports(file) if parts[0] != own]
    assert [parts for parts in others if FLOOR_OF[parts[0]] >= FLOOR_OF[own]] == []
    assert [parts for parts in others if len(parts) > 1] == []
