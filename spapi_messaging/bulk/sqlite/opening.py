"""How a journal's file is found, made, locked and brought up to date, before it is opened.

Whatever is refused here is left as it was: to open a file with a log that is not its own would
destroy both.
"""

import os
import sqlite3
import sys
import time
from contextlib import closing, suppress
from pathlib import Path

import attrs

from spapi_messaging.bulk.sqlite.place import not_a_file, note_held, note_released
from spapi_messaging.bulk.sqlite.table import (
    ADDED,
    APPLICATION_ID,
    INDEX,
    PLANS,
    TABLE,
    VERSION,
    failing,
)
from spapi_messaging.bulk.sqlite.witness import (
    TABLES,
    Log,
    Phase,
    Witness,
    beside,
    loss_of,
    rows_of,
    size_of,
    witness_of,
)
from spapi_messaging.bulk.sqlite.words import DAMAGED, in_words
from spapi_messaging.errors import JournalError

if sys.platform != "win32":
    import fcntl

BUSY = "another run has it open"
_PAUSES = (0.02, 0.1, None)
"""Seconds between tries: somebody who looks in holds the file's lock for a moment."""


@attrs.frozen
class Locks:
    """What keeps other runs out: a lock beside the file, and one on the file itself.

    The first is SQLite's own, on an empty database, as portable as SQLite. The second holds
    where the file has two names, or is mounted alone into another place. The operating system
    drops both when the process dies.
    """

    beside: sqlite3.Connection
    descriptor: int

    def release(self) -> None:
        """Let another run have the file; the last thing that is done with it."""
        note_released(self.descriptor)
        if sys.platform != "win32":
            with suppress(OSError):  # a process that was forked meanwhile has it as well
                fcntl.flock(self.descriptor, fcntl.LOCK_UN)
        os.close(self.descriptor)
        self.beside.close()


def lock(path: Path, real: Path) -> Locks:
    """Lock a journal for one run, and make it where it is missing; raises JournalError."""
    if (kind := not_a_file(path)) is not None:
        raise JournalError(str(path), f"unable to open it: {kind}")
    with failing(path):
        _refuse_what_is_no_file(path, real)
        held = _lock_beside(path, real)
        try:
            if not real.exists():
                _make(path, real)
            return Locks(held, _lock_itself(path, real))
        except BaseException:
            held.close()
            raise


def bring_up_to_date(path: Path, real: Path) -> Witness:
    """Return how a locked file was left; raises JournalError for what must not go on."""
    with failing(path):
        witness = witness_of(real)
        if witness is None:
            _take_over(path, real)
            witness = witness_of(real)
        if witness is None:
            raise JournalError(str(path), "it cannot be brought up to date")
        loss = loss_of(real, witness)
        if loss is not None:
            raise JournalError(str(path), loss)
        if witness.phase is Phase.CLOSED and size_of(beside(real, "-wal")):
            log = Log.read(beside(real, "-wal"), witness.run)
            if log.is_blank or log.last < witness.promised:
                # The file has it all; to read a part of the log over it would undo the rest.
                beside(real, "-wal").unlink()
        return witness


def connect(real: Path, *, timeout: float = 5.0) -> sqlite3.Connection:
    """Open the file to write it."""
    # One thread uses it at a time; one that was never used may be closed by another.
    database = sqlite3.connect(
        real,
        timeout=timeout,
        isolation_level=None,
        check_same_thread=False,
        cached_statements=200,
    )
    try:
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = FULL")
        database.execute("PRAGMA fullfsync = ON")  # macOS needs it to reach the disk
        database.execute("PRAGMA wal_autocheckpoint = 0")  # the witness is told of each
    except BaseException:
        database.close()
        raise
    return database


def _refuse_what_is_no_file(path: Path, real: Path) -> None:
    try:
        found = real.stat()
    except FileNotFoundError:
        for suffix in ("-wal", "-journal"):
            left = beside(real, suffix)
            if size_of(left):
                fault = (
                    f"it is missing, and {left.name} of it is there: bring the journal back beside "
                    f"it, or delete {left.name} as well to begin a new one"
                )
                raise JournalError(str(path), fault) from None
        return
    log = beside(real, "-wal")
    if log.exists() and not log.is_file():
        raise JournalError(str(path), f"unable to open it: {log.name} beside it is no file")
    if not found.st_size:
        fault = (
            "it is empty, and no journal ever is: bring it back from a copy. Only if nothing "
            "was sent with it, delete it to begin a new one"
        )
        raise JournalError(str(path), fault)
    if sys.platform == "win32" and found.st_nlink > 1:
        raise JournalError(str(path), "it has another name (a hard link): copy it instead")


