"""The open SQLite file of a journal, and what one thread does with it.

Everything here blocks; `SqliteJournal` keeps it off the loop.
"""

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TypeAlias

import attrs

from spapi_messaging.bulk.journal import Asked, Entry, Found, OfKey, OfOrder, Plan
from spapi_messaging.bulk.sqlite.opening import (
    Locks,
    bring_up_to_date,
    connect,
    lock,
    refuse_broken,
)
from spapi_messaging.bulk.sqlite.reader import read_journal
from spapi_messaging.bulk.sqlite.table import (
    ALL,
    ANY,
    PLANS,
    VERSION,
    WRITE_PLAN,
    entry_of,
    failing,
    parts,
    plan_values,
    row_of,
    select,
    storable,
    upsert,
    values_of,
)
from spapi_messaging.bulk.sqlite.witness import (
    NUMBER,
    Phase,
    Witness,
    WitnessPlace,
    beside,
    last_commit,
)
from spapi_messaging.errors import JournalError

__all__ = [
    "VERSION",
    "Answer",
    "JournalFile",
    "Request",
    "read_journal",
]

_LOG = 12_000
"""Pages of the log, 48 MB, until it is moved into the file: each time holds writers up."""
_PAGES_OF_A_ROW = 3
"""At most: the table's and two indexes'."""
_UNFIT = (
    *(sqlite3.IntegrityError, sqlite3.InterfaceError, sqlite3.ProgrammingError),
    *(sqlite3.DataError, OverflowError, TypeError, ValueError, AttributeError),
)
"""What an entry that no table holds comes to."""


Written: TypeAlias = Entry | Plan
Request: TypeAlias = Asked | Plan
Answer: TypeAlias = Found | JournalError


