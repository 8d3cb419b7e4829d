"""A journal that cannot be written any more: its writers are told, and its run sends nothing."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import attrs
import pytest
from helpers.journal_programs import program
from helpers.journal_runs import entry, order_id, session_at
from helpers.virtual_time import virtual

from spapi_messaging import (
    Job,
    JournalError,
    UnexpectedProblem,
)
from spapi_messaging.bulk.sqlite_journal import SqliteJournal
from spapi_messaging.sandbox import Sandbox


async def test_a_failure_that_is_not_sqlites_reaches_the_writers(tmp_path: Path) -> None:
    """Rather than leaving them to wait for ever."""
    async with SqliteJournal(tmp_path / "run.db") as journal:
        wrong = entry("a", began_at={})
        async with asyncio.timeout(5):
            with pytest.raises(JournalError):
                await journal.write(wrong)
            await journal.write(entry("b"))


BAD = [
    {"order_id": None},
    {"key": None},
    {"key": 7.5, "state": None},
    {"state": "posted"},
    {"began_at": {}},
    {"began_at": 2**70},
    {"request_id": ["list"]},
]


@pytest.mark.parametrize("bad", BAD, ids=str)
async def test_one_bad_entry_takes_nothing_from_its_group(
    tmp_path: Path, bad: dict[str, object]
) -> None:
    """Those that are committed with it are; of it, its own writer is told."""
    async with SqliteJournal(tmp_path / "run.db") as journal:
        good = [entry(f"{number}") for number in range(20)]
        group = [*good[:10], attrs.evolve(entry("bad"), **bad), *good[10:]]
        ended = await asyncio.gather(*map(journal.write, group), return_exceptions=True)
        assert [number for number, end in enumerate(ended) if end is not None] == [10]
        assert isinstance(ended[10], JournalError)
        assert await journal.entries() == good


async def test_what_is_no_text_is_found_nowhere(tmp_path: Path) -> None:
    async with SqliteJournal(tmp_path / "run.db") as journal:
        await journal.write(entry("a"))
        for key in (None, 7, b"a"):
            asked = [journal.find(key), journal.of_order(key), journal.find("a")]
            nothing, none, found = await asyncio.gather(*asked)
            assert (nothing, none, found) == (None, [], entry("a"))


async def test_a_full_disk_fails_the_write_and_breaks_nothing(tmp_path: Path) -> None:
    async with SqliteJournal(tmp_path / "run.db") as journal:
        await journal.write(entry("a"))
        assert journal._file is not None
        database = journal._file.database
        pages = database.execute("PRAGMA page_count").fetchone()[0]
        database.execute(f"PRAGMA max_page_count = {pages}")
        large = [journal.write(entry(f"{number}" * 500)) for number in range(100)]
        failures = await asyncio.gather(*large, return_exceptions=True)
        assert {type(failure) for failure in failures} == {JournalError}
        assert {failure.fault for failure in failures if isinstance(failure, JournalError)} == {
            "its disk is full: make room there"
        }
        assert len({id(failure) for failure in failures}) == 100
        database.execute("PRAGMA max_page_count = 100000")
        await journal.write(entry("b"))
        assert [item.key for item in await journal.entries()] == ["a", "b"]


@pytest.mark.parametrize("suffix", ["", "-wal", "-lock"])
@pytest.mark.parametrize("replaced", [False, True])
async def test_a_file_that_is_deleted_under_it_fails_the_write(
    tmp_path: Path, suffix: str, replaced: bool
) -> None:
    """SQLite would go on writing into a file that has no name any more."""
    async with SqliteJournal(tmp_path / "run.db") as journal:
        await journal.write(entry("a"))
        gone = tmp_path / f"run.db{suffix}"
        gone.rename(tmp_path / "elsewhere")
        if replaced:
            gone.write_bytes(b"")
        with pytest.raises(JournalError, match=f"run.db{suffix} was deleted or replaced"):
            await journal.write(entry("b"))


def delete(sandbox: Sandbox, path: Path) -> None:
    assert sandbox.messages()
    path.unlink()


def replace_by_a_folder(sandbox: Sandbox, path: Path) -> None:
    delete(sandbox, path)
    path.mkdir()


def written_orders(path: Path) -> set[str]:
    with closing(sqlite3.connect(path)) as database:
        return {row for (row,) in database.execute("SELECT order_id FROM jobs")}


@pytest.mark.parametrize("harm", [delete, replace_by_a_folder])
@virtual
async def test_a_run_whose_journal_is_gone_sends_nothing_more(tmp_path: Path, harm: object) -> None:
    """Only what had its row before the file went is sent; no task stays."""
    path = tmp_path / "run.db"
    async with Sandbox(latency=0.1) as sandbox, session_at(sandbox) as session:
        sandbox.set_quota()
        jobs = []
        for number in range(60):
            sandbox.add_order(order_id(number))
            jobs.append(Job(order_id(number), UnexpectedProblem(text="hello")))
        before = asyncio.all_tasks()
        rows: set[str] = set()

        async def harmed_run() -> None:
            async with session.bulk(jobs, journal=path, window=10) as outcomes:
                async for _ in outcomes:
                    if not rows and len(sandbox.messages()) >= 10:
                        rows.update(written_orders(path))
                        harm(sandbox, path)

        with pytest.raises(JournalError, match="deleted or replaced"):
            await harmed_run()
        sent = [message.order_id for message in sandbox.messages()]
        await asyncio.sleep(60)
        assert [message.order_id for message in sandbox.messages()] == sent
        assert set(sent) <= rows
        assert len(sent) == len(set(sent)) < 60
        assert not {t for t in asyncio.all_tasks() - before if "bulk" in repr(t.get_coro())}


FULL_DISK = """
import asyncio, resource, sys
from helpers.journal_runs import *
from spapi_messaging import JournalError, Job, UnexpectedProblem
async def main():
    environment = dict(pair.split("=", 1) for pair in sys.argv[2:])
    jobs = [Job(order_id(number), UnexpectedProblem(text="hello")) for number in range(1000)]
    async with MessagingSession(
        Credentials.from_env(environment), marketplace=Marketplace.DE,
        endpoint=environment["SPAPI_MESSAGING_ENDPOINT"],
        token_url=environment["SPAPI_MESSAGING_TOKEN_URL"], limits=RateLimits(default=QUICK),
    ) as session:
        before = asyncio.all_tasks()
        try:
            async with session.bulk(jobs, journal=sys.argv[1], window=20, discover=False) as run:
                async for _ in run:
                    resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))
        except JournalError as error:
            alive = {t for t in asyncio.all_tasks() - before if "bulk" in repr(t.get_coro())}
            print(len(alive), error.fault, flush=True)
asyncio.run(main())
"""


@virtual
async def test_a_disk_that_is_full_stops_the_run_with_a_row_for_all_that_was_sent(
    tmp_path: Path,
) -> None:
    path = tmp_path / "run.db"
    async with Sandbox(any_order=["unexpectedProblem"]) as sandbox:
        sandbox.set_quota()
        environment = [f"{name}={value}" for name, value in sandbox.environment.items()]

        def run() -> str:
            with program(FULL_DISK, str(path), *environment) as process:
                return process.communicate(timeout=15)[0]

        reported = await asyncio.get_running_loop().run_in_executor(None, run)
        assert reported.startswith("0 ")
        assert "full" in reported or "I/O error" in reported
        sent = {message.order_id for message in sandbox.messages()}
        assert 0 < len(sandbox.messages()) == len(sent) < 1000
    async with SqliteJournal(path) as journal:
        states = {item.order_id: item.state for item in await journal.entries()}
    assert sent <= set(states)
    assert {order for order, state in states.items() if state == "sent"} <= sent
    assert {states[order] for order in sent} <= {"sent", "sending"}
    assert sum(state == "sending" for state in states.values()) <= 20
