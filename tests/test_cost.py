"""What a send costs, counted and not timed: a change that makes it slow fails here.

Bounds are what was counted on Python 3.11 to 3.13, and a little. A change that is worth more
may raise them, and says why; one that makes a send cheaper lowers them.
"""

import asyncio
import contextlib
import gc
import json
import queue
import sys
import threading
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from helpers.virtual_time import turns

import spapi_messaging
from spapi_messaging import (
    Credentials,
    Marketplace,
    MessagingSession,
    Quota,
    RateLimits,
    UnexpectedProblem,
)
from spapi_messaging.api import wire

ORDER = "902-1845936-5435065"
PACKAGE = str(Path(spapi_messaging.__file__).parent)
SENDS = 20
STEADY = 52
"""Sends after which the pace is steady: until then each answer is looked at."""
NAMES = ("confirmDeliveryDetails", "warranty", "unexpectedProblem", "sendInvoice", "updateFeedback")

LINKS = [
    {"href": f"/messaging/v1/orders/{ORDER}/messages/{name}?marketplaceIds=A1PA6795UKMFR9"}
    | {"name": name}
    for name in NAMES
]
SCHEMA = {
    "type": "object",
    "title": "A message",
    "disabled": False,
    "properties": {"rawMessageBody": {"type": "string", "minLength": 1, "maxLength": 2000}},
    "required": ["rawMessageBody"],
}
COPIES = [{"name": name, "_embedded": {"schema": SCHEMA}} for name in NAMES]
PLAIN = json.dumps({"_links": {"actions": LINKS}}).encode()
EMBEDDED = json.dumps({"_links": {"actions": LINKS}, "_embedded": {"actions": COPIES}}).encode()
TOKEN = b'{"access_token":"Atza|1","token_type":"bearer","expires_in":3600}'


class Answers(asyncio.Protocol):
    """Answers whole requests, each of which comes in one piece or with its body in another."""

    def __init__(self, discovery: bytes) -> None:
        self.discovery = discovery
        self.received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.received += data
        head, _, body = self.received.partition(b"\r\n\r\n")
        length = head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0]
        if len(body) < int(length or 0) or not self.received.endswith(body):
            return
        self.received = b""
        answer = b"{}" if b"/messages/" in head else TOKEN
        if head.startswith(b"GET"):
            answer = self.discovery
        headers = b"x-amzn-RequestId: 1\r\nx-amzn-RateLimit-Limit: 1000.0"
        line = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n%b\r\n\r\n"
        self.transport.write(line % (len(answer), headers) + answer)


@contextlib.contextmanager
def served(discovery: bytes) -> Iterator[str]:
    """Serve from a thread, whose work is not counted."""
    began: queue.SimpleQueue[tuple[asyncio.AbstractEventLoop, asyncio.Event, int]]
    began = queue.SimpleQueue()
    connected: list[Answers] = []

    def connect() -> Answers:
        connected.append(Answers(discovery))
        return connected[-1]

    async def serve() -> None:
        loop, ended = asyncio.get_running_loop(), asyncio.Event()
        async with await loop.create_server(connect, "127.0.0.1", 0) as server:
            began.put((loop, ended, server.sockets[0].getsockname()[1]))
            await ended.wait()
            for answers in connected:
                answers.transport.abort()
            await asyncio.sleep(0)  # their sockets are closed at the next turn

    thread = threading.Thread(target=asyncio.run, args=(serve(),))
    thread.start()
    loop, ended, port = began.get(timeout=10)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        loop.call_soon_threadsafe(ended.set)
        thread.join(10)


class CountingLoop(asyncio.SelectorEventLoop):
    """Counts what is scheduled."""

    def __init__(self) -> None:
        super().__init__()
        self.counted: Counter[str] = Counter()
        self.set_task_factory(self._make_task)

    def _make_task(self, loop: asyncio.AbstractEventLoop, coro: Any, **options: Any) -> Any:
        self.counted["tasks"] += 1
        return asyncio.Task(coro, loop=loop, **options)

    def call_soon(self, *args: Any, **options: Any) -> asyncio.Handle:
        self.counted["callbacks"] += 1
        return super().call_soon(*args, **options)

    def call_at(self, *args: Any, **options: Any) -> asyncio.TimerHandle:
        self.counted["timers"] += 1
        return super().call_at(*args, **options)


MESSAGE = UnexpectedProblem(text="The parcel is late.")
Send = Callable[[MessagingSession], Awaitable[object]]


async def plainly(session: MessagingSession) -> object:
    return await session.send(ORDER, UnexpectedProblem(text="The parcel is late."))


def session_at(url: str, limits: RateLimits, **options: Any) -> MessagingSession:
    return MessagingSession(
        Credentials("client", "secret", "refresh"),
        marketplace=Marketplace.DE,
        endpoint=url,
        token_url=f"{url}/auth/o2/token",
        limits=limits,
        **options,
    )


