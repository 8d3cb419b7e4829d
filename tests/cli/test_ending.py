"""What is said at the end of a run: what became of the messages, why, and what to type next."""

import json
import re
import shlex
from pathlib import Path

import pytest
from helpers.command_line import COMMAND, FAST, environment, invoke, order, run, write_jobs
from helpers.terminal import on_a_terminal
from rich.cells import cell_len

from spapi_messaging.cli.reasons import Reasons
from spapi_messaging.errors import InvalidMessageError
from spapi_messaging.sandbox import Sandbox

OPERATION = "createUnexpectedProblem"
SAID = "The message contains a link that leads to a place outside of Amazon's own stores"


@pytest.fixture
def jobs(sandbox: Sandbox, tmp_path: Path) -> Path:
    """Ten jobs: three refused for one reason, one not sent, two in doubt."""
    body = json.dumps({"errors": [{"code": "InvalidInput", "message": SAID}]}).encode()
    for number in (1, 2, 3):
        sandbox.fail_next(400, operation=OPERATION, order_id=order(number), body=body)
    sandbox.add_order(order(4), actions=("warranty",))
    for number in (5, 6):
        sandbox.fail_next(503, operation=OPERATION, order_id=order(number))
    return write_jobs(tmp_path / "my jobs.jsonl", 10)


def commands(told: str) -> list[list[str]]:
    """Return the commands that are told, each a line of its own as the shell reads it."""
    joined = told.replace("\\\n", "")
    lines = (line.strip() for line in joined.splitlines() if line.startswith("  "))
    return [shlex.split(line) for line in lines if line.startswith("spapi-messaging")]


def test_all_that_was_sent_is_one_line_with_the_journal(sandbox: Sandbox, tmp_path: Path) -> None:
    jobs = write_jobs(tmp_path / "jobs.jsonl", 3)
    first = invoke("bulk", jobs, sandbox=sandbox)
    assert first.stdout.endswith(f"\nAll 3 sent; the journal is {jobs}.journal\n")
    write_jobs(jobs, 5)
    more = invoke("bulk", jobs, sandbox=sandbox)
    assert f"\nAll 5 sent, 3 of them before; the journal is {jobs}.journal\n" in more.stdout
    again = invoke("bulk", jobs, sandbox=sandbox)
    assert f"\nAll 5 sent before; the journal is {jobs}.journal\n" in again.stdout


def test_each_kind_has_its_number_its_reasons_and_its_command(sandbox: Sandbox, jobs: Path) -> None:
    done = invoke("bulk", jobs, *FAST, "--json", sandbox=sandbox)
    told = done.stderr
    assert done.returncode == 3
    assert len([json.loads(line) for line in done.stdout.splitlines()]) == 10
    assert f"3 refused:\n  3: Amazon refused it: {SAID} (400 InvalidInput)" in told
    orders = told.partition(SAID)[2].splitlines()[1].split(", ")
    assert sorted(map(str.strip, orders)) == [order(1), order(2), order(3)]
    assert f"1 not sent:\n  Order {order(4)} does not offer 'unexpectedProblem'; it offers" in told
    assert "2 in doubt: the buyers may have the message, or not." in told
    journal = f"{jobs}.journal"
    same = ["spapi-messaging", "bulk", str(jobs), "--marketplace", "DE"]
    plan = ["--rate", "500", "--burst", "100", "--json"]
    assert commands(told) == [
        [*same, "--retry-refused", *plan],
        [*same, *plan],
        ["spapi-messaging", "doubts", journal],
        ["spapi-messaging", "export", journal, "-o", f"{jobs}.outcomes.csv"],
    ]
    retried = invoke(*commands(told)[0][1:], sandbox=sandbox)
    assert len(sandbox.messages()) == 7, "the three that were refused"
    assert retried.returncode == 3
    for command in commands(told)[2:]:
        assert invoke(*command[1:], sandbox=sandbox).returncode in {0, 3}


def test_what_the_lines_of_a_run_have_said_is_not_said_again(sandbox: Sandbox, jobs: Path) -> None:
    """Equal reasons of several orders are summed up all the same."""
    out = invoke("bulk", jobs, *FAST, sandbox=sandbox).stdout
    assert out.count(f"Order {order(4)} does not offer") == 1
    assert out.count("\n1 not sent:\n") == 1
    assert out.count(SAID) == 2, "a line for the first order, and one for all three"
    assert f"\n  3: Amazon refused it: {SAID} (400 InvalidInput)" in out


