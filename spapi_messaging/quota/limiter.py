"""Quotas: one limiter per seller and operation, shared by all that send.

*Pace.* Amazon counts by token bucket. `bucket` holds one request less than the burst; a burst of 1
leaves nothing to hold back: there the next turn comes 1/rate after the *answer*. The bucket by
itself lets newcomers overtake and cannot change its rate, so a queue lets in one at a time, first
come, first served. With one waiter at the bucket both go away.

*Change.* What the answers tell of the rate is believed as `pace` says. A raised rate leaves the
bucket as full as it is, a lower one empties it, and the one that waits at the old one moves over,
so that no change admits more than the rates in force allow. A 429 empties the bucket for all, and
the request that met it goes first again. One that meets more of them may do so for a reason of its
own order's: its repeats lower no rate, and after two it waits behind the others.

*Age.* A turn is good for 1/rate, which the request held back makes up for. What is held up longer,
by a full disk or a token, would go out together with all that was held up with it: it gives its
turn back, which leaves the bucket as if it had not been taken, and takes another, before the line.

Source: https://developer-docs.amazon.com/sp-api/docs/usage-plans-and-rate-limits
"""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress

import attrs

from spapi_messaging.quota.bucket import Bucket, OwnBucket
from spapi_messaging.quota.pace import Pace
from spapi_messaging.quota.plan import (
    MESSAGING_QUOTA,
    OPERATION_OF,
    Quota,
    by_operation,
    planned_quota,
)
from spapi_messaging.quota.served_loop import ServedLoop, is_inside
from spapi_messaging.quota.wait_queue import WaitQueue

__all__ = ["EndpointLimiter", "RateLimits"]


