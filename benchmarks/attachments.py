"""A hundred messages with a file of 5 MB each, by a bulk run and by hand.

    python -m benchmarks.attachments SIDE URL FOLDER

The reference is what a competent person writes: a window of a hundred messages, of which as many
hold a file at once as fit into the same 50 MB as ours; in a thread the file is read and its MD5
taken; then the destination is asked for, the bytes are PUT, and the message is POSTed, over
aiohttp with the session of ``by_hand.py``. Ours is a bulk run with a window of a hundred and no
discovery. Each run is a process of its own, so that its peak is its own, and they take turns.

The files are older than the ten seconds within which ours reads a file when its job is made.
"""

import asyncio
import base64
import hashlib
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from urllib.parse import quote

import aiohttp
from yarl import URL

from benchmarks.answers import MARKETPLACE, PLAIN, order_ids
from benchmarks.bulk import peak
from benchmarks.by_hand import JSON_HEADERS, ROOM, open_http
from benchmarks.figures import Options, Ratio, Row, median
from benchmarks.server import RATE, server
from spapi_messaging import (
    Credentials,
    Invoice,
    Job,
    Marketplace,
    MessagingSession,
    Quota,
    RateLimits,
)

SIZE = 5_000_000
HELD = 50_000_000
"""The bytes of files that are held at once."""
WINDOW = 100
_YOUNG = 11.0

SIDES = ("ours", "by hand")


def files(folder: Path, count: int) -> None:
    """Write files that differ, and wait until they are old enough to be trusted."""
    for number in range(count):
        content = f"%PDF-1.4 {number:06d}".encode().ljust(SIZE, b"\0")
        (folder / f"{number:04d}.pdf").write_bytes(content)
    time.sleep(_YOUNG)


async def ours(url: str, paths: list[Path]) -> None:
    """Send each file by a bulk run."""
    jobs = (
        Job(order_id, Invoice(attachments=[path]))
        for order_id, path in zip(order_ids(PLAIN), paths, strict=False)
    )
    plan = Quota(rate=RATE, burst=ROOM)
    async with (
        MessagingSession(
            Credentials("client", "secret", "refresh"),
            marketplace=Marketplace.DE,
            endpoint=url,
            token_url=f"{url}/auth/o2/token",
            limits=RateLimits(default=plan, quotas={"createUploadDestinationForResource": plan}),
        ) as session,
        session.bulk(jobs, window=WINDOW, discover=False) as outcomes,
    ):
        summary = await outcomes.finish()
    assert summary.total == {"Sent": len(paths)}  # a figure of a broken run is none


