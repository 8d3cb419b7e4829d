"""Texts whose ``$fields`` are filled, judged at the price of what fills them.

A campaign has one template, which is judged once, and 100,000 names and titles. A value changes
nothing where it is right by itself and what stands beside it joins nothing to it: blanks and the
signs of sentences. Any other text is judged as it goes out. What stands in for a missing value is
found by the value itself: to a reader "Dear nan" and "a lamp, nan" are the same slip.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from string import Template

import attrs

from spapi_messaging.content.check import ContentWarning, check_text, other_orders
from spapi_messaging.content.fillings import EXPONENT, Kind, kind_of
from spapi_messaging.content.mojibake import HINT as MOJIBAKE_HINT
from spapi_messaging.content.phones import (
    ENOUGH_DIGITS,
    MAX_CUE_DISTANCE,
    PHONE_CUE,
    SEPARATORS,
    phones,
)
from spapi_messaging.content.rules import invisible, order_ids
from spapi_messaging.content.values import WORDS, is_no_value
from spapi_messaging.content.words import LATIN, Span, compiled

_STAND_IN = "abc"
_MISSING = "what a program had instead of a value"

_SIGNS = (
    "\\s,;:!?\"'\u2018\u2019\u201c\u201d\u201e\u201a\u2026\u2013\u2014\u3001\u3002"
    "\uff0c\uff01\uff1f"
)
_OTHER_LETTER = f"(?![{LATIN}])[^\\W\\d_]"
_FREE_BEFORE = f"(?:^|[{_SIGNS}(]|{_OTHER_LETTER})$"
_FREE_BEHIND = f"$|[{_SIGNS})]|\\.(?:$|[{_SIGNS})])|{_OTHER_LETTER}"
# A phone number goes on over one separator, which has three characters at the most.
_JOINS_DIGITS = rf"{SEPARATORS}{{1,3}}"
_DIGIT_BEFORE, _DIGIT_BEHIND = rf"\d{SEPARATORS}{{0,3}}$", rf"{SEPARATORS}{{0,3}}\d"
_AT_A_JOINT = rf"(?:\d|{SEPARATORS}){{2}}"
_BESIDE_A_JOINT = 27  # characters: six digits, separators between them, and that of the joint
_BESIDE_A_NUMBER = 80  # characters; a cue and an IBAN have less
_DASH_BESIDE = "^[\u2013\u2014]|[\u2013\u2014]$"
# With one of these in it a template may make something of any value.
_JOINS_ANY = f"{EXPONENT}|^://|[<>@\uff20{{}}\\[\\]|\\\\#_*\u00ab\u00bb\u25cb\u3007\u25ef]|%%|lorem"


def check_filled(
    template: str,
    fields: Mapping[str, str | int],
    filled: str,
    operation: str,
    *,
    order_id: str | None = None,
) -> list[tuple[str, ContentWarning]]:
    """Return what is to be said of a filled template, each with the text that its span is of.

    That is the template where nothing depends on what fills it. Names in capitals are nobody's
    shouting there. ``order_id``: the order that it goes to; without it, none is another.
    """
    known = _known(template, operation)
    kinds = known.kinds_told_by_themselves(fields, filled)
    if kinds is None:
        found = [(filled, one) for one in _of_the_whole(known, fields, filled, operation)]
    else:
        found = [(template, one) for one in known.warnings]
    if order_id is not None and (kinds is None or known.may_name_another(kinds, fields, order_id)):
        found += [(filled, one) for one in other_orders(filled, order_id)]
    return found


def _of_the_whole(
    known: "_Known", fields: Mapping[str, str | int], filled: str, operation: str
) -> Iterator[ContentWarning]:
    found = check_text(filled, operation)
    yield from found
    told = {at for one in found for at in range(one.start, one.end)}
    for start, end in known.places(fields, is_no_value):
        if told.isdisjoint(range(start, end)):
            yield ContentWarning("leftover", _MISSING, start, end)


@attrs.frozen
class _Known:
    """What is known of a template before it is filled."""

    warnings: tuple[ContentWarning, ...]
    _pieces: tuple[str, ...] = attrs.field(repr=False)
    """Literal texts and, between each two of them, the name of a field."""
    _joins_any: bool
    _joints: frozenset[int]
    """Pieces at whose beginning a digit may go on from the piece before."""
    _names_orders: bool

    def kinds_told_by_themselves(
        self, fields: Mapping[str, str | int], filled: str
    ) -> list[Kind] | None:
        """Return the kinds of values where they change nothing of what is to be said."""
        if self._joins_any:
            return None
        kinds = [kind_of(str(value)) for value in fields.values()]
        if "odd" in kinds or kinds.count("right") > 1:
            return None
        if self._joints and self._joins_digits(fields, filled):
            return None
        may_be_phones = "digits" in kinds or "numbers" in kinds
        return None if may_be_phones and self._may_be_phones(fields, filled) else kinds

    def may_name_another(
        self, kinds: list[Kind], fields: Mapping[str, str | int], order_id: str
    ) -> bool:
        """Tell whether an order's id may be in it, other than as a value that is the own."""
        if self._names_orders or "numbers" in kinds:
            return True
        if "order" not in kinds:
            return False
        ids = zip(kinds, fields.values(), strict=True)
        return any(kind == "order" and value != order_id for kind, value in ids)

    def _joins_digits(self, fields: Mapping[str, str | int], filled: str) -> bool:
        """Tell whether values become a number together, or with what stands beside them."""
        at = 0
        for number, piece in enumerate(self._pieces):
            if (
                number in self._joints
                and compiled(_AT_A_JOINT).match(filled, at - 1)
                and compiled(ENOUGH_DIGITS).search(
                    filled, max(0, at - _BESIDE_A_JOINT), at + _BESIDE_A_JOINT
                )
            ):
                return True
            at += len(str(fields[piece]) if number % 2 else piece)
        return False

    def _may_be_phones(self, fields: Mapping[str, str | int], filled: str) -> bool:
        """Look at long numbers with what stands beside them, which decides it."""
        for start, end in self.places(fields, _is_number):
            if kind_of(filled[start:end]) == "digits" and not _is_behind_a_cue(filled, start):
                continue
            beside = filled[max(0, start - _BESIDE_A_NUMBER) : end + 8]
            if any(True for _ in phones(beside)):
                return True
        return False

    def places(
        self, fields: Mapping[str, str | int], is_meant: Callable[[str], bool]
    ) -> Iterator[Span]:
        """Return where values of a kind stand."""
        at = 0
        for number, piece in enumerate(self._pieces):
            text = str(fields[piece]) if number % 2 else piece
            if number % 2 and is_meant(text):
                yield at, at + len(text)
            at += len(text)


