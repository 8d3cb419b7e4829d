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

from spapi_messaging.api.operations import MESSAGING_QUOTA, Quota
from spapi_messaging.quota.limiter import HEADROOM, EndpointLimiter, planned_quota
from spapi_messaging.quota.redis_bucket import BRIEF, KEPT, Asked, SharedBucket, Told, Version
from spapi_messaging.quota.redis_outage import Link
from spapi_messaging.quota.wait_queue import Turnstile

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


class SharedLimiter(EndpointLimiter):
    """The limiter of one operation of one seller, with a bucket that other processes share."""

    def __init__(self, configured: Quota, *, shared: SharedBucket, link: Link) -> None:
        self._shared = shared
        self._link = link
        self._version: Version | None = None
        self._heard_at = 0.0
        self._told: tuple[float, float, float | None] | None = None
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
            self._turnstile.ring()
        await self._wait(self._turnstile, first=first)
        return loop.time() - began

    async def spread(self) -> None:
        """Tell the other processes of a 429 or a new rate, unless a waiter has done so."""
        if self._empty and not self._link.away:
            await self._ask(take=False)

    async def _knock(self, turnstile: Turnstile) -> bool:  # type: ignore[override]  # a coroutine by nature
        """Wait for the turn; False if it is to be looked again."""
        clock = asyncio.get_running_loop().time
        if not self._open:
            return await super()._knock(turnstile)
        turn, now = self._turn, clock()
        if turn is not None and turn.due > now:
            if not await _doze(turnstile, turn.due - now):
                return False
        elif turn is not None and turn.due < now - _LATE:
            turn = None
        if turn is not None and turn.brief and not len(turnstile):
            self._turn = None
            return True
        if not self._link.may_ask(clock()):
            return await self._knock_alone(turnstile)
        self._turn = None
        told = await self._ask(take=turn is None or len(turnstile) > 0)
        return told is not None and await self._granted(turnstile, told, turn)

    async def _granted(self, turnstile: Turnstile, told: Told, turn: _Turn | None) -> bool:
        """Keep the turn that was given in advance; say if there is one for now."""
        if told.given and not self._empty:
            due = asyncio.get_running_loop().time() + told.wait
            self._turn = _Turn(due=due, version=told.version, brief=told.wait <= BRIEF)
        if turn is not None and turn.version == told.version:
            return True
        if told.given and told.wait <= 0:
            self._turn = None
            self._pace.idled()
            return True
        if not told.given and told.wait > 0:
            await _doze(turnstile, told.wait)
        return False

    async def _knock_alone(self, turnstile: Turnstile) -> bool:
        """Wait at a bucket of this process's own, until it is worth trying Redis again."""
        loop = asyncio.get_running_loop()
        self._turn = None
        now = loop.time()
        if self._outage != self._link.outages:
            self._outage = self._link.outages
            # All processes find out in the same instant, and shall not send in the same.
            alone = self._parts / (self._pace.rate * HEADROOM)
            self._quiet_until = now + random.random() * alone  # noqa: S311  # jitter is no secret
        probe = self._link.until_probe(now)
        if self._quiet_until > now:
            await _doze(turnstile, min(self._quiet_until - now, probe))
            return False
        if self._quiet_until:
            self._quiet_until = 0.0
            super()._empty_bucket()
        alarm = loop.call_later(probe, turnstile.ring)
        try:
            granted = await super()._knock(turnstile)
        finally:
            alarm.cancel()
        self._empty |= granted  # the shared bucket does not know of it
        return granted

    async def _ask(self, *, take: bool) -> Told | None:
        now = asyncio.get_running_loop().time()
        if now - self._heard_at > KEPT:
            self._version = None
        asked = Asked(
            capacity=max(1, self.configured.burst - 1),
            headroom=HEADROOM,
            take=take,
            empty=self._empty,
            changed=self._empty or self._raised,
            version=self._version,
            rate=self._told[0] if self._told else None,
        )
        raised, self._empty, self._raised = self._raised, False, False
        told = None
        try:
            told = await self._link.ask(self._shared.ask(asked, self._pace))
        finally:
            if told is None:
                self._empty |= asked.empty
                self._raised |= raised
        if told is not None:
            self._heard_at = now
            self._learn(told)
        return told

    def _learn(self, told: Told) -> None:
        pace, known = self._pace, self._version
        if known is None or told.version[0] != known[0] or told.version[1] > known[1]:
            self._version = told.version
        news = (told.rate, told.promised, told.level)
        if news != self._told and (told.rate < pace.rate or not self._empty):
            pace.learned(rate=told.rate, promised=told.promised, level=told.level)
        self._told = news
        if told.given:
            self._count(told.total)

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
        return self._link.processes  # its own bucket is for when Redis is away


async def _doze(turnstile: Turnstile, seconds: float) -> bool:
    """Sleep; False if the bell rang."""
    loop = asyncio.get_running_loop()
    bell = turnstile.bell = loop.create_future()
    alarm = loop.call_later(seconds, _wake, bell)
    try:
        await bell
    finally:
        alarm.cancel()
    return turnstile.bell is bell


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
    credentials unless ``seller`` names them.
    """

    redis: Redis = attrs.field(repr=False)
    default: Quota = attrs.field(default=MESSAGING_QUOTA, kw_only=True)
    quotas: Mapping[str, Quota] = attrs.field(factory=dict, kw_only=True)
    namespace: str = attrs.field(default="spapi-messaging", kw_only=True)
    processes: int = attrs.field(default=10, kw_only=True, validator=_positive)
    timeout: float = attrs.field(default=0.5, kw_only=True, validator=_positive)
    _link: Link = attrs.field(init=False, repr=False)
    _limiters: dict[tuple[str, str], SharedLimiter] = attrs.field(
        factory=dict, init=False, repr=False
    )

    def __attrs_post_init__(self) -> None:
        self._link = Link(timeout=self.timeout, processes=self.processes)

    def limiter(self, seller: str, operation: str) -> SharedLimiter:
        """Give the limiter of a seller's operation: always the same one."""
        limiter = self._limiters.get((seller, operation))
        if limiter is None:
            shared = SharedBucket(
                self.redis, namespace=self.namespace, seller=seller, operation=operation
            )
            plan = planned_quota(operation, default=self.default, quotas=self.quotas)
            limiter = SharedLimiter(plan, shared=shared, link=self._link)
            self._limiters[seller, operation] = limiter
        return limiter
