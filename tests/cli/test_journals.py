"""The commands that look, at the journal of a run in a file."""

import asyncio
import csv
import json
from pathlib import Path

import attrs
import pytest
from helpers.command_line import PROGRAM, invoke, order, run, write_jobs
from helpers.journal_files import made
from helpers.journal_programs import copied_while_open
from helpers.journal_runs import entry
from typer.testing import CliRunner

from spapi_messaging.bulk import SqliteJournal, read_journal
from spapi_messaging.bulk.journal import Entry, State
from spapi_messaging.cli.app import app
from spapi_messaging.cli.sources import source_of
from spapi_messaging.sandbox import Sandbox


def test_doubts_are_listed_settled_and_then_followed(sandbox: Sandbox, tmp_path: Path) -> None:
    jobs = write_jobs(tmp_path / "jobs.jsonl", 3)
    operation = "createUnexpectedProblem"
    for number in (0, 1):
        sandbox.fail_next(503, operation=operation, order_id=order(number))
    invoke("bulk", jobs, sandbox=sandbox)
    journal = f"{jobs}.journal"
    listed = invoke("doubts", journal)
    assert listed.returncode == 3
    assert all(order(number) in listed.stdout for number in (0, 1))
    assert invoke("resume", jobs, sandbox=sandbox).returncode == 3
    settled = run("doubts", journal, "--settle", "ask", typed="sent\nresend\n")
    assert settled.returncode == 0
    assert "2 settled" in settled.stdout
    assert invoke("resume", jobs, sandbox=sandbox).returncode == 0
    assert len(sandbox.messages(order(0))) + len(sandbox.messages(order(1))) == 1
    assert invoke("doubts", journal).returncode == 0


def test_export_has_all_outcomes_and_no_text(sandbox: Sandbox, tmp_path: Path) -> None:
    jobs = write_jobs(tmp_path / "jobs.jsonl", 5)
    sandbox.add_order(order(1), closed=True)
    invoke("bulk", jobs, sandbox=sandbox)
    as_json = run("export", f"{jobs}.journal", "--format", "json")
    rows = [json.loads(line) for line in as_json.stdout.splitlines()]
    assert sorted(row["outcome"] for row in rows) == ["refused", *["sent"] * 4]
    assert "no. 3" not in as_json.stdout
    target = tmp_path / "out.csv"
    done = invoke("export", f"{jobs}.journal", "-o", target)
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr == f"Written: {target}\n"
    with target.open(newline="", encoding="utf-8-sig") as file:
        table = list(csv.DictReader(file))
    assert {row["order_id"] for row in table} == {order(number) for number in range(5)}


@pytest.mark.parametrize("command", ["status", "doubts", "export"])
def test_a_journal_that_is_none(command: str, tmp_path: Path) -> None:
    for path in (tmp_path / "missing", tmp_path):
        done = invoke(command, path)
        assert done.returncode == 2
    (tmp_path / "other").write_text("hello")
    assert invoke(command, tmp_path / "other").returncode == 2


@pytest.mark.parametrize("command", ["status", "doubts", "export"])
def test_who_names_the_jobs_is_told_their_journal(command: str, tmp_path: Path) -> None:
    jobs = tmp_path / "orders.txt"
    jobs.write_text("amazon-order-id")
    journal = made(tmp_path / "orders.txt.journal", entry("one"))
    done = invoke(command, jobs)
    assert done.returncode == 2
    assert f"{jobs} is no journal; its journal is {journal}" in done.stderr


@pytest.mark.parametrize("command", ["export", "report"])
def test_the_file_that_was_sent_is_not_written_over(command: str, tmp_path: Path) -> None:
    jobs = tmp_path / "orders.txt"
    jobs.write_text("amazon-order-id")
    journal = made(tmp_path / "orders.txt.journal", entry("one"))
    done = invoke(command, journal, "--output", jobs)
    assert done.returncode == 2
    assert f"{jobs} is the file whose messages the journal has" in done.stderr
    assert jobs.read_text() == "amazon-order-id"


def test_a_report_says_which_extra_it_needs(sandbox: Sandbox, tmp_path: Path) -> None:
    jobs, page = write_jobs(tmp_path / "jobs.jsonl", 1), tmp_path / "report.html"
    invoke("bulk", jobs, sandbox=sandbox)
    absent = f"import sys; sys.modules['matplotlib'] = None; {PROGRAM}"
    done = run("report", f"{jobs}.journal", "-o", page, program=absent)
    assert done.returncode == 2
    assert "it needs matplotlib: pip install 'spapi-messaging[report]'" in done.stderr
    assert not page.exists()
    assert invoke("report", f"{jobs}.journal", "-o", page).returncode == 0
    assert order(0) not in page.read_text("utf-8")
    assert "What the quota allowed" in page.read_text("utf-8")


