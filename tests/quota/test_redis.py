"""Quotas shared through a real Redis: by limiters of one process here, by processes at the end."""

import asyncio
import logging
import random
import socket
import time
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import attrs
import pytest
from helpers.bulk_runs import jobs, named, no_task_left, opened, outcomes_of
from helpers.redis_server import RedisServer, served_url
from helpers.shared_crowd import Crowd, crowd
from helpers.virtual_time import gather_cancelled, turns, virtual
from redis.asyncio import Redis

from spapi_messaging import Quota
from spapi_messaging.quota.bucket import HEADROOM
from spapi_messaging.quota.limiter import EndpointLimiter
from spapi_messaging.quota.pace import Pace
from spapi_messaging.quota.redis import RedisRateLimits
from spapi_messaging.quota.redis_bucket import BucketRequest, SharedBucket, Version

QUICK = Quota(rate=20, burst=5)
SLOT = 1 / (20 * HEADROOM)
LAG = 0.04
"""Seconds by which a busy machine may be late."""


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with served_url(tmp_path_factory.mktemp("redis")) as url:
        yield url


@pytest.fixture
def namespace() -> str:
    return f"test-{uuid.uuid4()}"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RedisServer]:
    """One that the test may kill."""
    with RedisServer(tmp_path) as server:
        yield server


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


# --- The bucket


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


async def keys(redis: Redis, namespace: str) -> list[bytes]:
    return [key async for key in redis.scan_iter(f"{namespace}*")]


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


# --- The limiter


async def test_all_but_one_of_the_burst_at_once_then_evenly_for_all_together(
    url: str, namespace: str
) -> None:
    async with shared(url, namespace) as limiters:
        await drain(*limiters)
        for limiter in limiters * 4:
            assert await limiter.acquire() == pytest.approx(SLOT, abs=LAG)
            limiter.answered(succeeded=True)


async def test_first_come_first_served_in_each_and_rotation_among_them(
    url: str, namespace: str
) -> None:
    async with shared(url, namespace) as (a, b):
        await drain(a, b)
        line = Line()
        names = [(a, "A"), (a, "B"), (a, "C"), (b, "x"), (b, "y"), (b, "z")]
        await asyncio.gather(*[await line.join(limiter, name) for limiter, name in names])
        assert [name for name in line.order if name.isupper()] == list("ABC")
        assert [name for name in line.order if name.islower()] == list("xyz")
        assert line.order.swapcase() not in {"ABCxyz", "xyzABC"}
        assert {name.isupper() for name in line.order[:2]} == {True, False}
        assert line.granted[line.order[-1]] == pytest.approx(6 * SLOT, abs=LAG)
        assert (a.waiting, b.waiting) == (0, 0)


async def test_a_request_that_came_back_goes_before_the_line(url: str, namespace: str) -> None:
    async with shared(url, namespace, count=1) as (limiter,):
        await drain(limiter)
        line = Line()
        tasks = [await line.join(limiter, name) for name in "abc"]
        await asyncio.sleep(SLOT / 2)
        limiter.answered(throttled=True)
        tasks.append(await line.join(limiter, "R", first=True))
        await asyncio.gather(*tasks)
        assert line.order == "Rabc"
        assert line.granted["R"] >= 1.4 * SLOT


@pytest.mark.parametrize("gone", ["a", "b", "ab", "abcd"])
async def test_a_cancelled_waiter_loses_nothing_for_the_others(
    url: str, namespace: str, gone: str
) -> None:
    async with shared(url, namespace, count=1) as (limiter,):
        await drain(limiter)
        line = Line()
        tasks = {name: await line.join(limiter, name) for name in "abcd"}
        await asyncio.sleep(SLOT / 2)
        await gather_cancelled([tasks.pop(name) for name in gone])
        await asyncio.gather(*tasks.values())
        assert line.order == "abcd".translate({ord(name): None for name in gone})
        for number, at in enumerate(line.granted.values(), 1):
            assert at == pytest.approx(number * SLOT, abs=LAG)
        assert limiter.waiting == 0
        assert await limiter.acquire() < 2 * SLOT + LAG


