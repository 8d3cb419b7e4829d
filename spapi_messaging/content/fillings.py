"""What fills a field, told by itself: words, the id of an order, numbers, or something else.

Most values are words in Latin letters with few digits, which one pattern knows; it has to be fast,
since a campaign has 100,000 of them and nearly all differ.
"""

from functools import lru_cache
from typing import Literal, TypeAlias

from spapi_messaging.content.check import check_text
from spapi_messaging.content.mojibake import HINT as MOJIBAKE_HINT
from spapi_messaging.content.phones import (
    ENOUGH_DIGITS,
    MAX_DIGITS,
    MIN_DIGITS_FROM_ABROAD,
)
from spapi_messaging.content.rules import invisible
from spapi_messaging.content.values import WORDS, is_no_value
from spapi_messaging.content.words import compiled

Kind: TypeAlias = Literal[
    "words",  # or small numbers, or a moment: nothing is made of them
    "order",  # an order's id
    "number",  # a long one that is no phone number, whatever stands beside it
    "digits",  # as many as a phone number has; one only behind a cue for it
    "numbers",  # what stands beside them decides
    "right",  # by itself, but with signs that may make something of another such value
    "odd",
]

_REMEMBERED = 4096
MAX_VALUE = 500
"""Characters of a value that is judged by itself, and remembered: a few megabytes at the most."""

# Letters and signs that make no garbled text where they stand; digits beyond six are looked at.
_PLAIN_LETTERS = (
    "A-Za-z\u00c0\u00c1\u00c6-\u00d6\u00d8-\u00e1\u00e3-\u00ee\u00f1-\u00f6\u00f8-\u0151"
    "\u0154-\u015f\u0162-\u0177\u0179-\u017c\u017f-\u0191\u0193-\u024f"
)
_NO_DIGITS = (
    rf"(?:[{_PLAIN_LETTERS} ,;:!?()'\"/-]++"
    "|(?<=[A-Za-z0-9 ])[\u2013\u2019\u2026\u201c-\u201e\u00b0\u00d7\u00a0]"
    r"|[\u00c4\u00c5](?=[A-Za-z])|\.(?![A-Za-z])|\+(?!\d))*+"
)
_PLAIN = rf"(?=\W*+\w){_NO_DIGITS}(?:[0-9]{_NO_DIGITS}){{0,6}}((?:[0-9]{_NO_DIGITS})*+)"
_AN_AT = r"(?i:at|ät|arroba|chez|dot|punkt|punto|point)"
_AT_ALONE = rf"\s?{_AN_AT}\s?(?:$|[)\]}}])"
_AT_OPENED = rf"[(\[{{]\s?{_AN_AT}\s?(?:$|[)\]}}])"

# Letters, digits and the signs of sentences; a mark or a vowel's sign is none of \\w.
_EASY = (
    "(?:[^\\W_]|[ ,;:!?()'\"/\u2019\u2018\u201c\u201d\u201e\u2013\u2014\u2026\u00b0\u00d7\u00a0-]"
    "|[\u0300-\u034e\u064b-\u0652\u0900-\u0dff\u3099]|\\.(?![A-Za-z])|\\+(?!\\d))*+"
)
_WORD = r"[^\W_]"
EXPONENT = r"[eE]\+\d"
"""What a digit before it may make a spreadsheet's number of, with what stands beside it."""
_HINT_OF_NO_VALUE = (
    r"na[nN]|Na[NT]|NAN|None|null|NULL|undefined|xxx|XX[X]|N/A|n/a|orem|#|<|blank|\\N"
)
_NUMBER = "[A-Z0-9]+(?:[ -][A-Z0-9]+)*"
_DAY = "(?:0?[1-9]|[12]\\d|3[01])"
_ORDER = r"\d{3}-\d{7}-\d{7}"
_MOMENT_OR_ORDER = (
    rf"(?:19|20)\d\d-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])"
    r"(?:[T ][0-2]\d:[0-5]\d(?::[0-5]\d(?:\.\d{1,6})?)?(?:Z|[+-][01]\d:\d\d)?)?"
    rf"|{_DAY}([./]){_DAY}\1(?:(?:19|20)\d\d|\d\d)|{_ORDER}"
)
# What a value would make something of together with what stands beside it.
_JOINS_OTHERS = (
    "[\\\\\u00ab\u00bb\u25cb\u3007\u25ef]|####|#\\S*$|(?i:lorem)|^[\u00c2-\u00c5]\\W"
    "|[\u00c2-\u00c5\u00e2\u00ef\u00f0\u201a\u221a\u251c\u7e3a\u7e67\u7e5d=%&@$<]$"
    rf"|^{_AT_ALONE}|{_AT_OPENED}"
)

