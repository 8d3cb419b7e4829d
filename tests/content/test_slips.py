"""What other tools, programs and wrong encodings leave in a text, and what only looks like it."""

import re
from collections.abc import Callable
from functools import partial

import pytest
from helpers.faults_in_texts import found
from helpers.sentences import CLEAN
from helpers.slips_in_texts import LEFTOVERS, MOJIBAKE, PLACEHOLDERS, RIGHT

MARKED = re.compile("〖(.*?)〗", re.DOTALL)
NEW = {"placeholder", "leftover", "mojibake"}
SLIPS = [
    *(("placeholder", text) for text in PLACEHOLDERS),
    *(("leftover", text) for text in LEFTOVERS),
    *(("mojibake", text) for text in MOJIBAKE),
]


@pytest.mark.parametrize(("code", "marked"), SLIPS)
def test_a_slip_is_found_where_it_stands(code: str, marked: str) -> None:
    """Each once, by its code and its span, and nothing else is said of the text."""
    text = MARKED.sub(r"\1", marked)
    assert found(text) == [(code, slip) for slip in MARKED.findall(marked)]


@pytest.mark.parametrize("text", RIGHT)
def test_what_only_looks_like_a_slip_is_none(text: str) -> None:
    assert [one for one in found(text) if one[0] in NEW] == []


def _as_cp1252(content: bytes) -> str:
    return "".join(bytes([byte]).decode("cp1252", "ignore") or chr(byte) for byte in content)


@pytest.mark.parametrize("read", [_as_cp1252, partial(str, encoding="latin-1")])
def test_each_clean_text_that_is_read_in_a_wrong_encoding_is_found(
    read: Callable[[bytes], str],
) -> None:
    texts = [text for texts in CLEAN.values() for text in texts if not text.isascii()]
    missed = [text for text in texts if "mojibake" not in codes_of(read(text.encode()))]
    assert len(texts) > 150
    assert missed == []


@pytest.mark.parametrize("text", RIGHT)
def test_what_is_right_by_itself_is_right_beside_others(text: str) -> None:
    """In a line of its own, in any language, and with other blanks around."""
    for texts in CLEAN.values():
        assert codes_of(f"{texts[0]}\n{text}\n{texts[1]}") & NEW == set()
    assert codes_of(f"\u00a0{text}\r\n") & NEW == set()


def codes_of(text: str) -> set[str]:
    return {code for code, _ in found(text)}
