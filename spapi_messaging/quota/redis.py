"""Quotas that any number of processes share through Redis; needs the extra ``redis``.

*Turns.* In each process one at a time stands at the shared bucket, first come, first served, and
holds one turn given in advance. When it is due, one call to Redis confirms it and takes the turn
of the next in line: one call per request in a queue, and nobody is refused and asks again. Who
waits alone needs a second call, unless the turn was given just before. So processes with a
queue are served in rotation.

*Change.* A 429, and a lower rate that one process found out, void the turns of all; each process
learns of it with its next call, which is before its next request or a quarter of a second later.
A burst of 1 is paced from the answer, as in one process, but another process may have its turn
before that answer.

*Redis away.* Whatever the reason, no caller sees an error: each process goes on alone at its
share, 1/``processes`` of each quota, from an empty bucket, and tries Redis once a second while
somebody waits. Who was alone empties the shared bucket when he is back. If Redis is away for some
processes only, the others do not know it, and together they may send at more than the quota
until the 429s lower the rate.
"""

import asyncio
import random
from collections.abc import Mapping
from typing import Any

import attrs
from redis.asyncio import Redis

from spapi_messaging.quota.limiter import HEADROOM, EndpointLimiter
from spapi_messaging.quota.plan import MESSAGING_QUOTA, Quota, planned_quota
from spapi_messaging.quota.redis_bucket import (
    BRIEF,
    KEPT,
    BucketReply,
    BucketRequest,
    SharedBucket,
    Version,
)
from spapi_messaging.quota.redis_outage import RedisOutage
from spapi_messaging.quota.wait_queue import WaitQueue

__all__ = ["RedisRateLimits"]

_LATE = 0.05
"""Seconds after which a turn is void that nobody was there to take."""
_SAMPLE = 200.0
"""Turns over which the part of this process is estimated."""


@attrs.frozen(kw_only=True)
class _Turn:
    """A turn that is due at a time of the loop's clock."""

    due: float
    version: Version
    brief: bool
    """Whether it is due so soon that it needs no second look."""


class RedisLimiter(EndpointLimiter):
    """The limiter of one operation of one seller, with a bucket that other processes share."""

    def __init__(self, configured: Quota, *, shared: SharedBucket, outage: RedisOutage) -> None:
        self._shared = shared
        self._outage_watch = outage
        self._version: Version | None = None
        self._heard_at = 0.0
        self._known: tuple[float, float, float | None] | None = None
        self._turn: _Turn | None = None
        """The one that was given in advance."""
        self._empty = False
        """Whether the shared bucket is to be emptied with the next call."""
        self._raised = False
        """Whether the next call is to raise the rate for all."""
        self._outage = 0
        self._quiet_until = 0.0
        self._own = 0.0
        self._all_since: float | None = None
        super().__init__(configured)

    async def acquire(self, *, first: bool = False) -> float:
        """Wait for leave to send one request; give the seconds it took.

        ``first`` goes before all who wait in this process: for a request that came back with 429.
        """
        loop = asyncio.get_running_loop()
        if loop is not self._loop:
            self._move_to(loop)
        began = loop.time()
        if first:
            self._queue.wake()
        await self._wait(self._queue, first=first)
        return loop.time() - began

    async def publish(self) -> None:
        """Tell the other processes of a 429 or a new rate, unless a waiter has done so."""
        if self._empty and not self._outage_watch.away:
            await self._ask(take=False)

    async def _try_bucket(self, queue: WaitQueue) -> bool:  # type: ignore[override]  # a coroutine by nature
        """Wait for the turn; False if it is to be looked again."""
        clock = asyncio.get_running_loop().time
        if not self._open:
            return await super()._try_bucket(queue)
        turn, now = self._turn, clock()
        if turn is not None and turn.due > now:
            if not await _doze(queue, turn.due - now):
                return False
        elif turn is not None and turn.due < now - _LATE:
            turn = None
        if turn is not None and turn.brief and not len(queue):
            self._turn = None
            return True
        if not self._outage_watch.may_ask(clock()):
            return await self._try_own_bucket(queue)
        self._turn = None
        reply = await self._ask(take=turn is None or len(queue) > 0)
        return reply is not None and await self._granted(queue, reply, turn)

    async def _granted(self, queue: WaitQueue, reply: BucketReply, turn: _Turn | None) -> bool:
        """Keep the turn that was given in advance; say if there is one for now."""
        if reply.given and not self._empty:
            due = asyncio.get_running_loop().time() + reply.wait
            self._turn = _Turn(due=due, version=reply.version, brief=reply.wait <= BRIEF)
        if turn is not None and turn.version == reply.version:
            return True
        if reply.given and reply.wait <= 0:
            self._turn = None
            self._pace.idled()
            return True
        if not reply.given and reply.wait > 0:
            await _doze(queue, reply.wait)
        return False

    async def _try_own_bucket(self, queue: WaitQueue) -> bool:
        """Wait at a bucket of this process's own, until it is worth trying Redis again."""
        loop = asyncio.get_running_loop()
        self._turn = None
        now = loop.time()
        if self._outage != self._outage_watch.outages:
            self._outage = self._outage_watch.outages
            # All processes find out in the same instant, and shall not send in the same.
            alone = self._parts / (self._pace.rate * HEADROOM)
            self._quiet_until = now + random.random() * alone  # noqa: S311  # jitter is no secret
        probe = self._outage_watch.until_probe(now)
        if self._quiet_until > now:
            await _doze(queue, min(self._quiet_until - now, probe))
            return False
        if self._quiet_until:
            self._quiet_until = 0.0
            super()._empty_bucket()
        alarm = loop.call_later(probe, queue.wake)
        try:
            granted = await super()._try_bucket(queue)
        finally:
            alarm.cancel()
        self._empty |= granted  # the shared bucket does not know of it
        return granted

    async def _ask(self, *, take: bool) -> BucketReply | None:
        now = asyncio.get_running_loop().time()
        if now - self._heard_at > KEPT:
            self._version = None
        request = BucketRequest(
            capacity=max(1, self.configured.burst - 1),
            headroom=HEADROOM,
            take=take,
            empty=self._empty,
            changed=self._empty or self._raised,
            version=self._version,
            rate=self._known[0] if self._known else None,
        )
        raised, self._empty, self._raised = self._raised, False, False
        reply = None
        try:
            reply = await self._outage_watch.ask(self._shared.ask(request, self._pace))
        finally:
            if reply is None:
                self._empty |= request.empty
                self._raised |= raised
        if reply is not None:
            self._heard_at = now
            self._learn(reply)
        return reply

    def _learn(self, reply: BucketReply) -> None:
        pace, known = self._pace, self._version
        if known is None or reply.version[0] != known[0] or reply.version[1] > known[1]:
            self._version = reply.version
        news = (reply.rate, reply.promised, reply.level)
        if news != self._known and (reply.rate < pace.rate or not self._empty):
            pace.learned(rate=reply.rate, promised=reply.promised, level=reply.level)
        self._known = news
        if reply.given:
            self._count(reply.total)

    def _count(self, total: int) -> None:
        """Estimate which part of all requests is this process's."""
        if self._all_since is None or total <= self._all_since:
            self._all_since, self._own = total - 1, 0
        self._own += 1
        if total - self._all_since > _SAMPLE:
            self._all_since += (total - self._all_since) / 2
            self._own /= 2
        self._pace.share = min(1.0, self._own / (total - self._all_since))

    def _raise(self) -> None:
        self._pace.raised()
        self._raised = True

    def _move_to(self, loop: asyncio.AbstractEventLoop) -> None:
        news = self._empty
        super()._move_to(loop)
        self._empty, self._turn = news, None
        self._heard_at, self._quiet_until = loop.time(), 0.0

    def _empty_bucket(self) -> None:
        self._empty, self._turn = True, None
        super()._empty_bucket()

    @property
    def _parts(self) -> int:
        return self._outage_watch.processes  # its own bucket is for when Redis is away


