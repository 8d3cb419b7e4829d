"""What a check has found out, for the sending: which records are at fault, and what files were.

An attachment may be another one by the time its job's turn comes, hours later; so what it was at
the check goes along with the job, and the library sends no other. The notes are kept in a temporary
database of SQLite's, mostly in a file without a name, so that memory does not grow with the number
of lines and files, whatever is wrong with them.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import attrs

from spapi_messaging.bulk import Job, temporary_database
from spapi_messaging.messages import CheckedPath, FileState
from spapi_messaging.orderfile import no_room

_TABLES = (
    "CREATE TABLE faults (record INTEGER PRIMARY KEY)",
    """
    CREATE TABLE files (
        path BLOB PRIMARY KEY, size INTEGER, modified_at INTEGER, changed_at INTEGER,
        inode TEXT, digest TEXT
    ) WITHOUT ROWID
    """,
)
_ADD_FILE = "INSERT INTO files VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"
_FIND_FILE = "SELECT size, modified_at, changed_at, inode, digest FROM files WHERE path = ?"


@attrs.define(eq=False)
class Notes:
    """The notes of one check; close them."""

    _database: sqlite3.Connection

    @classmethod
    def begin(cls) -> "Notes":
        """Begin without any."""
        with _failing():
            return cls(temporary_database(*_TABLES))

    def close(self) -> None:
        """Forget them."""
        self._database.close()

    def add_fault(self, record: int) -> None:
        """Note that a record, by its number from 0, holds no job that is to be sent."""
        with _failing():
            self._database.execute("INSERT INTO faults VALUES (?)", (record,))

    def add_files(self, job: Job) -> None:
        """Note what the files of a job are; what one was when it came first counts."""
        for item in job.rendered.attached:
            if isinstance(item, CheckedPath):
                self._add_file(item)

    def _add_file(self, file: CheckedPath) -> None:
        state = file.state
        # Windows has inodes of more bits than SQLite's integers.
        inode = None if state.inode is None else str(state.inode)
        values = (state.size, state.modified_at, state.changed_at, inode, state.digest)
        with _failing():
            self._database.execute(_ADD_FILE, (os.fsencode(file), *values))

    def file(self, path: Path) -> Path | CheckedPath:
        """Return a path with what its file was; as it is, where that was not noted."""
        with _failing():
            row = self._database.execute(_FIND_FILE, (os.fsencode(path),)).fetchone()
        if row is None:
            return path
        size, modified_at, changed_at, inode, digest = row
        state = FileState(
            size=size,
            modified_at=modified_at,
            changed_at=changed_at,
            inode=None if inode is None else int(inode),
            digest=digest,
        )
        return CheckedPath(path, state)

    def faults(self) -> Iterator[int]:
        """Return the records that are at fault, in their order."""
        with _failing():
            yield from (record for (record,) in self._database.execute("SELECT record FROM faults"))


@contextmanager
def _failing() -> Iterator[None]:
    try:
        yield
    except sqlite3.OperationalError as error:
        raise no_room(str(error)) from None
