"""How a request goes over aiohttp: what left, and what came back.

aiohttp's exceptions do not tell whether a request left: a bare TimeoutError may mean either.
The body does: aiohttp (from 3.12) holds the head back until the body writes something, so a body
that marks the Delivery in that instant makes an unmarked one the proof that no byte left. It
writes nothing for a sender that is being cancelled, nor on a connection that is not fit.

A large body takes its time: while bytes flow nothing times out, and what is on its way in
buffers when the last one is handed over is given the time that it may take.
"""

import asyncio
import socket
from contextlib import suppress
from http import HTTPStatus
from http.cookies import BaseCookie, SimpleCookie
from typing import Any

import aiohttp
import attrs
from aiohttp import hdrs
from aiohttp.abc import AbstractStreamWriter
from aiohttp.client_proto import ResponseHandler
from aiohttp.http import StreamWriter
from multidict import istr
from yarl import URL

from spapi_messaging.redaction import cut, describe_failure
from spapi_messaging.transport.connection import (
    AnonymousRequest,
    CarefulRequest,
    check_fit,
)
from spapi_messaging.transport.pauses import asked_pause
from spapi_messaging.transport.request import Delivery, Request, Response, is_success
from spapi_messaging.transport.silence import give_up, listen

MAX_BYTES = 1_048_576
"""The most that is read of an answer."""
MAX_HEADER = 65_536
"""The longest header of an answer that is read."""
_PIECE = 65_536
"""Bytes that are written first, and for which alone no flow is watched."""
_MORE = 262_144
"""Bytes of a large body that are handed over at a time: each time costs a turn of the loop."""
_UNSENT = 131_072
"""Bytes that the kernel keeps of a large body: more would seem to have flowed when they wait."""
_LEAP = 131_072
"""Bytes that a peer may make room for at once, after it seemed to take nothing."""
_BUFFERED = 1_048_576
"""Bytes that may be on their way in buffers when the last one is handed over."""
_SLOWEST = 125_000
"""Bytes a second (1 Mbit/s) in which those flow."""
_LOOKS = 4
# Looked up in every answer: an istr is put into lower case once.
_REQUEST_ID = istr("x-amzn-RequestId")
_MAX_ID = 100
_ERRORS = int(HTTPStatus.BAD_REQUEST)
_RATE = istr("x-amzn-RateLimit-Limit")


class _TrackedPayload(aiohttp.Payload):
    """A body that marks the delivery of its attempt when anything of the request is written.

    It holds the bytes themselves: aiohttp's payload of a BytesIO makes a copy of them.
    """

    body: bytes
    delivery: Delivery
    sender: "asyncio.Task[Any] | None"
    cancelled_before: int

    def __init__(self, body: bytes) -> None:
        super().__init__(body)
        self.body = body
        self._size = len(body)

    def decode(self, encoding: str = "utf-8", errors: str = "strict") -> str:
        return self.body.decode(encoding, errors)

    async def write(self, writer: AbstractStreamWriter) -> None:
        await self.write_with_length(writer, None)

    async def write_with_length(self, writer: AbstractStreamWriter, _: int | None) -> None:
        assert isinstance(writer, StreamWriter)  # noqa: S101  # the only one that aiohttp has
        assert isinstance(writer.protocol, ResponseHandler)  # noqa: S101  # the same
        delivery, body, sender = self.delivery, self.body, self.sender
        if sender is not None and sender.cancelling() > self.cancelled_before:
            raise ConnectionAbortedError("it was cancelled")
        check_fit(writer.protocol, delivery)
        delivery.mark_sent()
        try:
            await writer.write(body if len(body) <= _PIECE else body[:_PIECE], drain=False)
        except BaseException as error:
            # A trace of the user's comes first, and then a look whether the connection is open.
            if not writer.output_size or isinstance(error, aiohttp.ClientConnectionResetError):
                delivery.head_sent = False
            raise
        if len(body) > _PIECE:
            await self._write_rest(writer, writer.protocol)

    async def _write_rest(self, writer: StreamWriter, protocol: ResponseHandler) -> None:
        """Write a large body piece by piece, as its peer takes them."""
        flow = _Flow(writer=writer, protocol=protocol, delivery=self.delivery)
        rest, is_whole = memoryview(self.body)[_PIECE:], False
        try:
            for start in range(0, len(rest), _MORE):
                await asyncio.sleep(0)  # for others, where the peer is never waited for
                await writer.write(rest[start : start + _MORE])
            is_whole = True
        finally:
            flow.end(size=len(self.body), is_whole=is_whole)


