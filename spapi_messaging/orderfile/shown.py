"""What of a file's values may stand in a fault: what looks like a name, and never a text.

A cell in the wrong column may be a buyer's text, or a key that was meant for the buyer alone. So a
value is shown up to 40 characters and three words, and only where no text belongs; of all else it
is said how long it is.
"""

from collections.abc import Iterable

from spapi_messaging.redaction import size_only

MAX_SHOWN = 40
_MAX_WORDS = 3
_MAX_LISTED = 300


def shown(value: object) -> str:
    """Quote a value that may be shown; of one that may be a text, return the size."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return repr(value) if len(repr(value)) <= MAX_SHOWN else size_only(str(value))
    if not isinstance(value, str):
        return f"({json_kind(value)})"
    if len(value) > MAX_SHOWN or len(value.split()) > _MAX_WORDS:
        return size_only(value)
    # What does not print is escaped: a blank of another width would look like one.
    return f"'{value}'" if value.isprintable() else repr(value)


def json_kind(value: object) -> str:
    """Say what a value of JSON is, as people who write JSON call it."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true or false"
    kinds = {int: "a number", float: "a number", str: "a string", list: "a list", dict: "an object"}
    return next((word for kind, word in kinds.items() if isinstance(value, kind)), "something else")


def shown_column(name: str) -> str:
    """Quote the name of a column; what may be a text in the place of a header, by its size."""
    return shown(name) if len(name.split()) < _MAX_WORDS else size_only(name)


def nearest_words(near: str | None, known: Iterable[str]) -> str:
    """Return the end of a fault: the name that was likely meant, or those that there are."""
    if near is not None:
        return f"; did you mean {near}?"
    names = ", ".join(known)
    if not names:
        return ""
    return f"; there are {names if len(names) <= _MAX_LISTED else f'{names[:_MAX_LISTED]}…'}"
