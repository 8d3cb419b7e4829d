"""A run in the hands of a person: real processes, real signals, a real terminal."""

import select
import signal
import subprocess
import time
from pathlib import Path

from helpers.command_line import COMMAND, FAST, environment, run, write_jobs
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


def test_what_is_said_is_folded_between_words_for_a_person_alone(tmp_path: Path) -> None:
    jobs = write_jobs(tmp_path / "jobs.jsonl", 1)
    words = ("bulk", jobs, "--action", "foo")
    (whole,) = run(*words).stderr.splitlines()
    environ = environment(None)
    del environ["COLUMNS"]
    drawn = on_a_terminal([*COMMAND, *map(str, words)], environ, columns=50)
    lines = drawn.replace("\r", "").splitlines()
    assert len(lines) > 1
    assert max(map(len, lines)) <= 50
    assert " ".join(map(str.strip, lines)) == whole