@attrs.define(kw_only=True)
class _Flow:
    """Gives up on a peer that takes nothing of a large body for as long as it may be silent."""

    writer: StreamWriter
    protocol: ResponseHandler
    delivery: Delivery
    _transport: asyncio.Transport | None = attrs.field(init=False)
    _began: float = attrs.field(init=False)
    _seen: tuple[int, int] = (0, 0)
    _still: int = 0

    def __attrs_post_init__(self) -> None:
        self._began = asyncio.get_running_loop().time()
        self._transport = self.writer.transport  # after it is closed, nobody else has it
        if self._transport is not None:
            with suppress(AttributeError, OSError):  # not every system, and every socket, has it
                self._transport.get_extra_info("socket").setsockopt(
                    socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, _UNSENT
                )
        self._wait()

    def _wait(self) -> None:
        self.delivery.stop_timer()
        if self.delivery.silence:
            pause = (self.delivery.silence + _LEAP / _SLOWEST) / _LOOKS
            timer = asyncio.get_running_loop().call_later(pause, self._look)
            self.delivery.stop_timer = timer.cancel

    def _look(self) -> None:
        waiting = 0 if self._transport is None else self._transport.get_write_buffer_size()
        seen, self._seen = self._seen, (self.writer.output_size, waiting)
        self._still = self._still + 1 if seen == self._seen else 0
        if self._still < _LOOKS:
            self._wait()
        else:
            give_up(self.protocol)

    def end(self, *, size: int, is_whole: bool) -> None:
        """Begin to wait for the answer; a body that is broken off ends its connection."""
        self.delivery.stop_timer()
        silence = self.delivery.silence
        if not is_whole:
            if self._transport is not None:
                self._transport.abort()  # to close it would wait until the peer takes what it got
        elif silence:
            took = asyncio.get_running_loop().time() - self._began
            buffered = min(size, _BUFFERED) / _SLOWEST
            listen(self.protocol, self.delivery, silence + took + buffered)


def payload_of(request: Request, delivery: Delivery) -> aiohttp.Payload | None:
    """Return a body for aiohttp that marks ``delivery``, as an empty one does.

    What may be repeated needs no mark, and goes without a body where it has none.
    """
    body = request.body
    if body is None:
        if request.repeatable:
            return None
        body = b""
    payload = _TrackedPayload(body)
    payload.delivery = delivery
    payload.sender = sender = asyncio.current_task()
    payload.cancelled_before = 0 if sender is None else sender.cancelling()
    return payload


class _NoCookies(aiohttp.DummyCookieJar):
    """Keeps no cookies; its answer, which nobody changes, is made once and not for each request."""

    def __init__(self) -> None:
        super().__init__()
        self._none: SimpleCookie = SimpleCookie()

    def filter_cookies(self, _: URL) -> "BaseCookie[str]":
        """Return none."""
        return self._none


def open_http(
    shared: aiohttp.ClientSession | None, *, timeout: aiohttp.ClientTimeout, limit: int
) -> aiohttp.ClientSession:
    """Open the session that requests go through.

    Of a ``shared`` session it takes the connections, the traces and ``trust_env``, and leaves
    cookies, default headers and middlewares behind, which could carry the token elsewhere.
    """
    if shared is not None and shared.closed:
        raise RuntimeError("the aiohttp session given as http= is closed")
    trust_env = shared is not None and shared.trust_env
    session = aiohttp.ClientSession(
        connector=shared.connector if shared else aiohttp.TCPConnector(limit=limit),
        connector_owner=shared is None,
        cookie_jar=_NoCookies(),
        trace_configs=shared.trace_configs if shared else None,
        timeout=timeout,
        trust_env=trust_env,
        request_class=AnonymousRequest if trust_env else CarefulRequest,
        max_line_size=MAX_HEADER,
        max_field_size=MAX_HEADER,
    )
    # aiohttp's own second attempt would be in nobody's quota, and told to nobody.
    session._retry_connection = False  # noqa: SLF001  # there is no public way
    return session


async def read_answer(
    response: aiohttp.ClientResponse, *, url: str, delivery: Delivery
) -> Response:
    """Read an answer, its body up to the cap, and say why that is incomplete if it is.

    A body that breaks off takes nothing from the status, which is known by now. Of a 2xx with
    something else than JSON, which is not Amazon's, only the body tells what it is worth.
    """
    said, status, content = response.headers, response.status, response.content
    media_type = said.get(hdrs.CONTENT_TYPE)
    if media_type is None or "json" in media_type or not is_success(status):
        delivery.status = status
    body, gap = b"", None
    try:
        while not content.at_eof():
            body += content.read_nowait() if content.is_eof() else await content.readany()
            if len(body) > MAX_BYTES:
                body, gap = body[:MAX_BYTES], f"more than {MAX_BYTES} bytes"
                break
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        gap = f"a body that breaks off ({describe_failure(error)})"
    request_id = said.get(_REQUEST_ID)
    if request_id and not (request_id.isprintable() and len(request_id) <= _MAX_ID):
        request_id = cut(request_id, _MAX_ID)
    return Response(
        status=status,
        body=body,
        url=url,
        request_id=request_id,
        rate=said.get(_RATE),
        location=said.get(hdrs.LOCATION),
        media_type=media_type,
        gap=gap,
        asked_pause=asked_pause(said) if status >= _ERRORS else 0.0,
    )


async def read_body(response: aiohttp.ClientResponse) -> tuple[bytes, str | None]:
    """Read an answer's body in the same way."""
    answer = await read_answer(response, url="", delivery=Delivery())
    return answer.body, answer.gap
