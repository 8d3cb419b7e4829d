"""The SQLite file of a journal: its table, its lock, and what one thread does with it.

Everything here blocks; `SqliteJournal` keeps it off the loop.
"""

import functools
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from operator import attrgetter
from pathlib import Path
from typing import Any, TypeAlias, TypeVar

import attrs

from spapi_messaging.bulk.journal import Entry
from spapi_messaging.errors import JournalError

_T = TypeVar("_T")

APPLICATION_ID = 0x53504D4A
"""Marks the file as ours (``PRAGMA application_id``): SPMJ."""
VERSION = 3
"""1 had no ``language``, 2 no ``content``, and knew jobs by a hash of their content."""

# A table with row ids: rows that begin together lie together, and their second write touches
# few pages, where a table ordered by hashes would touch one page for each.
_TABLE = """
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
_INDEX = "CREATE INDEX jobs_of_order ON jobs (order_id)"
_ADDED = ("language", "content")
"""The columns that came with versions 2 and 3."""
_NAMES = (
    *("key", "seller", "marketplace", "order_id", "operation", "state"),
    *("request_id", "reason", "evidence", "began_at", "ended_at", "language"),
    "content",
)
_AT_ONCE = 64
"""Rows of one statement: SQLite's thread needs the interpreter once for each statement."""

# Filled with names of columns and with marks; values are bound.
_SELECT_ALL = "SELECT {names} FROM jobs ORDER BY began_at, rowid"
_SELECT = "SELECT {names} FROM jobs WHERE {column} IN ({marks})"
_UPSERT = "INSERT INTO jobs ({names}) VALUES {rows} ON CONFLICT (key) DO UPDATE SET {changes}"

_ALL = _SELECT_ALL.format(names=", ".join(_NAMES))
_values = attrgetter(*_NAMES)


def read_journal(path: Path) -> list[Entry]:
    """Read all entries, also while a run writes them; raises JournalError. It blocks."""
    if not path.is_file():
        raise JournalError(str(path), "there is no such file")
    with (
        _failing(path),
        closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as database,
    ):
        if database.execute("PRAGMA application_id").fetchone()[0] != APPLICATION_ID:
            raise JournalError(str(path), "it is no journal")
        statement = _ALL
        for name in _ADDED[max(database.execute("PRAGMA user_version").fetchone()[0] - 1, 0) :]:
            statement = statement.replace(name, "NULL")
        return [_entry(row) for row in database.execute(statement)]


@attrs.frozen
class OfKey:
    """Asks for the entry of a key."""

    key: str


@attrs.frozen
class OfOrder:
    """Asks for the entries of an order."""

    order_id: str


Request: TypeAlias = Entry | OfKey | OfOrder
"""An entry to write, or what to look for."""
Found: TypeAlias = list[Entry]
"""The entries that were looked for; none for what was written."""


@attrs.define
class JournalFile:
    """The open file, used by one thread."""

    path: Path
    database: sqlite3.Connection
    lock: sqlite3.Connection
    identities: dict[Path, tuple[int, int]]

    @classmethod
    def open(cls, path: Path) -> "JournalFile":
        """Open it, make it where it is missing, and lock it; raises JournalError."""
        # One file has one lock, by whatever name it is opened; and ":memory:" is a file's name.
        real = Path(os.path.realpath(path))
        lock = _lock(path, real)
        try:
            database = _connect(path, real)
        except BaseException:
            lock.close()
            raise
        files = (real, _beside(real, "-wal"), _beside(real, "-lock"))
        return cls(path, database, lock, {file: _identity(file) for file in files})

    def close(self) -> None:
        """Close it, and let another run have it."""
        try:
            self.database.close()
        finally:
            self.lock.close()

    def do(self, requests: list[Request]) -> list[Found]:
        """Write the entries in one commit, and find what is asked for."""
        entries = [item for item in requests if isinstance(item, Entry)]
        if entries:
            self._write(entries)
        of_key = self._find("key", [item.key for item in requests if isinstance(item, OfKey)])
        orders = [item.order_id for item in requests if isinstance(item, OfOrder)]
        of_order = self._find("order_id", orders)
        found: list[Found] = []
        for item in requests:
            match item:
                case OfKey(key):
                    found.append(of_key.get(_storable(key), []))
                case OfOrder(order_id):
                    found.append(of_order.get(_storable(order_id), []))
                case _:
                    found.append([])
        return found

    def all(self) -> list[Entry]:
        """Return all entries, in the order in which they began."""
        with _failing(self.path):
            return [_entry(row) for row in self.database.execute(_ALL)]

    def _find(self, column: str, values: list[str]) -> dict[str, Found]:
        found: dict[str, Found] = {}
        with _failing(self.path):
            for some in _parts([_storable(value) for value in values]):
                for row in self.database.execute(_select(column, len(some)), some):
                    entry = _entry(row)
                    found.setdefault(getattr(entry, column), []).append(entry)
        return found

    def _write(self, entries: list[Entry]) -> None:
        with _failing(self.path), self.database:
            self.database.execute("BEGIN IMMEDIATE")
            for rows in _parts([_row(entry) for entry in entries]):
                self.database.execute(_upsert(len(rows)), [value for row in rows for value in row])
        # A deleted file takes commits as before, and they are gone at the end.
        for file, identity in self.identities.items():
            if _identity(file) != identity:
                fault = f"{file.name} was deleted or replaced while it was open"
                raise JournalError(str(self.path), fault)