async def test_a_turn_that_nobody_took_is_no_more_than_the_burst(url: str, namespace: str) -> None:
    async with shared(url, namespace, count=1) as (limiter,):
        await drain(limiter)
        await gather_cancelled([await Line().join(limiter, "a")])
        await asyncio.sleep(SLOT / 2)
        waiting = await Line().join(limiter, "b")
        await asyncio.sleep(SLOT / 2)
        await gather_cancelled([waiting])
        await asyncio.sleep(10 * SLOT)
        await drain(limiter)
        assert await limiter.acquire() == pytest.approx(SLOT, abs=SLOT / 2)


@pytest.mark.parametrize("ticks", [*range(0, 40, 3), 300])
async def test_cancelled_in_a_call_to_redis(url: str, namespace: str, ticks: int) -> None:
    """The connection is fit for use, what was to be told is told, and the next one is served."""
    async with shared(url, namespace) as (limiter, other):
        await limiter.acquire()
        limiter.answered(throttled=True)
        task = asyncio.create_task(limiter.acquire())
        await turns(ticks)
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        assert limiter.waiting == 0
        await limiter.publish()
        waited = await other.acquire()
        assert 0.7 * SLOT < waited < 2 * SLOT + LAG
        # If the answer came before the cancellation, the turn it gave is kept and due by now.
        both = waited + await limiter.acquire()
        assert 1.7 * SLOT < both < 3 * SLOT + 2 * LAG


async def test_a_429_in_one_empties_the_bucket_of_all(url: str, namespace: str) -> None:
    async with shared(url, namespace) as (a, b):
        await a.acquire()
        a.answered(throttled=True)
        await a.publish()
        assert await b.acquire() == pytest.approx(SLOT, abs=LAG)


async def test_a_429_voids_the_turn_that_another_waits_for(url: str, namespace: str) -> None:
    quota = Quota(rate=2, burst=2)
    async with shared(url, namespace, quota) as (a, b):
        await a.acquire()
        line = Line()
        waiting = await line.join(b, "b")
        await asyncio.sleep(0.4)
        a.answered(throttled=True)
        await a.publish()
        await waiting
        assert line.granted["b"] == pytest.approx(0.9, abs=LAG)


async def test_a_lower_announced_rate_moves_who_waits_in_another(url: str, namespace: str) -> None:
    async with shared(url, namespace, Quota(rate=2, burst=2)) as (a, b):
        await a.acquire()
        line = Line()
        waiting = await line.join(b, "b")
        await asyncio.sleep(0.2)
        a.answered(succeeded=True, announced="1.0")
        await a.publish()
        await waiting
        assert line.granted["b"] == pytest.approx(1.2, abs=LAG)
        assert b.quota.rate == 1


async def test_a_higher_announced_rate_reaches_all_by_steps(url: str, namespace: str) -> None:
    async with shared(url, namespace, Quota(rate=5, burst=5)) as (a, b):
        rates = []
        for _ in range(20):
            await a.acquire()
            a.answered(succeeded=True, announced="40.0")
            rates.append(a.quota.rate)
        assert sorted(set(rates)) == [5, 10, 20, 40]
        await b.acquire()
        assert b.quota == Quota(rate=40, burst=5)


async def test_what_repeated_429s_lowered_is_lower_for_all_and_comes_back(
    url: str, namespace: str
) -> None:
    async with shared(url, namespace) as (a, b):
        for _ in range(3):
            await a.acquire(first=True)
            a.answered(throttled=True)
            await a.publish()
        await b.acquire()
        assert b.quota.rate == pytest.approx(20 * 0.7 * 0.7)
        for _ in range(30):
            await b.acquire()
            b.answered(succeeded=True)
        await a.acquire()
        assert a.quota == b.quota == QUICK


async def test_the_part_of_each_is_known_so_that_a_measurement_is_one_of_all(
    url: str, namespace: str
) -> None:
    async with shared(url, namespace, Quota(rate=1000, burst=1000), count=4) as limiters:
        for _ in range(100):
            for limiter in limiters:
                await limiter.acquire()
        for limiter in limiters:
            assert limiter._pace.share == pytest.approx(0.25, abs=0.02)


async def test_with_a_burst_of_one_the_next_turn_comes_after_the_answer(
    url: str, namespace: str
) -> None:
    async with shared(url, namespace, Quota(rate=5, burst=1)) as (a, b):
        assert await a.acquire() < LAG
        line = Line()
        waiting = await line.join(a, "a")
        await asyncio.sleep(0.3)
        assert line.order == ""
        a.answered(succeeded=True)
        await waiting
        assert line.granted["a"] == pytest.approx(0.5, abs=LAG)
        assert await b.acquire() == pytest.approx(0.2, abs=LAG)


