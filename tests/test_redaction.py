"""What may be shown of a value, whatever a caller put in the place of a text or a file."""

import ssl
from socket import gaierror
from typing import Any

import aiohttp
import pytest

from spapi_messaging import File, LocalizedText
from spapi_messaging.redaction import describe_failure, size_only

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
