"""What survives a crash: a row 'sending' before a message's first byte, its outcome after.

A run that is killed at any moment leaves no message unaccounted for: what was not begun has no
row or one that says so, what was answered has its answer, and what is found 'sending' is in
doubt. The price is two commits a message; commits of jobs that run at once are made together
(https://sqlite.org/wal.html, synchronous=FULL: a commit is on the disk when it returns).

A journal holds no secret and no text: a job is known again by a hash. It belongs to one run at
a time, which a lock sees to that the operating system drops when the process dies.
"""

import asyncio
import functools
import os
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from operator import attrgetter
from pathlib import Path
from typing import Any, Self, TypeAlias, TypeVar

import attrs

from spapi_messaging.bulk.entries import Entry
from spapi_messaging.errors import JournalError

T = TypeVar("T")

APPLICATION_ID = 0x53504D4A
"""Marks the file as ours (``PRAGMA application_id``): SPMJ."""
VERSION = 1

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
    ended_at REAL
)
"""
_NAMES = (
    *("key", "seller", "marketplace", "order_id", "operation", "state"),
    *("request_id", "reason", "evidence", "began_at", "ended_at"),
)
_FIELDS = ", ".join(_NAMES)
_FIND = f"SELECT {_FIELDS} FROM jobs WHERE key = ?"  # noqa: S608  # of constants only
_ALL = f"SELECT {_FIELDS} FROM jobs ORDER BY began_at, rowid"  # noqa: S608  # of constants only
_AT_ONCE = 64
"""Rows of one statement: SQLite's thread needs the interpreter once for each statement."""

_values = attrgetter(*_NAMES)
_Asked: TypeAlias = tuple[str | Entry, "asyncio.Future[Entry | None]"]


class SqliteJournal:
    """A journal in a SQLite file, made if it is missing: ``async with SqliteJournal(path)``.

    Raises JournalError for a file of another kind or of a newer version, for one that another
    run has open, and for one that cannot be written.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)
        self._thread: ThreadPoolExecutor | None = None
        self._file: _File | None = None
        self._waiting: list[_Asked] = []
        self._committing = False
        self._claimed = False

    async def __aenter__(self) -> Self:
        if self._thread is not None:
            raise RuntimeError("this journal is open already")
        thread = ThreadPoolExecutor(1, thread_name_prefix="journal")
        try:
            await _uninterrupted(asyncio.get_running_loop().run_in_executor(thread, self._open))
        except BaseException:
            await self._leave(thread)
            raise
        self._thread = thread
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._thread is not None:
            self._commit()
            thread, self._thread = self._thread, None
            await self._leave(thread)

    async def _leave(self, thread: ThreadPoolExecutor) -> None:
        closing = asyncio.get_running_loop().run_in_executor(thread, self._close)
        thread.shutdown(wait=False)
        await _uninterrupted(closing)

    def claim(self) -> None:
        """Take it for one run until `release`: of two, neither would see what the other begins."""
        if self._claimed:
            raise JournalError(str(self.path), "another run of this process uses it")
        self._claimed = True

    def release(self) -> None:
        """Give it back after a run."""
        self._claimed = False

    async def find(self, key: str, /) -> Entry | None:
        """Give the entry of a job, if there is one."""
        return await self._ask(key)

    async def entries(self) -> list[Entry]:
        """Give all entries, in the order in which they began."""
        file, thread = self._opened
        return await asyncio.get_running_loop().run_in_executor(thread, file.all)

    async def write(self, entry: Entry, /) -> None:
        """Write an entry durably, in one commit with all that wait at the same time.

        A cancelled writer's entry is written all the same.
        """
        await self._ask(entry)

    def _ask(self, asked: str | Entry) -> "asyncio.Future[Entry | None]":
        _ = self._opened
        loop = asyncio.get_running_loop()
        done: asyncio.Future[Entry | None] = loop.create_future()
        self._waiting.append((asked, done))
        if not self._committing:
            self._committing = True
            loop.call_soon(self._commit)
        return done

    @property
    def _opened(self) -> "tuple[_File, ThreadPoolExecutor]":
        if self._file is None or self._thread is None:
            raise JournalError(str(self.path), "it is not open")
        return self._file, self._thread

    def _commit(self) -> None:
        """Commit what waits; callbacks and no task, which somebody could cancel."""
        batch, self._waiting = self._waiting, []
        self._committing = bool(batch)
        if batch:
            file, thread = self._opened
            loop = asyncio.get_running_loop()
            work = loop.run_in_executor(thread, file.do, [asked for asked, _ in batch])
            work.add_done_callback(functools.partial(self._settle, batch))

    def _settle(self, batch: list[_Asked], work: "asyncio.Future[list[Entry | None]]") -> None:
        failure = work.exception()
        for index, (_, done) in enumerate(batch):
            if done.done():
                continue  # its writer was cancelled; what was written is true all the same
            if failure is None:
                done.set_result(work.result()[index])
            else:
                done.set_exception(_as_journal_error(self.path, failure))
        # After those who were just served: what they write next goes into the same commit.
        asyncio.get_running_loop().call_soon(self._commit)

    def _open(self) -> None:
        self._file = _File.open(self.path)

    def _close(self) -> None:
        file, self._file = self._file, None
        if file is not None:
            file.close()


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
        return [_entry(row) for row in database.execute(_ALL)]


async def _uninterrupted(work: "asyncio.Future[None]") -> None:
    """Wait for work in a thread to its end, and be cancelled only then."""
    cancelled: asyncio.CancelledError | None = None
    while not work.done():
        try:
            await asyncio.wait([work])
        except asyncio.CancelledError as error:
            cancelled = error
    work.result()
    if cancelled is not None:
        raise cancelled


def _as_journal_error(path: Path, failure: BaseException) -> JournalError:
    """Give each writer an error of his own."""
    if isinstance(failure, JournalError):
        return JournalError(failure.path, failure.fault)
    return JournalError(str(path), f"{type(failure).__name__}: {failure}")


@attrs.define
class _File:
    """The open file, used by one thread."""

    path: Path
    database: sqlite3.Connection
    lock: sqlite3.Connection
    identities: dict[Path, tuple[int, int]]

    @classmethod
    def open(cls, path: Path) -> "_File":
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
        try:
            self.database.close()
        finally:
            self.lock.close()

    def do(self, asked: list[str | Entry]) -> list[Entry | None]:
        """Write the entries in one commit, and find those of the keys."""
        entries = [item for item in asked if isinstance(item, Entry)]
        if entries:
            self._write(entries)
        with _failing(self.path):
            return [None if isinstance(item, Entry) else self._find(item) for item in asked]

    def all(self) -> list[Entry]:
        with _failing(self.path):
            return [_entry(row) for row in self.database.execute(_ALL)]

    def _find(self, key: str) -> Entry | None:
        row = self.database.execute(_FIND, (_storable(key),)).fetchone()
        return _entry(row) if row else None

    def _write(self, entries: list[Entry]) -> None:
        with _failing(self.path), self.database:
            self.database.execute("BEGIN IMMEDIATE")
            for first in range(0, len(entries), _AT_ONCE):
                rows = [_row(entry) for entry in entries[first : first + _AT_ONCE]]
                self.database.execute(_upsert(len(rows)), [value for row in rows for value in row])
        # A deleted file takes commits as before, and they are gone at the end.
        for file, identity in self.identities.items():
            if _identity(file) != identity:
                fault = f"{file.name} was deleted or replaced while it was open"
                raise JournalError(str(self.path), fault)


class _failing:  # noqa: N801  # reads as a phrase
    """Turn SQLite's errors into ours, which tell the file and what to do."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> None:
        return None

    def __exit__(self, _kind: object, error: BaseException | None, _traceback: object) -> None:
        if isinstance(error, sqlite3.Error):
            raise JournalError(str(self._path), str(error)) from None


