"""The limiter on a virtual clock: pace, order, cancellation, rate changes and 429s."""

import asyncio
import random
from collections.abc import Awaitable, Callable

import attrs
import pytest
from helpers.virtual_time import VirtualLoop, gather_cancelled, run, turns, virtual

from spapi_messaging.api.operations import UPLOAD_DESTINATION
from spapi_messaging.quota.limiter import EndpointLimiter, RateLimits
from spapi_messaging.quota.pace import Pace
from spapi_messaging.quota.plan import MESSAGING_QUOTA, UPLOADS_QUOTA, Quota

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


# --- Pace


@pytest.mark.parametrize("rate", [0.1, 0.5, 1, 5, 7, 20])
@pytest.mark.parametrize("burst", [2, 5, 10])
@virtual
async def test_all_but_one_of_the_burst_at_once_then_evenly(rate: float, burst: int) -> None:
    limiter = await drained(Quota(rate=rate, burst=burst))
    assert now() == 0
    for number in range(1, 20):
        waited = await limiter.acquire()
        limiter.answered(succeeded=True)
        assert waited == pytest.approx(1 / (0.999 * rate), abs=1e-5)
        assert now() == pytest.approx(number / (0.999 * rate), abs=1e-4)


@virtual
async def test_what_was_not_used_is_there_later_but_never_more_than_the_burst() -> None:
    limiter = await drained()
    await asyncio.sleep(3600)
    waits = [await limiter.acquire() for _ in range(5)]
    assert waits == [0, 0, 0, 0, pytest.approx(SLOT, abs=1e-5)]


@virtual
async def test_with_a_burst_of_one_the_next_turn_comes_after_the_answer() -> None:
    limiter = EndpointLimiter(Quota(rate=2, burst=1))
    line = Line(limiter)
    assert await limiter.acquire() == 0
    waiting = await line.join("a")
    await asyncio.sleep(10)
    assert line.order == ""
    limiter.answered(succeeded=True)
    await waiting
    assert line.granted == {"a": pytest.approx(10 + SLOT / 2, abs=1e-5)}


@virtual
async def test_with_a_burst_of_one_a_request_without_an_answer_counts_too() -> None:
    limiter = EndpointLimiter(Quota(rate=2, burst=1))
    await limiter.acquire()
    limiter.answered()
    assert await limiter.acquire() == pytest.approx(SLOT / 2, abs=1e-5)


# --- First come, first served


@virtual
async def test_strictly_first_come_first_served() -> None:
    line = Line(await drained())
    tasks = [await line.join(name) for name in "abcdefghij"]
    assert line.limiter.waiting == 10
    await asyncio.gather(*tasks)
    assert line.order == "abcdefghij"
    assert line.limiter.waiting == 0


@virtual
async def test_who_was_just_served_does_not_slip_in_again_before_the_others() -> None:
    """The turn is handed over in the instant of the grant, and is never free in between."""
    limiter = await drained()
    order = []

    async def send_twice(name: str) -> None:
        for _ in range(2):
            await limiter.acquire()
            order.append(name)

    await asyncio.gather(*map(send_twice, "abc"))
    assert "".join(order) == "abcabc"


@virtual
async def test_a_newcomer_does_not_take_what_trickled_in_for_the_one_at_the_bucket() -> None:
    loop = asyncio.get_running_loop()
    assert isinstance(loop, VirtualLoop)
    line = Line(await drained())
    tasks = [await line.join("a")]
    loop.jump(1.5)  # there is room by now, but a still sleeps
    await line._pass("b", first=False)
    await asyncio.gather(*tasks)
    assert line.order == "ab"


@virtual
async def test_a_request_that_came_back_goes_before_the_line_and_the_one_at_the_bucket() -> None:
    line = Line(await drained())
    tasks = [await line.join(name) for name in "abc"]
    tasks += [await line.join("R", first=True), await line.join("S", first=True)]
    await asyncio.gather(*tasks)
    assert line.order == "RSabc"
    assert line.granted["R"] == pytest.approx(SLOT, abs=1e-5)


