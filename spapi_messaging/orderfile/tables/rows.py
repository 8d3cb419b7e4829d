"""The rows under a header: cells, or a sentence of what is wrong with a record.

No sentence quotes the file: a cell in the wrong column may be a buyer's text, or a key that was
meant for the buyer alone. After a broken record the next line is taken for the start of another.
A quote that is not closed takes the rows below into its cell: a buyer would read of another's
order, and that order would get nothing. Amazon's TAB files know no quotes, so there a line is
always a row, and one cannot take another in.
"""

import csv
from collections.abc import Callable, Iterator

from spapi_messaging.api import operation_of
from spapi_messaging.content import other_orders
from spapi_messaging.orderfile.tables.header import Header, flat_cells, quoted_cells, reader
from spapi_messaging.orderfile.tables.lines import TOO_LONG, Lines, TooLongError
from spapi_messaging.orderfile.tables.no_rows import is_header, is_ruled, is_total

Cells = list[str]
TableRow = tuple[int, Cells | str]
"""The line where a row starts, from 1, and its cells or what is wrong with it."""

_QUOTES = " \t\"'"
_LONE_CR = "a carriage return stands alone; end lines with LF or CRLF"
_NOT_CLOSED = "a quote is not closed, or not doubled inside of quotes"


class HiddenRows(str):
    """What is wrong with a record that may hold other rows: without them it cannot be skipped."""

    __slots__ = ()


class OtherHeader(HiddenRows):
    """Says that what stands below has other columns, up to where the first header is again."""

    __slots__ = ()


OTHER_HEADER = OtherHeader(
    "it is another header, of other columns; keep each table in its own file"
)


def quoted_rows(lines: Lines, header: Header) -> Iterator[TableRow]:
    """Read the rows under the header, as in RFC 4180; rows without any value are skipped."""
    records = reader(lines, header.delimiter, is_padded=header.is_padded)
    fitted = fitting(header)
    while True:
        lines.begin()
        start = lines.number + 1
        try:
            row = next(records, None)
        except TooLongError:
            yield start, _through(TOO_LONG, lines.number, start)
            continue
        except csv.Error as error:
            yield start, _through(_word(error), lines.number, start)
            continue
        if row is None:
            return
        if any(map(str.strip, row)) and not is_ruled(row):
            hidden = None if lines.number == start else swallowed(row, header)
            yield start, hidden or fitted(row)


def flat_rows(lines: Lines, header: Header) -> Iterator[TableRow]:
    """Read the lines of a TAB file that knows no quotes; missing cells at the end are empty."""
    names = len(header.columns)
    fitted = fitting(header)
    while True:
        lines.begin()
        try:
            line = next(lines, None)
        except TooLongError:
            yield lines.number, TOO_LONG
            continue
        if line is None:
            return
        cells = _flat_cells(line, header.width)
        if any(map(str.strip, cells)):
            fault = _flat_fault(line, is_short=len(cells) < names)
            yield lines.number, fault or fitted(cells + [""] * (names - len(cells)))


def _flat_cells(line: str, width: int) -> Cells:
    cells = flat_cells(line)
    if len(cells) != width and '"' in line:
        again = quoted_cells(line, "\t")
        if again is not None and len(again) == width:
            return again
    return cells


def _flat_fault(line: str, *, is_short: bool) -> str | None:
    if "\r" in line and "\r" in line.rstrip("\r\n"):
        return _LONE_CR
    if is_short and _is_open(line):
        return "its last cell begins with a quote, and the line ends inside of it"
    if is_short and not line.endswith(("\r", "\n")):
        return "the file ends inside of this row; export it again"
    return None


def fitting(header: Header) -> Callable[[Cells], Cells | str]:
    """Return what fits a row to the columns that have names, or says why it does not fit."""
    names = len(header.columns)
    unnamed = [number for number, name in enumerate(header.columns) if not name]

    def fitted(row: Cells) -> Cells | str:
        if len(row) < names:
            return _padded(row, names)
        for number in unnamed:
            if row[number].strip() and not _is_row_number(row, number):
                return _unnamed(number)
        return row if len(row) == names else _cut(row, names, header.width)

    return fitted


def _padded(row: Cells, names: int) -> Cells | str:
    if is_total(row):
        return row + [""] * (names - len(row))
    return _misfit(row, len(row), names)


def _cut(row: Cells, names: int, width: int) -> Cells | str:
    valued = [at for at in range(names, len(row)) if row[at].strip()]
    if valued and valued[-1] >= width:
        return _misfit(row, valued[-1] + 1, names)
    return _unnamed(valued[0]) if valued else row[:names]


def swallowed(row: Cells, header: Header) -> HiddenRows | None:
    """Say whether a cell over several lines seems to hold other rows; their text stays unsaid."""
    own = {cell.strip(_QUOTES) for cell in row}
    for number, cell in enumerate(row, start=1):
        lines = cell.splitlines()
        if len(lines) > 1 and any(_is_row(line, header, own) for line in lines):
            return HiddenRows(
                f"cell {number} goes on over {len(lines)} lines, and one of them looks like "
                f"another row; is a quote not closed?"
            )
    return None


def _is_row(line: str, header: Header, own: set[str]) -> bool:
    """Say whether a line begins with another order's id, or has cells as a row has."""
    text = line.strip(_QUOTES)
    first = next(other_orders(text, ""), None)
    if first is not None and first.start == 0 and text[: first.end] not in own:
        return True
    cells = [cell.strip(_QUOTES) for cell in line.split(header.delimiter)]
    is_whole = len(cells) > 1 and len(cells) >= len(header.columns)
    return any(map(_is_order_id, cells)) and (is_whole or any(map(operation_of, cells)))


def _is_order_id(cell: str) -> bool:
    first = next(other_orders(cell, ""), None)
    return first is not None and (first.start, first.end) == (0, len(cell))


def _unnamed(number: int) -> str:
    return f"cell {number + 1} has a value, and its column has no name"


def _misfit(row: Cells, cells: int, names: int) -> str:
    return OTHER_HEADER if is_header(row) else f"it has {cells} cells; the header has {names}"


def _is_row_number(row: Cells, number: int) -> bool:
    """Say whether a cell is what pandas and R write before a row, without a name above it."""
    return number == 0 and row[0].strip().isdecimal()


def _is_open(line: str) -> bool:
    last = line.rstrip("\r\n").rpartition("\t")[2]
    return last.startswith('"') and last.count('"') % 2 == 1


def _through(fault: str, end: int, start: int) -> str:
    if end <= start:
        return fault
    return HiddenRows(f"{fault} (the record goes on to line {end})")


def _word(error: csv.Error) -> str:
    reason = str(error)
    if reason.startswith("field larger"):
        return f"a cell is longer than {csv.field_size_limit()} characters; is a quote not closed?"
    return _LONE_CR if reason.startswith("new-line") else _NOT_CLOSED
