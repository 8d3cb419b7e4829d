"""Cuts what clients send to a size that may be kept, and says so in its place.

A request of 8 kB that is kept whole costs 180 kB as a parsed query. What repeats from one
request to the next, as headers do, is kept once.
"""

from collections.abc import Mapping
from functools import lru_cache

MAX_PATH = 500
"""Characters of a path that are kept."""
MAX_TARGET = 1000
"""Characters of a path with its query."""
MAX_VALUE = 500
"""Characters of one value of a query or a header, or of its name."""
MAX_PARAMETERS = 20
"""Parameters of a query."""
MAX_HEADERS = 40
"""Headers of a request."""
MAX_CHARACTERS = 4000
"""Of all values of a query, and of all headers."""
MARK = "..."
"""Stands where something was cut, with what there was; in ASCII, which takes half the room."""

_MAX_SHARED = 200


@lru_cache(maxsize=4096)
def _once(text: str) -> str:
    return text


def shared(text: str) -> str:
    """Return an equal text that is kept only once, if it is short."""
    return _once(text) if len(text) <= _MAX_SHARED else text


def cut(text: str, most: int) -> str:
    """Return the beginning of a text that is too long, with a mark and its length."""
    if len(text) <= most:
        return text
    return f"{text[:most]}{MARK} ({len(text)} characters)"


def cut_query(query: Mapping[str, list[str]]) -> dict[str, list[str]]:
    """Return a query as it may be kept."""
    kept: dict[str, list[str]] = {}
    room = MAX_CHARACTERS
    for name, values in query.items():
        few = [shared(cut(value, MAX_VALUE)) for value in values[:MAX_PARAMETERS]]
        short = cut(name, MAX_VALUE)
        room -= len(short) + sum(map(len, few))
        if len(kept) == MAX_PARAMETERS or room < 0:
            kept[MARK] = [f"{len(query) - len(kept)} more parameters"]
            break
        if len(values) > MAX_PARAMETERS:
            few.append(f"{MARK} ({len(values)} values)")
        kept[shared(short)] = few
    return kept


def cut_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """Return headers as they may be kept."""
    size = sum(map(len, headers)) + sum(map(len, headers.values()))
    if len(headers) <= MAX_HEADERS and size <= 2 * MAX_VALUE:  # as almost always
        return {name: shared(value) for name, value in headers.items()}
    kept: dict[str, str] = {}
    room = MAX_CHARACTERS
    for name, value in headers.items():
        short, few = cut(name, MAX_VALUE), shared(cut(value, MAX_VALUE))
        room -= len(short) + len(few)
        if len(kept) == MAX_HEADERS or room < 0:
            kept[MARK] = f"{len(headers) - len(kept)} more headers"
            break
        kept[shared(short)] = few
    return kept