def _is_number(value: str) -> bool:
    return kind_of(value) in {"digits", "numbers"}


def _is_behind_a_cue(text: str, start: int) -> bool:
    """Tell whether there may be a cue for a phone before a number, which may begin with "(("."""
    opened = 2 if text[max(0, start - 1) : start] == "(" else 0
    return any(
        _has_a_cue(text[max(0, at - MAX_CUE_DISTANCE) : at])
        for at in range(max(0, start - opened), start + 1)
    )


@lru_cache(maxsize=1024)  # of words that mostly are the template's
def _has_a_cue(text: str) -> bool:
    return compiled(PHONE_CUE).search(text) is not None


@lru_cache(maxsize=256)
def _known(template: str, operation: str) -> _Known:
    pieces, text, places = _parsed(template)
    found = [one for one in check_text(text, operation) if one.code != "too-long"]
    places.append(len(template))
    return _Known(
        warnings=tuple(
            attrs.evolve(one, start=places[one.start], end=places[one.end - 1] + 1) for one in found
        ),
        pieces=pieces,
        joins_any=_joins_any(pieces, text),
        joints=frozenset(_joints(pieces[::2])),
        names_orders=_names_orders(pieces[::2]),
    )


def _joints(literals: tuple[str, ...]) -> Iterator[int]:
    """Return the pieces that begin where the digits of a value may go on beside it."""
    for number, literal in enumerate(literals):
        is_between = 0 < number < len(literals) - 1
        if (is_between and compiled(_JOINS_DIGITS).fullmatch(literal)) or (
            number and compiled(_DIGIT_BEHIND).match(literal)
        ):
            yield 2 * number
        if number < len(literals) - 1 and compiled(_DIGIT_BEFORE).search(literal):
            yield 2 * number + 1


def _names_orders(literals: tuple[str, ...]) -> bool:
    """Tell whether an order's id may be in the text, or begin or end there."""
    return any(
        compiled(_DASH_BESIDE).search(literal) or any(True for _ in order_ids(literal))
        for literal in literals
    )


def _parsed(template: str) -> tuple[tuple[str, ...], str, list[int]]:
    """Return a template's pieces, its text with words in place of fields, and their places."""
    pieces, text, at = [""], "", 0
    places: list[int] = []
    for found in [*Template.pattern.finditer(template), None]:
        literal = template[at : found.start() if found else len(template)]
        name = found and (found["named"] or found["braced"])
        added = literal + (_STAND_IN if name else "$" if found else "")
        places += range(at, at + len(literal))
        places += [found.start() if found else 0] * (len(added) - len(literal))
        text += added
        pieces[-1] += literal + ("$" if found and not name else "")
        if name:
            pieces += [name, ""]
        at = found.end() if found else at
    return tuple(pieces), text, places


def _joins_any(pieces: tuple[str, ...], text: str) -> bool:
    """Tell whether what a template says depends on values that are right by themselves."""
    literals = pieces[::2]
    if any(not literal for literal in literals[1:-1]):
        return True
    if any(map(compiled(_JOINS_ANY).search, literals)) or compiled(ENOUGH_DIGITS).search(text):
        return True
    if compiled(WORDS).search(text) or compiled(MOJIBAKE_HINT).search(text):
        return True
    if any(True for _ in invisible(text)) or not all(
        map(compiled(_FREE_BEFORE).search, literals[:-1])
    ):
        return True
    return not all(map(compiled(_FREE_BEHIND).match, literals[1:]))
