"""What an error answer quotes of its request: a token, or what a buyer was to read.

A gateway may repeat what it refused, headers and all. Errors are shown, logged and written down, so
what they repeat is left out, and the rest of their words is kept.
"""

import json
import re
from collections.abc import Iterator

_WITHHELD = "(withheld)"
_TOKENS = re.compile(
    r"Atz[a-z]\|[^\s\"',;]*"
    r"|(?:access|refresh|security)[-_]token[\"']?\s*[:=]\s*[\"']?[^\s\"',;&]+"
    r"|client[-_]secret[\"']?\s*[:=]\s*[\"']?[^\s\"',;&]+",
    re.IGNORECASE,
)
_WINDOW = 16
"""Characters in a row that are a quotation; a shorter text is one as a whole."""
_SHORTEST = 4
_BEGINNING = 65_536
_ID = "uploadDestinationId"


def without_quotes(words: str, *, said: bytes | None, token: str | None) -> str:
    """Return an error's words without what they quote of a request's body or token."""
    if token:
        words = words.replace(token, _WITHHELD)
    words = _TOKENS.sub(_WITHHELD, words)
    return _WITHHELD if said and _quotes(words, said) else words


def _quotes(words: str, said: bytes) -> bool:
    try:
        value = json.loads(said)
    except (ValueError, RecursionError):  # a file: its beginning is what is quoted of it
        return _is_quoted(words, said[:_BEGINNING].decode(errors="replace"))
    return any(_is_quoted(text, words) for text in _texts(value))


def _texts(value: object) -> Iterator[str]:
    """Yield the texts of a body; an upload's id is Amazon's own word."""
    values = [value]
    while values:
        value = values.pop()
        if isinstance(value, str):
            yield value
        elif isinstance(value, dict):
            values += (item for name, item in value.items() if name != _ID)
        elif isinstance(value, list):
            values += value


def _is_quoted(text: str, words: str) -> bool:
    if len(text) <= _WINDOW:
        return len(text) >= _SHORTEST and text in words
    starts = range(len(text) - _WINDOW + 1)
    return any(text[start : start + _WINDOW] in words for start in starts)
