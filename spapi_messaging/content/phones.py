"""Finds phone numbers in a text, in the forms that are written in the marketplaces' countries.

By patterns of our own: `phonenumbers` (9.0.43, 48 MB installed) wants to know the country, which
a text does not say. Asked for all 23 it took 5 ms for each of this module's test messages, took
something else for a number in 3 of 219, and missed 12 of 146 numbers for their own country.
"""

import re
from collections.abc import Iterable, Iterator

from spapi_messaging.content.words import (
    ID_CUES,
    ID_CUES_OF_SCRIPTS,
    LATIN,
    PHONE_CUES,
    Span,
    compiled,
)

_BLANK, _DASH = "[ \u00a0\u202f]", "[-/\u2010-\u2013]"
_SEPARATOR = rf"(?:{_BLANK}?\(|\)(?:-|{_BLANK})?|\.|{_BLANK}?{_DASH}{_BLANK}?|{_BLANK})"
SEPARATORS = "[ \u00a0\u202f().\\-/\u2010-\u2013]"
"""What a separator within a number is made of."""
_NUMBER = rf"(?<![{LATIN}_#-])(?<!\d[,:])[+\uff0b(]{{0,2}}\d(?:{_SEPARATOR}?\d)*+"
# Seven digits that may be of one number: without them the costly patterns find none.
ENOUGH_DIGITS = rf"\d(?:{_SEPARATOR}?\d){{6}}"
_NOT_BEHIND_A_NUMBER = rf"-?[{LATIN}_]|[,:]\d|\s?[%€$£¥₹°]"
_CURRENCY = r"\s?(?:EUR|USD|kr\b|zł|TL\b|R\$|Rs|円|元)|\s?(?:lm|mm|cm|kg|ml|W)\b"
_DATE = (
    r"(?<!\d)(?<!\d[./-])(?:(?:0?[1-9]|[12]\d|3[01])([./-])(?:0?[1-9]|[12]\d|3[01])\1"
    r"(?:(?:19|20)?\d\d)|(?:19|20)\d\d([./-])(?:0?[1-9]|1[0-2])\2(?:0?[1-9]|[12]\d|3[01]))"
    r"(?![./-]?\d)"
)
_NO_PHONE = (
    rf"{_DATE}|(?<!\d)\d{{1,2}}[:h]\d{{2}}(?!\d)"
    r"|(?<!\d)\d{3}-\d{7}-\d{7}(?!\d)|\b1Z(?: ?[0-9A-Z]){16}\b"
    r"|\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b"
    r"|\bBE ?[01]\d{3}\.\d{3}\.\d{3}\b|(?<![\d.])\d{1,3}(?:\.\d{3}){1,3},\d{2}(?!\d)"
)
_DIGITS = r"\d+"
PHONE_CUE = rf"(?i)(?:{'|'.join(PHONE_CUES)})"
_CUE = (
    rf"(?i)(?P<phone>{'|'.join(PHONE_CUES)})|(?<![^\W\d_])(?P<id>{'|'.join(ID_CUES)})"
    rf"(?![{LATIN}])|(?P<id_of_a_script>{'|'.join(ID_CUES_OF_SCRIPTS)})"
)
MAX_CUE_DISTANCE = 30  # characters
# A cue counts in its own sentence ("Tel. 0301…" is one) and for the first number behind it.
_CUE_ENDS = r"[!?\u3002\uff01\uff1f\n\d]|\w{5}\W?(?<!nr)\.\s"

