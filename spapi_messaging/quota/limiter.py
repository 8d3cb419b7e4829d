"""Quotas: one limiter per seller and operation, shared by all who send.

*Pace.* Amazon counts by token bucket. A bucket filled to the brim is throttled by the jitter of
the network alone, so ours holds one request less than the burst and leaks at 0.999 of the rate.
A burst of 1 leaves nothing to hold back: there the next turn comes 1/rate after the *answer*.
`aiolimiter.AsyncLimiter` is the bucket; by itself it lets newcomers overtake and cannot change
its rate, so a turnstile lets in one at a time, first come, first served. With one waiter at the
bucket both go away.

*Change.* What the answers tell of the rate is believed as `pace` says. A changed bucket starts
empty, and who waits at the old one moves over, so that no change admits more than the rates in
force allow. A 429 empties the bucket for all, and the request that met it goes first again.

Source: https://developer-docs.amazon.com/sp-api/docs/usage-plans-and-rate-limits
"""

import asyncio
from collections.abc import Generator, Mapping
from contextlib import suppress
from types import coroutine
from typing import TYPE_CHECKING, Any, Protocol

import attrs

from spapi_messaging.quota.pace import Pace
from spapi_messaging.quota.plan import MESSAGING_QUOTA, Quota, planned_quota
from spapi_messaging.quota.wait_queue import WaitQueue

if TYPE_CHECKING:
    from aiolimiter import AsyncLimiter

__all__ = ["EndpointLimiter", "Limiter", "Limits", "Quota", "RateLimits"]

HEADROOM = 0.999


class Limiter(Protocol):
    """What a request needs of the limiter of its seller's operation."""

    @property
    def quota(self) -> Quota:
        """The quota in force."""
        ...

    async def acquire(self, *, first: bool = False) -> float:
        """Wait for leave to send one request; give the seconds it took."""
        ...

    def answered(
        self, *, succeeded: bool = False, throttled: bool = False, announced: str | None = None
    ) -> None:
        """Report what became of a request."""
        ...

    async def publish(self) -> None:
        """Tell other processes what the answers changed; raises nothing."""
        ...


class Limits(Protocol):
    """The limiters of all sellers and operations, of one process or shared by many."""

    def limiter(self, account: str, operation: str) -> Limiter:
        """Return the limiter of a seller's operation: always the same one."""
        ...


