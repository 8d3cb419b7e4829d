"""Announced rates and 429s at the limiter, on a virtual clock."""

import asyncio

import pytest
from helpers.limiters import PLAN, SLOT, Line, drained, now
from helpers.virtual_time import virtual

from spapi_messaging.quota.limiter import EndpointLimiter
from spapi_messaging.quota.plan import Quota


@pytest.mark.parametrize(
    "header",
    [
        *(
            "",
            "x",
            "-1",
            "0",
            "0.0",
            "0.0001",
            "inf",
            "nan",
            "1e2",
            "+2",
            "2,5",
            "2 ",
            "2\n",
            "0x2",
        ),
        *("1_0", "٢", "2.", ".5", "2.0, 3.0", "12345", "0." + "5" * 400, "9" * 400),
    ],
)
@virtual
async def test_a_header_that_is_no_sensible_rate_is_ignored(header: str) -> None:
    limiter = await drained()
    bucket = limiter._bucket._limiter
    for _ in range(50):
        limiter.answered(succeeded=True, announced=header)
    assert limiter.quota == limiter.configured == PLAN
    assert limiter._bucket._limiter is bucket


@pytest.mark.parametrize("header", ["1", "1.0", "0.9991", "1.0009"])
@virtual
async def test_a_header_that_says_the_same_changes_nothing(header: str) -> None:
    limiter = await drained()
    bucket = limiter._bucket._limiter
    for _ in range(50):
        limiter.answered(succeeded=True, announced=header)
    assert limiter.quota == PLAN
    assert limiter._bucket._limiter is bucket


@virtual
async def test_an_announced_lower_rate_is_in_force_at_once_and_moves_who_waits() -> None:
    line = Line(await drained())
    tasks = [await line.join(name) for name in "ab"]
    await asyncio.sleep(0.9)
    line.limiter.answered(succeeded=True, announced="0.1")
    assert line.limiter.quota == Quota(rate=0.1, burst=5)
    await asyncio.gather(*tasks)
    assert line.granted == {
        "a": pytest.approx(0.9 + 10 * SLOT, abs=1e-3),
        "b": pytest.approx(0.9 + 20 * SLOT, abs=1e-3),
    }


@pytest.mark.parametrize("pause", [0.0, 1.5, 60.0])
@virtual
async def test_an_announced_higher_rate_is_in_force_with_the_next_send(pause: float) -> None:
    limiter = EndpointLimiter(PLAN)
    rates = []
    for _ in range(5):
        await limiter.acquire()
        await asyncio.sleep(pause)
        limiter.answered(succeeded=True, announced="20.0")
        rates.append(limiter.quota.rate)
    assert rates == [1, 20, 20, 20, 20]
    assert limiter.configured == PLAN


@virtual
async def test_an_announced_higher_rate_moves_at_once_who_waits() -> None:
    line = Line(await drained())
    tasks = [await line.join(name) for name in "abc"]
    await asyncio.sleep(0.5)
    line.limiter.answered(succeeded=True, announced="20.0")
    assert line.limiter.quota.rate == 20
    await asyncio.gather(*tasks)
    first = 0.5 + (SLOT - 0.5) / 20
    assert line.granted == {
        name: pytest.approx(first + number * SLOT / 20, abs=1e-4)
        for number, name in enumerate("abc")
    }


@virtual
async def test_a_small_raise_loses_no_time_at_a_full_bucket() -> None:
    line = Line(await drained())
    tasks = [await line.join(name) for name in "abcdefgh"]
    await asyncio.sleep(0.9)
    line.limiter.answered(succeeded=True, announced="1.9")
    await asyncio.gather(*tasks)
    assert line.granted["a"] == pytest.approx(SLOT, abs=1e-4)
    assert line.granted["h"] == pytest.approx(SLOT + 7 * SLOT / 1.9, abs=1e-4)


@virtual
async def test_a_raise_leaves_the_bucket_as_full_as_it_is() -> None:
    """Half a turn is left after half a second, and leaks on at the new rate."""
    limiter = EndpointLimiter(PLAN)
    for _ in range(4):
        await limiter.acquire()
    await asyncio.sleep(2.5)
    limiter.answered(succeeded=True, announced="2.0")
    waits = [await limiter.acquire() for _ in range(4)]
    in_between = SLOT / 2 - (2.5 - 2 * SLOT) / 2  # the third had its turn when it was raised
    assert waits == pytest.approx([0, 0, in_between, SLOT / 2], abs=1e-4)


