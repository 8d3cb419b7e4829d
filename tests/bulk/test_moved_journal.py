"""A journal whose run was killed, after somebody copied, moved or harmed its files."""

import asyncio
import os
import shutil
import signal
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from helpers.journal_programs import copied_while_open, program
from helpers.journal_runs import entry

from spapi_messaging import JournalError
from spapi_messaging.bulk.sqlite_file import read_journal
from spapi_messaging.bulk.sqlite_journal import SqliteJournal

FRAME = 24 + 4096
Harm = Callable[[Path, Path], Path | None]
"""Does something to a journal and its log, and may return where the journal is now."""


@pytest.fixture
async def left(tmp_path: Path) -> Path:
    """A journal as kill -9 leaves it: three commits, of which all are in the log."""
    path, killed = tmp_path / "run.db", tmp_path / "killed" / "run.db"
    killed.parent.mkdir()
    async with SqliteJournal(path) as journal:
        for number in range(3):
            await journal.write(entry(f"{number}"))
        await asyncio.to_thread(copied_while_open, path, killed)
    return killed


def log_of(path: Path) -> Path:
    return path.with_name(f"{path.name}-wal")


def names_in(folder: Path) -> set[str]:
    return {file.name for file in folder.iterdir()}


def move_alone(path: Path, _log: Path) -> Path:
    return path.rename(path.with_name("moved.db"))


def copy_alone(path: Path, _log: Path) -> Path:
    return Path(shutil.copy(path, path.parent.parent / "copy.db"))


def delete(_path: Path, log: Path) -> None:
    log.unlink()


def empty(_path: Path, log: Path) -> None:
    log.write_bytes(b"")


def cut(size: int) -> Harm:
    """Cut so many bytes off the log's end."""

    def harm(_path: Path, log: Path) -> None:
        log.write_bytes(log.read_bytes()[:-size])

    return harm


def rot(place: float) -> Harm:
    """Turn one bit of the log."""

    def harm(_path: Path, log: Path) -> None:
        data = bytearray(log.read_bytes())
        data[int(place * (len(data) - 1))] ^= 0x10
        log.write_bytes(data)

    return harm


def another_log(path: Path, log: Path) -> None:
    """Put the log of another killed journal there."""

    async def make() -> None:
        other = path.with_name("other.db")
        async with SqliteJournal(other) as journal:
            for number in range(9):
                await journal.write(entry(f"other {number}"))
            await asyncio.to_thread(copied_while_open, other, path.with_name("copied.db"))

    asyncio.run(make())
    shutil.copy(log_of(path.with_name("copied.db")), log)


def empty_the_file(path: Path, _log: Path) -> None:
    path.write_bytes(b"")


def delete_the_file(path: Path, _log: Path) -> None:
    path.unlink()


def folder_for_the_file(path: Path, _log: Path) -> None:
    path.unlink()
    path.mkdir()


def pipe_for_the_file(path: Path, _log: Path) -> None:
    path.unlink()
    os.mkfifo(path)


HARMS = {
    "moved alone": move_alone,
    "copied alone": copy_alone,
    "log deleted": delete,
    "log emptied": empty,
    "log of another": another_log,
    "file emptied": empty_the_file,
    "file deleted": delete_the_file,
    "a folder": folder_for_the_file,
    "a pipe": pipe_for_the_file,
    **{f"log cut by {size}": cut(size) for size in (1, 24, 4096, FRAME, 2 * FRAME, 5 * FRAME)},
    **{f"log rotten at {place}": rot(place) for place in (0.0, 0.001, 0.2, 0.5, 0.9, 1.0)},
}


@pytest.mark.parametrize("harm", HARMS.values(), ids=HARMS)
async def test_what_is_not_whole_is_refused_and_left_as_it_is(left: Path, harm: Harm) -> None:
    """Rather than being taken for a journal in which the last messages were never sent."""
    path = await asyncio.to_thread(harm, left, log_of(left)) or left
    before = {file.name: file.stat().st_size for file in path.parent.iterdir()}
    with pytest.raises(JournalError):
        async with SqliteJournal(path):
            raise AssertionError
    after = {file.name: file.stat().st_size for file in path.parent.iterdir()}
    assert {name: after.get(name) for name in before if "-shm" not in name} == {
        name: size for name, size in before.items() if "-shm" not in name
    }


