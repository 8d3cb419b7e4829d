"""What Login with Amazon answers: tokens that no header can hold, lifetimes that cannot be."""

import asyncio
import json
from email.utils import formatdate

import pytest
from helpers.fault_server import (
    Response,
    created,
    hangs,
    http,
    says,
    says_and_closes,
    serving,
)
from helpers.fault_sessions import ORDER, session_at
from helpers.virtual_time import virtual

from spapi_messaging import AuthorizationError, Credentials, UnexpectedProblem
from spapi_messaging.transport.access_token import answer_of, lifetime_of

HELLO = UnexpectedProblem(text="hello")
CREDENTIALS = Credentials("amzn1.app", "client-secret", "Atzr|refresh-secret")

UNFIT = [
    "Atza|a\r\nX-Evil: 1",
    "Atza|a\n",
    "Atza|a\x00",
    "Atza|a\x7f",
    "Atza|a b",
    "\tAtza|a",
    "Atza|\u00e4",
    "Atza|\u202e",
    "Atza|\u4e2d",
    "Atza|\U0001f600",
    "",
    " ",
    "a" * 8193,
    "a" * 900_000,
]


@pytest.mark.parametrize("token", UNFIT, ids=lambda token: ascii(token)[:20])
@virtual
async def test_a_token_that_no_header_can_hold_is_none(token: str) -> None:
    """It is an answer that is not what it must be, it is not shown, and nothing is sent."""
    answer = json.dumps({"access_token": token, "expires_in": 3600}).encode()
    async with (
        serving(says(http("200 OK", answer))) as login,
        serving(created) as server,
        session_at(server, token_url=f"{login.url}/login") as session,
    ):
        with pytest.raises(AuthorizationError) as caught:
            await session.send(ORDER, HELLO, discover=False)
        assert caught.value.error == "invalid_answer"
        assert "Atza" not in str(caught.value)
        assert str(caught.value).isprintable()
        assert server.heads == []


NUMBERS = {
    "NaN": 3600.0,
    "Infinity": 3600.0,
    "-Infinity": 3600.0,
    "-1": 3600.0,
    "0": 3600.0,
    "-0.0": 3600.0,
    "1e400": 3600.0,
    "-1e400": 3600.0,
    "1e308": 86_400.0,
    "9" * 400: 86_400.0,
    "-" + "9" * 400: 3600.0,
    "1e-300": 10.0,
    "1": 10.0,
    "3600": 3600.0,
    "3600.5": 3600.5,
}


@pytest.mark.parametrize(("number", "seconds"), NUMBERS.items(), ids=lambda value: f"{value}"[:20])
@virtual
async def test_any_lifetime_gives_a_token_that_serves(number: str, seconds: float) -> None:
    """Where it is no sensible number the token is asked for once, and not with each message."""
    answer = f'{{"access_token":"Atza|1","expires_in":{number}}}'.encode()
    async with (
        serving(says(http("200 OK", answer))) as login,
        serving(created) as server,
        session_at(server, token_url=f"{login.url}/login", clock=lambda: 1e9) as session,
    ):
        for _ in range(5):
            await session.send(ORDER, HELLO, discover=False)
        assert (len(login.posts), len(server.posts)) == (1, 5)
    assert lifetime_of(json.loads(number)) == seconds


@pytest.mark.parametrize("lifetime", ['"3600"', '"soon"', "null", "true", "[1]", "{}", "9" * 5000])
@virtual
async def test_a_lifetime_that_is_no_number_is_an_answer_that_is_not_understood(
    lifetime: str,
) -> None:
    answer = f'{{"access_token":"Atza|1","expires_in":{lifetime}}}'.encode()
    async with (
        serving(says(http("200 OK", answer))) as login,
        serving(created) as server,
        session_at(server, token_url=f"{login.url}/login") as session,
    ):
        with pytest.raises(AuthorizationError, match="invalid_answer"):
            await session.send(ORDER, HELLO, discover=False)
        assert server.heads == []


@virtual
async def test_a_token_without_a_lifetime_is_good_for_an_hour() -> None:
    now = [1e9]
    async with (
        serving(says(http("200 OK", b'{"access_token":"Atza|1"}'))) as login,
        serving(created) as server,
        session_at(server, token_url=f"{login.url}/login", clock=lambda: now[0]) as session,
    ):
        for passed, asked in ((0, 1), (3000, 1), (3600, 2)):
            now[0] = 1e9 + passed
            await session.send(ORDER, HELLO, discover=False)
            assert len(login.posts) == asked


