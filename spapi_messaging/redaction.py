"""What of a URL, a name, a size or a failure may be shown in errors, logs and reprs.

A buyer's text, a file's content, a secret and a presigned URL show nowhere, whatever they came
in: a cell in the wrong column may be a text, an exception of the HTTP client may hold headers.

And what may be shown is shown as it is, in one line: whoever answers, names a file or fills a
cell could otherwise clear a screen, set a window's title, turn a line's direction or begin a
line that looks like ours. So words from outside are cleaned here, where they are taken in
(``cut``) and again where they are shown (``printable``, ``csv_cell``).
Sources: https://cwe.mitre.org/data/definitions/150.html and 117,
https://owasp.org/www-community/attacks/CSV_Injection.
"""

import os
import re
import unicodedata
from collections.abc import Mapping, Sized

MAX_URL = 200
"""Characters of a URL that are shown."""
# The wide forms, too: a Japanese spreadsheet takes them for the others.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def safe_url(url: str) -> str:
    """Return a URL as it may stand in an error: bounded, without user info and without a query."""
    shown = re.sub(r"^.*@", "...@", url, flags=re.DOTALL).partition("?")[0]
    return printable(shown[:MAX_URL])


def size_only(value: object) -> str:
    """Stand for a buyer's text or a file in a repr, whatever a caller put in its place.

    What says that it hides its content itself, by ``hides_content``, is shown as it says.
    """
    if value is None or getattr(type(value), "hides_content", False):
        return repr(value)
    if not isinstance(value, Sized):
        return f"<{type(value).__name__}>"
    return f"<{len(value)} {'characters' if isinstance(value, str) else 'bytes'}>"


def names_only(fields: Mapping[str, object] | None) -> str:
    """Stand for what is told of a buyer in a repr."""
    return "None" if fields is None else f"<{printable(', '.join(map(str, fields)))}>"


def name_or_size(name: object, pattern: re.Pattern[str]) -> str:
    """Quote what looks like a name; of all else, which may be a text, return the size."""
    name = str(name)
    return repr(name) if pattern.fullmatch(name) else size_only(name)


def printable(text: str) -> str:
    """Return a text in one line, without anything that does not print.

    Controls, line ends, formats (those that turn the direction, too), surrogates and what
    Unicode has not assigned are replaced; a blank of any width is left as it is.
    """
    if text.isprintable():
        return text
    return "".join(c if _prints(c) else "\N{REPLACEMENT CHARACTER}" for c in text)


def _prints(character: str) -> bool:
    return character.isprintable() or unicodedata.category(character) == "Zs"


def cut(text: str, most: int) -> str:
    """Return the first ``most`` characters as they may be shown."""
    return printable(text[:most])


def clipped(text: str, most: int) -> str:
    """Return a text in one line of ``most`` characters, with an ellipsis where it is longer."""
    printed = printable(text[:most])
    return printed if len(text) <= most else f"{printed[: most - 1]}…"


def csv_cell(value: object) -> object:
    """Return a value as a spreadsheet shows it: a text is in one line, and no formula.

    Numbers are no text, so that -5 stays what it is.
    """
    if not isinstance(value, str):
        return value
    return f"'{printable(value)}" if value.lstrip(" ").startswith(_FORMULA) else printable(value)


def describe_failure(error: BaseException) -> str:
    """Name a failure in the system's words.

    Those of the HTTP client are never shown: they quote headers and URLs, presigned ones too.
    """
    kind = type(error).__name__
    if isinstance(error, TimeoutError):
        return f"timeout, {kind}"
    # The HTTP client's errors keep the system's here.
    cause = getattr(error, "os_error", error)
    words = _system_words(cause) if isinstance(cause, OSError) else None
    return f"{kind}: {printable(words)}" if words else kind


def _system_words(error: OSError) -> str | None:
    number, words = error.errno, error.strerror
    if type(error).__module__ in {"ssl", "socket"}:  # their numbers are not the system's
        return words if isinstance(words, str) and "://" not in words else None
    return os.strerror(number) if isinstance(number, int) and number > 0 else None