@virtual
async def test_a_returned_request_overtakes_who_was_handed_the_turn_but_not_yet_ran() -> None:
    limiter = await drained(Quota(rate=1, burst=3))
    line = Line(limiter)
    tasks = [await line.join(name) for name in "ab"]
    await asyncio.sleep(0.5)
    tasks[0].cancel()
    await turns(1)  # a hands its turn to b, who has not run yet
    tasks += [asyncio.create_task(line._pass("R", first=True))]
    await asyncio.gather(*tasks, return_exceptions=True)
    assert line.order == "Rb"


# --- Cancellation


@pytest.mark.parametrize("gone", ["a", "b", "e", "ab", "bd", "de", "abc", "ac"])
@pytest.mark.parametrize("at", [0.0, 0.5, 0.999])
@virtual
async def test_a_cancelled_waiter_loses_nothing_for_the_others(gone: str, at: float) -> None:
    """At the bucket (a) and in line alike."""
    line = Line(await drained())
    tasks = {name: await line.join(name) for name in "abcde"}
    await asyncio.sleep(at)
    for name in gone:
        tasks[name].cancel()
    await asyncio.gather(*tasks.values(), return_exceptions=True)
    stayed = [name for name in "abcde" if name not in gone]
    assert line.granted == {
        name: pytest.approx(number * SLOT, abs=1e-4) for number, name in enumerate(stayed, 1)
    }


@pytest.mark.parametrize("ticks", range(6))
@virtual
async def test_cancelled_in_the_instant_of_being_handed_the_turn(ticks: int) -> None:
    line = Line(await drained())
    first, second, third = [await line.join(name) for name in "abc"]
    first.cancel()
    await turns(ticks)
    second.cancel()
    await asyncio.gather(first, second, third, return_exceptions=True)
    assert second.cancelled()
    assert line.granted == {"c": pytest.approx(SLOT, abs=1e-5)}
    assert await line.limiter.acquire() == pytest.approx(SLOT, abs=1e-5)


@pytest.mark.parametrize("ticks", range(6))
@virtual
async def test_cancelled_while_stepping_aside(ticks: int) -> None:
    line = Line(await drained())
    tasks = [await line.join("a"), await line.join("b")]
    tasks.append(asyncio.create_task(line._pass("R", first=True)))
    await turns(ticks)
    tasks[0].cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert line.order == "Rb"
    assert line.granted["b"] == pytest.approx(2 * SLOT, abs=1e-4)


@pytest.mark.parametrize("burst", [1, 5])
@virtual
async def test_when_all_are_cancelled_nothing_is_left_and_the_next_is_served(burst: int) -> None:
    line = Line(await drained(Quota(rate=1, burst=burst)))
    if burst == 1:
        await line.limiter.acquire()
    await gather_cancelled([await line.join(str(number)) for number in range(100)])
    assert line.limiter.waiting == 0
    await turns()
    assert live_timers() == []
    if burst == 1:
        line.limiter.answered()
    assert await line.limiter.acquire() == pytest.approx(SLOT, abs=1e-5)


@virtual
async def test_who_is_cancelled_in_line_waits_no_more() -> None:
    line = Line(await drained())
    tasks = [await line.join(name) for name in "abcd"]
    await gather_cancelled(tasks[1:3])
    assert line.limiter.waiting == 2
    await asyncio.gather(tasks[0], tasks[3])
    assert line.order == "ad"


@virtual
async def test_a_great_crowd_can_leave_at_once() -> None:
    limiter = await drained()
    crowd = [asyncio.create_task(limiter.acquire()) for _ in range(20_000)]
    await turns()
    assert limiter.waiting == 20_000
    await gather_cancelled(crowd)
    assert limiter.waiting == 0
    assert len(limiter._queue) == 0
    assert await limiter.acquire() == pytest.approx(SLOT, abs=1e-5)


@pytest.mark.parametrize("cancel_first", [True, False])
@pytest.mark.parametrize("ticks", range(4))
@virtual
async def test_a_cancellation_during_a_change_of_buckets_is_not_swallowed(
    ticks: int, *, cancel_first: bool
) -> None:
    line = Line(await drained())
    await line.limiter.acquire()
    waiting, next_one = await line.join("a"), await line.join("b")
    await asyncio.sleep(0.5)
    deeds: list[Callable[[], object]] = [
        waiting.cancel,
        lambda: line.limiter.answered(throttled=True),
    ]
    for deed in deeds if cancel_first else reversed(deeds):
        deed()
        await turns(ticks)
    await asyncio.gather(waiting, next_one, return_exceptions=True)
    assert waiting.cancelled()
    assert line.order == "b"