@pytest.mark.parametrize("harm", [move_alone, copy_alone, delete, empty, cut(1), rot(0.5)])
async def test_a_loss_is_told_with_what_to_do(left: Path, harm: Harm) -> None:
    path = harm(left, log_of(left)) or left
    with pytest.raises(JournalError) as caught:
        async with SqliteJournal(path):
            raise AssertionError
    assert f"{path.name}-wal" in caught.value.fault
    assert "Bring" in caught.value.fault
    with pytest.raises(JournalError, match="Bring"):
        read_journal(path)


async def test_what_is_brought_back_is_whole_again(left: Path) -> None:
    away = log_of(left).rename(left.with_name("away"))
    with pytest.raises(JournalError):
        async with SqliteJournal(left):
            raise AssertionError
    away.rename(log_of(left))
    async with SqliteJournal(left) as journal:
        assert len(await journal.entries()) == 3


def as_it_is(_path: Path, _log: Path) -> None:
    """Touch nothing."""


def without_index(path: Path, _log: Path) -> None:
    """Leave behind what SQLite makes anew."""
    path.with_name(f"{path.name}-shm").unlink(missing_ok=True)
    path.with_name(f"{path.name}-lock").unlink(missing_ok=True)


def move_both(path: Path, log: Path) -> Path:
    log.rename(path.with_name("moved.db-wal"))
    return path.rename(path.with_name("moved.db"))


def look_in(path: Path, _log: Path) -> None:
    """Look in with another program, which moves the log into the file as it leaves."""
    with sqlite3.connect(path) as database:
        assert database.execute("SELECT count(*) FROM jobs").fetchone() == (3,)
    database.close()
    assert not log_of(path).exists()


def half_a_commit(_path: Path, log: Path) -> None:
    """Append what a commit leaves that was killed in the middle."""
    data = log.read_bytes()
    log.write_bytes(data + data[-FRAME:-100])


@pytest.mark.parametrize("care", [as_it_is, without_index, move_both, look_in, half_a_commit])
async def test_what_is_whole_goes_on(left: Path, care: Harm) -> None:
    path = care(left, log_of(left)) or left
    assert len(read_journal(path)) == 3
    async with SqliteJournal(path) as journal:
        assert {item.key for item in await journal.entries()} == {"0", "1", "2"}
        await journal.write(entry("3"))
    assert len(read_journal(path)) == 4


async def test_a_journal_that_was_closed_is_one_file(tmp_path: Path) -> None:
    """It can be copied and renamed, and what lies beside it is not its own."""
    path = tmp_path / "run.db"
    async with SqliteJournal(path) as journal:
        await journal.write(entry("a", "sent"))
    assert names_in(tmp_path) == {"run.db", "run.db-lock"}
    copy = Path(shutil.copy(path, tmp_path / "copy.db"))
    assert read_journal(copy) == [entry("a", "sent")]
    assert not log_of(copy).exists()
    async with SqliteJournal(copy) as journal:
        assert await journal.find("a") == entry("a", "sent")


async def test_a_log_beside_a_closed_journal_is_not_read_into_it(
    left: Path, tmp_path: Path
) -> None:
    path = tmp_path / "closed.db"
    async with SqliteJournal(path) as journal:
        await journal.write(entry("a", "sent"))
    shutil.copy(log_of(left), log_of(path))
    with pytest.raises(JournalError, match="that of another journal"):
        async with SqliteJournal(path):
            raise AssertionError
    log_of(path).unlink()
    assert read_journal(path) == [entry("a", "sent")]


async def test_a_closed_journal_that_is_cut_off_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "run.db"
    async with SqliteJournal(path) as journal:
        await asyncio.gather(*(journal.write(entry(f"{n}" * 100)) for n in range(200)))
    path.write_bytes(path.read_bytes()[:-4096])
    with pytest.raises(JournalError, match="it is damaged: bring it back from a copy"):
        async with SqliteJournal(path):
            raise AssertionError


