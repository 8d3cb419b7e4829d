"""A raw-socket Selling Partner endpoint that breaks off where it is told to.

It speaks just enough HTTP/1.1 to be believed, so that what the client sees comes from the
wire and not from another framework's idea of it. It counts every POST that arrived whole.
"""

import asyncio
import socket
import ssl
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

Response = Callable[["FaultServer", asyncio.StreamWriter], Awaitable[None]]

TOKEN = b'{"access_token":"Atza|secret-token","token_type":"bearer","expires_in":3600}'


def http(status: str, body: bytes = b"", *headers: str) -> bytes:
    """Return an answer as bytes."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


class FaultServer:
    """Answers tokens, and then each request in turn by the next of ``answers``."""

    def __init__(self, *answers: Response) -> None:
        self.answers = list(answers)
        self.posts: list[bytes] = []
        self.heads: list[bytes] = []
        self.tokens_asked = 0
        self.arrived = asyncio.Event()
        self.url = ""

    @property
    def token_url(self) -> str:
        return f"{self.url}/auth/o2/token"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = 0
                for line in head.lower().split(b"\r\n"):
                    if line.startswith(b"content-length:"):
                        length = int(line.split(b":")[1])
                body = await reader.readexactly(length)
                if b"/auth/o2/token" in head:
                    self.tokens_asked += 1
                    writer.write(http("200 OK", TOKEN))
                    continue
                self.heads.append(head)
                if head.startswith(b"POST"):
                    self.posts.append(body)
                self.arrived.set()
                answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
                await answer(self, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


@asynccontextmanager
async def serving(
    *answers: Response, tls: ssl.SSLContext | None = None
) -> AsyncIterator[FaultServer]:
    """Run a fault server on loopback, over TLS if it is given a context."""
    faults = FaultServer(*answers)
    tasks: set[asyncio.Task[None]] = set()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        await faults.serve(reader, writer)

    server = await asyncio.start_server(connected, "127.0.0.1", 0, ssl=tls)
    faults.url = f"{'https' if tls else 'http'}://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield faults
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def says(answer: bytes) -> Response:
    """Answer with these bytes."""

    async def say(_server: FaultServer, writer: asyncio.StreamWriter) -> None:
        writer.write(answer)
        await writer.drain()

    return say


def says_and_closes(answer: bytes) -> Response:
    """Answer with these bytes, and close the connection."""

    async def say(_server: FaultServer, writer: asyncio.StreamWriter) -> None:
        writer.write(answer)
        await writer.drain()
        raise ConnectionError

    return say


async def closes(_server: FaultServer, _writer: asyncio.StreamWriter) -> None:
    """Close the connection without an answer."""
    raise ConnectionError


async def resets(_server: FaultServer, writer: asyncio.StreamWriter) -> None:
    """Reset the connection (RST) without an answer."""
    linger = struct.pack("ii", 1, 0)
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    writer.transport.abort()
    raise ConnectionError


async def hangs(_server: FaultServer, _writer: asyncio.StreamWriter) -> None:
    """Never answer."""
    await asyncio.get_running_loop().create_future()


created = says(http("201 Created", b"{}", "x-amzn-RequestId: request-1"))
