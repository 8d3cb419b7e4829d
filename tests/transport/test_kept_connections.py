"""Connections that are kept: nothing that came before a request answers it, or swallows it."""

import asyncio
from contextlib import suppress

import pytest
from helpers.fault_server import FaultServer, Response, closes, created, http, resets, serving
from helpers.fault_sessions import ORDER, send, session_at
from helpers.virtual_time import turns, virtual

from spapi_messaging import InDoubtError, Job, NotSentError, RequestEvent, UnexpectedProblem
from spapi_messaging.bulk import Sent

OTHER = b'{"_links":{"self":{"href":"x"},"actions":[{"href":"/x","name":"warranty"}]}}'
DISCOVERY = b'{"_links":{"self":{"href":"x"},"actions":[]}}'

STRAY = {
    "a copy of the last answer": http("200 OK", OTHER, "x-amzn-RequestId: old"),
    "a 201": http("201 Created", b"{}", "x-amzn-RequestId: stray"),
    "an empty 201": http("201 Created"),
    "an idle 408": http("408 Request Timeout", b"", "Connection: close"),
    "a 204": b"HTTP/1.1 204 No Content\r\n\r\n",
    "a 100": b"HTTP/1.1 100 Continue\r\n\r\n",
    "a 401": http("401 Unauthorized"),
    "half a head": b"HTTP/1.1 201 Crea",
    "no HTTP": b"\x15\x03\x03\x00\x02\x01\x00",
    "a 500": http("500 Oops"),
}
UNREAD, READ = 0, 5
"""Turns of the loop after which it has read nothing of what has come, and all of it."""


class Keeper:
    """Answers, and has each connection at hand afterwards."""

    def __init__(self, answer: bytes) -> None:
        self.answer = answer
        self.writers: list[asyncio.StreamWriter] = []

    async def __call__(self, _server: FaultServer, writer: asyncio.StreamWriter) -> None:
        self.writers.append(writer)
        writer.write(self.answer)


@pytest.mark.parametrize("passing", [UNREAD, READ], ids=["unread", "read"])
@pytest.mark.parametrize("stray", STRAY.values(), ids=STRAY)
@virtual
async def test_what_lay_on_the_connection_before_a_message_does_not_answer_it(
    stray: bytes, passing: int
) -> None:
    """The message goes on another connection, once, and its own answer counts."""
    keeper = Keeper(http("200 OK", DISCOVERY))
    async with serving(keeper, keeper, created) as server, session_at(server) as session:
        for _ in range(2):  # so that it is known to keep connections
            await session.order(ORDER)
        keeper.writers[1].write(stray)
        await turns(passing)
        receipt = await send(session)
        assert receipt.request_id == "request-1"
        assert len(server.posts) == 1


@pytest.mark.parametrize("passing", [UNREAD, READ], ids=["unread", "read"])
@virtual
async def test_what_lay_on_the_connection_before_a_question_does_not_answer_it(
    passing: int,
) -> None:
    """Another order's actions are not this one's."""
    keeper = Keeper(http("200 OK", DISCOVERY))
    async with serving(keeper) as server, session_at(server) as session:
        await session.order(ORDER)
        keeper.writers[0].write(http("200 OK", OTHER))
        await turns(passing)
        order = await session.order(ORDER)
        assert list(order.actions) == []
        assert len(server.heads) == 2


def answers_and_ends(how: str, pauses: int) -> Response:
    async def answer(_server: FaultServer, writer: asyncio.StreamWriter) -> None:
        writer.write(http("201 Created", b"{}", "x-amzn-RequestId: 1"))
        await turns(pauses)
        await (resets if how == "reset" else closes)(_server, writer)

    return answer


@pytest.mark.parametrize("pauses", [0, 1])
@pytest.mark.parametrize("how", ["closed", "reset"])
@virtual
async def test_a_server_that_ends_kept_connections_gets_each_message_once(
    how: str, pauses: int
) -> None:
    """It does not say so, and its end arrives when the next message is written."""
    events: list[RequestEvent] = []
    async with (
        serving(answers_and_ends(how, pauses)) as server,
        session_at(server, on_request=events.append) as session,
    ):
        for _ in range(30):
            await send(session)
        assert len(server.posts) == 30
        assert {event.attempt for event in events} == {1}, "an unused connection costs no quota"


