"""Bulk from the command line: what is sent, what is not, and the exit code for it."""

import json
import re
from pathlib import Path

import pytest
from helpers.command_line import FAST, invoke, order, run, write_jobs

from spapi_messaging.sandbox import Sandbox


def test_a_file_is_sent_once_and_skipped_the_second_time(sandbox: Sandbox, tmp_path: Path) -> None:
    jobs = write_jobs(tmp_path / "jobs.jsonl", 30)
    first = run("bulk", jobs, *FAST, sandbox=sandbox)
    assert (first.returncode, first.stderr) == (0, "")
    told = r"30/30 · 100 %( · in 0:\d\d)?\nunexpectedProblem: 30 sent\nAll 30 sent; .*\n"
    assert re.fullmatch(told, first.stdout), "so short a run has no rate"
    assert len(sandbox.messages()) == 30
    again = invoke("bulk", jobs, *FAST, "--json", sandbox=sandbox)
    assert again.returncode == 0
    lines = [json.loads(line) for line in again.stdout.splitlines()]
    assert {line["outcome"] for line in lines} == {"skipped"}
    assert len(sandbox.messages()) == 30
    status = run("status", f"{jobs}.journal")
    assert status.returncode == 0
    assert re.search(r"unexpectedProblem +30\n", status.stdout)


def test_csv_with_a_template(sandbox: Sandbox, tmp_path: Path) -> None:
    jobs, text = tmp_path / "jobs.csv", tmp_path / "text.txt"
    jobs.write_text(
        f"order_id,action,name,day\n{order(1)},confirmDeliveryDetails,Zoë,Monday\n", "utf-8-sig"
    )
    text.write_text("Dear $name, may we come on $day?\n", "utf-8")
    done = invoke("bulk", jobs, "--text-file", text, sandbox=sandbox)
    assert (done.returncode, done.stderr) == (0, "")
    (accepted,) = sandbox.messages()
    assert accepted.body == {"text": "Dear Zoë, may we come on Monday?"}


def test_one_bad_line_and_nothing_is_sent(sandbox: Sandbox, tmp_path: Path) -> None:
    jobs = write_jobs(tmp_path / "jobs.jsonl", 3)
    with jobs.open("a") as file:
        file.write('{"order_id": "1", "action": "unexpectedProblem", "text": "hello"}\n')
    done = invoke("bulk", jobs, sandbox=sandbox)
    assert done.returncode == 2
    assert "line 4" in done.stderr
    assert "nothing was sent" in done.stderr
    assert sandbox.messages() == []
    done = invoke("bulk", jobs, "--skip-invalid", sandbox=sandbox)
    assert done.returncode == 0
    assert len(sandbox.messages()) == 3


def test_a_dry_run_asks_and_sends_nothing(sandbox: Sandbox, tmp_path: Path) -> None:
    sandbox.add_order(order(1), closed=True)
    sandbox.add_order(order(2), actions=("warranty",))
    jobs = write_jobs(tmp_path / "jobs.jsonl", 5)
    done = invoke("bulk", jobs, "--dry-run", sandbox=sandbox)
    assert done.returncode == 1
    assert "3 of 5 messages would be sent" in done.stdout
    assert "does not offer" in done.stdout
    assert sandbox.messages() == []
    assert sandbox.count(None, "createUnexpectedProblem") == 0
    assert not Path(f"{jobs}.journal").exists()


def test_outcomes_have_their_exit_codes(sandbox: Sandbox, tmp_path: Path) -> None:
    jobs = write_jobs(tmp_path / "jobs.jsonl", 4)
    sandbox.add_order(order(1), closed=True)
    refused = invoke("bulk", jobs, sandbox=sandbox)
    assert refused.returncode == 1
    assert "refused: " in refused.stdout
    sandbox.add_order(order(1))
    doubtful = write_jobs(tmp_path / "more.jsonl", 2, action="confirmOrderDetails")
    operation = "createConfirmOrderDetails"
    sandbox.fail_next(503, operation=operation, order_id=order(0), after_accepting=True)
    done = invoke("bulk", doubtful, "--json", sandbox=sandbox)
    assert done.returncode == 3
    assert [json.loads(line)["outcome"] for line in done.stdout.splitlines()].count("in doubt") == 1


