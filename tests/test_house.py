"""The house: what may import what, and what it shows to the street."""

import ast
import importlib
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from itertools import pairwise, product
from pathlib import Path
from types import ModuleType

import pytest
from helpers.complexity import complexity, functions

import pytest_spapi_messaging
import spapi_messaging
from spapi_messaging import errors
from spapi_messaging.messages import MESSAGE_TYPES

PACKAGE = Path(spapi_messaging.__file__).parent
TESTS = Path(__file__).parent

# From the ground up: a room imports from the floors below its own, and from none beside it. ""
# is the package itself. This is where the order is stated; .ci/run and CONTRIBUTING.md follow it.
FLOORS = (
    ("errors", "marketplaces", "quota", "redaction"),
    ("hal", "messages"),
    ("api",),
    ("content", "sandbox", "transport"),
    ("sending", "testing"),
    ("order",),
    ("bulk",),
    ("orderfile", "session"),
    ("sellers",),
    ("", "distributed"),
    ("cli",),
)
FLOOR_OF = {room: number for number, rooms in enumerate(FLOORS) for room in rooms}
ORDERFILE_PURE = (
    "names",
    "order_id",
    "order_row",
    "report_kinds",
    "reports",
    "dates",
    "date_words",
    "numbers",
)
ORDERFILE_PURE += ("where", "joining", "faults", "columns", "tables/decoding", "tables/looks")
ORDERFILE_PURE += ("tables/looks", "tables/lines", "tables/header", "tables/rows")
ORDERFILE_PURE += ("tables/no_rows", "tables/table", "shown", "templates")
ORDERFILE_PURE += ("tables/json_items", "tables/json_records")
ORDERFILE_PURE += ("files/file_names", "files/path_glob", "files/patterns")
# No loop, no socket, no clock and no file: whole rooms, and single modules of others.
PURE = ("errors", "redaction", "marketplaces", "hal", "messages", "content", "api")
PURE += ("quota/pace", "quota/plan", "quota/turn_log", "transport/request", "transport/retry")
PURE += ("transport/access_token", "transport/credentials", "transport/credentials_file")
PURE += tuple(f"orderfile/{name}" for name in ORDERFILE_PURE)
IMPURE_IMPORTS = {"asyncio", "aiohttp", "aiolimiter", "socket", "sqlite3", "threading", "time"}
# What is handed on beside a room's own door: neither an extra nor what only programs need, such
# as TOML, must be loaded with the room.
SIDE_DOORS = {
    "spapi_messaging.quota.redis",
    "spapi_messaging.sandbox.__main__",
    "spapi_messaging.transport.credentials_file",
}


def pure_files() -> list[Path]:
    """Return the files of the pure half."""
    rooms = [PACKAGE / name for name in PURE]
    return [
        file
        for room in rooms
        for file in (sorted(room.glob("*.py")) if room.is_dir() else [room.with_suffix(".py")])
    ]


SOURCES = sorted(PACKAGE.rglob("*.py"))


def shown(file: Path) -> str:
    return str(file.relative_to(PACKAGE))


@cache
def imports(file: Path) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Return what a file imports, inside of functions too: modules, and names of each."""
    found: list[tuple[str, tuple[str, ...]]] = []
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found += [(alias.name, ()) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}: imports are absolute"
            found.append((str(node.module), tuple(alias.name for alias in node.names)))
    return tuple(found)


def own_imports(file: Path) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Return what a file imports of this package; ``from package import room`` names the room."""
    for module, names in imports(file):
        if module == "spapi_messaging" and all((PACKAGE / name).is_dir() for name in names):
            yield from ((f"{module}.{name}", ()) for name in names)
        elif module.split(".")[0] == "spapi_messaging":
            yield module, names


def room_of(module: str) -> str:
    """Return the room of a module of this package."""
    return module.removeprefix("spapi_messaging").strip(".").partition(".")[0]


def own_room(file: Path) -> str:
    first = file.relative_to(PACKAGE).parts[0].removesuffix(".py")
    return "" if first == "__init__" else first


def files_of(module: str, names: tuple[str, ...]) -> Iterator[Path]:
    """Return the files that an import runs, beside those of the rooms around them."""
    below = PACKAGE.joinpath(*module.split(".")[1:])
    if not below.is_dir():
        yield below.with_suffix(".py")
        return
    yield below / "__init__.py"
    for name in names:
        if (below / f"{name}.py").is_file():
            yield below / f"{name}.py"


@pytest.mark.parametrize("file", pure_files(), ids=shown)
def test_the_pure_half_imports_no_loop_no_socket_and_no_clock(file: Path) -> None:
    assert {module.split(".")[0] for module, _ in imports(file)} & IMPURE_IMPORTS == set()
    used = {path for own in own_imports(file) for path in files_of(*own)}
    assert used <= set(pure_files())


@pytest.mark.parametrize("file", SOURCES, ids=shown)
def test_imports_go_downward_only(file: Path) -> None:
    own = own_room(file)
    assert own in FLOOR_OF, f"give {own} its floor in FLOORS"
    used = {room_of(module) for module, _ in own_imports(file)} - {own}
    assert [room for room in used if FLOOR_OF[room] >= FLOOR_OF[own]] == []


def test_modules_import_each_other_in_no_circle() -> None:
    """In a room, too, there is a lowest module."""
    below = {
        file: {used for own in own_imports(file) for used in files_of(*own)} - {file}
        for file in SOURCES
        if file.name != "__init__.py"
    }
    while lowest := {file for file, used in below.items() if not used & below.keys()}:
        for file in lowest:
            del below[file]
    assert sorted(map(shown, below)) == []


