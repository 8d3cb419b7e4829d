"""The rows of Amazon's reports, and of any table that names its orders.

A row is an order's, or is left out for a reason that is no fault (it was not sold on Amazon, it
is a refund), or has a fault that says what to do. Which order a row is of, and where it was
placed, is read and never guessed at: a wrong one is a message to a stranger. So an unknown
marketplace is a fault and no default. No sentence has the number of its line, so that equal ones
are one; none quotes what may be a text.
"""

import marshal
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import lru_cache
from hashlib import blake2b
from typing import Any

import attrs

from spapi_messaging.marketplaces import Marketplace, marketplace_named
from spapi_messaging.orderfile.columns import check_twice, order_id_at, other_ids_at
from spapi_messaging.orderfile.names import name_key, nearest, plain_name
from spapi_messaging.orderfile.order_id import NOT_OF_AMAZON, clean_order_id, order_id_fault
from spapi_messaging.orderfile.order_row import LeftOut, OrderRow, Read, RowFault
from spapi_messaging.orderfile.report_kinds import (
    MARKETPLACE_COLUMNS,
    ReportKind,
    domain_columns,
    kind_of,
    marketplace_columns,
)
from spapi_messaging.orderfile.shown import json_kind
from spapi_messaging.orderfile.tables.json_records import place_in, text_of
from spapi_messaging.orderfile.tables.no_rows import (
    is_elsewhere,
    is_header,
    is_null,
    is_same_header,
    is_total,
)
from spapi_messaging.orderfile.tables.rows import OTHER_HEADER
from spapi_messaging.redaction import name_or_size, printable

HEADER_AGAIN = "the header again"
"""Why a line is left out between files that were put together."""
_NOT_AMAZONS = re.compile(r"s\d[\d-]{0,40}", re.ASCII | re.IGNORECASE)
_SHOWN = re.compile(r"[\w .:/\u2010-\u2015-]{1,40}")
_REMEMBERED = 256
_LONGEST = 100
_MAX_HEADERS = 64
_PLAIN = 2
"""The version of marshal in which equal texts have equal bytes, however they are held."""
_NAMES = [name for each in Marketplace for name in (each.name, each.domain)]


