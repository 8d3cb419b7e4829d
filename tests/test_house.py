"""The house: what may import what, and what it shows to the street."""

import ast
import importlib
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import spapi_messaging
from spapi_messaging import errors
from spapi_messaging.messages import message as messages

PACKAGE = Path(spapi_messaging.__file__).parent
IMPURE_IMPORTS = {"asyncio", "aiohttp", "aiolimiter", "socket", "sqlite3", "threading", "time"}
# From the ground up: a room imports from those before it. "" is the package itself.
ROOMS = [
    *(
        "errors",
        "redaction",
        "marketplaces",
        "hal",
        "messages",
        "api",
        "content",
        "quota",
        "transport",
    ),
    *("sending", "order", "bulk", "session", "sellers", "", "distributed", "sandbox", "testing"),
    "cli",
]
PURE_ROOMS = ("api", "content", "hal", "messages")
PURE = [
    "errors.py",
    "redaction.py",
    "marketplaces.py",
    "quota/pace.py",
    "quota/plan.py",
    "transport/request.py",
    "transport/retry.py",
]
PURE += [
    str(file.relative_to(PACKAGE)) for room in PURE_ROOMS for file in (PACKAGE / room).glob("*.py")
]


def room_of(module: str) -> str:
    """Return the module or subpackage right under spapi_messaging; "" for the package itself."""
    parts = [*module.split("."), ""]
    below = PACKAGE / parts[1]
    return parts[1] if below.is_dir() or below.with_suffix(".py").is_file() else ""


def file_of(name: str) -> str:
    """Return the file that a full name is in, relative to the package."""
    below = PACKAGE.joinpath(*name.split(".")[1:])
    while not below.is_dir() and not below.with_suffix(".py").is_file():
        below = below.parent
    found = below / "__init__.py" if below.is_dir() else below.with_suffix(".py")
    return str(found.relative_to(PACKAGE))


def imports(file: Path) -> Iterator[str]:
    """Return the full names of all that a file imports, inside of functions too."""
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}: imports are absolute"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


SOURCES = sorted(PACKAGE.rglob("*.py"))


def own_room(file: Path) -> str:
    first = file.relative_to(PACKAGE).parts[0].removesuffix(".py")
    return "" if first == "__init__" else first


@pytest.mark.parametrize("name", PURE)
def test_the_pure_half_imports_no_loop_no_socket_and_no_clock(name: str) -> None:
    found = set(imports(PACKAGE / name))
    assert {module.split(".")[0] for module in found} & IMPURE_IMPORTS == set()
    own = {module for module in found if module.startswith("spapi_messaging")}
    assert {file_of(module) for module in own} <= set(PURE)


@pytest.mark.parametrize("file", SOURCES, ids=lambda file: str(file.relative_to(PACKAGE)))
def test_imports_go_downward_only(file: Path) -> None:
    own = own_room(file)
    assert own in ROOMS, f"give {own} its place in ROOMS"
    used = {room_of(name) for name in imports(file) if name.startswith("spapi_messaging")}
    above = [name for name in used - {own} if ROOMS.index(name) > ROOMS.index(own)]
    assert above == []


def test_all_is_complete_and_sorted() -> None:
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
    types = {kind.__name__ for kind in messages.MESSAGE_TYPES}
    assert tree | types <= set(spapi_messaging.__all__)


@pytest.mark.parametrize("name", ROOMS)
def test_every_module_says_what_it_is_for(name: str) -> None:
    if name and not any((PACKAGE / leaf).exists() for leaf in (name, f"{name}.py")):
        pytest.skip("it is not built yet")
    assert importlib.import_module(f"spapi_messaging.{name}".rstrip(".")).__doc__


def test_the_package_loads_without_what_is_slow_or_an_extra() -> None:
    extras = ["typer", "rich", "py3langid", "redis", "throttled", "psycopg", "procrastinate"]
    absent = dict.fromkeys([*extras, "jsonschema", "langcodes", "pytest", "hypothesis"])
    code = f"import sys; sys.modules.update({absent}); import spapi_messaging"
    subprocess.run([sys.executable, "-W", "error", "-c", code], check=True)


def test_the_package_is_typed_and_has_no_loose_ends() -> None:
    assert (PACKAGE / "py.typed").is_file()
    loose = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|X" + r"XX)\b")
    assert [file for file in SOURCES if loose.search(file.read_text("utf-8"))] == []
