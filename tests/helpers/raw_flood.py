"""Thousands of requests to a sandbox in a process of its own, whose memory is looked at."""

import asyncio
import re
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import attrs

CONNECTIONS = 8


@attrs.frozen
class Flooded:
    """A sandbox that runs elsewhere."""

    port: int
    pid: int

    def resident(self) -> float:
        """Return the MB of memory it has."""
        status = Path(f"/proc/{self.pid}/status").read_text("ascii")
        (size,) = re.findall(r"^VmRSS:\s+(\d+) kB", status, re.MULTILINE)
        return int(size) / 1000

    async def send(self, count: int, request: Callable[[int], bytes]) -> None:
        """Send so many requests, each made of its number, and read all answers."""

        async def some(first: int) -> None:
            reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
            for number in range(first, count, CONNECTIONS):
                writer.write(request(number))
                head = (await reader.readuntil(b"\r\n\r\n")).lower()
                (length,) = re.findall(rb"content-length: (\d+)", head)
                await reader.readexactly(int(length))
            writer.close()

        await asyncio.gather(*map(some, range(CONNECTIONS)))


@asynccontextmanager
async def flooded() -> AsyncIterator[Flooded]:
    """Run a sandbox that knows every order and has no quotas; it must say nothing of errors."""
    command = [sys.executable, "-m", "spapi_messaging.sandbox", "--rate", "inf", "--port", "0"]
    process = await asyncio.create_subprocess_exec(
        *command, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout is not None
    assert process.stderr is not None
    try:
        line = (await process.stdout.readline()).decode().strip()
        yield Flooded(int(line.rpartition(":")[2]), process.pid)
    finally:
        process.terminate()
        said = await process.stderr.read()
        await process.wait()
    assert said == b""


def http(method: str, target: str, *headers: str, body: bytes = b"") -> bytes:
    """Write a request."""
    lines = [f"{method} {target} HTTP/1.1", "Host: 127.0.0.1", f"Content-Length: {len(body)}"]
    return "\r\n".join([*lines, *headers, "", ""]).encode("latin-1") + body
