"""Which rows a person wants: conditions such as ``order-status!=Cancelled``.

Values are compared by what they mean: texts in any case, numbers in any country's form, dates as
points in time, and a day as a day: in the zone that is given, else in the one that the cell has.
A row that cannot be judged is neither taken nor left, both would be a guess: it is an error. An
empty cell is equal to an empty value only, and comes neither before nor after anything.
"""

import operator
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime, tzinfo
from functools import lru_cache
from typing import Any

import attrs

from spapi_messaging.marketplaces import marketplace_named
from spapi_messaging.orderfile.dates import AmbiguousDateError, Moment, read_date, shown_date
from spapi_messaging.orderfile.names import likely_names, name_key, plain_name
from spapi_messaging.orderfile.numbers import Number, read_number
from spapi_messaging.orderfile.order_id import clean_order_id, order_id_fault
from spapi_messaging.orderfile.report_kinds import is_marketplace_column
from spapi_messaging.redaction import name_or_size, size_only

_OPERATOR = re.compile(r"!=|>=|<=|=|>|<")
_SLIPS = {"==": "=", "=>": ">=", "=<": "<=", "<>": "!=", "><": "!="}
_ORDERS: Mapping[str, Callable[[Any, Any], bool]] = {
    ">": operator.gt,
    "<": operator.lt,
    ">=": operator.ge,
    "<=": operator.le,
}
_NAME = re.compile(r"[^\n\t\"<>@=;|]{1,40}")
_EXAMPLE = re.compile(r"[^\n\t\"<@;|]{1,60}")
_AS_CONDITION = "write COL=VALUE, COL!=VALUE or COL>=VALUE"
_MAX_COLUMNS = 20
_LONGEST = 60
_REMEMBERED = 2048


@attrs.frozen
class Condition:
    """One condition, made by ``parse``; several all hold, or a row is not wanted."""

    column: str
    """As it is written in the file."""
    name: str
    """Its plain name."""
    sign: str
    value: str = attrs.field(repr=size_only)
    zone: tzinfo | None
    _number: Number | None
    _moment: Moment | None
    _is_ambiguous: bool
    """The value is a date, and may be two."""

    @classmethod
    def parse(cls, text: str, columns: Iterable[str], zone: tzinfo | None = None) -> "Condition":
        """Read a condition on a table with these columns; dates without a zone are in ``zone``.

        Raises ValueError, in a sentence, for a column that there is not, and for an order of
        values that have none.
        """
        found = _OPERATOR.search(text)
        if found is None:
            shown = name_or_size(text, _NAME)
            raise ValueError(f"{shown} is no condition; {_AS_CONDITION}{_quotes(text, columns)}")
        sign, behind = found[0], text[found.end() :]
        if (slip := _SLIPS.get(text[found.end() - 1 : found.end() + 1])) is not None:
            raise ValueError(f"write {slip} for {sign + behind[:1]}, or a blank before the value")
        column = _column(text[: found.start()].strip(), list(columns))
        value = _value(behind.strip())
        moment, is_ambiguous = _moment_of(value, zone)
        number = _number_of(value)
        if sign in _ORDERS and number is None and moment is None:
            why = "which may be two dates" if is_ambiguous else "which is no number and no date"
            raise ValueError(
                f"{column} is compared by {sign} with {shown_date(value)}, {why}; write a number, "
                "or a date as 2026-12-01"
            )
        name = plain_name(column)
        return cls(column, name, sign, value, zone, number, moment, is_ambiguous)

    def holds(self, fields: Mapping[str, str]) -> bool:
        """Say whether a row, by its plain names, is wanted.

        Raises ValueError, in a sentence, for a cell that cannot be compared with the value.
        """
        cell = fields.get(self.name, "").strip()
        if self.sign == "=":
            return self._is_equal(cell)
        if self.sign == "!=":
            return not self._is_equal(cell)
        return bool(cell) and self._is_in_order(cell)

    def _is_equal(self, cell: str) -> bool:
        if not cell or not self.value or _folded(cell) == _folded(self.value):
            return _folded(cell) == _folded(self.value)
        if self._number and not self._number.ambiguous:
            number = _number_of(cell)
            if number and not number.ambiguous:
                return number.value == self._number.value
        if self._moment or self._is_ambiguous:
            return self._is_same_time(cell)
        return is_marketplace_column(self.name) and self._is_same_place(cell)

    def _is_same_place(self, cell: str) -> bool:
        wanted = marketplace_named(self.value)
        return wanted is not None and marketplace_named(cell[:_LONGEST]) is wanted

    def _is_same_time(self, cell: str) -> bool:
        moment, is_ambiguous = _moment_of(cell, self.zone)
        if moment and self._moment:
            return self._compare_times(operator.eq, cell, moment, self._moment)
        if is_ambiguous and self._moment:
            raise ValueError(f"{self.column} {shown_date(cell)} may be two dates; write 2026-12-01")
        if moment and self._is_ambiguous:
            raise ValueError(
                f"{self.column} is compared with {shown_date(self.value)}, which may be two dates"
            )
        return False

    def _is_in_order(self, cell: str) -> bool:
        order = _ORDERS[self.sign]
        number = _number_of(cell) if self._number else None
        if number and self._number:
            if number.ambiguous != self._number.ambiguous:
                which = cell if number.ambiguous else self.value
                raise ValueError(
                    f"{self.column}: {shown_date(which)} is ambiguous: thousands, or parts of one"
                )
            return order(number.value, self._number.value)
        if self._moment:
            try:
                moment = read_date(cell, self.zone)
            except ValueError as error:
                raise ValueError(f"{self.column} {error}") from None
            return self._compare_times(order, cell, moment, self._moment)
        raise ValueError(f"{self.column} {shown_date(cell)} is no number, as {self.value} is")

    def _compare_times(
        self, compare: Callable[[Any, Any], bool], cell: str, found: Moment, wanted: Moment
    ) -> bool:
        if wanted.is_day or found.is_day:
            days = self._day_of(found, wanted, cell), wanted.value.date()
            if wanted.is_day or days[0] != days[1]:
                return compare(*days)
            raise ValueError(f"{self.column} {shown_date(cell)} has no time of day to compare")
        if wanted.value.tzinfo is None:
            return compare(found.value.replace(tzinfo=None), wanted.value)
        self._check_zone(found.value, cell)
        # In UTC: an hour that comes twice is equal to none in another zone (PEP 495).
        return compare(found.value.astimezone(UTC), wanted.value.astimezone(UTC))

    def _day_of(self, found: Moment, wanted: Moment, cell: str) -> date:
        """Return the day of a cell in the zone of the value, else in its own."""
        if found.is_day or wanted.value.tzinfo is None:
            return found.value.date()
        self._check_zone(found.value, cell)
        return found.value.astimezone(wanted.value.tzinfo).date()

    def _check_zone(self, found: datetime, cell: str) -> None:
        if found.tzinfo is None:
            raise ValueError(
                f"{self.column} {shown_date(cell)} has no zone of time; say which it is in"
            )


