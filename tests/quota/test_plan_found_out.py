"""The limiter against a server that counts: it uses a plan up, and finds out a smaller one."""

import asyncio
import random
from collections.abc import Awaitable, Callable

import attrs
import pytest
from helpers.limiters import PLAN, now
from helpers.virtual_time import run, virtual

from spapi_messaging.quota.limiter import EndpointLimiter
from spapi_messaging.quota.plan import Quota


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
    announced: str | None = None,
    pause: Callable[[random.Random], Awaitable[object]] | None = None,
) -> Delivery:
    """Send ``count`` requests that take 50 to 400 ms, and again what comes back with 429.

    As a RetryPolicy has it: twice before the others, then behind them, after a pause.
    """
    chance = random.Random(seed)
    began = now()

    async def send() -> None:
        admitted, throttled = False, 0
        while not admitted:
            await asyncio.sleep(min(2.0 ** (throttled - 4), 20) if throttled > 2 else 0)
            await limiter.acquire(first=throttled in {1, 2})
            latency = chance.uniform(0.05, 0.4)
            await asyncio.sleep(latency * way_there)
            admitted = server.admits()
            await asyncio.sleep(latency * (1 - way_there))
            repeated = throttled > 0 and not admitted
            limiter.answered(
                succeeded=admitted,
                throttled=not admitted,
                repeated=repeated,
                announced=announced if admitted else None,
            )
            throttled += not admitted

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
        (Quota(rate=1, burst=5), Quota(rate=0.5, burst=5), 0.006, 0.99),
        (Quota(rate=5, burst=10), Quota(rate=2.5, burst=10), 0.007, 0.99),
        (Quota(rate=20, burst=10), Quota(rate=10, burst=10), 0.012, 0.99),
        (Quota(rate=20, burst=10), Quota(rate=10, burst=5), 0.02, 0.98),
        (Quota(rate=1, burst=5), Quota(rate=0.9, burst=5), 0.012, 0.99),
        (Quota(rate=1, burst=5), Quota(rate=0.1, burst=5), 0.013, 0.99),
        (Quota(rate=20, burst=10), Quota(rate=2, burst=10), 0.025, 0.99),
        (Quota(rate=1, burst=5), Quota(rate=0.25, burst=2), 0.015, 0.97),
    ],
)
def test_a_smaller_plan_than_believed_is_found_out(
    configured: Quota, plan: Quota, most_throttled: float, least_allowance: float, seed: int
) -> None:
    delivery = run(lambda: deliver(EndpointLimiter(configured), Server(plan), 1000, seed=seed))
    assert delivery.throttled < most_throttled
    assert delivery.allowance > least_allowance


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("rate", [0.5, 1, 5])
def test_a_header_that_lies_twentyfold_costs_what_is_under_way_once(rate: float, seed: int) -> None:
    plan = Quota(rate=rate, burst=5)
    lie = str(20.0 * rate)
    delivery = run(
        lambda: deliver(EndpointLimiter(plan), Server(plan), 400, seed=seed, announced=lie)
    )
    assert delivery.throttled * 400 < 6 + 0.4 * 20 * rate
    assert delivery.allowance > 0.97


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(
    ("way_there", "most_throttled", "least_allowance"), [(0.5, 0, 0.97), (1.0, 0.02, 0.88)]
)
def test_a_plan_twenty_times_as_much_as_believed_is_used_once_it_is_announced(
    way_there: float, most_throttled: float, least_allowance: float, seed: int
) -> None:
    """A 429 for the jitter of the way there, more than a burst, takes no true announcement back."""
    plan = Quota(rate=20, burst=5)
    limiter = EndpointLimiter(PLAN)
    delivery = run(
        lambda: deliver(
            limiter, Server(plan), 400, seed=seed, announced="20.0", way_there=way_there
        )
    )
    assert delivery.throttled <= most_throttled
    assert delivery.allowance > least_allowance


@pytest.mark.parametrize("share", [0.93, 0.95, 0.97])
def test_429s_of_a_plan_a_little_smaller_do_not_stand_alone_for_ever(share: float) -> None:
    plan = Quota(rate=share, burst=5)
    delivery = run(lambda: deliver(EndpointLimiter(PLAN), Server(plan), 2000))
    assert delivery.throttled < 0.01
    assert delivery.allowance > 0.99


@virtual
async def test_a_plan_that_shrinks_and_grows_again_is_followed() -> None:
    limiter, server = EndpointLimiter(PLAN), Server(PLAN)
    await deliver(limiter, server, 200)
    server.plan = Quota(rate=0.2, burst=5)
    shrunk = await deliver(limiter, server, 200)
    assert shrunk.allowance > 0.9
    server.plan = PLAN
    await deliver(limiter, server, 900)
    assert limiter.quota == PLAN
    assert limiter.throttles < 10


@virtual
async def test_light_traffic_is_not_held_back_for_long_by_a_smaller_plan() -> None:
    """With pauses in between, nothing can be measured; the steps still find their way."""
    limiter, server = EndpointLimiter(PLAN), Server(Quota(rate=0.5, burst=5))
    delivery = await deliver(
        limiter, server, 500, pause=lambda chance: asyncio.sleep(chance.expovariate(0.4))
    )
    assert delivery.throttled < 0.05
    assert delivery.allowance > 0.7  # 0.4/s were asked of 0.5/s
