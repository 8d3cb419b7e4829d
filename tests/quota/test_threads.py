"""Loops of several threads at one limiter: the quota is kept, or it is said what to use."""

import asyncio
import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Self

import pytest
from helpers.bulk_runs import QUICK, job, order_id
from helpers.limiters import SLOT
from helpers.shared_limiters import excess
from redis.asyncio import Redis

from spapi_messaging import Credentials, Marketplace, MessagingSession, RateLimits
from spapi_messaging.quota.limiter import EndpointLimiter
from spapi_messaging.quota.plan import Quota
from spapi_messaging.quota.redis import RedisRateLimits
from spapi_messaging.sandbox import Sandbox

ADVICE = "another thread.* a RateLimits of its own .* or a RedisRateLimits"
FAST = Quota(rate=100, burst=5)


class Elsewhere:
    """A loop that runs in another thread."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def call(self, work: Callable[[], Awaitable[Any]]) -> Any:
        async def run() -> Any:
            return await work()

        return asyncio.run_coroutine_threadsafe(run(), self.loop).result(10)

    def __exit__(self, *_: object) -> None:
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(10)
        self.loop.close()


async def test_a_second_thread_is_told_what_to_use() -> None:
    """Whether the first is at work in that instant or not."""
    limiter = EndpointLimiter(FAST)
    with Elsewhere() as elsewhere:
        elsewhere.call(limiter.acquire)
        for _ in range(3):
            with pytest.raises(RuntimeError, match=ADVICE):
                await limiter.acquire()
        assert elsewhere.call(limiter.acquire) == 0, "who was there first is not disturbed"
    waited = await limiter.acquire()
    assert waited > 0, "now it is this loop's, and starts empty"


def test_of_threads_that_begin_at_once_one_is_served_and_the_quota_is_kept() -> None:
    """With a start at the same instant, of loops that all go on until the last is done."""
    for _ in range(5):
        limits, times = RateLimits(default=FAST), list[float]()
        barrier = threading.Barrier(4)

        async def send(limits: RateLimits, times: list[float], barrier: threading.Barrier) -> str:
            barrier.wait(10)
            limiter = limits.limiter("seller", "CreateWarranty")
            try:
                for _ in range(10):
                    await limiter.acquire()
                    times.append(asyncio.get_running_loop().time())
                    limiter.answered(succeeded=True)
            except RuntimeError as error:
                return str(error)
            finally:
                await asyncio.to_thread(barrier.wait, 10)
            return "sent"

        with ThreadPoolExecutor(4) as threads:
            ran = [threads.submit(asyncio.run, send(limits, times, barrier)) for _ in range(4)]
            said = [run.result() for run in ran]
        assert said.count("sent") == 1
        assert sum("another thread" in text for text in said) == 3
        assert len(times) == 10
        assert excess(times, FAST) <= 0


def test_all_threads_find_the_same_limiter() -> None:
    limits, barrier = RateLimits(), threading.Barrier(8)

    def find() -> set[int]:
        barrier.wait(10)
        return {id(limits.limiter("seller", f"operation {number}")) for number in range(300)}

    with ThreadPoolExecutor(8) as threads:
        found = [threads.submit(find) for _ in range(8)]
        assert len(set.union(*(one.result() for one in found))) == 300


async def test_threads_may_share_limits_for_sellers_of_their_own() -> None:
    limits = RateLimits(default=FAST)
    with Elsewhere() as elsewhere:
        assert elsewhere.call(limits.limiter("A", "CreateWarranty").acquire) == 0
        assert await limits.limiter("B", "CreateWarranty").acquire() == 0


def test_loops_that_take_turns_in_one_thread_keep_the_quota() -> None:
    """One that waits while another is served is not let through by what it waited for."""
    limiter, times = EndpointLimiter(FAST), list[float]()
    loops = [asyncio.new_event_loop() for _ in range(2)]

    async def send() -> None:
        await limiter.acquire()
        times.append(asyncio.get_running_loop().time())
        limiter.answered(succeeded=True)

    tasks = [loop.create_task(send()) for _ in range(12) for loop in loops]
    for _ in range(40):
        for loop in loops:
            loop.run_until_complete(asyncio.sleep(0.025))
    assert all(task.done() for task in tasks)
    for loop in loops:
        loop.close()
    assert excess(times, FAST) <= 0


async def test_an_answer_in_a_loop_that_is_no_longer_served_reaches_the_one_that_is() -> None:
    """A 429 empties the bucket there, in its own thread."""
    limiter = EndpointLimiter(Quota(rate=1, burst=5))
    before = asyncio.new_event_loop()
    await asyncio.to_thread(before.run_until_complete, limiter.acquire())
    with Elsewhere() as elsewhere:

        async def wait_and_tell() -> float:
            waiting.set()
            return await limiter.acquire()

        waiting = threading.Event()
        waited = asyncio.run_coroutine_threadsafe(wait_and_tell(), elsewhere.loop)
        waiting.wait(10)
        await asyncio.sleep(0.5)

        async def answer() -> None:
            limiter.answered(throttled=True)

        await asyncio.to_thread(before.run_until_complete, answer())
        assert await asyncio.wrap_future(waited) >= SLOT + 0.4
    before.close()


async def test_a_shared_redis_serves_one_loop_at_a_time(url: str, namespace: str) -> None:
    """Also for other sellers, since its connections belong to that loop."""
    async with Redis.from_url(url) as redis:
        limits = RedisRateLimits(redis, default=FAST, namespace=namespace)
        await limits.limiter("A", "CreateWarranty").acquire()
        with Elsewhere() as elsewhere:
            for seller in ("A", "B"):
                with pytest.raises(RuntimeError, match=ADVICE):
                    elsewhere.call(limits.limiter(seller, "CreateWarranty").acquire)
        await limits.limiter("A", "CreateWarranty").acquire()


async def test_a_session_in_a_second_thread_sends_nothing_and_says_why() -> None:
    """A bulk run ends with the same words, and its rows say that nothing was sent."""
    limits = RateLimits(default=QUICK)
    async with Sandbox(any_order=("unexpectedProblem",)) as sandbox:

        def session() -> MessagingSession:
            return MessagingSession(
                Credentials.from_env(sandbox.environment),
                marketplace=Marketplace.DE,
                endpoint=sandbox.url,
                token_url=sandbox.token_url,
                limits=limits,
            )

        async with session() as first:
            await first.send(order_id(1), job(1).message)

            async def send() -> None:
                async with session() as second:
                    await second.send(order_id(2), job(2).message)

            async def run() -> None:
                async with session() as second, second.bulk([job(3)]) as outcomes:
                    await outcomes.finish()

            for work in (send, run):
                with pytest.raises(RuntimeError, match=ADVICE):
                    await asyncio.to_thread(asyncio.run, work())
        assert [message.order_id for message in sandbox.messages()] == [order_id(1)]
