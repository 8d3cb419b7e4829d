"""Order ids as they stand in files, and what became of them there.

A word processor, a web page or a Japanese keyboard puts other dashes, digits and blanks in an
id's place, and a spreadsheet wraps it (``="903-…"``) to keep it a text: none of that changes
which order is meant, so it is cleaned. What has lost something, as ``9.03E+16`` has its digits, is
told by what it looks like afterwards, and never guessed at: the message would go to someone else.
"""

import re
import unicodedata
from typing import TypeGuard

from spapi_messaging.api import ORDER_ID_FORM, check_order_id
from spapi_messaging.errors import InvalidMessageError
from spapi_messaging.redaction import name_or_size

_CLEAN = re.compile(r"(?:\d|D)\d\d-\d{7}-\d{7}", re.ASCII)
_LOWER = re.compile(r"d\d\d-\d{7}-\d{7}", re.ASCII)
WIDE = {wide: wide - 0xFEE0 for wide in range(0xFF01, 0xFF5F)}
# What looks like a hyphen and is no dash to Unicode; U+30FC is on a Japanese keyboard's key for it.
LIKE_A_DASH = "\u2212\u02d7\u2043\u2796\u2500\u2501\u30fc\uff70"
_BLANKS = " \t\r\n\v\f"
_QUOTES = "\"'`\u00b4\u00ab\u00bb\u2039\u203a\u301d\u301e\u301f"
_QUOTES += "\u2018\u2019\u201a\u201b\u201c\u201d\u201e\u201f"
_OUTER = _BLANKS + _QUOTES
_SOFT_HYPHEN = "\u00ad"

_NUMBER = re.compile(r"[+-]?\d{1,3}([.,]\d{1,20})?E[+-]?\d{1,3}", re.ASCII | re.IGNORECASE)
_HURT = re.compile(r"[+-]?\d([.,]\d{1,20})?E\+\d\d", re.ASCII)
_DATE = re.compile(r"\d{1,4}[./-]\d{1,2}[./-]\d{1,4}", re.ASCII)
_BARE = re.compile(r"\d{15,17}([.,]0{1,2})?", re.ASCII)
_ERROR = re.compile(r"#[A-Z\u00c4\u00d6\u00dc/0]{2,12}[!?]|#N/A|#NV|#{3,40}")
NOT_OF_AMAZON = "order ids that begin with S are not Amazon's"
"""Why what a multi-channel fulfilment has as its id is left out."""
_AS_TEXT = "format the column as text"
_SHOWN = re.compile(r"[0-9-]{1,40}|(?=(?:\D*\d){7})[A-Za-z0-9.,/#-]{1,40}", re.ASCII)
"""A number or an id; what has fewer digits and letters may be a name."""
_SHOWN_DAMAGED = re.compile(r"[0-9.,/+Ee-]{1,40}|#[^\s]{1,40}")


def is_order_id(value: object) -> TypeGuard[str]:
    """Say whether a value is an order id as Amazon writes it, to which nothing has happened."""
    return isinstance(value, str) and _CLEAN.fullmatch(value) is not None


def clean_order_id(cell: str) -> str:
    """Return an order id without what a file has put around and between its digits.

    Does not judge: what is no order id comes back as no order id.
    """
    if is_order_id(cell):
        return cell
    value = "".join(map(_plain, cell.translate(WIDE))).strip(_OUTER)
    if value.startswith("="):  # ="903-…", which a spreadsheet takes for a text
        value = value[1:].strip(_OUTER)
    if _SOFT_HYPHEN in value:
        bare = value.replace(_SOFT_HYPHEN, "")
        value = bare if _CLEAN.fullmatch(bare) else value.replace(_SOFT_HYPHEN, "-")
    return value.upper() if _LOWER.fullmatch(value) else value


def _plain(letter: str) -> str:
    if letter.isascii() or letter == _SOFT_HYPHEN:
        return letter
    category = unicodedata.category(letter)
    if category == "Pd" or letter in LIKE_A_DASH:
        return "-"
    if category == "Nd":
        return str(unicodedata.decimal(letter))
    # Zero widths, marks of direction, a BOM; blanks that are no break.
    return "" if category in {"Cf", "Zs"} else letter


def order_id_fault(value: str, *, odd: bool = False) -> str | None:
    """Say what is wrong with a cleaned order id, and what a spreadsheet may have done to it.

    ``odd`` admits the static sandbox's ids.
    """
    if is_order_id(value):
        return None
    try:
        check_order_id(value, odd=odd)
    except InvalidMessageError:
        damage = spreadsheet_fault(value)
        if damage is not None:
            return f"{name_or_size(value, _SHOWN_DAMAGED)} is not 3-7-7 digits: {damage}"
        wanted = "letters, digits and hyphens" if odd else ORDER_ID_FORM
        return f"{name_or_size(value, _SHOWN)} is not {wanted}"
    return None


def spreadsheet_fault(value: str) -> str | None:
    """Say what a spreadsheet has made of an order id, if that is how it looks."""
    if _NUMBER.fullmatch(value):
        return f"a spreadsheet has turned it into a number; {_AS_TEXT}"
    if _DATE.fullmatch(value):
        return f"a spreadsheet has turned it into a date; {_AS_TEXT}"
    if _BARE.fullmatch(value):
        return f"it has lost its hyphens, in a spreadsheet perhaps; {_AS_TEXT}"
    return error_fault(value)


def error_fault(value: object) -> str | None:
    """Say whether a cell holds a spreadsheet's error, such as #NAME?, and not its value."""
    is_error = isinstance(value, str) and _ERROR.fullmatch(value.strip())
    return "it is a spreadsheet's error, not a value" if is_error else None


def cell_fault(value: object) -> str | None:
    """Say what a spreadsheet has made of a key or a field: several may have become the same."""
    if isinstance(value, str) and _HURT.fullmatch(value):
        return f"a spreadsheet has turned it into a number; {_AS_TEXT}"
    return error_fault(value)
