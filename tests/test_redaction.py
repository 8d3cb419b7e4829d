"""What may be shown of a value, whatever a caller put in the place of a text or a file."""

import ssl
import unicodedata
from socket import gaierror
from typing import Any

import aiohttp
import pytest
from hypothesis import given, strategies as st

from spapi_messaging import File, LocalizedText
from spapi_messaging.redaction import (
    clipped,
    csv_cell,
    cut,
    describe_failure,
    names_only,
    printable,
    safe_url,
    size_only,
)

SECRET = "SECRET of the buyer"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, "None"),
        ("abc", "<3 characters>"),
        (b"abc", "<3 bytes>"),
        (bytearray(b"SECRET"), "<6 bytes>"),
        ([SECRET], "<1 bytes>"),
        (20261126, "<int>"),
    ],
)
def test_a_value_is_shown_by_its_size(value: Any, shown: str) -> None:
    assert size_only(value) == shown


def test_no_repr_shows_what_stands_in_the_wrong_place() -> None:
    content: Any = bytearray(SECRET.encode())
    assert SECRET not in repr(File(content, name="a.txt"))
    assert repr(LocalizedText({"de": SECRET})) == size_only(LocalizedText({"de": SECRET}))
    assert SECRET not in size_only(LocalizedText({"de": SECRET}))


def test_a_failure_shows_no_url() -> None:
    """aiohttp puts the address of a broken upload into the words of its own error."""
    url = "https://s3.example/key?X-Amz-Signature=abc"
    for error in (
        OSError(32, f"Can not write request body for {url}"),
        OSError(url),
        ValueError(url),
    ):
        assert "abc" not in describe_failure(error)
    assert describe_failure(ConnectionRefusedError(111, "Connection refused")) == (
        "ConnectionRefusedError: Connection refused"
    )
    assert describe_failure(TimeoutError(url)) == "timeout, TimeoutError"


KEY: Any = None
SIGNED = "https://s3.example/x?X-Amz-Signature=abc"
OF_THE_CLIENT: list[tuple[BaseException, str]] = [
    (aiohttp.ClientOSError(104, f"Can not write {SIGNED}"), ": Connection reset by peer"),
    (aiohttp.ClientOSError(104, "abc without a scheme"), ": Connection reset by peer"),
    (aiohttp.ClientOSError(None, SIGNED), ""),
    (aiohttp.InvalidURL(SIGNED), ""),
    (aiohttp.ServerDisconnectedError(SIGNED), ""),
    (aiohttp.ClientPayloadError(SIGNED), ""),
    (aiohttp.ClientConnectorError(KEY, OSError(111, SIGNED)), ": Connection refused"),
    (aiohttp.ClientConnectorDNSError(KEY, OSError(None, SIGNED)), ""),
    (aiohttp.ClientConnectorDNSError(KEY, gaierror(-2, "Name unknown")), ": Name unknown"),
    (aiohttp.ClientConnectorSSLError(KEY, ssl.SSLError(1, "wrong version")), ": wrong version"),
    (
        aiohttp.ClientConnectorCertificateError(KEY, ssl.SSLCertVerificationError(1, "expired")),
        ": expired",
    ),
    (aiohttp.ClientConnectorCertificateError(KEY, ValueError("abc")), ""),
]


@pytest.mark.parametrize(("error", "words"), OF_THE_CLIENT)
def test_a_failure_is_told_in_the_systems_words(error: BaseException, words: str) -> None:
    """Those of the HTTP client quote URLs and headers, in whatever form."""
    assert describe_failure(error) == f"{type(error).__name__}{words}"


HOSTILE = [
    "\x1b]0;title\x07",
    "\x1b[2J\x1b[H",
    "\x9b2J",
    "a\nspapi-messaging: all sent",
    "a\r\nb",
    "a\x85b",
    "a\u2028b\u2029c",
    "\u202egpj.exe",
    "\u2066a\u2069",
    "\u200f\u061c",
    "\ufeff\u200b",
    "\U000e0041",
    "\ud800\udfff",
    "\ue000",
    "\x00\x7f\x08",
]


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize(
    "show",
    [
        printable,
        csv_cell,
        safe_url,
        lambda text: cut(text, 100),
        lambda text: clipped(text, 100),
        lambda text: names_only({text: 1}),
        lambda text: describe_failure(gaierror(-2, text)),
    ],
)
def test_whatever_is_shown_is_one_line_without_controls(show: Any, text: str) -> None:
    shown = show(text)
    assert shown.isprintable()
    assert "\N{REPLACEMENT CHARACTER}" in shown
    assert shown.encode().decode() == shown


@given(st.text())
def test_what_prints_is_shown_as_it_is(text: str) -> None:
    shown = printable(text)
    assert len(shown) == len(text)
    assert len(shown.splitlines()) <= 1
    for one, other in zip(text, shown, strict=True):
        kind = unicodedata.category(one)
        assert (one == other) == (
            kind == "Zs" or kind[0] not in "CZ" or one == "\N{REPLACEMENT CHARACTER}"
        )


@pytest.mark.parametrize(
    "text", ["Grüße", "株式会社\N{IDEOGRAPHIC SPACE}山", "a\N{NO-BREAK SPACE}b", "e\u0301", "😀"]
)
def test_words_of_any_language_are_kept(text: str) -> None:
    assert printable(text) == csv_cell(text) == cut(text, 100) == clipped(text, 100) == text


@pytest.mark.parametrize("first", [*"=+-@\t\r\n\uff1d\uff0b\uff0d\uff20", "  ="])
def test_a_cell_begins_no_formula(first: str) -> None:
    shown = csv_cell(f"{first}cmd|'/c calc'!A1")
    assert isinstance(shown, str)
    assert shown.startswith("'")
    assert shown.isprintable()


@pytest.mark.parametrize("value", [-5, -0.5, None, True, "", "903-1671087-0812628", "a=b"])
def test_a_cell_that_begins_none_is_kept(value: object) -> None:
    assert csv_cell(value) == value
