"""A hundred messages with large files do not fit into memory at once, and need not."""

import asyncio
import gc
import os
import subprocess
import sys
import tracemalloc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from helpers import heavy_run
from helpers.fault_server import http
from helpers.fault_sessions import ORDER, session_at
from helpers.served import served
from helpers.storage import destination, storage
from helpers.virtual_time import gather_cancelled, turns, virtual
from hypothesis import given, settings, strategies as st

from spapi_messaging import Invoice, UploadError
from spapi_messaging.sandbox import DEFAULT_ACTIONS
from spapi_messaging.sending.byte_gate import ROOM, ByteGate, byte_gate

MB = 1_000_000
LARGE = 9_900_000


def write(path: Path, size: int) -> Path:
    path.write_bytes(b"%PDF-" + bytes(size - 5))
    return path


def growth(folder: Path, count: int, *, failing: bool = False) -> tuple[str, int]:
    """Run a process that sends; return its outcomes, and the MB by which its peak grew."""
    code = "import sys; from helpers.heavy_run import run; run(sys.argv[1], int(sys.argv[2]))"
    tests = Path(heavy_run.__file__).parents[1]
    with served(rate=float("inf"), any_order=DEFAULT_ACTIONS) as sandbox:
        if failing:
            sandbox.fail_next(status=403, operation="putUpload", times=count * 5)
        ran = subprocess.run(
            [sys.executable, "-c", code, str(folder), str(count)],
            env=os.environ | sandbox.environment | {"PYTHONPATH": f"{tests.parent}:{tests}"},
            stdout=subprocess.PIPE,
            check=True,
            timeout=300,
            text=True,
        )
    outcomes, _, grown = ran.stdout.strip().rpartition(" ")
    return outcomes, int(grown)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="the peak is read from /proc")
@pytest.mark.parametrize(
    ("files", "failing"), [(1, False), (5, False), (1, True)], ids=["one", "five", "failing"]
)
def test_a_hundred_jobs_with_ten_megabytes_each_take_little_memory(
    files: int, failing: bool, tmp_path: Path
) -> None:
    """Whether they are sent, or fail with errors whose frames hold what they can."""
    for number in range(files):
        write(tmp_path / f"{number}.pdf", LARGE // files - number)
    outcomes, grown = growth(tmp_path, 100, failing=failing)
    assert outcomes == ("{'NotSent': 100}" if failing else "{'Sent': 100}")
    assert grown < 200


@asynccontextmanager
async def forgetful() -> AsyncIterator[str]:
    """Run a storage that refuses a file, and keeps nothing of it."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        left = LARGE
        while left:
            left -= len(await reader.read(left))
        writer.write(http("403 Forbidden"))
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


@virtual
async def test_an_error_that_is_kept_keeps_nothing_of_its_file(tmp_path: Path) -> None:
    """Its traceback and its causes' would hold the frames, and these the file."""
    message = Invoice(attachments=[write(tmp_path / "a.pdf", LARGE)])
    async with storage() as (home, _), forgetful() as url, session_at(home) as session:
        home.answers = [destination(f"{url}/x")]
        gc.collect()
        gc.disable()
        tracemalloc.start()
        try:
            with pytest.raises(UploadError) as caught:
                await session.send(ORDER, message, discover=False)
            await turns(20)
            held, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
            gc.enable()
    assert peak > LARGE
    assert held < MB, str(caught.value)


def test_room_is_for_some_files_of_the_largest_kind() -> None:
    """One message's fit into it, or it would wait for ever."""
    assert 10 * MB <= ROOM <= 100 * MB


@virtual
async def test_all_sessions_of_a_loop_share_the_room() -> None:
    """A run of many sellers has one memory."""
    assert byte_gate() is byte_gate()


@virtual
async def test_first_come_first_served() -> None:
    gate = ByteGate(10)
    came: list[str] = []

    async def hold(name: str, size: int, seconds: float) -> None:
        async with gate.holding(size):
            came.append(name)
            await asyncio.sleep(seconds)

    sizes = {"a": 6, "b": 6, "c": 1, "d": 3}
    await asyncio.gather(*(hold(name, size, 1) for name, size in sizes.items()))
    assert came == ["a", "b", "c", "d"]
    assert gate.room == 10


@virtual
async def test_a_waiter_that_is_cancelled_lets_the_next_one_in() -> None:
    gate = ByteGate(10)

    async def hold(size: int) -> None:
        async with gate.holding(size):
            await asyncio.sleep(100)

    first, large, small = (asyncio.create_task(hold(size)) for size in (6, 9, 4))
    await turns()
    assert gate.room == 4
    await gather_cancelled([large])
    await turns()
    assert gate.room == 0
    await gather_cancelled([first, small])
    assert gate.room == 10


@given(
    holders=st.lists(
        st.tuples(st.integers(0, 10), st.floats(0, 3), st.floats(0, 3), st.floats(0, 5)),
        max_size=20,
    )
)
@settings(deadline=None, max_examples=100, database=None)
@virtual
async def test_there_is_never_more_than_there_is_room_for(
    holders: list[tuple[int, float, float, float]],
) -> None:
    """Whoever is cancelled and when: nothing is lost, nobody waits for ever."""
    gate, held = ByteGate(10), 0

    async def hold(size: int, begins: float, seconds: float) -> None:
        nonlocal held
        await asyncio.sleep(begins)
        async with gate.holding(size):
            held += size
            assert held <= 10
            try:
                await asyncio.sleep(seconds)
            finally:
                held -= size

    async def cancelled(task: "asyncio.Task[None]", after: float) -> None:
        await asyncio.sleep(after)
        task.cancel()

    tasks = [asyncio.create_task(hold(*each[:3])) for each in holders]
    ends = [
        asyncio.create_task(cancelled(tasks[n], holders[n][3])) for n in range(0, len(tasks), 2)
    ]
    await asyncio.gather(*ends)
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert all(result is None or isinstance(result, asyncio.CancelledError) for result in results)
    assert gate.room == 10
