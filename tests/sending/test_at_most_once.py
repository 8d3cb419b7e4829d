"""At most once: what each fault on the wire becomes, seen from a raw socket."""

import asyncio
import copy
import pickle
import socket
from collections.abc import Callable

import aiohttp
import pytest
from helpers.fault_server import (
    FaultServer,
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
from helpers.fault_sessions import (
    DENIED,
    ORDER,
    TEXT,
    deliver,
    error_body,
    outcome,
    send,
    session_at,
)
from helpers.virtual_time import turns, virtual

from spapi_messaging import (
    ApiError,
    BadRequestError,
    InDoubtError,
    MessagingError,
    NotSentError,
    Quota,
    RateLimits,
    Receipt,
    RequestEvent,
)
from spapi_messaging.transport import Delivery
from spapi_messaging.transport.request import Request

AFTER_THE_HEAD: list[tuple[str, Response, type[object]]] = [
    ("closed", closes, InDoubtError),
    ("reset", resets, InDoubtError),
    ("hang", hangs, InDoubtError),
    ("garbage", says_and_closes(b"\x16\x03\x01 this is no HTTP\r\n\r\n"), InDoubtError),
    ("half a status line", says_and_closes(b"HTTP/1.1 2"), InDoubtError),
    ("500", says(http("500 Internal Server Error", b"{}")), InDoubtError),
    ("503 in HTML", says(http("503 Unavailable", b"<html>busy</html>")), InDoubtError),
    ("302", says(http("302 Found", b"", "Location: https://evil.example/")), InDoubtError),
    ("307", says(http("307 Temporary", b"", "Location: https://evil.example/")), InDoubtError),
    ("201", created, Receipt),
    ("201, empty", says(http("201 Created")), Receipt),
    ("201, not JSON", says(http("201 Created", b"<html>")), InDoubtError),
    (
        "201, body cut off",
        says_and_closes(b"HTTP/1.1 201 Created\r\nContent-Length: 500\r\n\r\n{"),
        Receipt,
    ),
    ("201, huge body", says(http("201 Created", b" " * 2_000_000)), Receipt),
    ("400", says(http("400 Bad Request", error_body("InvalidInput", "No"))), BadRequestError),
    (
        "400, body cut off",
        says_and_closes(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 500\r\n\r\n{"),
        BadRequestError,
    ),
    ("400, huge body", says(http("400 Bad Request", b" " * 2_000_000)), BadRequestError),
    ("400 in HTML", says(http("400 Bad Request", b"<html>")), BadRequestError),
    ("418", says(http("418 Teapot")), ApiError),
]


@pytest.mark.parametrize(
    ("answer", "expected"),
    [row[1:] for row in AFTER_THE_HEAD],
    ids=[row[0] for row in AFTER_THE_HEAD],
)
@virtual
async def test_after_the_head_went_out_a_message_is_posted_once(
    answer: Response, expected: type[object]
) -> None:
    async with serving(answer) as server:
        result = await outcome(server)
        assert type(result) is expected
        assert len(server.posts) == 1


@pytest.mark.parametrize("size", [0, 2, 65_537, 2_000_000])
@virtual
async def test_a_body_of_any_size_tells_that_the_request_left(size: int) -> None:
    async with serving(closes) as server, session_at(server) as session:
        url = f"{server.url}/messaging/v1/orders/{ORDER}/messages/new"
        body = b" " * size or None
        request = Request(operation="new", method="POST", url=url, order_id=ORDER, body=body)
        delivery = Delivery()
        with pytest.raises(InDoubtError):
            await session._opened.transport.call(request, delivery)
        assert delivery.head_sent
        assert [len(post) for post in server.posts] == [size]


@virtual
async def test_stale_keep_alive_is_in_doubt() -> None:
    """The server closes a kept connection just as the second message goes out on it."""
    async with serving(created, closes) as server, session_at(server) as session:
        await send(session)
        with pytest.raises(InDoubtError):
            await send(session)
        assert len(server.posts) == 2


@pytest.mark.parametrize("status", ["400 Bad Request", "500 Oops", "201 Created"])
@virtual
async def test_a_body_that_never_ends_does_not_hide_the_status(status: str) -> None:
    """The head came, the body hangs until the timeout: the status counts."""

    async def head_only(_server: FaultServer, writer: asyncio.StreamWriter) -> None:
        writer.write(f"HTTP/1.1 {status}\r\nContent-Length: 9\r\n\r\n".encode())
        await asyncio.get_running_loop().create_future()

    async with serving(head_only) as server:
        result = await outcome(server)
        wanted = {"400": BadRequestError, "500": InDoubtError, "201": Receipt}[status[:3]]
        assert type(result) is wanted
        assert len(server.posts) == 1


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


BEFORE_THE_HEAD: dict[str, Callable[[FaultServer], str]] = {
    "refused": lambda _server: f"http://127.0.0.1:{free_port()}",
    "DNS": lambda _server: "https://no-such-host.invalid",
    "TLS": lambda server: server.url.replace("http:", "https:"),
}


@pytest.mark.parametrize("endpoint", BEFORE_THE_HEAD.values(), ids=BEFORE_THE_HEAD)
@virtual
async def test_before_the_head_nothing_was_sent(
    endpoint: Callable[[FaultServer], str],
) -> None:
    events: list[RequestEvent] = []
    async with serving(created) as server:
        result = await outcome(server, endpoint=endpoint(server), on_request=events.append)
        assert type(result) is NotSentError
        assert [event.attempt for event in events] == [1, 2, 3, 4], "it is tried again, with ends"
        assert server.posts == []


@pytest.mark.parametrize(
    "limit",
    [aiohttp.ClientTimeout(connect=5), aiohttp.ClientTimeout(total=5)],
    ids=["connect", "total"],
)
@virtual
async def test_a_timeout_in_the_pool_is_not_sent(limit: aiohttp.ClientTimeout) -> None:
    """All connections are taken, so that not even the total timeout is a doubt."""
    async with (
        serving(hangs) as server,
        aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=1)) as http_session,
        session_at(server, http=http_session, timeout=limit) as session,
    ):
        await session._open.login.token()
        blocker = asyncio.create_task(http_session.get(server.url))
        await server.arrived.wait()
        with pytest.raises(NotSentError):
            await send(session)
        blocker.cancel()
        await asyncio.gather(blocker, return_exceptions=True)
        assert server.posts == []


@virtual
async def test_connect_errors_are_sent_again_and_then_once() -> None:
    """The first connections are refused, then the server is there."""
    port = free_port()

    async def comes_up() -> asyncio.Server:
        await asyncio.sleep(1)
        return await asyncio.start_server(server.serve, "127.0.0.1", port)

    async with serving(created) as server:
        late = asyncio.create_task(comes_up())
        result = await outcome(server, endpoint=f"http://127.0.0.1:{port}")
        (await late).close()
        assert isinstance(result, Receipt)
        assert len(server.posts) == 1


@virtual
async def test_cancelled_in_flight_posts_once_and_the_delivery_says_so() -> None:
    async with serving(hangs) as server, session_at(server) as session:
        delivery = Delivery()
        sending = asyncio.create_task(deliver(session, delivery))
        await server.arrived.wait()
        sending.cancel()
        with pytest.raises(asyncio.CancelledError):
            await sending
        assert (delivery.head_sent, delivery.status) == (True, None)
        assert len(server.posts) == 1


@virtual
async def test_cancelled_before_its_turn_leaves_no_trace() -> None:
    """A cancelled waiter sent nothing, and takes no turn from others."""
    limits = RateLimits(default=Quota(rate=0.1, burst=2))
    async with serving(created) as server, session_at(server, limits=limits) as session:
        await send(session)
        delivery = Delivery()
        waiting = asyncio.create_task(deliver(session, delivery))
        await asyncio.sleep(1)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        assert not delivery.head_sent
        await send(session)
        assert len(server.posts) == 2


@virtual
async def test_errors_carry_no_http_object_and_no_secret(
    log: pytest.LogCaptureFixture,
) -> None:
    """Not in their text, their repr, their pickle, their context, or the log."""
    rows = [closes, says(http("403 Forbidden", DENIED)), says(http("500 Oops"))]
    for answer in rows:
        async with serving(answer) as server:
            error = await outcome(server)
        assert isinstance(error, MessagingError)
        seen: list[BaseException | None] = [error]
        while (last := seen[-1]) is not None:
            assert not isinstance(last, aiohttp.ClientError)
            seen.append(last.__cause__ or last.__context__)
        shown = f"{error!r} {error} {pickle.dumps(error)!r} {copy.copy(error)!r}"
        for secret in ("secret", "Atza", TEXT):
            assert secret not in shown
            assert secret not in log.text
    assert ORDER in log.text


@virtual
async def test_before_send_comes_after_the_turn_and_before_the_first_byte() -> None:
    """What fails there keeps the message here, and the turn is given back."""
    heads: list[int] = []

    async def note() -> None:
        heads.append(len(server.heads))

    async def fail() -> None:
        raise OSError("disk full")

    limits = RateLimits(default=Quota(rate=1, burst=1))  # where a turn not given back ends all
    async with serving(created) as server, session_at(server, limits=limits) as session:
        await deliver(session, Delivery(before_send=note))
        with pytest.raises(OSError, match="disk full"):
            await deliver(session, Delivery(before_send=fail))
        await send(session)
        assert heads == [0]
        assert len(server.posts) == 2


@virtual
async def test_nothing_is_left_behind() -> None:
    """After the block no task is alive, whatever was under way."""
    async with serving(hangs) as server:
        async with session_at(server) as session:
            sending = asyncio.create_task(send(session))
            await server.arrived.wait()
            sending.cancel()
            await asyncio.gather(sending, return_exceptions=True)
        await turns()
        mine = {
            task.get_coro().__qualname__ for task in asyncio.all_tasks() - {asyncio.current_task()}
        }
        assert mine <= {"serving.<locals>.connected"}
