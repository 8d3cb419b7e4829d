"""Limiters and lines at them, on a virtual clock."""

import asyncio

import attrs
from helpers.virtual_time import VirtualLoop, turns

from spapi_messaging.quota.limiter import EndpointLimiter
from spapi_messaging.quota.plan import Quota

PLAN = Quota(rate=1, burst=5)
SLOT = 1 / 0.999
"""Seconds between two requests at 1/s."""


def now() -> float:
    return asyncio.get_running_loop().time()


async def drained(quota: Quota = PLAN) -> EndpointLimiter:
    """Return a limiter whose burst is used up and answered."""
    limiter = EndpointLimiter(quota)
    for _ in range(quota.burst - 1):
        assert await limiter.acquire() == 0
        limiter.answered(succeeded=True)
    return limiter


@attrs.define
class Line:
    """Tasks that wait for a limiter, and when each was let through."""

    limiter: EndpointLimiter
    granted: dict[str, float] = attrs.field(factory=dict)

    async def join(self, name: str, *, first: bool = False) -> asyncio.Task[None]:
        task = asyncio.create_task(self._pass(name, first=first))
        await turns(1)
        return task

    async def _pass(self, name: str, *, first: bool) -> None:
        await self.limiter.acquire(first=first)
        self.granted[name] = now()
        self.limiter.answered(succeeded=True)

    @property
    def order(self) -> str:
        return "".join(self.granted)


def live_timers() -> list[asyncio.TimerHandle]:
    loop = asyncio.get_running_loop()
    assert isinstance(loop, VirtualLoop)
    scheduled: list[asyncio.TimerHandle] = loop._scheduled
    return [timer for timer in scheduled if not timer.cancelled()]
