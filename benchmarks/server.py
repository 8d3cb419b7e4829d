"""A server that answers at once with what was prepared, so that the client is what is measured.

It is a process of its own, on a core of its own where the system can do that, and understands
no more HTTP than the clients here speak.
"""

import asyncio
import functools
import multiprocessing
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection

import attrs

from benchmarks.answers import Answers

RATE = 9000
"""What the answers announce; a client that believes it need not wait."""
LATENCY = 0.05


@attrs.frozen
class Addresses:
    """Where the server is: it answers at once, after 50 ms, or after 50 ms and says 1/s."""

    at_once: str
    later: str
    paced: str


_TOKEN = b'{"access_token":"Atza|benchmark","token_type":"bearer","expires_in":3600}'
_GRANTED = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b" % (
    len(_TOKEN),
    _TOKEN,
)
_STORED = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
_HOST = re.compile(rb"(?i)\r\nhost: ([^\r]+)")
_ID = re.compile(rb"[0-9]{3}-[0-9]{7}-[0-9]{7}")


class _Client(asyncio.Protocol):
    def __init__(self, latency: float, answers: Answers) -> None:
        self._latency = latency
        self._answers = answers
        self._received = b""
        self._rest = 0
        """The bytes of a file that are yet to come."""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep what answers are written to."""
        if isinstance(transport, asyncio.Transport):
            self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer each request that is complete; of a file nothing is kept."""
        if self._rest:
            self._rest -= len(data)
            if not self._rest:
                self._write(_STORED)
            return
        self._received += data
        while (end := self._received.find(b"\r\n\r\n") + 4) > 3:  # it was found
            head = self._received[:end]
            length = head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0]
            end += int(length or 0)
            missing = end - len(self._received)
            if missing > 0:
                if head.startswith(b"PUT "):
                    self._received, self._rest = b"", missing
                return
            self._received = self._received[end:]
            self._write(self._answer(head))

    def _answer(self, head: bytes) -> bytes:
        if head.startswith(b"GET "):
            found = _ID.search(head)
            return self._answers.order(found[0] if found else b"")
        if b" /uploads/" in head:
            return self._answers.destination(_HOST.findall(head)[0].decode())
        return self._answers.created() if b"/messages/" in head else _GRANTED

    def _write(self, answer: bytes) -> None:
        transport = self._transport
        if transport is not None and self._latency:
            asyncio.get_running_loop().call_later(self._latency, transport.write, answer)
        elif transport is not None:
            transport.write(answer)


async def _serve(told: Connection) -> None:
    loop, ports = asyncio.get_running_loop(), []
    for latency, paced in ((0.0, False), (LATENCY, False), (LATENCY, True)):
        client = functools.partial(_Client, latency, Answers(1 if paced else RATE))
        server = await loop.create_server(client, "127.0.0.1", 0, backlog=1024)
        ports.append(server.sockets[0].getsockname()[1])
    told.send(ports)
    await loop.run_in_executor(None, told.recv)


def _run(told: Connection) -> None:
    pin(last=True)
    asyncio.run(_serve(told))


def pin(*, last: bool) -> None:
    """Keep this process on the first core, or on the last, where the system can do that."""
    if hasattr(os, "sched_setaffinity"):
        cores = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(0, {cores[-1 if last else 0]})


def unpin() -> None:
    """Let this process run anywhere again."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, range(os.cpu_count() or 1))


@contextmanager
def server() -> Iterator[Addresses]:
    """Run it, and tell where it is."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=_run, args=(there,), daemon=True)
    process.start()
    try:
        yield Addresses(*(f"http://127.0.0.1:{port}" for port in here.recv()))
    finally:
        here.send(None)
        process.join(10)
