"""The limiter's laws for any interleaving, on a virtual clock."""

import asyncio
import math
from types import CoroutineType
from typing import Any

import attrs
from helpers.virtual_time import run, turns
from hypothesis import example, given, settings, strategies as st

from spapi_messaging.quota.limiter import EndpointLimiter
from spapi_messaging.quota.pace import Pace
from spapi_messaging.quota.plan import Quota

TOLERANCE = 1e-6

# the pairs at which aiolimiter re-arms a timer for the same instant are among them
quotas = st.builds(
    Quota,
    rate=st.sampled_from([0.1, 0.5, 1, 2, 5, 7, 10, 19.98, 20]) | st.floats(0.05, 50),
    burst=st.integers(1, 12),
)
headers = st.none() | st.sampled_from(["1", "0.5", "20", "0.05", "nan", "-1", "0", "x"])

asks = st.tuples(st.just("ask"), st.booleans())
cancels = st.tuples(st.just("cancel"), st.integers(0, 20))
answers = st.tuples(
    st.just("answer"),
    headers.map(lambda header: {"succeeded": True, "announced": header})
    | st.just({"throttled": True})
    | st.just({}),
)
waits = st.tuples(st.just("wait"), st.sampled_from([0.0, 1e-6, 0.05, 0.5, 1.0, 10.0]))
ticks = st.tuples(st.just("ticks"), st.integers(0, 3))
steps = st.lists(asks | asks | answers | cancels | waits | ticks, max_size=80)


