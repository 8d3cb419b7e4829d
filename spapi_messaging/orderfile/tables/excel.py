"""Excel's workbooks, and those of LibreOffice, as columns and rows of texts.

A cell is read as what its value is, not as it is shown: a number without a thousands separator,
a date as ISO writes it, since the form that a person has chosen for it is not in the file. A
number has 15 digits there, and an order id without its hyphens is not restored.
Needs the extra ``excel``; it is loaded when a workbook is opened.
"""

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from decimal import Decimal
from itertools import islice
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, TypeVar

import attrs

from spapi_messaging.errors import OrderFileError
from spapi_messaging.orderfile.names import shown_name
from spapi_messaging.orderfile.tables.header import MAX_COLUMNS, Header
from spapi_messaging.orderfile.tables.looks import SAVE_AS
from spapi_messaging.orderfile.tables.rows import Cells, TableRow, fitting
from spapi_messaging.orderfile.tables.workbook_file import Place, look_into

if TYPE_CHECKING:
    from python_calamine import CalamineSheet, CalamineWorkbook

_SEARCHED = 20
"""Rows in which a header with orders is looked for, below a title perhaps."""
_EXACT = 10**15
_Read = TypeVar("_Read")


@attrs.frozen(eq=False, kw_only=True)
class Workbook:
    """The sheet of a workbook that has the orders.

    ``name`` is how errors call the workbook, ``sheet`` the sheet's own.
    """

    name: str
    sheet: str
    columns: tuple[str, ...]
    encoding: None = None
    delimiter: None = None
    _table: "CalamineSheet" = attrs.field(repr=False)
    _header: Header = attrs.field(repr=False)
    _errors: dict[Place, str] = attrs.field(repr=False)

    def rows(self) -> Iterator[TableRow]:
        """Read the rows below the header, with the numbers that the sheet gives them.

        As many cells as there are columns, or a sentence; rows without any value are left out.
        """
        fitted = fitting(self._header)
        for number, cells in islice(_rows(self._table, self._errors), self._header.lines, None):
            if any(map(str.strip, cells)):
                yield number, fitted(cells)


def open_workbook(
    file: "PathLike[str] | BinaryIO", name: str, *, has_orders: Callable[[Sequence[str]], bool]
) -> Workbook:
    """Open a workbook, told by its content; ``name`` is how errors call it.

    Of several sheets it is the first whose header ``has_orders`` accepts, hidden ones last,
    else the first one. Raises OrderFileError for what is no workbook or cannot be read, and
    where the extra ``excel`` is not installed.
    """
    with ExitStack() as stack:
        stream = stack.enter_context(Path(file).open("rb")) if isinstance(file, PathLike) else file
        errors = look_into(stream, name).errors
        stream.seek(0)
        workbook = _loaded(stream, name)
        first: Workbook | None = None
        for number in _in_order(workbook):
            sheet = _read(name, workbook.get_sheet_by_index, number)
            found, is_accepted = _opened(name, sheet, dict(errors.get(number, {})), has_orders)
            if found is not None and is_accepted:
                return _limited(found)
            first = first or found
    if first is None:
        raise OrderFileError(name, ("it has no header: its sheets are empty",))
    return _limited(first)


def _loaded(stream: BinaryIO, name: str) -> "CalamineWorkbook":
    try:
        from python_calamine import CalamineWorkbook
    except ImportError:
        how = "pip install 'spapi-messaging[excel]'"
        raise OrderFileError(name, (f"it is an Excel workbook: {how}, or {SAVE_AS}",)) from None
    return _read(name, CalamineWorkbook.from_filelike, stream)


def _read(name: str, read: Callable[..., _Read], *given: Any) -> _Read:
    """Call the library, whatever it raises."""
    from python_calamine import PasswordError

    try:
        return read(*given)
    except PasswordError:
        what = "it has a password; open it in Excel, take the password off, or"
    except BaseException as error:
        # A panic of the library is no Exception.
        if not isinstance(error, Exception) and type(error).__name__ != "PanicException":
            raise
        what = "it is broken, and no workbook can be read from it; open it in Excel and"
    raise OrderFileError(name, (f"{what} {SAVE_AS}",))


def _in_order(workbook: "CalamineWorkbook") -> list[int]:
    """Return the numbers of the sheets with cells: those that are seen, then hidden ones."""
    from python_calamine import SheetTypeEnum, SheetVisibleEnum

    sheets = list(enumerate(workbook.sheets_metadata))
    with_cells = [(n, sheet) for n, sheet in sheets if sheet.typ == SheetTypeEnum.WorkSheet]
    hidden = {n for n, sheet in with_cells if sheet.visible != SheetVisibleEnum.Visible}
    return sorted((n for n, _ in with_cells), key=lambda n: (n in hidden, n))


def _opened(
    name: str,
    sheet: "CalamineSheet",
    errors: dict[Place, str],
    has_orders: Callable[[Sequence[str]], bool],
) -> tuple[Workbook | None, bool]:
    """Return a sheet with its header, or its first row with a value, and if it was accepted."""
    first: Workbook | None = None
    filled = (row for row in _rows(sheet, errors) if any(map(str.strip, row[1])))
    for number, cells in islice(filled, _SEARCHED):
        names = [shown_name(cell) for cell in cells]
        while names and not names[-1]:
            names.pop()
        header = Header(tuple(names), len(cells), "\t", number)
        found = Workbook(
            name=name,
            sheet=sheet.name,
            columns=tuple(names),
            header=header,
            errors=errors,
            table=sheet,
        )
        if has_orders(found.columns):
            return found, True
        first = first or found
    return first, False


def _limited(found: Workbook) -> Workbook:
    if len(found.columns) > MAX_COLUMNS:
        what = f"its header has {len(found.columns)} columns; {MAX_COLUMNS} are the most"
        raise OrderFileError(found.name, (what,))
    return found


def _rows(sheet: "CalamineSheet", errors: dict[Place, str]) -> Iterator[tuple[int, Cells]]:
    """Read all rows from the sheet's first, each from the first column that has a value."""
    at = sheet.start[1] if sheet.start else 0
    rows_with_errors = {row for row, _ in errors}
    for number, values in enumerate(sheet.iter_rows(), start=1):
        cells = [value if type(value) is str else _text(value) for value in values]
        if number in rows_with_errors:
            for place, cell in enumerate(cells):
                cells[place] = errors.get((number, at + place), cell)
        yield number, cells


def _text(value: Any) -> str:
    return _WRITTEN.get(type(value), str)(value)


def _digits(value: float) -> str:
    """Write a number as a spreadsheet does in a cell that is wide enough, never as 1E+15."""
    if float(value).is_integer() and abs(value) < _EXACT:
        return str(int(value))
    return f"{Decimal(f'{value:.15g}'):f}"


def _hours(value: dt.timedelta) -> str:
    minutes, seconds = divmod(round(value.total_seconds()), 60)
    return f"{minutes // 60}:{minutes % 60:02}:{seconds:02}"


def _moment(value: dt.datetime) -> str:
    """Write a moment in whole seconds: as a fraction of a day it may be a little before it."""
    return (value + dt.timedelta(microseconds=500_000)).isoformat("T", "seconds")


_WRITTEN: dict[type, Callable[[Any], str]] = {
    bool: lambda value: "TRUE" if value else "FALSE",
    int: _digits,
    float: _digits,
    dt.date: dt.date.isoformat,
    dt.datetime: _moment,
    dt.time: lambda value: value.isoformat("seconds"),
    dt.timedelta: _hours,
}
