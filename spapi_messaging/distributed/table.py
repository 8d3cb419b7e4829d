"""The journal's table in PostgreSQL: where it is, how it is made, and for those who only look.

What an address holds is a secret: of it, errors show host, port and database. An error of the
database's is thrown away before ours is raised: what hangs on ours would take the password along,
in the frames of the connection that failed.
"""

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any, NamedTuple

import attrs
import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from spapi_messaging.bulk import Entry, ReasonCount, Times
from spapi_messaging.distributed import statements
from spapi_messaging.distributed.statements import BATCHES, DEFAULT_CAMPAIGN, JOURNAL, entry_of
from spapi_messaging.errors import JournalError

_KEEPALIVE = {
    "connect_timeout": 10,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 15_000,
    "fallback_application_name": "spapi-messaging",
}
"""How soon a server that vanished without a word is given up; the address may say otherwise."""
_AT_ONCE = 1000
"""Rows that are fetched together."""


@attrs.frozen
class Address:
    """Where a database is: for libpq, and for people."""

    conninfo: str = attrs.field(repr=False)
    shown: str
    secret: str | None = attrs.field(repr=False)

    @classmethod
    def parse(cls, address: str) -> "Address":
        """Take a URL or a connection string of libpq's; raises JournalError for others."""
        read = cls.read(address)
        del address
        return checked(read)

    @classmethod
    def read(cls, address: str) -> "Address | JournalError":
        """Take an address, and return the error for what is none.

        Who has the text in a variable lets go of it before the error is raised: a traceback shows
        variables, and what reports errors sends them away.
        """
        try:
            given = conninfo_to_dict(address)
        except psycopg.Error:  # whose text would quote the address, and the password in it
            fault = "it is no PostgreSQL address, such as postgresql://user@host/database"
            return JournalError("(an address)", fault)
        host, port = given.get("host") or "localhost", given.get("port") or 5432
        shown = f"postgresql://{host}:{port}/{given.get('dbname') or ''}"
        secret = given.get("password")
        merged: dict[str, Any] = {**_KEEPALIVE, **given}
        return cls(make_conninfo("", **merged), shown, str(secret) if secret else None)

    def journal_error(self, error: BaseException) -> JournalError:
        """Turn an error of the database's into ours, which shows no secret."""
        reason = " ".join(str(error).split()) or "no answer"
        if self.secret:
            reason = reason.replace(self.secret, "…")
        # A class of the database's library says nothing that its sentence does not.
        is_its = isinstance(error, psycopg.Error)
        return JournalError(self.shown, reason if is_its else f"{type(error).__name__}: {reason}")


def checked(read: "Address | JournalError") -> Address:
    """Return an address; raises JournalError if it is none."""
    if isinstance(read, JournalError):
        raise read
    return read


async def prepare(connection: psycopg.AsyncConnection[Any], shown: str) -> None:
    """Make the table, or bring it up to date; raises JournalError for a newer one.

    From then on older versions refuse it: they know jobs by other keys, and would send again.
    """
    async with connection.transaction():
        await connection.execute("SELECT pg_advisory_xact_lock(%s)", [statements.SCHEMA_LOCK])
        found = await connection.execute(
            "SELECT obj_description(oid, 'pg_class') FROM pg_class WHERE oid = to_regclass(%s)",
            [statements.JOURNAL],
        )
        row = await found.fetchone()
        if row is None:
            await connection.execute(statements.CREATE)
            version = 0
        else:
            version = _version(row[0], shown)
            await _add_columns(connection)
        if version < statements.VERSION:
            await connection.execute(statements.INDEX)
            comment = sql.SQL("COMMENT ON TABLE {} IS {}")
            await connection.execute(
                comment.format(statements.TABLE, f"{statements.MARK}{statements.VERSION}")
            )


def _version(mark: str | None, shown: str) -> int:
    version = re.fullmatch(rf"{statements.MARK}(\d+)", mark or "")
    if version is None:
        raise JournalError(shown, f"its table {statements.JOURNAL} is of another kind")
    if int(version[1]) > statements.VERSION:
        raise JournalError(shown, "it was written by a newer version of spapi-messaging")
    return int(version[1])


