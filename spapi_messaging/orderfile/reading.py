"""The reading of a file of orders: each row is taken to where it belongs, or said.

The law: **no row gets lost in silence.** Each is a row of an order, or left out for a reason that
is counted, or at fault; and what is at fault stops what would be made of the rest, unless that is
asked for. Then an order of which one row is at fault is left out whole: what is left of it would
be another message. Memory does not grow with the file.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from os import PathLike
from typing import Any, Self

import attrs

from spapi_messaging.errors import OrderFileError
from spapi_messaging.marketplaces import Marketplace
from spapi_messaging.orderfile.dates import zone_named
from spapi_messaging.orderfile.faults import Faults
from spapi_messaging.orderfile.joining import all_fields_count, is_item_id
from spapi_messaging.orderfile.order_file import OrderFile, Rows
from spapi_messaging.orderfile.order_row import LeftOut, OrderRow, Read, RowFault, count_left_out
from spapi_messaging.orderfile.reports import HEADER_AGAIN, RowReader
from spapi_messaging.orderfile.source import Source, name_of, open_source
from spapi_messaging.orderfile.store import RowStore
from spapi_messaging.orderfile.tables.rows import Cells, HiddenRows, OtherHeader
from spapi_messaging.orderfile.where import Condition

FILTERED = "left out by a condition"
"""Why a row is left out of which a condition does not hold."""
_STATES = ("order_status", "item_status")
KINDS = 8
"""A column with up to so many values says of what kind a row is."""


def read_orders(
    file: str | PathLike[str] | bytes,
    *,
    marketplace: Marketplace | None = None,
    encoding: str | None = None,
    where: str | Sequence[str] = (),
    limit: int | None = None,
    time_zone: str | None = None,
) -> OrderFile:
    """Read the orders of one of Amazon's reports, of a table, a workbook or JSON.

    It reads all of the file and writes a temporary one: an async service calls it in a thread.
    ``file``: a path, or the content. ``marketplace``: of the rows that name none. ``encoding``: by
    default found out (UTF-8, UTF-16 by its byte order mark, else cp932 for Japan and cp1252).
    ``where``: conditions such as ``"order-status!=Cancelled"`` or ``"purchase-date>=2026-11-01"``,
    which all have to hold; their dates are of ``time_zone``, such as "Europe/Berlin". ``limit``:
    the number of orders. Raises OrderFileError for a file or a condition that is of no use, and
    ValueError for a limit below 0.
    """
    if limit is not None and limit < 0:
        raise ValueError(f"limit {limit} is no number of orders; leave it out for all")
    with open_source(file, encoding=encoding, japanese=marketplace is Marketplace.JP) as source:
        reading = Reading.begin(
            source,
            name_of(file),
            marketplace=marketplace,
            where=(where,) if isinstance(where, str) else where,
            limit=limit,
            time_zone=time_zone,
        )
        reading.read_all()
    return reading.order_file()


def conditions_of(
    name: str, where: Sequence[str], columns: Sequence[str], time_zone: str | None
) -> tuple[Condition, ...]:
    """Read conditions on the columns of a file; raises OrderFileError, which names all faults."""
    faults, conditions = [], []
    try:
        zone = zone_named(time_zone) if time_zone else None
    except ValueError as error:
        raise OrderFileError(name, (str(error),)) from None
    for one in where:
        try:
            conditions.append(Condition.parse(one, columns, zone))
        except ValueError as error:
            faults.append(str(error))
    if faults:
        raise OrderFileError(name, tuple(faults))
    return tuple(conditions)


@attrs.define(kw_only=True, eq=False)
class Reading:
    """Takes the rows of a source to where they belong."""

    source: Source
    name: str
    reader: RowReader
    marketplace: Marketplace | None
    conditions: tuple[Condition, ...]
    store: RowStore
    left_out: Counter[str] = attrs.field(factory=Counter, init=False)
    faults: Faults = attrs.field(factory=Faults, init=False)
    cancelled: Counter[str] = attrs.field(factory=Counter, init=False)
    """The rows of cancelled orders or items, by the condition that leaves them out."""
    hiding: int | None = attrs.field(default=None, init=False)
    """The first line whose record may hold other rows."""
    other_values: dict[str, dict[str, None]] = attrs.field(factory=dict, init=False)
    """The first values that a column has where another was wanted, to be told if nothing is left:
    a column of more than ``KINDS`` values has no kinds of rows, but perhaps names."""
    parts: list[int] = attrs.field(factory=list, init=False)
    """The lines where the header is again, as in files that were put together."""
    _other_header: int | None = attrs.field(default=None, init=False)

    @classmethod
    def begin(
        cls,
        source: Source,
        name: str,
        *,
        marketplace: Marketplace | None,
        where: Sequence[str],
        limit: int | None,
        time_zone: str | None,
        odd: bool = False,
    ) -> Self:
        """Read the header, and judge the conditions by it; raises OrderFileError."""
        try:
            reader = RowReader.of(source.columns, odd=odd)
        except ValueError as error:
            raise OrderFileError(name, (str(error),)) from None
        return cls(
            source=source,
            name=name,
            reader=reader,
            marketplace=marketplace,
            conditions=conditions_of(name, where, reader.columns, time_zone),
            store=RowStore(limit),
        )

    def keep(self, names: Collection[str]) -> None:
        """Keep only the fields of these names, where it is known which are used."""
        is_known_by_all = all_fields_count(names)
        ids = filter(is_item_id, self.reader.columns) if is_known_by_all else ()
        judged = (condition.name for condition in self.conditions)
        self.reader.keep({*names, *judged, *_STATES, *ids}, is_known_by_all=is_known_by_all)

    def read_all(self) -> None:
        """Read all rows."""
        for line, cells in self.source.rows():
            read = self._read(line, cells)
            if isinstance(read, OrderRow):
                self._take(read)
            elif isinstance(read, LeftOut):
                count_left_out(self.left_out, read.reason)
                if read.reason == HEADER_AGAIN:
                    self.parts.append(line)
                    self._other_header = None
            else:
                self._refuse(line, read)
        self.store.flush()

    def _read(self, line: int, cells: Cells | Mapping[str, Any] | str) -> Read:
        if isinstance(cells, list):
            return self.reader.read(line, cells)
        if not isinstance(cells, str):
            return self.reader.read_values(line, cells)
        return RowFault(cells)

    def _refuse(self, line: int, fault: RowFault) -> None:
        self.faults.add(line, fault.reason)
        if fault.order_id is not None:
            self.store.reject(fault.order_id)
        if isinstance(fault.reason, OtherHeader):
            self._other_header = self._other_header or line
        if isinstance(fault.reason, HiddenRows) and self.hiding is None:
            self.hiding = line

    def _take(self, row: OrderRow) -> None:
        if self._other_header is not None:
            below = f"it stands below another header, on line {self._other_header}"
            self._refuse(row.line, RowFault(below))
            return
        if self.conditions and not self._is_wanted(row):
            return
        if self.store.add(row) and (condition := _cancelled(row.fields)):
            self.cancelled[condition] += 1

    def _is_wanted(self, row: OrderRow) -> bool:
        """Say whether all conditions hold of a row; what cannot be judged is at fault."""
        try:
            failing = next((one for one in self.conditions if not one.holds(row.fields)), None)
        except ValueError as error:
            self._refuse(row.line, RowFault(str(error), row.order_id))
            return False
        if failing is not None:
            self.left_out[FILTERED] += 1
            self._note_value(failing, row.fields)
        return failing is None

    def _note_value(self, failing: Condition, fields: Mapping[str, str]) -> None:
        if failing.sign == "=" and len(self.conditions) == 1:
            values = self.other_values.setdefault(failing.column, {})
            if len(values) <= KINDS:
                values.setdefault(fields.get(failing.name, "").strip())

    def order_file(self) -> OrderFile:
        """Return what was read."""
        kind, encoding = self.reader.kind, self.source.encoding
        return OrderFile(
            name=self.name,
            kind=kind.name if kind else None,
            encoding=encoding.name if encoding else None,
            encoding_is_guessed=encoding is not None and encoding.is_guessed,
            delimiter=self.source.delimiter,
            columns=self.reader.columns,
            left_out=dict(self.left_out),
            faults=tuple(self.faults),
            fault_lines=tuple(self.faults.lines()),
            fault_count=self.faults.count,
            rows=Rows(self.store, self.marketplace),
            store=self.store,
            marketplace=self.marketplace,
            hiding=self.hiding,
            parts=tuple(self.parts),
        )


def _cancelled(fields: Mapping[str, str]) -> str | None:
    """Say by which condition a row is left out that Amazon's report has as cancelled."""
    for name in _STATES:
        if name in fields and fields[name].lower() in {"cancelled", "canceled"}:
            return f"{name.replace('_', '-')}!={fields[name]}"
    return None
