"""What the single values of a job mean: its order, action, marketplace, seller, key and dates.

Each fault says the name of the column, the value (what may be a text only by its size), what is
expected, and the nearest name that there is. None has a line number in it, so that equal faults
are told once.
"""

from collections.abc import Collection, MutableMapping
from datetime import datetime, time, tzinfo
from typing import Any

import attrs

from spapi_messaging.api import camel, operation_of
from spapi_messaging.marketplaces import Marketplace, marketplace_named
from spapi_messaging.messages import MESSAGE_TYPES, Message
from spapi_messaging.orderfile import (
    MAX_SHOWN,
    clean_order_id,
    json_kind,
    name_key,
    nearest,
    nearest_words,
    order_id_fault,
    read_date,
    shown,
    shown_date,
    zone_named,
)

MAX_LABEL = 200
SEGMENTS = tuple(kind.segment for kind in MESSAGE_TYPES)
"""How a file names the actions."""

_DATES = {
    written: name
    for name in ("coverage_start_date", "coverage_end_date")
    for written in (name, camel(name))
}
_LAST = time(23, 59, 59)
_ACTIONS = {
    name: kind for kind in MESSAGE_TYPES for name in (kind.segment, kind.operation, *kind.aliases)
}
_MARKETPLACES = {name: one for one in Marketplace for name in (one.id, one.domain)}
_SUGGESTED = 200
_BY_KEY = {name_key(name): kind for name, kind in _ACTIONS.items()}


def order_id_of(value: Any, faults: list[str], *, odd: bool) -> str:
    """Return the id of an order as it is meant, and add to the faults."""
    if value is None or value == "":
        faults.append("order_id is missing")
        return ""
    if not isinstance(value, str):
        faults.append(f"order_id ({json_kind(value)}) is not 3-7-7 digits")
        return str(value)
    order_id = clean_order_id(value)
    fault = order_id_fault(order_id, odd=odd)
    if fault is not None:
        faults.append(f"order_id {fault}")
    return order_id


@attrs.define
class Suggestions:
    """The nearest names for what is wrong: of the first values, since those of all take minutes."""

    _found: dict[tuple[str, int], str | None] = attrs.field(factory=dict, init=False)

    def nearest(self, name: str, known: Collection[str]) -> str | None:
        """Return the one known name that was likely meant."""
        key = (name[:MAX_SHOWN], id(known))
        if key not in self._found:
            if len(self._found) >= _SUGGESTED:
                return None
            self._found[key] = nearest(name, known)
        return self._found[key]


def message_type_of(
    value: Any, faults: list[str], place: str, suggestions: Suggestions
) -> type[Message] | None:
    """Return the message type of an action, and add to the faults."""
    if value is None or value == "":
        faults.append("action is missing")
        return None
    kind = _BY_KEY.get(name_key(value)) if isinstance(value, str) else None
    if kind is None:
        faults.append(f"{place}action: {_no_action(value, suggestions)}")
    return kind


def marketplace_of(
    value: Any, faults: list[str], place: str, suggestions: Suggestions, *, is_needed: bool
) -> Marketplace | None:
    """Return a marketplace, and add to the faults."""
    if isinstance(value, Marketplace):
        return value
    if value is None:
        if is_needed:
            faults.append("marketplace is missing; give it, or --marketplace for all")
        return None
    found = marketplace_named(value) if isinstance(value, str) else None
    if found is None:
        faults.append(f"{place}marketplace: {_no_marketplace(value, suggestions)}")
    return found


def label_of(name: str, value: Any, faults: list[str]) -> str | None:
    """Return a seller or a key, and add to the faults."""
    if value is None:
        return None
    if isinstance(value, str) and 1 <= len(value) <= MAX_LABEL and value.isprintable():
        return value
    faults.append(f"{name} must be a string of 1 to {MAX_LABEL} printable characters")
    return None


def message_type(action: str) -> type[Message] | str:
    """Find the message type of an action's name, in any spelling; or say what is wrong with it."""
    return _BY_KEY.get(name_key(action)) or _no_action(action, Suggestions())


def _no_action(action: Any, suggestions: Suggestions) -> str:
    what = f"no action is called {shown(action)}"
    if not isinstance(action, str):
        return f"{what}{nearest_words(None, SEGMENTS)}"
    if operation_of(action) is not None:
        return f"{what}: it is asked, one order at a time: spapi-messaging attributes ORDER"
    near = suggestions.nearest(action, _ACTIONS)
    meant = None if near is None else _ACTIONS[near].segment
    return f"{what}{nearest_words(meant, SEGMENTS)}"


def _no_marketplace(value: Any, suggestions: Suggestions) -> str:
    what = f"no marketplace is called {shown(value)}"
    near = suggestions.nearest(value, _MARKETPLACES) if isinstance(value, str) else None
    meant = None if near is None else _MARKETPLACES[near].name
    return f"{what}{nearest_words(meant, Marketplace.__members__)}"


@attrs.frozen
class DateReader:
    """Reads dates as people write them; ``zone`` is that of dates that say none."""

    zone: tzinfo | None = None

    @classmethod
    def of(cls, time_zone: str | None) -> "DateReader":
        """Read dates in a zone, by its name; raises ValueError if there is none."""
        return cls(zone_named(time_zone) if time_zone else None)

    def read(self, name: str, value: str) -> datetime | str:
        """Read the first moment of a cover, or its last; or say what is wrong with it."""
        try:
            found = read_date(value, self.zone)
        except ValueError as error:
            # It begins with the value, or with its size: the name and the value stand before it.
            begun = f"{shown_date(value.strip())} "
            fault = str(error)
            if fault.startswith(begun):
                return f"{name} {shown(value)} {fault.removeprefix(begun)}"
            return f"{name} {shown(value)}: {fault}"
        if found.value.utcoffset() is None:
            return (
                f"{name} has no time zone: {shown(value)}; say which, as in --time-zone "
                f"Europe/Berlin"
            )
        if found.is_day and name == "coverage_end_date":
            return datetime.combine(found.value.date(), _LAST, found.value.tzinfo)
        return found.value

    def read_all(self, given: MutableMapping[str, Any], faults: list[str]) -> None:
        """Put moments in the place of the dates of a message, and add to the faults."""
        for written in [name for name in given if name in _DATES]:
            value = given[written]
            if isinstance(value, datetime):
                continue
            if isinstance(value, str):
                moment = self.read(_DATES[written], value)
            else:
                wanted = 'must be a date in quotes, such as "2026-12-01"'
                moment = f"{_DATES[written]} {wanted}, not {json_kind(value)}"
            if isinstance(moment, str):
                faults.append(moment)
                del given[written]
            else:
                given[written] = moment