AWAY = {
    "500": says(http("500 Oops", b'{"error":"invalid_client"}')),
    "503": says(http("503 Busy")),
    "599": says(http("599 Odd")),
    "429": says(http("429 Too Many")),
    "408": says(http("408 Timeout")),
    "425": says(http("425 Too Early")),
    "cut off": says_and_closes(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{"),
    "silence": hangs,
}


@pytest.mark.parametrize("fault", AWAY.values(), ids=AWAY)
@virtual
async def test_a_login_that_is_away_is_asked_ever_more_rarely(fault: Response) -> None:
    """Three times for the first caller; whoever comes later shares one request after a pause."""
    loop = asyncio.get_running_loop()
    async with (
        serving(fault) as login,
        serving(created) as server,
        session_at(server, token_url=f"{login.url}/login", timeout=1) as session,
    ):

        async def ask() -> None:
            with pytest.raises(AuthorizationError, match=r"unreachable.*try again") as caught:
                await session.send(ORDER, HELLO, discover=False)
            assert caught.value.passing

        await asyncio.gather(*(ask() for _ in range(50)))
        assert len(login.posts) == 3
        ended = loop.time() + 300
        while loop.time() < ended:
            await asyncio.gather(*(ask() for _ in range(50)))
        assert 15 < len(login.posts) < 45, "a pause is 20 s at the most, and half of it at least"
        login.answers = [says(http("200 OK", b'{"access_token":"Atza|1"}'))]
        await session.send(ORDER, HELLO, discover=False)
        assert loop.time() < ended + 50
        assert len(server.posts) == 1


def at(seconds: float) -> str:
    return formatdate(seconds, usegmt=True)


@pytest.mark.parametrize(
    ("headers", "least", "most"),
    [
        (["Retry-After: 7"], 7, 8),
        ([f"Date: {at(1000)}", f"Retry-After: {at(1009)}"], 9, 10),
        (["Retry-After: 86400"], 60, 61),
        (["Retry-After: nan"], 0, 1),
        (["Retry-After: -5"], 0, 1),
        ([f"Retry-After: {'9' * 400}"], 60, 61),
    ],
)
@virtual
async def test_what_the_login_asks_for_is_waited(headers: list[str], least: int, most: int) -> None:
    loop = asyncio.get_running_loop()
    async with (
        serving(
            says(http("503 Busy", b"", *headers)), says(http("200 OK", b'{"access_token":"t"}'))
        ) as login,
        serving(created) as server,
        session_at(server, token_url=f"{login.url}/login") as session,
    ):
        began = loop.time()
        await session.send(ORDER, HELLO, discover=False)
        assert least <= loop.time() - began < most


@pytest.mark.parametrize(
    ("status", "body", "passing"),
    [
        (400, b'{"error":"invalid_grant"}', False),
        (401, b'{"error":"invalid_client"}', False),
        (403, b"<html>", False),
        (404, b"", False),
        (407, b"<html>", True),
        (302, b"", True),
        (204, b"", True),
        (200, b"<html>", True),
        (200, b'{"access_token":5}', False),
        (200, b'{"access_token":"a b"}', False),
    ],
)
def test_a_refusal_is_told_from_what_may_pass(status: int, body: bytes, passing: bool) -> None:
    answer = answer_of(status, body, None, CREDENTIALS, 0.0)
    assert isinstance(answer, AuthorizationError)
    assert answer.passing is passing
    assert ("Check the client id" in str(answer)) is (400 <= status < 407)


@virtual
async def test_secrets_of_any_characters_raise_no_foreign_error() -> None:
    """A file that is no UTF-8 gives such texts; an error of their encoding would show them."""
    odd = Credentials("amzn1.app", "\udce4\u4e2d\n", "Atzr|\udce4")
    assert len(odd.account) == 16
    refused = says(http("401 Unauthorized", b'{"error":"invalid_client"}'))
    async with serving(refused) as login, serving(created) as server:
        session = session_at(server, token_url=f"{login.url}/login")
        session._credentials = odd
        async with session:
            with pytest.raises(AuthorizationError, match="invalid_client"):
                await session.login()
        assert len(login.posts) == 1
