"""Journals with what no run wrote, odd names of them, and odd answers to what is asked of them."""

import csv
import json
import signal
import subprocess
from pathlib import Path

import attrs
import pytest
from helpers.command_line import COMMAND, environment, invoke, run
from helpers.journal_files import changed, made
from helpers.journal_runs import entry

from spapi_messaging.bulk import JournalReader, read_journal
from spapi_messaging.errors import JournalError

EVIL = "\x1b]0;owned\x07\x1b[2J\nsent 1\r\u2028\u202e\x9b [red]a[/red]"
NAME = EVIL.replace("/", "")
TIMES = ["soon", 1e300, -1.0, float("inf"), 253_402_300_800.0, b"\x00"]
DAMAGED = [
    *(("began_at", value) for value in (None, *TIMES)),
    *(("ended_at", value) for value in TIMES),
    *(("state", value) for value in ("odd", None, b"sent")),
    *((name, None) for name in ("order_id", "operation", "seller")),
    ("reason", b"\xff"),
]


@pytest.mark.parametrize(("column", "value"), DAMAGED)
def test_a_damaged_entry_is_one_line_and_saved_as_far_as_it_can_be(
    column: str, value: object, tmp_path: Path
) -> None:
    path = made(tmp_path / "run.db", entry("a"), entry("b"))
    changed(path, **{column: value})
    fault = f"an entry of it is damaged ({column} of key a)"
    with JournalReader(path) as reader, pytest.raises(JournalError) as caught:
        list(reader.entries())
    assert caught.value.fault == fault
    reported = invoke("report", path, "-o", tmp_path / "page.html")
    assert (reported.returncode, reported.stderr.count("\n")) == (2, 1)
    for command in ("status", "doubts"):
        done = invoke(command, path)
        assert done.returncode in {2, 3}
        assert done.returncode == 3 or (fault in done.stderr and done.stderr.count("\n") == 1)
    as_json = invoke("export", path, "--format", "json")
    assert as_json.returncode == 2
    assert fault in as_json.stderr
    rows = {row["key"]: row for row in map(json.loads, as_json.stdout.splitlines())}
    assert rows["a"]["outcome" if column == "state" else column] is None
    assert rows["b"]["order_id"] == entry("b").order_id
    target = tmp_path / "out.csv"
    assert invoke("export", path, "-o", target).returncode == 2
    with target.open(newline="", encoding="utf-8-sig") as file:
        assert {row["key"] for row in csv.DictReader(file)} == {"a", "b"}


def test_words_of_a_journal_and_its_name_are_shown_as_they_are(tmp_path: Path) -> None:
    folder = tmp_path / "shelf"
    folder.mkdir()
    path = made(folder / f"run{NAME}.db", attrs.evolve(entry("a"), operation=f"create{EVIL}"))
    page = tmp_path / f"page{NAME}.html"
    for done in (
        invoke("status", path, COLUMNS="400"),
        invoke("doubts", path),
        invoke("report", path, "-o", page),
        run("doubts", path, "--settle", "ask", typed="\n"),
    ):
        assert all(line.isprintable() for line in (done.stdout + done.stderr).split("\n"))
        assert "[red]a[" in done.stdout


def test_a_sandbox_names_a_file_as_it_is(tmp_path: Path) -> None:
    for option in ("--scenario", "--faults", "--latency"):
        done = run("sandbox", option, tmp_path / f"no{EVIL}")
        assert done.returncode == 2
        assert all(line.isprintable() for line in done.stderr.split("\n"))


@pytest.mark.parametrize(
    ("typed", "states", "code"),
    [
        ("sent\n", ["sent", "sending", "sending"], 3),
        ("resend\nsent\n", ["not sent", "sent", "sending"], 3),
        ("", ["sending"] * 3, 3),
        ("s\nr\nl\n", ["sent", "not sent", "sending"], 3),
        ("yes\nSENT\n what \nres\nsent\n", ["sent", "not sent", "sent"], 0),
    ],
)
def test_answers_that_were_given_are_kept(
    typed: str, states: list[str], code: int, tmp_path: Path
) -> None:
    """Whatever comes after them: an end of the input, or what is no answer."""
    path = made(tmp_path / "run.db", *(entry(f"{number}") for number in range(3)))
    done = run("doubts", path, "--settle", "ask", typed=typed)
    assert done.returncode == code
    assert f"{3 - states.count('sending')} settled." in done.stdout
    assert [each.state for each in read_journal(path)] == states


def test_answers_before_ctrl_c_are_kept(tmp_path: Path) -> None:
    path = made(tmp_path / "run.db", entry("a"), entry("b"))
    with subprocess.Popen(
        [*COMMAND, "doubts", path, "--settle", "ask"],
        env=environment(None),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as asking:
        assert asking.stdin is not None
        assert asking.stdout is not None
        asking.stdin.write(b"sent\n")
        asking.stdin.flush()
        said = b""
        while said.count(b"resend or leave") < 2:
            said += asking.stdout.read(1)
        asking.send_signal(signal.SIGINT)
        rest, _ = asking.communicate(timeout=60)
    assert asking.returncode == 130
    assert b"\n1 settled." in rest, "on a line of its own, not behind the question"
    assert [each.state for each in read_journal(path)] == ["sent", "sending"]


@pytest.mark.parametrize(
    ("name", "told"), [("/", "a folder"), ("", "no name"), ("/dev/null", "a device")]
)
def test_what_is_no_file_is_named(name: str, told: str, tmp_path: Path) -> None:
    jobs = tmp_path / "jobs.csv"
    jobs.write_text("order_id,action,text\n903-0000000-0000001,unexpectedProblem,Hello\n")
    for arguments in (("status", name), ("bulk", jobs, "--journal", name)):
        done = invoke(*arguments, LWA_CLIENT_SECRET="x", LWA_APP_ID="x", SP_API_REFRESH_TOKEN="x")
        assert done.returncode == 2
        assert told in done.stderr
        assert done.stderr.count("\n") == 1
