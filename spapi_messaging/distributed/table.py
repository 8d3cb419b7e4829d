"""The journal's table in PostgreSQL, shared by all campaigns and all workers of a database.

A row belongs to the run that wrote 'sending' into it, which `claim` names. Another run needs a
row that says 'not sent', or has to name the claim that it found and takes over; PostgreSQL judges
that, row by row, so that of two runs that want to send one message one may
(https://www.postgresql.org/docs/current/sql-insert.html#SQL-ON-CONFLICT).

What an address holds is a secret: of it, errors show host, port and database.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

import attrs
import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from spapi_messaging.bulk import Entry
from spapi_messaging.errors import JournalError

VERSION = 1
DEFAULT_CAMPAIGN = "default"

JOURNAL = "spapi_messaging_journal"
BATCHES = "spapi_messaging_batches"

_TABLE = sql.Identifier(JOURNAL)
_NAMES = tuple(field.name for field in attrs.fields(Entry))
_MARK = "spapi-messaging journal, version "
SCHEMA_LOCK = 0x53504D4A
"""Of `pg_advisory_xact_lock`: of workers that start at once, one makes the table."""
_KEEPALIVE = {
    "connect_timeout": 10,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 15_000,
    "fallback_application_name": "spapi-messaging",
}
"""How soon a server that vanished without a word is given up; the address may say otherwise."""


def _listed(names: Sequence[str]) -> sql.Composed:
    return sql.SQL(", ").join(map(sql.Identifier, names))


_COLUMNS = {
    field.name: sql.SQL("double precision" if field.type in {float, float | None} else "text")
    for field in attrs.fields(Entry)
}
_NEEDED = {field.name for field in attrs.fields(Entry) if field.default is attrs.NOTHING}

# Each row is written twice: room in its page keeps the second version beside the first.
_CREATE = sql.SQL(
    "CREATE TABLE {table} (campaign text NOT NULL, claim text NOT NULL, {columns}, "
    "CHECK (state IN ('sending', 'sent', 'refused', 'not sent')), PRIMARY KEY (campaign, key)) "
    "WITH (fillfactor = 70)"
).format(
    table=_TABLE,
    columns=sql.SQL(", ").join(
        sql.SQL("{} {}{}").format(
            sql.Identifier(name), kind, sql.SQL(" NOT NULL" if name in _NEEDED else "")
        )
        for name, kind in _COLUMNS.items()
    ),
)

UPSERT = sql.SQL(
    "INSERT INTO {table} AS known (campaign, claim, {names}) VALUES (%s, %s, {values}) "
    "ON CONFLICT (campaign, key) DO UPDATE SET {changes}, claim = "
    "CASE WHEN excluded.state = 'sending' THEN excluded.claim ELSE known.claim END "
    "WHERE known.state = 'not sent' OR known.claim IN (%s, %s) RETURNING true"
).format(
    table=_TABLE,
    names=_listed(_NAMES),
    values=sql.SQL(", ").join(sql.Placeholder() * len(_NAMES)),
    changes=sql.SQL(", ").join(
        sql.SQL("{0} = excluded.{0}").format(sql.Identifier(name)) for name in _NAMES[1:]
    ),
)
FIND = sql.SQL(
    "SELECT key, claim, {names} FROM {table} WHERE campaign = %s AND key = ANY(%s)"
).format(names=_listed(_NAMES), table=_TABLE)
ALL = sql.SQL("SELECT {names} FROM {table} WHERE campaign = %s ORDER BY began_at, key").format(
    names=_listed(_NAMES), table=_TABLE
)
_COUNTS = sql.SQL(
    "SELECT operation, state, count(*) FROM {table} WHERE campaign = %s GROUP BY operation, state"
).format(table=_TABLE)
_CAMPAIGNS = sql.SQL("SELECT DISTINCT campaign FROM {}")
_THERE = "SELECT name FROM unnest(%s::text[]) AS name WHERE to_regclass(name) IS NOT NULL"
_WAITING = sql.SQL("SELECT count(*), coalesce(sum(size), 0) FROM {} WHERE campaign = %s").format(
    sql.Identifier(BATCHES)
)
# 'off' returns before the disk has it; what is stronger than 'on' stays.
DURABLE = (
    "SELECT set_config('synchronous_commit', 'on', false) "
    "WHERE current_setting('synchronous_commit') = 'off'"
)


@attrs.frozen
class Address:
    """Where a database is: for libpq, and for people."""

    conninfo: str = attrs.field(repr=False)
    shown: str
    secret: str | None = attrs.field(repr=False)

    @classmethod
    def parse(cls, address: str) -> "Address":
        """Take a URL or a connection string of libpq's; raises JournalError for others."""
        try:
            given = conninfo_to_dict(address)
        except psycopg.Error:  # whose text would quote the address, and the password in it
            fault = "it is no PostgreSQL address, such as postgresql://user@host/database"
            raise JournalError("(an address)", fault) from None
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
        return JournalError(self.shown, f"{type(error).__name__}: {reason}")


