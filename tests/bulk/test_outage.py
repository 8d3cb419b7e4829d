"""While the network or Login with Amazon is away a seller's jobs wait, and none is used up."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from helpers.bulk_runs import DISCOVERY, job, jobs, named, opened, order_id, outcomes_of
from helpers.fault_server import Response, closes, created, hangs, http, says, serving
from helpers.fault_sessions import CREDENTIALS, session_at
from helpers.virtual_time import virtual

from spapi_messaging import (
    AuthorizationError,
    InvalidMessageError,
    Marketplace,
    MessagingError,
    NotSent,
    NotSentError,
    Quota,
    RateLimits,
    SellerPool,
    ServerError,
    SqliteJournal,
    UploadError,
)
from spapi_messaging.bulk.outage import Outage
from spapi_messaging.sandbox import Sandbox

ORDER = "902-0000001-0000000"


class Amazon:
    """Somebody who is away at times, and notes who comes by."""

    def __init__(self, outage: Outage, error: Callable[[], MessagingError]) -> None:
        self.outage = outage
        self.error = error
        self.is_away = True
        self.tries: list[float] = []

    async def reach(self) -> str:
        loop = asyncio.get_running_loop()
        self.tries.append(loop.time())
        await asyncio.sleep(0.01)
        if self.is_away:
            raise self.error()
        return "here"

    async def job(self, number: int = 1) -> str | MessagingError:
        try:
            return await self.outage.through(f"order-{number}", self.reach)
        except MessagingError as error:
            return error


def not_sent() -> MessagingError:
    return NotSentError("createWarranty", "refused", "order-x")


def no_login() -> MessagingError:
    error = AuthorizationError("unreachable", "status 503")
    error.passing = True
    return error


@pytest.mark.parametrize("error", [not_sent, no_login])
@virtual
async def test_those_that_wait_are_one_that_tries_and_all_go_on_at_once(
    error: Callable[[], MessagingError],
) -> None:
    loop = asyncio.get_running_loop()
    amazon = Amazon(Outage("me", 300), error)
    work = [asyncio.create_task(amazon.job(number)) for number in range(100)]
    await asyncio.sleep(60)
    assert 100 + 5 < len(amazon.tries) < 100 + 20, "all found it out; then one at a time"
    late = [asyncio.create_task(amazon.job(number)) for number in range(100)]
    await asyncio.sleep(30)
    assert len(amazon.tries) < 100 + 30, "nobody who comes later tries by himself"
    amazon.is_away = False
    assert await asyncio.gather(*work, *late) == ["here"] * 200
    assert loop.time() < 90 + 21


@pytest.mark.parametrize("error", [not_sent, no_login])
@virtual
async def test_after_the_patience_each_try_is_told_to_all_that_wait(
    error: Callable[[], MessagingError],
) -> None:
    """A job of another order gets an error that names its own."""
    loop = asyncio.get_running_loop()
    amazon = Amazon(Outage("me", 300), error)
    results = await asyncio.gather(*(amazon.job(number) for number in range(100)))
    assert 300 <= loop.time() < 321
    assert {type(each) for each in results} == {type(error())}
    if error is not_sent:
        assert {each.order_id for each in results} >= {f"order-{n}" for n in range(1, 50)}
    assert len({id(each) for each in results}) == 100
    tries, began = len(amazon.tries), loop.time()
    await asyncio.gather(*(amazon.job() for _ in range(100)))
    assert len(amazon.tries) == tries + 1
    assert loop.time() - began < 21
    amazon.is_away = False
    assert await asyncio.gather(*(amazon.job() for _ in range(100))) == ["here"] * 100


@virtual
async def test_refused_credentials_are_asked_about_once() -> None:
    amazon = Amazon(Outage("me", 300), lambda: AuthorizationError("invalid_grant", "revoked"))
    results = [await amazon.job() for _ in range(1000)]
    assert len({str(each) for each in results}) == 1
    assert "revoked" in str(results[-1])
    assert len(amazon.tries) == 1


@pytest.mark.parametrize(
    "error",
    [
        ServerError("createWarranty", 503),
        InvalidMessageError("the order id", ("it is none",)),
        AuthorizationError("closed"),
    ],
)
@virtual
async def test_an_error_that_is_no_outage_is_raised_at_once(error: MessagingError) -> None:
    amazon = Amazon(Outage("me", 300), lambda: error)
    assert [await amazon.job() for _ in range(3)] == [error] * 3
    assert len(amazon.tries) == 3


@virtual
async def test_a_job_that_is_cancelled_while_it_tries_hands_it_on() -> None:
    amazon = Amazon(Outage("me", 300), not_sent)
    work = [asyncio.create_task(amazon.job(number)) for number in range(20)]
    await asyncio.sleep(20)
    for number in range(19):
        work[number].cancel()
        await asyncio.sleep(3)
    amazon.is_away = False
    assert await work[19] == "here"


@virtual
async def test_an_upload_that_finds_nobody_holds_up_its_own_job_only() -> None:
    loop = asyncio.get_running_loop()
    outage = Outage("me", 60)

    async def upload() -> str:
        await asyncio.sleep(0.01)
        raise UploadError(ORDER, "a.pdf", "no storage") from NotSentError("PUT", "refused")

    uploading = asyncio.create_task(outage.through(ORDER, upload))
    amazon = Amazon(outage, not_sent)
    amazon.is_away = False
    for _ in range(5):
        assert await amazon.job() == "here"
        await asyncio.sleep(1)
    assert loop.time() < 6
    with pytest.raises(UploadError):
        await uploading
    assert 60 <= loop.time() < 81


@asynccontextmanager
async def stopped(sandbox: Sandbox, seconds: float) -> AsyncIterator[None]:
    async def stop() -> None:
        await asyncio.sleep(3)
        await sandbox.stop()
        await asyncio.sleep(seconds)
        await sandbox.start()

    stopping = asyncio.create_task(stop())
    yield
    await stopping


@pytest.mark.parametrize("discover", [True, False])
@pytest.mark.parametrize("seconds", [6, 100])
@virtual
async def test_a_network_that_is_away_uses_up_no_job(discover: bool, seconds: int) -> None:
    limits = RateLimits(default=Quota(rate=20, burst=20))
    async with opened(limits=limits) as (sandbox, session), stopped(sandbox, seconds):
        outcomes = await outcomes_of(session.bulk(jobs(300), discover=discover))
        assert Counter(named(outcomes).values()) == {"Sent": 300}
        assert len(sandbox.messages()) == 300


@pytest.mark.parametrize(
    "fault", [says(http("503 Busy")), says(http("429 Too Many")), closes, hangs]
)
@virtual
async def test_a_login_that_is_away_uses_up_no_job(fault: Response) -> None:
    loop = asyncio.get_running_loop()
    token = says(http("200 OK", b'{"access_token":"Atza|1","expires_in":30}'))
    now = [1e9]
    async with (
        serving(token) as login,
        serving(created) as server,
        session_at(
            server,
            token_url=f"{login.url}/login",
            limits=RateLimits(default=Quota(rate=1, burst=5)),
            clock=lambda: now[0] + loop.time(),
            timeout=5,
        ) as session,
    ):

        async def leave() -> None:
            await asyncio.sleep(20)
            login.answers = [fault]
            await asyncio.sleep(60)
            login.answers = [token]

        leaving = asyncio.create_task(leave())
        outcomes = await outcomes_of(session.bulk(jobs(300), discover=False))
        await leaving
        assert Counter(named(outcomes).values()) == {"Sent": 300}
        assert len(server.posts) == 300
        assert len(login.posts) < 50


@virtual
async def test_tokens_that_are_rejected_one_after_the_other_stop_a_seller() -> None:
    """Not one that is rejected for one order alone."""
    body = b'{"errors":[{"code":"Unauthorized","message":"The access token is revoked."}]}'
    async with opened(limits=RateLimits(default=Quota(rate=20, burst=5))) as (sandbox, session):
        sandbox.fail_next(403, operation=DISCOVERY, order_id=order_id(3), body=body, times=2)
        outcomes = await outcomes_of(session.bulk(jobs(20), window=2))
        assert Counter(type(outcome).__name__ for outcome in outcomes) == {"Sent": 19, "NotSent": 1}
        sandbox.fail_next(403, operation=DISCOVERY, body=body, times=9999)
        asked = sandbox.count(None, DISCOVERY), sandbox.token_requests
        work = [job(100 + number) for number in range(200)]
        outcomes = await outcomes_of(session.bulk(work, window=10))
        assert {type(outcome) for outcome in outcomes} == {NotSent}
        assert {outcome.error.order_id for outcome in outcomes} == {each.order_id for each in work}
        assert sandbox.count(None, DISCOVERY) - asked[0] <= 30
        assert sandbox.token_requests - asked[1] <= 20


@virtual
async def test_wrong_credentials_stop_a_seller_after_the_first_answer() -> None:
    refused = says(http("401 Unauthorized", b'{"error":"invalid_client"}'))
    async with serving(refused) as login, serving(created) as server:
        servers = {"endpoint": server.url, "token_url": f"{login.url}/login"}
        limits = RateLimits(default=Quota(rate=1, burst=5))
        async with SellerPool(
            lambda _: CREDENTIALS, marketplace=Marketplace.DE, limits=limits, **servers
        ) as pool:
            work = [job(number, seller="one") for number in range(10_000)]
            outcomes = await outcomes_of(pool.bulk(work))
        assert {type(outcome) for outcome in outcomes} == {NotSent}
        assert len({str(outcome.error) for outcome in outcomes}) == 1
        assert (len(login.posts), server.heads) == (1, [])
        assert asyncio.get_running_loop().time() < 1


@virtual
async def test_a_seller_that_waits_holds_up_no_other_and_ends_after_the_patience() -> None:
    """One seller's login is away for good; the other's jobs are done meanwhile."""
    loop = asyncio.get_running_loop()
    done: dict[str | None, float] = {}
    away = says(http("503 Busy"))
    async with serving(away) as login, serving(created) as server:

        async def served(pool: SellerPool) -> Counter[str]:
            work = [job(number, seller="ab"[number % 2]) for number in range(20)]
            kinds: Counter[str] = Counter()
            async with pool.bulk(work, discover=False) as outcomes:
                async for outcome in outcomes:
                    done[outcome.job.seller] = loop.time()
                    kinds[f"{outcome.job.seller} {type(outcome).__name__}"] += 1
            return kinds

        async with (
            SellerPool(
                lambda _: CREDENTIALS,
                marketplace=Marketplace.DE,
                endpoint=server.url,
                token_url=server.token_url,
                patience=60,
            ) as pool,
            pool.session("a") as session,
        ):
            session._open.login._url = f"{login.url}/login"
            assert await served(pool) == {"a NotSent": 10, "b Sent": 10}
        assert done["b"] < 10
        assert 60 <= done["a"] < 100


@virtual
async def test_a_job_that_waits_is_not_sent_in_the_journal(tmp_path: Path) -> None:
    """A process that dies in an outage leaves no doubt behind: no byte has left."""
    async with opened() as (sandbox, session), SqliteJournal(tmp_path / "j.db") as journal:
        await session.login()
        await sandbox.stop()
        run = session.bulk(jobs(20), journal=journal, discover=False)
        async with run:
            await asyncio.sleep(30)
            states = Counter(entry.state for entry in await journal.entries())
            assert states["not sent"] >= 19
            assert states["sending"] <= 1, "the one that tries"
            sandbox.fail_next(hang=True)
            await sandbox.start()
            await asyncio.sleep(25)
            states = Counter(entry.state for entry in await journal.entries())
            assert states["sending"] == 1, "what leaves after an outage is written down before"
            assert (await run.finish()).total == {"Sent": 19, "InDoubt": 1}
        states = Counter(entry.state for entry in await journal.entries())
        assert states == {"sent": 19, "sending": 1}


@virtual
async def test_leaving_a_run_in_an_outage_gives_up_what_waits(tmp_path: Path) -> None:
    loop = asyncio.get_running_loop()
    async with opened() as (sandbox, session), SqliteJournal(tmp_path / "j.db") as journal:
        await session.login()
        await sandbox.stop()
        async with session.bulk(jobs(20), journal=journal, discover=False):
            await asyncio.sleep(30)
        assert loop.time() < 31
        assert {entry.state for entry in await journal.entries()} == {"not sent"}
