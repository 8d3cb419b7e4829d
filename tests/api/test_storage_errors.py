"""The storage's errors in XML: a code and a sentence, picked out of the bytes."""

import time

import pytest

from spapi_messaging.api.storage_errors import storage_error

HEAD = b'<?xml version="1.0" encoding="UTF-8"?>\n'
ENTITIES = b'<!DOCTYPE x [<!ENTITY a "&b;&b;"><!ENTITY b SYSTEM "file:///etc/passwd">]>'


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (
            HEAD + b"<Error><Code>AccessDenied</Code><Message>Request has expired</Message>"
            b"<Expires>2026-11-27T00:00:00Z</Expires></Error>",
            ("AccessDenied", "Request has expired"),
        ),
        (b"<Error><Code> SlowDown\n</Code></Error>", ("SlowDown", "")),
        (b"<Error><Message> Why </Message></Error>", ("", "Why")),
        (b'<Error xmlns="x"><Code>A.b-c_1</Code></Error>', ("A.b-c_1", "")),
        (b"<Code>Loose</Code>", ("", "")),
        (b"<Error><Code></Code><Message></Message></Error>", ("", "")),
        (b"<Error><Code>two words</Code></Error>", ("", "")),
        (b"<Error><Code>" + b"x" * 81 + b"</Code></Error>", ("", "")),
        (b"<Error><Code>Late</Code>".rjust(5000), ("", "")),
        (HEAD + ENTITIES + b"<Error><Code>&a;</Code><Message>&b;</Message>", ("", "&b;")),
        (b"<Error><Message>\xff\xfe</Message>", ("", "\ufffd\ufffd")),
        (b"<html>", ("", "")),
        (b"", ("", "")),
    ],
)
def test_errors_of_the_storage(body: bytes, error: tuple[str, str]) -> None:
    assert storage_error(body) == error


@pytest.mark.parametrize("piece", [b"<Code>", b"<Message>", b"<Code> ", b"<Error><Code>a"])
def test_no_body_takes_long(piece: bytes) -> None:
    began = time.perf_counter()
    storage_error(b"<Error>" + piece * 200_000)
    assert time.perf_counter() - began < 0.5