@virtual
async def test_a_429_in_the_instant_of_a_raise_empties_the_bucket_all_the_same() -> None:
    limiter = EndpointLimiter(PLAN)
    await limiter.acquire()
    bucket = limiter._bucket
    assert bucket.raised()
    bucket.lowered()
    bucket.change()
    assert await limiter.acquire() == pytest.approx(SLOT, abs=1e-4)
    await asyncio.sleep(60)
    bucket.change()
    assert await limiter.acquire() == 0


@virtual
async def test_the_first_429_takes_an_announced_raise_back_and_successes_lead_there() -> None:
    limiter = await drained()
    limiter.answered(succeeded=True, announced="20.0")
    await limiter.acquire()
    assert limiter.quota.rate == 20
    limiter.answered(throttled=True)
    rates = []
    for _ in range(180):
        limiter.answered(succeeded=True, announced="20.0")
        await limiter.acquire()
        rates.append(limiter.quota.rate)
    assert rates[35] <= 1
    assert rates[70] < 1.2
    assert rates[-1] == 20


@virtual
async def test_a_lower_announcement_takes_a_raise_back() -> None:
    limiter = await drained()
    for _ in range(4):
        limiter.answered(succeeded=True, announced="4.0")
    limiter.answered(succeeded=True, announced="0.5")
    await limiter.acquire()
    assert limiter.quota.rate == 0.5


@virtual
async def test_a_429_empties_the_bucket_for_all_and_its_request_goes_first() -> None:
    line = Line(await drained())
    await line.limiter.acquire()
    tasks = [await line.join(name) for name in "ab"]
    await asyncio.sleep(0.9)
    line.limiter.answered(throttled=True)
    tasks += [await line.join("R", first=True)]
    await asyncio.gather(*tasks)
    assert line.order == "Rab"
    assert line.granted["R"] == pytest.approx(SLOT + 0.9 + SLOT, abs=1e-4)
    assert line.limiter.throttles == 1


@virtual
async def test_a_429_empties_a_bucket_at_which_nobody_waits() -> None:
    limiter = EndpointLimiter(PLAN)
    await limiter.acquire()
    limiter.answered(throttled=True)
    assert await limiter.acquire() == pytest.approx(SLOT, abs=1e-4)


@virtual
async def test_one_429_alone_lowers_no_rate() -> None:
    limiter = EndpointLimiter(PLAN)
    for _ in range(5):
        await limiter.acquire()
        limiter.answered(throttled=True)
        for _ in range(50):
            await limiter.acquire()
            limiter.answered(succeeded=True)
    assert limiter.quota == PLAN


@virtual
async def test_several_429s_of_one_round_are_one_step() -> None:
    limiter = EndpointLimiter(Quota(rate=10, burst=21))
    for _ in range(20):
        await limiter.acquire()
    for _ in range(20):
        limiter.answered(throttled=True)
    assert limiter.quota.rate == 10
    assert limiter.throttles == 20


@virtual
async def test_repeated_429s_lower_the_rate_and_successes_raise_it_again() -> None:
    limiter = EndpointLimiter(PLAN)
    rates = []
    for _ in range(4):
        await limiter.acquire(first=True)
        limiter.answered(throttled=True)
        rates.append(limiter.quota.rate)
    assert rates == [1, 0.5, 0.25, 0.125]
    for _ in range(20):
        await limiter.acquire()
        limiter.answered(succeeded=True)
    assert limiter.quota == PLAN


@virtual
async def test_requests_without_an_answer_raise_nothing() -> None:
    limiter = EndpointLimiter(PLAN)
    for _ in range(2):
        await limiter.acquire()
        limiter.answered(throttled=True)
    for _ in range(200):
        await limiter.acquire()
        limiter.answered()
    assert limiter.quota.rate == 0.5


@virtual
async def test_a_storm_of_429s_ends_and_is_soon_forgotten() -> None:
    """An hour of 429s lowers to a hundredth; once it is over, thirty answers are enough."""
    limiter = EndpointLimiter(PLAN)
    while now() < 3600:
        await limiter.acquire(first=True)
        limiter.answered(throttled=True)
    assert limiter.throttles < 60
    assert limiter.quota.rate == pytest.approx(0.01)
    for _ in range(30):
        await limiter.acquire()
        limiter.answered(succeeded=True)
    assert limiter.quota.rate == 1
    assert now() < 3600 + 1000


@virtual
async def test_what_is_admitted_with_pauses_measures_nothing() -> None:
    limiter = EndpointLimiter(PLAN)
    await limiter.acquire()
    limiter.answered(throttled=True)
    for _ in range(10):
        await asyncio.sleep(100)
        await limiter.acquire()
        limiter.answered(succeeded=True)
    limiter.answered(throttled=True)
    assert limiter.quota.rate == 0.5
