"""What is happening, as server-sent events.

Without a reader it costs one look at an empty set per request. A reader that is too slow is
dropped and not waited for: its queue is bounded, and its connection is broken when that is full.
Source: https://html.spec.whatwg.org/multipage/server-sent-events.html.
"""

import asyncio
import contextlib
import json
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

import attrs
from aiohttp import web

from spapi_messaging.sandbox.admin.views import message_view, request_view
from spapi_messaging.sandbox.api.records import AcceptedMessage, RequestRecord

MAX_READERS = 32
"""Streams at once."""
MAX_QUEUED = 1000
"""Events that wait for one reader; one more and it is dropped."""
MAX_QUEUED_BYTES = 8 * 1024 * 1024
"""Bytes of these; with more waiting it is dropped."""
STATE_EVERY = 0.25
"""Seconds between two states of a stream, at least."""
KEEP_ALIVE = 15.0
"""Seconds of silence after which a comment is sent, so that proxies keep the connection."""
_WRITE_BUFFER = 256 * 1024


def as_ascii(value: Any) -> bytes:
    """Write JSON in ASCII, since what clients send may hold halves of surrogate pairs."""
    return json.dumps(value, separators=(",", ":")).encode()


@attrs.define(eq=False)
class Reader:
    """One stream on its way to one client."""

    transport: asyncio.Transport
    queue: deque[bytes] = attrs.field(factory=deque, repr=False)
    ready: asyncio.Event = attrs.field(factory=asyncio.Event, repr=False)
    waiting: int = 0
    """Bytes in the queue."""

    def put(self, event: bytes) -> None:
        """Queue an event, or break the connection of a reader that does not read."""
        if len(self.queue) >= MAX_QUEUED or self.waiting > MAX_QUEUED_BYTES:
            self.transport.abort()
            return
        self.queue.append(event)
        self.waiting += len(event)
        self.ready.set()


@attrs.define(eq=False)
class EventStream:
    """All readers, and the numbers of what came last."""

    readers: set[Reader] = attrs.field(factory=set)
    message_seq: int = 0
    request_seq: int = 0

    def message(self, message: AcceptedMessage) -> None:
        """Tell of an accepted message."""
        if self.readers:
            self.message_seq = message.seq
            self._tell("message", message_view(message))

    def request(self, record: RequestRecord) -> None:
        """Tell of a request: its answer is known, or there will be none."""
        if self.readers:
            self.request_seq = max(self.request_seq, record.seq)
            self._tell("request", request_view(record))

    def changed(self) -> None:
        """Tell that messages were deleted, restored or forgotten: a list has to be read anew."""
        if self.readers:
            self._tell("changed", {})

    def _tell(self, name: str, value: Mapping[str, Any]) -> None:
        event = _event(name, value, f"{self.message_seq}-{self.request_seq}")
        for reader in self.readers:
            reader.put(event)

    async def stream(
        self, request: web.BaseRequest, state: Callable[[], Mapping[str, Any]]
    ) -> web.StreamResponse:
        """Write events until the client or the server goes."""
        response = web.StreamResponse(
            headers={
                "Content-Type": "text/event-stream",
                "Cache-Control": "no-store",
                "X-Content-Type-Options": "nosniff",
                "Cross-Origin-Resource-Policy": "same-origin",
            }
        )
        await response.prepare(request)
        if request.transport is None:
            return response
        request.transport.set_write_buffer_limits(high=_WRITE_BUFFER)
        reader = Reader(request.transport)
        self.readers.add(reader)
        try:
            await self._write(reader, response, state)
        except ConnectionError:
            pass
        finally:
            self.readers.discard(reader)
        return response

    async def _write(
        self,
        reader: Reader,
        response: web.StreamResponse,
        state: Callable[[], Mapping[str, Any]],
    ) -> None:
        loop = asyncio.get_running_loop()
        told, next_state, last_write = b"", loop.time(), loop.time()
        while True:
            now = loop.time()
            if now >= next_state:
                next_state = now + STATE_EVERY
                current = _event("state", state(), f"{self.message_seq}-{self.request_seq}")
                if current.partition(b"data:")[2] != told.partition(b"data:")[2]:
                    told = current
                    reader.put(current)
            if now - last_write >= KEEP_ALIVE:
                reader.put(b": still here\n\n")
            if reader.queue:
                events = b"".join(reader.queue)
                reader.queue.clear()
                reader.waiting = 0
                reader.ready.clear()
                await response.write(events)
                last_write = now
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout_at(next_state):
                    await reader.ready.wait()


def _event(name: str, value: Mapping[str, Any], number: str) -> bytes:
    return b"event: %s\nid: %s\ndata: %s\n\n" % (name.encode(), number.encode(), as_ascii(value))
