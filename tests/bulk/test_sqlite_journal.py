"""The journal in SQLite: what is written is found, commits are shared, closing loses nothing."""

import asyncio
from pathlib import Path

import pytest
from helpers.journal_runs import entry

from spapi_messaging import (
    JournalError,
)
from spapi_messaging.bulk.journal import Entry
from spapi_messaging.bulk.sqlite_journal import SqliteJournal


async def test_what_is_written_is_found_again(tmp_path: Path) -> None:
    """Over closing and opening again, with every field."""
    path = tmp_path / "run.db"
    full = Entry(
        key="a",
        seller="seller",
        marketplace="A1PA6795UKMFR9",
        order_id="903-1671087-0812628",
        operation="sendInvoice",
        state="refused",
        began_at=1.5,
        ended_at=2.5,
        request_id="request",
        reason="reason",
        evidence="evidence",
    )
    async with SqliteJournal(path) as journal:
        assert await journal.find("a") is None
        await journal.write(full)
        await journal.write(entry("b"))
        await journal.write(entry("b", "sent"))
        assert await journal.find("a") == full
    async with SqliteJournal(path) as journal:
        assert await journal.entries() == [entry("b", "sent"), full]


async def test_entries_come_in_the_order_in_which_they_began(tmp_path: Path) -> None:
    async with SqliteJournal(tmp_path / "run.db") as journal:
        for key, began_at in (("c", 2.0), ("b", 1.0), ("d", 3.0), ("a", 2.0)):
            await journal.write(entry(key, began_at=began_at))
        await journal.write(entry("c", "sent", began_at=2.0))
        assert [item.key for item in await journal.entries()] == ["b", "c", "a", "d"]


async def test_a_journal_that_is_not_open_says_so(tmp_path: Path) -> None:
    journal = SqliteJournal(tmp_path / "run.db")
    for attempt in (journal.find("a"), journal.write(entry("a")), journal.entries()):
        with pytest.raises(JournalError, match="not open"):
            await attempt
    async with journal:
        with pytest.raises(RuntimeError, match="open already"):
            await journal.__aenter__()
        await journal.write(entry("a"))
    with pytest.raises(JournalError, match="not open"):
        await journal.find("a")


async def test_writes_at_once_share_commits(tmp_path: Path) -> None:
    """A hundred tasks, two writes each, and a find before: a few commits, not 200."""
    async with SqliteJournal(tmp_path / "run.db") as journal:
        assert journal._file is not None
        commits: list[str] = []

        def trace(statement: str) -> None:
            if statement.startswith("COMMIT"):
                commits.append(statement)

        journal._file.database.set_trace_callback(trace)

        async def work(number: int) -> None:
            assert await journal.find(f"{number}") is None
            await journal.write(entry(f"{number}"))
            await journal.write(entry(f"{number}", "sent"))

        await asyncio.gather(*(work(number) for number in range(100)))
        assert len(await journal.entries()) == 100
        assert {item.state for item in await journal.entries()} == {"sent"}
        assert 2 <= len(commits) <= 4


async def test_writers_out_of_step_come_to_share_commits(tmp_path: Path) -> None:
    """Writers that are served write again before the next commit begins: it takes both halves."""
    async with SqliteJournal(tmp_path / "run.db") as journal:
        assert journal._file is not None
        commits: list[str] = []
        journal._file.database.set_trace_callback(
            lambda statement: commits.append(statement) if statement == "COMMIT" else None
        )

        async def work(number: int, late: int) -> None:
            for _ in range(late):
                await asyncio.sleep(0)
            for _ in range(20):
                await journal.write(entry(f"{number}"))

        await asyncio.gather(*(work(number, number % 2 * 3) for number in range(40)))
        assert 20 <= len(commits) <= 24


async def test_a_cancelled_writer_takes_nothing_from_the_others(tmp_path: Path) -> None:
    """Nor from itself: what it began to write is written."""
    async with SqliteJournal(tmp_path / "run.db") as journal:
        writers = [asyncio.create_task(journal.write(entry(f"{n:02}"))) for n in range(40)]
        await asyncio.sleep(0)
        for writer in writers[::3]:
            writer.cancel()
        ended = await asyncio.gather(*writers, return_exceptions=True)
        assert sum(isinstance(end, asyncio.CancelledError) for end in ended) == 14
        assert len(await journal.entries()) == 40


async def test_cancelling_all_tasks_leaves_a_journal_that_works(tmp_path: Path) -> None:
    """As Ctrl-C does: the journal has no task of its own that could go with the others."""
    async with SqliteJournal(tmp_path / "run.db") as journal:
        writer = asyncio.create_task(journal.write(entry("a")))
        await asyncio.sleep(0)
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()
        await asyncio.gather(writer, return_exceptions=True)
        async with asyncio.timeout(5):
            await journal.write(entry("b"))
        assert [item.key for item in await journal.entries()] == ["a", "b"]


async def test_what_waits_when_it_is_closed_is_written(tmp_path: Path) -> None:
    path = tmp_path / "run.db"
    journal = await SqliteJournal(path).__aenter__()
    writers = [asyncio.create_task(journal.write(entry(f"{number}"))) for number in range(5)]
    await asyncio.sleep(0)
    await journal.__aexit__()
    await asyncio.gather(*writers)
    async with SqliteJournal(path) as journal:
        assert len(await journal.entries()) == 5


@pytest.mark.parametrize("after", range(4))
async def test_a_cancelled_opening_or_closing_keeps_no_lock(tmp_path: Path, after: int) -> None:
    """The same file can be opened again at once."""

    async def kept() -> None:
        async with SqliteJournal(tmp_path / "run.db") as journal:
            await journal.write(entry("a"))

    for pause in (0, 0.0005, 0.002):
        task = asyncio.create_task(kept())
        for _ in range(after):
            await asyncio.sleep(pause)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        async with SqliteJournal(tmp_path / "run.db"):
            pass


async def test_closing_is_finished_though_it_is_cancelled(tmp_path: Path) -> None:
    path = tmp_path / "run.db"
    journal = await SqliteJournal(path).__aenter__()
    writer = asyncio.create_task(journal.write(entry("a")))
    await asyncio.sleep(0)
    closing = asyncio.create_task(journal.__aexit__())
    await asyncio.sleep(0)
    closing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await closing
    await writer
    async with SqliteJournal(path) as journal:
        assert await journal.find("a") == entry("a")


async def test_a_key_that_has_no_utf_8_form_harms_nobody(tmp_path: Path) -> None:
    async with SqliteJournal(tmp_path / "run.db") as journal:
        async with asyncio.timeout(5):
            odd = journal.write(entry("odd \ud800 Zoë"))
            await asyncio.gather(odd, journal.write(entry("b")))
        assert (await journal.find("odd \ud800 Zoë")) is not None
        assert await journal.find("b") == entry("b")
