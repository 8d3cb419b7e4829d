"""What a file of orders is, told by its content, and its rows: a table, a workbook or JSON.

An ending proves nothing: reports are downloaded as .txt, .tsv and .csv alike, and a workbook is
renamed to .csv by whoever was asked for a CSV. All of a file is read from a copy, which changes no
more, whatever becomes of the file meanwhile.
"""

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from os import PathLike
from pathlib import Path
from typing import BinaryIO, Protocol, Self

import attrs

from spapi_messaging.errors import OrderFileError
from spapi_messaging.orderfile.copies import copy_of
from spapi_messaging.orderfile.faults import Faults
from spapi_messaging.orderfile.report_kinds import is_flat, order_id_columns
from spapi_messaging.orderfile.tables.decoding import Encoding
from spapi_messaging.orderfile.tables.excel import open_workbook
from spapi_messaging.orderfile.tables.json_records import JsonText, Record, looks_like_json
from spapi_messaging.orderfile.tables.looks import HEAD, is_workbook
from spapi_messaging.orderfile.tables.rows import TableRow
from spapi_messaging.orderfile.tables.table import open_table
from spapi_messaging.redaction import printable

_GIVEN = "the content"
_FIRST = 1000
"""Objects whose names are taken for all that there are."""


class Source(Protocol):
    """A file that has columns and rows."""

    @property
    def columns(self) -> Sequence[str]:
        """The names of its columns, as written."""
        ...

    @property
    def encoding(self) -> Encoding | None:
        """How its text was read; None where the file is no text."""
        ...

    @property
    def delimiter(self) -> str | None:
        """What stands between its cells; None where nothing does."""
        ...

    def rows(self) -> Iterator[TableRow | Record]:
        """Read the rows, each with its line, from the first: cells, or values by their names."""
        ...


def name_of(file: str | PathLike[str] | bytes) -> str:
    """Return how messages call a file, or content that was given."""
    return _GIVEN if isinstance(file, bytes) else printable(str(Path(file)))


@contextmanager
def open_source(
    file: str | PathLike[str] | bytes, *, encoding: str | None = None, japanese: bool = False
) -> Iterator[Source]:
    """Open a file, or content that was given; raises OrderFileError where it is of no use."""
    name = name_of(file)
    if isinstance(file, bytes):
        yield source_of(io.BytesIO(file), name, encoding=encoding, japanese=japanese)
        return
    copy = copy_of(Path(file), name)
    with copy.stream:
        copy.stream.seek(0)
        yield source_of(copy.stream, name, encoding=encoding, japanese=japanese)


def source_of(
    stream: BinaryIO, name: str, *, encoding: str | None = None, japanese: bool = False
) -> Source:
    """Return what a stream that can be read again has in it."""
    head = stream.read(HEAD)
    if is_workbook(head):
        if encoding is not None:
            raise OrderFileError(name, ("a workbook has no encoding to be told; leave it out",))
        return open_workbook(stream, name, has_orders=has_orders)
    if looks_like_json(head):
        return JsonSource.of(stream, name, encoding=encoding)
    return table_source(stream, name, encoding=encoding, japanese=japanese)


def has_orders(columns: Sequence[str]) -> bool:
    """Say whether a column has the ids of orders."""
    return bool(order_id_columns(columns))


def table_source(
    stream: BinaryIO, name: str, *, encoding: str | None = None, japanese: bool = False
) -> Source:
    """Return the table of text that a stream has in it."""
    stream.seek(0)
    return open_table(
        stream,
        name,
        encoding=encoding,
        japanese=japanese,
        is_flat=is_flat,
        has_orders=has_orders,
    )


@attrs.frozen(kw_only=True)
class JsonSource:
    """Objects of JSON as rows; ``columns`` are the names that the first of them have."""

    columns: tuple[str, ...]
    _text: JsonText
    encoding: None = attrs.field(default=None, init=False)
    delimiter: None = attrs.field(default=None, init=False)

    @classmethod
    def of(
        cls, stream: BinaryIO, name: str, *, encoding: str | None = None, by_lines: bool = False
    ) -> Self:
        """Look at the first objects; raises OrderFileError for a stream that has none."""
        text = JsonText.of(stream, name, encoding=encoding, by_lines=by_lines)
        names: dict[str, None] = {}
        faults = Faults()
        for line, values in islice(text.records(), _FIRST):
            if isinstance(values, dict):
                names.update(dict.fromkeys(values))
            else:
                faults.add(line, values)
        if not names:
            raise OrderFileError(name, tuple(faults.lines()) or ("it has no orders: it is empty",))
        return cls(columns=tuple(names), text=text)

    def rows(self) -> Iterator[Record]:
        """Read the objects from the first."""
        return self._text.records()
