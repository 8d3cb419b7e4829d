"""Any table of text as columns and rows: in whatever encoding, with whatever delimiter.

Nothing of a table is told by its file's name. The encoding is found first and the delimiter in
the decoded header, since a byte of a Japanese character may be that of a bar. Only the record at
hand is held, and none is longer than 1 MiB, so that memory stays flat whatever the file is. What
makes the whole file unusable is an OrderFileError; what is wrong with one record is a sentence
in its place.
"""

from collections.abc import Iterator
from itertools import islice
from typing import BinaryIO

import attrs

from spapi_messaging.orderfile.tables.decoding import Encoding, find_encoding
from spapi_messaging.orderfile.tables.header import (
    NO_DELIMITER,
    HasOrders,
    Header,
    IsFlat,
    read_header,
)
from spapi_messaging.orderfile.tables.lines import TextFile
from spapi_messaging.orderfile.tables.rows import (
    TableRow,
    flat_rows,
    quoted_rows,
)


@attrs.frozen(eq=False)
class Table:
    """A table that can be read again, as often as its stream stays open."""

    encoding: Encoding
    _source: TextFile = attrs.field(repr=False)
    _header: Header = attrs.field(repr=False)

    @property
    def name(self) -> str:
        """How errors call the file."""
        return self._source.name

    @property
    def columns(self) -> tuple[str, ...]:
        """The names in the header as written, in one line; "" over a column without values."""
        return self._header.columns

    @property
    def delimiter(self) -> str:
        """What separates the cells; empty for a table of one column."""
        delimiter = self._header.delimiter
        return "" if delimiter == NO_DELIMITER else delimiter

    @property
    def is_flat(self) -> bool:
        """Whether it is one of Amazon's TAB files, which know no quotes."""
        return self._header.is_flat

    def rows(self) -> Iterator[TableRow]:
        """Read the rows from the first: as many cells as there are columns, or a sentence.

        Rows without any value are left out. Raises OrderFileError for what cannot be read.
        """
        lines = self._source.lines()
        for _ in islice(lines, self._header.lines):
            lines.begin()
        return flat_rows(lines, self._header) if self.is_flat else quoted_rows(lines, self._header)


def open_table(
    stream: BinaryIO,
    name: str,
    *,
    encoding: str | None = None,
    japanese: bool = False,
    is_flat: IsFlat,
    has_orders: HasOrders | None = None,
) -> Table:
    """Find out how a table is written, from a stream that can be read again.

    ``name`` is how errors call it; ``encoding`` is obeyed if it is told; ``japanese`` says what
    it is taken for otherwise. ``is_flat`` says by the columns of a TAB file whether it is one
    that knows no quotes, and ``has_orders`` whether they are a header's. Raises OrderFileError for
    what is no table, or cannot be decoded.
    """
    found = find_encoding(stream, name, told=encoding, japanese=japanese)
    source = TextFile(stream, name, found.name)
    return Table(found, source, read_header(source, is_flat, has_orders))