def _quotes(text: str, columns: Iterable[str]) -> str:
    """Say how a column keeps its condition, where a shell may have taken that for a file."""
    key = name_key(text)
    if not key or all(name_key(column) != key for column in columns):
        return ""
    example = f"{text.strip()}>=2026-11-01"
    shown = name_or_size(example, _EXAMPLE)
    return f"; in quotes, as {shown}: a shell takes > and < for files"


def _column(name: str, columns: list[str]) -> str:
    key = name_key(name)
    found = next((column for column in columns if key and name_key(column) == key), None)
    if found is not None:
        return found
    likely = likely_names(name, [column for column in columns if column])
    shown = name_or_size(name, _NAME)
    if likely:
        raise ValueError(f"no column is called {shown}; did you mean {' or '.join(likely)}?")
    names = ", ".join(filter(None, columns[:_MAX_COLUMNS]))
    more = f" and {len(columns) - _MAX_COLUMNS} more" if len(columns) > _MAX_COLUMNS else ""
    raise ValueError(f"no column is called {shown}; there are {names}{more}")


def _value(text: str) -> str:
    """Return a value without the quotes around it, and an order id as it is in the rows."""
    if len(text) > 1 and text[0] == text[-1] == '"':
        text = text[1:-1].strip()
    order_id = clean_order_id(text)
    return text if order_id_fault(order_id) else order_id


def _folded(text: str) -> str:
    if text.isascii():
        return text.lower()
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold())


def _number_of(text: str) -> Number | None:
    return read_number(text) if len(text) <= _LONGEST else None


def _moment_of(text: str, zone: tzinfo | None) -> tuple[Moment | None, bool]:
    """Return the date that a text is, and whether it may be two."""
    return _known_moment(text, zone) if len(text) <= _LONGEST else (None, False)


@lru_cache(maxsize=_REMEMBERED)  # of cells that are no longer than a date
def _known_moment(text: str, zone: tzinfo | None) -> tuple[Moment | None, bool]:
    try:
        return read_date(text, zone), False
    except AmbiguousDateError:
        return None, True
    except ValueError:
        return None, False
