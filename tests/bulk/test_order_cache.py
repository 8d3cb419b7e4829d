"""The answer of an order serves all of its jobs, for a while."""

import asyncio
from collections.abc import AsyncIterator

from helpers.bulk_runs import (
    DISCOVERY,
    job,
    jobs,
    opened,
    order_id,
    outcomes_of,
)
from helpers.virtual_time import virtual

from spapi_messaging import (
    ActionNotPermittedError,
    Job,
    Marketplace,
    Quota,
    RateLimits,
    Refused,
    Sent,
    UnexpectedProblem,
)


@virtual
async def test_an_order_with_several_jobs_is_asked_once_while_its_answer_is_fresh() -> None:
    async with opened(plan={"latency": 1.0}) as (sandbox, session):
        first = [job(0, UnexpectedProblem(text=f"text {n}")) for n in range(8)]

        async def source() -> AsyncIterator[Job]:
            for item in first[:4]:
                yield item  # these wait for one answer
            for item in first[4:6]:
                await asyncio.sleep(4)
                yield item  # these find it
            await asyncio.sleep(5)
            assert sandbox.count(None, DISCOVERY) == 1
            for item in first[6:]:
                yield item  # more than 10 s after the answer

        outcomes = await outcomes_of(session.bulk(source(), once="content"))
        assert [type(outcome) for outcome in outcomes] == [Sent] * 8
        assert sandbox.count(None, DISCOVERY) == 2
        other = [job(0, key="de"), job(0, key="fr", marketplace=Marketplace.FR)]
        await outcomes_of(session.bulk(other))
        assert sandbox.count(None, DISCOVERY) == 4, "marketplaces are asked apart, and runs too"


@virtual
async def test_jobs_of_an_order_share_its_failure() -> None:
    """One refused question, an error for each; a failure is not remembered."""
    async with opened(plan={"latency": 1.0}) as (sandbox, session):
        refused = sandbox.add_order(order_id(0), closed=True)
        work = [job(0, UnexpectedProblem(text=f"text {n}")) for n in range(5)]

        async def source() -> AsyncIterator[Job]:
            for item in work[:4]:
                yield item
            await asyncio.sleep(5)
            refused.closed = False
            yield work[4]

        outcomes = await outcomes_of(session.bulk(source(), once="content"))
        assert [type(outcome) for outcome in outcomes] == [Refused] * 4 + [Sent]
        errors = [outcome.error for outcome in outcomes if isinstance(outcome, Refused)]
        assert len({id(error) for error in errors}) == 4
        assert {type(error) for error in errors} == {ActionNotPermittedError}
        assert sandbox.count(None, DISCOVERY) == 2


@virtual
async def test_who_waits_for_a_cancelled_question_asks_by_himself() -> None:
    async with opened(plan={"latency": 1.0}) as (sandbox, session):
        work = [job(0, UnexpectedProblem(text=f"text {n}")) for n in range(3)]
        run = session.bulk(work)
        await session._open.login.token()
        orders = run._worker._orders
        asking = [asyncio.create_task(orders.order(session, item)) for item in work]
        await sandbox.arrived(2)
        asking[0].cancel()
        await asyncio.gather(*asking, return_exceptions=True)
        assert [task.cancelled() for task in asking] == [True, False, False]
        assert asking[1].result() is asking[2].result()
        assert sandbox.count(None, DISCOVERY) == 2


@virtual
async def test_answers_are_kept_no_longer_than_they_serve() -> None:
    """Memory holds the orders of ten seconds, not of the run."""
    limits = RateLimits(default=Quota(rate=2, burst=2))
    async with opened(limits=limits) as (_, session):
        run = session.bulk(jobs(100))
        most = 0
        async with run as outcomes:
            async for _ in outcomes:
                most = max(most, len(run._worker._orders._answers._answered))
        assert 15 <= most <= 25
