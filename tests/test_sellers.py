"""Many sellers in one process: a session and quotas for each, and one pool of connections."""

import asyncio
import gc
from collections import Counter, defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest
from helpers.bulk_runs import DISCOVERY, PROBLEM, job, no_task_left, opened, outcomes_of, own_tasks
from helpers.virtual_time import turns, virtual

from spapi_messaging import (
    AuthorizationError,
    Credentials,
    InvalidMessageError,
    Job,
    Marketplace,
    NotSent,
    Outcome,
    Quota,
    RateLimits,
    Refused,
    SellerPool,
    Sent,
    UnexpectedProblem,
)
from spapi_messaging.sandbox import CLIENT_ID, CLIENT_SECRET, DEFAULT_ACTIONS, Sandbox


def credentials(seller: str) -> Credentials:
    return Credentials(CLIENT_ID, CLIENT_SECRET, f"sandbox-{seller}")


@asynccontextmanager
async def pooled(
    callback: Any = credentials, *, plan: dict[str, Any] | None = None, **options: Any
) -> AsyncIterator[tuple[Sandbox, SellerPool]]:
    """Open a pool at a sandbox that enforces Amazon's quotas for each seller."""
    async with Sandbox(any_order=DEFAULT_ACTIONS, seed=1, **plan or {}) as sandbox:
        options = {"endpoint": sandbox.url, "token_url": sandbox.token_url} | options
        async with SellerPool(callback, marketplace=Marketplace.DE, **options) as pool:
            yield sandbox, pool
    assert own_tasks() == set()


def kinds(outcomes: list[Outcome]) -> dict[str | None, Counter[str]]:
    """Count the outcomes by seller and name."""
    found: dict[str | None, Counter[str]] = defaultdict(Counter)
    for outcome in outcomes:
        found[outcome.job.seller][type(outcome).__name__] += 1
    return dict(found)


@pytest.mark.slow
@virtual
async def test_a_thousand_sellers_each_at_his_own_quota() -> None:
    """Each has a token, a full burst and his rate, and no more connections than the pool's."""
    names = [f"seller-{number}" for number in range(1000)]
    work = [job(1000 * n + m, seller=name) for n in range(3) for m, name in enumerate(names)]
    limits = RateLimits(default=Quota(rate=1, burst=2))
    plan = {"rate": 1, "burst": 2, "latency": (0.05, 0.4)}
    loop = asyncio.get_running_loop()
    async with pooled(limits=limits, plan=plan) as (sandbox, pool):
        with no_task_left():
            outcomes = await outcomes_of(pool.bulk(work, window=200, discover=False))
        assert kinds(outcomes) == {name: {"Sent": 3} for name in names}
        assert (sandbox.throttled(), sandbox.token_requests) == (0, 1000)
        assert loop.time() < 20, "3,000 messages of one seller would take 50 minutes"
        by_seller = Counter(message.seller for message in sandbox.messages())
        assert by_seller == {f"sandbox-{name}": 3 for name in names}
        assert {session._open.http.connector for session in _sessions(pool)} == {
            pool._http and pool._http.connector
        }


def _sessions(pool: SellerPool) -> list[Any]:
    return [kept.session for kept in pool._checked_out.values() if kept.session is not None]


@virtual
async def test_a_busy_seller_slows_no_other() -> None:
    loop = asyncio.get_running_loop()
    done: dict[str | None, float] = {}
    work = [job(number, seller="busy") for number in range(60)]
    work += [job(100 + number, seller="calm") for number in range(4)]
    async with pooled() as (sandbox, pool):
        async with pool.bulk(work) as outcomes:
            async for outcome in outcomes:
                done[outcome.job.seller] = loop.time()
            allowed = outcomes.summary.allowed
        assert done["calm"] < 1
        assert 54 < done["busy"] < 58
        assert allowed == {PROBLEM: 2}, "of both sellers together"
        assert sandbox.throttled() == 0


@pytest.mark.parametrize("is_async", [False, True])
@virtual
async def test_one_sellers_failing_credentials_stop_that_seller_only(is_async: bool) -> None:
    """One is not known to the callback, one is refused by Login with Amazon."""

    def found(seller: str) -> Credentials:
        if seller == "unknown":
            raise AuthorizationError("unknown_seller", seller)
        prefix = "revoked" if seller == "refused" else "sandbox"
        return Credentials(CLIENT_ID, CLIENT_SECRET, f"{prefix}-{seller}")

    async def found_later(seller: str) -> Credentials:
        await asyncio.sleep(1)
        return found(seller)

    sellers = ["good", "unknown", "refused", "fine"]
    work = [job(number, seller=sellers[number % 4]) for number in range(40)]
    async with pooled(found_later if is_async else found) as (_, pool):
        outcomes = await outcomes_of(pool.bulk(work, window=10))
        assert kinds(outcomes) == {
            "good": {"Sent": 10},
            "fine": {"Sent": 10},
            "unknown": {"NotSent": 10},
            "refused": {"NotSent": 10},
        }
        errors = {type(outcome.error) for outcome in outcomes if isinstance(outcome, NotSent)}
        assert errors == {AuthorizationError}


