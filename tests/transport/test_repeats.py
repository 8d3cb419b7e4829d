"""What is sent again: throttled messages, expired tokens, questions; and what is told of it."""

import asyncio

import aiohttp
import pytest
from helpers.fault_server import (
    Response,
    closes,
    created,
    hangs,
    http,
    resets,
    says,
    says_and_closes,
    serving,
)
from helpers.fault_sessions import EXPIRED, ORDER, QUOTA, TEXT, outcome, send, session_at
from helpers.virtual_time import virtual

from spapi_messaging import (
    NotSentError,
    Quota,
    RateLimits,
    Receipt,
    RequestEvent,
    ServerError,
    ThrottledError,
    TokenRejectedError,
    UntrustedLinkError,
)


@virtual
async def test_a_throttled_message_is_sent_again_until_it_is_accepted() -> None:
    throttled = says(http("429 Too Many", QUOTA))
    async with serving(throttled, throttled, created) as server:
        result = await outcome(server)
        assert isinstance(result, Receipt)
        assert len(server.posts) == 3, "refused before processing: each may be sent again"


@virtual
async def test_429_for_longer_than_the_patience_is_an_error() -> None:
    async with serving(says(http("429 Too Many", QUOTA))) as server:
        started = asyncio.get_running_loop().time()
        limits = RateLimits(default=Quota(rate=1, burst=5))
        result = await outcome(server, patience=60, limits=limits)
        assert isinstance(result, ThrottledError)
        assert 60 <= asyncio.get_running_loop().time() - started < 120
        assert result.status == 429


@virtual
async def test_an_expired_token_is_renewed_once_and_the_message_sent_again() -> None:
    async with serving(says(http("403 Forbidden", EXPIRED)), created) as server:
        result = await outcome(server)
        assert isinstance(result, Receipt)
        assert (server.tokens_asked, len(server.posts)) == (2, 2)


@virtual
async def test_a_token_that_is_rejected_twice_is_an_error() -> None:
    async with serving(says(http("403 Forbidden", EXPIRED))) as server:
        result = await outcome(server)
        assert isinstance(result, TokenRejectedError)
        assert (server.tokens_asked, len(server.posts)) == (2, 2)


DISCOVERY = b'{"_links":{"self":{"href":"x"},"actions":[]}}'


@pytest.mark.parametrize(
    "fault",
    [
        closes,
        resets,
        says(http("503 Busy")),
        says_and_closes(b"HTTP/1.1 200 OK\r\n"),
        hangs,
        says_and_closes(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{"),
    ],
    ids=["closed", "reset", "503", "half a head", "hang", "body cut off"],
)
@virtual
async def test_a_get_is_asked_again(fault: Response) -> None:
    async with serving(fault, says(http("200 OK", DISCOVERY))) as server:
        async with session_at(server) as session:
            order = await session.order(ORDER)
        assert order.order_id == ORDER


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (closes, NotSentError),
        (says(http("503 Busy")), ServerError),
        (says(http("302 Found", b"", "Location: https://evil.example/x")), UntrustedLinkError),
        (says(http("307 Found", b"", "Location: /messaging/v1/orders/1")), UntrustedLinkError),
    ],
    ids=["closed", "503", "302", "307"],
)
@virtual
async def test_a_get_is_not_asked_for_ever(fault: Response, expected: type[Exception]) -> None:
    async with serving(fault) as server, session_at(server) as session:
        with pytest.raises(expected):
            await session.order(ORDER)
        assert len(server.heads) <= 8  # aiohttp repeats a GET once by itself
        assert server.posts == []


@virtual
async def test_on_request_sees_each_attempt_and_may_fail(log: pytest.LogCaptureFixture) -> None:
    events: list[RequestEvent] = []

    def watch(event: RequestEvent) -> None:
        events.append(event)
        raise ZeroDivisionError

    async with serving(says(http("429 Too Many", QUOTA)), created) as server:
        result = await outcome(server, on_request=watch)
    assert isinstance(result, Receipt)
    assert [(event.attempt, event.status, event.request_id) for event in events] == [
        (1, 429, None),
        (2, 201, "request-1"),
    ]
    assert "on_request failed" in log.text
    assert "429" in next(r.getMessage() for r in log.records if r.levelname == "WARNING")


@virtual
async def test_the_request_is_as_amazon_wants_it() -> None:
    async with serving(created) as server, session_at(server, user_agent="Shop/2.0") as session:
        await send(session)
        head = server.heads[0].decode()
        path = f"/messaging/v1/orders/{ORDER}/messages/unexpectedProblem"
        assert head.startswith(f"POST {path}?marketplaceIds=A1PA6795UKMFR9 HTTP/1.1\r\n")
        assert "x-amz-access-token: Atza|secret-token\r\n" in head
        assert "User-Agent: Shop/2.0 (Language=Python/3." in head
        assert server.posts[0] == f'{{"text":"{TEXT}"}}'.encode()


@virtual
async def test_a_session_of_the_user_is_used_and_left_open() -> None:
    """Its cookies and default headers stay behind: they could carry secrets elsewhere."""
    async with (
        serving(created) as server,
        aiohttp.ClientSession(headers={"X-Mine": "1"}, cookies={"a": "b"}) as mine,
    ):
        async with session_at(server, http=mine) as session:
            await send(session)
        assert not mine.closed
        assert b"X-Mine" not in server.heads[0]
        assert b"Cookie" not in server.heads[0]
        async with mine.get(server.url) as response:
            assert response.status == 201
