"""JSON as records: one object a line, objects over several lines, or an array of objects.

Only the record at hand is held, and none is longer than 1 MiB, so that memory stays flat whatever
the file is: an array of 1 GB is never decoded as a whole. What is wrong with a record is a
sentence in its place, and no sentence quotes the file.
"""

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO, Self, TypeAlias

import attrs

from spapi_messaging.orderfile.report_kinds import order_id_columns
from spapi_messaging.orderfile.tables.decoding import find_encoding
from spapi_messaging.orderfile.tables.json_items import Broken, JsonItems
from spapi_messaging.orderfile.tables.lines import TOO_LONG, Lines, TextFile, TooLongError
from spapi_messaging.orderfile.tables.no_rows import is_elsewhere
from spapi_messaging.orderfile.tables.rows import HiddenRows
from spapi_messaging.redaction import name_or_size

Values: TypeAlias = dict[str, Any]
Record: TypeAlias = tuple[int, Values | str]
"""The line where a record starts, and its values or what is wrong with it."""

_NOT_JSON = "it is not JSON"
NAME = re.compile(r"[\w.-]{1,40}", re.ASCII)
_HEAD = 65_536
_BEFORE = b"\xef\xbb\xbf\xfe\xff \t\r\n"
_ARRAY = re.compile(r"\s*\[\s*(\{|\Z)")
"""How an array of objects begins; what else begins with a bracket is a line that is no object."""


class _FaultError(ValueError):
    """An object that is JSON for others, and not for us."""


@attrs.frozen
class JsonText:
    """Objects that can be read again, as often as their stream stays open."""

    _source: TextFile = attrs.field(repr=False)
    _by_lines: bool
    _is_array: bool
    unit: str
    """What the objects are numbered by: lines, or items where all stand on one line."""

    @classmethod
    def of(
        cls, stream: BinaryIO, name: str, *, encoding: str | None = None, by_lines: bool = False
    ) -> Self:
        """Find out how a stream is written.

        ``encoding``: UTF-8, or UTF-16 by its byte order mark, unless it is told. ``by_lines``:
        each line is an object, unless the file begins as an array of objects does. Raises
        OrderFileError for what cannot be decoded.
        """
        found = find_encoding(stream, name, told=encoding)
        if found.is_guessed:  # JSON is UTF-8; this says where it is not
            found = find_encoding(stream, name, told="utf-8")
        source = TextFile(stream, name, found.name)
        begin = source.lines().text.read(_HEAD).lstrip("\ufeff")
        is_array = bool(_ARRAY.match(begin)) or (not by_lines and begin.lstrip().startswith("["))
        has_lines = not is_array and (by_lines or _is_whole(begin))
        is_flat = not has_lines and "\n" not in begin.strip()
        return cls(source, has_lines, is_array, "item" if is_flat else "line")

    def records(self) -> Iterator[Record]:
        """Read the objects, each with the line where it starts, or with its number.

        Raises OrderFileError for an array that is none, or cannot be read on.
        """
        if self._by_lines:
            return _of_lines(self._source.lines())
        items = _of_items(self._source, is_array=self._is_array)
        if self.unit == "line":
            return items
        return ((number, values) for number, (_, values) in enumerate(items, start=1))


def looks_like_json(head: bytes) -> bool:
    """Say whether a file begins like an object or an array of JSON, whatever it is called."""
    # Without the NULs of UTF-16, and without a byte order mark of any kind.
    return head.replace(b"\0", b"").lstrip(_BEFORE).startswith((b"{", b"["))


def _read(text: str) -> Iterator[Values | str]:
    """Read one object, or those that it holds, or say what is wrong with it."""
    try:
        value = _DECODER.decode(text)
    except _FaultError as error:
        yield str(error)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno} of it, " if error.lineno > 1 else ""
        yield f"{_NOT_JSON} ({where}column {error.colno}: {error.msg})"
    except ValueError:
        yield f"{_NOT_JSON} (a number in it has too many digits)"
    except RecursionError:
        yield "it is nested too deep"
    else:
        yield from _records_in(value)


