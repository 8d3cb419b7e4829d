"""Whatever asks a run to stop: what is under way is finished and written down."""

import select
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from helpers.command_line import COMMAND, environment, invoke, order, write_jobs

from spapi_messaging.sandbox import Sandbox

JOBS = 60


def started(words: list[str], sandbox: Sandbox) -> subprocess.Popen[str]:
    return subprocess.Popen(
        words,
        env=environment(sandbox),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@contextmanager
def under_way(
    sandbox: Sandbox, jobs: Path, *prefix: str, latency: float = 0.4
) -> Iterator[subprocess.Popen[str]]:
    """Run a campaign until some messages have arrived and many are on their way."""
    sandbox.latency = latency
    words = [*prefix, *COMMAND, "bulk", str(jobs), "--rate", "30", "--burst", "5"]
    process = started(words, sandbox)
    deadline = time.monotonic() + 30
    while len(sandbox.messages()) < 5 and time.monotonic() < deadline:
        select.select([], [], [], 0.02)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


@pytest.mark.parametrize("name", ["SIGHUP", "SIGTERM", "SIGINT"])
def test_no_signal_to_stop_leaves_a_doubt(name: str, sandbox: Sandbox, tmp_path: Path) -> None:
    jobs = write_jobs(tmp_path / "jobs.jsonl", JOBS)
    with under_way(sandbox, jobs) as process:
        process.send_signal(signal.Signals[name])
        _, told = process.communicate(timeout=30)
        assert process.returncode == 130
    assert "stopped" in told
    assert "Traceback" not in told
    assert 5 <= len(sandbox.messages()) < JOBS
    assert "Nothing is in doubt" in invoke("doubts", f"{jobs}.journal").stdout
    sandbox.latency = 0
    assert invoke("resume", jobs, "--rate", "500", sandbox=sandbox).returncode == 0
    assert all(len(sandbox.messages(order(number))) == 1 for number in range(JOBS))


def test_a_terminal_that_is_gone_is_no_reason_either(sandbox: Sandbox, tmp_path: Path) -> None:
    """Its pipes are closed with it, and SIGHUP comes."""
    jobs = write_jobs(tmp_path / "jobs.jsonl", JOBS)
    with under_way(sandbox, jobs) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        process.stderr.close()
        process.send_signal(signal.SIGHUP)
        assert process.wait(30) == 130
    assert "Nothing is in doubt" in invoke("doubts", f"{jobs}.journal").stdout


def test_nohup_is_heeded(sandbox: Sandbox, tmp_path: Path) -> None:
    jobs = write_jobs(tmp_path / "jobs.jsonl", JOBS)
    with under_way(sandbox, jobs, "nohup", latency=0.1) as process:
        process.send_signal(signal.SIGHUP)
        process.communicate(timeout=60)
        assert process.returncode == 0
    assert len(sandbox.messages()) == JOBS


def test_who_asks_twice_stops_it_now(sandbox: Sandbox, tmp_path: Path) -> None:
    """The answers would take 60 s; the journal has what is in doubt then."""
    jobs = write_jobs(tmp_path / "jobs.jsonl", JOBS)
    with under_way(sandbox, jobs) as process:
        sandbox.latency = 60.0
        select.select([], [], [], 0.5)
        process.send_signal(signal.SIGTERM)
        select.select([], [], [], 0.5)
        assert process.poll() is None, "it waits for what is under way"
        process.send_signal(signal.SIGTERM)
        _, told = process.communicate(timeout=15)
        assert process.returncode == 130
    assert "Traceback" not in told
    assert invoke("doubts", f"{jobs}.journal").returncode in {0, 3}


def test_what_ends_while_a_run_stops_is_told_of(sandbox: Sandbox, tmp_path: Path) -> None:
    """Lines, numbers and doubts are those of the journal."""
    jobs = write_jobs(tmp_path / "jobs.jsonl", JOBS)
    with under_way(sandbox, jobs) as process:
        process.send_signal(signal.SIGTERM)
        out, _ = process.communicate(timeout=30)
    assert f"unexpectedProblem: {len(sandbox.messages())} sent" in out


def test_doubts_of_a_run_that_is_stopped_now_are_named(sandbox: Sandbox, tmp_path: Path) -> None:
    jobs = write_jobs(tmp_path / "jobs.jsonl", JOBS)
    with under_way(sandbox, jobs) as process:
        sandbox.latency = 60.0
        select.select([], [], [], 0.5)
        for _ in range(2):
            process.send_signal(signal.SIGTERM)
            select.select([], [], [], 0.3)
        out, told = process.communicate(timeout=15)
    listed = invoke("doubts", f"{jobs}.journal").stdout.count("order 903-")
    assert listed
    assert f"{listed} in doubt, which may have arrived: spapi-messaging doubts" in told
    assert f"{listed} in doubt" in out


@pytest.mark.parametrize("times", [1, 2])
def test_who_stops_a_single_message_is_told_how_it_ended(sandbox: Sandbox, times: int) -> None:
    """Or that nobody knows, where he does not wait for it."""
    sandbox.fail_next(operation="createUnexpectedProblem", status=None, delay=2.0 * times)
    words = [*COMMAND, "send", order(1), "unexpectedProblem", "--text", "hello"]
    process = started(words, sandbox)
    deadline = time.monotonic() + 30
    while not sandbox.count(operation="createUnexpectedProblem") and time.monotonic() < deadline:
        select.select([], [], [], 0.02)
    for _ in range(times):
        process.send_signal(signal.SIGINT)
        select.select([], [], [], 0.3)
    out, told = process.communicate(timeout=30)
    assert "its answer is waited for" in told
    if times == 1:
        assert (process.returncode, len(sandbox.messages())) == (0, 1)
        assert out.startswith("Sent: order")
    else:
        assert process.returncode == 3
        assert "is in doubt (the program was stopped)" in told
