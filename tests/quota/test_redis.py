"""Limiters of one process that share a quota through a real Redis, each as if of a process."""

import asyncio
import random
from contextlib import suppress
from typing import Any

import pytest
from helpers.shared_limiters import LAG, QUICK, SLOT, Line, drain, excess, shared
from helpers.virtual_time import gather_cancelled, turns
from redis.asyncio import Redis

from spapi_messaging.quota.limiter import EndpointLimiter
from spapi_messaging.quota.plan import Quota


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
        clock = asyncio.get_running_loop().time
        began = clock()
        await drain(limiter)
        await limiter.acquire()
        # From the first of them on: a machine at work takes its time to take the burst.
        assert SLOT / 2 < clock() - began < 2 * SLOT + LAG


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


async def test_a_higher_announced_rate_is_in_force_for_all_with_the_next_send(
    url: str, namespace: str
) -> None:
    async with shared(url, namespace, Quota(rate=5, burst=5)) as (a, b):
        rates = []
        for _ in range(20):
            await a.acquire()
            a.answered(succeeded=True, announced="40.0")
            rates.append(a.quota.rate)
        assert rates == [5] + [40] * 19
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
        assert b.quota.rate == 20 / 2 / 2
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

        tasks, until = [], clock() + 1.2
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


@pytest.mark.parametrize("quota", [QUICK, Quota(rate=20, burst=1)])
async def test_what_was_held_up_together_does_not_go_out_together(
    url: str, namespace: str, quota: Quota
) -> None:
    """A turn that has grown too old is exchanged; the other processes' turns count as well."""
    clock, held, times = asyncio.get_running_loop().time, asyncio.Event(), list[float]()
    async with shared(url, namespace, quota) as limiters:

        async def send(limiter: EndpointLimiter) -> None:
            await limiter.acquire()
            taken_at = clock()
            await held.wait()
            while await limiter.renew(taken_at):
                taken_at = clock()
            times.append(clock())
            limiter.answered(succeeded=True)
            await limiter.publish()

        tasks = [asyncio.create_task(send(limiter)) for limiter in limiters * 8]
        await asyncio.sleep(0.7)
        held.set()
        await asyncio.gather(*tasks)
        assert len(times) == 16
        # With a burst of 1 another process may have its turn before this one's answer.
        assert excess(times, quota) <= (0.1 if quota.burst > 1 else 1.1)


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