@virtual
async def test_a_task_that_once_swallowed_a_cancellation_can_be_moved() -> None:
    """A clean-up may send too; being called away must not look like a second cancellation."""
    limiter = await drained()

    async def stubborn() -> float:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            return await limiter.acquire()
        raise AssertionError

    task = asyncio.create_task(stubborn())
    await turns()
    await limiter.acquire()
    task.cancel()
    await asyncio.sleep(0.5)
    limiter.answered(throttled=True)
    assert await task == pytest.approx(0.5 + SLOT, abs=1e-5)


# --- Rate changes


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
async def test_an_announced_higher_rate_is_reached_by_steps_within_30_sends(pause: float) -> None:
    limiter = EndpointLimiter(PLAN)
    rates = []
    for _ in range(30):
        await limiter.acquire()
        await asyncio.sleep(pause)
        limiter.answered(succeeded=True, announced="20.0")
        rates.append(limiter.quota.rate)
    assert rates[-1] == 20
    assert sorted(set(rates)) == [1, 2, 4, 8, 16, 20]
    assert limiter.configured == PLAN


@virtual
async def test_an_announced_higher_rate_is_reached_by_a_crowd_within_30_sends() -> None:
    limiter = EndpointLimiter(PLAN)
    rates = []

    async def send() -> None:
        await limiter.acquire()
        rates.append(limiter.quota.rate)
        await asyncio.sleep(0.2)
        limiter.answered(succeeded=True, announced="20.0")

    await asyncio.gather(*(send() for _ in range(60)))
    assert rates[29:] == [20] * 31


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
async def test_each_answer_that_announces_more_doubles_the_rate_of_who_waits() -> None:
    line = Line(await drained())
    tasks = [await line.join(name) for name in "abc"]
    for number in range(3):
        line.limiter.answered(succeeded=True, announced="20.0")
        assert line.limiter.quota.rate == 2 ** (number + 1)
        await asyncio.sleep(0.05)
    await asyncio.gather(*tasks)
    eighth = 0.1 + SLOT / 8
    assert line.granted == {
        "a": pytest.approx(eighth, abs=1e-4),
        "b": pytest.approx(eighth + SLOT / 16, abs=1e-4),  # the answer of "a" doubled it again
        "c": pytest.approx(eighth + SLOT / 8, abs=1e-4),
    }


@virtual
async def test_after_a_429_an_announced_rate_is_climbed_to_by_every_fourth_answer() -> None:
    limiter = await drained()
    limiter.answered(succeeded=True, announced="20.0")
    await limiter.acquire()
    limiter.answered(throttled=True)
    rates = []
    for _ in range(8):
        limiter.answered(succeeded=True, announced="20.0")
        await limiter.acquire()
        rates.append(limiter.quota.rate / rates[0] if rates else limiter.quota.rate)
    assert rates[0] < 2
    assert rates[1:] == [1, 1, 2, 2, 2, 2, 4]


@virtual
async def test_a_lower_announcement_takes_a_raise_back() -> None:
    limiter = await drained()
    for _ in range(4):
        limiter.answered(succeeded=True, announced="4.0")
    limiter.answered(succeeded=True, announced="0.5")
    await limiter.acquire()
    assert limiter.quota.rate == 0.5


# --- 429


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
        for _ in range(20):
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
    assert rates == [1, pytest.approx(0.7), pytest.approx(0.49), pytest.approx(0.343)]
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
    assert limiter.quota.rate == pytest.approx(0.7)


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


def recover(pace: Pace, successes: int = 1000) -> list[float]:
    """Return the rates that so many successes led to."""
    rates = []
    for _ in range(successes):
        pace.succeeded()
        if pace.wanted > pace.rate:
            pace.raised()
            rates.append(pace.rate)
    return rates


def measured_pace(admitted: int, seconds: float) -> Pace:
    """Return the pace of 1/s after two 429s with so many successes in between."""
    pace = Pace(1.0)
    pace.throttled(0, in_flight=0)
    recover(pace, admitted)
    pace.throttled(seconds, in_flight=0)
    return pace