async def prepare(connection: psycopg.AsyncConnection[Any], shown: str) -> None:
    """Make the table, or bring it up to date; raises JournalError for a newer one."""
    async with connection.transaction():
        await connection.execute("SELECT pg_advisory_xact_lock(%s)", [SCHEMA_LOCK])
        found = await connection.execute(
            "SELECT obj_description(oid, 'pg_class') FROM pg_class WHERE oid = to_regclass(%s)",
            [JOURNAL],
        )
        row = await found.fetchone()
        if row is None:
            await connection.execute(_CREATE)
            comment = sql.SQL("COMMENT ON TABLE {} IS {}")
            await connection.execute(comment.format(_TABLE, f"{_MARK}{VERSION}"))
            return
        _check_mark(row[0], shown)
        await _add_columns(connection)


def _check_mark(mark: str | None, shown: str) -> None:
    version = re.fullmatch(rf"{_MARK}(\d+)", mark or "")
    if version is None:
        raise JournalError(shown, f"its table {JOURNAL} is of another kind")
    if int(version[1]) > VERSION:
        raise JournalError(shown, "it was written by a newer version of spapi-messaging")


async def _add_columns(connection: psycopg.AsyncConnection[Any]) -> None:
    """Add what entries have got since the table was made; old rows have nothing there."""
    found = await connection.execute(sql.SQL("SELECT * FROM {} LIMIT 0").format(_TABLE))
    there = {column.name for column in found.description or ()}
    for name in _COLUMNS.keys() - there:
        change = sql.SQL("ALTER TABLE {} ADD COLUMN IF NOT EXISTS {} {}")
        await connection.execute(change.format(_TABLE, sql.Identifier(name), _COLUMNS[name]))


def row_of(entry: Entry) -> tuple[Any, ...]:
    """Return the values of an entry, in the order of the columns."""
    values = attrs.astuple(entry, recurse=False)
    return tuple(storable(value) if isinstance(value, str) else value for value in values)


def entry_of(row: Sequence[Any]) -> Entry:
    """Make an entry of a row."""
    return Entry(**dict(zip(_NAMES, row, strict=True)))


def storable(text: str) -> str:
    """Put a text into a form that PostgreSQL stores: no lone surrogate, and no U+0000."""
    return text.encode(errors="backslashreplace").decode().replace("\0", "\\x00")


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
        place = Address.parse(address)
        if campaign is None:
            with _reading(place) as (connection, there):
                names = {
                    name
                    for table in there
                    for (name,) in connection.execute(_CAMPAIGNS.format(sql.Identifier(table)))
                }
            if len(names) > 1:
                fault = f"it has the campaigns {', '.join(sorted(names))}; say which"
                raise JournalError(place.shown, fault)
            campaign = names.pop() if names else DEFAULT_CAMPAIGN
        return cls(place, campaign)

    def entries(self) -> list[Entry]:
        """Return all entries, in the order in which they began."""
        return [entry_of(row) for row in self._rows(JOURNAL, ALL)]

    def counts(self) -> Counter[tuple[str, str]]:
        """Count the entries by operation and state."""
        rows = self._rows(JOURNAL, _COUNTS)
        return Counter({(operation, state): count for operation, state, count in rows})

    def waiting(self) -> Waiting:
        """Count what is not finished; nothing where nothing was ever enqueued."""
        return Waiting(*next(iter(self._rows(BATCHES, _WAITING)), (0, 0)))

    def _rows(self, table: str, query: sql.Composed) -> list[tuple[Any, ...]]:
        with _reading(self.address) as (connection, there):
            if table not in there:
                return []
            return connection.execute(query, [self.campaign]).fetchall()


@contextmanager
def _reading(address: Address) -> Iterator[tuple[psycopg.Connection[Any], set[str]]]:
    """Open a connection that only reads, and return the names of our tables that are there."""
    try:
        with psycopg.connect(address.conninfo) as connection:
            connection.read_only = True
            there = {row[0] for row in connection.execute(_THERE, [[JOURNAL, BATCHES]])}
            if not there:
                raise JournalError(address.shown, "there is no campaign in it")
            yield connection, there
    except psycopg.Error as error:
        raise address.journal_error(error) from None
