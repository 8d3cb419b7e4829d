"""A limiter in one loop after another, and the registry of limiters."""

import asyncio

import pytest
from helpers.limiters import PLAN, SLOT
from helpers.virtual_time import VirtualLoop, run

from spapi_messaging.api.operations import UPLOAD_DESTINATION
from spapi_messaging.quota.limiter import EndpointLimiter, RateLimits
from spapi_messaging.quota.plan import MESSAGING_QUOTA, UPLOADS_QUOTA, Quota


def test_a_limiter_outlives_its_loop_and_starts_empty_in_the_next() -> None:
    limits = RateLimits()
    limiter = limits.limiter("seller", "CreateWarranty")

    async def send() -> float:
        waited = await limiter.acquire()
        limiter.answered(succeeded=True)
        return waited

    assert run(send) == 0
    assert [run(send, start=start) for start in (0.0, 50.0, 1e6)] == [
        pytest.approx(SLOT, abs=1e-5)
    ] * 3


def test_waiters_of_a_loop_that_ended_stand_in_nobodys_way() -> None:
    limiter = EndpointLimiter(PLAN)

    async def abandon() -> None:
        abandoned = [asyncio.create_task(limiter.acquire()) for _ in range(20)]
        await asyncio.sleep(0.5)
        assert limiter.waiting == len(abandoned) - 4

    async def send() -> float:
        waited = await limiter.acquire()
        assert limiter.waiting == 0
        return waited

    run(abandon)
    assert run(send) == pytest.approx(SLOT, abs=1e-5)


def test_a_waiter_of_a_loop_that_was_closed_under_it_stands_in_nobodys_way() -> None:
    limiter = EndpointLimiter(PLAN)
    loop = VirtualLoop()
    loop.set_exception_handler(lambda *_: None)  # a pending task is destroyed
    abandoned = [loop.create_task(limiter.acquire()) for _ in range(5)]
    loop.run_until_complete(asyncio.sleep(0.5))
    assert not abandoned[-1].done()
    loop.close()
    assert run(limiter.acquire) == pytest.approx(SLOT, abs=1e-5)


def test_a_measurement_does_not_reach_from_one_loop_to_the_next() -> None:
    limiter = EndpointLimiter(PLAN)

    async def throttle() -> None:
        await limiter.acquire()
        limiter.answered(throttled=True)

    async def send() -> None:
        for _ in range(10):
            await limiter.acquire()
            limiter.answered(succeeded=True)
        limiter.answered(throttled=True)

    run(throttle, start=1000.0)
    run(send)
    assert limiter.quota.rate == 0.5


@pytest.mark.parametrize("burst", [1, 5])
def test_an_answer_may_come_after_the_loop_ended(burst: int) -> None:
    limiter = EndpointLimiter(Quota(rate=1, burst=burst))
    limiter.answered(throttled=True)
    run(limiter.acquire)
    limiter.answered(throttled=True, announced="0.5")
    assert run(limiter.acquire) == pytest.approx(2 * SLOT, abs=1e-5)


def test_one_limiter_per_seller_and_operation() -> None:
    quota = Quota(rate=2, burst=10)
    limits = RateLimits(default=Quota(rate=3, burst=4), quotas={"CreateWarranty": quota})
    limiter = limits.limiter("A", "CreateWarranty")
    assert limits.limiter("A", "CreateWarranty") is limiter
    assert limits.limiter("B", "CreateWarranty") is not limiter
    assert limiter.configured == limiter.quota == quota
    assert limits.limiter("A", "sendInvoice").configured == Quota(rate=3, burst=4)
    assert limits.limiter("A", UPLOAD_DESTINATION).configured == UPLOADS_QUOTA
    assert "A" not in repr(limits)


def test_the_plans_of_the_models_are_the_defaults() -> None:
    assert RateLimits().limiter("A", "sendInvoice").configured == MESSAGING_QUOTA
    own = {UPLOAD_DESTINATION: PLAN}
    assert RateLimits(quotas=own).limiter("A", UPLOAD_DESTINATION).configured == PLAN
