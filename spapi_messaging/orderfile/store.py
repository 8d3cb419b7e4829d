"""The rows of a file, kept so that those of one order come together, wherever they stand.

Mostly the rows of an order stand side by side, but nothing says so, and an order that was taken
for two would get two messages. So rows are kept in a temporary database of SQLite's, which holds
2 MB in memory and the rest in a file without a name: memory does not grow with the file.
"""

import json
import sqlite3
import weakref
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import groupby
from operator import attrgetter
from typing import Any, TypeAlias

import attrs

from spapi_messaging.bulk import temporary_database
from spapi_messaging.errors import OrderFileError
from spapi_messaging.marketplaces import Marketplace
from spapi_messaging.orderfile.copies import no_room
from spapi_messaging.orderfile.order_row import OrderRow

_TABLES = (
    "CREATE TABLE orders (order_id TEXT PRIMARY KEY, place INTEGER) WITHOUT ROWID",
    "CREATE TABLE rejected (order_id TEXT PRIMARY KEY) WITHOUT ROWID",
    """
    CREATE TABLE rows (
        place INTEGER PRIMARY KEY, line INTEGER, order_id TEXT, marketplace TEXT, fields
    )
    """,
)
_ADD_ORDER = "INSERT INTO orders VALUES (?, ?) ON CONFLICT DO NOTHING"
_HAS_ORDER = "SELECT 1 FROM orders WHERE order_id = ?"
_ADD_ROWS = "INSERT INTO rows VALUES (?, ?, ?, ?, ?)"
_ROWS = "SELECT line, order_id, marketplace, fields FROM rows ORDER BY place"
_ROW = "SELECT line, order_id, marketplace, fields FROM rows WHERE place = ?"
_BY_ORDER = """
SELECT line, rows.order_id, marketplace, fields FROM rows JOIN orders USING (order_id)
ORDER BY orders.place, rows.place
"""
_REJECT = "INSERT INTO rejected VALUES (?) ON CONFLICT DO NOTHING"
_IS_REJECTED = "SELECT 1 FROM rejected WHERE order_id = ?"
_BATCH = 500
_BETWEEN = "\x1f"
"""What stands between names and values as they are kept: ASCII's unit separator."""

_Columns: TypeAlias = tuple[Any, ...]


@attrs.define(eq=False, repr=False)
class RowStore:
    """Keeps rows; at most those of the first ``limit`` orders. Close it."""

    limit: int | None = None
    _orders: int = attrs.field(default=0, init=False)
    _database: sqlite3.Connection = attrs.field(init=False)
    _rows: int = attrs.field(default=0, init=False)
    _batch: list[_Columns] = attrs.field(factory=list, init=False)
    _begun: dict[str, int] = attrs.field(factory=dict, init=False)
    """The orders of the batch, with the places of their first rows in it."""
    _latest: str = attrs.field(default="", init=False)
    _is_mixed: bool = attrs.field(default=False, init=False)
    _has_rejected: bool = attrs.field(default=False, init=False)

    def __attrs_post_init__(self) -> None:
        with _failing():
            self._database = temporary_database(*_TABLES)
            weakref.finalize(self, self._database.close)  # whoever forgets to, or fails before

    def close(self) -> None:
        """Forget the rows."""
        self._database.close()

    def __len__(self) -> int:
        return self._rows

    @property
    def orders(self) -> int:
        """How many orders the rows have."""
        self.flush()
        return self._orders

    def add(self, row: OrderRow) -> bool:
        """Keep a row; say whether it was kept, being of one of the first orders."""
        if row.order_id != self._latest and not self._begins(row.order_id):
            return False
        self._latest = row.order_id
        marketplace = row.marketplace.name if row.marketplace else None
        fields = _kept(row.fields)
        self._batch.append((self._rows, row.line, row.order_id, marketplace, fields))
        self._rows += 1
        if len(self._batch) == _BATCH:
            self.flush()
        return True

    def reject(self, order_id: str) -> None:
        """Leave an order out of those that are told by ``by_order``."""
        self._has_rejected = True
        with _failing():
            self._database.execute(_REJECT, (order_id,))

    def rows(self) -> Iterator[OrderRow]:
        """Return the rows in the order in which they came."""
        return self._select(_ROWS)

    def row(self, place: int) -> OrderRow:
        """Return the row at a place, from 0; raises IndexError if there is none."""
        for row in self._select(_ROW, (place,)):
            return row
        raise IndexError(place)

    def by_order(self) -> Iterator[list[OrderRow]]:
        """Return the rows of each order together, in the order in which the orders came.

        Those that were rejected are left out.
        """
        self.flush()
        found = self._select(_BY_ORDER if self._is_mixed else _ROWS)
        for order_id, rows in groupby(found, key=attrgetter("order_id")):
            if not self._is_rejected(order_id):
                yield list(rows)

    def _is_rejected(self, order_id: str) -> bool:
        if not self._has_rejected:
            return False
        with _failing():
            return self._database.execute(_IS_REJECTED, (order_id,)).fetchone() is not None

    def _begins(self, order_id: str) -> bool:
        """Note an order that is not that of the row before; say whether its rows are kept."""
        if self.limit is not None:
            with _failing():
                self._note_begun()  # by which is known how many there are
                if self._orders == self.limit:
                    known = self._database.execute(_HAS_ORDER, (order_id,)).fetchone()
                    self._is_mixed |= known is not None
                    return known is not None
        if self._begun.setdefault(order_id, self._rows) != self._rows:
            self._is_mixed = True
        return True

    def _note_begun(self) -> None:
        """Note the orders of the batch; that one is known already tells that rows are mixed."""
        begun, self._begun = self._begun, {}
        before = self._database.total_changes
        self._database.executemany(_ADD_ORDER, begun.items())
        added = self._database.total_changes - before
        self._orders += added
        self._is_mixed |= added < len(begun)

    def flush(self) -> None:
        """Write what is only in memory."""
        if self._batch:
            batch, self._batch = self._batch, []
            with _failing():
                self._note_begun()
                self._database.executemany(_ADD_ROWS, batch)

    def _select(self, query: str, values: _Columns = ()) -> Iterator[OrderRow]:
        self.flush()
        with _failing():
            yield from map(_row, self._database.execute(query, values))


def _row(values: _Columns) -> OrderRow:
    line, order_id, marketplace, fields = values
    named = Marketplace[marketplace] if marketplace else None
    return OrderRow(line, order_id, named, _fields(fields))


def _kept(fields: Mapping[str, str]) -> bytes | str:
    """Return fields as they are kept: names and values in a row, which is read the fastest."""
    kept = _BETWEEN.join((*fields, *fields.values()))
    if fields and kept.count(_BETWEEN) != 2 * len(fields) - 1:
        return json.dumps(dict(fields))  # a value has what stands between them
    return kept.encode("utf-8", "surrogatepass")  # as JSON may have, and SQLite does not take


def _fields(kept: bytes | str) -> dict[str, str]:
    if isinstance(kept, str):
        fields: dict[str, str] = json.loads(kept)
        return fields
    parts = kept.decode("utf-8", "surrogatepass").split(_BETWEEN)
    half = len(parts) // 2
    return dict(zip(parts[:half], parts[half:], strict=False))


@contextmanager
def _failing() -> Iterator[None]:
    try:
        yield
    except sqlite3.OperationalError as error:
        raise no_room(str(error)) from None
    except sqlite3.ProgrammingError:
        raise OrderFileError("the file", ("it has been closed",)) from None
