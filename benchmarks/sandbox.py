"""The sandbox under load: requests per second, pages of a full inbox, memory.

    python -m benchmarks.sandbox [--quick]

The server is a process of its own, pinned to one core where the system can do that, with
quotas enforced; this process is its client, over raw sockets so that it costs little. Then the
inbox is filled with 100,000 messages, and its pages are timed.
"""

import argparse
import asyncio
import json
import multiprocessing
import os
import statistics
import time
from multiprocessing.connection import Connection
from pathlib import Path

from benchmarks.figures import Options, Row, median
from spapi_messaging.sandbox import CLIENT_ID, CLIENT_SECRET, REFRESH_TOKEN, Sandbox

ORDER = "903-1671087-0812628"
ROOT = f"/messaging/v1/orders/{ORDER}"
QUERY = "?marketplaceIds=A1PA6795UKMFR9"
BODY = json.dumps({"text": "The parcel is late."})


async def _serve(told: Connection) -> None:
    async with Sandbox(rate=900_000, burst=1_000_000) as sandbox:
        sandbox.add_order(ORDER)
        told.send(sandbox.port)
        await asyncio.get_running_loop().run_in_executor(None, told.recv)


def serve(told: Connection) -> None:
    """Run the server on one core."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    asyncio.run(_serve(told))


async def exchange(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, data: bytes
) -> tuple[bytes, bytes]:
    """Send one request, and give the head and the body of its answer."""
    writer.write(data)
    head = await reader.readuntil(b"\r\n\r\n")
    length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0] or 0)
    return head, await reader.readexactly(length)


def request(method: str, path: str, token: str = "", body: str = "", kind: str = "json") -> bytes:
    """Write a request."""
    lines = [f"{method} {path} HTTP/1.1", "Host: localhost", f"x-amz-access-token: {token}"]
    if body:
        lines += [f"Content-Type: application/{kind}", f"Content-Length: {len(body)}"]
    return "\r\n".join([*lines, "", body]).encode()


def token_request() -> bytes:
    """Write the request for a token."""
    form = "&".join(
        (
            f"grant_type=refresh_token&refresh_token={REFRESH_TOKEN}",
            f"client_id={CLIENT_ID}&client_secret={CLIENT_SECRET}",
        )
    )
    return request("POST", "/auth/o2/token", body=form, kind="x-www-form-urlencoded")


async def load(port: int, data: bytes, count: int, connections: int = 16) -> float:
    """Send a request so many times, and give the requests per second."""

    async def one(times: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for _ in range(times):
            head, _ = await exchange(reader, writer, data)
            if not head.startswith(b"HTTP/1.1 20"):
                raise RuntimeError(head.decode())
        writer.close()

    began = time.perf_counter()
    await asyncio.gather(*(one(count // connections) for _ in range(connections)))
    return count / (time.perf_counter() - began)


async def page(port: int, path: str, times: int) -> float:
    """Return the median milliseconds of a page."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    took = []
    for _ in range(times):
        began = time.perf_counter()
        head, _ = await exchange(reader, writer, request("GET", f"/__sandbox__/{path}"))
        took.append((time.perf_counter() - began) * 1000)
        if not head.startswith(b"HTTP/1.1 200"):
            raise RuntimeError(head.decode())
    writer.close()
    return statistics.median(took)


async def drain(stream: asyncio.StreamReader) -> None:
    """Read all there is."""
    while await stream.read(1 << 16):
        pass


async def look_closely(port: int, *, quick: bool) -> None:
    """Print all figures."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    token = json.loads((await exchange(reader, writer, token_request()))[1])["access_token"]
    writer.close()
    discovery = request("GET", ROOT + QUERY, token)
    message = request("POST", f"{ROOT}/messages/unexpectedProblem{QUERY}", token, BODY)
    count, kept = (4_000, 4_000) if quick else (20_000, 100_000)
    print(f"discovery   {await load(port, discovery, count):>9,.0f} requests/s")
    print(f"messages    {await load(port, message, kept):>9,.0f} requests/s")
    stream, listener = await asyncio.open_connection("127.0.0.1", port)
    listener.write(request("GET", "/__sandbox__/events"))
    listening = asyncio.create_task(drain(stream))
    heard = await load(port, message, count)
    print(f"with a page {heard:>9,.0f} messages/s while a listener reads the events")
    listener.close()
    await listening
    for name, path in {
        "newest page": "messages",
        "middle page": f"messages?before={kept // 2}",
        "search": "messages?query=parcel",
        "no match": "messages?query=nowhere",
        "state": "state",
    }.items():
        took = await page(port, path, 5 if name in {"search", "no match"} else 50)
        print(f"{name:<11} {took:>9.2f} ms with {kept:,} messages held")


def memory(pid: int) -> None:
    """Print what the server holds, where the system says so."""
    status = Path(f"/proc/{pid}/status")
    if status.exists():
        line = next(x for x in status.read_text().splitlines() if x.startswith("VmRSS"))
        print(f"memory      {int(line.split()[1]) / 1024:>9.1f} MiB RSS")


async def _rates(port: int, count: int) -> tuple[float, float]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    token = json.loads((await exchange(reader, writer, token_request()))[1])["access_token"]
    writer.close()
    message = request("POST", f"{ROOT}/messages/unexpectedProblem{QUERY}", token, BODY)
    return (
        await load(port, request("GET", ROOT + QUERY, token), count),
        await load(port, message, count),
    )


def measure(options: Options) -> list[Row]:
    """Return the requests per second of the sandbox, whose quotas are enforced."""
    count, rounds = (2_000, 3) if options.quick else (10_000, 5)
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=serve, args=(there,), daemon=True)
    process.start()
    try:
        port = here.recv()
        rates = [asyncio.run(_rates(port, count)) for _ in range(rounds)]
    finally:
        here.send(None)
        process.join(10)
    asked, sent = (median(rate[i] for rate in rates) for i in (0, 1))
    return [
        Row(what="sandbox: orders asked per second", ours=f"{asked:,.0f}"),
        Row(what="sandbox: messages accepted per second", ours=f"{sent:,.0f}"),
    ]


def main() -> None:
    """Measure more of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    arguments = parser.parse_args()
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    server = context.Process(target=serve, args=(there,), daemon=True)
    server.start()
    try:
        asyncio.run(look_closely(here.recv(), quick=arguments.quick))
        memory(server.pid or 0)
    finally:
        here.send(None)
        server.join(10)


if __name__ == "__main__":
    main()
