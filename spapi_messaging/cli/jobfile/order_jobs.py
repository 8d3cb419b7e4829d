"""Files of orders, which say no action: one message to each order, all of one action.

The rows of an order are joined, and what fills the text of its message is what they have together.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Self

import attrs

from spapi_messaging.cli.jobfile.records import Record, RecordsBase, Selection, Values
from spapi_messaging.cli.jobfile.table_jobs import JOB_CELLS
from spapi_messaging.errors import OrderFileError
from spapi_messaging.orderfile import (
    KINDS,
    MARKETPLACE_COLUMNS,
    Faults,
    FileOrder,
    FolderOrders,
    OrderFile,
    Reading,
    Source,
    name_key,
    shown,
)
from spapi_messaging.redaction import printable

_OWN = frozenset(JOB_CELLS) - {"order_id", "action", "marketplace"}
"""The columns of a job that a file of orders may have, too."""
_OF_ALL = ("marketplace", *sorted(_OWN))
"""What the rows of one order have to agree in."""


@attrs.define(kw_only=True)
class OrderJobs(RecordsBase):
    """Reads the orders of a table, a workbook or JSON; ``names``: the fields that matter."""

    file: OrderFile
    names: frozenset[str] | None
    _action: str
    _faults: Faults

    @classmethod
    def of(
        cls,
        source: Source,
        name: str,
        selection: Selection,
        *,
        names: frozenset[str] | None,
        said: tuple[str, ...] = (),
        odd: bool = False,
    ) -> Self:
        """Read all rows of a source; raises OrderFileError where it is of no use."""
        reading = Reading.begin(
            source,
            name,
            marketplace=selection.marketplace,
            where=selection.where,
            limit=selection.limit,
            time_zone=selection.time_zone,
            odd=odd,
        )
        own = _OWN & set(reading.reader.columns)
        used = None if names is None or "text" in own else own | _used(names, reading)
        if used is not None:
            reading.keep(used)
        reading.read_all()
        file = reading.order_file()
        return cls(
            file=file,
            names=used,
            action=selection.action or "",
            columns=tuple(dict.fromkeys([*filter(None, file.columns), "items"])),
            read_columns=tuple(one for one in file.columns if _is_read(one, own)),
            said=(*said, *_cancelled(reading.cancelled), *_other_values(reading)),
            left_out=file.left_out,
            hiding=reading.hiding,
            are_orders=True,
            faults=reading.faults,
        )

    @property
    def faults(self) -> Faults | None:
        """What is wrong with rows, which are in no order for that."""
        return self._faults

    def records(self) -> Iterator[Record]:
        """Return the values of a job for each order."""
        for order in self.file.orders(self.names):
            yield order.lines[0], self._values(order)

    def _values(self, order: FileOrder) -> Values | tuple[str, ...]:
        fields, differing = order.fields, order.differing
        if "action" in fields:
            return ("an action is given here, and by --action as well: drop one of them",)
        wrong = [f"column {name}: {differing[name]}" for name in _OF_ALL if name in differing]
        if wrong:
            return tuple(wrong)
        values: Values = {"order_id": order.order_id, "action": self._action, "fields": fields}
        for name in _OWN:
            if name in fields:
                values[name] = JOB_CELLS[name].read(fields[name])
        if order.marketplace is not None:
            values["marketplace"] = order.marketplace
        if differing:
            values["differing"] = differing
        return values


def _used(names: frozenset[str], reading: Reading) -> frozenset[str]:
    """Return the fields that are meant by names in any spelling."""
    keys = {name_key(name) for name in names}
    columns = (*reading.reader.columns, "items")
    return frozenset(one for one in columns if name_key(one) in keys or one == "action")


def _is_read(column: str, own: frozenset[str]) -> bool:
    return column in own or column in MARKETPLACE_COLUMNS


def _other_values(reading: Reading) -> Iterator[str]:
    """Say what there is where no row has what was asked for."""
    for column, values in reading.other_values.items():
        if not reading.store and len(values) <= KINDS:
            there = " or ".join(shown(value) if value else "empty" for value in values)
            yield f"no row is as --where asks; {column} is {there}"


def _cancelled(rows: Mapping[str, int]) -> Iterator[str]:
    """Say how many rows are of cancelled orders or items, and what leaves them out."""
    count = sum(rows.values())
    if count:
        what = "rows are of cancelled orders or items"
        what = "row is of a cancelled order or item" if count == 1 else what
        options = " ".join(f"--where '{condition}'" for condition in rows)
        leaves = "leaves" if len(rows) == 1 else "leave"
        yield f"{count} {what}; {options} {leaves} them out"


@attrs.define(kw_only=True)
class FolderJobs(RecordsBase):
    """Reads a folder whose files are named by the orders that they go to."""

    _orders: FolderOrders
    _action: str
    _limit: int | None

    @classmethod
    def of(cls, folder: Path, selection: Selection) -> Self:
        """List a folder; raises OrderFileError for one that leaves open what is whose."""
        if selection.where or selection.attach:
            option = "--where" if selection.where else "--attach"
            fault = f"the names of its files are all that it has; {option} is for a table"
            raise OrderFileError(printable(str(folder)), (fault,))
        orders = FolderOrders.read(folder)
        return cls(
            orders=orders,
            action=selection.action or "",
            limit=selection.limit,
            columns=(),
            said=orders.notes,
            left_out=orders.left_out,
            unit="file",
            are_orders=True,
        )

    def records(self) -> Iterator[Record]:
        """Return the values of a job for each file."""
        for number, (order_id, path) in enumerate(self._orders, start=1):
            if self._limit is not None and number > self._limit:
                return
            values = {"order_id": order_id, "action": self._action}
            yield number, values | {"attachments": [str(path.absolute())]}