@pytest.mark.parametrize("seed", range(3))
async def test_never_more_than_the_burst_and_the_rate_in_any_window(
    url: str, namespace: str, seed: int
) -> None:
    """With cancellations, 429s and pauses at random, over three limiters."""
    chance = random.Random(seed)
    quota = Quota(rate=60, burst=6)
    times: list[float] = []
    clock = asyncio.get_running_loop().time
    async with shared(url, namespace, quota, count=3) as limiters:

        async def send(limiter: EndpointLimiter, *, first: bool) -> None:
            await limiter.acquire(first=first)
            times.append(clock())
            await asyncio.sleep(0.02)
            limiter.answered(succeeded=not first, throttled=first)
            await limiter.publish()

        tasks, until = [], clock() + 2
        while clock() < until:
            limiter, first = chance.choice(limiters), chance.random() < 0.02
            tasks.append(asyncio.create_task(send(limiter, first=first)))
            if chance.random() < 0.2:
                chance.choice(tasks).cancel()
            await asyncio.sleep(chance.expovariate(100) if chance.random() < 0.99 else 0.3)
        await asyncio.gather(*tasks, return_exceptions=True)
        assert [limiter.waiting for limiter in limiters] == [0, 0, 0]
    assert len(times) > 60
    assert excess(times, quota) <= 0.1


async def test_one_call_per_request_in_a_queue(url: str, namespace: str) -> None:
    async with shared(url, namespace, count=4) as limiters:
        tasks = [asyncio.create_task(limiter.acquire()) for limiter in limiters * 6]
        async with Redis.from_url(url) as redis:
            before = await calls(redis)
            await asyncio.gather(*tasks)
            assert await calls(redis) - before <= 1.2 * len(tasks)


async def calls(redis: Redis) -> int:
    stats: Any = await redis.info("commandstats")
    return int(stats.get("cmdstat_evalsha", {}).get("calls", 0))


# --- Redis away


def nowhere() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"redis://:hush@127.0.0.1:{probe.getsockname()[1]}/0"


def warnings(log: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in log.records if record.levelno >= logging.WARNING]


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


# --- Sessions and processes


async def test_a_session_sends_by_a_shared_quota_and_leaves_no_task(
    url: str, namespace: str
) -> None:
    async with Redis.from_url(url) as redis:
        limits: Any = RedisRateLimits(redis, default=QUICK, namespace=namespace)
        async with opened(limits=limits, plan={"rate": 20, "burst": 5}) as (sandbox, session):
            sandbox.fail_next(429, times=1)
            with no_task_left():
                outcomes = await outcomes_of(session.bulk(jobs(20), discover=False))
            assert named(outcomes) == dict.fromkeys(range(20), "Sent")
            assert len(sandbox.messages()) == 20
            assert await redis.ping()


@pytest.mark.parametrize("option", ["processes", "timeout"])
def test_what_makes_no_sense_is_refused(option: str) -> None:
    with pytest.raises(ValueError, match=option):
        RedisRateLimits(Redis(), **{option: 0})


def complete(done: Crowd) -> bool:
    """Say if each job was sent, and sent once."""
    sent = {"Sent": len(done.arrivals)}
    return done.outcomes == sent and not done.doubled and not done.tasks_left


def test_four_processes_use_one_quota_up_in_fair_parts(url: str, namespace: str) -> None:
    """The benchmark ``shared_quota`` does the same for a minute."""
    done = crowd(url, namespace=namespace, rate=20, burst=10, seconds=8)
    assert complete(done)
    assert done.throttled <= 0.001 * done.requests
    assert done.allowance >= 0.98
    assert done.unfairness <= 0.2
    assert done.calls <= 1.5 * len(done.arrivals)


def test_redis_killed_and_restarted_loses_and_doubles_no_message(server: RedisServer) -> None:
    def kill_and_restart() -> None:
        time.sleep(2)
        server.kill()
        time.sleep(2)
        server.start()

    done = crowd(
        server.url,
        namespace="test",
        rate=20,
        burst=10,
        seconds=8,
        meanwhile=kill_and_restart,
    )
    assert complete(done)
    assert done.throttled <= 0.01 * done.requests
    assert done.allowance >= 0.85
