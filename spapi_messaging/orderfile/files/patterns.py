"""Patterns of file names with the fields of an order in them: ``invoices/*{order_id}*.pdf``.

A pattern says which file is which order's, so it matches too little rather than too much. What
stands in braces is taken as it is, never as a wildcard or a folder; beside a wildcard it is taken
whole: invoice 12 is not in 112.pdf, nor the order 903-… in 1903-…. Names are compared as
``file_names`` says: in any case, in either form of an accent, with any hyphen. ``*``, ``?`` and
``[…]`` are those of fnmatch within one name, and ``**`` stands for folders as in glob:
https://docs.python.org/3/library/fnmatch.html, https://docs.python.org/3/library/glob.html.
"""

import fnmatch
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Final, TypeAlias

import attrs

from spapi_messaging.orderfile.files.file_names import folded, shown
from spapi_messaging.orderfile.files.path_glob import DEEP, One, Part, Star, Text, Wanted
from spapi_messaging.orderfile.names import plain_name

ORDER_ID: Final = "order_id"
_ID_NAMES = frozenset({ORDER_ID, "amazon_order_id"})
_FIELD = r"\{[^{}]+\}"
# As fnmatch has it: a bracket that stands first is one of the characters.
_CLASS = rf"\[!?+\]?+(?:(?!{_FIELD})[^\]])*\]"
_TOKEN = re.compile(rf"\*+|\?|{_CLASS}|\{{[^{{}}]*\}}|.", re.DOTALL)
_WILD = re.compile(rf"[*?{{}}]|{_CLASS}")
_NO_NAME = re.compile(r"[/\\\0]")


@attrs.frozen
class _Field:
    """What an order has in a field."""

    name: str
    whole_before: bool = True
    whole_after: bool = True

    def with_text(self, text: str) -> Text:
        """Return what takes its place in the name of one order's file."""
        return Text(text, self.whole_before, self.whole_after)


_Named: TypeAlias = Sequence[Part | _Field]


@attrs.frozen
class Pattern:
    """A pattern; ``base`` is the folder that it begins in, and ``names`` are its fields."""

    text: str
    base: str
    names: tuple[str, ...]
    _segments: tuple[_Named, ...]

    @classmethod
    def parse(cls, text: str) -> "Pattern":
        """Read a pattern; raises ValueError with a sentence."""
        if not text.strip() or "\0" in text:
            raise ValueError("is no path")
        base, own = _split(text)
        if not own or text.endswith("/"):
            raise ValueError("names a folder: say which of its files, as in '*{order_id}*.pdf'")
        if ".." in own:
            raise ValueError("goes up a folder behind a wildcard or a field")
        segments = [DEEP if name == "**" else _segment(name) for name in own]
        if segments[-1] == DEEP:
            segments.append([Star()])
        names = _names_in(segments)
        return cls(text, base, names, tuple(segments))

    @property
    def last(self) -> str:
        """The name behind the last slash."""
        return self.text.rpartition("/")[2]

    @property
    def is_deep(self) -> bool:
        """Whether it is about folders in folders, without a bound."""
        return DEEP in self._segments

    def wanted(self, values: Mapping[str, str]) -> Wanted:
        """Fill in the values of all fields; raises ValueError for one that is no part of a name."""
        texts = {name: _value(name, values[name]) for name in self.names}
        return self._filled(lambda field: field.with_text(texts[field.name]))

    def anyone(self) -> Wanted:
        """Return what the files of any order match."""
        return self._filled(lambda _: Star())

    def _filled(self, fill: Callable[[_Field], Part]) -> Wanted:
        return Wanted(
            [
                [fill(part) if isinstance(part, _Field) else part for part in segment]
                for segment in self._segments
            ]
        )


def _split(text: str) -> tuple[str, list[str]]:
    """Return the folder that is named as it is, and the other names; the file is one of them."""
    names = text.split("/")
    count = next((n for n, name in enumerate(names) if _WILD.search(name)), len(names) - 1)
    base = "/".join(names[:count])
    own = [name for name in names[count:] if name not in {"", "."}]
    return base or ("/" if count else "."), own


def _names_in(segments: Sequence[_Named]) -> tuple[str, ...]:
    """Return the fields there are, without which a wildcard tells nobody's file."""
    parts = [part for segment in segments for part in segment]
    names = dict.fromkeys(part.name for part in parts if isinstance(part, _Field))
    is_wild = DEEP in segments or any(isinstance(part, Star | One) for part in parts)
    if is_wild and not names:
        raise ValueError(
            "has a wildcard, and nothing that tells an order's file from those of others: "
            "add {order_id}"
        )
    return tuple(names)


def _segment(name: str) -> _Named:
    parts: list[Part | _Field] = []
    for text in _TOKEN.findall(name):
        part = _part(text)
        if isinstance(part, Text) and parts and isinstance(parts[-1], Text):
            parts[-1] = Text(parts[-1].text + text)
        else:
            parts.append(part)
    parts = [Text(folded(part.text)) if isinstance(part, Text) else part for part in parts]
    return [_beside(parts, at) for at in range(len(parts))]


def _part(text: str) -> Part | _Field:
    if text in {"{", "}"}:
        raise ValueError("has a brace without its other one; [{] stands for the character")
    if text[0] == "{":
        return _field(text[1:-1])
    if text[0] == "*":
        return Star()
    if text == "?" or (text[0] == "[" and len(text) > 1):
        return One(re.compile(fnmatch.translate(folded(text))))
    return Text(text)


def _field(written: str) -> _Field:
    name = plain_name(written)
    if not name:
        raise ValueError("has braces without a name in them")
    return _Field(ORDER_ID if name in _ID_NAMES else name)


def _beside(parts: Sequence[Part | _Field], at: int) -> Part | _Field:
    """Say of a field where it has to be whole: not beside what the pattern itself says."""
    part = parts[at]
    if not isinstance(part, _Field):
        return part
    before = at == 0 or isinstance(parts[at - 1], Star | One)
    after = at == len(parts) - 1 or isinstance(parts[at + 1], Star | One)
    return attrs.evolve(part, whole_before=before, whole_after=after)


def _value(name: str, value: str) -> str:
    text = folded(value).strip()
    if not text:
        raise ValueError(f"the order's field {shown(name)} is empty")
    if _NO_NAME.search(text) or ".." in text or text == ".":
        raise ValueError(f"the order's field {shown(name)} cannot be in a file's name")
    return text
