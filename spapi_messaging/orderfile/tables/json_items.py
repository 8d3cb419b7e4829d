"""The objects of a JSON array, or of a stream of them, one at a time.

An object ends where its brackets are closed, outside of strings: so one that is no JSON is told
from its neighbours. Where a quote is not closed its neighbours are in it, and nobody can tell.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any, TextIO, TypeAlias

import attrs

from spapi_messaging.errors import OrderFileError
from spapi_messaging.orderfile.tables.lines import MAX_RECORD
from spapi_messaging.redaction import size_only

Decode: TypeAlias = Callable[[str, int], tuple[Any, int]]
"""What a decoder of JSON has as ``raw_decode``."""

_CHUNK = 65_536
_BLANKS = re.compile("[ \t\r\n\ufeff]*+")
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*+("?)|[\[\]{}]', re.DOTALL)
"""A string, and whether it is closed, or a bracket."""
_SCALAR = re.compile(r'[^\s,\[\]{}"]++')
_EXPECTED = "expected are an array of objects, [{…}, {…}], or one object a line"


@attrs.frozen
class Broken:
    """What is no JSON as it stands, with its brackets closed."""

    text: str = attrs.field(repr=size_only)


@attrs.define
class JsonItems:
    """Reads the values of a text."""

    text: TextIO
    name: str
    decode: Decode
    _line: int = attrs.field(default=1, init=False)
    _text: str = attrs.field(default="", init=False, repr=size_only)
    _at: int = attrs.field(default=0, init=False)
    _is_read: bool = attrs.field(default=False, init=False)

    def read(self, *, is_array: bool) -> Iterator[tuple[int, Any | Broken]]:
        """Read the values, each with the line where it starts.

        Raises OrderFileError for what is between them and does not belong there, for a value
        that is longer than 1 MiB, and for a file that ends in the middle of one.
        """
        if not is_array:
            while self._next():
                yield self._line, self._value()
            return
        self._next()
        self._go_to(self._at + 1)
        is_first = True
        while (found := self._next()) != "]" or not is_first:
            if not found or found == "]":
                raise self._error("the array is not closed, or has a comma before its end")
            yield self._line, self._value()
            is_first = False
            if self._next() == "]":
                break
            self._pass_comma()
        self._go_to(self._at + 1)
        if self._next():
            raise self._error("something follows the array")

    def _pass_comma(self) -> None:
        if self._next() != ",":
            raise self._error("neither a comma nor the end of the array")
        self._go_to(self._at + 1)

    def _value(self) -> Any | Broken:
        try:
            value, end = self.decode(self._text, self._at)
        except (ValueError, RecursionError):
            value, end = None, 0
        if end and (end < len(self._text) or self._text[end - 1] == "}"):
            self._go_to(end)
            return value
        end = self._end()
        text = self._text[self._at : end]
        self._go_to(end)
        return Broken(text)

    def _end(self) -> int:
        """Return where the value at hand ends."""
        while (end := _end_of(self._text, self._at)) is None or self._may_go_on(end):
            if len(self._text) - self._at > MAX_RECORD:
                raise self._error(f"longer than 1 MiB, as no job is; {_EXPECTED}")
            if not self._fill():
                if end is None:
                    raise self._error("the file ends in the middle of it")
                break
        if end == self._at:
            raise self._error(_EXPECTED)
        return end

    def _may_go_on(self, end: int) -> bool:
        return end == len(self._text) and self._text[end - 1] not in "]}"

    def _next(self) -> str:
        """Return what stands after blanks; nothing at the end."""
        while True:
            blanks = _BLANKS.match(self._text, self._at)
            self._go_to(blanks.end() if blanks else self._at)
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._fill():
                return ""

    def _go_to(self, place: int) -> None:
        self._line += self._text.count("\n", self._at, place)
        self._at = place

    def _fill(self) -> bool:
        """Read more, twice as much each time that it is not enough; say whether there was any."""
        if self._is_read:
            return False
        rest = self._text[self._at :]
        more = self._read(max(_CHUNK, len(rest)))
        self._is_read = not more
        self._text, self._at = rest + more, 0
        return bool(more)

    def _read(self, size: int) -> str:
        try:
            return self.text.read(size)
        except UnicodeError:
            fault = "it was changed while it was read"
        except OSError as error:
            fault = error.strerror or type(error).__name__
        raise OrderFileError(self.name, (fault,))

    def _error(self, what: str) -> OrderFileError:
        return OrderFileError(self.name, (f"it is no JSON from line {self._line} on: {what}",))


def _end_of(text: str, at: int) -> int | None:
    """Return where a value ends; None where the text does first."""
    if text[at] not in '[{"':
        scalar = _SCALAR.match(text, at)
        return scalar.end() if scalar else at
    depth = 0
    for token in _TOKEN.finditer(text, at):
        word = token[0]
        if word in "[{":
            depth += 1
        elif word in "]}":
            depth -= 1
        elif not token[1]:
            return None
        if not depth:
            return token.end()
    return None
