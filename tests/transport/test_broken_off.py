"""What is broken off: by its caller, by a session that is left, or by what HTTP cannot say."""

import asyncio
import functools
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import aiohttp
import pytest
from helpers.fault_server import created, hangs, http, says, serving
from helpers.fault_sessions import ORDER, deliver, send, session_at
from helpers.virtual_time import VirtualLoop, turns, virtual

from spapi_messaging import MessagingError, NotSentError, Receipt
from spapi_messaging.transport import Delivery, Request


class SteppingLoop(VirtualLoop):
    """Cancels a task before a given turn of the loop, and notes how far it was."""

    victim: asyncio.Task[Any] | None = None
    delivery = Delivery()
    left = 0
    had_left: bool | None = None

    def _run_once(self) -> None:
        self.left -= 1
        if self.left == 0 and self.victim is not None:
            self.had_left = self.delivery.head_sent
            self.victim.cancel()
        super()._run_once()


async def cancelled_at(turn: int, *, is_new: bool) -> tuple[bool | None, Delivery, int, bool]:
    loop = asyncio.get_running_loop()
    assert isinstance(loop, SteppingLoop)
    async with serving(created) as server, session_at(server) as session:
        await session.login()
        if not is_new:
            await send(session)
        posted, loop.delivery = len(server.posts), Delivery()
        loop.victim, loop.left = loop.create_task(deliver(session, loop.delivery)), turn
        await asyncio.wait([loop.victim])
        await asyncio.sleep(1)
        return loop.had_left, loop.delivery, len(server.posts) - posted, loop.victim.cancelled()


@pytest.mark.parametrize("is_new", [False, True], ids=["kept", "new"])
def test_what_is_cancelled_before_its_bytes_left_never_leaves(is_new: bool) -> None:
    """One message for each turn of the loop at which it is cancelled."""
    before, after = 0, 0
    for turn in range(1, 100):
        with asyncio.Runner(loop_factory=SteppingLoop) as runner:
            had_left, delivery, posts, is_cancelled = runner.run(cancelled_at(turn, is_new=is_new))
        if not is_cancelled:
            break
        assert delivery.head_sent == had_left == (posts == 1), turn
        assert had_left or delivery.known == "not sent"
        before, after = before + (not had_left), after + bool(had_left)
    assert before
    assert after


@virtual
async def test_a_trace_that_takes_its_time_is_before_the_first_byte() -> None:
    """A message that is cancelled while a user's own trace waits was not sent."""
    waiting, is_slow = asyncio.Event(), [False]

    async def wait(*_: object) -> None:
        if is_slow[0]:
            waiting.set()
            await asyncio.sleep(60)

    trace = aiohttp.TraceConfig(SimpleNamespace)
    trace.on_request_chunk_sent.append(wait)
    async with (
        serving(created) as server,
        aiohttp.ClientSession(trace_configs=[trace]) as mine,
        session_at(server, http=mine) as session,
    ):
        await session.login()
        is_slow[0], delivery = True, Delivery()
        sending = asyncio.create_task(deliver(session, delivery))
        await waiting.wait()
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)
        await asyncio.sleep(100)
        assert (delivery.known, server.posts) == ("not sent", [])


@virtual
async def test_who_waits_for_a_connection_is_not_sent_when_the_session_is_left() -> None:
    """aiohttp cancels them; nobody else did, and so it is an error that says what happened."""
    connector = aiohttp.TCPConnector(limit=1)
    async with (
        serving(hangs) as server,
        aiohttp.ClientSession(connector=connector) as mine,
    ):
        session = session_at(server, http=mine)
        async with session:
            await session.login()
            blocker = asyncio.create_task(mine.get(server.url))
            await server.arrived.wait()
            deliveries = [Delivery() for _ in range(3)]
            sends = [asyncio.create_task(deliver(session, delivery)) for delivery in deliveries]
            await turns(20)
        await mine.close()
        errors = await asyncio.gather(*sends, return_exceptions=True)
        await asyncio.gather(blocker, return_exceptions=True)
        assert [type(error) for error in errors] == [NotSentError] * 3
        assert {str(error).partition("(")[2] for error in errors} == {
            "the session was closed). It is safe to try again."
        }
        assert server.posts == []


@virtual
async def test_a_send_that_has_its_turn_after_the_session_was_left_is_not_sent() -> None:
    gate = asyncio.Event()
    async with serving(created) as server:
        async with session_at(server) as session:
            await session.login()
            sending = asyncio.create_task(deliver(session, Delivery(before_send=gate.wait)))
            await turns()
        gate.set()
        with pytest.raises(NotSentError, match="the session was closed"):
            await sending
        assert server.posts == []


@pytest.mark.parametrize("token", ["a\\u0007b", "a\\r\\nX-Evil: 1", "a\\u0000"])
@virtual
async def test_a_token_that_no_header_can_hold_is_not_sent(token: str) -> None:
    answer = http("200 OK", f'{{"access_token":"{token}","expires_in":3600}}'.encode())
    async with serving(created) as server, serving(says(answer)) as login:
        async with session_at(server, token_url=f"{login.url}/o2") as session:
            with pytest.raises(MessagingError) as caught:
                await send(session)
        assert "Evil" not in f"{caught.value!r} {caught.value}"
        assert server.posts == []


@pytest.mark.parametrize(
    "url",
    [
        "https://a..example/x?X-Amz-Signature=secret",
        "https://.example/x?X-Amz-Signature=secret",
        f"https://{'a' * 70}.example/x?X-Amz-Signature=secret",
        "https://[::1/x?X-Amz-Signature=secret",
        "https://xn--/x?X-Amz-Signature=secret",
        "https:///x?X-Amz-Signature=secret",
    ],
)
@virtual
async def test_a_url_that_leads_nowhere_is_an_error_of_this_package(url: str) -> None:
    async with serving(created) as server, session_at(server) as session:
        request = Request(
            operation="PUT", method="PUT", url=url, order_id=ORDER, body=b"x", repeatable=True
        )
        with pytest.raises(NotSentError) as caught:
            await session._opened.transport.put(request, {})
        assert "secret" not in f"{caught.value!r} {caught.value}"
        assert caught.value.__context__ is None


@virtual
async def test_a_netrc_adds_no_credentials(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not to a message, nor to a presigned URL, though ``trust_env`` is taken over."""
    netrc = tmp_path / "netrc"
    netrc.write_text("default login somebody password hunter2\n")
    monkeypatch.setenv("NETRC", str(netrc))
    async with (
        serving(created) as server,
        aiohttp.ClientSession(trust_env=True) as mine,
        session_at(server, http=mine) as session,
    ):
        assert isinstance(await send(session), Receipt)
        request = functools.partial(Request, operation="PUT", method="PUT", repeatable=True)
        await session._opened.transport.put(request(url=f"{server.url}/x", body=b"x"), {})
        assert len(server.heads) == 2
        assert not any(b"authorization" in head.lower() for head in server.heads)
