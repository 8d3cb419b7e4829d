"""How a request goes over aiohttp: what left, what came back, and which of it is believed.

aiohttp's exceptions do not tell whether a request left: a bare TimeoutError may mean either.
A trace on the session does: it marks the Trail of a request before its head goes out, so
an unmarked trail is proof that no byte left.
"""

import asyncio
from collections.abc import Awaitable, Callable
from types import SimpleNamespace

import aiohttp
import attrs

MOST_BYTES = 1_048_576
"""The most that is read of an answer."""


@attrs.define
class Trail:
    """How far the last attempt of a request came.

    ``head_sent``: from then on nobody knows what the server did; ``status``: what it answered.
    ``leaving`` is awaited when an attempt has its turn, before its first byte leaves; if it
    raises, nothing leaves. ``language`` is the one of the message's text, where it was chosen.
    """

    leaving: Callable[[], Awaitable[None]] | None = None
    head_sent: bool = False
    status: int | None = None
    language: str | None = None

    def restart(self) -> None:
        """Begin another attempt."""
        self.head_sent, self.status = False, None


async def _mark_head(
    _session: aiohttp.ClientSession,
    context: SimpleNamespace,
    _params: aiohttp.TraceRequestHeadersSentParams,
) -> None:
    if isinstance(context.trace_request_ctx, Trail):
        context.trace_request_ctx.head_sent = True


def open_http(
    shared: aiohttp.ClientSession | None, *, timeout: aiohttp.ClientTimeout, limit: int
) -> aiohttp.ClientSession:
    """Open the session that requests go through.

    Of a ``shared`` session it takes the connections, the traces and ``trust_env``, and leaves
    cookies, default headers and middlewares behind, which could carry the token elsewhere.
    """
    trace = aiohttp.TraceConfig()
    trace.on_request_headers_sent.append(_mark_head)
    if shared is None:
        connector: aiohttp.BaseConnector | None = aiohttp.TCPConnector(limit=limit)
        traces = [trace]
    elif shared.closed:
        raise RuntimeError("the aiohttp session given as http= is closed")
    else:
        connector, traces = shared.connector, [*shared.trace_configs, trace]
    return aiohttp.ClientSession(
        connector=connector,
        connector_owner=shared is None,
        cookie_jar=aiohttp.DummyCookieJar(),
        trace_configs=traces,
        timeout=timeout,
        trust_env=shared is not None and shared.trust_env,
    )


async def read_body(response: aiohttp.ClientResponse) -> tuple[bytes, str | None]:
    """Read an answer's body up to the cap, and say why it is incomplete if it is.

    A body that breaks off takes nothing from the status, which is known by now.
    """
    body = b""
    try:
        async for chunk in response.content.iter_any():
            body += chunk
            if len(body) > MOST_BYTES:
                return body[:MOST_BYTES], f"more than {MOST_BYTES} bytes"
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        return body, f"a body that breaks off ({worded(error)})"
    return body, None


def worded(error: BaseException) -> str:
    """Name a failure in words that hold no object of aiohttp, whose reprs show headers."""
    if isinstance(error, asyncio.TimeoutError):
        return f"timeout, {type(error).__name__}"
    if isinstance(error, OSError) and error.strerror:
        return f"{type(error).__name__}: {error.strerror}"
    return type(error).__name__
