"""The header of a table: the names of the columns, and what separates them.

The header alone decides, since a name seldom has a TAB, a semicolon, a comma or a bar in it and
the cells below often do (1,50). A delimiter inside of quotes is none. Where two are as good, the
rows below tell. A line ``sep=;`` above, as Excel knows it, is obeyed.
"""

import csv
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice

import attrs

from spapi_messaging.errors import OrderFileError
from spapi_messaging.orderfile.names import shown_name
from spapi_messaging.orderfile.tables.lines import Lines, TextFile, TooLongError

MAX_COLUMNS = 2000
NO_DELIMITER = "\x1f"
"""What separates the cells of a table of one column: ASCII's unit separator, found in none."""

_DELIMITERS = "\t;,|"
_BLANK = " \t\r\n;,|\"'\u00a0\u3000\ufeff"
_SEP = re.compile(r'"?sep=([^\s"\w]|\t)\1*+"?[\t ]*+[\r\n]*+', re.IGNORECASE)
_PEEKED = 20
_TITLE = 20
"""Lines that may stand above a header, such as a title and the day of the export."""
_WRAPPED = re.compile(r'"((?:[^"]|"")*)"', re.DOTALL)

IsFlat = Callable[[Sequence[str]], bool]
HasOrders = Callable[[Sequence[str]], bool]


@attrs.frozen
class Header:
    """The columns with their names, ``width`` with those behind them that have none.

    ``lines``: how many lines stand before the first row. ``is_flat``: it is a TAB file that
    knows no quoting.
    """

    columns: tuple[str, ...]
    width: int
    delimiter: str
    lines: int
    is_flat: bool = False
    is_padded: bool = False
    """A blank stands behind each delimiter, and is no part of what follows."""


def read_header(source: TextFile, is_flat: IsFlat, has_orders: HasOrders | None = None) -> Header:
    """Read the header of a table; raises OrderFileError if there is none, or none to be read.

    ``has_orders`` says by its columns whether it is one: where the first line is none, it is
    looked for below a title, as far as one may go.
    """
    try:
        skipped, told = _above(source)
        header = _header_at(source, skipped, told, is_flat)
        if has_orders is not None and not has_orders(header.columns):
            header = _below_title(source, header, told, is_flat, has_orders)
    except TooLongError:
        raise OrderFileError(source.name, ("its header is longer than 1 MiB",)) from None
    if header.width > MAX_COLUMNS:
        what = f"its header has {header.width} columns; {MAX_COLUMNS} are the most"
        raise OrderFileError(source.name, (what,))
    return header


def _header_at(source: TextFile, skipped: int, told: str | None, is_flat: IsFlat) -> Header:
    flat = None if told not in {None, "\t"} else _flat_header(source, skipped)
    if flat is not None and is_flat(flat.columns):
        return flat
    found = [_quoted_header(source, skipped, each) for each in told or _DELIMITERS]
    return _best(source, found, is_told=told is not None)


def _below_title(
    source: TextFile, first: Header, told: str | None, is_flat: IsFlat, has_orders: HasOrders
) -> Header:
    """Return the first header that has the orders' ids, or the one that stands first."""
    for skipped in range(first.lines, first.lines + _TITLE):
        line = next(_behind(source, skipped), "")
        # Most lines are rows, and not looked at any further.
        if not any(has_orders(line.split(each)) for each in told or _DELIMITERS):
            continue
        try:
            found = _header_at(source, skipped, told, is_flat)
        except OrderFileError:
            continue
        if has_orders(found.columns):
            return found
    return first


def reader(lines: Iterable[str], delimiter: str, *, is_padded: bool = False) -> Iterator[list[str]]:
    """Read records as in RFC 4180; ``is_padded``: with blanks before the quotes."""
    return csv.reader(lines, delimiter=delimiter, strict=True, skipinitialspace=is_padded)


