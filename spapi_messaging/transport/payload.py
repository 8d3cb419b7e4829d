"""How a request goes over aiohttp: what left, and what came back.

aiohttp's exceptions do not tell whether a request left: a bare TimeoutError may mean either.
The body does: aiohttp (from 3.12) holds the head back until it asks the body to write itself,
so a body that marks the Delivery first makes an unmarked one the proof that no byte left.
"""

import asyncio
import io

import aiohttp
from aiohttp import hdrs
from aiohttp.abc import AbstractStreamWriter

from spapi_messaging.redaction import describe_failure
from spapi_messaging.transport.request import Delivery

MAX_BYTES = 1_048_576
"""The most that is read of an answer."""
_LARGE = 65_536


class _TrackedPayload(aiohttp.BytesIOPayload):
    """A body that marks the delivery of its attempt before anything of the request is written."""

    delivery: Delivery

    async def write_with_length(self, writer: AbstractStreamWriter, length: int | None) -> None:
        self.delivery.mark_sent()
        await super().write_with_length(writer, length)


def tracked_payload(body: bytes, delivery: Delivery) -> aiohttp.Payload:
    """Return a body for aiohttp that marks ``delivery``; an empty one marks it, too."""
    payload = _TrackedPayload(io.BytesIO(body))
    payload.delivery = delivery
    return payload


class _LargePayload(aiohttp.Payload):
    """A large body in pieces: aiohttp writes bytes at once, and makes a copy of a BytesIO."""

    _value: bytes

    def __init__(self, body: bytes) -> None:
        super().__init__(body)
        self._size = len(body)

    def decode(self, encoding: str = "utf-8", errors: str = "strict") -> str:
        return self._value.decode(encoding, errors)

    async def write(self, writer: AbstractStreamWriter) -> None:
        view = memoryview(self._value)
        for start in range(0, len(view), _LARGE):
            await writer.write(view[start : start + _LARGE])
            await asyncio.sleep(0)


def repeatable_payload(body: bytes | None) -> bytes | aiohttp.Payload | None:
    """Return a body for aiohttp of a request that may be repeated."""
    return _LargePayload(body) if body is not None and len(body) > _LARGE else body


def open_http(
    shared: aiohttp.ClientSession | None, *, timeout: aiohttp.ClientTimeout, limit: int
) -> aiohttp.ClientSession:
    """Open the session that requests go through.

    Of a ``shared`` session it takes the connections, the traces and ``trust_env``, and leaves
    cookies, default headers and middlewares behind, which could carry the token elsewhere.
    ``trust_env`` is for proxies: what a netrc file has for a host goes nowhere.
    """
    from_env = shared is not None and shared.trust_env
    if shared is not None and shared.closed:
        raise RuntimeError("the aiohttp session given as http= is closed")
    return aiohttp.ClientSession(
        connector=shared.connector if shared else aiohttp.TCPConnector(limit=limit),
        connector_owner=shared is None,
        cookie_jar=aiohttp.DummyCookieJar(),
        trace_configs=shared.trace_configs if shared else None,
        timeout=timeout,
        trust_env=from_env,
        middlewares=(_without_netrc,) if from_env else (),
    )


async def _without_netrc(
    request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType
) -> aiohttp.ClientResponse:
    # aiohttp has no way to trust the environment's proxies and not its netrc file.
    request.headers.popall(hdrs.AUTHORIZATION, None)
    return await handler(request)


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
