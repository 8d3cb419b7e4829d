"""The table of a journal in SQLite, and entries as its rows."""

import functools
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from operator import attrgetter
from pathlib import Path
from typing import Any, Final, TypeVar

from spapi_messaging.bulk.journal import Entry, Plan
from spapi_messaging.bulk.sqlite.words import in_words
from spapi_messaging.errors import JournalError

_T = TypeVar("_T")

APPLICATION_ID = 0x53504D4A
"""Marks the file as ours (``PRAGMA application_id``): SPMJ."""
VERSION = 3
"""1 had no ``language``; 2 no ``content`` and no witness, and knew jobs by a hash of content."""

# A table with row ids: rows that begin together lie together, and their second write touches
# few pages, where a table ordered by hashes would touch one page for each.
TABLE = """
CREATE TABLE jobs (
    key TEXT NOT NULL PRIMARY KEY,
    seller TEXT NOT NULL,
    marketplace TEXT NOT NULL,
    order_id TEXT NOT NULL,
    operation TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('sending', 'sent', 'refused', 'not sent')),
    request_id TEXT,
    reason TEXT,
    evidence TEXT,
    began_at REAL NOT NULL,
    ended_at REAL,
    language TEXT,
    content TEXT
)
"""
# Files of version 3 may lack it; who reads them without knowing it misses nothing.
PLANS = """
CREATE TABLE IF NOT EXISTS plans (
    seller TEXT NOT NULL,
    operation TEXT NOT NULL,
    began_at REAL NOT NULL,
    rate REAL NOT NULL,
    burst INTEGER NOT NULL,
    PRIMARY KEY (seller, operation, began_at)
) WITHOUT ROWID
"""
INDEX = "CREATE INDEX IF NOT EXISTS jobs_of_order ON jobs (order_id)"
ADDED = ("language", "content")
"""The columns that came with versions 2 and 3."""
NAMES = (
    *("key", "seller", "marketplace", "order_id", "operation", "state"),
    *("request_id", "reason", "evidence", "began_at", "ended_at", "language"),
    "content",
)
_PLAN_NAMES = ("seller", "operation", "began_at", "rate", "burst")
AT_ONCE = 64
"""Rows of one statement: SQLite's thread needs the interpreter once for each statement."""

# Filled with names of columns and with marks; values are bound.
_SELECT_ALL = "SELECT {names} FROM jobs ORDER BY began_at, rowid"
_SELECT_DOUBTS = "SELECT {names} FROM jobs WHERE state = 'sending' ORDER BY began_at, rowid"
_SELECT = "SELECT {names} FROM jobs WHERE {column} IN ({marks})"
_UPSERT = "INSERT INTO jobs ({names}) VALUES {rows} ON CONFLICT (key) DO UPDATE SET {changes}"

# A plan that goes on is no news, however often a run is resumed.
WRITE_PLAN = """
INSERT OR REPLACE INTO plans (seller, operation, began_at, rate, burst)
SELECT :seller, :operation, :began_at, :rate, :burst WHERE NOT EXISTS (
    SELECT 1 FROM (
        SELECT rate, burst FROM plans
        WHERE seller = :seller AND operation = :operation ORDER BY began_at DESC LIMIT 1
    ) WHERE rate = :rate AND burst = :burst
)
"""
_SELECT_PLANS = "SELECT {names} FROM plans ORDER BY began_at, seller, operation"
PLANS_THERE = "SELECT name FROM sqlite_master WHERE name = 'plans' AND type = 'table'"

_SELECT_BESIDE = """
SELECT {names} FROM jobs WHERE rowid IN (SELECT place FROM orders WHERE order_id = ?)
ORDER BY rowid
"""