def _records_in(value: Any) -> Iterator[Values | str]:
    """Return an object, or those of the one array that it only holds, as services answer."""
    if not isinstance(value, dict):
        yield _NO_OBJECT
        return
    if value.keys() >= _BY_COLUMNS:
        yield "it is a table by its columns; expected is one object for each row"
        return
    held = _held(value)
    if held is None:
        yield value
        return
    for one in held:
        yield one if isinstance(one, dict) else _NO_OBJECT


def _held(value: Values) -> list[Any] | None:
    """Return the objects that an object is only there to hold, at most one object further in."""
    if _is_record(value):
        return None
    rows = list(value.values())
    if _are_objects(rows) and all(order_id_columns(list(row)) for row in rows[:_LOOKED_AT]):
        return rows  # by their numbers, as pandas does
    inner = [held for held in rows if isinstance(held, dict) and not _is_record(held)]
    found = _arrays(value) or [array for held in inner for array in _arrays(held)]
    return found[0] if len(found) == 1 else None


def _is_record(value: Values) -> bool:
    return "action" in value or bool(order_id_columns(list(value)))


def _arrays(value: Values) -> list[list[Any]]:
    if len(value) > _WRAPPERS:
        return []
    named = (held for name, held in value.items() if name != "attachments")
    return [held for held in named if isinstance(held, list) and _are_objects(held)]


_WRAPPERS = 8
"""Names beside an array in what holds it, such as the number of a page."""
_LOOKED_AT = 8
_BY_COLUMNS = {"columns", "data"}
_NO_OBJECT = "it is not a JSON object"


def _are_objects(held: list[Any]) -> bool:
    return bool(held) and all(isinstance(one, dict) for one in held[:_LOOKED_AT])


def _is_whole(begin: str) -> bool:
    """Say whether a text has one object a line, as far as its first line tells."""
    first, end, _ = begin.lstrip().partition("\n")
    if not end and len(begin) == _HEAD:
        return True  # a line that long is judged when it is read
    try:
        json.loads(first)
    except (ValueError, RecursionError):
        return not first.startswith("{")
    return True


def _of_lines(lines: Lines) -> Iterator[Record]:
    while True:
        lines.begin()
        try:
            line = next(lines, None)
        except TooLongError:
            yield lines.number, TOO_LONG
            continue
        if line is None:
            return
        if line and not line.isspace():
            number = lines.number
            yield from ((number, read) for read in _read(line))


def _of_items(source: TextFile, *, is_array: bool) -> Iterator[Record]:
    items = JsonItems(source.lines().text, source.name, _DECODER.raw_decode)
    for line, value in items.read(is_array=is_array):
        found = _read(value.text) if isinstance(value, Broken) else _records_in(value)
        for read in found:
            is_cut = isinstance(read, str) and read.startswith(_NOT_JSON)
            yield line, HiddenRows(f"{read}; is a quote not closed?") if is_cut else read


def _once(pairs: list[tuple[str, Any]]) -> Values:
    values = dict(pairs)
    if len(values) < len(pairs):
        times = Counter(name for name, _ in pairs)
        twice = next(name for name, count in times.items() if count > 1)
        raise _FaultError(f"{name_or_size(twice, NAME)} is given twice")
    return values


def _refuse_constant(_name: str) -> Any:
    raise _FaultError("NaN and Infinity are not JSON")


_DECODER = json.JSONDecoder(object_pairs_hook=_once, parse_constant=_refuse_constant)


def place_in(value: Mapping[str, Any]) -> str:
    """Return what an order of the Orders API says of its channel, or what is no marketplace."""
    channel = value.get("channelName")
    if isinstance(channel, str) and is_elsewhere(channel):
        return channel
    return text_of(value.get("marketplaceId")) or "?"


def text_of(value: Any) -> str:
    """Return a value of JSON as the text of a cell; empty for objects and arrays."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value) if isinstance(value, int | float) else ""
