"""What of a URL, a name, a size or a failure may be shown in errors, logs and reprs.

A buyer's text, a file's content, a secret and a presigned URL show nowhere, whatever they came
in: a cell in the wrong column may be a text, an exception of the HTTP client may hold headers.
"""

import re
from collections.abc import Mapping

MAX_URL = 200
"""Characters of a URL that are shown."""


def safe_url(url: str) -> str:
    """Return a URL as it may stand in an error: bounded, without user info and without a query."""
    return re.sub(r"^.*@", "...@", url, flags=re.DOTALL).partition("?")[0][:MAX_URL]


def size_only(value: object) -> str:
    """Stand for a buyer's text or a file in a repr; what hides its content itself is shown."""
    if not isinstance(value, str | bytes):
        return repr(value)
    return f"<{len(value)} {'bytes' if isinstance(value, bytes) else 'characters'}>"


def names_only(fields: Mapping[str, object] | None) -> str:
    """Stand for what is told of a buyer in a repr."""
    return "None" if fields is None else f"<{', '.join(map(str, fields))}>"


def name_or_size(name: object, pattern: re.Pattern[str]) -> str:
    """Quote what looks like a name; of all else, which may be a text, return the size."""
    name = str(name)
    return repr(name) if pattern.fullmatch(name) else size_only(name)


def cut(text: str, most: int) -> str:
    """Return the first ``most`` characters, in a form that UTF-8 has."""
    return text[:most].encode(errors="replace").decode()


def clipped(text: str, most: int) -> str:
    """Return a text in one line of ``most`` characters, with an ellipsis where it is longer.

    What does not print is replaced: a control character could turn a line's direction.
    """
    printed = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text[:most])
    return printed if len(text) <= most else f"{printed[: most - 1]}…"


def describe_failure(error: BaseException) -> str:
    """Name a failure without its text, which may hold an object of aiohttp and show headers."""
    if isinstance(error, TimeoutError):
        return f"timeout, {type(error).__name__}"
    if isinstance(error, OSError) and error.strerror:
        return f"{type(error).__name__}: {error.strerror}"
    return type(error).__name__
