"""The names of columns, fields and actions, in whichever spelling a person or a tool writes them.

``First Name``, ``first-name``, ``firstName`` and ``FIRST_NAME`` are one name: exports differ in
nothing else. The normal form is what a text template can hold, ``$first_name``.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher
from functools import lru_cache

_LONGEST = 100
"""Characters of a name; what is longer is a text in the wrong place, and is not remembered."""
_ALIKE = 0.7
_MUCH_ALIKE = 0.85
"""What it takes where several names could be meant: half a name is no choice between two."""
_A_FEW = 4
_SHORTEST = 4
"""Letters that say something when a name begins with them."""


def plain_name(name: str) -> str:
    """Return the normal form of a name: words in small letters, with an underscore between them.

    Letters of other scripts stay; what is neither letter, mark nor digit only separates.
    """
    return _remembered(name) if len(name) <= _LONGEST else _plain(name)


def name_key(name: str) -> str:
    """Return by what two names are the same one, wherever their words are separated."""
    return plain_name(name).replace("_", "")


def shown_name(cell: str) -> str:
    """Return a column's name as it is written, in one line and without what cannot be seen."""
    seen = "".join(c for c in cell if unicodedata.category(c) != "Cf")
    return " ".join(seen.split())


def nearest(name: str, known: Iterable[str]) -> str | None:
    """Return the one known name that was likely meant; None if there is none, or several."""
    key = name_key(name) if len(name) <= _LONGEST else ""
    keys = {name_key(each): each for each in known}
    if not key or key in keys:
        return keys.get(key)
    held = _holding(key, keys)
    if len(held) == 1:
        return keys[held[0]]
    alike = {each: SequenceMatcher(None, key, each).ratio() for each in keys}
    best = max(alike, key=alike.__getitem__, default="")
    return keys[best] if best and alike[best] >= (_MUCH_ALIKE if held else _ALIKE) else None


def likely_names(name: str, known: Sequence[str]) -> list[str]:
    """Return the known names of which one was likely meant: the nearest, or the few that hold it.

    ``status`` is no name where there are ``order-status`` and ``item-status``, and may be either.
    """
    near = nearest(name, known)
    if near is not None:
        return [near]
    keys = {name_key(each): each for each in known}
    held = _holding(name_key(name), keys) if len(name) <= _LONGEST else []
    return [keys[key] for key in held] if len(held) <= _A_FEW else []


def _holding(key: str, keys: Iterable[str]) -> list[str]:
    """Return the keys that begin with a key or that it begins with, else those that contain it."""
    if len(key) < _SHORTEST:
        return []
    begun = [each for each in keys if _begins_alike(each, key)]
    return begun or [each for each in keys if key in each]


def _begins_alike(known: str, key: str) -> bool:
    return known.startswith(key) or (len(known) >= _SHORTEST and key.startswith(known))


@lru_cache(maxsize=4096)
def _remembered(name: str) -> str:
    return _plain(name)


def _plain(name: str) -> str:
    """Repeat until nothing changes: small letters may be composed of others than capitals are."""
    while (plainer := _plainer(name)) != name:
        name = plainer
    return name


def _plainer(name: str) -> str:
    text = unicodedata.normalize("NFKC", name)
    text = "".join(_kept(c) for c in text if unicodedata.category(c) != "Cf")
    words = (word for part in text.split("_") for word in _words(part))
    return unicodedata.normalize("NFKC", "_".join(words).lower())


def _kept(character: str) -> str:
    return character if unicodedata.category(character)[0] in "LMN" else "_"


def _words(part: str) -> Iterable[str]:
    """Split ``firstName``, ``VATRate`` and ``address1Line``; ``B2B`` and ``SKU`` stay whole."""
    start = 0
    shape = "".join("A" if c.isupper() else "a" if c.islower() else "1" for c in part)
    for found in re.finditer(r"(?<=a)A|(?<=A)Aa|(?<=1)Aa", shape):
        yield part[start : found.start()]
        start = found.start()
    if part:
        yield part[start:]
