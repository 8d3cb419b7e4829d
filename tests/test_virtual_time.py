"""The virtual clock stands still for sockets and threads, and jumps otherwise."""

import asyncio
import threading
import time

import pytest
from aiolimiter import AsyncLimiter
from helpers import virtual_time
from helpers.virtual_time import StuckError, run, virtual


@virtual
async def test_hours_pass_at_once() -> None:
    loop = asyncio.get_running_loop()
    began = time.perf_counter()
    await asyncio.gather(*(asyncio.sleep(3600 * number) for number in range(100)))
    assert loop.time() == 3600 * 99
    assert time.perf_counter() - began < 10


@virtual
async def test_the_clock_stands_still_for_sockets_and_executor_threads() -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := await reader.readline():
            await asyncio.to_thread(time.sleep, 0.01)
            writer.write(line)
        writer.close()

    loop = asyncio.get_running_loop()
    server = await asyncio.start_server(serve, "localhost", 0)
    async with server, asyncio.timeout(1e-3):
        port = server.sockets[0].getsockname()[1]
        reader, writer = await asyncio.open_connection("localhost", port)
        for number in range(20):
            line = b"%d\n" % number
            writer.write(line)
            assert await reader.readline() == line
        writer.close()
        await writer.wait_closed()
        assert loop.time() == 0


@virtual
async def test_other_threads_get_a_moment_of_grace() -> None:
    loop = asyncio.get_running_loop()
    assert isinstance(loop, virtual_time.VirtualLoop)
    loop.grace = 5.0
    done = asyncio.Event()
    thread = threading.Thread(target=lambda: loop.call_soon_threadsafe(done.set))
    async with asyncio.timeout(1):
        thread.start()
        await done.wait()
    thread.join()


def test_a_loop_that_waits_for_nothing_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(virtual_time, "PATIENCE", 0.01)

    async def wait() -> None:
        with pytest.raises(asyncio.CancelledError):
            await asyncio.Event().wait()

    with pytest.raises(StuckError, match="no timer, no socket, no thread"):
        run(wait)


@pytest.mark.parametrize(("rate", "capacity"), [(5, 9), (20, 4), (19.98, 4), (7, 4)])
@virtual
async def test_aiolimiter_does_not_spin(rate: float, capacity: int) -> None:
    limiter = AsyncLimiter(capacity, capacity / rate)
    for _ in range(500):
        await limiter.acquire()
    assert asyncio.get_running_loop().time() == pytest.approx((500 - capacity) / rate, rel=1e-3)
