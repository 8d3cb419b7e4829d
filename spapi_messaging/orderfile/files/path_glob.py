"""Names of files against what is wanted of them: texts, single characters and stars.

A text may have to be whole at its ends: the number 12 is not in 112, nor the word "lamp" in
"lamps". The search knows no wildcard that costs more than the length of a name.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import TypeAlias

import attrs

_RUN = re.compile(r"[0-9]+|[a-z]+")


@attrs.frozen
class Text:
    """What stands so in the name; its ends may have to be whole."""

    text: str
    whole_before: bool = False
    whole_after: bool = False

    @property
    def width(self) -> int:
        """How many characters it takes."""
        return len(self.text)

    def fits(self, name: str, at: int) -> bool:
        """Say whether it stands at this place of a name."""
        if not name.startswith(self.text, at):
            return False
        end = at + len(self.text)
        return not (
            (self.whole_before and at and _goes_on(name[at - 1], self.text[0]))
            or (self.whole_after and end < len(name) and _goes_on(self.text[-1], name[end]))
        )


@attrs.frozen
class One:
    """One character of some."""

    allowed: re.Pattern[str]
    width = 1

    def fits(self, name: str, at: int) -> bool:
        """Say whether it stands at this place of a name."""
        return at < len(name) and self.allowed.match(name[at]) is not None


@attrs.frozen
class Star:
    """Any characters, or none."""


Part: TypeAlias = Text | One | Star
_Chunk: TypeAlias = Sequence[Text | One]
Segment: TypeAlias = Sequence[Part]
DEEP: Segment = []
"""Stands for any folders, or none."""


def _goes_on(one: str, other: str) -> bool:
    """Say whether a number or a word goes on from one character to the next."""
    if one.isdigit() or other.isdigit():
        return one.isdigit() and other.isdigit()
    return one.upper() != one.lower() and other.upper() != other.lower()


@attrs.frozen
class Wanted:
    """A pattern that is filled in for one order."""

    _segments: Sequence[Segment]

    def matches(self, path: Sequence[str]) -> bool:
        """Say whether a path is one that is wanted: its folded names, below the pattern's base."""
        return _match(self._segments, path)

    def may_be_in(self, name: str, depth: int) -> bool:
        """Say whether a match may be in a folder, so many folders below the base."""
        if DEEP in self._segments:
            return True
        return depth < len(self._segments) - 1 and _match_name(self._segments[depth], name)

    def words(self) -> Iterator[str]:
        """Return numbers and words that stand alone in every path that matches."""
        for segment in self._segments:
            for is_text, parts in groupby(segment, lambda part: isinstance(part, Text)):
                if is_text:
                    texts = [part for part in parts if isinstance(part, Text)]
                    first, last = segment[0] is texts[0], segment[-1] is texts[-1]
                    yield from _words(
                        "".join(part.text for part in texts),
                        before=first or texts[0].whole_before,
                        after=last or texts[-1].whole_after,
                    )


def _words(text: str, *, before: bool, after: bool) -> Iterator[str]:
    for found in _RUN.finditer(text):
        if (before or found.start() > 0) and (after or found.end() < len(text)):
            yield found[0]


def words_of(path: Iterable[str]) -> set[str]:
    """Return the numbers and words of a path of folded names."""
    return {word for name in path for word in _RUN.findall(name)}


def _match(segments: Sequence[Segment], path: Sequence[str]) -> bool:
    if not segments:
        return not path
    if segments[0] == DEEP:
        return any(_match(segments[1:], path[skip:]) for skip in range(len(path)))
    if not path or not _match_name(segments[0], path[0]):
        return False
    return _match(segments[1:], path[1:])


def _match_name(segment: Segment, name: str) -> bool:
    chunks: list[list[Text | One]] = [[]]
    for part in segment:
        if isinstance(part, Star):
            chunks.append([])
        else:
            chunks[-1].append(part)
    first, last = chunks[0], chunks[-1]
    if not _fits(first, name, 0):
        return False
    if len(chunks) == 1:
        return _width(first) == len(name)
    at, end = _width(first), len(name) - _width(last)
    for chunk in chunks[1:-1]:
        # The first place is the best: it leaves the most to the chunks that follow.
        found = next((n for n in range(at, end - _width(chunk) + 1) if _fits(chunk, name, n)), None)
        if found is None:
            return False
        at = found + _width(chunk)
    return at <= end and _fits(last, name, end)


def _fits(chunk: _Chunk, name: str, at: int) -> bool:
    for part in chunk:
        if not part.fits(name, at):
            return False
        at += part.width
    return True


def _width(chunk: _Chunk) -> int:
    return sum(part.width for part in chunk)