def test_what_was_admitted_between_two_429s_is_the_rate() -> None:
    assert measured_pace(12, 20).rate == pytest.approx(0.6 * 0.95)


def test_a_process_that_sends_a_part_measures_the_whole() -> None:
    """Of four that share the rate, each sees a quarter of what is admitted."""
    pace = Pace(1.0)
    pace.share = 0.25
    pace.throttled(0, in_flight=0)
    recover(pace, 4)
    pace.throttled(20, in_flight=0)
    assert pace.rate == pytest.approx(0.8 * 0.95)


def test_what_another_process_found_out_is_in_force_and_can_be_raised_again() -> None:
    pace = Pace(1.0)
    pace.learned(rate=0.5, promised=1.0, level=None)
    assert (pace.rate, pace.wanted) == (0.5, 0.5)
    assert recover(pace, 8) == [1]
    pace.learned(rate=0.57, promised=1.0, level=0.6)
    assert pace.level == 0.6
    assert recover(pace, 100)[-1] < 0.65
    assert recover(pace)[-1] == 1


def test_one_measurement_at_most_halves_the_rate() -> None:
    assert measured_pace(12, 10_000).rate == pytest.approx(0.5 * 0.95)


def test_the_way_back_is_level_near_the_measured_rate_and_takes_few_steps() -> None:
    pace = measured_pace(12, 20)
    rates = recover(pace)
    assert rates[-1] == 1
    assert len(rates) < 30
    assert recover(measured_pace(12, 20), 100)[-1] < 0.65


def test_a_measurement_of_long_ago_is_outweighed_by_later_ones() -> None:
    pace, time = measured_pace(10, 20), 20.0
    for admitted, rate in [(5000, 0.5), *[(100, 0.9)] * 5]:
        recover(pace, admitted)
        pace.rate = pace.wanted = 0.99
        time += admitted / rate
        pace.throttled(time, in_flight=0)
    assert 0.84 < pace.rate < 0.95 * 0.9


def test_a_429_of_another_process_ends_the_belief_in_an_announced_rate() -> None:
    pace = Pace(1.0)
    pace.announced("16.0")
    assert recover(pace, 2) == [2, 4]
    pace.learned(rate=2.0, promised=16.0, level=None)
    assert recover(pace, 8) == [4, 8]


def test_429s_in_quick_succession_void_what_was_measured_before() -> None:
    pace = measured_pace(19, 19 / 0.6)
    recover(pace, 3)
    pace.throttled(100, in_flight=0)
    recover(pace, 5)
    pace.throttled(100 + 5 / 0.45, in_flight=0)
    assert pace.rate == pytest.approx(0.45 * 0.95)


@pytest.mark.parametrize("before", [["0.1"], []])
def test_what_was_once_measured_does_not_change_the_steps_of_an_announced_raise(
    before: list[str],
) -> None:
    pace = measured_pace(12, 20)
    for header in before:
        pace.announced(header)
    recover(pace)
    pace.announced("5.0")
    assert recover(pace, 30) == ([0.2, 0.4, 0.8, 1.6, 3.2, 5] if before else [2, 4, 5])


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
    assert limiter.quota.rate == pytest.approx(0.7)


# --- Against a server that counts


@attrs.define
class Server:
    """A token bucket as Amazon describes it, with a clock that may drift."""

    plan: Quota
    drift: float = 1.0
    refused: int = 0
    tokens: float = attrs.field(init=False)
    _last: float = attrs.field(default=0.0, init=False)

    def __attrs_post_init__(self) -> None:
        self.tokens = self.plan.burst

    def admits(self) -> bool:
        time = now() * self.drift
        self.tokens = min(self.plan.burst, self.tokens + (time - self._last) * self.plan.rate)
        self._last = time
        if self.tokens < 1:
            self.refused += 1
            return False
        self.tokens -= 1
        return True


@attrs.frozen
class Delivery:
    """What came of sending many requests."""

    throttled: float
    """429s per request sent."""
    allowance: float
    """The share of the plan's requests that were used."""
    limiter: EndpointLimiter


