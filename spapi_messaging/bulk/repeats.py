"""The jobs that a run has had, so that equal ones are one message, with a journal or without.

A job is known by the key that was given to it, else by its order. In a run with a journal that
finds by order, one without a key also counts for those that have one, as it does in the journal
(see ``Identity.known_as``): so it makes no difference whether the first of two was written down
when the second came.

They are kept in a temporary database of SQLite's, which holds 2 MB in memory and the rest in a
file without a name: memory does not grow with the number of jobs. A row takes a few microseconds,
so it is written from the loop.
"""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Self

import attrs

from spapi_messaging.bulk.identity import Identity, Once, other_job_error
from spapi_messaging.bulk.sqlite.words import in_words
from spapi_messaging.bulk.temporary import temporary_database
from spapi_messaging.errors import JournalError

# One tree for all: what is asked of it begins with an order, or with a key that was given.
_TABLE = """
CREATE TABLE jobs (
    order_id TEXT, operation TEXT, is_given INTEGER, key TEXT, content TEXT, number INTEGER,
    PRIMARY KEY (order_id, operation, is_given, key)
) WITHOUT ROWID
"""
_INDEX = "CREATE UNIQUE INDEX given_keys ON jobs (key) WHERE is_given"
_ADD = "INSERT INTO jobs VALUES (:order_id, :operation, :is_given, :key, :content, :number)"
_TRY = f"{_ADD} ON CONFLICT DO NOTHING"
_FIND = "SELECT number, order_id, operation, content FROM jobs WHERE "
_OF_KEY = f"{_FIND} is_given AND key = :key"
_WITHOUT_KEY = " AND NOT is_given LIMIT 1"
_ALIKE: Mapping[Once, str] = {
    "order": f"{_FIND} order_id = :order_id",
    "action": f"{_FIND} order_id = :order_id AND operation = :operation",
    "content": f"{_FIND} order_id = :order_id AND operation = :operation AND content = :content",
}
_ANY = " AND is_given <= :counts_all ORDER BY number LIMIT 1"


@attrs.frozen
class Earlier:
    """A job that came before and has the same identity, or only the same key."""

    number: int
    order_id: str
    operation: str
    content: str

    def is_another_than(self, identity: Identity) -> bool:
        """Say whether a key that was given is that of another order or operation."""
        return identity.is_given and identity.is_another(self.order_id, self.operation)


@attrs.frozen
class Repeated:
    """An equal job came before. ``changed``: it had other content."""

    changed: bool


@attrs.define
class Repeats:
    """Remembers the jobs of one run, while it is entered: ``with Repeats() as repeats``.

    ``counts_all``: a job without a key counts for those with one, and the other way round.
    """

    counts_all: bool = False
    _has_keys: bool = attrs.field(default=False, init=False)
    """Whether a job with a key has come: those without one may be known by it, too."""
    _database: sqlite3.Connection | None = None

    def __enter__(self) -> Self:
        with _failing():
            self._database = temporary_database(_TABLE, _INDEX)
        return self

    def __exit__(self, *_: object) -> None:
        database, self._database = self._database, None
        if database is not None:
            database.close()

    def add(self, identity: Identity) -> Repeated | None:
        """Remember a job; say whether an equal one came before.

        Raises InvalidMessageError if its key is that of another job of the run.
        """
        earlier = self.note(identity)
        if earlier is None:
            return None
        if earlier.is_another_than(identity):
            raise other_job_error(identity, earlier.order_id, earlier.operation)
        return Repeated(changed=earlier.content != identity.content)

    def note(self, identity: Identity, number: int = 0) -> Earlier | None:
        """Remember a job with a number of its own, or return the one that is in its place."""
        values = {
            "order_id": identity.order_id,
            "operation": identity.operation,
            "is_given": identity.is_given,
            "key": identity.key,
            "content": identity.content,
            "number": number,
            "counts_all": self.counts_all,
        }
        with _failing():
            if self._is_alone(identity) and self._opened.execute(_TRY, values).rowcount:
                return None
            for query in self._queries(identity):
                row = self._opened.execute(query, values).fetchone()
                if row is not None:
                    return Earlier(*row)
            self._opened.execute(_ADD, values)
            self._has_keys |= identity.is_given
        return None

    def _is_alone(self, identity: Identity) -> bool:
        """Say whether only jobs with the very key of this one could be equal to it."""
        return not (identity.is_given or self._has_keys or identity.once == "order")

    def _queries(self, identity: Identity) -> tuple[str, ...]:
        if not identity.is_given:
            return (_ALIKE[identity.once] + _ANY,)
        if identity.once == "order":
            return (_OF_KEY, f"{_ALIKE['order']} ORDER BY number LIMIT 1")
        return (_OF_KEY, _ALIKE[identity.once] + _WITHOUT_KEY) if self.counts_all else (_OF_KEY,)

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
        raise JournalError("(what this run has had)", in_words(error)) from None
