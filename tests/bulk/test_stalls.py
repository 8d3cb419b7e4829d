"""What was held up together does not go out together: a sandbox counts what arrives."""

import asyncio
from typing import Any

import attrs
import pytest
from helpers.bulk_runs import PROBLEM, jobs, named, opened, order_id, outcomes_of
from helpers.shared_limiters import excess
from helpers.virtual_time import VirtualLoop, run, virtual

from spapi_messaging import Quota, RateLimits
from spapi_messaging.bulk.journal import Entry
from spapi_messaging.quota.bucket import HEADROOM
from spapi_messaging.sandbox import Sandbox

STALL = 3.0
PLANS = [Quota(rate=20, burst=5), Quota(rate=20, burst=10), Quota(rate=20, burst=1)]


@attrs.define
class StallingJournal:
    """A journal of which nothing is committed before a certain time, and then everything."""

    until: float = 0.0
    commit: float = 0.0
    """Seconds that every write takes."""
    sending: list[float] = attrs.field(factory=list)
    _committed: asyncio.Event = attrs.field(factory=asyncio.Event)

    async def find(self, _key: str, /) -> Entry | None:
        return None

    async def write(self, entry: Entry, /) -> None:
        if entry.state == "sending":
            loop = asyncio.get_running_loop()
            if not self.sending:
                loop.call_at(self.until, self._committed.set)
            self.sending.append(loop.time())
            await self._committed.wait()
            await asyncio.sleep(self.commit)

    def before(self, time: float) -> list[float]:
        return [began for began in self.sending if began < time]


def arrivals(sandbox: Sandbox) -> list[float]:
    return [record.at for record in sandbox.requests if record.operation == PROBLEM]


@pytest.mark.parametrize("plan", PLANS)
@virtual
async def test_a_journal_that_stalls_lets_no_more_out_than_the_quota(plan: Quota) -> None:
    """Their turns came one by one, and were too old when the disk was there again."""
    journal = StallingJournal(until=STALL)
    async with opened(limits=RateLimits(default=plan)) as (sandbox, session):
        outcomes = await outcomes_of(session.bulk(jobs(60), discover=False, journal=journal))
        assert named(outcomes) == dict.fromkeys(range(60), "Sent")
        assert len(journal.sending) == 60, "none is written down twice"
        times = arrivals(sandbox)
        assert min(times) >= STALL
        assert excess(times, plan) <= 0
        evenly = 60 / (plan.rate * HEADROOM)
        assert times[-1] - STALL < evenly + 0.1, "what was not used is not lost"


@pytest.mark.parametrize("plan", PLANS)
@virtual
async def test_what_was_held_up_goes_in_order_and_before_what_came_later(plan: Quota) -> None:
    journal = StallingJournal(until=STALL)
    async with opened(limits=RateLimits(default=plan)) as (sandbox, session):
        await session.login()
        await outcomes_of(session.bulk(jobs(90), discover=False, journal=journal, window=80))
        sent = [record for record in sandbox.requests if record.operation == PROBLEM]
        at_once = {record.order_id for record in sent if record.at < STALL + 1e-6}
        newest = order_id(len(journal.before(STALL)) - 1)
        earliest = {order_id(number) for number in range(plan.burst)}
        assert at_once <= {newest, *earliest}, "the newest turn is not too old"
        later = [record.order_id for record in sent if record.order_id not in at_once]
        assert later == sorted(later)


@virtual
async def test_a_journal_that_is_always_slow_costs_no_turns() -> None:
    """Each turn is too old after 120 ms, and what gives it back finds it there again."""
    plan, journal = Quota(rate=20, burst=5), StallingJournal(commit=0.12)
    async with opened(limits=RateLimits(default=plan)) as (sandbox, session):
        await outcomes_of(session.bulk(jobs(200), discover=False, journal=journal))
        times = arrivals(sandbox)
        assert excess(times, plan) <= 0
        assert 199 / (times[-1] - times[0]) > 0.99 * plan.rate


@pytest.mark.parametrize("plan", PLANS)
@virtual
async def test_a_token_that_is_long_in_coming_lets_no_more_out_than_the_quota(plan: Quota) -> None:
    """The token ends while they wait for their turns, and Login with Amazon takes its time."""
    wall = [1e9]
    limits = RateLimits(default=plan)
    async with opened(limits=limits, clock=lambda: wall[0]) as (sandbox, session):
        await session.login()
        running = asyncio.create_task(outcomes_of(session.bulk(jobs(60), discover=False)))
        await asyncio.sleep(0.2)
        wall[0] += 4000.0
        sandbox.latency = STALL
        await asyncio.sleep(STALL)
        sandbox.latency = 0.0
        assert named(await running) == dict.fromkeys(range(60), "Sent")
        assert excess(arrivals(sandbox), plan) <= 0


@pytest.mark.parametrize("plan", PLANS)
def test_a_loop_that_stood_still_lets_no_more_out_than_the_quota(plan: Quota) -> None:
    """As if the caller computed for three seconds, while turns were held and others waited."""

    async def main() -> None:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, VirtualLoop)
        journal = StallingJournal(commit=1.0)
        options: dict[str, Any] = {"discover": False, "journal": journal}
        async with opened(limits=RateLimits(default=plan)) as (sandbox, session):
            running = asyncio.create_task(outcomes_of(session.bulk(jobs(100), **options)))
            for _ in range(4):
                await asyncio.sleep(0.33)
                loop.jump(STALL)
            await running
            assert excess(arrivals(sandbox), plan) <= 0

    run(main)