@contextmanager
def _failing(path: Path) -> Iterator[None]:
    """Turn SQLite's errors into ours, which name the file."""
    try:
        yield
    except sqlite3.Error as error:
        raise JournalError(str(path), str(error)) from None


def _connect(path: Path, real: Path) -> sqlite3.Connection:
    with _failing(path):
        # One thread uses it at a time; one that was never used may be closed by another.
        database = sqlite3.connect(
            real, isolation_level=None, check_same_thread=False, cached_statements=3 * _AT_ONCE
        )
        try:
            _prepare(path, database)
        except BaseException:
            database.close()
            raise
    return database


def _prepare(path: Path, database: sqlite3.Connection) -> None:
    def ask(pragma: str) -> Any:
        return database.execute(f"PRAGMA {pragma}").fetchone()[0]

    is_new = ask("schema_version") == 0
    if ask("application_id") not in ({0, APPLICATION_ID} if is_new else {APPLICATION_ID}):
        raise JournalError(str(path), "it is a database of another kind")
    if ask("user_version") > VERSION:
        raise JournalError(str(path), "it was written by a newer version of spapi-messaging")
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA synchronous = FULL")
    database.execute("PRAGMA wal_autocheckpoint = 12000")  # 48 MB: each holds writers up
    database.execute("PRAGMA fullfsync = ON")  # macOS needs it to reach the disk
    with database:
        database.execute("BEGIN IMMEDIATE")
        if is_new:
            database.execute(_TABLE)
            database.execute(_INDEX)
            database.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        elif ask("user_version") < VERSION:
            for name in _ADDED[ask("user_version") - 1 :]:
                database.execute(f"ALTER TABLE jobs ADD COLUMN {name} TEXT")
            database.execute(_INDEX)
        # Written every time: what cannot be written is refused here, and the WAL is there.
        database.execute(f"PRAGMA user_version = {VERSION}")


def _lock(path: Path, real: Path) -> sqlite3.Connection:
    """Hold a lock beside the file: SQLite's own, on an empty database, as portable as SQLite.

    The empty file stays: to delete it could be to delete it under a run that just locked it.
    """
    with _failing(path):
        lock = sqlite3.connect(
            _beside(real, "-lock"), timeout=0, isolation_level=None, check_same_thread=False
        )
    try:
        lock.execute("BEGIN EXCLUSIVE")
    except sqlite3.Error as error:
        lock.close()
        busy = "locked" in str(error)
        fault = "another run has it open" if busy else f"its lock: {error}"
        raise JournalError(str(path), fault) from None
    return lock


def _beside(path: Path, suffix: str) -> Path:
    if not path.name:
        raise JournalError(str(path), "it is a folder, and no file")
    return path.with_name(path.name + suffix)


def _identity(path: Path) -> tuple[int, int]:
    try:
        found = path.stat()
    except OSError:
        return (0, 0)
    return (found.st_dev, found.st_ino)


def _parts(items: list[_T]) -> Iterator[list[_T]]:
    """Divide what is too much for one statement."""
    return (items[first : first + _AT_ONCE] for first in range(0, len(items), _AT_ONCE))


@functools.cache  # for each of the few numbers of values
def _select(column: str, values: int) -> str:
    marks = ", ".join("?" * values)
    return _SELECT.format(names=", ".join(_NAMES), column=column, marks=marks)


@functools.cache  # for each of the few numbers of rows
def _upsert(rows: int) -> str:
    row = f"({', '.join('?' * len(_NAMES))})"
    changes = ", ".join(f"{name} = excluded.{name}" for name in _NAMES[1:])
    return _UPSERT.format(names=", ".join(_NAMES), rows=", ".join([row] * rows), changes=changes)


def _row(entry: Entry) -> tuple[Any, ...]:
    row: tuple[Any, ...] = _values(entry)
    return tuple(_storable(value) if isinstance(value, str) else value for value in row)


def _storable(text: str) -> str:
    """Put a text into a form that UTF-8 has: a lone surrogate has none."""
    return text if text.isascii() else text.encode(errors="backslashreplace").decode()


def _entry(row: tuple[Any, ...]) -> Entry:
    return Entry(**dict(zip(_NAMES, row, strict=True)))
