"""The ``$fields`` of a text for the orders of a file, found in any spelling of a column's name.

``$first_name``, ``$FirstName``, ``$first-name`` and ``${First Name}`` are the column "First Name".
What looks like a field and names no column is a fault: a buyer would read it as it stands. A ``$``
before a number, "$5", is a price, and none; where a text has fields, ``$$`` is a dollar.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

import attrs

from spapi_messaging.errors import InvalidMessageError
from spapi_messaging.messages import LiteralText, LocalizedText, Text, each
from spapi_messaging.orderfile.names import name_key, nearest, plain_name
from spapi_messaging.orderfile.shown import MAX_SHOWN, nearest_words, shown
from spapi_messaging.redaction import size_only

_DOLLAR = re.compile(
    r"""\$(?:
        (?P<dollar>\$)
      | \{(?P<braced>[^{}$\r\n]{1,60})\}
      | (?P<name>[^\W\d]\w*(?:-\w+)*)
      | [ \t]{1,2}(?P<apart>[^\W\d]\w*)
    )?""",
    re.VERBOSE,
)
_PRICE = re.compile(r"[\d.,][ \t]?\Z")
"""What stands before a dollar sign that is a currency: "5 $ a piece"."""
_MAX_PARTS = 20
"""Words of a name with hyphens between them."""
_OWN = "order_id"
"""A field of every text."""
_STRAY = "a $ in the text begins no field; write $$ for a dollar sign"


@attrs.frozen
class Place:
    """A ``$`` that may begin a field, and ``names`` that it may mean, the longest first."""

    start: int
    written: str = attrs.field(repr=size_only)
    names: tuple[str, ...] = attrs.field(repr=False)
    is_apart: bool = False
    """Whether a blank stands between the dollar sign and the name."""

    def rest(self, name: str) -> str:
        """Return what follows a name of several parts."""
        return self.written.removeprefix(f"${name}") if len(self.names) > 1 else ""


@attrs.frozen
class Parsed:
    """One text: what stands in it as it is, ``$$``, and what may be fields."""

    text: str = attrs.field(repr=size_only)
    places: tuple[Place, ...]
    dollars: tuple[int, ...]
    strays: tuple[int, ...]

    @property
    def fields(self) -> Iterator[Place]:
        """The places that are fields whatever columns there are."""
        return (place for place in self.places if not place.is_apart)


@attrs.frozen
class Template:
    """A text as a ``string.Template``, whose ``fields`` are columns by the names in the text.

    ``faults``: what looks like a field and names no column.
    """

    text: Text = attrs.field(repr=size_only)
    fields: tuple[tuple[str, str], ...] = ()
    faults: tuple[str, ...] = ()

    def values(self, row: Mapping[str, object], order_id: str) -> dict[str, Any]:
        """Return what fills the text of a row, as far as the row has it."""
        return {
            name: value
            for name, column in self.fields
            if (value := row.get(column, order_id if column == _OWN else None)) is not None
        }

    def open_fields(
        self, values: Mapping[str, object], differing: Mapping[str, str]
    ) -> Iterator[str]:
        """Say which fields have no value, and why, where the rows of an order differ."""
        for name, column in self.fields:
            if name not in values and column in differing:
                yield f"the field ${name} of the text cannot be joined: {differing[column]}"
            elif name not in values:
                yield f"the field ${name} of the text has no value: {shown(column)} is empty"


@lru_cache(maxsize=256)
def parsed(text: str) -> Parsed:
    """Find the dollar signs of a text."""
    places, dollars, strays = [], [], []
    for found in _DOLLAR.finditer(text):
        start, written = found.start(), found[0]
        if found["dollar"]:
            dollars.append(start)
        elif found["braced"]:
            places.append(Place(start, written, (found["braced"],)))
        elif found["name"]:
            parts = found["name"].split("-")
            most = min(len(parts), _MAX_PARTS)
            names = tuple("-".join(parts[:n]) for n in range(most, 0, -1))
            places.append(Place(start, written, names))
        else:
            strays.append(start)
            if found["apart"] and not _PRICE.search(text, max(0, start - 2), start):
                places.append(Place(start, written, (found["apart"],), is_apart=True))
    return Parsed(text, tuple(places), tuple(dollars), tuple(strays))


def stray_fault(text: str) -> str | None:
    """Say where a ``$`` of a text begins nothing, if one does."""
    strays = parsed(text).strays
    if not strays:
        return None
    line = text.count("\n", 0, strays[0]) + 1
    column = strays[0] - text.rfind("\n", 0, strays[0])
    return f"a $ begins no field: line {line}, col {column}; write $$ for a dollar sign"


def template(
    text: Text, columns: tuple[str, ...], *, may_be_plain: bool = True, in_table: bool = True
) -> Template:
    """Find the fields of a text among columns.

    ``may_be_plain``: without a field in it, it is no template and stands as it is. ``in_table``:
    the columns are those of a table, and not the fields of one job.
    """
    # Not remembered: a text that is to stand as it is equals one that is not.
    if may_be_plain and all(_has_no_fields(one) for _, one in each(text)):
        return Template(text)
    return _template(text, columns, may_be_plain=may_be_plain, in_table=in_table)


def _has_no_fields(text: str) -> bool:
    return "$" not in text or isinstance(text, LiteralText)


@lru_cache(maxsize=256)
def _template(
    text: Text, columns: tuple[str, ...], *, may_be_plain: bool, in_table: bool
) -> Template:
    columns = columns if _OWN in columns else (_OWN, *columns)
    texts = [(language, parsed(one)) for language, one in each(text)]
    is_plain = may_be_plain and not fields_in(text)
    known: dict[str, str] = {}
    for column in columns:
        known.setdefault(name_key(column), column)
    finding = _Finding(known, in_table=in_table)
    filled = {language: finding.filled(one, is_plain=is_plain) for language, one in texts}
    if not is_plain and any(one.strays for _, one in texts):
        finding.faults = finding.faults or [_STRAY]
    fields, faults = tuple(finding.fields.items()), tuple(dict.fromkeys(finding.faults))
    return Template(text if is_plain or faults else _like(text, filled), fields, faults)


def _like(text: Text, filled: Mapping[str | None, str]) -> Text:
    if not isinstance(text, LocalizedText):
        return filled[None]
    try:
        variants = {language: one for language, one in filled.items() if language}
        return LocalizedText(variants, default=text.default)
    except InvalidMessageError:  # the message will say what is wrong with it
        return text


@attrs.define
class _Finding:
    known: Mapping[str, str]
    in_table: bool
    fields: dict[str, str] = attrs.field(factory=dict, init=False)
    faults: list[str] = attrs.field(factory=list, init=False)

    def filled(self, one: Parsed, *, is_plain: bool) -> str:
        """Return a text whose fields have names that ``string.Template`` takes."""
        pieces, at = [], 0
        for place in one.places:
            pieces.append(one.text[at : place.start])
            at = place.start + len(place.written)
            if place.is_apart:
                self._refuse_apart(place)
                pieces.append(place.written)
            elif not is_plain:
                pieces.append(self._named(place, one.text[at : at + 1]))
        return "".join([*pieces, one.text[at:]])

    def _named(self, place: Place, after: str) -> str:
        found = [name for name in place.names if name_key(name) in self.known]
        if not found:
            self.faults.append(self._unknown(place))
            return place.written
        if len(found) > 1:
            both = " or ".join(f"${{{name}}}" for name in reversed(found))
            self.faults.append(f"the field {shown(place.written)} of the text may be {both}")
        column = self.known[name_key(found[0])]
        name = self._identifier(column)
        self.fields[name] = column
        rest = place.rest(found[0])
        is_closed = not rest and (after.isalnum() or after == "_")
        return f"${{{name}}}" if is_closed else f"${name}{rest}"

    def _identifier(self, column: str) -> str:
        """Return the name of a column as ``string.Template`` takes it."""
        name = column if column.isidentifier() else plain_name(column)
        if name.isascii() and name.isidentifier():
            return name
        for known, one in self.fields.items():
            if one == column:
                return known
        number = len(self.fields) + 1
        while name_key(f"field_{number}") in self.known:
            number += 1
        return f"field_{number}"

    def _unknown(self, place: Place) -> str:
        names = tuple(self.known.values())
        near = next(filter(None, (nearest(name, names) for name in place.names)), None)
        what = f"the field {_field(place)} of the text has no value"
        if self.in_table:
            known = map(_spelled, names)
            return f"{what}: no column is called so{nearest_words(near and _spelled(near), known)}"
        return f"{what}; give it in the job's fields{nearest_words(near and _spelled(near), ())}"

    def _refuse_apart(self, place: Place) -> None:
        column = self.known.get(name_key(place.names[0]))
        if column is not None:
            self.faults.append(
                f"the text has a blank in {shown(place.written)}: write {_spelled(column)}, or $$ "
                f"for a dollar sign"
            )


def _field(place: Place) -> str:
    """Return a field as it is shown: a name, or the size of what may be a text."""
    name = place.names[0]
    return f"${name}" if name.isidentifier() and len(name) <= MAX_SHOWN else shown(place.written)


def _spelled(column: str) -> str:
    """Return how a text names a column."""
    return f"${column}" if column.isidentifier() else f"${{{column}}}"


def fields_in(text: Text) -> Sequence[Place]:
    """List what are fields in a text, over all of its languages."""
    return [place for _, one in each(text) for place in parsed(one).fields]


def field_of(text: Text | None) -> str | None:
    """Return the first field of a text as it may be shown, if it has one."""
    found = fields_in(text) if text is not None else ()
    return _field(found[0]) if found else None