def test_wrong_credentials_are_told_once_and_cost_one_request(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    jobs = write_jobs(tmp_path / "jobs.jsonl", 50)
    sandbox.fail_next(400, operation="token", times=99, body=b'{"error":"invalid_client"}')
    done = invoke("bulk", jobs, sandbox=sandbox)
    lines = done.stdout.splitlines()
    assert done.returncode == 1
    assert sum("invalid_client" in line for line in lines) == 2
    assert lines[lines.index("50 not sent:") + 1].startswith(
        "  50: Login with Amazon gave no token"
    )
    assert sandbox.count(operation="token") == 1
    sandbox.clear_faults()
    assert invoke("bulk", jobs, sandbox=sandbox).returncode == 0
    assert len(sandbox.messages()) == 50


def test_standard_input_needs_a_journal(sandbox: Sandbox, tmp_path: Path) -> None:
    line = json.dumps({"order_id": order(1), "action": "unexpectedProblem", "text": "hello"})
    done = invoke("bulk", "-", "--format", "jsonl", sandbox=sandbox, typed=line)
    assert (done.returncode, sandbox.messages()) == (2, [])
    journal = tmp_path / "stdin.journal"
    done = run("bulk", "-", "--format", "jsonl", "--journal", journal, sandbox=sandbox, typed=line)
    assert done.returncode == 0
    assert len(sandbox.messages()) == 1


def test_many_sellers_from_one_file(sandbox: Sandbox, tmp_path: Path) -> None:
    env = sandbox.environment
    secrets = tmp_path / "credentials.toml"
    secrets.write_text(
        f'client_id = "{env["LWA_APP_ID"]}"\nclient_secret = "{env["LWA_CLIENT_SECRET"]}"\n'
        '[sellers.one]\nrefresh_token = "sandbox-one"\n'
        '[sellers.two]\nrefresh_token = "sandbox-two"\n'
    )
    secrets.chmod(0o644)
    jobs = tmp_path / "jobs.csv"
    sellers = ["one", "two", "nobody"]
    rows = [f"{order(i)},unexpectedProblem,{seller},hello\n" for i, seller in enumerate(sellers)]
    jobs.write_text("order_id,action,seller,text\n" + "".join(rows))
    done = invoke("bulk", jobs, "--credentials", secrets, sandbox=sandbox)
    assert done.returncode == 1
    assert "others can read" in done.stderr
    assert "[sellers.nobody]" in done.stdout
    assert len({message.seller for message in sandbox.messages()}) == 2


@pytest.mark.parametrize(
    ("content", "reported"),
    [
        (b"", "is empty"),
        (b"a,b\n1,2\n", "order_id"),
        (b"order_id,action,text\n" + b"x" * 10_000_000, "line"),
        ("order_id,action,text\n1,invoice,Gr\u00fc\u00dfe\n".encode("latin-1"), "read as cp1252"),
        (b"order_id,action\n\x00\x00,invoice\n", "NUL"),
        (None, "No such file"),
    ],
    ids=["empty", "wrong header", "10 MB line", "Latin-1", "NUL", "missing"],
)
def test_a_useless_file_is_one_clear_line(
    content: bytes | None, reported: str, sandbox: Sandbox, tmp_path: Path
) -> None:
    jobs = tmp_path / "jobs.csv"
    if content is not None:
        jobs.write_bytes(content)
    done = invoke("bulk", jobs, sandbox=sandbox)
    assert done.returncode == 2
    assert reported in done.stderr
    assert sandbox.requests == []


def test_a_directory_is_no_file(sandbox: Sandbox, tmp_path: Path) -> None:
    done = invoke("bulk", tmp_path, "--format", "csv", sandbox=sandbox)
    assert done.returncode == 2
    assert "directory" in done.stderr.lower()