def flat_cells(line: str) -> list[str]:
    """Split a line at its TABs; a cell that is wrapped in quotes loses them."""
    cells = line.rstrip("\r\n").split("\t")
    if '\t"' not in line and not line.startswith('"'):
        return cells
    # With as many cells as without quotes, none of them has taken in a TAB.
    quoted = quoted_cells(line, "\t")
    if quoted is not None and len(quoted) == len(cells):
        return quoted
    return [unwrapped(cell) for cell in cells]


def quoted_cells(line: str, delimiter: str) -> list[str] | None:
    """Read one line with quotes; None if they are not as in RFC 4180."""
    try:
        return next(reader([line], delimiter))
    except csv.Error:
        return None


def unwrapped(cell: str) -> str:
    """Take off the quotes around a cell, and halve those that are doubled inside.

    ``5" pipe`` and ``"Best" and "New"`` have quotes of their own, and keep them.
    """
    if len(cell) > 1 and cell[0] == cell[-1] == '"':
        if _WRAPPED.fullmatch(cell):
            return cell[1:-1].replace('""', '"')
        if cell.count('"') % 2:
            return cell[1:-1]
    return cell


def _above(source: TextFile) -> tuple[int, str | None]:
    """Return how many lines stand above the header, and the delimiter that one of them says."""
    lines = source.lines()
    told = None
    for line in lines:
        lines.begin()
        said = _SEP.fullmatch(line) if told is None else None
        if said:
            told = said[1]
        elif line.strip(_BLANK):
            return lines.number - 1, told
    raise OrderFileError(source.name, ("it has no header: it is empty",))


def _behind(source: TextFile, skipped: int) -> Lines:
    lines = source.lines()
    for _ in islice(lines, skipped):
        lines.begin()
    lines.begin()
    return lines


def _flat_header(source: TextFile, skipped: int) -> Header | None:
    line = next(_behind(source, skipped), "")
    return _header(flat_cells(line), "\t", skipped + 1, is_flat=True) if "\t" in line else None


def _quoted_header(source: TextFile, skipped: int, delimiter: str) -> Header | None:
    lines = _behind(source, skipped)
    try:
        cells = next(reader(lines, delimiter))
        is_padded = len(cells) > 1 and all(cell[:1] == " " for cell in cells[1:])
        if is_padded:
            lines = _behind(source, skipped)
            cells = next(reader(lines, delimiter, is_padded=True))
    except csv.Error:
        return None
    return attrs.evolve(_header(cells, delimiter, lines.number), is_padded=is_padded)


def _header(cells: list[str], delimiter: str, lines: int, *, is_flat: bool = False) -> Header:
    names = [shown_name(cell) for cell in cells]
    while names and not names[-1]:
        names.pop()
    return Header(tuple(names), len(cells), delimiter, lines, is_flat)


def _best(source: TextFile, found: list[Header | None], *, is_told: bool) -> Header:
    """Return the header of most names; what cannot be read with any delimiter is None."""
    headers = [header for header in found if header is not None]
    most = max((_rank(header) for header in headers), default=(0, False))
    if not most[0] or (most == (1, False) and None in found):
        what = "its header cannot be read: a quote is not closed, or not doubled inside of quotes"
        raise OrderFileError(source.name, (what,))
    best = [header for header in headers if _rank(header) == most]
    if most == (1, False) and not is_told:
        return attrs.evolve(best[0], delimiter=NO_DELIMITER)
    return best[0] if len(best) == 1 else _that_fits(source, best)


def _rank(header: Header) -> tuple[int, bool]:
    return sum(map(bool, header.columns)), header.width > 1


def _that_fits(source: TextFile, headers: list[Header]) -> Header:
    """Return the header that most of the first rows have as many cells as."""

    def fitting(header: Header) -> int:
        lines = _behind(source, header.lines)
        rows = islice(reader(lines, header.delimiter, is_padded=header.is_padded), _PEEKED)
        try:
            return sum(len(row) == header.width for row in rows)
        except (csv.Error, TooLongError):
            return 0

    # A name with a lone quote in it was likely cut at a delimiter inside of quotes.
    return max(headers, key=lambda header: (fitting(header), -_lone_quotes(header)))


def _lone_quotes(header: Header) -> int:
    return sum(name.count('"') % 2 for name in header.columns)
