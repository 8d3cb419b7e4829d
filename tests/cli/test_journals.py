"""The commands that look, at the journal of a run in a file."""

import csv
import json
from pathlib import Path

import pytest
from helpers.command_line import invoke, order, run, write_jobs

from spapi_messaging.sandbox import Sandbox


def test_doubts_are_listed_settled_and_then_followed(sandbox: Sandbox, tmp_path: Path) -> None:
    jobs = write_jobs(tmp_path / "jobs.jsonl", 3)
    operation = "createUnexpectedProblem"
    for number in (0, 1):
        sandbox.fail_next(503, operation=operation, order_id=order(number))
    run("bulk", jobs, sandbox=sandbox)
    journal = f"{jobs}.journal"
    listed = run("doubts", journal)
    assert listed.returncode == 3
    assert all(order(number) in listed.stdout for number in (0, 1))
    assert run("resume", jobs, sandbox=sandbox).returncode == 3
    settled = run("doubts", journal, "--settle", "ask", told="sent\nresend\n")
    assert settled.returncode == 0
    assert "2 settled" in settled.stdout
    assert run("resume", jobs, sandbox=sandbox).returncode == 0
    assert len(sandbox.messages(order(0))) + len(sandbox.messages(order(1))) == 1
    assert run("doubts", journal).returncode == 0


def test_export_has_all_outcomes_and_no_text(sandbox: Sandbox, tmp_path: Path) -> None:
    jobs = write_jobs(tmp_path / "jobs.jsonl", 5)
    sandbox.add_order(order(1), closed=True)
    run("bulk", jobs, sandbox=sandbox)
    as_json = run("export", f"{jobs}.journal", "--format", "json")
    rows = [json.loads(line) for line in as_json.stdout.splitlines()]
    assert sorted(row["state"] for row in rows) == ["refused", *["sent"] * 4]
    assert "no. 3" not in as_json.stdout
    target = tmp_path / "out.csv"
    assert run("export", f"{jobs}.journal", "-o", target).returncode == 0
    with target.open(newline="") as file:
        table = list(csv.DictReader(file))
    assert {row["order_id"] for row in table} == {order(number) for number in range(5)}


@pytest.mark.parametrize("command", ["status", "doubts", "export"])
def test_a_journal_that_is_none(command: str, tmp_path: Path) -> None:
    for path in (tmp_path / "missing", tmp_path):
        done = invoke(command, path)
        assert done.exit_code == 2
        assert isinstance(done.exception, SystemExit)
    (tmp_path / "other").write_text("hello")
    assert invoke(command, tmp_path / "other").exit_code == 2
