"""Ctrl-Z and ``fg`` while a run or a rehearsal is drawn: the terminal is the shell's meanwhile."""

import os
import re
import signal
import sys
from pathlib import Path

from helpers.campaign_screens import bulk_of, done_in, is_whole, mixed, on_screen
from helpers.terminal import Terminal, terminal

from spapi_messaging.sandbox import Sandbox

AT_PACE = ("--rate", "25", "--burst", "5")
_A_JOB = "import os, sys; os.setpgid(0, 0); os.execv(sys.argv[1], sys.argv[1:])"
"""A shell puts each command in a group of its own; one without a parent outside is not stopped."""
SHELLS = ("[1]+  Stopped", "$ echo mine", "mine", "$ fg")


def as_job(*command: str) -> list[str]:
    return [sys.executable, "-c", _A_JOB, *command]


def suspend(seen: Terminal) -> None:
    """Stop the program as Ctrl-Z does, which gives the cursor back, and write what follows."""
    seen.process.send_signal(signal.SIGTSTP)
    os.waitid(os.P_PID, seen.process.pid, os.WSTOPPED)
    seen.until(lambda _: has_cursor(seen), seconds=10)
    seen.write(SHELLS)


def has_cursor(seen: Terminal) -> bool:
    return re.findall(rb"\x1b\[\?25([hl])", seen.drawn)[-1:] != [b"l"]


def test_a_run_leaves_the_shell_its_cursor_and_goes_on_below_its_lines(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    jobs = mixed(sandbox, tmp_path / "jobs.jsonl", 120)
    command = as_job(*bulk_of(jobs, *AT_PACE))
    with terminal(command, on_screen(sandbox), columns=80, lines=80) as seen:
        seen.until(lambda lines: is_whole(lines, 80) and done_in(lines) > 20)
        suspend(seen)
        before = seen.lines
        assert is_whole(before[: before.index(SHELLS[0])], 80)
        seen.process.send_signal(signal.SIGCONT)
        lines = seen.until(lambda lines: done_in(lines) > done_in(before) + 20)
        assert lines[: len(before)] == before
        assert not has_cursor(seen)
        assert seen.end() == 3
        assert has_cursor(seen)
        assert is_whole(seen.lines[len(before) :], 80)
        assert seen.lines[len(before)].startswith("120/120 · 100 %")


def test_a_rehearsal_leaves_the_shell_its_cursor_and_its_lines(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    jobs = mixed(sandbox, tmp_path / "jobs.jsonl", 120)
    command = as_job(*bulk_of(jobs, *AT_PACE, "--dry-run"))
    with terminal(command, on_screen(sandbox), columns=80, lines=80) as seen:
        seen.until(lambda lines: done_in(lines) > 5)
        suspend(seen)
        before = seen.lines
        seen.process.send_signal(signal.SIGCONT)
        seen.until(lambda lines: done_in(lines) > 20)
        assert not has_cursor(seen)
        seen.end()
        assert seen.lines[: len(before)] == before
        assert has_cursor(seen)
