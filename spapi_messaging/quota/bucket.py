"""The bucket at which requests take their turns; aiolimiter's, where one process has it alone.

`aiolimiter.AsyncLimiter` lets newcomers overtake, cannot change its rate, and can be waited at
only by a coroutine. Here its coroutine is driven by hand, for two reasons. Where there is room it
ends without waiting, so that a turn can be taken by a plain call. Where there is none, its future
is known and can be woken: to be called away is then no cancellation, and a cancellation is always
somebody else's.

Where the rate is raised, what was taken leaks on at the new rate: the bucket is as full as before,
so that no window has more than the rates in force allowed, and nothing is lost. A 429 tells that
Amazon's bucket is empty, and a lower rate that it may be: then it starts empty.

A bucket filled to the brim is throttled by the jitter of the network alone, so this one holds one
request less than the burst and leaks at 0.999 of the rate.
"""

import asyncio
from collections.abc import Awaitable, Generator
from types import coroutine
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from spapi_messaging.quota.pace import Pace
from spapi_messaging.quota.plan import Quota
from spapi_messaging.quota.turn_log import KEPT, TurnLog
from spapi_messaging.quota.wait_queue import WaitQueue

if TYPE_CHECKING:
    from aiolimiter import AsyncLimiter

__all__ = ["HEADROOM", "Bucket", "OwnBucket"]

HEADROOM = 0.999


class Bucket(Protocol):
    """What a limiter needs of its bucket, whose rate is that of the limiter's pace."""

    is_shared: ClassVar[bool]
    """Whether other processes take from it."""

    def take(self) -> bool:
        """Take a turn if there is one at hand; never waits."""
        ...

    def wait(self, queue: WaitQueue) -> Awaitable[bool]:
        """Wait for a turn, one caller at a time; False if it is to be tried again.

        So it is when the queue was woken, for a changed bucket or for one that goes first.
        """
        ...

    def give_back(self, taken_at: float) -> None:
        """Be as if the last turn that was given until then had not been, as far as is known.

        Who waits for a turn is to be woken.
        """
        ...

    def change(self) -> None:
        """Go on at the rate in force, in the loop that is served.

        Empty if `lowered` was called since the last change, else as full as it is.
        """
        ...

    def moved(self) -> None:
        """Start empty in the loop that runs now, whose clock may be another."""
        ...

    def lowered(self) -> None:
        """Note that the bucket is to be emptied, for others too; in any loop, or none."""
        ...

    def raised(self) -> bool:
        """Note that the rate was raised; return whether `change` is to be called for it."""
        ...

    async def publish(self) -> None:
        """Tell other processes what was noted; raises nothing."""
        ...


class OwnBucket:
    """A bucket in the memory of one process.

    ``parts``: into how many equal parts the quota is divided; the bucket has one of them.
    """

    __slots__ = ("_capacity", "_empties", "_limiter", "_log", "_pace", "_parts")

    is_shared: ClassVar[bool] = False

    def __init__(self, configured: Quota, pace: Pace, *, parts: int = 1) -> None:
        self._pace = pace
        self._parts = parts
        self._capacity = max(1, (configured.burst - 1) // parts)
        self._empties = False
        self._start(level=0, now=0)

    def take(self) -> bool:
        """Take a turn if there is room; never waits."""
        limiter = self._limiter
        if not limiter.has_capacity():
            return False
        next(limiter.acquire().__await__(), None)  # there is room: it ends at once
        times = self._log.times
        times.append(asyncio.get_running_loop().time())
        if len(times) > 2 * KEPT:
            self._log.shorten()
        return True

    @coroutine
    def wait(self, queue: WaitQueue) -> Generator[Any, None, bool]:
        """Wait for room; False if the queue was woken."""
        passing, log = self._limiter.acquire(), self._log
        try:
            for bell in passing.__await__():
                queue.bell = bell
                yield bell
                if queue.bell is None:
                    return False
        finally:
            passing.close()
        log.times.append(asyncio.get_running_loop().time())
        if len(log.times) > 2 * KEPT:
            log.shorten()
        return True

    def give_back(self, taken_at: float) -> None:
        """Replace the bucket by one that is as full as without that turn."""
        if self._log.remove(taken_at):
            self._limiter = self._new_limiter(self._level())

    def change(self) -> None:
        """Replace the bucket by one at the rate in force: empty, or as full as this one is."""
        level = self._capacity if self._empties else self._level()
        self._start(level=level, now=asyncio.get_running_loop().time())

    def moved(self) -> None:
        """Replace the bucket by an empty one at the rate in force."""
        self._start(level=self._capacity, now=asyncio.get_running_loop().time())

    def lowered(self) -> None:
        """Note that the bucket is to be emptied."""
        self._empties = True

    def raised(self) -> bool:
        """Return True: the rate of a bucket cannot be changed."""
        return True

    async def publish(self) -> None:
        """Do nothing: there are no others."""

    def _level(self) -> float:
        return min(self._log.level_at(asyncio.get_running_loop().time()), self._capacity)

    def _start(self, *, level: float, now: float) -> None:
        self._empties = False
        self._log = TurnLog(rate=self._pace.rate * HEADROOM / self._parts, level=level, since=now)
        self._limiter = self._new_limiter(level)

    def _new_limiter(self, level: float) -> "AsyncLimiter":
        from aiolimiter import AsyncLimiter

        limiter = AsyncLimiter(self._capacity, self._capacity / self._log.rate)
        if level:
            next(limiter.acquire(level).__await__(), None)  # there is room: it ends at once
        return limiter
