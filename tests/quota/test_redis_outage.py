"""Limiters whose Redis is away, hangs, refuses to write or forgets: each goes on at its part."""

import asyncio
import socket
import time

import pytest
from helpers.bulk_runs import no_task_left
from helpers.redis_server import RedisServer
from helpers.shared_limiters import LAG, SLOT, excess, shared, warnings
from helpers.virtual_time import gather_cancelled, virtual
from redis.asyncio import Redis

from spapi_messaging.quota.limiter import EndpointLimiter
from spapi_messaging.quota.plan import Quota


def nowhere() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"redis://:hush@127.0.0.1:{probe.getsockname()[1]}/0"


@pytest.mark.parametrize(
    ("quota", "processes"),
    [(Quota(rate=1, burst=5), 4), (Quota(rate=20, burst=10), 4), (Quota(rate=2, burst=1), 3)],
)
@virtual
async def test_without_redis_all_together_keep_below_the_quota(
    log: pytest.LogCaptureFixture, quota: Quota, processes: int
) -> None:
    times: list[float] = []
    clock = asyncio.get_running_loop().time
    async with shared(nowhere(), "test", quota, count=processes, processes=processes) as limiters:

        async def send(limiter: EndpointLimiter) -> None:
            while clock() < 200:
                await limiter.acquire()
                times.append(clock())
                limiter.answered(succeeded=True)

        await asyncio.gather(*map(send, limiters))
    assert excess([0.0] * quota.burst + times, quota) <= processes - 1
    assert 0.85 < sum(at < 200 for at in times) / (quota.rate * 200) <= 1
    assert len(set(times)) > len(times) / 2, "not all in the same instant"
    assert len(warnings(log)) == processes
    assert "1/" in warnings(log)[0]
    assert "hush" not in log.text


@virtual
async def test_a_cancelled_waiter_without_redis_leaves_nothing_behind() -> None:
    async with shared(nowhere(), "test", count=1) as (limiter,):
        with no_task_left():
            tasks = [asyncio.create_task(limiter.acquire()) for _ in range(10)]
            await asyncio.sleep(0.1)
            await gather_cancelled(tasks)
            assert limiter.waiting == 0
        assert await limiter.acquire() < 3


async def until_back(limiter: EndpointLimiter, log: pytest.LogCaptureFixture) -> None:
    deadline = time.monotonic() + 20
    while not any("answers again" in warning for warning in warnings(log)):
        assert time.monotonic() < deadline
        await limiter.acquire()
        limiter.answered(succeeded=True)


async def test_a_redis_that_hangs_holds_up_nobody_for_long(
    server: RedisServer, log: pytest.LogCaptureFixture
) -> None:
    quota = Quota(rate=100, burst=5)
    async with shared(server.url, "test", quota, count=1, timeout=0.2, processes=2) as (limiter,):
        await limiter.acquire()
        server.pause(on=True)
        try:
            for _ in range(10):
                assert await limiter.acquire() < 0.2 + 2 * LAG
        finally:
            server.pause(on=False)
        await until_back(limiter, log)
        first, again = warnings(log)
    assert first == (
        "Redis does not answer (TimeoutError): until it does, this process sends at 1/2 of each "
        "quota"
    )
    assert "shared" in again


async def test_who_was_alone_empties_the_bucket_that_knows_nothing_of_it(
    server: RedisServer, log: pytest.LogCaptureFixture
) -> None:
    async with shared(server.url, "test", timeout=0.1, processes=1) as (limiter, other):
        await other.acquire()
        server.pause(on=True)
        await limiter.acquire()
        server.pause(on=False)
        await asyncio.sleep(1.1)  # until Redis is tried again, and the bucket is full
        assert await limiter.acquire() == pytest.approx(SLOT, abs=LAG)
        assert "answers again" in warnings(log)[-1]


async def test_a_redis_that_refuses_to_write_is_away_until_it_does_again(
    server: RedisServer, log: pytest.LogCaptureFixture
) -> None:
    async with shared(server.url, "test", count=1, processes=2) as (limiter,):
        async with Redis.from_url(server.url) as redis:
            await redis.replicaof("127.0.0.1", "1")
            assert await limiter.acquire() < 5 * SLOT + LAG
            assert "ReadOnlyError" in warnings(log)[0]
            await redis.replicaof("NO", "ONE")
        await until_back(limiter, log)


async def test_what_could_not_be_told_is_told_later(
    server: RedisServer, log: pytest.LogCaptureFixture
) -> None:
    async with shared(server.url, "test") as (limiter, other), Redis.from_url(server.url) as redis:
        await limiter.acquire()
        await redis.replicaof("127.0.0.1", "1")
        limiter.answered(throttled=True)
        await limiter.publish()
        assert "ReadOnlyError" in warnings(log)[-1]
        await redis.replicaof("NO", "ONE")
        await asyncio.sleep(1.1)  # until Redis is tried again, and the bucket is full
        assert await limiter.acquire() == pytest.approx(SLOT, abs=LAG)
        assert await other.acquire() == pytest.approx(SLOT, abs=LAG)


@pytest.mark.slow
async def test_over_a_restart_all_together_keep_below_the_quota(
    server: RedisServer, log: pytest.LogCaptureFixture
) -> None:
    """Redis has forgotten everything; before, meanwhile and after count as one."""
    times: list[float] = []
    quota = Quota(rate=20, burst=10)
    clock = asyncio.get_running_loop().time
    async with shared(server.url, "test", quota, count=3, processes=3) as limiters:
        until = clock() + 5

        async def send(limiter: EndpointLimiter) -> None:
            while clock() < until:
                await limiter.acquire()
                times.append(clock())
                limiter.answered(succeeded=True)

        tasks = [asyncio.create_task(send(limiter)) for limiter in limiters * 3]
        await asyncio.sleep(1)
        server.kill()
        await asyncio.sleep(1)
        await asyncio.to_thread(server.start)
        await asyncio.gather(*tasks)
    assert excess(times, quota) <= 0.1
    assert len(times) > 0.85 * (quota.burst + quota.rate * 5)
    assert len([text for text in warnings(log) if "does not answer" in text]) == 3
    assert len([text for text in warnings(log) if "answers again" in text]) == 3


async def test_scripts_that_redis_forgot_are_loaded_again(
    url: str, namespace: str, log: pytest.LogCaptureFixture
) -> None:
    async with shared(url, namespace, count=1) as (limiter,), Redis.from_url(url) as redis:
        await limiter.acquire()
        await redis.script_flush()
        assert await limiter.acquire() < LAG
        assert warnings(log) == []