def cost(discovery: bytes, send: Send = plainly) -> dict[str, float]:
    """Count what one send takes, over several."""
    counted: Counter[str] = Counter()
    decode = wire.decode.__code__

    def note(frame: FrameType, event: str, _: object) -> None:
        if event != "call":
            return
        counted["calls"] += 1
        code = frame.f_code
        if code.co_filename.startswith(PACKAGE) or "spapi_messaging" in code.co_filename:
            counted["own calls"] += 1
        if code is decode:
            counted["documents"] += 1
            counted["bytes"] += len(frame.f_locals["body"])

    async def main() -> None:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, CountingLoop)
        limits = RateLimits(default=Quota(rate=1000, burst=100_000))
        async with session_at(url, limits) as session:
            for _ in range(STEADY):
                await send(session)
            loop.counted.clear()
            sys.setprofile(note)
            try:
                for _ in range(SENDS):
                    await send(session)
            finally:
                sys.setprofile(None)
            counted.update(loop.counted)

    with served(discovery) as url, asyncio.Runner(loop_factory=CountingLoop) as runner:
        runner.run(main())
    return {name: count / SENDS for name, count in counted.items()}


BOUNDS = {
    "links": (PLAIN, {"own calls": 128, "calls": 550}),
    "schemas": (EMBEDDED, {"own calls": 134, "calls": 560}),
}
IS_EAGER = sys.version_info >= (3, 12)
"""Whether aiohttp writes the body at once, without a task that comes at its turn."""
ALWAYS = {
    "tasks": 0 if IS_EAGER else 1,
    "callbacks": 2 if IS_EAGER else 5,
    "timers": 0,
    "documents": 1,
}


def exceeded(found: dict[str, float], case: str) -> list[str]:
    """Name the bounds that are exceeded."""
    discovery, bounds = BOUNDS[case]
    bounds = bounds | ALWAYS | {"bytes": len(discovery)}
    spent = {name: found.get(name, 0) for name in bounds}
    return [
        f"{name}: {spent[name]} > {most}" for name, most in bounds.items() if spent[name] > most
    ]


@pytest.mark.parametrize("case", BOUNDS)
def test_a_send_stays_within_its_bounds(case: str) -> None:
    assert exceeded(cost(BOUNDS[case][0]), case) == []


async def in_a_task(session: MessagingSession) -> object:
    return await asyncio.create_task(session.send(ORDER, MESSAGE))


async def with_a_timer(session: MessagingSession) -> object:
    return await asyncio.wait_for(session.send(ORDER, MESSAGE), 60)


async def a_turn_later(session: MessagingSession) -> object:
    for _ in range(3):
        await asyncio.sleep(0)
    return await session.send(ORDER, MESSAGE)


async def reading_all_that_is_offered(session: MessagingSession) -> object:
    order = await session.order(ORDER)
    assert all(action.title for action in order.actions.values())
    return await order.send(MESSAGE)


async def asking_twice(session: MessagingSession) -> object:
    await session.order(ORDER)
    return await session.send(ORDER, MESSAGE)


async def looking_for_issues(session: MessagingSession) -> object:
    order = await session.order(ORDER)
    assert order.document.issues == ()
    return await order.send(MESSAGE)


@pytest.mark.parametrize(
    ("slow", "noticed"),
    [
        (in_a_task, {"tasks", "callbacks"}),
        (with_a_timer, {"timers"}),
        (a_turn_later, {"callbacks"}),
        (reading_all_that_is_offered, {"own calls"}),
        (asking_twice, {"bytes", "documents", "own calls", "calls"}),
        (looking_for_issues, {"own calls"}),
    ],
)
def test_a_slow_change_is_noticed(slow: Send, noticed: set[str]) -> None:
    """These are what a change could do to a send, unnoticed by every other test."""
    found = cost(EMBEDDED, slow)
    assert noticed <= {line.partition(":")[0] for line in exceeded(found, "schemas")}


@pytest.mark.parametrize(("discovery", "most"), [(PLAIN, 29), (EMBEDDED, 29)])
def test_a_send_that_waits_gives_the_garbage_collector_little_to_look_at(
    discovery: bytes, most: int
) -> None:
    """It looks through all that lives, again and again: a parsed answer would be a hundred more."""

    async def main() -> float:
        limits = RateLimits(
            default=Quota(rate=1000, burst=100_000),
            quotas={MESSAGE.operation: Quota(rate=0.01, burst=2)},
        )
        asked = asyncio.Semaphore(0)
        told = session_at(url, limits, on_request=lambda _: asked.release())
        async with told as session, asyncio.TaskGroup() as tasks:
            await session.send(ORDER, MESSAGE)
            await asked.acquire()
            await asked.acquire()
            gc.collect()
            before = len(gc.get_objects())
            waiting = []
            for _ in range(SENDS):  # one by one, over the same connection
                waiting.append(tasks.create_task(plainly(session)))
                await asked.acquire()
            await turns(3)
            gc.collect()
            held = len(gc.get_objects()) - before
            for task in waiting:
                task.cancel()
        return held / SENDS

    with served(discovery) as url:
        assert asyncio.run(main()) <= most


def test_a_send_leaves_nothing_to_the_garbage_collector() -> None:
    """A cycle would keep each answer until the collector comes by, and make it come more often."""
    found: list[int] = []

    async def send(session: MessagingSession) -> object:
        await plainly(session)
        gc.collect()
        gc.disable()
        try:
            await plainly(session)
            found.append(gc.collect())
        finally:
            gc.enable()
        return None

    gc.freeze()  # what the other tests have made is not looked through each time
    try:
        cost(EMBEDDED, send)
    finally:
        gc.unfreeze()
    assert found[-SENDS:] == [0] * SENDS
