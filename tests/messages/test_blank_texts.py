"""A text of blanks only is refused at every door: no buyer is to open an empty message."""

import sys
import unicodedata
from typing import Any

import pytest
from helpers.offered_orders import NOTHING, ORDER, TEXT, asked, document
from helpers.refused import faults_of
from helpers.virtual_time import virtual
from hypothesis import given, settings, strategies as st

from spapi_messaging import (
    ConfirmCustomizationDetails,
    DigitalAccessKey,
    InvalidMessageError,
    Job,
    LocalizedText,
    UnexpectedProblem,
)
from spapi_messaging.messages import is_blank
from spapi_messaging.messages.constraints import TextLimit

BLANKS = [
    " ",
    "\n\r\n\t\v\f",
    "\u00a0\u202f\u2009",
    "\u3000\u3000",
    "\u200b\u200c\u200d\u2060",
    "\ufeff \ufeff",
    "\u3164",
    "\uffa0\u115f\u1160",
    "\u2800\u2800",
    "\u00ad",
    "\ufe0f",
    "\U000e0100\U000e0020\U000e007f",
    "\u180e\u180b",
    "\u034f",
    "\u202a\u202c\u2066\u2069\u200f\u061c",
    "\x00\x01\x1b\x7f\x85",
    "\u2028\u2029",
    "\u17b4\u17b5",
    "\U0001d173",
    " \u200b\n\u3164\u2800\u00a0\ufeff\u00ad ",
]
VISIBLE = [
    "?",
    ".",
    "0",
    "😀",
    "❤\ufe0f",
    "👩\u200d🔧",
    "한",
    " x ",
    "\u200b-",
    "\u0e33",
    "…",
    "\u0301",
    "_",
]
SAID = "nothing but blanks"


@pytest.mark.parametrize("blanks", BLANKS, ids=ascii)
@pytest.mark.parametrize("kind", [UnexpectedProblem, DigitalAccessKey, ConfirmCustomizationDetails])
def test_no_message_is_made_of_blanks(kind: Any, blanks: str) -> None:
    (fault,) = faults_of(kind, text=blanks)
    assert fault.startswith(f"text has {SAID}")


@pytest.mark.parametrize("text", VISIBLE, ids=ascii)
def test_the_least_that_is_seen_is_a_text(text: str) -> None:
    assert UnexpectedProblem(text=text).text == text


def test_blank_is_what_unicode_knows_no_ink_for() -> None:
    """Every blank, control and format character but those that are drawn, and no letter or sign."""
    drawn = set(
        "\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd"
    )
    for at in range(sys.maxunicode + 1):
        letter = chr(at)
        category = unicodedata.category(letter)
        if category in {"Zs", "Zl", "Zp", "Cc"}:
            assert is_blank(letter), hex(at)
        elif category[0] in "NPS" and letter not in "\u2800\U0001d159":
            assert not is_blank(letter), hex(at)
        elif category == "Cf" and at < 0x13000:
            assert is_blank(letter) is (letter not in drawn), hex(at)


def test_blanks_are_named_by_their_language() -> None:
    text = LocalizedText({"de": "Hallo", "fr": "\u00a0", "ja": "\u3000\n"})
    faults = faults_of(UnexpectedProblem, text=text)
    assert [fault.partition(";")[0] for fault in faults] == [
        f"text in 'fr' has {SAID}",
        f"text in 'ja' has {SAID}",
    ]


@pytest.mark.parametrize("text", ["$text", LocalizedText({"de": "$text!", "en": "$text"})])
@pytest.mark.parametrize("blanks", BLANKS, ids=ascii)
def test_fields_that_leave_nothing_to_read_make_no_job(text: Any, blanks: str) -> None:
    with pytest.raises(InvalidMessageError, match=SAID) as caught:
        Job(ORDER, UnexpectedProblem(text=text), fields={"text": blanks})
    assert caught.value.order_id == ORDER


@virtual
async def test_an_action_takes_no_blanks_by_any_name() -> None:
    """Known or unknown, by keyword or as plain values."""
    offers = document(unexpectedProblem=TEXT, holidayGreeting=NOTHING)
    async with asked(offers) as (offered, server):
        for name in ("unexpectedProblem", "holidayGreeting"):
            for blanks in (" ", "\u200b\u3164"):
                with pytest.raises(InvalidMessageError, match=SAID):
                    await offered.actions[name](text=blanks)
                with pytest.raises(InvalidMessageError, match=SAID):
                    await offered.actions[name]({"text": blanks})
        assert server.posts == []
        await offered.actions["holidayGreeting"]({"colour": " "})


@settings(deadline=None)
@given(st.text(max_size=12) | st.text("ab ~!\x7f\n", max_size=12) | st.none() | st.just(b"bytes"))
def test_what_is_right_at_first_sight_has_no_fault(text: Any) -> None:
    limit = TextLimit(10)
    if limit.is_plainly_met(text):
        assert 1 <= len(text) <= 10
        assert not is_blank(text)
        assert text.encode()
