"""The journal's file: what is in it, what is refused, and that it belongs to one run."""

import asyncio
import os
import resource
import signal
import sqlite3
from pathlib import Path

import attrs
import pytest
from helpers.journal_programs import program, read_elsewhere
from helpers.journal_runs import entry, order_id, session_at
from helpers.virtual_time import virtual

from spapi_messaging import (
    File,
    Invoice,
    Job,
    JournalError,
    UnexpectedProblem,
)
from spapi_messaging.bulk.sqlite_file import VERSION, read_journal
from spapi_messaging.bulk.sqlite_journal import SqliteJournal
from spapi_messaging.sandbox import REFRESH_TOKEN, Sandbox


async def refusal(path: Path) -> str:
    """Say why a journal cannot be opened, and see that its error names the file."""
    with pytest.raises(JournalError) as caught:
        await SqliteJournal(path).__aenter__()
    assert caught.value.journal == str(path)
    return caught.value.fault


async def test_the_file_is_durable_and_says_what_it_is(tmp_path: Path) -> None:
    path = tmp_path / "run.db"
    async with SqliteJournal(path) as journal:
        assert journal._file is not None
        inside = journal._file.database
        assert inside.execute("PRAGMA synchronous").fetchone() == (2,)  # FULL
        assert inside.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    with sqlite3.connect(path) as database:
        assert database.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert database.execute("PRAGMA user_version").fetchone() == (VERSION,)
        assert database.execute("PRAGMA application_id").fetchone() == (0x53504D4A,)
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    database.close()


def made(path: Path, *statements: str) -> Path:
    database = sqlite3.connect(path, isolation_level=None)
    for statement in statements:
        database.execute(statement)
    database.close()
    return path


async def test_a_file_of_another_kind_is_refused_and_left_alone(tmp_path: Path) -> None:
    foreign = made(tmp_path / "foreign.db", "CREATE TABLE jobs (key TEXT)")
    marked = made(tmp_path / "marked.db", "PRAGMA application_id = 7")
    prose = tmp_path / "prose.db"
    prose.write_text("Dear diary, " * 100)
    before = {path: path.read_bytes() for path in (foreign, marked, prose)}
    assert await refusal(foreign) == "it is a database of another kind"
    assert await refusal(marked) == "it is a database of another kind"
    assert (await refusal(prose)).startswith("it is no journal; or if it was one, it is damaged")
    assert {path: path.read_bytes() for path in before} == before


async def test_a_newer_version_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "run.db"
    async with SqliteJournal(path):
        pass
    made(path, f"PRAGMA user_version = {VERSION + 1}")
    assert await refusal(path) == "it was written by a newer version of spapi-messaging"


OLD_TABLE = """
CREATE TABLE jobs (
    key TEXT NOT NULL PRIMARY KEY, seller TEXT NOT NULL, marketplace TEXT NOT NULL,
    order_id TEXT NOT NULL, operation TEXT NOT NULL, state TEXT NOT NULL,
    request_id TEXT, reason TEXT, evidence TEXT, began_at REAL NOT NULL, ended_at REAL
)
"""


async def test_a_journal_of_the_first_version_goes_on(tmp_path: Path) -> None:
    """It had no column for the language; what it knows must not be sent again."""
    path = made(
        tmp_path / "run.db",
        OLD_TABLE,
        "PRAGMA application_id = 0x53504D4A",
        "PRAGMA user_version = 1",
        "INSERT INTO jobs (key, seller, marketplace, order_id, operation, state, began_at) "
        "VALUES ('a', 'seller', 'A1PA6795UKMFR9', '903-1671087-0812628', "
        "'createUnexpectedProblem', 'sent', 1.0)",
    )
    assert read_journal(path) == [entry("a", "sent")]
    async with SqliteJournal(path) as journal:
        assert await journal.find("a") == entry("a", "sent")
        await journal.write(attrs.evolve(entry("b"), language="fr-CA"))
    assert [item.language for item in read_journal(path)] == [None, "fr-CA"]


async def test_a_folder_or_no_folder_is_refused(tmp_path: Path) -> None:
    assert "unable to open" in await refusal(tmp_path)
    assert "unable to open" in await refusal(tmp_path / "missing" / "run.db")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everything")
async def test_a_read_only_file_is_refused_when_it_is_opened(tmp_path: Path) -> None:
    path = tmp_path / "run.db"
    async with SqliteJournal(path):
        pass
    path.chmod(0o400)
    assert "readonly" in await refusal(path)


async def test_a_file_that_cannot_be_written_is_refused_when_it_is_opened(tmp_path: Path) -> None:
    """Root may write to all files, and to none whose log is a folder."""
    path = tmp_path / "run.db"
    async with SqliteJournal(path):
        pass
    (tmp_path / "run.db-wal").mkdir()
    assert "unable to open" in await refusal(path)


