"""The lines of a file as text, numbered from 1, of which no more than one record is held.

Line ends are those that the file begins with, LF (and CRLF) or CR: another one that stands
inside of a cell is no end of a record, and Unicode's line separators never are.
"""

import io
import re
from collections.abc import Iterator
from typing import Any, BinaryIO

import attrs

from spapi_messaging.errors import OrderFileError

MAX_RECORD = 1_048_576
"""Characters of one line, or of one record over its lines; a message is a thousandth of it."""
TOO_LONG = "it is longer than 1 MiB"

_DRAINED = 65_536
_BOM = "\ufeff"
_FIRST_END = re.compile(r'(?:"[^"]*"|[^"\r\n])*?(\r+\n|\n|\r)')


class TooLongError(Exception):
    """The record at hand is longer than any job."""


@attrs.define
class TextFile:
    """A file that can be read again, in a known encoding; ``name`` is how errors call it."""

    stream: BinaryIO
    name: str
    encoding: str
    _end: str | None = attrs.field(default=None, init=False)

    def lines(self) -> "Lines":
        """Read its lines from the first; several readings do not disturb each other."""
        if self._end is None:
            head = _text(self, newline="").read(_DRAINED)
            found = _FIRST_END.match(head) or re.search(r"()\r+\n|\n|(\r)", head)
            self._end = "\r" if found and found[0].endswith("\r") else "\n"
        return Lines(_text(self, newline=self._end), self.name, self._end)


@attrs.define
class Lines:
    """Iterates over lines as text; ``number`` counts them.

    Raises TooLongError for a record that is too long: the next line begins another one.
    Raises OrderFileError for what cannot be read or decoded.
    """

    text: io.TextIOWrapper
    name: str
    end: str = "\n"
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
        # Also where two files were put together.
        if line[0] == _BOM:
            line = line[1:] or "\n"
        self._size += len(line)
        if self._size > MAX_RECORD:
            while line and not line.endswith(self.end):
                line = self._read(_DRAINED)
            raise TooLongError
        return line

    def _read(self, size: int) -> str:
        try:
            return self.text.readline(size)
        except UnicodeError:
            fault = "it was changed while it was read"
        except OSError as error:
            fault = error.strerror or type(error).__name__
        raise OrderFileError(self.name, (f"line {self.number + 1}: {fault}",))


@attrs.define(eq=False, slots=False)
class _Piecewise(io.RawIOBase):
    """A reading of a stream that keeps a place of its own, and leaves the stream open."""

    stream: BinaryIO
    place: int = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self.stream.seek(self.place)
        read = self.stream.read(len(buffer))
        buffer[: len(read)] = read
        self.place += len(read)
        return len(read)


def _text(source: TextFile, *, newline: str) -> io.TextIOWrapper:
    raw = _Piecewise(source.stream)
    buffered = io.BufferedReader(raw, _DRAINED)
    return io.TextIOWrapper(buffered, encoding=source.encoding, newline=newline)
