"""Numbers as tables have them: with a point or a comma, and with thousands set off or not.

``1,234`` is a thousand in one country and little more than one in the next, and a file does not
say whose it is: such a number is ambiguous, and nothing is guessed. What begins with a zero, as a
postal code may, is a text.
"""

import re
from decimal import Decimal

import attrs

_PLAIN = re.compile(r"[+-]?(?:0|[1-9]\d{0,29})", re.ASCII)
_SIGNED = re.compile(
    r"(?P<sign>[+-]?)(?P<whole>0|[1-9]\d{0,2}(?P<group>[., '])\d{3}(?:(?P=group)\d{3}){0,9}"
    r"|[1-9]\d?(?:,\d\d){1,9},\d{3}|[1-9]\d{0,29})(?:(?P<point>[.,])(?P<part>\d{1,20}))?",
    re.ASCII,
)
_SEPARATORS = str.maketrans("\u00a0\u202f\u2009\u2019\u2212", "   '-")
_THOUSAND = 3


@attrs.frozen
class Number:
    """A number; ``ambiguous`` has the separator that may stand before thousands or parts."""

    value: Decimal
    ambiguous: str | None = None


def read_number(text: str) -> Number | None:
    """Return the number that a text is; None for what is no number."""
    if _PLAIN.fullmatch(text):
        return Number(Decimal(text))
    found = _SIGNED.fullmatch(text.translate(_SEPARATORS))
    if found is None:
        return None
    whole, group, point, part = found.group("whole", "group", "point", "part")
    if group and group == point:
        return None  # 1.234.5 is a version, or a date
    if group in {".", ","} and point is None and len(whole) <= 2 * _THOUSAND + 1:
        return Number(Decimal(found["sign"] + whole.replace(group, "")), ambiguous=group)
    bare = whole.replace(group or ",", "")  # 1,99,999 is written in India
    return Number(Decimal(f"{found['sign']}{bare}.{part}" if part else found["sign"] + bare))


def shown_number(value: Decimal) -> str:
    """Return a number without needless zeros and without an exponent."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
