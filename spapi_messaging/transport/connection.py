"""The connection a request goes on, and whether it is fit.

Nothing that came before the first byte of a request answers it, and nothing is sent where
nobody listens any more. A kept connection may hold an answer that nobody asked for (a copy of
the last one, an idle 408) or the peer's end of it; aiohttp would take the one for the answer,
and lose the request with the other. So it is looked at in the instant before the first byte,
in aiohttp's buffers and in the kernel's. One that is not fit is closed, and what was to go on
it goes on another. Of TLS the kernel shows only that something came: on a kept connection that
is nothing good, on a new one it may be the session's tickets, which are read first.

A server may end each connection a moment after its answer: until it has answered on a kept one,
a message waits for that moment, or takes a new connection where only a token came over it.
"""

import asyncio
import errno
import select
from collections.abc import Coroutine
from contextvars import ContextVar
from typing import Any, Final
from weakref import WeakKeyDictionary

import aiohttp
import attrs
from aiohttp.client_proto import ResponseHandler
from aiohttp.connector import Connection

from spapi_messaging.transport.request import Delivery

_TURNS = (0.0, 0.0, 0.0)
"""Turns of the loop in which it reads what has come."""
_PROOF = (0.05,)
"""The pause after which a server that ends connections when it has answered has ended this one."""

UNDER_WAY: Final[ContextVar[Delivery | None]] = ContextVar("UNDER_WAY", default=None)
"""How far the request of this context came."""


class _Select:
    """Does what select.poll does, where a system has none."""

    def register(self, number: int, _: int) -> None:
        """Look at one socket."""
        self._number = number

    def poll(self, seconds: float) -> list[tuple[int, int]]:
        """Say whether there is something to read."""
        return [(each, 1) for each in select.select([self._number], [], [], seconds)[0]]


_Poll: Any = getattr(select, "poll", _Select)
_BYTES: Final[int] = getattr(select, "POLLIN", 1)
_NEWS: Final[int] = _BYTES | getattr(select, "POLLRDHUP", 0)


@attrs.define
class _Known:
    """What is known of a connection: whether a request went over it, and more than for a token."""

    kept: bool = False
    proves: bool = False
    _poll: Any = None

    def news(self, transport: asyncio.BaseTransport) -> int:
        """Say what has come over it and was not read yet; 0 for nothing."""
        if self._poll is None:
            self._poll = _Poll()
            self._poll.register(transport.get_extra_info("socket").fileno(), _NEWS)
        found = self._poll.poll(0)
        return found[0][1] if found else 0


_known: "Final[WeakKeyDictionary[ResponseHandler, _Known]]" = WeakKeyDictionary()


class CarefulRequest(aiohttp.ClientRequest):
    """A request that goes only on a connection that is fit."""

    def send(self, conn: Connection) -> Coroutine[Any, Any, aiohttp.ClientResponse]:
        """Send the head, and the body if there is one; raises ClientOSError if it may not go."""
        protocol, delivery = conn.protocol, UNDER_WAY.get()
        assert protocol is not None  # noqa: S101  # a connection has one until it is released
        is_tracked = delivery is not None and self.body
        is_for_token, delivery = delivery is None, delivery or Delivery()
        known = _known.get(protocol)
        if known is None:
            known = _known[protocol] = _Known()
        delivery.news, delivery.kept, delivery.proves = known.news, known.kept, known.proves
        known.kept, known.proves = True, known.proves or not is_for_token
        if not delivery.kept:
            if conn.transport and conn.transport.get_extra_info("sslcontext"):
                return self._send_after(_TURNS, conn, protocol, delivery)
        elif delivery.wants_proof:
            if not delivery.proves:
                raise _unfit(delivery)
            return self._send_after(_PROOF, conn, protocol, delivery)
        if not is_tracked:  # else the body looks, when it is written
            check_fit(protocol, delivery)
        return super().send(conn)

    async def _send_after(
        self,
        pauses: tuple[float, ...],
        conn: Connection,
        protocol: ResponseHandler,
        delivery: Delivery,
    ) -> aiohttp.ClientResponse:
        """Let come what comes: a new connection's tickets over TLS, or the end of a kept one."""
        for pause in pauses:
            await asyncio.sleep(pause)
        check_fit(protocol, delivery)
        return await super().send(conn)


class AnonymousRequest(CarefulRequest):
    """A request without the credentials that a netrc has for its host."""

    def update_auth(self, auth: aiohttp.BasicAuth | None, trust_env: bool = False) -> None:  # noqa: FBT001, FBT002  # as aiohttp has it
        """Add none: what is sent has its token, or is signed in its URL."""


def check_fit(protocol: ResponseHandler, delivery: Delivery) -> None:
    """Raise ClientOSError if something came over a connection, or its peer has left it.

    Otherwise the request goes now, and ``delivery`` begins to wait for its answer.
    """
    transport, kept, fit = protocol.transport, delivery.kept, False
    if transport is not None and not transport.is_closing() and not protocol.should_close:
        news = delivery.news(transport)
        # Of a new connection over TLS, what comes first may be tickets.
        fit = not news or (
            news == _BYTES and not kept and bool(transport.get_extra_info("sslcontext"))
        )
    if not fit or (kept and delivery.wants_new):
        raise _unfit(delivery)
    delivery.unfit = False
    if delivery.watch is not None:
        delivery.watch(protocol, delivery)


def refuse_early(response: aiohttp.ClientResponse, delivery: Delivery) -> None:
    """Raise ClientOSError for an answer that was there before the body was to be written."""
    response.close()
    raise _unfit(delivery)


def _unfit(delivery: Delivery) -> aiohttp.ClientOSError:
    delivery.unfit = delivery.kept
    return aiohttp.ClientOSError(errno.ECONNABORTED, "it was closed or answered before the request")
