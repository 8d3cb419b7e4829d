"""A journal that is given by a link: its log and its lock are beside the file itself."""

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest
from helpers.journal_programs import copied_while_open
from helpers.journal_runs import entry
from helpers.paths import PYTHONPATH

from spapi_messaging import JournalError
from spapi_messaging.bulk import JournalLookup, JournalReader, SqliteJournal, read_journal

LOOK = """
import sys
from pathlib import Path
from spapi_messaging.bulk import JournalLookup, read_journal
try:
    with JournalLookup.open(Path(sys.argv[1])) as lookup:
        print(lookup.find("a"))
except Exception as error:
    print(error)
"""


@pytest.fixture
def store(tmp_path: Path) -> Path:
    folder = tmp_path / "store"
    folder.mkdir()
    return folder


async def test_a_running_journal_is_read_by_a_link(store: Path, tmp_path: Path) -> None:
    link = tmp_path / "run.db"
    link.symlink_to(store / "real.db")
    async with SqliteJournal(link) as journal:
        await journal.write(entry("a", "sent"))
        assert read_journal(link) == [entry("a", "sent")]
        with JournalLookup.open(link) as lookup:
            assert lookup.find("a") == entry("a", "sent")


async def test_a_killed_runs_journal_is_read_by_a_link(store: Path, tmp_path: Path) -> None:
    async with SqliteJournal(tmp_path / "first.db") as journal:
        await journal.write(entry("a", "sent"))
        await asyncio.to_thread(copied_while_open, tmp_path / "first.db", store / "real.db")
    link = tmp_path / "run.db"
    link.symlink_to(store / "real.db")
    assert read_journal(link) == [entry("a", "sent")]
    with JournalLookup.open(link) as lookup:
        assert lookup.find("a") == entry("a", "sent")


async def test_a_run_that_has_the_other_name_open_is_told_of(store: Path, tmp_path: Path) -> None:
    """Nobody is told that it was killed, or to begin a new journal; the run goes on unharmed."""
    path, hard = store / "run.db", tmp_path / "hard.db"
    async with SqliteJournal(path) as journal:
        await journal.write(entry("a", "sent"))
        hard.hardlink_to(path)
        for _ in range(2):
            with pytest.raises(JournalError, match="by another name") as caught:
                read_journal(hard)
            assert "new journal" not in caught.value.fault
            with pytest.raises(JournalError, match="by another name"), JournalLookup.open(hard):
                pass
            with pytest.raises(JournalError, match="another run has it open"):
                async with SqliteJournal(hard):
                    raise AssertionError
        await journal.write(entry("b", "sent"))
    assert len(read_journal(path)) == len(read_journal(hard)) == 2


async def test_a_run_of_another_process_is_told_of_too(store: Path, tmp_path: Path) -> None:

    path, hard = store / "run.db", tmp_path / "hard.db"
    async with SqliteJournal(path) as journal:
        await journal.write(entry("a", "sent"))
        hard.hardlink_to(path)
        done = await asyncio.to_thread(
            subprocess.run,
            [sys.executable, "-c", LOOK, str(hard)],
            env={"PYTHONPATH": PYTHONPATH},
            capture_output=True,
            text=True,
            check=False,
        )
    assert "by another name" in done.stdout


async def test_a_killed_run_of_the_other_name_has_its_log_there(
    store: Path, tmp_path: Path
) -> None:
    async with SqliteJournal(tmp_path / "first.db") as journal:
        await journal.write(entry("a", "sent"))
        await asyncio.to_thread(copied_while_open, tmp_path / "first.db", store / "run.db")
    hard = tmp_path / "hard.db"
    hard.hardlink_to(store / "run.db")
    with JournalReader(hard) as reader:
        assert reader.loss is not None
        assert "another name" in reader.loss
        assert "new journal" not in reader.loss
    assert read_journal(store / "run.db") == [entry("a", "sent")]