@attrs.define(init=False)
class EndpointLimiter:
    """The limiter of one operation of one seller: a queue, a pace and a bucket.

    It serves one event loop at a time, the one that ``served`` says. ``new_bucket`` makes the
    bucket; where other processes share it, they share the quota.
    """

    configured: Quota
    is_shared: bool
    throttles: int
    """How many 429s came."""
    _pace: Pace
    _bucket: Bucket
    _queue: WaitQueue
    _serial: bool
    """Whether each turn comes after the answer of the last: with a burst of 1."""
    _in_flight: int
    _served: ServedLoop
    _loop: asyncio.AbstractEventLoop | None
    _quota: Quota
    _used: bool
    """Whether a loop or a process before this one may have taken from the bucket."""

    def __init__(
        self,
        configured: Quota,
        *,
        new_bucket: Callable[[Quota, Pace], Bucket] = OwnBucket,
        starts_empty: bool = False,
        served: ServedLoop | None = None,
    ) -> None:
        self.configured = self._quota = configured
        self.throttles = 0
        self._pace = Pace(configured.rate, burst=configured.burst)
        self._bucket = new_bucket(configured, self._pace)
        self.is_shared = self._bucket.is_shared
        self._queue = WaitQueue()
        self._serial = configured.burst == 1
        self._in_flight = 0
        self._served = served or ServedLoop()
        self._loop = None
        self._used = starts_empty

    @property
    def quota(self) -> Quota:
        """The quota in force."""
        if self._quota.rate != self._pace.rate:
            self._quota = attrs.evolve(self.configured, rate=self._pace.rate)
        return self._quota

    @property
    def waiting(self) -> int:
        """How many wait, in line or at the bucket."""
        return len(self._queue) + self._queue.taken

    def take(self) -> bool:
        """Take a turn if there is one at hand and nobody waits for it; never waits."""
        loop = asyncio.get_running_loop()
        if loop is not self._loop:
            self._move_to(loop)
        blocked = self._queue.taken or (self._serial and self._in_flight)
        if blocked or not self._bucket.take():
            return False
        self._pace.idled()
        self._count()
        return True

    async def acquire(self, *, first: bool = False) -> float:
        """Wait for leave to send one request; return the seconds it took.

        ``first`` goes before all that wait in this process: for a request that came back with 429.
        Raises RuntimeError if the loop of another thread is served.
        """
        return 0.0 if self.take() else await self.wait(first=first)

    async def wait(self, *, first: bool = False) -> float:
        """Wait for a turn where none was at hand; return the seconds it took."""
        loop, queue = asyncio.get_running_loop(), self._queue
        began = loop.time()
        if first:
            queue.wake()
        if queue.taken:
            await queue.enter(first=first)
        else:
            queue.taken = True
        granted = False
        while not granted and queue is self._queue:
            if queue.returned and not first:
                await queue.step_aside()
                continue
            blocked = self._serial and self._in_flight
            try:
                granted = await (queue.sleep() if blocked else self._bucket.wait(queue))
            except BaseException:
                queue.leave()
                raise
        is_served = queue is self._queue
        if is_served:
            self._count()
        queue.leave()
        if not is_served:  # another loop was served meanwhile
            await self.acquire(first=first)
        return loop.time() - began

    async def renew(self, taken_at: float) -> float:
        """Exchange a turn that is older than 1/rate for another; return the seconds it took."""
        loop = asyncio.get_running_loop()
        if loop.time() - taken_at <= 1 / self._pace.rate:
            return 0.0
        if loop is self._loop:
            self._bucket.give_back(taken_at)
            self._in_flight -= self._in_flight > 0
        try:
            return await self.acquire(first=True)
        except BaseException:
            self._in_flight += 1  # the caller has yet to answer for the turn that it had
            raise

    def answered(
        self,
        *,
        succeeded: bool = False,
        throttled: bool = False,
        repeated: bool = False,
        announced: str | None = None,
    ) -> None:
        """Report what became of a request, once for each `acquire` that returned.

        ``succeeded`` for every answer but 429, ``announced`` for its rate header as it came;
        nothing for a request that failed or was cancelled before an answer. ``repeated``: a 429
        of a request that had one before. It may be of its order alone, so it lowers no rate.
        """
        pace = self._pace
        if self._in_flight:
            self._in_flight -= 1
        if succeeded and not self._serial and pace.goes_on(announced):
            return
        rate = pace.rate
        pace.answered()
        if announced is not None:
            pace.announced(announced)
        if succeeded:
            pace.succeeded()
        if throttled and self._loop is not None:
            self.throttles += 1
            if not repeated:
                pace.throttled(self._loop.time(), self._in_flight)
        self._follow(rate, is_throttled=throttled)

    def _follow(self, rate: float, *, is_throttled: bool) -> None:
        """Bring the bucket to what the pace is now, which was ``rate``."""
        pace = self._pace
        if is_throttled or pace.rate < rate or self._serial:
            self._bucket.lowered()
            self._change_bucket()
        elif pace.wanted >= 2 * rate and self._queue.taken:
            self._raise()

    async def publish(self) -> None:
        """Tell other processes what the answers changed; raises nothing."""
        await self._bucket.publish()

    def _count(self) -> None:
        """Count a turn that was taken, and take a raise of the rate that is due with it."""
        self._in_flight += 1
        if self._pace.wanted > self._pace.rate:
            self._raise()

    def _raise(self) -> None:
        self._pace.raised()
        if self._bucket.raised():
            self._change_bucket()

    def _move_to(self, loop: asyncio.AbstractEventLoop) -> None:
        self._served.enter(loop)
        self._loop, self._in_flight, self._queue = loop, 0, WaitQueue()
        if self._used:
            self._pace.idled()
            self._bucket.moved()
        self._used = True

    def _change_bucket(self) -> None:
        """Go on with a bucket at the rate in force, and wake the one that waits at it."""
        loop = self._loop
        if loop is None or not loop.is_running():
            self._loop = None  # the next request moves to its loop, and empties the bucket there
        elif is_inside(loop):
            self._bucket.change()
            self._queue.wake()
        else:
            with suppress(RuntimeError):  # it was closed in this instant
                loop.call_soon_threadsafe(self._change_bucket)


@attrs.define
class RateLimits:
    """The limiters of all sellers and operations; share one among the sessions of a process.

    ``quotas`` are by operation, under any of its names: "CreateWarranty" or "warranty"; every other
    operation has ``default``, and the uploads their own plan. ``starts_empty``: begin without a
    burst, where another process may just have used it.

    One serves the sessions of one event loop at a time: threads with loops of their own have one
    each, with their parts of the quota, or share a Redis. Raises ValueError for a name that no
    operation has.
    """

    default: Quota = MESSAGING_QUOTA
    quotas: Mapping[str, Quota] = attrs.field(factory=dict, converter=by_operation)
    starts_empty: bool = attrs.field(default=False, kw_only=True)
    _limiters: dict[tuple[str, str], EndpointLimiter] = attrs.field(
        factory=dict, init=False, repr=False
    )

    def limiter(self, account: str, operation: str) -> EndpointLimiter:
        """Return the limiter of a seller's operation: always the same one."""
        limiter = self._limiters.get((account, operation))
        if limiter is None:
            operation = OPERATION_OF.get(operation, operation)
            plan = planned_quota(operation, default=self.default, quotas=self.quotas)
            limiter = EndpointLimiter(plan, starts_empty=self.starts_empty)
            # Two threads may come here at once, and shall find the same one.
            limiter = self._limiters.setdefault((account, operation), limiter)
        return limiter
