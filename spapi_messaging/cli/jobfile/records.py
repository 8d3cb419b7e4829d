"""Job files as records: from bytes to numbered lines, and from those to plain values.

Only the record at hand is held, and no record is longer than 1 MiB, so that memory stays flat
whatever the file is. What makes the whole file unusable is a JobFileError; what is wrong with
one record is a sentence in its place. Neither quotes the file: a cell in the wrong column may
be a buyer's text, or a key that was meant for the buyer alone.
"""

import csv
import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from typing import Any, BinaryIO

import attrs

from spapi_messaging.cli.jobfile.damage import HiddenRows, swallowed
from spapi_messaging.redaction import name_or_size

MAX_RECORD = 1_048_576
"""Bytes of one line, or of one CSV record over its lines; a message is a thousandth of it."""

_DRAINED = 65_536
_BOM = b"\xef\xbb\xbf"
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_TOO_LONG = "it is longer than 1 MiB"
_QUOTED = re.compile(r'"[^"]*"?')
NAME = re.compile(r"[\w.-]{1,40}", re.ASCII)
_REQUIRED = ("order_id", "action")

Values = dict[str, Any]
Record = tuple[int, Values | str]
"""The line where a record starts, and its values or what is wrong with it."""


class JobFileError(Exception):
    """The whole file is of no use: one line that says why and, where it is known, on which line."""


class _TooLongError(Exception):
    """The record at hand is longer than any job."""


class _TwiceError(ValueError):
    """An object has the same name twice."""


@attrs.define
class Lines:
    """Iterates over the lines of a stream as text; ``number`` counts them from 1.

    Raises JobFileError for what no text file has: NUL bytes and bytes that are not UTF-8.
    """

    stream: BinaryIO
    name: str
    number: int = 0
    _size: int = 0

    def __iter__(self) -> Iterator[str]:
        return self

    def begin(self) -> None:
        """Begin a record: what is read from here on counts toward its length."""
        self._size = 0

    def __next__(self) -> str:
        line = self._read(MAX_RECORD + 1)
        if not line:
            raise StopIteration
        self.number += 1
        if self.number == 1:
            if line.startswith(_UTF_16):
                raise JobFileError(f"{self.name} is UTF-16; save it as UTF-8")
            line = line.removeprefix(_BOM)
        self._refuse_nul(line)
        self._size += len(line)
        if self._size > MAX_RECORD:
            self._drain(line)
            raise _TooLongError
        try:
            return line.decode()
        except UnicodeDecodeError as error:
            where = f"line {self.number}, byte {error.start + 1} of it"
        raise JobFileError(f"{self.name} is not UTF-8 ({where}); save it as UTF-8")

    def _drain(self, line: bytes) -> None:
        while line and not line.endswith(b"\n"):
            line = self._read(_DRAINED)
            self._refuse_nul(line)

    def _refuse_nul(self, line: bytes) -> None:
        if b"\0" in line:
            raise JobFileError(
                f"{self.name} has a NUL byte on line {self.number}; it is no UTF-8 text"
            )

    def _read(self, size: int) -> bytes:
        try:
            return self.stream.readline(size)
        except OSError as error:
            fault = error.strerror or type(error).__name__
        raise JobFileError(f"{self.name}, line {self.number + 1}: {fault}")


def json_records(lines: Lines) -> Iterator[Record]:
    """Read one JSON object a line; blank lines are skipped."""
    while True:
        lines.begin()
        try:
            line = next(lines, None)
        except _TooLongError:
            yield lines.number, _TOO_LONG
            continue
        if line is None:
            return
        if line and not line.isspace():
            yield lines.number, _object(line)


def _object(line: str) -> Values | str:
    try:
        value = _DECODER.decode(line)
    except _TwiceError as error:
        return str(error)
    except json.JSONDecodeError as error:
        return f"it is not JSON (column {error.colno}: {error.msg})"
    except ValueError:
        return "it is not JSON (a number in it has too many digits)"
    except RecursionError:
        return "it is nested too deep"
    return value if isinstance(value, dict) else "it is not a JSON object"


def _once(pairs: list[tuple[str, Any]]) -> Values:
    values = dict(pairs)
    if len(values) < len(pairs):
        twice = _repeated(name for name, _ in pairs)
        raise _TwiceError(f"{name_or_size(twice[0], NAME)} is given twice")
    return values


def _repeated(names: Iterable[str]) -> list[str]:
    return [name for name, times in Counter(names).items() if times > 1]


def _refuse_constant(_name: str) -> Any:
    raise _TwiceError("NaN and Infinity are not JSON")


_DECODER = json.JSONDecoder(object_pairs_hook=_once, parse_constant=_refuse_constant)


