"""The sandbox is a witness: what it takes from the client, and what its parts take from another."""

import ast
from functools import cache
from pathlib import Path

import pytest

import spapi_messaging.sandbox

SANDBOX = Path(spapi_messaging.sandbox.__file__).parent
SOURCES = sorted(SANDBOX.rglob("*.py"))
# From the ground up: a part imports from those before it, and from itself.
PARTS = ("api", "validation", "faults", "scenarios", "player", "witness", "controls")
PARTS += ("connections", "admin", "server", "")


@cache
def imports(file: Path) -> set[tuple[str, str]]:
    """Return what a file imports of this package: the module and the name, "" for a module."""
    found = set()
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {(alias.name, "") for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {(str(node.module), alias.name) for alias in node.names}
    return {item for item in found if item[0].startswith("spapi_messaging")}


def part_of(parts: tuple[str, ...]) -> str:
    """Return the part of the sandbox that a file or a module belongs to; "" is the door."""
    return "" if not parts or parts[0].startswith("__") else parts[0]


def test_the_witness_knows_nothing_of_the_client() -> None:
    """It reads the tables of operations, plans and marketplaces, and shows words as all do."""
    imported = {item for file in SOURCES for item in imports(file)}
    foreign = {item for item in imported if not item[0].startswith("spapi_messaging.sandbox")}
    assert foreign == {
        ("spapi_messaging.api", "ATTRIBUTES"),
        ("spapi_messaging.api", "DISCOVERY"),
        ("spapi_messaging.api", "OPERATIONS"),
        ("spapi_messaging.api", "SCHEMA"),
        ("spapi_messaging.api", "UPLOADS"),
        ("spapi_messaging.api", "UPLOAD_DESTINATION"),
        ("spapi_messaging.api", "operation_of"),
        ("spapi_messaging.marketplaces", "Marketplace"),
        ("spapi_messaging.quota", "MESSAGING_QUOTA"),
        ("spapi_messaging.quota", "Quota"),
        ("spapi_messaging.quota", "SANDBOX_QUOTA"),
        ("spapi_messaging.quota", "UPLOADS_QUOTA"),
        ("spapi_messaging.redaction", "printable"),
    }


@pytest.mark.parametrize("file", SOURCES, ids=lambda file: str(file.relative_to(SANDBOX)))
def test_imports_inside_of_the_sandbox_go_downward_too(file: Path) -> None:
    own = part_of(file.relative_to(SANDBOX).with_suffix("").parts)
    used = {
        part_of((*module.split("."), name)[2:])
        for module, name in imports(file)
        if module.startswith("spapi_messaging.sandbox")
    }
    assert [part for part in used - {own} if PARTS.index(part) >= PARTS.index(own)] == []
