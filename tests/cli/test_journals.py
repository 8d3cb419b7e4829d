"""The commands that look, at the journal of a run in a file."""

import csv
import json
from pathlib import Path

import pytest
from helpers.command_line import PROGRAM, invoke, order, run, write_jobs

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
    assert sorted(row["state"] for row in rows) == ["refused", *["sent"] * 4]
    assert "no. 3" not in as_json.stdout
    target = tmp_path / "out.csv"
    assert invoke("export", f"{jobs}.journal", "-o", target).returncode == 0
    with target.open(newline="") as file:
        table = list(csv.DictReader(file))
    assert {row["order_id"] for row in table} == {order(number) for number in range(5)}


@pytest.mark.parametrize("command", ["status", "doubts", "export"])
def test_a_journal_that_is_none(command: str, tmp_path: Path) -> None:
    for path in (tmp_path / "missing", tmp_path):
        done = invoke(command, path)
        assert done.returncode == 2
    (tmp_path / "other").write_text("hello")
    assert invoke(command, tmp_path / "other").returncode == 2


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