# The shapes of national numbers that do not begin with 0: lengths of their groups of digits,
# what the first digit may be, and what may separate the groups.
_SHAPES = {
    (3, 3, 4): ("23456789", " -.)"),  # North America; mobile numbers in Italy
    (1, 3, 3, 4): ("1", " -.)"),  # North America with its prefix
    (2, 4, 4): ("123456789", " -)"),  # Mexico; Brazil
    (2, 5, 4): ("123456789", " -)"),  # mobile numbers in Brazil
    (3, 3, 3): ("56789", " -"),  # Spain, Poland
    (3, 2, 2, 2): ("6789", " -"),  # Spain
    (2, 3, 2, 2): ("123456789", " -)"),  # Poland
    (3, 3, 2, 2): ("5", " -)"),  # Turkey
    (4, 4): ("3689", " "),  # Singapore
    (5, 5): ("6789", " -"),  # India
    (4, 3, 3): ("1", " -"),  # 1300 and 1800 in Australia
}
MIN_DIGITS, MAX_DIGITS = 7, 15  # E.164: at most 15 digits
MIN_DIGITS_FROM_ABROAD = 11  # with 00 before them
MIN_NATIONAL_DIGITS, MAX_NATIONAL_DIGITS = 9, 12
MIN_AREA_CODE, MAX_AREA_CODE = 2, 5


def phones(text: str, *, beside: Iterable[Span] = ()) -> Iterator[Span]:
    """Return phone numbers, but none that lies in a span of ``beside``, such as a link."""
    if not compiled(ENOUGH_DIGITS).search(text):
        return
    letters = list(compiled(_NO_PHONE).sub(lambda found: "x" * len(found[0]), text))
    for start, end in beside:
        letters[start:end] = "x" * (end - start)
    seen = "".join(letters)
    for number in compiled(_NUMBER).finditer(seen):
        if _is_phone(number, seen):
            yield number.span()


def _is_phone(number: re.Match[str], text: str) -> bool:
    groups = compiled(_DIGITS).findall(number[0])
    if not MIN_DIGITS <= sum(map(len, groups)) <= MAX_DIGITS:
        return False
    if compiled(_NOT_BEHIND_A_NUMBER).match(text, number.end()):
        return False
    international = number[0].lstrip("(")[0] in "+\uff0b"
    cue = None if international else _cue_before(text, number.start())
    if cue is not None:
        return cue == "phone"
    return _looks_like_phone(number[0], groups) and not compiled(_CURRENCY).match(
        text, number.end()
    )


def _cue_before(text: str, start: int) -> str | None:
    before = compiled(_CUE_ENDS).split(text[max(0, start - MAX_CUE_DISTANCE) : start])[-1]
    kind = None
    for cue in compiled(_CUE).finditer(before):
        kind = cue.lastgroup
    return kind


def _looks_like_phone(number: str, groups: list[str]) -> bool:
    digits = "".join(str(int(digit)) for group in groups for digit in group)
    lengths = tuple(map(len, groups))
    if number.lstrip("(")[0] in "+\uff0b":
        return digits[0] != "0" and len(digits) > MIN_DIGITS
    if digits.startswith("00"):
        return _looks_dialled_from_abroad(digits, is_separated=len(groups) > 1)
    if digits[0] == "0":
        return _looks_national(lengths)
    between = set(compiled(_DIGITS).sub("", number))
    are_quantities = all(group.endswith("00") for group in groups)
    return _has_a_shape(digits[0], lengths, between) and not are_quantities


def _looks_dialled_from_abroad(digits: str, *, is_separated: bool) -> bool:
    # Unseparated, 001… may as well be the number below a bar code.
    country = digits[2]
    return (
        country != "0"
        and len(digits) >= MIN_DIGITS_FROM_ABROAD
        and (is_separated or country != "1")
    )


def _looks_national(lengths: tuple[int, ...]) -> bool:
    is_whole = MIN_NATIONAL_DIGITS <= sum(lengths) <= MAX_NATIONAL_DIGITS
    has_area_code = len(lengths) > 1 and MIN_AREA_CODE <= lengths[0] <= MAX_AREA_CODE
    return is_whole and has_area_code and min(lengths) > 1 and not _is_id(lengths)


def _has_a_shape(first: str, lengths: tuple[int, ...], between: set[str]) -> bool:
    firsts, separators = _SHAPES.get(lengths, ("", ""))
    return first in firsts and between <= {*separators, "("}


def _is_id(lengths: tuple[int, ...]) -> bool:
    # Japanese parcels have 1234-5678-9012; no phone number there has twelve digits.
    return lengths == (4, 4, 4)
