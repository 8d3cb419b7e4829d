"""One process at the shared bucket: the turn it was given in advance, and what it knows.

The protocol stands in `redis`; what a call does in Redis, in `redis_bucket`.
"""

import asyncio
from typing import ClassVar

import attrs

from spapi_messaging.quota.pace import Pace
from spapi_messaging.quota.plan import Quota
from spapi_messaging.quota.redis_bucket import BRIEF, BucketReply, SharedBucket, Version
from spapi_messaging.quota.redis_outage import RedisOutage, SoloBucket
from spapi_messaging.quota.redis_view import BucketView, News
from spapi_messaging.quota.wait_queue import WaitQueue

__all__ = ["RedisBucket"]

_LATE = 0.05
"""Seconds after which a turn is void that nobody was there to take."""


@attrs.frozen(kw_only=True)
class _Turn:
    """A turn that is due at a time of the loop's clock."""

    due: float
    version: Version
    brief: bool
    """Whether it is due so soon that it needs no second look."""


class RedisBucket:
    """The bucket that other processes share, and one of this process's own for while it is away."""

    is_shared: ClassVar[bool] = True

    def __init__(
        self, configured: Quota, pace: Pace, *, shared: SharedBucket, outage: RedisOutage
    ) -> None:
        self._pace = pace
        self._shared = shared
        self._outage = outage
        self._view = BucketView(capacity=max(1, configured.burst - 1), pace=pace)
        self._solo = SoloBucket(configured, pace, outage=outage)
        self._turn: _Turn | None = None
        """The one that was given in advance."""

    def take(self) -> bool:
        """Return False: each turn is asked for at Redis, in line."""
        return False

    async def wait(self, queue: WaitQueue) -> bool:
        """Wait for the turn; False if it is to be tried again."""
        clock = asyncio.get_running_loop().time
        turn = self._turn
        if turn is not None:
            late = clock() - turn.due
            if late < 0 and not await queue.sleep(-late):
                return False
            if late > _LATE:
                turn = None
            elif turn.brief and not len(queue):
                self._turn = None
                return True
        self._turn = None
        if not self._outage.may_ask(clock()):
            return await self._wait_alone(queue)
        reply = await self._ask(take=turn is None or len(queue) > 0)
        return reply is not None and await self._granted(queue, reply, turn)

    def give_back(self, taken_at: float) -> None:
        """Do nothing: what the others took in the meantime is not known, so the turn is lost."""

    def change(self) -> None:
        """Void the turn, and change the bucket of its own."""
        self._turn = None
        self._solo.change()

    def moved(self) -> None:
        """Void the turn, and forget what was known by another clock."""
        self._turn = None
        self._view.moved(asyncio.get_running_loop().time())
        self._solo.moved()

    def lowered(self) -> None:
        """Note that the shared bucket is to be emptied with the next call."""
        self._view.news |= News.EMPTIED
        self._solo.lowered()

    def raised(self) -> bool:
        """Note that the next call is to raise the rate; return whether the turn is void by that."""
        self._view.news |= News.RAISED
        return self._view.doubled or self._outage.away

    async def publish(self) -> None:
        """Tell the other processes of a 429 or a new rate, unless a waiter has done so."""
        if self._view.emptied and not self._outage.away:
            await self._ask(take=False)

    async def _wait_alone(self, queue: WaitQueue) -> bool:
        granted = await self._solo.wait(queue)
        if granted:
            self._view.news |= News.EMPTIED  # the shared bucket does not know of it
        return granted

    async def _granted(self, queue: WaitQueue, reply: BucketReply, turn: _Turn | None) -> bool:
        """Keep the turn that was given in advance; return whether there is one for now."""
        if reply.given and not self._view.emptied:
            due = asyncio.get_running_loop().time() + reply.wait
            self._turn = _Turn(due=due, version=reply.version, brief=reply.wait <= BRIEF)
        if turn is not None and turn.version == reply.version:
            return True
        if reply.given and reply.wait <= 0:
            self._turn = None
            self._pace.idled()
            return True
        if not reply.given and reply.wait > 0:
            await queue.sleep(reply.wait)
        return False

    async def _ask(self, *, take: bool) -> BucketReply | None:
        now = asyncio.get_running_loop().time()
        view = self._view
        request = view.request(now, take=take)
        news, view.news = view.news, News.NONE
        reply = None
        try:
            reply = await self._outage.ask(self._shared.ask(request, self._pace))
        finally:
            if reply is None:
                view.news |= news
        if reply is not None:
            view.learn(reply, now)
        return reply
