"""With orjson or without it, an answer is the same, and what is not JSON is refused."""

import json
from typing import Any

import pytest
from hypothesis import given, strategies as st

from spapi_messaging.api import wire


def decoded(body: bytes, *, fast: bool) -> Any:
    """Return what a body decodes to, or ValueError where it is no JSON."""
    with pytest.MonkeyPatch.context() as patch:
        if not fast:
            patch.setattr(wire, "_fast_loads", lambda: None)
        try:
            return wire.decode(body)
        except ValueError:
            return ValueError


BODIES = [
    b"",
    b"{}",
    b"\xef\xbb\xbf{}",
    b'{"a": NaN}',
    b'{"a": Infinity}',
    b'{"a": 1, "a": 2}',
    b'{"a": 1.0, "b": 1e400, "c": -0.0}',
    b'{"a": 18446744073709551615}',
    b'{"a": "\\ud800"}',
    b'{"a": "\\ud83d\\ude00"}',
    b'{"a": "\xed\xa0\x80"}',
    b'{"a": "\xff"}',
    b"[" * 500 + b"]" * 500,
    b"[" * 100_000,
    b'{"a": 1,}',
    b"<html>",
    b"{} {}",
    b'"\x00"',
]


@pytest.mark.parametrize("body", BODIES, ids=range(len(BODIES)))
def test_odd_bodies(body: bytes) -> None:
    with_it, without = (decoded(body, fast=fast) for fast in (True, False))
    assert repr(with_it) == repr(without)


INTEGERS = st.integers(-(2**63), 2**64 - 1)  # beyond these orjson reads a float
JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | INTEGERS | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=12,
)


@given(JSON, st.booleans())
def test_whatever_json_writes(value: Any, is_ascii: bool) -> None:
    body = json.dumps(value, ensure_ascii=is_ascii).encode(errors="surrogatepass")
    assert repr(decoded(body, fast=True)) == repr(decoded(body, fast=False))


@given(st.binary(max_size=30))
def test_whatever_bytes_there_are(body: bytes) -> None:
    assert repr(decoded(body, fast=True)) == repr(decoded(body, fast=False))


def test_the_tests_have_it() -> None:
    """Else they would compare json with itself."""
    assert wire._fast_loads() is not None