def in_doubt(path: Path, **changes: object) -> Entry:
    """Make a journal that has one message in doubt."""
    doubt = attrs.evolve(entry("a"), **changes)
    write(path, doubt)
    return doubt


def write(path: Path, *entries: Entry) -> None:
    async def work() -> None:
        async with SqliteJournal(path) as journal:
            for each in entries:
                await journal.write(each)

    asyncio.run(work())


@pytest.mark.parametrize("state", ["sent", "refused", "sending", "not sent"])
@pytest.mark.parametrize("answer", ["sent", "resend"])
def test_a_doubt_is_settled_only_as_it_was_shown(tmp_path: Path, state: State, answer: str) -> None:
    """A colleague's run wrote to it between the list and the answer."""
    path = tmp_path / "run.journal"
    shown = in_doubt(path)
    source = source_of(path, None, None)
    assert list(source.doubts()[0]) == [shown]
    meanwhile = attrs.evolve(shown, state=state, began_at=9.0, ended_at=10.0)
    write(path, meanwhile)
    new = attrs.evolve(shown, state="sent" if answer == "sent" else "not sent")
    assert asyncio.run(source.settle([(shown, new)])) == [(shown, new)]
    assert read_journal(path) == [meanwhile]


def test_what_was_not_settled_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "run.journal"
    shown = in_doubt(path)

    def answer(*_: object, **__: object) -> str:
        write(path, attrs.evolve(shown, state="sent", ended_at=5.0))
        return "resend"

    monkeypatch.setattr("typer.prompt", answer)
    done = CliRunner().invoke(app, ["doubts", str(path), "--settle", "ask"])
    assert done.exit_code == 3
    assert "Not settled" in done.stdout
    assert "0 settled" in done.stdout
    assert [each.state for each in read_journal(path)] == ["sent"]


def test_a_journal_that_a_run_has_open_is_not_settled(tmp_path: Path) -> None:
    path = tmp_path / "run.journal"
    shown = in_doubt(path)

    async def work() -> str:
        async with SqliteJournal(path):
            done = await asyncio.to_thread(run, "doubts", path, "--settle", "sent")
            assert done.returncode == 2
            return str(done.stderr)

    assert "another run has it open" in asyncio.run(work())
    assert read_journal(path) == [shown]


def test_what_a_killed_runs_journal_lost_is_said(tmp_path: Path) -> None:
    """What there is is shown, and nobody takes it for all."""
    path, killed = tmp_path / "run.db", tmp_path / "killed.db"

    async def work() -> None:
        async with SqliteJournal(path) as journal:
            await journal.write(entry("a", "sent"))
            await asyncio.to_thread(copied_while_open, path, killed)

    asyncio.run(work())
    killed.with_name("killed.db-wal").unlink()
    for command in ("status", "doubts", "export"):
        done = invoke(command, killed)
        assert done.returncode == 2
        assert done.stdout
        assert "killed.db is not complete: killed.db-wal is missing" in done.stderr


FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1"]


@pytest.mark.parametrize("formula", FORMULAS)
def test_no_cell_of_an_export_is_a_formula(tmp_path: Path, formula: str) -> None:
    """Amazon's request id, or a seller's name, may be anything."""
    path = tmp_path / "run.db"
    write(path, attrs.evolve(entry("a"), request_id=formula, seller=formula, key=formula))
    table = list(csv.DictReader(run("export", path).stdout.splitlines()))
    for name in ("request_id", "seller", "key"):
        assert table[0][name].startswith("'")
    exported = json.loads(run("export", path, "--format", "json").stdout)
    assert exported["request_id"] == formula


def test_an_export_of_nothing_leaves_its_file_alone(tmp_path: Path) -> None:
    target = tmp_path / "out.csv"
    target.write_text("kept")
    assert invoke("export", tmp_path / "missing", "-o", target).returncode == 2
    assert target.read_text() == "kept"


def test_a_second_run_is_told_where_to_see_the_first(sandbox: Sandbox, tmp_path: Path) -> None:
    jobs = write_jobs(tmp_path / "jobs.jsonl", 2)
    journal = Path(f"{jobs}.journal")

    async def work() -> tuple[int, str, str]:
        async with SqliteJournal(journal) as first:
            await first.write(entry("other"))
            done = await asyncio.to_thread(run, "bulk", jobs, sandbox=sandbox)
        return done.returncode, done.stdout, done.stderr

    code, out, told = asyncio.run(work())
    assert (code, out) == (2, ""), "no view of a run that does not begin"
    assert f"nothing was sent: another run has {journal} open" in told
    assert told.endswith(f"\n  spapi-messaging status {journal}\n")
    assert not sandbox.messages()
