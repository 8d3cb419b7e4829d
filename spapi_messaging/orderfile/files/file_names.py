"""Names of files as they are compared and shown, and the order ids that are in them.

What differs without being seen makes no difference: macOS writes letters and their accents apart
(NFD), word processors put hyphens of their own into order ids, and scanners write .PDF. An order
id is only found whole: the digits of 903-1671087-0812628 also occur in 1903-1671087-0812628,
which is no order's or another's. A letter may stand before it (INV903-…), and other numbers
beside it behind a hyphen (2026-11-01-903-…-2): no order id has more than three groups.
"""

import re
import unicodedata
from collections.abc import Iterable

from spapi_messaging.orderfile.order_id import LIKE_A_DASH, WIDE
from spapi_messaging.redaction import clipped

_SHOWN = 120
_NAMED = 3
_ALIKE = dict.fromkeys(map(ord, LIKE_A_DASH), ord("-")) | WIDE
_ORDER_ID = re.compile(
    r"(?<![0-9])[0-9]{3}-[0-9]{7}-[0-9]{7}(?![0-9])"
    # D: digital goods; S: multi-channel fulfilments, which are no orders of Amazon's.
    r"|(?<![^\W_])[ds][0-9]{2}-[0-9]{7}-[0-9]{7}(?![0-9])"
)
# Written by systems and programs, beside what people put into a folder.
_OF_PROGRAMS = frozenset({"thumbs.db", "desktop.ini", "icon\r", "__macosx"})
_NUMBERS = re.compile(r"([0-9]+)")


def folded(name: str) -> str:
    """Return a name, or a path, as it is compared with others."""
    if name.isascii():
        return name.lower()
    plain = unicodedata.normalize("NFC", name).translate(_ALIKE)
    return unicodedata.normalize("NFC", "".join(map(_seen, plain)).casefold())


def _seen(character: str) -> str:
    if character.isascii():
        return character
    category = unicodedata.category(character)
    return {"Pd": "-", "Zs": " ", "Cf": ""}.get(category, character)


def order_ids(name: str) -> tuple[str, ...]:
    """Return the different order ids that are whole in a folded name, in their order."""
    return tuple(dict.fromkeys(_ORDER_ID.findall(name)))


def is_order_id(text: str) -> bool:
    """Say whether a folded text is an order id, and nothing else."""
    return _ORDER_ID.fullmatch(text) is not None


def is_hidden(name: str) -> bool:
    """Say whether a file or folder is none that a person put there to be sent."""
    return name.startswith((".", "~$")) or name.lower() in _OF_PROGRAMS


def shown(name: str) -> str:
    """Return a name as it stands in an error."""
    return repr(clipped(name, _SHOWN))


def listed(names: Iterable[str], *, most: int = _NAMED) -> str:
    """Return the first of some names, and how many there are beside them."""
    names = list(names)
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(map(shown, names[:most])) + more


def natural(name: str) -> tuple[list[tuple[int, str]], str]:
    """Return what to sort names by, so that 9 comes before 10."""
    parts = _NUMBERS.split(folded(name))
    return [
        (int(part), "") if part.isascii() and part.isdigit() else (-1, part) for part in parts
    ], name


_LOOSE = re.compile(r"(?<![0-9])d?[0-9]{2,4}[-_. ]?[0-9]{6,8}[-_. ]?[0-9]{6,8}(?![0-9])")
_SEPARATORS = re.compile(r"[-_. ]")
_DIGITS = "0123456789"


def nearly_order_ids(name: str) -> set[str]:
    """Return what in a folded name looks like an order id, without what separates its groups."""
    return {_SEPARATORS.sub("", found) for found in _LOOSE.findall(name)}


def one_off(order_id: str) -> Iterable[str]:
    """Return an order id, without hyphens, and all that are one slip of the fingers away."""
    text = order_id.replace("-", "")
    yield text
    for at in range(len(text)):
        before, after = text[:at], text[at + 1 :]
        yield before + after
        yield from (before + digit + after for digit in _DIGITS)
        yield from (before + digit + text[at:] for digit in _DIGITS)
        if after:
            yield before + after[0] + text[at] + after[1:]
    yield from (text + digit for digit in _DIGITS)
