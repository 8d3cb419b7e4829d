"""A timeout is of silence: bytes that flow are none, a peer that says and takes nothing is one."""

import asyncio
import contextlib
import math
import socket
from typing import Any

import aiohttp
import pytest
from helpers.fault_server import FaultServer, Response, created, hangs, http, says, serving
from helpers.fault_sessions import CREDENTIALS, ORDER, outcome, send, session_at
from helpers.virtual_time import turns, virtual

from spapi_messaging import InDoubtError, Marketplace, MessagingSession, NotSentError, Receipt
from spapi_messaging.transport import Request
from spapi_messaging.transport.silence import MAX_ANSWER

ACCEPTED = http("201 Created", b"{}", "x-amzn-RequestId: request-1")


def drips(answer: bytes, pause: float) -> Response:
    """Answer byte by byte."""

    async def drip(_server: FaultServer, writer: asyncio.StreamWriter) -> None:
        for place in range(len(answer)):
            writer.write(answer[place : place + 1])
            await asyncio.sleep(pause)

    return drip


@virtual
async def test_an_answer_that_drips_is_no_silence() -> None:
    async with serving(drips(ACCEPTED, 1.5)) as server:
        assert isinstance(await outcome(server, timeout=2), Receipt)
        assert asyncio.get_running_loop().time() > 100


@virtual
async def test_an_answer_that_does_not_come_is_in_doubt_after_the_timeout() -> None:
    async with serving(hangs) as server:
        result = await outcome(server, timeout=8)
        assert isinstance(result, InDoubtError)
        assert "timeout" in result.cause
        assert 8 <= asyncio.get_running_loop().time() <= 12
        assert len(server.posts) == 1


@virtual
async def test_each_of_several_that_wait_has_its_own_time() -> None:
    """One timer serves them all, and none is cut short or forgotten by another's end."""
    clock = asyncio.get_running_loop().time
    took: list[float] = []

    async def wait(session: MessagingSession, pause: float) -> None:
        await asyncio.sleep(pause)
        began = clock()
        with pytest.raises(InDoubtError):
            await send(session)
        took.append(clock() - began)

    async with serving(hangs) as server, session_at(server, timeout=8) as session:
        async with asyncio.TaskGroup() as tasks:
            for pause in (0, 0.5, 3, 3, 20, 50):
                tasks.create_task(wait(session, pause))
        assert len(server.posts) == len(took) == 6
        assert all(8 <= each <= 12 for each in took), took


@virtual
async def test_an_answer_that_drips_for_ever_ends() -> None:
    async with serving(drips(b"HTTP/1.1 201 Created\r\nX: " + b"x" * 10_000, 1)) as server:
        result = await outcome(server)
        assert isinstance(result, InDoubtError)
        assert asyncio.get_running_loop().time() < MAX_ANSWER + 60


@virtual
async def test_a_slow_exchange_leaves_no_timer_on_its_connection() -> None:
    """Not the next request, nor the kept connection, ends by the time of the one before."""
    connector = aiohttp.TCPConnector(keepalive_timeout=10_000)

    async def soon(server: FaultServer, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(0.4)
        await created(server, writer)

    async with (
        serving(drips(ACCEPTED, 0.5), soon) as server,
        aiohttp.ClientSession(connector=connector) as mine,
        session_at(server, timeout=2, http=mine) as session,
    ):
        await send(session)
        await asyncio.sleep(MAX_ANSWER - 60)
        for _ in range(300):
            await send(session)
        assert len(server.posts) == 301


class SlowStore:
    """Takes PUTs at a rate, by the loop's clock, with small buffers; a rate of 0 takes nothing."""

    def __init__(self, rate: float) -> None:
        self.rate = rate
        self.taken = 0
        self.is_left = asyncio.Event()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            await self.take(reader, writer)
        writer.close()

    async def take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
        if not self.rate:
            await self.is_left.wait()
        left = length
        while left:
            piece = await reader.read(min(16_384, left))
            if not piece:
                break
            left -= len(piece)
            self.taken += len(piece)
            await asyncio.sleep(len(piece) / self.rate)
        writer.write(http("200 OK"))


async def put(session: MessagingSession, url: str, size: int) -> None:
    request = Request(
        operation="PUT of an attachment",
        method="PUT",
        url=url,
        order_id=ORDER,
        body=b"x" * size,
        repeatable=True,
    )
    await session._opened.transport.put(request, {})


async def put_to(store: SlowStore, size: int, **options: Any) -> None:
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 32_768)
        listener.bind(("127.0.0.1", 0))
        at = f"http://127.0.0.1:{listener.getsockname()[1]}"
        server = await asyncio.start_server(store.serve, sock=listener, limit=16_384)
        async with (
            server,
            serving(created) as amazon,
            session_at(amazon, **options) as session,
        ):
            try:
                await put(session, at, size)
            finally:
                store.is_left.set()
                await turns()


@pytest.mark.parametrize(
    ("size", "rate", "silence"),
    [(6_000_000, 1_000_000, 2), (10_000_000, 125_000, 60), (600_000, 20_000, 8)],
    ids=["6 MB at 1 MB/s", "10 MB at 1 Mbit/s", "a line of 160 kbit/s"],
)
@virtual
async def test_a_file_that_flows_goes_through(size: int, rate: int, silence: float) -> None:
    store = SlowStore(rate)
    await put_to(store, size, timeout=silence)
    assert store.taken == size, "and once"
    assert asyncio.get_running_loop().time() > size / rate * 0.9


@virtual
async def test_a_store_that_takes_nothing_is_given_up() -> None:
    with pytest.raises(NotSentError, match="timeout"):
        await put_to(SlowStore(0), 6_000_000, timeout=2)
    assert 8 <= asyncio.get_running_loop().time() < 60


NONE: list[Any] = [0, -1, -0.5, math.nan, math.inf, -math.inf]
NONE += [aiohttp.ClientTimeout(total=-1), aiohttp.ClientTimeout(sock_read=math.nan)]


@pytest.mark.parametrize("timeout", NONE)
def test_a_timeout_that_is_none_is_refused(timeout: Any) -> None:
    with pytest.raises(ValueError, match="timeout=60"):
        MessagingSession(CREDENTIALS, marketplace=Marketplace.DE, timeout=timeout)


@pytest.mark.parametrize("size", [8_000, 9_000, 60_000])
@virtual
async def test_an_answer_with_a_long_header_is_read(size: int) -> None:
    long = http("201 Created", b"{}", f"X-Long: {'x' * size}", "x-amzn-RequestId: 1")
    async with serving(says(long)) as server:
        assert isinstance(await outcome(server), Receipt)


@virtual
async def test_a_header_beyond_64_kib_is_in_doubt() -> None:
    async with serving(says(http("201 Created", b"{}", f"X-Long: {'x' * 80_000}"))) as server:
        assert isinstance(await outcome(server), InDoubtError)
        assert len(server.posts) == 1
