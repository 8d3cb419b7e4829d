"""Whatever a text is: no check raises, and the time grows with its length."""

from time import process_time

import pytest
from hypothesis import given, settings, strategies as st

from spapi_messaging import check_text

PIECES = [
    "<",
    "<a ",
    "</",
    "&",
    "&#",
    "@",
    "a@",
    "a.",
    "a@a.",
    "(at)",
    "www.",
    "http://",
    "+",
    "0 ",
    "0",
    "12-",
    "A ",
    "AB! ",
    "a-",
    "'",
    "1:",
    "00 ",
    "(",
    ") ",
    "\u200d",
    "👩\u200d",
    "TEL ",
    "\u0661",
    "call ",
    "ABCDE-",
    "DE00 ",
    ".com",
    "a.com/",
    "\n",
    "\r",
    " ",
    "é",
    "ह",
    "電話",
    "DE89 3704 ",
    "{{",
    "}}",
    "{a",
    "[Name",
    "%(",
    "%a",
    "<<a",
    "$a",
    "__a",
    "*|",
    "\\n",
    "a\\n",
    "\\",
    "####",
    "#",
    "Dear None",
    "null ",
    "nan",
    "1,1e+",
    "\u00c3",
    "\u00c3\u00bc",
    "\u00e0\u00a4",
    "\u00e3\u00a4\u00a4",
    "\u7e3a",
    "=C3",
    "\ufffd",
]


@settings(deadline=None)  # the first of them loads the detector of languages
@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=5), max_size=60).map("".join))
def test_no_text_raises_and_every_span_lies_within(text: str) -> None:
    warnings = check_text(text, "digitalAccessKey", language="de-DE")
    assert all(0 <= each.start < each.end <= len(text) for each in warnings)
    assert [each.start for each in warnings] == sorted(each.start for each in warnings)
    whole = [(each.start, each.end) for each in warnings if "link" in each.code]
    assert len(whole) == len(set(whole))


def cost(text: str) -> float:
    """Return the seconds that one check takes."""
    start = process_time()
    check_text(text, "unexpectedProblem", language="de")
    return process_time() - start


@pytest.mark.parametrize(
    "piece",
    [
        *PIECES,
        "a.com/ ",
        "a@b.de ",
        "\u200f",
        "<b>",
        "<a b='",
        "a_b=",
        "1/1/",
        "1.1.20",
        "x@y.z(",
        "(0) ",
    ],
)
def test_the_cost_grows_with_the_length_and_not_with_its_square(piece: str) -> None:
    short, long = ((piece * size)[:size] for size in (6_250, 50_000))
    # Eight times the length: linear is 8, quadratic 64. Below 4 ms a clock says little.
    most = 32 * max(0.004, min(cost(short) for _ in range(3)))
    # The best of three, of which the first is nearly always good enough.
    assert any(cost(long) < most for _ in range(3)), most