async def by_hand(url: str, paths: list[Path]) -> None:
    """Send each file over aiohttp."""
    window, held = asyncio.Semaphore(WINDOW), asyncio.Semaphore(HELD // SIZE)

    async def one(http: aiohttp.ClientSession, order_id: str, path: Path) -> None:
        async with window:
            async with held:
                uploaded = await _upload(http, url, order_id, path)
            named = {"uploadDestinationId": uploaded, "fileName": path.name}
            query = f"marketplaceIds={MARKETPLACE}"
            async with http.post(
                URL(f"{url}{_resource(order_id)}?{query}", encoded=True),
                data=json.dumps({"attachments": [named]}).encode(),
                headers=JSON_HEADERS,
                allow_redirects=False,
            ) as response:
                await response.read()
                assert response.status == 201

    async with open_http() as http, asyncio.TaskGroup() as group:
        for order_id, path in zip(order_ids(PLAIN), paths, strict=False):
            group.create_task(one(http, order_id, path))


def _resource(order_id: str) -> str:
    return f"/messaging/v1/orders/{order_id}/messages/invoice"


def _read(path: Path) -> tuple[bytes, str]:
    content = path.read_bytes()
    digest = hashlib.md5(content, usedforsecurity=False).digest()
    return content, base64.b64encode(digest).decode()


async def _upload(http: aiohttp.ClientSession, url: str, order_id: str, path: Path) -> str:
    content, digest = await asyncio.to_thread(_read, path)
    base = f"{url}/uploads/2020-11-01/uploadDestinations{_resource(order_id)}"
    query = f"marketplaceIds={MARKETPLACE}&contentMD5={quote(digest, safe='')}"
    async with http.post(
        URL(f"{base}?{query}&contentType=application%2Fpdf", encoded=True),
        headers=JSON_HEADERS,
        allow_redirects=False,
    ) as response:
        payload = json.loads(await response.read())["payload"]
        assert response.status == 201
    async with http.put(
        URL(payload["url"], encoded=True),
        data=content,
        headers=payload["headers"],
        allow_redirects=False,
    ) as response:
        await response.read()
        assert response.status == 200
    uploaded: str = payload["uploadDestinationId"]
    return uploaded


def _child(side: str, url: str, folder: Path) -> dict[str, float]:
    """Let one side send all files in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.attachments", side, url, str(folder)]
    reported = subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout
    took: dict[str, float] = json.loads(reported)
    return took


def measure(options: Options) -> list[Row]:
    """Take turns, and hold the time, the CPU and the memory of both against each other."""
    count, turns = (20, 3) if options.quick else (100, 12)
    taken: dict[str, list[dict[str, float]]] = {side: [] for side in SIDES}
    with tempfile.TemporaryDirectory() as folder, server() as addresses:
        files(Path(folder), count)
        for turn in range(turns):
            for side in SIDES if turn % 2 else reversed(SIDES):
                taken[side].append(_child(side, addresses.at_once, Path(folder)))
    return list(_rows(count, *taken.values()))


def _rows(count: int, mine: list[dict[str, float]], raw: list[dict[str, float]]) -> Iterator[Row]:
    def of(figure: str) -> Iterator[tuple[float, float]]:
        return ((ours[figure], theirs[figure]) for ours, theirs in zip(mine, raw, strict=True))

    what = f"{count} messages with 5 MB each"
    speed = Ratio.of((theirs, ours) for ours, theirs in of("wall"))
    fast, raw_fast = (
        count * SIZE / 1e6 / median(each["wall"] for each in side) for side in (mine, raw)
    )
    yield Row(
        what=f"{what}: throughput",
        ours=f"{fast:,.0f} MB/s",
        reference=f"aiohttp by hand {raw_fast:,.0f} MB/s",
        ratio=str(speed),
        goal="≥ 0.95",
        met=speed.middle >= 0.95,
    )
    cpu, raw_cpu = (median(each["cpu"] for each in side) / count * 1e3 for side in (mine, raw))
    yield Row(
        what=f"{what}: CPU each",
        ours=f"{cpu:.1f} ms",
        reference=f"aiohttp by hand {raw_cpu:.1f} ms",
        ratio=str(Ratio.of(of("cpu"))),
    )
    grown, raw_grown = (max(each["grown"] for each in side) for side in (mine, raw))
    yield Row(
        what=f"{what}: growth of the peak",
        ours=f"{grown:.0f} MiB",
        reference=f"aiohttp by hand {raw_grown:.0f} MiB",
        goal="< 100 MiB",
        met=grown < 100,
    )


def main() -> None:
    """Be one side, and say what it took."""
    side, url, folder = sys.argv[1:]
    run: Callable[[str, list[Path]], Awaitable[None]] = ours if side == "ours" else by_hand
    paths = sorted(Path(folder).iterdir())

    async def timed() -> dict[str, float]:
        await run(url, paths[:1])  # so that all is loaded
        held, wall, cpu = peak(), time.perf_counter(), time.process_time()
        await run(url, paths)
        return {
            "wall": time.perf_counter() - wall,
            "cpu": time.process_time() - cpu,
            "grown": peak() - held,
        }

    json.dump(asyncio.run(timed()), sys.stdout)


if __name__ == "__main__":
    main()
