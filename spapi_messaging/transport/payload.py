"""How a request goes over aiohttp: what left, what came back, and which of it is believed.

aiohttp's exceptions do not tell whether a request left: a bare TimeoutError may mean either.
The body does: aiohttp (from 3.12) holds the head back until it asks the body to write itself,
so a body that marks the Trail first makes an unmarked trail the proof that no byte left.
"""

import io
from collections.abc import Awaitable, Callable

import aiohttp
import attrs
from aiohttp.abc import AbstractStreamWriter

from spapi_messaging.redaction import describe_failure

MAX_BYTES = 1_048_576
"""The most that is read of an answer."""
_LARGE = 65_536


@attrs.define
class Delivery:
    """How far the last attempt of a request came.

    ``head_sent``, of a message: from then on nobody knows what the server did; ``status``: what
    it answered.
    ``before_send`` is awaited when an attempt has its turn, before its first byte leaves; if it
    raises, nothing leaves. ``language`` is the one of the message's text, where it was chosen.
    """

    before_send: Callable[[], Awaitable[None]] | None = None
    head_sent: bool = False
    status: int | None = None
    language: str | None = None

    def restart(self) -> None:
        """Begin another attempt."""
        self.head_sent, self.status = False, None


class _Body(aiohttp.BytesPayload):
    """A body that marks the trail of its attempt before anything of the request is written."""

    delivery: Delivery

    async def write(self, writer: AbstractStreamWriter) -> None:
        self.delivery.head_sent = True
        await super().write(writer)

    async def write_with_length(self, writer: AbstractStreamWriter, length: int | None) -> None:
        self.delivery.head_sent = True
        await super().write_with_length(writer, length)


class _LargeBody(aiohttp.BytesIOPayload):
    """The same for a large one, which is written in pieces."""

    delivery: Delivery

    async def write(self, writer: AbstractStreamWriter) -> None:
        self.delivery.head_sent = True
        await super().write(writer)

    async def write_with_length(self, writer: AbstractStreamWriter, length: int | None) -> None:
        self.delivery.head_sent = True
        await super().write_with_length(writer, length)


def tracked_payload(body: bytes, delivery: Delivery) -> aiohttp.Payload:
    """Return a body for aiohttp that marks ``delivery``; an empty one marks it, too."""
    payload = _Body(body) if len(body) <= _LARGE else _LargeBody(io.BytesIO(body))
    payload.delivery = delivery
    return payload


def repeatable_payload(body: bytes | None) -> bytes | io.BytesIO | None:
    """Return a body for aiohttp of a request that may be repeated."""
    # aiohttp writes bytes in one piece, which would hold up the loop for a large file.
    return io.BytesIO(body) if body is not None and len(body) > _LARGE else body


def open_http(
    shared: aiohttp.ClientSession | None, *, timeout: aiohttp.ClientTimeout, limit: int
) -> aiohttp.ClientSession:
    """Open the session that requests go through.

    Of a ``shared`` session it takes the connections, the traces and ``trust_env``, and leaves
    cookies, default headers and middlewares behind, which could carry the token elsewhere.
    """
    if shared is not None and shared.closed:
        raise RuntimeError("the aiohttp session given as http= is closed")
    return aiohttp.ClientSession(
        connector=shared.connector if shared else aiohttp.TCPConnector(limit=limit),
        connector_owner=shared is None,
        cookie_jar=aiohttp.DummyCookieJar(),
        trace_configs=shared.trace_configs if shared else None,
        timeout=timeout,
        trust_env=shared is not None and shared.trust_env,
    )


async def read_body(response: aiohttp.ClientResponse) -> tuple[bytes, str | None]:
    """Read an answer's body up to the cap, and say why it is incomplete if it is.

    A body that breaks off takes nothing from the status, which is known by now.
    """
    body, content = b"", response.content
    try:
        while not content.at_eof():
            body += await content.readany()
            if len(body) > MAX_BYTES:
                return body[:MAX_BYTES], f"more than {MAX_BYTES} bytes"
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        return body, f"a body that breaks off ({describe_failure(error)})"
    return body, None