@attrs.define(init=False)
class EndpointLimiter:
    """The limiter of one operation of one seller; serves one event loop at a time."""

    configured: Quota
    throttles: int
    """How many 429s came."""
    _pace: Pace
    _in_flight: int
    _loop: asyncio.AbstractEventLoop | None
    _used: bool
    _bucket: "AsyncLimiter"
    _queue: WaitQueue

    def __init__(self, configured: Quota, *, starts_empty: bool = False) -> None:
        self.configured = configured
        self.throttles = 0
        self._pace = Pace(configured.rate)
        self._in_flight = 0
        self._loop = None
        self._used = starts_empty
        self._bucket = self._new_bucket()
        self._queue = WaitQueue()

    @property
    def quota(self) -> Quota:
        """The quota in force."""
        return Quota(rate=self._pace.rate, burst=self.configured.burst)

    @property
    def waiting(self) -> int:
        """How many wait, in line or at the bucket."""
        return len(self._queue) + self._queue.taken

    async def acquire(self, *, first: bool = False) -> float:
        """Wait for leave to send one request; give the seconds it took.

        ``first`` goes before all who wait: for a request that came back with 429.
        """
        loop = asyncio.get_running_loop()
        if loop is not self._loop:
            self._move_to(loop)
        queue = self._queue
        if not queue.taken and self._open and self._bucket.has_capacity():
            await self._bucket.acquire()  # does not wait: there is room
            self._pace.idled()
            self._grant()
            return 0.0
        began = loop.time()
        if first:
            queue.wake()
        await self._wait(queue, first=first)
        return loop.time() - began

    def answered(
        self, *, succeeded: bool = False, throttled: bool = False, announced: str | None = None
    ) -> None:
        """Report what became of a request, once for each `acquire` that returned.

        ``succeeded`` for every answer but 429, ``announced`` for its rate header as it came;
        nothing for a request that failed or was cancelled before an answer.
        """
        pace, rate = self._pace, self._pace.rate
        if self._in_flight:
            self._in_flight -= 1
        pace.answered()
        if announced is not None:
            pace.announced(announced)
        if succeeded:
            pace.succeeded()
        if throttled and self._loop is not None:
            self.throttles += 1
            pace.throttled(self._loop.time(), self._in_flight)
        if throttled or pace.rate < rate or self.configured.burst == 1:
            self._empty_bucket()
        elif pace.wanted >= 2 * rate and self._queue.taken:
            self._raise()

    async def publish(self) -> None:
        """Do nothing: the limiter of one process has nobody to tell."""

    @property
    def _open(self) -> bool:
        return not self._in_flight or self.configured.burst > 1

    async def _wait(self, queue: WaitQueue, *, first: bool) -> None:
        await queue.enter(first=first)
        granted = False
        while not granted:
            if queue.returned and not first:
                await queue.step_aside()
                continue
            try:
                granted = await self._try_bucket(queue)
            except BaseException:
                queue.leave()
                raise
        self._grant()
        queue.leave()

    @coroutine
    def _try_bucket(self, queue: WaitQueue) -> Generator[Any, None, bool]:
        """Wait at the bucket; False if the bell rang, for a new bucket or one who goes first.

        The coroutine of the bucket is driven by hand, so that its future can be woken: to be
        called away is then no cancellation, and a cancellation is always somebody else's.
        """
        passing = self._bucket.acquire() if self._open else _for_ever()
        try:
            while True:
                try:
                    bell = passing.send(None)
                except StopIteration:
                    return True
                queue.bell = bell
                yield bell
                if queue.bell is None:
                    return False
        finally:
            passing.close()

    def _grant(self) -> None:
        self._in_flight += 1
        pace = self._pace
        if pace.wanted > pace.rate:
            self._raise()

    def _raise(self) -> None:
        self._pace.raised()
        self._empty_bucket()

    def _move_to(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop, self._in_flight, self._queue = loop, 0, WaitQueue()
        if self._used:
            self._pace.idled()
            self._empty_bucket()  # its clock may be another: only an empty one is safe
        self._used = True

    def _empty_bucket(self) -> None:
        """Replace the bucket by an empty one at the rate in force, and move who waits."""
        if self._loop is None or not self._loop.is_running():
            self._loop = None
            return
        self._bucket = self._new_bucket()
        with suppress(StopIteration):  # there is room for it: it does not wait
            self._bucket.acquire(self._bucket.max_rate).send(None)
        self._queue.wake()

    @property
    def _parts(self) -> int:
        """Into how many equal parts the quota is divided; the bucket has one of them."""
        return 1

    def _new_bucket(self) -> "AsyncLimiter":
        from aiolimiter import AsyncLimiter

        capacity = max(1, (self.configured.burst - 1) // self._parts)
        return AsyncLimiter(capacity, capacity * self._parts / (self._pace.rate * HEADROOM))


async def _for_ever() -> None:
    await asyncio.get_running_loop().create_future()


@attrs.define
class RateLimits:
    """The limiters of all sellers and operations; share one among the sessions of a process.

    ``quotas`` are by operation name; every other operation has ``default``, and the uploads
    their own plan. ``starts_empty``: begin without a burst, where another process may just have
    used it.
    """

    default: Quota = MESSAGING_QUOTA
    quotas: Mapping[str, Quota] = attrs.field(factory=dict)
    starts_empty: bool = attrs.field(default=False, kw_only=True)
    _limiters: dict[tuple[str, str], EndpointLimiter] = attrs.field(
        factory=dict, init=False, repr=False
    )

    def limiter(self, account: str, operation: str) -> EndpointLimiter:
        """Return the limiter of a seller's operation: always the same one."""
        limiter = self._limiters.get((account, operation))
        if limiter is None:
            plan = planned_quota(operation, default=self.default, quotas=self.quotas)
            limiter = EndpointLimiter(plan, starts_empty=self.starts_empty)
            self._limiters[account, operation] = limiter
        return limiter