def _paths(cell: str) -> list[str]:
    return [path for path in map(str.strip, cell.split(";")) if path]


_READ: Mapping[str, Callable[[str], Any]] = {
    "order_id": str.strip,
    "action": str.strip,
    "marketplace": str.strip,
    "seller": str.strip,
    "text": str,
    "attachments": _paths,
    "coverage_start_date": str.strip,
    "coverage_end_date": str.strip,
    "key": str.strip,
}
"""The columns of a job, and how a cell of each is read."""


@attrs.frozen(kw_only=True)
class Columns:
    """The header of a CSV file: the columns of a job, and others for a text template."""

    delimiter: str
    names: tuple[str, ...]
    """In order; a column without a name has no value in any row."""

    @property
    def fields(self) -> tuple[str, ...]:
        """The columns for a text template."""
        return tuple(name for name in self.names if name and name not in _READ)

    def values(self, row: list[str]) -> Values | str:
        """Return the values of a row; an empty cell is an absent value."""
        if len(row) != len(self.names):
            return f"it has {len(row)} cells; the header has {len(self.names)}"
        fields: Values = {}
        values: Values = {"fields": fields}
        for number, (name, cell) in enumerate(zip(self.names, row, strict=True), start=1):
            if not cell.strip():
                continue
            if not name:
                return f"cell {number} has a value, and its column has no name"
            read = _READ.get(name)
            if read is None:
                fields[name] = cell
            else:
                values[name] = read(cell)
        return swallowed(row, self.delimiter, values.get("order_id", "")) or values


def read_header(lines: Lines) -> Columns:
    """Read the header of a CSV file, which also decides between commas and semicolons.

    Columns of a job are found in any of the spellings ``order_id``, ``order-id``, ``Order ID``
    and ``orderId``. Raises JobFileError for a header that is missing, unreadable, lacks a
    column or has one twice.
    """
    try:
        header = list(islice(filter(str.strip, lines), 1))
        if not header:
            raise JobFileError(f"{lines.name} is empty")
        quotes = header[0].count('"')
        while quotes % 2 and (line := next(lines, None)) is not None:
            header.append(line)
            quotes += line.count('"')
        bare = _QUOTED.sub("", "".join(header))
        delimiter = ";" if bare.count(";") > bare.count(",") else ","
        cells = next(_reader(header, delimiter))
    except _TooLongError:
        raise JobFileError(f"{lines.name}: the header is longer than 1 MiB") from None
    except csv.Error as error:
        raise JobFileError(f"{lines.name}: the header cannot be read: {_word(error)}") from None
    return _columns(lines.name, delimiter, [cell.strip() for cell in cells])


def _columns(name: str, delimiter: str, cells: list[str]) -> Columns:
    columns = [_SPELLED.get(_letters(cell), cell) for cell in cells]
    missing = [column for column in _REQUIRED if column not in columns]
    if missing:
        raise JobFileError(
            f"{name}: the header has no column {' and no column '.join(missing)}; the columns "
            f"are {', '.join(_READ)}, and any others for the text template"
        )
    twice = _repeated(filter(None, columns))
    if twice:
        raise JobFileError(
            f"{name}: the header has {', '.join(name_or_size(each, NAME) for each in twice)} twice"
        )
    return Columns(delimiter=delimiter, names=tuple(columns))


def _letters(column: str) -> str:
    return re.sub(r"[\s_-]+", "", column).lower()


_SPELLED = {_letters(column): column for column in _READ}


def csv_records(lines: Lines, columns: Columns) -> Iterator[Record]:
    """Read the rows under the header, as in RFC 4180; rows without any value are skipped.

    After a broken record the next line is taken for the start of a record.
    """
    reader = _reader(lines, columns.delimiter)
    while True:
        lines.begin()
        start = lines.number + 1
        fault = None
        row: list[str] | None = []
        try:
            row = next(reader, None)
        except _TooLongError:
            fault = _TOO_LONG
        except csv.Error as error:
            fault = _word(error)
        if row is None:
            return
        if fault:
            through = f" (the record goes on to line {lines.number})"
            many = lines.number > start
            yield start, HiddenRows(fault + through) if many else fault
        elif any(map(str.strip, row)):
            yield start, columns.values(row)


def _reader(lines: Iterable[str], delimiter: str) -> Iterator[list[str]]:
    return csv.reader(lines, delimiter=delimiter, strict=True)


def _word(error: csv.Error) -> str:
    reason = str(error)
    if reason.startswith("field larger"):
        return f"a cell is longer than {csv.field_size_limit()} characters; is a quote not closed?"
    if reason.startswith("new-line"):
        return "a carriage return stands alone; end lines with LF or CRLF"
    return "a quote is not closed, or not doubled inside of quotes"