@attrs.define
class JournalFile:
    """The open file, used by one thread."""

    path: Path
    database: sqlite3.Connection
    _locks: Locks
    _witness: Witness
    _place: WitnessPlace
    _commits: int
    _identities: dict[Path, tuple[int, int]] = attrs.field(factory=dict)
    _log: int = 0
    """Pages that the log has grown by, at most, since it was last moved into the file."""

    @classmethod
    def open(cls, path: Path) -> "JournalFile":
        """Open it, make it where it is missing, and lock it; raises JournalError."""
        # One file has one lock, by whatever name it is opened; and ":memory:" is a file's name.
        real = Path(os.path.realpath(path))
        locks = lock(path, real)
        try:
            with failing(path):
                witness = bring_up_to_date(path, real)
                database = connect(real)
                try:
                    opened = cls._of(path, database, locks, witness)
                except BaseException:
                    database.close()
                    raise
        except BaseException:
            locks.release()
            raise
        try:
            opened.begin(real)
        except BaseException:
            opened.close()
            raise
        return opened

    @classmethod
    def _of(
        cls, path: Path, database: sqlite3.Connection, locks: Locks, witness: Witness
    ) -> "JournalFile":
        place = WitnessPlace.find(path, locks.descriptor, database, witness)
        commits = 0
        if witness.phase is not Phase.CLOSED:
            refuse_broken(path, database)
        if witness.is_open:
            commits = last_commit(database, witness)
        else:
            witness = Witness()  # a new name: no log of an earlier run can pass for this one's
            place.say(witness, durably=True)
        return cls(path, database, locks, witness, place, commits)

    def begin(self, real: Path) -> None:
        """Commit something, before anything depends on it."""
        # Committed every time: what cannot be written is refused here, and the log is there.
        with failing(self.path):
            with self._transaction():
                self.database.execute(PLANS)
            self._promise(1)
        files = (real, beside(real, "-wal"), beside(real, "-lock"))
        self._identities = {file: _identity(file) for file in files}

    def close(self) -> None:
        """Close it, whole, and let another run have it."""
        try:
            with suppress(sqlite3.Error, OSError):
                if self._witness.is_open and self._checkpoint("FULL"):
                    self._say(phase=Phase.CLOSED)
        finally:
            try:
                self.database.close()
            finally:
                self._locks.release()

    def do(self, requests: list[Request]) -> list[Answer]:
        """Write what is to be written in one commit, and find what is asked for."""
        items = [item for item in requests if isinstance(item, Entry | Plan)]
        written = iter(self._write(items) if items else ())
        of_key = self._find("key", [item.key for item in requests if isinstance(item, OfKey)])
        orders = [item.order_id for item in requests if isinstance(item, OfOrder)]
        of_order = self._find("order_id", orders)
        answers: list[Answer] = []
        for item in requests:
            match item:
                case OfKey(str(key)):
                    answers.append(of_key.get(storable(key), []))
                case OfOrder(str(order_id)):
                    answers.append(of_order.get(storable(order_id), []))
                case OfKey() | OfOrder():
                    answers.append([])  # nothing is under what is no text
                case _:
                    answers.append(next(written))
        return answers

    def is_empty(self) -> bool:
        """Say whether it has no entry."""
        with failing(self.path):
            return self.database.execute(ANY).fetchone() is None

    def all(self) -> list[Entry]:
        """Return all entries, in the order in which they began."""
        with failing(self.path):
            return [entry_of(row) for row in self.database.execute(ALL)]

    def _find(self, column: str, values: list[Any]) -> dict[str, Found]:
        found: dict[str, Found] = {}
        with failing(self.path):
            for some in parts([storable(value) for value in values if isinstance(value, str)]):
                for row in self.database.execute(select(column, len(some)), some):
                    entry = entry_of(row)
                    found.setdefault(getattr(entry, column), []).append(entry)
        return found

    def _write(self, items: list[Written]) -> list[Answer]:
        with failing(self.path):
            try:
                self._commit(items)
            except _UNFIT:
                return self._write_what_fits(items)
        return [[] for _ in items]

    def _write_what_fits(self, items: list[Written]) -> list[Answer]:
        """Write them one by one: what no table holds is its own writer's error."""
        answers: list[Answer] = []
        with self._transaction():
            for item in items:
                try:
                    self._write_some([item], row_of)
                except _UNFIT as error:
                    fault = f"an entry does not fit: {type(error).__name__}: {error}"
                    answers.append(JournalError(str(self.path), fault))
                else:
                    answers.append([])
        self._promise(len(items))
        return answers

    def _commit(self, items: list[Written]) -> None:
        with self._transaction():
            self._write_some(items)
        self._promise(len(items))

    def _write_some(
        self, items: list[Written], as_row: Callable[[Entry], tuple[Any, ...]] = values_of
    ) -> None:
        for plan in (item for item in items if isinstance(item, Plan)):
            self.database.execute(WRITE_PLAN, plan_values(plan))
        rows = [as_row(item) for item in items if not isinstance(item, Plan)]
        for some in parts(rows):
            self.database.execute(upsert(len(some)), [value for row in some for value in row])

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with self.database:
            self.database.execute("BEGIN IMMEDIATE")
            yield
            self.database.execute(NUMBER, [self._witness.number(self._commits + 1)])
        self._commits += 1

    def _promise(self, rows: int) -> None:
        """Let a commit be relied on: say so in the file, which moves or is lost with what it says.

        A deleted file takes commits as before, and they are gone at the end.
        """
        for file, identity in self._identities.items():
            if _identity(file) != identity:
                fault = f"{file.name} was deleted or replaced while it was open"
                raise JournalError(str(self.path), fault)
        is_first = self._witness.promised <= self._witness.whole
        phase = self._witness.phase if self._witness.is_open else Phase.IN_USE
        self._say(phase=phase, promised=self._commits, durably=is_first)
        self._log += rows * _PAGES_OF_A_ROW + 2
        if self._log >= _LOG:
            # What fails here fails the next commit too, if it is more than a passing reader.
            with suppress(sqlite3.Error):
                self._checkpoint("PASSIVE")

    def _checkpoint(self, mode: str) -> bool:
        """Move the log into the file; say whether the file has all of it."""
        self._log = 0
        self._say(phase=Phase.CHECKPOINTING)
        busy, pages, moved = self.database.execute(f"PRAGMA wal_checkpoint({mode})").fetchone()
        is_whole = not busy and pages == moved
        whole = self._commits if is_whole else self._witness.whole
        self._say(phase=Phase.IN_USE, whole=whole)
        return is_whole

    def _say(self, *, durably: bool = True, **changes: Any) -> None:
        self._witness = attrs.evolve(self._witness, **changes)
        self._place.say(self._witness, durably=durably)


def _identity(path: Path) -> tuple[int, int]:
    try:
        found = path.stat()
    except OSError:
        return (0, 0)
    return (found.st_dev, found.st_ino)
