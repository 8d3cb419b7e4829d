"""The records of a job file: the values of a job each, or why there is none.

What is not asked for by ``--where`` is left out, whatever is wrong with it, and counted. Those
beyond ``--limit`` are not read.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol, TypeAlias

import attrs

from spapi_messaging.marketplaces import Marketplace
from spapi_messaging.orderfile import FILTERED, Condition, Faults, LeftOut, conditions_of

Values: TypeAlias = dict[str, Any]
FaultList: TypeAlias = tuple[str, ...]
"""What is wrong with a record, a sentence for each."""
Record: TypeAlias = tuple[int, Values | FaultList | str | LeftOut]
"""The line where a record starts, and its values or what is wrong with it."""

MAX_FAULTS = 10
MAX_FAULT = 300
_FILTERED = LeftOut(FILTERED)


@attrs.frozen(kw_only=True)
class Selection:
    """What of a file is to be sent, and how it is to be read.

    ``action``: of all orders of a file whose rows say none; ``attach``: the patterns of the files
    that go to them. ``marketplace``: of rows that name none. ``where``: conditions that have to
    hold; ``limit``: how many messages at the most; ``time_zone``: that of dates which name none.
    """

    action: str | None = None
    attach: Sequence[str] = ()
    marketplace: Marketplace | None = None
    where: Sequence[str] = ()
    limit: int | None = None
    encoding: str | None = None
    time_zone: str | None = None

    @property
    def options(self) -> tuple[str, ...]:
        """The options that were given, which have no place beside a plan."""
        given = {
            "--action": self.action,
            "--attach": self.attach,
            "--where": self.where,
            "--limit": self.limit,
            "--encoding": self.encoding,
        }
        return tuple(name for name, value in given.items() if value)

    @property
    def is_japanese(self) -> bool:
        """Whether what is no UTF-8 may be what Windows writes in Japan."""
        return self.marketplace is Marketplace.JP

    def filter(self, name: str, columns: Sequence[str]) -> "Filter":
        """Return what judges the records of a file; raises OrderFileError for a wrong condition."""
        return Filter(conditions_of(name, self.where, columns, self.time_zone), self.limit)


@attrs.define
class Filter:
    """Says which records are asked for: those for which all conditions hold, up to a number."""

    conditions: tuple[Condition, ...] = ()
    limit: int | None = None
    _taken: int = attrs.field(default=0, init=False)

    @property
    def is_full(self) -> bool:
        """Whether no more records are asked for."""
        return self._taken == self.limit

    def judge(self, fields: Mapping[str, str]) -> LeftOut | FaultList | None:
        """Say why a record is not taken; None for one that is."""
        try:
            if not all(condition.holds(fields) for condition in self.conditions):
                return _FILTERED
        except ValueError as error:
            return (str(error),)
        self._taken += 1
        return None


class Records(Protocol):
    """Reads the records of a file, as often as it is asked to."""

    @property
    def columns(self) -> tuple[str, ...] | None:
        """The columns for a text template; None where each job has fields of its own."""
        ...

    @property
    def read_columns(self) -> tuple[str, ...]:
        """Those of the columns that are read for the job itself."""
        ...

    @property
    def said(self) -> tuple[str, ...]:
        """What is to be said of how it was read."""
        ...

    @property
    def left_out(self) -> Mapping[str, int]:
        """Rows that were left out before there were records, by the reason."""
        ...

    @property
    def faults(self) -> Faults | None:
        """What is wrong with rows that are in no record."""
        ...

    @property
    def hiding(self) -> int | None:
        """The first line of those that may hold other rows."""
        ...

    @property
    def unit(self) -> str:
        """What the records are numbered by."""
        ...

    @property
    def are_orders(self) -> bool:
        """Whether each record is another order, and all have one action."""
        ...

    def records(self) -> Iterator[Record]:
        """Read the records from the first."""
        ...


@attrs.define(kw_only=True)
class RecordsBase:
    """What most files have nothing of."""

    columns: tuple[str, ...] | None = None
    read_columns: tuple[str, ...] = ()
    said: tuple[str, ...] = ()
    left_out: Mapping[str, int] = attrs.Factory(dict)
    hiding: int | None = None
    unit: str = "line"
    are_orders: bool = False

    @property
    def faults(self) -> Faults | None:
        """None: all rows are in records."""
        return None


def listed(faults: list[str]) -> FaultList:
    """Return what is wrong with a record: the first faults, and how many more there are."""
    named = [
        fault if len(fault) <= MAX_FAULT else f"{fault[:MAX_FAULT]}…"
        for fault in faults[:MAX_FAULTS]
    ]
    more = len(faults) - len(named)
    return (*named, f"and {more} more") if more else tuple(named)
