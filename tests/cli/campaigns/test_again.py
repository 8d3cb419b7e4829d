"""What a second run of a file says of what the first one did, and what it does on demand."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from helpers.command_line import invoke, order, write_jobs

from spapi_messaging.sandbox import Sandbox


def texts(sandbox: Sandbox) -> list[str]:
    return [(message.body or {})["text"] for message in sandbox.messages()]


def outcomes(stdout: str) -> Counter[str]:
    return Counter(json.loads(line)["outcome"] for line in stdout.splitlines())


def test_what_an_earlier_run_refused_is_said_and_no_success(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    sandbox.add_order(order(1))
    sandbox.fail_next(400, operation="createUnexpectedProblem", order_id=order(1))
    jobs = write_jobs(tmp_path / "jobs.jsonl", 3)
    assert invoke("bulk", jobs, sandbox=sandbox).returncode == 1
    for command in (["bulk", jobs], ["resume", jobs], ["bulk", jobs, "--json"]):
        again = invoke(*command, sandbox=sandbox)
        told = again.stderr if "--json" in command else again.stdout
        assert again.returncode == 1
        assert "1 skipped as refused by an earlier run; --retry-refused tries again:" in told
        assert f"  order {order(1)}, unexpectedProblem: Amazon refused it" in told
    assert len(sandbox.messages()) == 2
    retried = invoke("bulk", jobs, "--retry-refused", sandbox=sandbox)
    assert (retried.returncode, retried.stderr) == (0, "")
    assert len(sandbox.messages()) == 3
    assert invoke("bulk", jobs, sandbox=sandbox).returncode == 0


def test_a_mended_text_is_sent_again_only_on_demand(sandbox: Sandbox, tmp_path: Path) -> None:
    jobs = write_jobs(tmp_path / "jobs.jsonl", 5, text="Ihr Packet kommt")
    assert invoke("bulk", jobs, sandbox=sandbox).returncode == 0
    write_jobs(jobs, 6, text="Ihr Paket kommt")
    again = invoke("bulk", jobs, sandbox=sandbox)
    assert again.returncode == 0
    assert "5 skipped as sent before with other content: the buyers have the earlier text; " in (
        again.stdout
    )
    named = [line for line in again.stdout.splitlines() if line.startswith("  order ")]
    assert len(named) == 3, "the reason is the same for all"
    assert "  … and 2 more\n" in again.stdout
    assert Counter(texts(sandbox)) == {"Ihr Packet kommt": 5, "Ihr Paket kommt": 1}
    forced = invoke("resume", jobs, "--resend-changed", sandbox=sandbox)
    assert (forced.returncode, forced.stderr) == (0, "")
    assert Counter(texts(sandbox)) == {"Ihr Packet kommt": 5, "Ihr Paket kommt": 6}
    assert invoke("bulk", jobs, sandbox=sandbox).stderr == ""


def test_json_says_what_was_changed(sandbox: Sandbox, tmp_path: Path) -> None:
    jobs = write_jobs(tmp_path / "jobs.jsonl", 1, text="Packet")
    invoke("bulk", jobs, sandbox=sandbox)
    write_jobs(jobs, 1, text="Paket")
    done = invoke("bulk", jobs, "--json", sandbox=sandbox)
    (line,) = map(json.loads, done.stdout.splitlines())
    assert line["reason"] == "sent before with other content"


@pytest.mark.parametrize(
    ("once", "sent"), [(None, [0, 1]), ("action", [0, 1]), ("order", [0]), ("content", [0, 1, 2])]
)
def test_what_is_sent_once_is_the_users_choice(
    once: str | None, sent: list[int], sandbox: Sandbox, tmp_path: Path
) -> None:
    """By the journal of an earlier run as in one file, where the rows too many are a fault."""
    actions = ("unexpectedProblem", "confirmOrderDetails")
    sandbox.add_order(order(1), actions=actions)
    rows: list[dict[str, Any]] = [
        {"order_id": order(1), "action": action, "text": text}
        for action, text in [(actions[0], "one"), (actions[1], "one"), (actions[0], "two")]
    ]
    options: list[str] = [] if once is None else ["--once", once]
    files = [tmp_path / f"{number}.jsonl" for number in range(4)]
    for file, content in zip(files, [*([row] for row in rows), rows], strict=True):
        file.write_text("".join(json.dumps(row) + "\n" for row in content))
    for file in files[:3]:
        done = invoke("bulk", file, "--journal", tmp_path / "j", *options, sandbox=sandbox)
        assert done.returncode == 0
    assert len(sandbox.messages()) == len(sent)
    options += ["--journal", str(tmp_path / "k")]
    done = invoke("bulk", files[3], *options, "--dry-run", sandbox=sandbox)
    assert done.returncode == (0 if len(sent) == len(rows) else 2)
    done = invoke("bulk", files[3], *options, "--skip-invalid", sandbox=sandbox)
    assert done.returncode == 0
    assert len(sandbox.messages()) == 2 * len(sent)


def test_many_that_were_refused_are_counted_and_the_first_twenty_named(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    jobs = write_jobs(tmp_path / "jobs.jsonl", 25)
    for number in range(25):
        sandbox.fail_next(400, operation="createUnexpectedProblem", order_id=order(number))
    assert invoke("bulk", jobs, sandbox=sandbox).returncode == 1
    again = invoke("bulk", jobs, "--json", sandbox=sandbox)
    assert again.returncode == 1
    assert outcomes(again.stdout) == {"skipped": 25}
    lines = again.stderr.splitlines()
    assert "25 skipped as refused by an earlier run" in lines[0]
    assert lines[21] == "  \u2026 and 5 more"
    assert sum("903-" in line for line in lines) == 20
