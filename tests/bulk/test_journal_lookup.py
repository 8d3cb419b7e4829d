"""A journal that is looked into is left as it is, whoever has it open."""

import asyncio
import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import attrs
import pytest
from helpers.journal_runs import entry

from spapi_messaging import JournalError
from spapi_messaging.bulk import JournalLookup, SqliteJournal

ORDER = "903-1671087-0812628"


async def with_one(path: Path) -> None:
    async with SqliteJournal(path) as journal:
        await journal.write(entry("a", "sent"))


def everything_in(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


async def test_entries_are_found_by_key_and_by_order(tmp_path: Path) -> None:
    path = tmp_path / "run.db"
    entries = [entry("a", "sent"), entry("b", "refused")]
    other = attrs.evolve(entry("c"), order_id="903-0000000-0000000", content="x")
    async with SqliteJournal(path) as journal:
        for one in [*entries, other]:
            await journal.write(one)
        with JournalLookup.open(path) as open_elsewhere:
            assert open_elsewhere.of_order(ORDER) == entries
    with JournalLookup.open(path) as lookup:
        assert lookup.of_order(ORDER) == entries
        assert lookup.find("c") == other
        assert lookup.find("d") is None


async def test_what_a_run_writes_meanwhile_is_found(tmp_path: Path) -> None:
    path = tmp_path / "run.db"
    async with SqliteJournal(path) as journal:
        await journal.write(entry("a", "sent"))
    with JournalLookup.open(path) as lookup:
        assert lookup.find("a") == entry("a", "sent")
        async with SqliteJournal(path) as journal:
            await journal.write(entry("b"))
            assert lookup.find("b") == entry("b")
            await journal.write(entry("b", "sent"))
            assert lookup.find("b") == entry("b", "sent")


@pytest.mark.parametrize("path", [None, Path("no/such/run.db")])
def test_what_is_not_there_has_no_entries_and_is_not_made(path: Path | None) -> None:
    with JournalLookup.open(path) as lookup:
        assert (lookup.find("a"), lookup.of_order(ORDER)) == (None, [])
    assert path is None or not path.parent.exists()


async def test_looking_leaves_no_trace(tmp_path: Path) -> None:
    async with SqliteJournal(tmp_path / "run.db") as journal:
        await journal.write(entry("a", "sent"))
    before = everything_in(tmp_path)
    with JournalLookup.open(tmp_path / "run.db") as lookup:
        assert len(lookup.of_order(ORDER)) == 1
    assert everything_in(tmp_path) == before


async def test_a_journal_that_has_lost_its_log_is_refused_here_too(tmp_path: Path) -> None:
    """What is missing of it would be foretold as to be sent."""
    path, copy = tmp_path / "run.db", tmp_path / "copy.db"
    async with SqliteJournal(path) as journal:
        await journal.write(entry("a", "sent"))
        shutil.copy(path, copy)
    with pytest.raises(JournalError, match=r"copy\.db-wal is missing"), JournalLookup.open(copy):
        pass


VERSION_2 = """
CREATE TABLE jobs (
    key TEXT NOT NULL PRIMARY KEY, seller TEXT NOT NULL, marketplace TEXT NOT NULL,
    order_id TEXT NOT NULL, operation TEXT NOT NULL, state TEXT NOT NULL,
    request_id TEXT, reason TEXT, evidence TEXT, began_at REAL NOT NULL, ended_at REAL,
    language TEXT
)
"""


def test_a_journal_of_version_2_is_read_by_order_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "run.db"
    database = sqlite3.connect(path, isolation_level=None)
    for statement in (VERSION_2, "PRAGMA application_id = 0x53504D4A", "PRAGMA user_version = 2"):
        database.execute(statement)
    insert = "INSERT INTO jobs (key, seller, marketplace, order_id, operation, state, began_at) "
    for key, order_id in (("a", ORDER), ("b", "903-0000000-0000000"), ("c", ORDER)):
        values = (key, "s", "m", order_id, "createUnexpectedProblem", "sent", 1.0)
        database.execute(f"{insert} VALUES (?, ?, ?, ?, ?, ?, ?)", values)
    database.close()
    before = everything_in(tmp_path)
    with JournalLookup.open(path) as lookup:
        found = lookup.of_order(ORDER)
    assert [(one.key, one.content) for one in found] == [("a", None), ("c", None)]
    assert everything_in(tmp_path) == before


@pytest.mark.parametrize(
    ("content", "reported"),
    [
        ((b"Dear diary, " * 100), "it is no journal"),
        (b"", "it is empty"),
        (None, "it is a folder"),
    ],
    ids=["prose", "empty", "a folder"],
)
def test_what_is_no_journal_is_one_error(
    content: bytes | None, reported: str, tmp_path: Path
) -> None:
    path = tmp_path / "run.db"
    if content is None:
        path.mkdir()
    else:
        path.write_bytes(content)
    with pytest.raises(JournalError, match=reported), JournalLookup.open(path):
        pass


def test_databases_of_others_are_no_journal(tmp_path: Path) -> None:
    path = tmp_path / "run.db"
    database = sqlite3.connect(path)
    database.execute("CREATE TABLE jobs (key TEXT)")
    database.close()
    with pytest.raises(JournalError, match="it is no journal"), JournalLookup.open(path):
        pass


@pytest.mark.skipif(os.name == "nt" or os.getuid() != 0, reason="only root can become another")
def test_it_can_be_read_by_who_may_only_read(tmp_path: Path) -> None:
    path = tmp_path / "run.db"
    asyncio.run(with_one(path))
    tmp_path.chmod(0o555)
    for folder in tmp_path.parents[:2]:
        folder.chmod(0o755)
    look = f"""
import os, pathlib
from spapi_messaging.bulk import JournalLookup
os.setuid(65534)
with JournalLookup.open(pathlib.Path({str(path)!r})) as lookup:
    print(lookup.find("a").state)
"""
    done = subprocess.run(
        [sys.executable, "-c", look], capture_output=True, text=True, check=False, timeout=60
    )
    tmp_path.chmod(0o755)
    if "Permission" in done.stderr:
        pytest.skip("another user cannot read this folder or this Python at all")
    assert done.stdout == "sent\n", done.stderr
