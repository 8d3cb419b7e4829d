"""A rehearsal takes hours; it says how far it is, and who stops it is told what is known."""

import asyncio
import json
import re
import select
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from helpers.command_line import COMMAND, environment, order, write_jobs
from helpers.plans import file_of
from helpers.terminal import on_a_terminal
from helpers.virtual_time import run as run_virtually

from spapi_messaging.bulk import Summary
from spapi_messaging.cli.rehearsal.progress import Progress
from spapi_messaging.cli.view import Standing
from spapi_messaging.sandbox import Sandbox

DISCOVERY = "getMessagingActionsForOrder"


@contextmanager
def under_way(sandbox: Sandbox, jobs: Path, *options: str) -> Iterator[subprocess.Popen[str]]:
    """Rehearse until some orders were asked, with many to come."""
    words = [*COMMAND, "bulk", str(jobs), "--dry-run", "--rate", "20", "--burst", "5", *options]
    process = subprocess.Popen(
        words,
        env=environment(sandbox),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    deadline = time.monotonic() + 30
    while sandbox.count(None, DISCOVERY) < 8 and time.monotonic() < deadline:
        select.select([], [], [], 0.02)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_who_stops_it_is_told_what_is_known_so_far(
    name: str, sandbox: Sandbox, tmp_path: Path
) -> None:
    """Nothing is sent or written, and no plan is left behind, not even a half."""
    sandbox.set_quota(None, 20, 5)
    jobs, plan = write_jobs(tmp_path / "jobs.jsonl", 200), tmp_path / "plan.jsonl"
    plan.write_text("the plan before")
    with under_way(sandbox, jobs, "--plan", str(plan)) as process:
        process.send_signal(signal.Signals[name])
        out, told = process.communicate(timeout=30)
    assert process.returncode == 130
    assert told == "", "it is said once"
    first = out.splitlines()[0]
    assert first.startswith("Stopped after ")
    assert " of 200 messages; nothing was sent. So far " in first
    assert "\nThe first unexpectedProblem, to order " in out
    assert out.endswith(f"No plan was written to {plan}: the rehearsal was stopped.\n")
    assert sandbox.messages() == []
    assert sorted(path.name for path in tmp_path.iterdir()) == ["jobs.jsonl", "plan.jsonl"]
    assert plan.read_text() == "the plan before"


def test_as_json_the_summary_says_that_it_was_stopped(sandbox: Sandbox, tmp_path: Path) -> None:
    sandbox.set_quota(None, 20, 5)
    jobs = write_jobs(tmp_path / "jobs.jsonl", 200)
    with under_way(sandbox, jobs, "--json") as process:
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=30)
    *lines, last = map(json.loads, out.splitlines())
    assert process.returncode == 130
    assert last["summary"]["stopped"] is True
    assert last["summary"]["done"] == len(lines) < 200


def test_a_file_that_goes_meanwhile_would_not_be_sent(sandbox: Sandbox, tmp_path: Path) -> None:
    """As in the run: what is checked is also read when its turn comes."""
    sandbox.latency = 0.5
    file = tmp_path / "a.pdf"
    file.write_bytes(b"%PDF-1.4")
    invoice = {"action": "invoice", "attachments": ["a.pdf"]}
    rows = [{"order_id": order(number)} | invoice for number in range(12)]
    with under_way(sandbox, file_of(rows, tmp_path / "jobs.jsonl")) as process:
        file.unlink()
        sandbox.latency = 0.0
        out, _ = process.communicate(timeout=30)
    assert process.returncode == 1
    assert "would not be sent\n" in out
    assert "attachment 'a.pdf' could not be uploaded (it cannot be read: No such file" in out


def rehearsed(count: int) -> Summary:
    """Return the summary of a rehearsal that decides about a message each second."""
    return Summary(
        counts={"createUnexpectedProblem": {"Sent": count}},
        rates={},
        allowed={"createUnexpectedProblem": 1.0},
        elapsed=float(count),
        in_progress=5,
        remaining=1000 - count,
        warnings={},
        pace=1.0,
    )


def test_without_a_terminal_it_says_now_and_then_how_far_it_is(
    capsys: pytest.CaptureFixture[str],
) -> None:
    async def rehearse_for_100_seconds() -> None:
        with Progress(lambda: standing, as_json=False) as progress:
            drawing = asyncio.create_task(progress.keep_drawing())
            for seconds in range(100):
                standing = Standing(summary=rehearsed(seconds), jobs=1000)
                await asyncio.sleep(1)
            drawing.cancel()
            with suppress(asyncio.CancelledError):
                await drawing

    run_virtually(rehearse_for_100_seconds)
    told = capsys.readouterr().err.splitlines()
    assert len(told) == 3
    assert told[1] == "spapi-messaging: 59/1,000 · 5 % · 1.0/s · 15:41 left · nothing is sent"


def test_on_a_terminal_a_bar_shows_how_far_it_is(sandbox: Sandbox, tmp_path: Path) -> None:
    """It goes away for what is said in the end, which no line of an 80-column screen cuts."""
    sandbox.add_order(order(3), closed=True)
    sandbox.set_quota(None, 30, 5)
    jobs = write_jobs(tmp_path / "jobs.jsonl", 40, text="Your parcel is late. " * 10)
    words = [*COMMAND, "bulk", str(jobs), "--dry-run", "--rate", "30", "--burst", "5"]
    environ = environment(sandbox)
    del environ["COLUMNS"]
    drawn = on_a_terminal(words, environ, columns=80)
    assert re.search(r"\d+/40 · \d+ %( · [^·]+)* · nothing is sent", drawn)
    assert "━" * 80 in re.sub(r"\x1b\[\d*m", "", drawn)
    last = drawn[drawn.index("Nothing was sent. 39 of 40 messages would be sent:") :]
    assert "\x1b[" not in last.replace("\x1b[?25h", "")
    assert max(len(line) for line in last.splitlines() if str(jobs) not in line) <= 80
    assert "1 would be refused" in last
    assert "about 1 second at 30 requests a second, burst 5." in last