async def test_a_file_that_is_older_than_its_log_is_refused(tmp_path: Path) -> None:
    """A copy that began before the log was moved into the file, and ended after."""
    path, copy = tmp_path / "run.db", tmp_path / "copy.db"
    async with SqliteJournal(path) as journal:
        await journal.write(entry("a"))
        await asyncio.to_thread(copied_while_open, path, copy)
        assert journal._file is not None
        await asyncio.get_running_loop().run_in_executor(
            journal._thread, journal._file._checkpoint, "PASSIVE"
        )
        await journal.write(entry("b"))
        await asyncio.to_thread(copied_while_open, path, tmp_path / "later.db")
    shutil.copy(log_of(tmp_path / "later.db"), log_of(copy))
    with pytest.raises(JournalError, match="not as new as the file"):
        async with SqliteJournal(copy):
            raise AssertionError
    async with SqliteJournal(tmp_path / "later.db") as journal:
        assert len(await journal.entries()) == 2


WRITER = """
import asyncio, sys
from helpers.journal_runs import entry
from spapi_messaging.bulk import sqlite_file
from spapi_messaging.bulk.sqlite_journal import SqliteJournal
sqlite_file._LOG = int(sys.argv[2])
async def main():
    async with SqliteJournal(sys.argv[1]) as journal:
        for number in range(10**9):
            await journal.write(entry(f"{number}"))
            print(number, flush=True)
asyncio.run(main())
"""


def killed_at(path: Path, count: int, pages: int = 12_000) -> int:
    """Kill a writer, and return the number of its last entry that was promised."""
    with program(WRITER, str(path), str(pages)) as writer:
        assert writer.stdout is not None
        last = -1
        for line in writer.stdout:
            last = int(line)
            if last >= count:
                writer.send_signal(signal.SIGKILL)
                break
        return max([last, *(int(line) for line in writer.stdout if line.endswith("\n"))])


@pytest.mark.slow
@pytest.mark.parametrize("pages", [12_000, 20])
@pytest.mark.parametrize("count", [0, 7, 40, 201])
def test_a_killed_writer_has_all_that_was_promised_or_is_refused(
    tmp_path: Path, count: int, pages: int
) -> None:
    """With a log that is never moved into the file, and one that is after every few commits."""
    path = tmp_path / "run.db"
    last = killed_at(path, count, pages)
    for name, harm in HARMS.items():
        folder = tmp_path / name
        folder.mkdir()
        for suffix in ("", "-wal", "-shm"):
            shutil.copy(f"{path}{suffix}", folder / f"run.db{suffix}")
        there = harm(folder / "run.db", log_of(folder / "run.db")) or folder / "run.db"
        assert promised(there, last) in {"refused", "whole"}
    assert promised(path, last) == "whole"


def promised(path: Path, last: int) -> str:
    """Say whether a journal has what was promised."""

    async def look() -> set[str]:
        async with SqliteJournal(path) as journal:
            return {item.key for item in await journal.entries()}

    try:
        keys = asyncio.run(look())
    except JournalError:
        return "refused"
    return "whole" if {f"{number}" for number in range(last + 1)} <= keys else "lost"


async def test_a_hard_link_lets_no_second_run_in(tmp_path: Path) -> None:
    """The lock beside a file has the name by which it was opened; the other name has another."""
    path, other = tmp_path / "run.db", tmp_path / "other.db"
    async with SqliteJournal(path) as journal:
        await journal.write(entry("a"))
        os.link(path, other)
        with pytest.raises(JournalError, match="another run has it open"):
            async with SqliteJournal(other):
                raise AssertionError
        await journal.write(entry("b"))
    async with SqliteJournal(other) as journal:
        assert len(await journal.entries()) == 2


async def test_a_leftover_log_of_a_closed_journal_undoes_nothing(
    tmp_path: Path, left: Path
) -> None:
    """It is in the file as well; the part of it that is left must not be read over that."""
    part = log_of(left).read_bytes()[: -2 * FRAME]
    whole = tmp_path / "whole.db"
    async with SqliteJournal(left) as journal:
        await journal.write(entry("d", "sent"))
    shutil.copy(left, whole)
    log_of(whole).write_bytes(part)
    async with SqliteJournal(whole) as journal:
        assert {item.key for item in await journal.entries()} == {"0", "1", "2", "d"}
