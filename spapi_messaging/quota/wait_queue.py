"""The turn to stand at a bucket: one at a time, first come, first served."""

import asyncio
from collections import OrderedDict
from typing import Any

__all__ = ["WaitQueue"]


class WaitQueue:
    """Lets one at a time to the bucket: those that came back first, then first come, first served.

    The turn is handed over, never free in between, so that no newcomer slips in. A waiter is
    found and taken out in constant time, however many are cancelled at once.
    """

    __slots__ = ("_line", "_returned", "bell", "taken")

    def __init__(self) -> None:
        self.taken = False
        self.bell: asyncio.Future[Any] | None = None
        self._returned: OrderedDict[asyncio.Future[None], None] = OrderedDict()
        self._line: OrderedDict[asyncio.Future[None], None] = OrderedDict()

    def __len__(self) -> int:
        return len(self._returned) + len(self._line)

    @property
    def returned(self) -> bool:
        """Whether a request that came back with a 429 waits."""
        return bool(self._returned)

    def wake(self) -> None:
        """Wake the one at the bucket, to look again where to go."""
        bell, self.bell = self.bell, None
        if bell is not None:
            _wake(bell)

    async def sleep(self, seconds: float | None = None) -> bool:
        """Sleep at the bucket, for ever if not told how long; False if woken before."""
        loop = asyncio.get_running_loop()
        bell = self.bell = loop.create_future()
        alarm = None if seconds is None else loop.call_later(seconds, _wake, bell)
        try:
            await bell
        finally:
            if alarm is not None:
                alarm.cancel()
        return self.bell is bell

    async def enter(self, *, first: bool) -> None:
        """Wait for the turn."""
        if self.taken:
            await self._wait(self._returned if first else self._line, in_front=False)
        else:
            self.taken = True

    async def step_aside(self) -> None:
        """Let those that came back go before, and wait for the next turn in front of all others."""
        await self._wait(self._line, in_front=True)

    async def _wait(self, line: OrderedDict[asyncio.Future[None], None], *, in_front: bool) -> None:
        turn = asyncio.get_running_loop().create_future()
        line[turn] = None
        if in_front:
            line.move_to_end(turn, last=False)
            self.leave()
        try:
            await turn
        except BaseException:
            if turn.done() and not turn.cancelled():
                self.leave()  # the turn was handed over in the same instant
            else:
                line.pop(turn, None)
            raise

    def leave(self) -> None:
        """Hand the turn over to the next in line."""
        while line := self._returned or self._line:
            turn, _ = line.popitem(last=False)
            if not turn.done():
                turn.set_result(None)
                return
        self.taken = False


def _wake(bell: "asyncio.Future[Any]") -> None:
    if not bell.done():
        bell.set_result(None)
