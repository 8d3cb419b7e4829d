"""Login with Amazon: one refresh for all who wait, and none too early or too late."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import parse_qs

import aiohttp
import pytest
from aiohttp import web
from helpers.virtual_time import turns, virtual

from spapi_messaging import AuthorizationError, Credentials, UntrustedLinkError
from spapi_messaging.transport.auth import Login

CREDENTIALS = Credentials("amzn1.app", "client-secret", "Atzr|refresh-secret")


class Amazon:
    """A token endpoint: gives token-1, token-2, … unless told to refuse."""

    def __init__(self) -> None:
        self.asked: list[dict[str, list[str]]] = []
        self.lifetime: float = 3600
        self.refusals: list[web.Response] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.now = 1_000_000.0
        self.url = ""

    def clock(self) -> float:
        return self.now

    async def serve(self, request: web.BaseRequest) -> web.Response:
        self.asked.append(parse_qs(await request.text()))
        await self.gate.wait()
        if self.refusals:
            return self.refusals.pop(0)
        body = {"access_token": f"token-{len(self.asked)}", "expires_in": self.lifetime}
        return web.json_response(body | {"token_type": "bearer", "refresh_token": "x"})


@asynccontextmanager
async def amazon() -> AsyncIterator[tuple[Amazon, Login]]:
    server = Amazon()
    runner = web.ServerRunner(web.Server(server.serve))
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    server.url = f"http://127.0.0.1:{runner.addresses[0][1]}/auth/o2/token"
    async with aiohttp.ClientSession() as http:
        login = Login(CREDENTIALS, http=http, clock=server.clock, token_url=server.url)
        try:
            yield server, login
        finally:
            await login.close()
            server.gate.set()
            await runner.cleanup()


@virtual
async def test_a_hundred_callers_refresh_once() -> None:
    async with amazon() as (server, login):
        tokens = await asyncio.gather(*(login.token() for _ in range(100)))
        assert {token.value for token in tokens} == {"token-1"}
        assert server.asked == [
            {
                "grant_type": ["refresh_token"],
                "refresh_token": ["Atzr|refresh-secret"],
                "client_id": ["amzn1.app"],
                "client_secret": ["client-secret"],
            }
        ]


@virtual
async def test_the_token_is_kept_until_shortly_before_it_expires() -> None:
    """From 300 s before on it is renewed while it serves; from 30 s before on it is dead."""
    async with amazon() as (server, login):
        assert (await login.token()).value == "token-1"
        server.now += 3299
        assert (await login.token()).value == "token-1"
        assert len(server.asked) == 1
        server.now += 2
        server.gate.clear()
        assert (await login.token()).value == "token-1", "nobody waits for a renewal ahead of time"
        await asyncio.sleep(1)
        assert len(server.asked) == 2
        server.now += 270
        assert login.latest is None
        waiting = asyncio.create_task(login.token())
        await asyncio.sleep(1)
        assert not waiting.done()
        server.gate.set()
        assert (await waiting).value == "token-2"
        assert len(server.asked) == 2


@virtual
async def test_a_short_lived_token_still_serves() -> None:
    """The margins are shares of a short lifetime; else it would be asked for each request."""
    async with amazon() as (server, login):
        server.lifetime = 20
        await login.token()
        server.now += 14
        assert (await login.token()).value == "token-1"
        assert len(server.asked) == 1


@virtual
async def test_a_rejected_token_is_forgotten_once() -> None:
    """The second to report the same token does not throw the new one away."""
    async with amazon() as (server, login):
        first = await login.token()
        login.reject(first)
        assert (await login.token()).value == "token-2"
        login.reject(first)
        assert (await login.token()).value == "token-2"
        assert len(server.asked) == 2


@virtual
async def test_a_refusal_is_told_to_all_who_ask_within_a_minute_and_then_asked_again() -> None:
    async with amazon() as (server, login):
        body = {"error": "invalid_grant", "error_description": "revoked"}
        server.refusals = [web.json_response(body, status=400)]
        calls = [asyncio.create_task(login.token()) for _ in range(10)]
        results = await asyncio.gather(*calls, return_exceptions=True)
        assert [type(result) for result in results] == [AuthorizationError] * 10
        assert {(r.error, r.description) for r in results} == {("invalid_grant", "revoked")}
        assert len({id(result) for result in results}) == 10, "each has an error of his own"
        await asyncio.sleep(59)
        for _ in range(1000):
            with pytest.raises(AuthorizationError, match="revoked"):
                await login.token()
        assert len(server.asked) == 1, "the same credentials would be refused again"
        await asyncio.sleep(2)
        assert (await login.token()).value == "token-2"


@pytest.mark.parametrize(
    ("refusal", "error"),
    [
        ({"status": 400, "text": "<html>"}, "unknown_error"),
        ({"status": 401, "text": '{"error":"invalid_client"}'}, "invalid_client"),
        ({"status": 200, "text": "[]"}, "invalid_answer"),
        ({"status": 200, "text": '{"access_token": 5}'}, "invalid_answer"),
        ({"status": 302, "headers": {"Location": "https://evil.example/"}}, "unknown_error"),
    ],
)
@virtual
async def test_an_answer_that_is_no_token_is_an_error(refusal: dict[str, Any], error: str) -> None:
    async with amazon() as (server, login):
        server.refusals = [web.Response(**refusal)]
        with pytest.raises(AuthorizationError) as caught:
            await login.token()
        assert caught.value.error == error
        assert "-secret" not in f"{caught.value} {caught.value!r}"
        assert len(server.asked) == 1


@pytest.mark.parametrize("status", [429, 500, 503])
@virtual
async def test_a_passing_failure_is_asked_again(status: int) -> None:
    async with amazon() as (server, login):
        server.refusals = [web.Response(status=status)]
        assert (await login.token()).value == "token-2"


@virtual
async def test_an_endpoint_that_is_gone_is_an_error_after_three_tries() -> None:
    async with aiohttp.ClientSession() as http:
        login = Login(CREDENTIALS, http=http, clock=lambda: 0, token_url="http://127.0.0.1:9/x")
        with pytest.raises(AuthorizationError) as caught:
            await login.token()
        assert caught.value.error == "unreachable"
        assert not isinstance(caught.value.__context__, aiohttp.ClientError)


@virtual
async def test_a_cancelled_caller_takes_nothing_from_the_others() -> None:
    """The first to ask is cancelled while Amazon thinks: the others get the same refresh."""
    async with amazon() as (server, login):
        server.gate.clear()
        first, second = (asyncio.create_task(login.token()) for _ in range(2))
        await asyncio.sleep(1)
        first.cancel()
        await turns()
        server.gate.set()
        assert (await second).value == "token-1"
        assert first.cancelled()
        assert len(server.asked) == 1


@virtual
async def test_closing_ends_a_refresh_and_tells_who_waits() -> None:
    async with amazon() as (server, login):
        server.gate.clear()
        waiting = asyncio.create_task(login.token())
        await asyncio.sleep(1)
        await login.close()
        with pytest.raises(AuthorizationError, match="closed"):
            await waiting


def test_credentials_come_from_the_names_users_have() -> None:
    environment = {
        "LWA_APP_ID": "amzn1.app",
        "LWA_CLIENT_SECRET": "client-secret",
        "SP_API_REFRESH_TOKEN": "Atzr|refresh-secret",
    }
    assert Credentials.from_env(environment) == CREDENTIALS
    with pytest.raises(AuthorizationError, match=r"LWA_CLIENT_SECRET, SP_API_REFRESH_TOKEN"):
        Credentials.from_env({"LWA_APP_ID": "amzn1.app"})


def test_credentials_show_no_secret() -> None:
    assert "secret" not in repr(CREDENTIALS)
    assert "secret" not in CREDENTIALS.account
    other = Credentials("amzn1.app", "client-secret", "Atzr|another")
    assert other.account != CREDENTIALS.account


def test_secrets_go_over_tls_or_loopback_only() -> None:
    with pytest.raises(UntrustedLinkError):
        Login(CREDENTIALS, http=None, clock=lambda: 0, token_url="http://api.example/token")