@virtual
async def test_credentials_are_asked_for_once_while_the_session_is_open() -> None:
    asked: list[str] = []

    async def found(seller: str) -> Credentials:
        await asyncio.sleep(1)
        asked.append(seller)
        return credentials(seller)

    async with pooled(found) as (sandbox, pool):
        await outcomes_of(pool.bulk([job(number, seller="one") for number in range(10)]))
        assert (asked, sandbox.token_requests) == (["one"], 1)


@virtual
async def test_a_callback_that_fails_stops_its_seller_only() -> None:
    async with pooled({"two": credentials("two")}.__getitem__) as (_, pool):
        work = [job(1, seller="one"), job(2, seller="two")]
        outcomes = {o.job.seller: o for o in await outcomes_of(pool.bulk(work))}
        failed = outcomes["one"]
        assert isinstance(failed, NotSent)
        assert isinstance(failed.error, AuthorizationError)
        assert "KeyError" in str(failed.error)
        assert isinstance(outcomes["two"], Sent)


@virtual
async def test_a_job_needs_a_seller_that_the_door_knows() -> None:
    async with pooled() as (sandbox, pool):
        work = [job(0), job(1, seller="one")]
        outcomes = await outcomes_of(pool.bulk(work))
        assert [type(outcome) for outcome in outcomes] == [Refused, Sent]
        assert isinstance(outcomes[0].error, InvalidMessageError)
        assert len(sandbox.messages()) == 1
    async with opened(seller="me") as (sandbox, session):
        work = [job(0), job(1, seller="me"), job(2, seller="other")]
        found = {outcome.job: type(outcome) for outcome in await outcomes_of(session.bulk(work))}
        assert list(map(found.get, work)) == [Sent, Sent, Refused]


@virtual
async def test_sessions_are_closed_when_nobody_has_used_them() -> None:
    async with pooled(idle=60) as (_, pool):
        async with pool.session("busy"):
            pass
        async with pool.session("busy"):
            async with pool.session("a") as first:
                assert first.seller == "a"
            await asyncio.sleep(30)
            async with pool.session("b"):
                await asyncio.sleep(29)
            async with pool.session("a") as again:
                assert again is first, "59 s are not too long"
            await asyncio.sleep(61)
            async with pool.session("c"):
                pass
            assert set(pool._checked_out) == {"busy", "c"}, "a session in use keeps no other open"
            assert first._open is None
        async with pool.session("a") as renewed:
            assert renewed is not first


@virtual
async def test_an_order_found_through_a_closed_session_is_asked_again() -> None:
    """The answer is fresh, but its actions would send through the session that is gone."""

    async def source() -> AsyncIterator[Job]:
        yield job(0, seller="one")
        await asyncio.sleep(2)
        yield job(0, UnexpectedProblem(text="another"), seller="one", key="another")

    async with pooled(idle=0) as (sandbox, pool):
        outcomes = await outcomes_of(pool.bulk(source()))
        assert kinds(outcomes) == {"one": {"Sent": 2}}
        assert sandbox.count(None, DISCOVERY) == 2


@virtual
async def test_quotas_outlive_the_sessions() -> None:
    """A session that is closed and opened again gets no second burst."""
    async with pooled(idle=0, plan={"rate": 1, "burst": 5}) as (sandbox, pool):
        for number in range(20):
            await outcomes_of(pool.bulk([job(number, seller="one")], discover=False))
        assert sandbox.token_requests == 20
        assert (len(sandbox.messages()), sandbox.throttled()) == (20, 0)


@virtual
async def test_a_closed_pool_leaves_nothing_open() -> None:
    async with pooled() as (_, pool):
        await outcomes_of(pool.bulk([job(number, seller=f"{number}") for number in range(20)]))
        sessions, connector = _sessions(pool), pool._http and pool._http.connector
        assert len(sessions) == 20
    assert connector is not None
    assert connector.closed
    assert {session._open for session in sessions} == {None}
    with pytest.raises(RuntimeError, match="open the pool"):
        async with pool.session("one"):
            pass
    gc.collect()  # what was not closed warns now, and warnings are errors


@virtual
async def test_a_given_http_session_stays_open() -> None:
    async with aiohttp.ClientSession() as http:
        async with pooled(http=http) as (_, pool):
            await outcomes_of(pool.bulk([job(0, seller="one")]))
            with pytest.raises(RuntimeError, match="already"):
                await pool.__aenter__()
        assert not http.closed


@virtual
async def test_a_session_that_opens_while_the_pool_closes_is_closed() -> None:
    """The callback is slow, and meanwhile the pool is left."""

    async def found(seller: str) -> Credentials:
        await asyncio.sleep(1)
        return credentials(seller)

    sessions = []

    async def use(pool: SellerPool) -> None:
        async with pool.session("late") as session:
            sessions.append(session)

    async with aiohttp.ClientSession() as http:
        async with SellerPool(found, marketplace=Marketplace.DE, http=http) as pool:
            using = asyncio.create_task(use(pool))
            await turns()
        await using
        assert [session._open for session in sessions] == [None]