@attrs.define
class Witness:
    """Plays a script against a limiter and writes down what it did."""

    limiter: EndpointLimiter
    grants: list[float] = attrs.field(factory=list)
    """At each grant: how many requests the rates in force had allowed by then."""
    order: list[tuple[bool, int]] = attrs.field(factory=list)
    waiting: dict[int, tuple[bool, asyncio.Task[None]]] = attrs.field(factory=dict)
    cancelled: list[asyncio.Task[None]] = attrs.field(factory=list)
    in_flight: int = 0
    asked: int = 0
    _allowed: float = 0.0
    _rate: float = 0.0
    _at: float = 0.0

    async def play(self, script: list[Any]) -> None:
        self.look()
        for deed, *how in script:
            await getattr(self, deed)(*how)
            self.look()
        while self.waiting or self.in_flight:
            await self.answer({"succeeded": True})
            self.look()  # the answer may have raised the rate
            await asyncio.sleep(0.1)
            self.look()

    def look(self) -> None:
        """Add up what the rate in force allowed since the last look."""
        time = asyncio.get_running_loop().time()
        self._allowed += (time - self._at) * self._rate
        self._at, self._rate = time, self.limiter.quota.rate

    async def ask(self, first: bool) -> None:  # hypothesis draws it
        self.asked += 1
        task = asyncio.create_task(self._pass(self.asked, first=first))
        self.waiting[self.asked] = (first, task)

    async def _pass(self, number: int, *, first: bool) -> None:
        await self.limiter.acquire(first=first)
        del self.waiting[number]
        self.look()
        self.grants.append(self._allowed)
        self.order.append((first, number))
        self.in_flight += 1
        ahead = [task for returned, task in self.waiting.values() if returned and _began(task)]
        assert first or not ahead, "who came back was overtaken"

    async def cancel(self, place: int) -> None:
        if self.waiting:
            number = sorted(self.waiting)[place % len(self.waiting)]
            _, task = self.waiting.pop(number)
            task.cancel()
            self.cancelled.append(task)

    async def answer(self, news: dict[str, Any]) -> None:
        if self.in_flight:
            self.in_flight -= 1
            self.limiter.answered(**news)

    async def wait(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    async def ticks(self, count: int) -> None:
        await turns(count)


def _began(task: asyncio.Task[None]) -> bool:
    coroutine = task.get_coro()
    assert isinstance(coroutine, CoroutineType)
    return coroutine.cr_await is not None


@settings(max_examples=400, deadline=None)
@given(quota=quotas, script=steps)
@example(
    quota=Quota(rate=0.1, burst=2),
    script=[
        *[("ask", False)] * 5,
        ("wait", 0.0),
        ("answer", {"succeeded": True, "announced": "20"}),
    ],
)
def test_the_laws_hold_for_any_interleaving(quota: Quota, script: list[Any]) -> None:
    """Never more than burst + rate x T in any window T; first come, first served; none is lost.

    With cancellations, rate changes and 429s at any point.
    """

    async def main() -> None:
        witness = Witness(EndpointLimiter(quota))
        await witness.play(script)
        await asyncio.gather(*witness.cancelled, return_exceptions=True)

        room, lowest = max(1, quota.burst - 1), math.inf
        for number, allowed in enumerate(witness.grants):
            # for every earlier grant i at once: number - i + 1 <= room + allowed - allowed_i
            lowest = min(lowest, number - allowed)
            assert number - allowed - lowest + 1 <= room + TOLERANCE

        for returned in (False, True):
            line = [number for first, number in witness.order if first is returned]
            assert line == sorted(line)
        assert all(task.cancelled() for task in witness.cancelled)
        assert len(witness.grants) + len(witness.cancelled) == witness.asked
        assert witness.limiter.waiting == 0

    run(main)


@attrs.frozen
class Ghost:
    """One who is cancelled while waiting behind ``ahead`` others, at one of their grants."""

    ahead: int
    at: int
    ticks: int


ghosts = st.builds(
    Ghost, ahead=st.integers(0, 8), at=st.integers(0, 8), ticks=st.integers(0, 3)
).filter(lambda ghost: ghost.at <= ghost.ahead)


@attrs.define
class Haunting:
    """A line of nine at an empty bucket, with ghosts among them."""

    limiter: EndpointLimiter
    ghosts: list[Ghost]
    times: list[float] = attrs.field(factory=list)
    tasks: dict[Ghost, asyncio.Task[float]] = attrs.field(factory=dict)
    scares: list[asyncio.Task[None]] = attrs.field(factory=list)

    async def grant_times(self) -> list[float]:
        for _ in range(self.limiter.configured.burst - 1):
            await self.limiter.acquire()
        lives = []
        for number in range(9):
            for ghost in self.ghosts:
                if ghost.ahead == number:
                    self.tasks[ghost] = asyncio.create_task(self.limiter.acquire())
            lives.append(asyncio.create_task(self._live()))
        await turns(2)
        self._scare_away()
        await asyncio.gather(*lives, *self.scares)
        await asyncio.gather(*self.tasks.values(), return_exceptions=True)
        assert all(task.cancelled() for task in self.tasks.values())
        return self.times

    async def _live(self) -> None:
        await self.limiter.acquire()
        self.times.append(asyncio.get_running_loop().time())
        self._scare_away()

    def _scare_away(self) -> None:
        for ghost in self.ghosts:
            if ghost.at == len(self.times) and ghost.ticks:
                self.scares.append(asyncio.create_task(self._scare(ghost)))
            elif ghost.at == len(self.times):
                self.tasks[ghost].cancel()

    async def _scare(self, ghost: Ghost) -> None:
        await turns(ghost.ticks)
        self.tasks[ghost].cancel()


@settings(max_examples=200, deadline=None)
@given(
    quota=st.builds(Quota, rate=st.sampled_from([0.1, 1, 5, 7]), burst=st.integers(2, 10)),
    haunting=st.lists(ghosts, min_size=1, max_size=12, unique=True),
)
def test_cancelled_waiters_lose_nothing_for_the_others(quota: Quota, haunting: list[Ghost]) -> None:
    """Everybody else is served at the same instants as if they had never come."""
    undisturbed = run(Haunting(EndpointLimiter(quota), []).grant_times)
    disturbed = run(Haunting(EndpointLimiter(quota), haunting).grant_times)
    assert len(disturbed) == len(undisturbed) == 9
    for ours, theirs in zip(disturbed, undisturbed, strict=True):
        assert abs(ours - theirs) < 1e-3


@settings(max_examples=300, deadline=None)
@given(
    promised=st.floats(0.01, 100),
    script=st.lists(
        st.tuples(st.sampled_from(["succeeded", "throttled", "idled"]), st.integers(0, 30))
        | st.tuples(st.just("announced"), headers.filter(lambda header: header is not None))
    ),
)
def test_the_rate_stays_within_what_was_promised_and_comes_back(
    promised: float, script: list[tuple[str, Any]]
) -> None:
    """A 429 never raises it, and never below a hundredth of the least that was promised."""
    pace, time, least = Pace(promised), 0.0, promised
    for news, how in script:
        time += 1
        before = pace.rate
        if news == "announced":
            pace.announced(how)
        elif news == "throttled":
            pace.throttled(time, how)
            assert pace.rate <= before
        else:
            for _ in range(how):
                pace.answered()
                pace.succeeded() if news == "succeeded" else pace.idled()
        assert pace.rate <= pace.wanted <= pace.promised
        least = min(least, pace.promised)
        assert pace.rate >= least * 0.009
        if pace.wanted > pace.rate:
            pace.raised()
    for _ in range(1200):
        pace.succeeded()
        if pace.wanted > pace.rate:
            pace.raised()
    assert pace.rate == pace.promised
