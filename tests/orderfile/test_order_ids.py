"""Order ids are cleaned of what files put around them, and what has lost something is said."""

import sys
import unicodedata

import pytest
from hypothesis import given, strategies as st

from spapi_messaging.orderfile import clean_order_id, order_id_fault

ORDER, DIGITAL = "903-1671087-0812628", "D01-1671087-0812628"
LETTERS = [chr(code) for code in range(sys.maxunicode) if not 0xD800 <= code < 0xE000]
DASHES = [letter for letter in LETTERS if unicodedata.category(letter) == "Pd"]
DASHES += ["\u2212", "\uff0d", "\ufe63", "\u30fc", "\uff70", "\u2043", "\u02d7", "\u00ad"]
UNSEEN = "\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u2060\u2066\u2069\ufeff\u061c"
BLANKS = "\u00a0\u202f\u2007\u3000"


@pytest.mark.parametrize("order_id", [ORDER, DIGITAL])
@pytest.mark.parametrize("dash", DASHES, ids=ascii)
def test_any_dash_is_a_hyphen(dash: str, order_id: str) -> None:
    assert clean_order_id(order_id.replace("-", dash)) == order_id


@pytest.mark.parametrize("order_id", [ORDER, DIGITAL])
@pytest.mark.parametrize(
    "wrapped",
    [
        "{}",
        '="{}"',
        '=""{}""',
        '"="{}""',
        "'{}",
        "'{}'",
        '"{}"',
        " \t{}\r\n",
        "\u201c{}\u201d",
        "\u00ab\u00a0{}\u00a0\u00bb",
        "\ufeff{}",
        "\u2066{}\u2069",
        "\uff02{}\uff02",
        '\uff1d"{}"',
    ],
    ids=ascii,
)
def test_what_is_around_an_id_is_taken_away(wrapped: str, order_id: str) -> None:
    assert clean_order_id(wrapped.format(order_id)) == order_id


@pytest.mark.parametrize("zero", "\uff10\u0660\u06f0\u0966\u0e50", ids=ascii)
def test_digits_of_any_script_are_digits(zero: str) -> None:
    other = "".join(chr(ord(zero) + int(one)) if one.isdigit() else one for one in ORDER)
    assert clean_order_id(other) == ORDER


@given(st.lists(st.sampled_from(UNSEEN + BLANKS), min_size=1, max_size=9))
def test_what_no_one_sees_may_be_anywhere(unseen: list[str]) -> None:
    letters = list(ORDER)
    for place, one in enumerate(unseen):
        letters.insert((place * 7) % len(letters), one)
    assert clean_order_id("".join(letters)) == ORDER


def test_a_soft_hyphen_is_a_hyphen_only_where_none_is() -> None:
    assert clean_order_id("903-\u00ad1671\u00ad087-\u00ad0812628") == ORDER
    assert clean_order_id("903\u00ad1671087\u00ad0812628") == ORDER


def test_a_small_d_is_that_of_digital_goods() -> None:
    assert clean_order_id("d01-1671087-0812628") == DIGITAL
    assert clean_order_id("\uff24\uff10\uff11-1671087-0812628") == DIGITAL


@pytest.mark.parametrize(
    "cell",
    [
        "Order 903-1671087-0812628",
        "903-1671087-0812628 903-1671087-0812629",
        "903-1671087-0812628, 903-1671087-0812629",
        "903 1671087 0812628",
        "90316710870812628",
        "903-1671087-081262",
        "903-1671087-081262O",
        "903/1671087/0812628",
        "\u0412" + DIGITAL[1:],
        "=903-1671087-0812628+1",
        "",
    ],
    ids=ascii,
)
def test_nothing_is_guessed(cell: str) -> None:
    assert order_id_fault(clean_order_id(cell)) is not None


@given(st.text(max_size=40))
def test_any_cell_is_cleaned_once_and_for_all(cell: str) -> None:
    """What comes out is an order id only if its digits were there, in this order."""
    once = clean_order_id(cell)
    assert clean_order_id(once) == once or order_id_fault(clean_order_id(once))
    if order_id_fault(once) is None:
        digits = "".join(str(unicodedata.digit(one)) for one in cell if one.isdigit())
        assert once.replace("-", "").lstrip("D") == digits


@pytest.mark.parametrize(
    ("value", "fault"),
    [
        ("9.03E+16", "'9.03E+16' is not 3-7-7 digits: a spreadsheet has turned it into a number"),
        ("9,03167E+16", "a spreadsheet has turned it into a number; format the column as text"),
        ("90316710870812628", "it has lost its hyphens"),
        ("90316710870812600,00", "it has lost its hyphens"),
        ("01.12.2026", "'01.12.2026' is not 3-7-7 digits: a spreadsheet has turned it into a date"),
        ("#REF!", "'#REF!' is not 3-7-7 digits: it is a spreadsheet's error, not a value"),
        ("#BEZUG!", "it is a spreadsheet's error"),
        ("####", "it is a spreadsheet's error"),
        ("42", "'42' is not 3-7-7 digits (of digital goods: D and 2-7-7 digits)"),
        ("903-1671087-081262x", "'903-1671087-081262x' is not 3-7-7 digits"),
        ("Dear Zoë, hello", "<15 characters> is not 3-7-7 digits (of digital goods"),
        ("Zoe", "<3 characters> is not"),
        ("zoe1234567@example.com", "<22 characters> is not"),
    ],
)
def test_what_an_order_id_has_become_is_said(value: str, fault: str) -> None:
    assert fault in str(order_id_fault(value))


@pytest.mark.parametrize("order_id", [ORDER, DIGITAL])
def test_an_order_id_has_no_fault(order_id: str) -> None:
    assert order_id_fault(order_id) is None
    assert order_id_fault(order_id, odd=True) is None


def test_the_static_sandbox_has_ids_of_its_own() -> None:
    assert order_id_fault("badOrderId", odd=True) is None
    assert "is not letters, digits and hyphens" in str(order_id_fault("bad id", odd=True))