async def deliver(
    limiter: EndpointLimiter,
    server: Server,
    count: int,
    *,
    seed: int = 0,
    way_there: float = 1.0,
    pause: Callable[[random.Random], Awaitable[object]] | None = None,
) -> Delivery:
    """Send ``count`` requests that take 50 to 400 ms, and again what comes back with 429."""
    chance = random.Random(seed)
    began = now()

    async def send() -> None:
        admitted, attempts = False, 0
        while not admitted:
            await limiter.acquire(first=attempts > 0)
            attempts += 1
            latency = chance.uniform(0.05, 0.4)
            await asyncio.sleep(latency * way_there)
            admitted = server.admits()
            await asyncio.sleep(latency * (1 - way_there))
            limiter.answered(succeeded=admitted, throttled=not admitted)

    tasks = []
    for _ in range(count):
        tasks.append(asyncio.create_task(send()))
        if pause is not None:
            await pause(chance)
    await asyncio.gather(*tasks)
    assert limiter.waiting == 0
    assert limiter.throttles == server.refused
    return Delivery(
        throttled=server.refused / (count + server.refused),
        allowance=(count - server.plan.burst) / server.plan.rate / (now() - began),
        limiter=limiter,
    )


@pytest.mark.parametrize("drift", [0.9995, 1.0, 1.0005])
@pytest.mark.parametrize(
    ("plan", "way_there"),
    [
        (Quota(rate=1, burst=5), 1.0),
        (Quota(rate=5, burst=10), 1.0),
        (Quota(rate=10, burst=10), 1.0),
        (Quota(rate=20, burst=5), 0.4),
    ],
)
def test_a_right_plan_is_used_up_without_a_429(plan: Quota, way_there: float, drift: float) -> None:
    """At 20/s with a burst of 5, a way there that varies by 350 ms spans more than the burst."""
    delivery = run(
        lambda: deliver(EndpointLimiter(plan), Server(plan, drift), 2000, way_there=way_there)
    )
    assert delivery.throttled == 0
    assert delivery.allowance > 0.995


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize(
    ("configured", "plan", "most_throttled", "least_allowance"),
    [
        (Quota(rate=1, burst=5), Quota(rate=0.5, burst=5), 0.02, 0.95),
        (Quota(rate=5, burst=10), Quota(rate=2.5, burst=10), 0.03, 0.95),
        (Quota(rate=20, burst=10), Quota(rate=10, burst=10), 0.03, 0.95),
        (Quota(rate=20, burst=10), Quota(rate=10, burst=5), 0.04, 0.90),
        (Quota(rate=1, burst=5), Quota(rate=0.9, burst=5), 0.03, 0.95),
        (Quota(rate=1, burst=5), Quota(rate=0.1, burst=5), 0.03, 0.95),
        (Quota(rate=20, burst=10), Quota(rate=2, burst=10), 0.06, 0.95),
        (Quota(rate=1, burst=5), Quota(rate=0.25, burst=2), 0.03, 0.90),
    ],
)
def test_a_smaller_plan_than_believed_is_found_out(
    configured: Quota, plan: Quota, most_throttled: float, least_allowance: float, seed: int
) -> None:
    delivery = run(lambda: deliver(EndpointLimiter(configured), Server(plan), 1000, seed=seed))
    assert delivery.throttled < most_throttled
    assert delivery.allowance > least_allowance


@virtual
async def test_a_plan_that_shrinks_and_grows_again_is_followed() -> None:
    limiter, server = EndpointLimiter(PLAN), Server(PLAN)
    await deliver(limiter, server, 200)
    server.plan = Quota(rate=0.2, burst=5)
    shrunk = await deliver(limiter, server, 200)
    assert shrunk.allowance > 0.9
    server.plan = PLAN
    await deliver(limiter, server, 300)
    assert limiter.quota == PLAN
    assert limiter.throttles < 20


@virtual
async def test_light_traffic_is_not_held_back_for_long_by_a_smaller_plan() -> None:
    """With pauses in between, nothing can be measured; the steps still find their way."""
    limiter, server = EndpointLimiter(PLAN), Server(Quota(rate=0.5, burst=5))
    delivery = await deliver(
        limiter, server, 500, pause=lambda chance: asyncio.sleep(chance.expovariate(0.4))
    )
    assert delivery.throttled < 0.05
    assert delivery.allowance > 0.7  # 0.4/s were asked of 0.5/s


# --- Loops and the registry


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
    assert limiter.quota.rate == pytest.approx(0.7)


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
