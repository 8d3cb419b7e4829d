"""What is asked of the journal's table in PostgreSQL, which all workers of a database share.

A row belongs to the run that wrote 'sending' into it, which `claim` names. Another run needs a
row that says 'not sent', or has to name the claim that it found and takes over; PostgreSQL judges
that, row by row, so that of two runs that want to send one message one may
(https://www.postgresql.org/docs/current/sql-insert.html#SQL-ON-CONFLICT).
"""

from collections.abc import Sequence
from typing import Any

import attrs
from psycopg import sql

from spapi_messaging.bulk import Entry

VERSION = 2
"""1 had no ``content`` and no index of orders, and knew jobs by a hash of their content."""
DEFAULT_CAMPAIGN = "default"

JOURNAL = "spapi_messaging_journal"
BATCHES = "spapi_messaging_batches"

TABLE = sql.Identifier(JOURNAL)
_NAMES = tuple(field.name for field in attrs.fields(Entry))
MARK = "spapi-messaging journal, version "
SCHEMA_LOCK = 0x53504D4A
"""Of `pg_advisory_xact_lock`: of workers that start at once, one makes the table."""


def _listed(names: Sequence[str]) -> sql.Composed:
    return sql.SQL(", ").join(map(sql.Identifier, names))


COLUMNS = {
    field.name: sql.SQL("double precision" if field.type in {float, float | None} else "text")
    for field in attrs.fields(Entry)
}
_NEEDED = {field.name for field in attrs.fields(Entry) if field.default is attrs.NOTHING}

# Each row is written twice: room in its page keeps the second version beside the first.
CREATE = sql.SQL(
    "CREATE TABLE {table} (campaign text NOT NULL, claim text NOT NULL, {columns}, "
    "CHECK (state IN ('sending', 'sent', 'refused', 'not sent')), PRIMARY KEY (campaign, key)) "
    "WITH (fillfactor = 70)"
).format(
    table=TABLE,
    columns=sql.SQL(", ").join(
        sql.SQL("{} {}{}").format(
            sql.Identifier(name), kind, sql.SQL(" NOT NULL" if name in _NEEDED else "")
        )
        for name, kind in COLUMNS.items()
    ),
)

UPSERT = sql.SQL(
    "INSERT INTO {table} AS known (campaign, claim, {names}) VALUES (%s, %s, {values}) "
    "ON CONFLICT (campaign, key) DO UPDATE SET {changes}, claim = "
    "CASE WHEN excluded.state = 'sending' THEN excluded.claim ELSE known.claim END "
    "WHERE known.state = 'not sent' OR (known.claim = %s AND known.began_at = excluded.began_at) "
    "OR (known.claim = %s AND known.began_at = %s AND 'sending' IN (known.state, excluded.state)) "
    "RETURNING true"
).format(
    table=TABLE,
    names=_listed(_NAMES),
    values=sql.SQL(", ").join(sql.Placeholder() * len(_NAMES)),
    changes=sql.SQL(", ").join(
        sql.SQL("{0} = excluded.{0}").format(sql.Identifier(name)) for name in _NAMES[1:]
    ),
)
FIND = sql.SQL(
    "SELECT key, claim, {names} FROM {table} WHERE campaign = %s AND key = ANY(%s)"
).format(names=_listed(_NAMES), table=TABLE)
OF_ORDER = sql.SQL(
    "SELECT order_id, claim, {names} FROM {table} WHERE campaign = %s AND order_id = ANY(%s)"
).format(names=_listed(_NAMES), table=TABLE)
ALL = sql.SQL("SELECT {names} FROM {table} WHERE campaign = %s ORDER BY began_at, key").format(
    names=_listed(_NAMES), table=TABLE
)
DOUBTS = sql.SQL(
    "SELECT {names} FROM {table} WHERE campaign = %s AND state = 'sending' "
    "AND (began_at < %s OR ended_at IS NOT NULL) ORDER BY began_at, key"
).format(names=_listed(_NAMES), table=TABLE)
UNDER_WAY = sql.SQL(
    "SELECT operation, count(*) FROM {table} WHERE campaign = %s AND state = 'sending' "
    "AND ended_at IS NULL AND began_at >= %s GROUP BY operation"
).format(table=TABLE)
TIMES = sql.SQL(
    "SELECT min(began_at), greatest(max(began_at), max(ended_at)), "
    "min(ended_at) FILTER (WHERE state = 'sent'), max(ended_at) FILTER (WHERE state = 'sent'), "
    "count(DISTINCT floor(ended_at / 10)) FILTER (WHERE state = 'sent') "
    "FROM {table} WHERE campaign = %s"
).format(table=TABLE)
REASONS = sql.SQL(
    "SELECT state, reason, count(*), min(order_id) FROM {table} WHERE campaign = %s "
    "AND state IN ('refused', 'not sent') AND reason IS NOT NULL "
    "GROUP BY state, reason ORDER BY count(*) DESC, reason LIMIT 20"
).format(table=TABLE)
INDEX = sql.SQL("CREATE INDEX IF NOT EXISTS {index} ON {table} (campaign, order_id)").format(
    index=sql.Identifier(f"{JOURNAL}_of_order"), table=TABLE
)
COUNTS = sql.SQL(
    "SELECT operation, state, count(*) FROM {table} WHERE campaign = %s GROUP BY operation, state"
).format(table=TABLE)
CAMPAIGNS = sql.SQL("SELECT DISTINCT campaign FROM {}")
THERE = "SELECT name FROM unnest(%s::text[]) AS name WHERE to_regclass(name) IS NOT NULL"
COLUMNS_THERE = (
    "SELECT attname FROM pg_attribute "
    "WHERE attrelid = to_regclass(%s) AND attnum > 0 AND NOT attisdropped"
)
WAITING = sql.SQL("SELECT count(*), coalesce(sum(size), 0) FROM {} WHERE campaign = %s").format(
    sql.Identifier(BATCHES)
)
# 'off' returns before the disk has it; what is stronger than 'on' stays.
DURABLE = (
    "SELECT set_config('synchronous_commit', 'on', false) "
    "WHERE current_setting('synchronous_commit') = 'off'"
)


def row_of(entry: Entry) -> tuple[Any, ...]:
    """Return the values of an entry, in the order of the columns."""
    if not isinstance(entry.key, str):  # PostgreSQL would make one of a number
        raise TypeError("a key is text")
    values = attrs.astuple(entry, recurse=False)
    return tuple(storable(value) if isinstance(value, str) else value for value in values)


def entry_of(row: Sequence[Any]) -> Entry:
    """Make an entry of a row."""
    return Entry(**dict(zip(_NAMES, row, strict=True)))


def storable(text: str) -> str:
    """Put a text into a form that PostgreSQL stores: no lone surrogate, and no U+0000."""
    return text.encode(errors="backslashreplace").decode().replace("\0", "\\x00")