def _connect(path: Path, real: Path) -> sqlite3.Connection:
    with _failing(path):
        # One thread uses it at a time; one that was never used may be closed by another.
        database = sqlite3.connect(real, isolation_level=None, check_same_thread=False)
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
            database.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        # Written every time: what cannot be written is refused here, and the WAL is there.
        database.execute(f"PRAGMA user_version = {VERSION}")


def _lock(path: Path, real: Path) -> sqlite3.Connection:
    """Hold a lock beside the file: SQLite's own, on an empty database, as portable as SQLite.

    The empty file stays: who deleted it could delete it under somebody who just locked it.
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
    return path.with_name(path.name + suffix)


def _identity(path: Path) -> tuple[int, int]:
    try:
        found = path.stat()
    except OSError:
        return (0, 0)
    return (found.st_dev, found.st_ino)


@functools.cache  # for each of the few numbers of rows
def _upsert(rows: int) -> str:
    marks = f"({', '.join('?' * len(_NAMES))})"
    changes = ", ".join(f"{name} = excluded.{name}" for name in _NAMES[1:])
    return (
        f"INSERT INTO jobs ({_FIELDS}) VALUES {', '.join([marks] * rows)} "  # noqa: S608  # of constants only
        f"ON CONFLICT (key) DO UPDATE SET {changes}"
    )


def _row(entry: Entry) -> tuple[Any, ...]:
    row: tuple[Any, ...] = _values(entry)
    return tuple(_storable(value) if isinstance(value, str) else value for value in row)


def _storable(text: str) -> str:
    """Give a text a form in UTF-8: a lone surrogate has none."""
    return text if text.isascii() else text.encode(errors="backslashreplace").decode()


def _entry(row: tuple[Any, ...]) -> Entry:
    return Entry(**dict(zip(_NAMES, row, strict=True)))