ANY = "SELECT 1 FROM jobs LIMIT 1"
ALL = _SELECT_ALL.format(names=", ".join(NAMES))
ALL_PLANS = _SELECT_PLANS.format(names=", ".join(_PLAN_NAMES))
DOUBTS = _SELECT_DOUBTS.format(names=", ".join(NAMES))
COUNTS = "SELECT operation, state, count(*) FROM jobs GROUP BY operation, state"
TIMES = """
SELECT min(began_at), max(max(began_at), max(coalesce(ended_at, began_at))),
min(CASE WHEN state = 'sent' THEN ended_at END), max(CASE WHEN state = 'sent' THEN ended_at END),
count(DISTINCT CASE WHEN state = 'sent' THEN CAST(ended_at / 10 AS INTEGER) END) FROM jobs
"""
UNDER_WAY = """
SELECT operation, count(*) FROM jobs
WHERE state = 'sending' AND ended_at IS NULL AND began_at >= ? GROUP BY operation
"""
REASONS = """
SELECT state, reason, count(*), min(order_id) FROM jobs
WHERE state IN ('refused', 'not sent') AND reason IS NOT NULL
GROUP BY state, reason ORDER BY count(*) DESC, reason LIMIT 20
"""
# Version 2 has no index of orders, and a search for each job would go through all rows. Whoever
# only reads can have one beside the file.
INDEX_BESIDE = (
    "PRAGMA temp_store = FILE",
    "CREATE TEMP TABLE orders AS SELECT order_id, rowid AS place FROM jobs",
    "CREATE INDEX temp.places_of_order ON orders (order_id)",
)
OF_ORDER_BESIDE = _SELECT_BESIDE.format(names=", ".join(NAMES))
values_of: Final[Callable[[Entry], tuple[Any, ...]]] = attrgetter(*NAMES)
"""Returns the values of an entry, in the order of the columns; a table may refuse a text."""


@contextmanager
def failing(path: Path) -> Iterator[None]:
    """Turn SQLite's and the system's errors into ours, which name the file."""
    try:
        yield
    except sqlite3.Error as error:
        raise JournalError(str(path), in_words(error)) from None
    except OSError as error:
        raise JournalError(str(path), error.strerror or type(error).__name__) from None


def parts(items: list[_T]) -> Iterator[list[_T]]:
    """Divide what is too much for one statement."""
    return (items[first : first + AT_ONCE] for first in range(0, len(items), AT_ONCE))


@functools.cache  # for each of the few numbers of values
def select(column: str, values: int) -> str:
    """Return the statement that finds rows by so many values of a column."""
    marks = ", ".join("?" * values)
    return _SELECT.format(names=", ".join(NAMES), column=column, marks=marks)


@functools.cache  # for each of the few numbers of rows
def upsert(rows: int) -> str:
    """Return the statement that writes so many rows."""
    row = f"({', '.join('?' * len(NAMES))})"
    changes = ", ".join(f"{name} = excluded.{name}" for name in NAMES[1:])
    return _UPSERT.format(names=", ".join(NAMES), rows=", ".join([row] * rows), changes=changes)


def row_of(entry: Entry) -> tuple[Any, ...]:
    """Return the same, with texts that each table takes."""
    return tuple(storable(value) if isinstance(value, str) else value for value in values_of(entry))


def storable(text: str) -> str:
    """Put a text into a form that UTF-8 has: a lone surrogate has none."""
    return text if text.isascii() else text.encode(errors="backslashreplace").decode()


def entry_of(row: tuple[Any, ...]) -> Entry:
    """Make an entry of a row."""
    return Entry(**dict(zip(NAMES, row, strict=True)))


def plan_values(plan: Plan) -> dict[str, Any]:
    """Return the values of a plan by the names of their columns."""
    values = {name: getattr(plan, name) for name in _PLAN_NAMES}
    return values | {name: storable(values[name]) for name in ("seller", "operation")}


def plan_of(row: tuple[Any, ...]) -> Plan:
    """Make a plan of a row."""
    return Plan(**dict(zip(_PLAN_NAMES, row, strict=True)))
