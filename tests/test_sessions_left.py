"""A session, a pool or an http= that is closed while calls wait: each ends with the truth."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from helpers.bulk_runs import job
from helpers.fault_server import FaultServer, created, hangs, serving
from helpers.fault_sessions import CREDENTIALS, FAST, ORDER, send, session_at
from helpers.virtual_time import virtual

from spapi_messaging import (
    AuthorizationError,
    Credentials,
    File,
    InDoubtError,
    Invoice,
    Marketplace,
    MessagingSession,
    NotSentError,
    Quota,
    RateLimits,
    SellerPool,
    SqliteJournal,
    UnexpectedProblem,
    UploadError,
)

Work = Callable[[MessagingSession], Awaitable[object]]
PLACES = ["token", "turn", "connection", "answer"]
CALLS = 10


async def result(work: Awaitable[object]) -> object:
    try:
        return await work
    except (Exception, asyncio.CancelledError) as error:  # noqa: BLE001  # any of them is looked at
        return error


def ask(session: MessagingSession) -> Awaitable[object]:
    return session.order(ORDER)


def upload(session: MessagingSession) -> Awaitable[object]:
    message = Invoice(attachments=[File(b"%PDF-", name="invoice.pdf")])
    return session.send(ORDER, message, discover=False)


@asynccontextmanager
async def waiting_for(place: str) -> AsyncIterator[tuple[FaultServer, dict[str, Any]]]:
    """Return a server, and the options of a session whose calls wait at a place."""
    answer = created if place == "turn" else hangs
    async with serving(hangs) as login, serving(answer) as server:
        own: dict[str, Any] = {"timeout": aiohttp.ClientTimeout()}
        if place == "token":
            own["token_url"] = f"{login.url}/login"
        # The first has its turn at once, and the others wait for an hour.
        slow = Quota(rate=1 / 3600, burst=2)
        own["limits"] = RateLimits(default=slow if place == "turn" else FAST)
        yield server, own


@pytest.mark.parametrize("way", ["left", "left, with http=", "http= closed"])
@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("work", [send, ask, upload])
@virtual
async def test_what_waits_ends_with_an_error_of_ours_and_the_truth(
    work: Work, place: str, way: str
) -> None:
    """Of ten calls that wait in one place, those whose message has left are in doubt."""
    loop = asyncio.get_running_loop()
    connector = aiohttp.TCPConnector(limit=2 if place == "connection" else 100)
    async with (
        aiohttp.ClientSession(connector=connector) as mine,
        waiting_for(place) as (server, own),
    ):
        shared = {} if way == "left" else {"http": mine}
        session = await session_at(server, **own | shared).__aenter__()
        calls = [asyncio.create_task(result(work(session))) for _ in range(CALLS)]
        await asyncio.sleep(0.1)
        before = [call for call in calls if call.done()]
        posts, closed_at = len(server.posts), loop.time()
        if way != "http= closed":
            await session.__aexit__(None, None, None)
        if way != "left":
            await asyncio.sleep(0.1)
            await mine.close()
        after = [await call for call in calls if call not in before]
        await session.__aexit__(None, None, None)
    assert {type(each) for each in after} <= {
        *(NotSentError, UploadError, AuthorizationError, InDoubtError)
    }
    in_doubt = sum(isinstance(each, InDoubtError) for each in after)
    assert in_doubt == (posts - len(before) if work is send else 0)
    assert len(server.posts) == posts, "nothing is sent any more"
    assert not any(each.passing for each in after if isinstance(each, NotSentError))
    if way != "http= closed" or place != "turn":
        assert loop.time() - closed_at < 1, "nobody waits for a turn that is not used"


@virtual
async def test_a_call_that_is_cancelled_while_the_session_closes_is_cancelled() -> None:
    async with serving(hangs) as server:
        async with session_at(server, limits=RateLimits(default=Quota(rate=1e-3, burst=1))) as own:
            calls = [asyncio.create_task(send(own)) for _ in range(5)]
            await asyncio.sleep(1)
            for call in calls:
                call.cancel()
        results = await asyncio.gather(*calls, return_exceptions=True)
    assert {type(each) for each in results} == {asyncio.CancelledError}


@virtual
async def test_a_session_that_is_closed_sends_nothing_until_it_is_opened_again() -> None:
    async with serving(created) as server:
        session = session_at(server)
        async with session:
            outgoing = await session.address(ORDER, UnexpectedProblem(text="hello"))
        for late in (send(session), outgoing.send(), session.login()):
            with pytest.raises(NotSentError, match="the session was closed") as caught:
                await late
            assert not caught.value.passing
        assert server.posts == []
        async with session:
            await send(session)
        assert len(server.posts) == 1


DOORS = ["session", "session, http= closed", "pool", "pool, http= closed"]


@pytest.mark.parametrize("discover", [True, False])
@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("door", DOORS)
@virtual
async def test_a_run_whose_door_closes_ends_with_outcomes_and_a_journal_that_agrees(
    door: str, place: str, discover: bool, tmp_path: Path
) -> None:
    """Every job has its outcome, and none is 'sending' but those that are in doubt."""
    loop = asyncio.get_running_loop()
    async with (
        aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=4)) as mine,
        waiting_for(place) as (server, own),
        SqliteJournal(tmp_path / "journal.db") as journal,
    ):
        if "http=" in door:
            own["http"] = mine
        opened: Any = session_at(server, **own)
        if "pool" in door:
            servers = {"endpoint": server.url, "token_url": server.token_url}
            opened = SellerPool(lambda _: CREDENTIALS, marketplace=Marketplace.DE, **servers | own)
        await opened.__aenter__()
        work = [job(number, seller="one" if "pool" in door else None) for number in range(30)]
        async with opened.bulk(work, journal=journal, window=10, discover=discover) as run:
            finishing = asyncio.create_task(run.finish())
            await asyncio.sleep(0.1)
            posts, closed_at = len(server.posts), loop.time()
            await (mine.close() if "http=" in door else opened.__aexit__(None, None, None))
            total = (await finishing).total
            await opened.__aexit__(None, None, None)
        states = Counter(entry.state for entry in await journal.entries())
    assert total.keys() <= {"Sent", "NotSent", "InDoubt", "Refused"}
    assert sum(total.values()) == 30
    assert len(server.posts) == posts
    assert states["sending"] == total.get("InDoubt", 0)
    assert total.get("InDoubt", 0) + total.get("Sent", 0) == posts
    if "http=" not in door or place != "turn":
        assert loop.time() - closed_at < 60
    assert loop.time() - closed_at < 2 * 3600, "one finds it out for all"


@virtual
async def test_a_seller_whose_credentials_come_when_the_pool_is_closed_sends_nothing() -> None:
    async def slowly(_: str) -> Credentials:
        await asyncio.sleep(5)
        return CREDENTIALS

    async with serving(created) as server, aiohttp.ClientSession() as mine:
        own = {"endpoint": server.url, "token_url": server.token_url, "http": mine}
        pool = await SellerPool(slowly, marketplace=Marketplace.DE, **own).__aenter__()
        work = [job(number, seller=f"{number % 2}") for number in range(9)]
        async with pool.bulk(work, window=4, discover=False) as run:
            finishing = asyncio.create_task(run.finish())
            await asyncio.sleep(1)
            await pool.__aexit__(None, None, None)
            assert (await finishing).total == {"NotSent": 9}
        assert (server.posts, server.tokens_asked) == ([], 0)
