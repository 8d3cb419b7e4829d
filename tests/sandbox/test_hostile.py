"""Hostile bytes on raw sockets: an answer or a closed connection, no 500, and nothing in a log."""

import asyncio
import contextlib
import random
import re

import pytest
from helpers.raw_flood import flooded, http
from helpers.sandbox_client import DE, ORDER_PATH

MESSAGE = f"{ORDER_PATH}/messages/confirmCustomizationDetails{DE}"
PATHS = ["/", "/?", "*", "//", "/%00", "/%ff", "/\xff", "/s3/%2F", "/auth/o2/token", MESSAGE]
PATHS += ["/__sandbox__/orders", "/__sandbox__/events", "/__sandbox__/attachments/1/0"]
PATHS += [f"{ORDER_PATH}/messages/{name}{DE}" for name in ("%2F", "..", "%ed%a0%80", "x/schema")]
HEADERS = ["Content-Encoding: gzip", "Content-Encoding: br", "Expect: 100-continue", "Expect: x"]
HEADERS += ["Transfer-Encoding: chunked", "Content-Length: 5", "Content-Length: -1", "Bad Header"]
HEADERS += ["Upgrade: websocket", "Connection: Upgrade", "Host: evil.example", "Host: [zz]"]
HEADERS += ["X-Sandbox: 1", "Content-Type: \xff", "x-amz-access-token: \xe9", f"X: {'y' * 9000}"]
BODIES = [b"", b"{}", b"NaN", b"[" * 5000, b'{"text":1e999}', b"\xff\xfe", b"zz\r\n", b"0\r\n\r\n"]


async def answer_to(port: int, data: bytes, *, eof: bool = True) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    answer = b""
    with contextlib.suppress(ConnectionError, TimeoutError):
        writer.write(data)
        if eof:
            writer.write_eof()
        answer = await asyncio.wait_for(reader.read(100_000), 5)
    writer.close()
    return answer


@pytest.mark.parametrize("seed", range(3))
async def test_no_request_makes_an_error_of_the_sandboxs_own(seed: int) -> None:
    """`flooded` asserts that nothing is written to stderr."""
    rng = random.Random(seed)
    async with flooded() as server:
        for _ in range(400):
            method = rng.choice(["GET", "POST", "PUT", "HEAD", "FOO", "G\x00T"])
            headers = rng.sample(HEADERS, rng.randrange(4))
            data = http(method, rng.choice(PATHS), *headers, body=rng.choice(BODIES))
            cut = rng.randrange(len(data)) if rng.random() < 0.1 else len(data)
            answer = await answer_to(server.port, data[:cut])
            assert re.match(rb"HTTP/1\.[01] (1|2|4)\d\d |$", answer), (data, answer)
        sane = await answer_to(server.port, http("GET", "/", "Connection: close"), eof=False)
        assert sane.startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize(
    ("header", "body", "status"),
    [
        ("Transfer-Encoding: chunked", b"5\r\nabc", b"400"),
        ("Transfer-Encoding: chunked", b"zz\r\n", b"400"),
        ("Content-Length: 50", b"abc", b"400"),
    ],
)
async def test_a_body_that_breaks_off_is_answered_or_dropped(
    header: str, body: bytes, status: bytes
) -> None:
    head = f"POST {MESSAGE} HTTP/1.1\r\nHost: localhost\r\n{header}\r\n\r\n"
    async with flooded() as server:
        answer = await answer_to(server.port, head.encode() + body)
        assert answer[9:12] in {status, b""}
