"""The bucket in a real Redis: turns in advance, versions, and what its keys hold."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import attrs
import pytest
from helpers.shared_limiters import LAG, keys
from redis.asyncio import Redis

from spapi_messaging.quota.pace import Pace
from spapi_messaging.quota.plan import Quota
from spapi_messaging.quota.redis import RedisRateLimits
from spapi_messaging.quota.redis_bucket import BucketRequest, SharedBucket, Version


@attrs.define
class Taker:
    """Asks a bucket as one process does, without waiting."""

    bucket: SharedBucket
    pace: Pace
    capacity: int
    version: Version | None = None
    rate: float | None = None
    """The rate that was last told."""

    async def take(self, *, empty: bool = False, changed: bool = False) -> float:
        told = await self.bucket.ask(
            BucketRequest(
                capacity=self.capacity,
                headroom=1.0,
                take=True,
                empty=empty,
                changed=changed,
                version=self.version,
                rate=self.rate,
            ),
            self.pace,
        )
        assert told.given
        self.version, self.rate = told.version, told.rate
        return told.wait


@asynccontextmanager
async def takers(
    url: str, namespace: str, rate: float, *, capacity: int = 3, decode: bool = False
) -> AsyncIterator[tuple[Taker, Taker]]:
    async with Redis.from_url(url, decode_responses=decode) as redis:
        bucket = SharedBucket(redis, namespace=namespace, account="seller", operation="op")
        yield Taker(bucket, Pace(rate), capacity), Taker(bucket, Pace(rate), capacity)


@pytest.mark.parametrize("decode", [False, True])
@pytest.mark.parametrize("rate", [0.01, 0.2, 0.3, 0.5, 1, 7, 19.98])
async def test_turns_are_given_one_after_the_other_at_any_rate(
    url: str, namespace: str, rate: float, *, decode: bool
) -> None:
    async with takers(url, namespace, rate, decode=decode) as (ours, theirs):
        waits = [await taker.take() for taker in (ours, theirs) * 5]
        assert max(waits[:3]) <= 0
        for number, wait in enumerate(waits[3:], 1):
            assert wait == pytest.approx(number / rate, abs=LAG)


async def test_an_emptied_bucket_counts_the_turns_that_may_be_taken_unseen(
    url: str, namespace: str
) -> None:
    """Of ten turns in advance, those given a quarter of a second before are not given again."""
    async with takers(url, namespace, 20) as (ours, theirs):
        for _ in range(13):
            await ours.take()
        assert await theirs.take(empty=True) == pytest.approx((5 + 1) / 20, abs=LAG)
        before = ours.version
        await ours.take()
        assert ours.version == theirs.version != before


async def test_a_raise_that_rests_on_old_news_does_not_undo_a_lower_rate(
    url: str, namespace: str
) -> None:
    async with takers(url, namespace, 1, capacity=1) as (ours, theirs):
        await ours.take()
        ours.pace.rate = 0.1
        assert await ours.take(empty=True, changed=True) == pytest.approx(10, abs=LAG)
        theirs.pace.rate = 2
        assert await theirs.take(changed=True) == pytest.approx(20, abs=LAG)
        assert theirs.rate == 0.1
        await theirs.take(changed=True)
        assert theirs.rate == 2


async def test_after_a_doubled_rate_what_was_taken_leaks_on_at_the_new_one(
    url: str, namespace: str
) -> None:
    """Turns in advance are void, but for the one that may be taken without another look."""
    async with takers(url, namespace, 5) as (ours, theirs):
        for _ in range(4):
            await ours.take()
        await theirs.take()
        before = ours.version
        ours.pace.rate = 40
        assert await ours.take(changed=True) == pytest.approx((1 + 1) / 40, abs=LAG)
        assert await theirs.take() == pytest.approx((1 + 2) / 40, abs=LAG)
        assert theirs.rate == 40
        assert theirs.version == ours.version != before


async def test_a_smaller_raise_voids_no_turn_and_gives_none_twice(url: str, namespace: str) -> None:
    async with takers(url, namespace, 5) as (ours, theirs):
        for _ in range(4):
            await ours.take()
        before = ours.version
        ours.pace.rate = 7
        assert await ours.take(changed=True) >= 4 / 5 - 3 / 7 - LAG
        assert ours.version == before
        assert await theirs.take() >= 5 / 7 - 3 / 7 - LAG
        assert theirs.rate == 7


async def test_a_bucket_that_redis_lost_is_empty_for_who_remembers_it(
    url: str, namespace: str
) -> None:
    async with takers(url, namespace, 1) as (ours, newcomer):
        await ours.take()
        await forget(url, namespace)
        assert await ours.take() == pytest.approx(1, abs=LAG)
        await forget(url, namespace)
        assert await newcomer.take() <= 0
        assert await ours.take() == pytest.approx(1, abs=LAG)
        assert await ours.take() == pytest.approx(2, abs=LAG)


async def forget(url: str, namespace: str) -> None:
    async with Redis.from_url(url) as redis:
        await redis.delete(*await keys(redis, namespace))


async def test_keys_expire_and_name_nobody(url: str, namespace: str) -> None:
    async with Redis.from_url(url) as redis:
        limits = RedisRateLimits(redis, default=Quota(rate=0.01, burst=5), namespace=namespace)
        limiter = limits.limiter("amzn1.oa2-secret", "sendInvoice")
        await limiter.acquire()
        limiter.answered(throttled=True, announced="0.02")
        await limiter.publish()
        found = await keys(redis, namespace)
        assert len(found) == 2
        for key in found:
            assert 0 < await redis.ttl(key) <= 2 * 3600
            assert b"secret" not in await redis.dump(key) + key
            assert b"sendInvoice" not in key
        assert "secret" not in repr(limits)
        assert "127.0.0.1" not in repr(limits)