async def _doze(queue: WaitQueue, seconds: float) -> bool:
    """Sleep; False if the bell rang."""
    loop = asyncio.get_running_loop()
    bell = queue.bell = loop.create_future()
    alarm = loop.call_later(seconds, _wake, bell)
    try:
        await bell
    finally:
        alarm.cancel()
    return queue.bell is bell


def _wake(bell: "asyncio.Future[None]") -> None:
    if not bell.done():
        bell.set_result(None)


def _positive(_: object, attribute: "attrs.Attribute[Any]", value: float) -> None:
    if not value > 0:
        raise ValueError(f"{attribute.name} is more than 0, not {value}")


@attrs.define
class RedisRateLimits:
    """The limiters of all sellers and operations, shared by all processes that use one Redis.

    In place of a RateLimits: ``MessagingSession(…, limits=RedisRateLimits(redis))``. ``redis`` is
    yours: it is never closed here. ``default`` and ``quotas`` are as in RateLimits, and the same in
    all processes. ``namespace`` begins all keys; they hold no name and no secret, and expire.
    ``processes``: how many there are at most; while Redis is away each sends at that part of the
    quota. ``timeout``: seconds that one call to Redis may take.

    Sellers are told apart by the name that the session gives them, which is made from the
    credentials unless ``account`` names them.
    """

    redis: Redis = attrs.field(repr=False)
    default: Quota = attrs.field(default=MESSAGING_QUOTA, kw_only=True)
    quotas: Mapping[str, Quota] = attrs.field(factory=dict, kw_only=True)
    namespace: str = attrs.field(default="spapi-messaging", kw_only=True)
    processes: int = attrs.field(default=10, kw_only=True, validator=_positive)
    timeout: float = attrs.field(default=0.5, kw_only=True, validator=_positive)
    _outage_watch: RedisOutage = attrs.field(init=False, repr=False)
    _limiters: dict[tuple[str, str], RedisLimiter] = attrs.field(
        factory=dict, init=False, repr=False
    )

    def __attrs_post_init__(self) -> None:
        self._outage_watch = RedisOutage(timeout=self.timeout, processes=self.processes)

    def limiter(self, account: str, operation: str) -> RedisLimiter:
        """Return the limiter of a seller's operation: always the same one."""
        limiter = self._limiters.get((account, operation))
        if limiter is None:
            shared = SharedBucket(
                self.redis, namespace=self.namespace, account=account, operation=operation
            )
            plan = planned_quota(operation, default=self.default, quotas=self.quotas)
            limiter = RedisLimiter(plan, shared=shared, outage=self._outage_watch)
            self._limiters[account, operation] = limiter
        return limiter
