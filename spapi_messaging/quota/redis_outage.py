"""Whether Redis answers: warned of once, tried again once a second, never an error to a caller."""

import asyncio
import logging
from collections.abc import Awaitable
from random import SystemRandom

import attrs
from redis.exceptions import RedisError

from spapi_messaging.quota.bucket import HEADROOM, OwnBucket
from spapi_messaging.quota.pace import Pace
from spapi_messaging.quota.plan import Quota
from spapi_messaging.quota.redis_bucket import BucketReply
from spapi_messaging.quota.wait_queue import WaitQueue

__all__ = ["RedisOutage", "SoloBucket"]

logger = logging.getLogger("spapi_messaging")

_PROBE = 1.0
"""Seconds between two looks whether Redis is back."""
_jitter = SystemRandom().random


@attrs.define(kw_only=True)
class RedisOutage:
    """Whether Redis answers, for all limiters of a process."""

    timeout: float
    processes: int
    outages: int = 0
    """How many began."""
    _away_since: float | None = None
    _probe_at: float = 0.0

    @property
    def away(self) -> bool:
        """Whether the last call failed."""
        return self._away_since is not None

    def may_ask(self, now: float) -> bool:
        """Whether to call Redis now; while it is away, one may each second."""
        if not self.away:
            return True
        if self.until_probe(now):
            return False
        self._probe_at = now + _PROBE
        return True

    def until_probe(self, now: float) -> float:
        """Return the seconds until Redis is to be tried again."""
        return min(max(0.0, self._probe_at - now), _PROBE)  # the clock of another loop may be ahead

    async def ask(self, call: Awaitable[BucketReply]) -> BucketReply | None:
        """Await a call to Redis, at most ``timeout`` seconds; None if it failed."""
        clock = asyncio.get_running_loop().time
        try:
            async with asyncio.timeout(self.timeout):
                reply = await call
        except (RedisError, OSError, RuntimeError, ValueError) as error:  # a TimeoutError, too
            self._failed(error, clock())
            return None
        self._worked(clock())
        return reply

    def _failed(self, error: Exception, now: float) -> None:
        self._probe_at = now + _PROBE
        if not self.away:
            self._away_since = now
            self.outages += 1
            # Not the error itself: it may have the address, and the address a password.
            logger.warning(
                "Redis does not answer (%s): until it does, this process sends at 1/%d of each "
                "quota",
                *(type(error).__name__, self.processes),
            )

    def _worked(self, now: float) -> None:
        since, self._away_since = self._away_since, None
        if since is not None:
            logger.warning("Redis answers again after %.0f s: quotas are shared", now - since)


class SoloBucket:
    """A process's own bucket for while Redis is away: an equal part of the quota."""

    def __init__(self, configured: Quota, pace: Pace, *, outage: RedisOutage) -> None:
        self._outage = outage
        self._pace = pace
        self._bucket = OwnBucket(configured, pace, parts=outage.processes)
        self._known_outages = 0
        self._quiet_until: float | None = None
        """Until when nothing is sent, where an outage has just begun."""

    async def wait(self, queue: WaitQueue) -> bool:
        """Wait for a turn, until it is worth trying Redis again; False if there is none yet."""
        loop = asyncio.get_running_loop()
        now = loop.time()
        if self._known_outages != self._outage.outages:
            self._known_outages = self._outage.outages
            # All processes find out in the same instant, and shall not send in the same.
            interval = self._outage.processes / (self._pace.rate * HEADROOM)
            self._quiet_until = now + _jitter() * interval
        probe = self._outage.until_probe(now)
        if self._quiet_until is not None:
            if self._quiet_until > now:
                await queue.sleep(min(self._quiet_until - now, probe))
                return False
            self._quiet_until = None
            self._bucket.moved()
        alarm = loop.call_later(probe, queue.wake)
        try:
            return await self._bucket.wait(queue)
        finally:
            alarm.cancel()

    def change(self) -> None:
        """Go on at the rate in force: empty if it was lowered, else as full as it is."""
        self._bucket.change()

    def lowered(self) -> None:
        """Note that it is to be emptied."""
        self._bucket.lowered()

    def moved(self) -> None:
        """Start empty in the loop that runs now: the silence was by the clock of another."""
        self._quiet_until = None
        self._bucket.moved()
