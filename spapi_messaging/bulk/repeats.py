"""The jobs that a run has had, so that equal ones are one message, with a journal or without.

They are kept in a temporary database of SQLite's, which holds 2 MB in memory and the rest in a
file without a name: memory does not grow with the number of jobs. A row takes a few microseconds,
so it is written from the loop.
"""

import hashlib
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Self

import attrs

from spapi_messaging.bulk.identity import Identity, other_job_error
from spapi_messaging.errors import JournalError

_TABLE = """
CREATE TABLE jobs (
    name BLOB PRIMARY KEY, order_id TEXT, operation TEXT, content TEXT
) WITHOUT ROWID
"""
_ADD = "INSERT INTO jobs VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING"
_FIND = "SELECT order_id, operation, content FROM jobs WHERE name = ?"


@attrs.frozen
class Repeated:
    """An equal job came before. ``changed``: it had other content."""

    changed: bool


@attrs.define
class Repeats:
    """Remembers the jobs of one run, while it is entered: ``with Repeats() as repeats``."""

    _database: sqlite3.Connection | None = None

    def __enter__(self) -> Self:
        with _failing():
            self._database = sqlite3.connect("", isolation_level=None)
            # Nothing of it is to survive: neither a rollback journal nor a flush is needed.
            self._database.execute("PRAGMA journal_mode = OFF")
            self._database.execute("PRAGMA synchronous = OFF")
            self._database.execute(_TABLE)
        return self

    def __exit__(self, *_: object) -> None:
        database, self._database = self._database, None
        if database is not None:
            database.close()

    def add(self, identity: Identity) -> Repeated | None:
        """Remember a job; say whether an equal one came before.

        Raises InvalidMessageError if its key is that of another job of the run.
        """
        name = f"{'given' if identity.is_given else 'made'} {identity.key}"
        row = (_hashed(name), identity.order_id, identity.operation, identity.content)
        with _failing():
            is_new = self._opened.execute(_ADD, row).rowcount
            earlier = None if is_new else self._opened.execute(_FIND, row[:1]).fetchone()
        if earlier is None:
            return None
        order_id, operation, content = earlier
        if identity.is_given and (order_id, operation) != (identity.order_id, identity.operation):
            raise other_job_error(identity, order_id, operation)
        return Repeated(changed=content != identity.content)

    @property
    def _opened(self) -> sqlite3.Connection:
        if self._database is None:
            raise RuntimeError("the run has ended")
        return self._database


@contextmanager
def _failing() -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise JournalError("(what this run has had)", str(error)) from None


def _hashed(name: str) -> bytes:
    return hashlib.blake2b(name.encode(), digest_size=16).digest()
