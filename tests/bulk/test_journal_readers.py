"""A journal for those who only look: who may only read, and whoever reads a large one."""

import asyncio
import json
import os
import sqlite3
import subprocess
import sys
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from helpers.journal_programs import copied_while_open
from helpers.journal_runs import entry, order_id
from helpers.paths import PYTHONPATH

from spapi_messaging.bulk.sqlite.reader import JournalReader, read_journal
from spapi_messaging.bulk.sqlite_journal import SqliteJournal

READ = """
import json, os, sys
from pathlib import Path
from spapi_messaging.bulk import read_journal
import spapi_messaging.cli.app
if os.geteuid() == 0:
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
print(json.dumps([entry.key for entry in read_journal(Path(sys.argv[1]))]))
"""


def read_by_another_user(path: Path) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", READ, str(path)],
        env=os.environ | {"PYTHONPATH": PYTHONPATH},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    keys: list[str] = json.loads(done.stdout)
    return keys


def names_in(folder: Path) -> set[str]:
    return {file.name for file in folder.iterdir()}


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    for file in folder.iterdir():
        file.chmod(0o444)
    folder.chmod(0o555)
    try:
        yield
    finally:
        folder.chmod(0o755)


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    """A folder that all may read and, of users, only the owner may write."""
    for folder in (tmp_path, *list(tmp_path.parents)[:3]):
        folder.chmod(folder.stat().st_mode | 0o055)
    return tmp_path


async def test_an_ended_journal_is_read_by_who_may_only_read(shelf: Path) -> None:
    path = shelf / "run.db"
    async with SqliteJournal(path) as journal:
        await journal.write(entry("a", "sent"))
    before = names_in(shelf)
    with read_only(shelf):
        assert await asyncio.to_thread(read_by_another_user, path) == ["a"]
        assert read_journal(path) == [entry("a", "sent")]
    assert names_in(shelf) == before


async def test_a_killed_runs_journal_is_read_by_who_may_only_read(shelf: Path) -> None:
    path, killed = shelf / "run.db", shelf / "killed.db"
    async with SqliteJournal(path) as journal:
        await journal.write(entry("a"))
        await asyncio.to_thread(copied_while_open, path, killed)
    with read_only(shelf):
        assert await asyncio.to_thread(read_by_another_user, killed) == ["a"]


async def test_a_journal_of_version_2_is_read_by_who_may_only_read(shelf: Path) -> None:
    """It says that it has a log, though it has none when it was closed."""
    path = shelf / "old.db"
    database = sqlite3.connect(path, isolation_level=None)
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA application_id = 0x53504D4A")
    database.execute("PRAGMA user_version = 2")
    database.execute(
        "CREATE TABLE jobs (key TEXT PRIMARY KEY, seller, marketplace, order_id, operation, "
        "state, request_id, reason, evidence, began_at, ended_at, language)"
    )
    database.execute("INSERT INTO jobs VALUES ('a', '', '', '', '', 'sent', 0, 0, 0, 1.0, 0, 0)")
    database.close()
    with read_only(shelf):
        assert await asyncio.to_thread(read_by_another_user, path) == ["a"]


async def test_a_running_journal_is_read_as_it_grows(tmp_path: Path) -> None:
    path = tmp_path / "run.db"
    async with SqliteJournal(path) as journal:
        for number in range(3):
            await journal.write(entry(f"{number}"))
            with JournalReader(path) as reader:
                assert reader.loss is None
                assert reader.counts() == {("createUnexpectedProblem", "sending"): number + 1}


async def test_a_large_journal_is_read_row_by_row(tmp_path: Path) -> None:
    """Entries of 20,000 rows take some 10 MB together."""
    path = tmp_path / "run.db"
    async with SqliteJournal(path) as journal:
        await asyncio.gather(
            *(journal.write(entry(order_id(number), "sent")) for number in range(20_000))
        )
    tracemalloc.start()
    try:
        with JournalReader(path) as reader:
            assert sum(1 for _ in reader.entries()) == 20_000
            assert reader.counts().total() == 20_000
            assert next(reader.doubts(), None) is None
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()