@virtual
async def test_a_server_that_ends_connections_a_moment_later_gets_each_message_once() -> None:
    """When a message is to go out, the connection is still open, and ends as it arrives."""

    async def ends_soon(server: FaultServer, writer: asyncio.StreamWriter) -> None:
        writer.write(http("201 Created", b"{}"))
        await asyncio.sleep(0.01)
        await closes(server, writer)

    async with serving(ends_soon) as server, session_at(server) as session:
        for _ in range(30):
            await send(session)
        assert len(server.posts) == 30


@virtual
async def test_many_kept_connections_that_ended_lose_nothing() -> None:
    """A run meets one after the other, more than it has attempts."""
    gates: list[asyncio.StreamWriter] = []
    waiting = asyncio.Event()

    async def together(_server: FaultServer, writer: asyncio.StreamWriter) -> None:
        gates.append(writer)
        if len(gates) == 20:
            waiting.set()
        await waiting.wait()
        writer.write(http("201 Created", b"{}"))

    async with serving(together) as server, session_at(server) as session:
        await asyncio.gather(*(send(session) for _ in range(20)))
        for writer in gates:
            writer.close()
        await asyncio.gather(*(send(session) for _ in range(20)))
        assert len(server.posts) == 40


@virtual
async def test_in_a_run_each_message_arrives_once() -> None:
    async with (
        serving(answers_and_ends("closed", 0)) as server,
        session_at(server) as session,
    ):
        jobs = [Job(ORDER, UnexpectedProblem(text=f"No. {n}"), key=str(n)) for n in range(30)]
        async with session.bulk(jobs, window=5, discover=False) as outcomes:
            seen = [outcome async for outcome in outcomes]
        assert [type(outcome) for outcome in seen] == [Sent] * 30
        assert len(set(server.posts)) == len(server.posts) == 30


@virtual
async def test_after_a_loss_on_a_kept_connection_messages_go_on_new_ones() -> None:
    """A server that takes a message and ends the connection then costs one doubt, and not all."""
    connections: dict[asyncio.StreamWriter, int] = {}

    async def first_only(_server: FaultServer, writer: asyncio.StreamWriter) -> None:
        connections[writer] = connections.get(writer, 0) + 1
        await (created if connections[writer] == 1 else closes)(_server, writer)

    async with serving(first_only) as server, session_at(server) as session:
        await session.login()
        await send(session)
        with pytest.raises(InDoubtError):
            await send(session)
        for _ in range(10):
            await send(session)
        assert len(server.posts) == 12
        assert len(connections) == 11


@virtual
async def test_a_server_that_speaks_first_gets_no_message() -> None:
    """Not even on a new connection does an answer come before its question."""
    taken: list[bytes] = []

    async def greets(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(http("201 Created", b"{}", "x-amzn-RequestId: early"))
        came = b""
        with suppress(ConnectionResetError):
            came = await reader.read(100)
        taken.append(came)
        writer.close()

    async with serving(created) as server:
        greeter = await asyncio.start_server(greets, "127.0.0.1", 0)
        port = greeter.sockets[0].getsockname()[1]
        async with greeter, session_at(server, endpoint=f"http://127.0.0.1:{port}") as session:
            await session.login()
            with pytest.raises(NotSentError):
                await send(session)
            await asyncio.sleep(1)
        assert taken == [b""] * 4


@pytest.mark.parametrize("passing", [UNREAD, READ], ids=["unread", "read"])
@virtual
async def test_a_kept_connection_that_ended_while_idle_is_not_used(passing: int) -> None:
    keeper = Keeper(http("201 Created", b"{}"))
    async with serving(keeper) as server, session_at(server) as session:
        await send(session)
        keeper.writers[0].close()
        await turns(passing)
        await send(session)
        assert len(server.posts) == 2