_LONGEST = "unexpectedProblem"


@lru_cache(maxsize=_REMEMBERED)  # of names, products and days: many orders have the same
def _remembered(value: str) -> Kind:
    if _is_plain(value) or _is_easy(value):
        return "words"
    if compiled(_MOMENT_OR_ORDER).fullmatch(value):
        return "order" if compiled(_ORDER).fullmatch(value) else "words"
    if _is_number(value):
        return _kind_of_number(value)
    return "right" if _is_right_by_itself(value) else "odd"


def kind_of(value: str) -> Kind:
    """Return what a value is, which decides what else is to be looked at."""
    return _remembered(value) if len(value) <= MAX_VALUE else "odd"


def _is_plain(value: str) -> bool:
    """Tell in a moment what ``_is_easy`` would; of other values nothing is said."""
    found = compiled(_PLAIN).fullmatch(value)
    if found is None or compiled(_HINT_OF_NO_VALUE).search(value):
        return False
    if found[1] and compiled(ENOUGH_DIGITS).search(value):
        return False
    if compiled(_AT_ALONE).match(value) or "lorem" in value.lower():
        return False
    return "(" not in value or compiled(_AT_OPENED).search(value) is None


def _is_easy(value: str) -> bool:
    """Tell whether a value is words and small numbers."""
    if not compiled(_EASY).fullmatch(value) or not compiled(_WORD).search(value):
        return False
    if compiled(ENOUGH_DIGITS).search(value) or compiled(_HINT_OF_NO_VALUE).search(value):
        return False
    if compiled(_JOINS_OTHERS).search(value):
        return False
    return value.isascii() or not (
        compiled(MOJIBAKE_HINT).search(value) or any(True for _ in invisible(value))
    )


def _is_number(value: str) -> bool:
    """Tell whether a value is a long number: of a parcel, an invoice, or a telephone."""
    return (
        compiled(_NUMBER).fullmatch(value) is not None
        and compiled(ENOUGH_DIGITS).search(value) is not None
    )


def _kind_of_number(value: str) -> Kind:
    """Tell by its shape whether a number may be a telephone's, as phones.py would.

    None begins or ends beside a letter, has more than 15 digits, or, without blanks and dashes,
    looks like one by itself unless it begins with 00.
    """
    if not value.isalnum():
        return "numbers"
    if not value.isdigit() or len(value) > MAX_DIGITS:
        return "number"
    is_from_abroad = value.startswith("00") and len(value) >= MIN_DIGITS_FROM_ABROAD
    return "numbers" if is_from_abroad else "digits"


def _is_right_by_itself(value: str) -> bool:
    if (
        not compiled(_WORD).search(value)
        or compiled(_JOINS_OTHERS).search(value)
        or compiled(ENOUGH_DIGITS).search(value)
        or compiled(EXPONENT).search(value)
        or compiled(WORDS).search(value)
        or is_no_value(value)
        or any(True for _ in invisible(value))
    ):
        return False
    found = check_text(value, _LONGEST)
    return all(one.code in {"all-caps", "too-long"} for one in found)
