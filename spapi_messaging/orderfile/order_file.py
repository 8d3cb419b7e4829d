"""A file of orders that was read whole: its rows, its orders, and what is no order, and why."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from types import TracebackType
from typing import Self, overload

import attrs

from spapi_messaging.marketplaces import Marketplace
from spapi_messaging.orderfile.faults import Fault
from spapi_messaging.orderfile.joining import FileOrder, join, once_in_parts
from spapi_messaging.orderfile.order_row import OrderRow
from spapi_messaging.orderfile.store import RowStore


@attrs.frozen
class Rows(Sequence[OrderRow]):
    """The rows of a file in their order; read from a temporary file, one at a time."""

    _store: RowStore
    _marketplace: Marketplace | None = None
    """That of the rows that name none."""

    def __len__(self) -> int:
        return len(self._store)

    def __iter__(self) -> Iterator[OrderRow]:
        return map(self._placed, self._store.rows())

    @overload
    def __getitem__(self, place: int) -> OrderRow: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[OrderRow]: ...
    def __getitem__(self, place: int | slice) -> OrderRow | Sequence[OrderRow]:
        if isinstance(place, slice):
            return [self[one] for one in range(*place.indices(len(self)))]
        return self._placed(self._store.row(place if place >= 0 else place + len(self)))

    def _placed(self, row: OrderRow) -> OrderRow:
        if row.marketplace is not None or self._marketplace is None:
            return row
        return attrs.evolve(row, marketplace=self._marketplace)


@attrs.frozen(kw_only=True, eq=False)
class OrderFile:
    """The orders of a file. Close it, or use it as a context manager.

    ``kind``: which of Amazon's reports it is, None for any other table. ``encoding`` and
    ``delimiter``: how it was read; ``encoding_is_guessed`` where nothing in the file tells.
    ``columns``: their names in one form, ``first_name`` for "First Name". ``left_out``: how many
    rows are no orders to write to, by the reason. ``faults``: what is wrong with ``fault_count``
    others, equal ones together.
    """

    name: str
    kind: str | None
    encoding: str | None
    encoding_is_guessed: bool
    delimiter: str | None
    columns: tuple[str, ...]
    left_out: Mapping[str, int]
    faults: tuple[Fault, ...]
    fault_lines: tuple[str, ...]
    """The faults as lines for people."""
    fault_count: int
    rows: Sequence[OrderRow]
    _store: RowStore = attrs.field(repr=False)
    _marketplace: Marketplace | None = None
    hiding: int | None = None
    """The first line whose record may hold other rows: its fault cannot be skipped."""
    _parts: Sequence[int] = ()

    @property
    def order_count(self) -> int:
        """How many orders its rows have."""
        return self._store.orders

    def orders(self, names: Collection[str] | None = None) -> Iterator[FileOrder]:
        """Return each order once, its rows joined, in the order in which they first come.

        One of which a row is at fault is left out. ``names``: the fields that matter; all without
        it.
        """
        for rows in self._store.by_order():
            order = join(once_in_parts(rows, self._parts), names=names)
            # Only now: what one of its rows names is that of all.
            if order.marketplace is None and "marketplace" not in order.differing:
                order = attrs.evolve(order, marketplace=self._marketplace)
            yield order

    def close(self) -> None:
        """Drop the temporary file that it is read from."""
        self._store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()