async def _add_columns(connection: psycopg.AsyncConnection[Any]) -> None:
    """Add what entries have got since the table was made; old rows have nothing there."""
    found = await connection.execute(sql.SQL("SELECT * FROM {} LIMIT 0").format(statements.TABLE))
    there = {column.name for column in found.description or ()}
    for name in statements.COLUMNS.keys() - there:
        change = sql.SQL("ALTER TABLE {} ADD COLUMN IF NOT EXISTS {} {}")
        await connection.execute(
            change.format(statements.TABLE, sql.Identifier(name), statements.COLUMNS[name])
        )


class Waiting(NamedTuple):
    """What is enqueued and not finished: batches, and the messages in them."""

    batches: int
    messages: int


@attrs.frozen
class Reader:
    """Reads a campaign while others write it; it blocks, and raises JournalError."""

    address: Address
    campaign: str

    @classmethod
    def of(cls, address: str, campaign: str | None = None) -> "Reader":
        """Find a campaign; without a name the only one there is."""
        read = Address.read(address)
        del address
        place = checked(read)
        if campaign is None:
            names = {
                name
                for each in (JOURNAL, BATCHES)
                for (name,) in _rows(
                    place, each, statements.CAMPAIGNS.format(sql.Identifier(each)), []
                )
            }
            if len(names) > 1:
                fault = f"it has the campaigns {', '.join(sorted(names))}; say which"
                raise JournalError(place.shown, fault)
            campaign = names.pop() if names else DEFAULT_CAMPAIGN
        return cls(place, campaign)

    def entries(self) -> Iterator[Entry]:
        """Yield all entries, in the order in which they began."""
        return map(entry_of, self._rows(JOURNAL, statements.ALL))

    def doubts(self, before: float) -> Iterator[Entry]:
        """Yield what is in doubt: what has no answer, and began before a moment or has ended."""
        return map(entry_of, self._rows(JOURNAL, statements.DOUBTS, before))

    def under_way(self, since: float) -> Counter[str]:
        """Count by operation what may be under way: what began since then and has no end."""
        return Counter(dict(self._rows(JOURNAL, statements.UNDER_WAY, since)))

    def times(self) -> Times:
        """Say when it was written."""
        nothing = (None, None, None, None, 0)
        (*moments, tens) = next(self._rows(JOURNAL, statements.TIMES), nothing)
        names = ("began", "last", "first_sent", "last_sent")
        return Times(**dict(zip(names, moments, strict=True)), tens=tens)

    def reasons(self) -> list[ReasonCount]:
        """Count the reasons for what was refused or not sent, the most frequent first."""
        return [ReasonCount(*row) for row in self._rows(JOURNAL, statements.REASONS)]

    def counts(self) -> Counter[tuple[str, str]]:
        """Count the entries by operation and state."""
        rows = self._rows(JOURNAL, statements.COUNTS)
        return Counter({(operation, state): count for operation, state, count in rows})

    def waiting(self) -> Waiting:
        """Count what is not finished; nothing where nothing was ever enqueued."""
        return Waiting(*next(self._rows(BATCHES, statements.WAITING), (0, 0)))

    def _rows(self, name: str, query: sql.Composed, *values: object) -> Iterator[tuple[Any, ...]]:
        return _rows(self.address, name, query, [self.campaign, *values])


def _rows(
    address: Address, name: str, query: sql.Composed, values: list[object]
) -> Iterator[tuple[Any, ...]]:
    """Read the rows of one of our tables, of which some are in memory at a time."""
    failure = None
    try:
        with psycopg.connect(address.conninfo) as connection:
            connection.read_only = True
            there = {row[0] for row in connection.execute(statements.THERE, [[JOURNAL, BATCHES]])}
            if not there:
                raise JournalError(address.shown, "there is no campaign in it")
            if name in there:
                with connection.cursor("rows") as cursor:
                    cursor.itersize = _AT_ONCE
                    yield from cursor.execute(_for_columns(connection, name, query), values)
    except psycopg.Error as error:
        failure = address.journal_error(error)
    if failure is not None:
        raise failure


def _for_columns(connection: psycopg.Connection[Any], name: str, query: sql.Composed) -> bytes:
    """Read nothing where a table has no column yet: no run of this version has opened it."""
    text = query.as_string(connection)
    there = {row[0] for row in connection.execute(statements.COLUMNS_THERE, [name])}
    for column in statements.COLUMNS.keys() - there if name == JOURNAL else ():
        text = text.replace(f'"{column}"', "NULL")
    return text.encode()
