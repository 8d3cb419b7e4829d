"""A run in the hands of a person: real processes, real signals, a real terminal."""

import re
import select
import signal
import subprocess
import time
from pathlib import Path

from helpers.command_line import COMMAND, FAST, environment, order, run, write_jobs
from helpers.terminal import on_a_terminal

from spapi_messaging.sandbox import Sandbox


def test_ctrl_c_stops_and_resume_goes_on(sandbox: Sandbox, tmp_path: Path) -> None:
    """SIGINT in the middle: 130, the truth in the journal, and each message once in the end."""
    jobs = write_jobs(tmp_path / "jobs.jsonl", 60)
    process = subprocess.Popen(
        [*COMMAND, "bulk", str(jobs), "--rate", "8", "--burst", "2"],
        env=environment(sandbox),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    deadline = time.monotonic() + 30
    while len(sandbox.messages()) < 10 and time.monotonic() < deadline:
        select.select([], [], [], 0.02)
    process.send_signal(signal.SIGINT)
    _, reported = process.communicate(timeout=30)
    assert process.returncode == 130
    assert f"spapi-messaging resume {jobs}" in reported
    assert 10 <= len(sandbox.messages()) < 60
    done = run("resume", jobs, *FAST, sandbox=sandbox)
    assert done.returncode == 0, done.stdout
    texts = sorted((m.body or {})["text"] for m in sandbox.messages())
    assert texts == sorted(f"no. {number}" for number in range(60))


def test_the_live_view_shows_progress_rates_and_refusals(sandbox: Sandbox, tmp_path: Path) -> None:
    sandbox.add_order(order(3), closed=True)
    sandbox.announce_rate = False
    jobs = write_jobs(tmp_path / "jobs.jsonl", 40)
    drawn = on_a_terminal(
        [*COMMAND, "bulk", str(jobs), "--rate", "30", "--burst", "5"], environment(sandbox)
    )
    assert "\x1b[" in drawn, "it is redrawn in place"
    last = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", drawn)
    assert re.search(r"40 of 40, \d+\.\d\d sent a second", last)
    assert re.search(r"unexpectedProblem +39 +1 ", last)
    assert re.search(r"\d+\.\d\d of 30\.00", last)
    assert f"refused: Order {order(3)}" in last