def test_the_map_for_contributors_has_the_same_floors() -> None:
    contributing = (TESTS.parent / "CONTRIBUTING.md").read_text("utf-8")
    table = contributing.partition("| floor |")[2].partition("\n\n")[0]
    places = [table.index(f"`{room}`") for rooms in FLOORS for room in sorted(rooms) if room]
    for lower, upper in pairwise(FLOORS):
        for one, other in product(filter(None, lower), filter(None, upper)):
            assert table.index(f"`{one}`") < table.index(f"`{other}`")
    assert len(places) == len(set(places))


@pytest.mark.parametrize("file", SOURCES, ids=shown)
def test_a_room_is_entered_by_its_door(file: Path) -> None:
    """What a room hands on stands in its ``__all__``; the rest is its own."""
    around = [
        f"{module}.{name}"
        for module, names in own_imports(file)
        if room_of(module) != own_room(file) and (PACKAGE / room_of(module)).is_dir()
        for name in names
        if module not in SIDE_DOORS
        and (module.count(".") > 1 or name not in importlib.import_module(module).__all__)
    ]
    assert around == []


def test_a_room_hands_on_things_and_not_modules() -> None:
    rooms = [path.name for path in PACKAGE.iterdir() if (path / "__init__.py").is_file()]
    for room in rooms:
        door = importlib.import_module(f"spapi_messaging.{room}")
        names = getattr(door, "__all__", [])
        assert [name for name in names if isinstance(getattr(door, name), ModuleType)] == []


def test_the_house_can_be_seen_at_a_glance() -> None:
    entries = {path.name for path in PACKAGE.iterdir()} - {"__pycache__", "py.typed"}
    assert len(entries) <= 20
    assert len(FLOORS) <= 11


def test_all_is_complete_and_sorted() -> None:
    for name in spapi_messaging.__all__:
        getattr(spapi_messaging, name)  # some are loaded when they are named
    public = {
        name
        for name, value in vars(spapi_messaging).items()
        if not name.startswith("_") and not isinstance(value, type(sys))
    }
    assert set(spapi_messaging.__all__) == public
    assert spapi_messaging.__all__ == sorted(spapi_messaging.__all__)
    assert all(getattr(spapi_messaging, name).__doc__ for name in spapi_messaging.__all__)


def test_all_has_every_error_and_every_message() -> None:
    tree = {
        name
        for name, value in vars(errors).items()
        if isinstance(value, type) and issubclass(value, errors.MessagingError)
    }
    types = {kind.__name__ for kind in MESSAGE_TYPES}
    assert tree | types <= set(spapi_messaging.__all__)


@pytest.mark.parametrize("file", SOURCES, ids=shown)
def test_every_module_says_what_it_is_for(file: Path) -> None:
    assert ast.get_docstring(ast.parse(file.read_text("utf-8")))


def test_the_package_loads_without_what_is_slow_or_an_extra() -> None:
    extras = ["typer", "rich", "py3langid", "redis", "throttled", "psycopg", "procrastinate"]
    extras += ["python_calamine"]
    absent = dict.fromkeys([*extras, "jsonschema", "langcodes", "pytest", "hypothesis"])
    code = f"import sys; sys.modules.update({absent}); import spapi_messaging; "
    rooms = ("bulk", "content", "orderfile", "sellers", "sending.uploads", "sending.files")
    late = {"sqlite3", *(f"spapi_messaging.{room}" for room in rooms)}
    code += f"assert not {late} & sys.modules.keys(); "
    code += "assert {*spapi_messaging.__all__} <= {*dir(spapi_messaging)}"
    subprocess.run([sys.executable, "-W", "error", "-c", code], check=True)


def test_the_package_is_typed_and_has_no_loose_ends() -> None:
    assert (PACKAGE / "py.typed").is_file()
    loose = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|X" + r"XX)\b")
    assert [file for file in SOURCES if loose.search(file.read_text("utf-8"))] == []


@pytest.mark.parametrize("file", SOURCES, ids=shown)
def test_a_module_can_be_read_in_one_sitting(file: Path) -> None:
    text = file.read_text("utf-8")
    assert len(text.splitlines()) <= 300
    for function in functions(ast.parse(text)):
        assert (function.end_lineno or 0) - function.lineno < 40, function.name
        assert complexity(function) <= 12, function.name


def test_no_file_of_tests_is_longer_than_400_lines() -> None:
    sizes = {file: len(file.read_text("utf-8").splitlines()) for file in TESTS.rglob("*.py")}
    assert {str(file.relative_to(TESTS)): size for file, size in sizes.items() if size >= 400} == {}


def test_an_excuse_to_a_linter_is_rare_and_has_its_reason() -> None:
    excuse = re.compile(r"# (?:ruff: )?(?:no" + r"qa|type: ig" + r"nore)\S*(?: \S+)*?(  # | -- |$)")
    files = [Path(pytest_spapi_messaging.__file__)]
    for folder in (PACKAGE, TESTS, TESTS.parent / "benchmarks", TESTS.parent / "docs"):
        files += folder.rglob("*.py")
    found = [excuse.search(line) for file in files for line in file.read_text("utf-8").splitlines()]
    excuses = [match for match in found if match]
    assert len(excuses) <= 30
    assert [match.string.strip() for match in excuses if not match[1]] == []
