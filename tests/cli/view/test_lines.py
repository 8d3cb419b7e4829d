"""A run that goes to a file or a pipe, and what else is said while one is drawn."""

import re
import subprocess
import sys
from pathlib import Path

from helpers.campaign_screens import bulk_of, mixed
from helpers.command_line import FAST, environment
from helpers.terminal import terminal

from spapi_messaging.sandbox import Sandbox

PROGRAM = """
import sys
from spapi_messaging.bulk import Summary
from spapi_messaging.cli.settings import console, guard_screen, say
from spapi_messaging.cli.view import Standing, view_for

def standing():
    counts = {"createUnexpectedProblem": {"Sent": 5, "NotSent": 1}}
    common = {"rates": {}, "allowed": {}, "in_progress": 0, "remaining": None, "warnings": {}}
    summary = Summary(counts=counts, elapsed=elapsed, away=away, **common)
    return Standing(summary=summary, jobs=9, doing="Amazon is out of reach" if away else None)

guard_screen()
elapsed, away = 0, ()
with view_for(console(), standing, as_json=False) as view:
    for elapsed, away in [(1, ()), (3, ("a",)), (4, ("a",)), (5, ()), (34, ()), (36, ()), (65, ())]:
        view.redraw()
        if len(sys.argv) > 1:
            say(f"{elapsed} {' '.join(sys.argv[1:])}")
"""
DRAWN = [sys.executable, "-c", PROGRAM]
LONG = "what is said in many words has to be folded where the terminal ends, and none is lost"


def test_lines_are_few_and_say_how_it_stands() -> None:
    """One when Amazon goes away, one when it is back, and one every half minute."""
    environ = environment(None)
    done = subprocess.run(DRAWN, env=environ, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == [
        "6/9 · 66 % · Amazon is out of reach",
        "6/9 · 66 %",
        "6/9 · 66 %",
        "6/9 · 66 % · in 1:05",
        "unexpectedProblem: 5 sent, 1 not sent",
    ]
    ascii_only = environ | {"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    done = subprocess.run(DRAWN, env=ascii_only, capture_output=True, text=True, check=True)
    assert done.stdout.startswith("6/9, 66 %, Amazon is out of reach\n")


def test_a_pipe_gets_whole_lines_whatever_the_colours(sandbox: Sandbox, tmp_path: Path) -> None:
    """FORCE_COLOR makes no terminal of it."""
    jobs = mixed(sandbox, tmp_path / "jobs.jsonl", 50)
    environ = environment(sandbox) | {"FORCE_COLOR": "1", "TERM": "xterm-256color"}
    done = subprocess.run(
        bulk_of(jobs, *FAST), env=environ, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 3
    assert "\x1b" not in done.stdout
    assert len(re.findall("^refused: Order 903-", done.stdout, re.MULTILINE)) == 1
    assert re.search(
        "^  7: Amazon does not permit this message for this order now", done.stdout, re.MULTILINE
    )
    assert "a second" not in done.stdout, "it was over before there was a rate"


def test_what_is_said_meanwhile_stands_above_the_region_and_whole() -> None:
    with terminal([*DRAWN, LONG], environment(None) | {"COLUMNS": "60"}, columns=60) as seen:
        assert seen.end() == 0
    *said, headline, bar, header, row = seen.lines
    assert headline == "6/9 · 66 % · in 1:05"
    assert bar == "━" * 60
    assert header.split() == ["action", "sent", "not", "sent"]
    assert row.split() == ["unexpectedProblem", "5", "1"]
    times = (1, 3, 4, 5, 34, 36, 65)
    assert " ".join(map(str.strip, said)) == " ".join(
        f"spapi-messaging: {time} {LONG}" for time in times
    )


def test_what_goes_to_a_file_is_not_drawn(tmp_path: Path) -> None:
    """Standard error of its own stays what it is."""
    said = tmp_path / "said.txt"
    command = ["sh", "-c", f'exec "$@" 2> {said}', "sh", *DRAWN, LONG]
    with terminal(command, environment(None) | {"COLUMNS": "60"}, columns=60) as seen:
        assert seen.end() == 0
    assert len(seen.lines) == 4
    assert said.read_text("utf-8").splitlines()[0] == f"spapi-messaging: 1 {LONG}"