@pytest.mark.parametrize("columns", [40, 80, 120])
def test_on_a_terminal_words_are_folded_and_commands_can_be_pasted(
    columns: int, sandbox: Sandbox, jobs: Path
) -> None:
    environ = environment(sandbox)
    del environ["COLUMNS"]
    drawn = on_a_terminal([*COMMAND, "bulk", str(jobs), *FAST], environ, columns=columns)
    plain = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", drawn).replace("\r", "")
    told = plain[plain.index("3 refused:\n") :]
    assert SAID in " ".join(told.split()), "whole, in words that are not cut"
    assert len(commands(told)) == 4
    lines = [line for line in told.splitlines() if str(jobs) not in line]
    assert max(map(len, lines)) <= columns


@pytest.mark.parametrize("columns", [40, 61])
def test_characters_of_two_columns_are_folded_as_wide_as_they_are(
    columns: int, sandbox: Sandbox, tmp_path: Path
) -> None:
    """Those of a reason, and of a file whose name stands in the commands."""
    body = json.dumps({"errors": [{"code": "InvalidInput", "message": "注文の理由です" * 12}]})
    sandbox.fail_next(400, operation=OPERATION, order_id=order(0), body=body.encode())
    jobs = write_jobs(tmp_path / "jobs.jsonl", 1).rename(tmp_path / "漢字の注文.jsonl")
    environ = environment(sandbox)
    del environ["COLUMNS"]
    words = ["sh", "-c", 'cd "$1"; shift; "$@"', "sh", str(tmp_path), *COMMAND, "bulk", jobs.name]
    drawn = on_a_terminal(words, environ, columns=columns)
    lines = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", drawn).split("\r\n")
    said = lines[lines.index("1 refused:") :]
    assert "".join(map(str.strip, said)).count("理由") == 12
    assert max(map(cell_len, said)) <= columns
    assert len(commands("\n".join(said))) == 2


def test_rows_that_were_left_out_are_counted_in_the_end(sandbox: Sandbox, tmp_path: Path) -> None:
    jobs = write_jobs(tmp_path / "jobs.jsonl", 3)
    with jobs.open("a") as file:
        file.write('{"order_id": "1", "action": "unexpectedProblem", "text": "hello"}\n' * 2)
    done = invoke("bulk", jobs, "--skip-invalid", sandbox=sandbox)
    assert done.returncode == 0
    assert "\n2 invalid rows were left out: mend what the check named" in done.stdout


def test_a_run_that_its_journal_stops_says_how_far_it_came(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    """Somebody deletes the journal while the run has it open."""
    sandbox.latency = 0.05
    jobs = write_jobs(tmp_path / "jobs.jsonl", 60)
    removes = (
        "import pathlib, spapi_messaging.cli.view.line_view as view\n"
        "seen = view.LineView.see\n"
        "def see(self, outcome):\n"
        f"    pathlib.Path({str(jobs)!r} + '.journal').unlink(missing_ok=True)\n"
        "    seen(self, outcome)\n"
        "view.LineView.see = see\n"
        "from spapi_messaging_cli import main; main()"
    )
    done = run("bulk", jobs, "--rate", "30", "--burst", "2", sandbox=sandbox, program=removes)
    assert done.returncode == 2
    assert re.search(r"stopped after \d+ of 60: \d+ sent", done.stderr)
    assert "was deleted or replaced while it was open" in done.stderr
    assert "with:" not in done.stderr, "without its journal, to go on would be to begin"


def test_reasons_without_number_do_not_grow_the_memory() -> None:
    reasons = Reasons()
    for number in range(10_000):
        reasons.add(number, order(number), InvalidMessageError("Job", (f"fault {number}",)))
    for number in range(3):
        reasons.add(number, order(number), InvalidMessageError("Job", ("fault 150",)))
    lines = list(reasons.lines(lambda text, _: iter([text])))
    assert "4: " in lines[0], "the most frequent comes first"
    assert len(lines) == 22
    assert lines[-1] == "  … and 9980 more, for other reasons"
