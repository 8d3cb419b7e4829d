"""Limiters that have nothing in common but Redis, and lines at them."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import attrs
import pytest
from helpers.virtual_time import turns
from redis.asyncio import Redis

from spapi_messaging.quota.bucket import HEADROOM
from spapi_messaging.quota.limiter import EndpointLimiter
from spapi_messaging.quota.plan import Quota
from spapi_messaging.quota.redis import RedisRateLimits

QUICK = Quota(rate=20, burst=5)
SLOT = 1 / (20 * HEADROOM)
LAG = 0.04
"""Seconds by which a busy machine may be late."""


@asynccontextmanager
async def shared(
    url: str, namespace: str, quota: Quota = QUICK, *, count: int = 2, **options: Any
) -> AsyncIterator[list[EndpointLimiter]]:
    """Return limiters that have nothing in common but Redis, as if each had its process."""
    async with AsyncExitStack() as stack:
        limiters = []
        for _ in range(count):
            redis = await stack.enter_async_context(Redis.from_url(url))
            limits = RedisRateLimits(redis, default=quota, namespace=namespace, **options)
            limiters.append(limits.limiter("seller", "CreateWarranty"))
        yield limiters


@attrs.define
class Line:
    """Tasks that wait for limiters, and when each was let through."""

    granted: dict[str, float] = attrs.field(factory=dict)
    began: float = attrs.field(factory=lambda: asyncio.get_running_loop().time())

    async def join(
        self, limiter: EndpointLimiter, name: str, *, first: bool = False
    ) -> asyncio.Task[None]:
        task = asyncio.create_task(self._pass(limiter, name, first=first))
        await turns(1)
        return task

    async def _pass(self, limiter: EndpointLimiter, name: str, *, first: bool) -> None:
        await limiter.acquire(first=first)
        self.granted[name] = asyncio.get_running_loop().time() - self.began
        limiter.answered(succeeded=True)

    @property
    def order(self) -> str:
        return "".join(self.granted)


async def drain(*limiters: EndpointLimiter) -> None:
    """Use up the burst, in rotation, and let each know of the bucket."""
    for number in range(limiters[0].configured.burst - 1):
        limiter = limiters[number % len(limiters)]
        assert await limiter.acquire() < SLOT
        limiter.answered(succeeded=True)


def excess(times: list[float], quota: Quota) -> float:
    """Return by how many requests the fullest window had more than the burst and the rate allow."""
    times = sorted(times)
    lowest, worst = float("inf"), float("-inf")
    for number, at in enumerate(times):
        lowest = min(lowest, number - quota.rate * at)
        worst = max(worst, number - quota.rate * at - lowest + 1 - quota.burst)
    return worst


def warnings(log: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in log.records if record.levelno >= logging.WARNING]


async def keys(redis: Redis, namespace: str) -> list[bytes]:
    return [key async for key in redis.scan_iter(f"{namespace}*")]
