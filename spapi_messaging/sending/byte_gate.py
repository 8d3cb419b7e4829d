"""Room for the bytes of files: what a hundred messages carry does not fit into memory at once.

A message takes room for all of its files before one is read and gives it back when the last is
uploaded, first come, first served; so no message waits for room that it holds a part of itself.
The room is the event loop's, whatever sessions there are: a run of many sellers has one memory.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from weakref import WeakKeyDictionary

import attrs

ROOM = 50_000_000
"""Bytes of files that are held at once: those of five messages of the largest kind."""


@attrs.define
class ByteGate:
    """Lets in as many bytes as there is room for."""

    room: int = ROOM
    _waiting: "deque[tuple[int, asyncio.Future[None]]]" = attrs.field(factory=deque, init=False)

    @asynccontextmanager
    async def holding(self, size: int) -> AsyncIterator[None]:
        """Hold room for ``size`` bytes within the block; none is needed for none."""
        if size:
            await self._take(size)
        try:
            yield
        finally:
            self._give(size)

    async def _take(self, size: int) -> None:
        if not self._waiting and size <= self.room:
            self.room -= size
            return
        turn = asyncio.get_running_loop().create_future()
        ticket = (size, turn)
        self._waiting.append(ticket)
        try:
            await turn
        except asyncio.CancelledError:
            if ticket in self._waiting:
                self._waiting.remove(ticket)
                self._give(0)  # it may have stood in the way of a smaller one
            else:
                self._give(size)
            raise

    def _give(self, size: int) -> None:
        self.room += size
        while self._waiting and self._waiting[0][0] <= self.room:
            taken, turn = self._waiting.popleft()
            self.room -= taken
            if not turn.done():
                turn.set_result(None)


_GATES: "WeakKeyDictionary[asyncio.AbstractEventLoop, ByteGate]" = WeakKeyDictionary()


def byte_gate() -> ByteGate:
    """Return the gate of the running loop."""
    return _GATES.setdefault(asyncio.get_running_loop(), ByteGate())