@attrs.define
class RowReader:
    """Reads rows under a header; made by ``of``.

    ``columns`` has the plain names of all columns, and ``order_id_at`` says which has the order's
    id; ``kind`` is which of Amazon's reports it is.
    """

    kind: ReportKind | None
    columns: tuple[str, ...]
    _written: tuple[str, ...]
    order_id_at: int
    _places: tuple[int, ...]
    _domains: tuple[int, ...]
    _counted: int | None
    _odd: bool
    _other_ids: tuple[int, ...]
    """Other columns that may have an order's id."""
    _others: dict[tuple[str, ...], "RowReader | RowFault"] = attrs.field(factory=dict, init=False)
    _kept: Sequence[int] = attrs.field(init=False)
    """The columns whose cells become fields."""
    _unnamed: Sequence[int] = attrs.field(init=False)
    _is_known_by_all: bool = attrs.field(default=False, init=False)
    _wanted: Collection[str] | None = attrs.field(default=None, init=False)
    """The names of the fields that are kept of JSON records; all without it."""

    def __attrs_post_init__(self) -> None:
        self._kept = [at for at, name in enumerate(self.columns) if name]
        self._unnamed = [at for at, name in enumerate(self.columns) if not name]

    @classmethod
    def of(cls, columns: Sequence[str], *, odd: bool = False) -> "RowReader":
        """Return the reader of the rows under a header; ``odd`` admits the static sandbox's ids.

        Raises ValueError for a header without the order's id, or with one name twice.
        """
        written = tuple(printable(column.strip()) for column in columns)
        names = tuple(map(plain_name, written))
        check_twice(written, names)
        kind = kind_of(written)
        at = {name_key(name): place for place, name in enumerate(names) if name}
        counted = kind.rows_that_count[0] if kind and kind.rows_that_count else ""
        return cls(
            kind=kind,
            columns=names,
            written=written,
            order_id_at=order_id_at(written),
            places=tuple(marketplace_columns(names)),
            domains=tuple(domain_columns(names)),
            counted=at.get(name_key(counted)),
            odd=odd,
            other_ids=other_ids_at(written),
        )

    def keep(self, names: Collection[str], *, is_known_by_all: bool = False) -> None:
        """Make fields of these columns only, which a file is read faster by.

        ``is_known_by_all``: a row is known by all of its cells. So one more field, without a name,
        is equal where all of them are; JSON records, whose names are their own, keep all instead.
        """
        self._kept = [at for at, name in enumerate(self.columns) if name and name in names]
        self._is_known_by_all = is_known_by_all
        self._wanted = None if is_known_by_all else names
        self._others.clear()

    def read(self, line: int, cells: Sequence[str]) -> Read:
        """Return the order of a row, or why it has none."""
        values = [*map(str.strip, cells), *[""] * (len(self.columns) - len(cells))]
        given = values[self.order_id_at]
        if not given or is_null(given):
            return self._without_order(values, cells)
        order_id = clean_order_id(given)
        fault = order_id_fault(order_id, odd=self._odd)
        no_row = self._no_row(cells) if fault is not None else None
        left_out = no_row or self._left_out(values, order_id, is_broken=fault is not None)
        if left_out is not None:
            return left_out
        values[self.order_id_at] = order_id
        return self._of_order(line, values, order_id, fault)

    def _fields(self, values: list[str]) -> dict[str, str]:
        names = self.columns
        fields = {names[at]: value for at in self._kept if (value := values[at])}
        if self._is_known_by_all:
            for at in self._unnamed:
                values[at] = ""
            said = marshal.dumps(values[: len(names)], _PLAIN)
            fields[""] = blake2b(said, digest_size=16).hexdigest()
        return fields

    def _without_order(self, values: Sequence[str], cells: Sequence[str]) -> LeftOut | RowFault:
        missing = RowFault(f"{self._written[self.order_id_at]} is missing")
        return self._no_row(cells) or self._left_out(values, "", is_broken=True) or missing

    def _of_order(self, line: int, values: list[str], order_id: str, fault: str | None) -> Read:
        faults = [f"{self._written[self.order_id_at]} {fault}"] if fault else []
        marketplace = self._marketplace_of(values, faults)
        if self._other_ids and fault is None:
            faults += self._of_two_orders(values, order_id)
        if faults:
            return RowFault("; ".join(faults), None if fault else order_id)
        return OrderRow(line, order_id, marketplace, self._fields(values))

    def _of_two_orders(self, values: Sequence[str], order_id: str) -> Iterator[str]:
        """Say which other column has the id of another order of Amazon's."""
        for place in self._other_ids:
            other = clean_order_id(values[place])
            if other != order_id and order_id_fault(other) is None:
                both = f"{self._written[self.order_id_at]} and {self._written[place]}"
                yield f"{both} are two orders; a row has one: take out the column that is wrong"

    def _no_row(self, cells: Sequence[str]) -> LeftOut | RowFault | None:
        """Say what a row without an order is, if it was never meant as one."""
        if is_same_header(cells, self.columns):
            return LeftOut(HEADER_AGAIN)
        if is_header(cells):
            return RowFault(OTHER_HEADER)
        return LeftOut("a row of totals") if is_total(cells) else None

    def read_values(self, line: int, values: Mapping[str, Any]) -> Read:
        """Return the order of a JSON record, whose names need not be those of the header.

        Numbers and booleans become texts; objects and arrays are in no field.
        """
        names = tuple(map(str, values))
        reader = self._others.get(names)
        if reader is None:
            if len(self._others) >= _MAX_HEADERS:
                self._others.clear()
            try:
                reader = RowReader.of(names, odd=self._odd)
                if self._wanted is not None:
                    reader.keep(self._wanted)
            except ValueError as error:
                reader = RowFault(str(error))
            self._others[names] = reader
        if isinstance(reader, RowFault):
            return reader
        cells = reader.cells_of(values)
        return cells if isinstance(cells, RowFault) else reader.read(line, cells)

    def cells_of(self, values: Mapping[str, Any]) -> Sequence[str] | RowFault:
        """Return a JSON record of these columns as a row of cells."""
        held = list(values.values())
        given = held[self.order_id_at]
        if given is not None and not isinstance(given, str):
            kind = json_kind(given)
            what = f"{self._written[self.order_id_at]} ({kind}) is not 3-7-7 digits in quotes"
            is_table = isinstance(given, dict | list)
            return RowFault(f"{what}; write one object for each row" if is_table else what)
        cells = list(map(text_of, held))
        for place in self._places:
            if isinstance(value := held[place], dict):
                cells[place] = place_in(value)
        return cells

    def _left_out(self, values: Sequence[str], order_id: str, *, is_broken: bool) -> LeftOut | None:
        if self._counted is not None and (reason := self._not_counted(values, is_broken=is_broken)):
            return LeftOut(reason)
        for place in self._places:
            channel = values[place]
            if channel and is_elsewhere(channel):
                where = f"{self._written[place]} {_unquoted(channel)}"
                return LeftOut(f"not sold on Amazon ({where})")
        if order_id[:1] in {"S", "s"} and _NOT_AMAZONS.fullmatch(order_id):
            return LeftOut(NOT_OF_AMAZON)
        return None

    def _not_counted(self, values: Sequence[str], *, is_broken: bool) -> str | None:
        """Say why a row of a report is of no goods that went out, if that is so."""
        if self._counted is None or self.kind is None or self.kind.rows_that_count is None:
            return None
        wanted = self.kind.rows_that_count[1]
        found = values[self._counted]
        # Without an order and without a type it may be anything.
        if found.upper() == wanted or (is_broken and not found):
            return None
        shown = _unquoted(found) if found else "(empty)"
        return f"{self._written[self._counted]} {shown} is not {wanted}"

    def _marketplace_of(self, values: list[str], faults: list[str]) -> Marketplace | None:
        """Return where an order was placed; None where nothing says it.

        The column to be trusted most has to be right, and no other may say another marketplace.
        """
        first: Marketplace | None = None
        said = ""
        for place in self._places:
            cell = values[place]
            if not cell or self._only_says_amazon(place, cell):
                continue
            if is_null(cell):
                values[place] = ""
                continue
            found = _marketplace(cell) if len(cell) < _LONGEST else None
            if first is None:
                if found is None:
                    faults.append(f"{self._written[place]} {_no_marketplace(cell)}")
                    return None
                first, said = found, f"{self._written[place]} {_unquoted(cell)}"
            elif found is not None and found is not first:
                other = f"{self._written[place]} {_unquoted(cell)}"
                faults.append(f"{said} and {other} are two marketplaces; an order has one")
                return None
        return first or self._by_domain(values)

    def _only_says_amazon(self, place: int, cell: str) -> bool:
        """Say whether a column in a person's words leaves open which of Amazon's it is."""
        return self.columns[place] not in MARKETPLACE_COLUMNS and cell.lower() == "amazon"

    def _by_domain(self, values: Sequence[str]) -> Marketplace | None:
        cells = (values[place] for place in self._domains)
        return next((_marketplace(cell) for cell in cells if _has_domain(cell)), None)


def _has_domain(cell: str) -> bool:
    return len(cell) < _LONGEST and "amazon." in cell.lower()


@lru_cache(maxsize=_REMEMBERED)
def _marketplace(cell: str) -> Marketplace | None:
    return marketplace_named(cell)


def _no_marketplace(cell: str) -> str:
    is_name = len(cell) < _LONGEST and name_key(cell) != "amazon"  # which is near to all of them
    likely = nearest(cell, _NAMES) if is_name else None
    meant = f"did you mean {likely}?" if likely else "write a code, as DE, or a domain as Amazon.de"
    return f"{name_or_size(cell, _SHOWN)} is no marketplace; {meant}"


def _unquoted(cell: str) -> str:
    return cell if _SHOWN.fullmatch(cell) else name_or_size(cell, _SHOWN)
