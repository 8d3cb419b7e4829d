"""The journal's file: what is in it, what is refused, and what if it cannot be written."""

import asyncio
import os
import resource
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import attrs
import pytest
from helpers.journal_runs import entry, order_id, session_at
from helpers.paths import PYTHONPATH
from helpers.virtual_time import virtual

from spapi_messaging import (
    File,
    Invoice,
    Job,
    JournalError,
    UnexpectedProblem,
)
from spapi_messaging.bulk.journal import Entry
from spapi_messaging.bulk.sqlite_file import VERSION, read_journal
from spapi_messaging.bulk.sqlite_journal import SqliteJournal
from spapi_messaging.sandbox import REFRESH_TOKEN, Sandbox


async def refusal(path: Path) -> str:
    """Say why a journal cannot be opened, and see that its error names the file."""
    with pytest.raises(JournalError) as caught:
        await SqliteJournal(path).__aenter__()
    assert caught.value.path == str(path)
    return caught.value.fault


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
    assert await refusal(prose) == "file is not a database"
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
        # Another process copies: closing the file here would drop SQLite's locks.
        copy = f"cp {path} {killed} && cp {path}-wal {killed}-wal"
        subprocess.run(["sh", "-c", copy], check=True)  # noqa: ASYNC221, S607
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, limits[1]))
    try:
        assert await refusal(killed) in {"disk I/O error", "database or disk is full"}
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


@contextmanager
def program(text: str, *arguments: str, **options: object) -> Iterator["subprocess.Popen[str]"]:
    with subprocess.Popen(
        [sys.executable, "-c", text, *arguments],
        env=os.environ | {"PYTHONPATH": PYTHONPATH},
        stdout=subprocess.PIPE,
        text=True,
        **options,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


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
    """Those who are served write again before the next commit begins: it takes both halves."""
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


async def test_a_failure_that_is_not_sqlites_reaches_the_writers(tmp_path: Path) -> None:
    """Rather than leaving them to wait for ever."""
    async with SqliteJournal(tmp_path / "run.db") as journal:
        wrong = entry("a", began_at={})
        async with asyncio.timeout(5):
            with pytest.raises(JournalError):
                await journal.write(wrong)
            await journal.write(entry("b"))


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
            "database or disk is full"
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
        with pytest.raises(JournalError, match="deleted or replaced"):  # noqa: PT012
            async with session.bulk(jobs, journal=path, window=10) as outcomes:
                async for _ in outcomes:
                    if not rows and len(sandbox.messages()) >= 10:
                        with sqlite3.connect(path) as database:
                            rows |= {
                                row for (row,) in database.execute("SELECT order_id FROM jobs")
                            }
                        database.close()
                        harm(sandbox, path)
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
        jobs.append(Job(order_id(0), Invoice(attachments=[tmp_path / f"{name}.pdf"])))
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
            assert counts == {"Sent": 2, "Refused": 2, "InDoubt": 2}
            assert len(await journal.entries()) == 6
            # In a process of its own: closing the file here would drop SQLite's locks.
            read = f"cat {path} {path}-wal"
            living = await asyncio.get_running_loop().run_in_executor(
                None,
                lambda: subprocess.run(["sh", "-c", read], capture_output=True, check=True).stdout,  # noqa: S607
            )
    for data in (living, path.read_bytes()):
        assert order_id(0).encode() in data
        for secret in secrets:
            assert secret.encode() not in data