async def test_a_disk_that_takes_nothing_is_found_when_it_is_opened(tmp_path: Path) -> None:
    """Before any job is looked up; here the log of a run that was killed leaves no room."""
    path, killed = tmp_path / "run.db", tmp_path / "killed.db"
    async with SqliteJournal(path) as journal:
        await asyncio.gather(*(journal.write(entry(f"{n}" * 100)) for n in range(200)))
        for suffix in ("", "-wal"):
            copy = killed.with_name(killed.name + suffix)
            copy.write_bytes(read_elsewhere(path.with_name(path.name + suffix)))
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, limits[1]))
    try:
        assert await refusal(killed) in {
            "its disk fails: look whether it is full or broken",
            "its disk is full: make room there",
        }
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    async with SqliteJournal(killed) as journal:
        assert len(await journal.entries()) == 200


async def test_the_name_of_memory_is_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    async with SqliteJournal(":memory:") as journal:
        await journal.write(entry("a"))
    assert (tmp_path / ":memory:").stat().st_size > 0


async def test_one_run_at_a_time_in_one_process(tmp_path: Path) -> None:
    """By whatever name: a link to the file leads to the same lock."""
    path, link = tmp_path / "run.db", tmp_path / "link.db"
    link.symlink_to(path)
    async with SqliteJournal(path) as journal:
        assert await refusal(path) == "another run has it open"
        assert await refusal(link) == "another run has it open"
        await journal.write(entry("a"))
    async with SqliteJournal(link) as journal:
        assert await journal.find("a") == entry("a")


HOLDER = """
import asyncio, sys
from helpers.journal_runs import entry
from spapi_messaging.bulk.sqlite_journal import SqliteJournal
async def main():
    async with SqliteJournal(sys.argv[1]) as journal:
        await journal.write(entry("a"))
        print("kept", flush=True)
        for number in range(10**9):
            await journal.write(entry(f"b{number}"))
asyncio.run(main())
"""


async def test_one_run_at_a_time_over_processes_until_one_dies(tmp_path: Path) -> None:
    """kill -9 in the middle of writing drops the lock and corrupts nothing."""
    path = tmp_path / "run.db"
    with program(HOLDER, str(path)) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "kept\n"
        assert await refusal(path) == "another run has it open"
        holder.send_signal(signal.SIGKILL)
        holder.wait(10)
        async with SqliteJournal(path) as journal:
            assert await journal.find("a") == entry("a")
            await journal.write(entry("c"))
            assert journal._file is not None
            check = journal._file.database.execute("PRAGMA integrity_check").fetchone()
    assert check == ("ok",)


@virtual
async def test_no_secret_no_text_and_no_file_in_its_bytes(tmp_path: Path) -> None:
    """For messages that are sent, refused by Amazon with their text quoted, and in doubt."""
    secrets = ["TEXT-OF-THE-MESSAGE", "CONTENT-OF-THE-FILE", "NAME-OF-THE-FILE", REFRESH_TOKEN]
    text, content, name, _ = secrets
    path = tmp_path / "run.db"
    async with Sandbox() as sandbox, session_at(sandbox) as session:
        sandbox.set_quota()
        secrets += [session._credentials.client_secret, "Atza|"]
        jobs = []
        for number in range(4):
            sandbox.add_order(order_id(number))
            jobs.append(Job(order_id(number), UnexpectedProblem(text=text)))
        pdf = File(b"%PDF-1.4 " + content.encode(), name=f"{name}.pdf")
        jobs.append(Job(order_id(0), Invoice(attachments=[pdf])))
        jobs.append(Job(order_id(1), Invoice(attachments=[tmp_path / f"{name}.pdf"])))
        quoting = f'{{"errors":[{{"code":"InvalidInput","message":"{text}"}}]}}'.encode()
        sandbox.fail_next(
            400, order_id=order_id(1), operation="createUnexpectedProblem", body=quoting
        )
        sandbox.fail_next(
            503, order_id=order_id(2), operation="createUnexpectedProblem", body=quoting
        )
        sandbox.fail_next(order_id=order_id(3), operation="createUnexpectedProblem", reset=True)
        async with SqliteJournal(path) as journal:
            async with session.bulk(jobs, journal=journal) as outcomes:
                counts = (await outcomes.finish()).total
            assert counts == {"Sent": 2, "Refused": 1, "NotSent": 1, "InDoubt": 2}
            assert len(await journal.entries()) == 6
            loop = asyncio.get_running_loop()
            living = await loop.run_in_executor(None, read_elsewhere, path)
            living += await loop.run_in_executor(None, read_elsewhere, Path(f"{path}-wal"))
    for data in (living, path.read_bytes()):
        assert order_id(0).encode() in data
        for secret in secrets:
            assert secret.encode() not in data