def _lock_beside(path: Path, real: Path) -> sqlite3.Connection:
    """Hold a lock beside the file.

    The empty file stays: to delete it could be to delete it under a run that just locked it.
    """
    held = sqlite3.connect(
        # Longer than a reader takes to see whether the file is in use.
        beside(real, "-lock"),
        timeout=0.1,
        isolation_level=None,
        check_same_thread=False,
    )
    try:
        held.execute("BEGIN EXCLUSIVE")
    except sqlite3.Error as error:
        held.close()
        fault = BUSY if "locked" in str(error) else f"its lock: {in_words(error)}"
        raise JournalError(str(path), fault) from None
    return held


def is_locked(real: Path) -> bool:
    """Say whether a run has the file open, by the lock beside it."""
    try:
        uri = f"{beside(real, '-lock').absolute().as_uri()}?mode=ro"
        with closing(sqlite3.connect(uri, uri=True, timeout=0)) as held:
            held.execute("SELECT name FROM sqlite_master").fetchall()
    except sqlite3.Error as error:
        return "locked" in str(error)
    return False


def _lock_itself(path: Path, real: Path) -> int:
    try:
        descriptor = os.open(real, os.O_RDWR | getattr(os, "O_BINARY", 0))
    except OSError as error:
        fault = f"it is readonly for you, or cannot be opened: {error.strerror}"
        raise JournalError(str(path), fault) from None
    if sys.platform != "win32":
        try:
            _flock(descriptor)
        except BlockingIOError:
            os.close(descriptor)
            raise JournalError(str(path), BUSY) from None
        except OSError:
            pass  # a file system without such locks: SQLite's own, beside it, has to do
    note_held(descriptor)
    return descriptor


if sys.platform != "win32":

    def _flock(descriptor: int) -> None:
        for pause in _PAUSES:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if pause is None:
                    raise
                time.sleep(pause)
            else:
                return


def _make(path: Path, real: Path) -> None:
    """Make a new file under another name first: one that is empty was made empty by somebody."""
    new = beside(real, "-new")
    for left in (new, beside(new, "-journal"), beside(new, "-wal"), beside(new, "-shm")):
        left.unlink(missing_ok=True)
    try:
        with failing(path), closing(sqlite3.connect(new, isolation_level=None)) as database:
            database.execute("BEGIN IMMEDIATE")
            database.execute(TABLE)
            _complete(database)
            database.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            database.execute("COMMIT")
            database.execute("PRAGMA journal_mode = WAL")
        new.rename(real)
    finally:
        new.unlink(missing_ok=True)
    with suppress(OSError):  # not all systems let a folder be flushed
        folder = os.open(real.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _complete(database: sqlite3.Connection) -> None:
    """Add what files of this version have."""
    for statement in (INDEX, PLANS, *TABLES):
        database.execute(statement)
    for statement, row in rows_of(Witness()):
        database.execute(statement, row)
    database.execute(f"PRAGMA user_version = {VERSION}")


def _take_over(path: Path, real: Path) -> None:
    """Bring a file up to date that was written before there was a witness."""
    _refuse_another_kind(path, real)
    with closing(connect(real)) as database:
        refuse_broken(path, database)
        there = {row[1] for row in database.execute("PRAGMA table_info(jobs)")}
        with database:
            database.execute("BEGIN IMMEDIATE")
            for name in (name for name in ADDED if name not in there):
                database.execute(f"ALTER TABLE jobs ADD COLUMN {name} TEXT")
            for table in ("witness", "commits"):
                database.execute(f"DROP TABLE IF EXISTS {table}")
            _complete(database)
        # The witness has to be in the file itself.
        if database.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]:
            fault = "it is being read, and cannot be brought up to date: try again"
            raise JournalError(str(path), fault)


def _refuse_another_kind(path: Path, real: Path) -> None:
    uri = f"{real.absolute().as_uri()}?mode=ro"
    with closing(sqlite3.connect(uri, uri=True, isolation_level=None)) as database:
        kind = database.execute("PRAGMA application_id").fetchone()[0]
        tables = {name for (name,) in database.execute("SELECT name FROM sqlite_master")}
        mode = database.execute("PRAGMA journal_mode").fetchone()[0]
    if not tables and kind in {0, APPLICATION_ID} and mode == "wal":
        fault = (
            f"it holds nothing: what was in it was in {real.name}-wal, which is lost or damaged. "
            f"Only if nothing was sent with it, delete it to begin a new one"
        )
        raise JournalError(str(path), fault)
    if kind != APPLICATION_ID or "jobs" not in tables:
        raise JournalError(str(path), "it is a database of another kind")


def refuse_broken(path: Path, database: sqlite3.Connection) -> None:
    """Refuse a file whose parts do not fit together; it takes a second for a million rows."""
    found = database.execute("PRAGMA integrity_check(1)").fetchone()[0]
    if found != "ok":
        raise JournalError(str(path), DAMAGED)
