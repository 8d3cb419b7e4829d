"""What stands on a terminal's screen while a run goes on: the real command, an emulated screen."""

import re
from pathlib import Path

import pytest
from helpers.campaign_screens import before_the_end, bulk_of, done_in, is_whole, mixed, on_screen
from helpers.command_line import FAST, write_jobs
from helpers.terminal import terminal

from spapi_messaging.sandbox import Sandbox

AT_PACE = ("--rate", "25", "--burst", "5")


@pytest.mark.parametrize("columns", [40, 80, 110, 120, 200])
def test_each_part_stands_on_lines_of_its_own(
    sandbox: Sandbox, tmp_path: Path, columns: int
) -> None:
    jobs = mixed(sandbox, tmp_path / "jobs.jsonl", 90)
    environ = on_screen(sandbox)
    slower = ("--rate", "18", "--burst", "5")  # the time left is said late
    with terminal(bulk_of(jobs, *slower), environ, columns=columns, lines=100) as seen:
        seen.until(lambda lines: is_whole(lines, columns) and done_in(lines) > 10)
        half = seen.until(lambda lines: is_whole(lines, columns) and "left" in lines[0])
        assert "2 in doubt" in half[0]
        assert "Amazon does not permit" in "\n".join(half) or columns == 40
        assert seen.end() == 3
        assert is_whole(before_the_end(seen.lines), columns)
        assert re.match(r"90/90 · 100 % · .*in 0:\d\d · 2 in doubt", seen.lines[0])
        assert seen.colours(1) == ["green", "red", "magenta"]
    table = [line.split() for line in seen.lines[2:6]]
    if columns == 40:
        assert table[0] == ["action", "outcomes"]
        assert table[3] == ["unexpectedProbl…", "24", "sent", "5", "ref.", "1", "doubt"]
    else:
        assert table[0][:5] == ["action", "sent", "refused", "in", "doubt"]
        assert table[3][:4] == ["unexpectedProblem", "24", "5", "1"]


@pytest.mark.parametrize("folds", [True, False], ids=["folding", "cutting"])
def test_a_window_that_changes_its_width_keeps_no_debris(
    sandbox: Sandbox, tmp_path: Path, *, folds: bool
) -> None:
    """Nor does it lose what stood above: a new drawing takes back its own lines only."""
    jobs = mixed(sandbox, tmp_path / "jobs.jsonl", 160)
    command = ["sh", "-c", 'echo above; exec "$@"', "sh", *bulk_of(jobs, *AT_PACE)]
    environ = on_screen(sandbox, **({} if folds else {"XTERM_VERSION": "XTerm(390)"}))
    with terminal(command, environ, columns=120) as seen:
        seen.until(lambda lines: is_whole(lines, 120) and "refused: " in "\n".join(lines))
        for columns in (100, 45, 80, 60, 120):
            seen.resize(columns, folds=folds)
            lines = seen.until(lambda lines, columns=columns: is_whole(lines, columns))
            assert lines[0] == "above"
        assert seen.end() == 3
        assert not seen.screen.history.top
        assert seen.lines[0] == "above"
        assert is_whole(before_the_end(seen.lines), 120)


def is_rehearsed(lines: list[str], columns: int) -> bool:
    """Say whether one headline of a rehearsal, and one bar, stand below a line of the shell."""
    return (
        len(lines) == 3
        and lines[0] == "above"
        and lines[1].endswith(" · nothing is sent")
        and lines[2] == "━" * columns
    )


@pytest.mark.parametrize("folds", [True, False], ids=["folding", "cutting"])
def test_a_rehearsal_in_a_window_that_changes_its_width_keeps_no_debris(
    sandbox: Sandbox, tmp_path: Path, *, folds: bool
) -> None:
    jobs = mixed(sandbox, tmp_path / "jobs.jsonl", 160)
    rehearsal = bulk_of(jobs, *AT_PACE, "--dry-run")
    command = ["sh", "-c", 'echo above; exec "$@"', "sh", *rehearsal]
    environ = on_screen(sandbox, **({} if folds else {"XTERM_VERSION": "XTerm(390)"}))
    with terminal(command, environ, columns=120) as seen:
        seen.until(lambda lines: done_in(lines) > 5)
        for columns in (100, 45, 80, 60, 120):
            seen.resize(columns, folds=folds)
            seen.until(lambda lines, columns=columns: is_rehearsed(lines, columns))
        seen.end()
        assert "nothing is sent" not in seen.lines[1]
        assert seen.lines[0] == "above"


@pytest.mark.parametrize("columns", [40, 80])
def test_what_is_typed_meanwhile_leaves_no_debris(
    sandbox: Sandbox, tmp_path: Path, columns: int
) -> None:
    """The echo of a key, as ^C, folds a line that is full: it must not be the last one drawn."""
    jobs = mixed(sandbox, tmp_path / "jobs.jsonl", 90)
    with terminal(bulk_of(jobs, *AT_PACE), on_screen(sandbox), columns=columns, lines=80) as seen:
        full = seen.until(lambda lines: len(lines[-1]) == columns and done_in(lines) > 10)
        done = done_in(full)
        seen.type("\x03")
        lines = seen.until(lambda lines: is_whole(lines, columns) and done_in(lines) > done + 20)
        assert len([line for line in lines if "/90" in line]) == 1
        assert seen.end() == 3
        assert is_whole(before_the_end(seen.lines), columns)


@pytest.mark.parametrize(("told", "columns"), [("200", 80), ("70", 70)])
def test_more_columns_than_there_are_fold_nothing(
    sandbox: Sandbox, tmp_path: Path, told: str, columns: int
) -> None:
    """What the environment has may be of another window; fewer may be what is wished for."""
    jobs = mixed(sandbox, tmp_path / "jobs.jsonl", 40)
    environ = on_screen(sandbox, COLUMNS=told)
    with terminal(bulk_of(jobs, *AT_PACE), environ, columns=80) as seen:
        seen.until(lambda lines: is_whole(lines, columns))
        seen.end()
        assert is_whole(before_the_end(seen.lines), columns)


def test_without_colours_it_is_live_all_the_same(sandbox: Sandbox, tmp_path: Path) -> None:
    jobs = mixed(sandbox, tmp_path / "jobs.jsonl", 40)
    environ = on_screen(sandbox, NO_COLOR="1")
    with terminal(bulk_of(jobs, *AT_PACE), environ, columns=80) as seen:
        seen.until(lambda lines: is_whole(lines, 80, open_part="─") and "─" in "".join(lines))
        seen.end()
        assert is_whole(before_the_end(seen.lines), 80)
        assert {*re.findall(rb"\x1b\[([\d;]*)m", seen.drawn)} <= {b"0", b"1", b""}


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_where_an_encoding_lacks_a_sign_no_line_grows_longer_than_the_screen(
    sandbox: Sandbox, tmp_path: Path, encoding: str
) -> None:
    """The ellipsis of a reason that is cut; a line that the screen folds is not taken back."""
    jobs = mixed(sandbox, tmp_path / "jobs.jsonl", 40)
    environ = on_screen(sandbox, PYTHONIOENCODING=encoding, PYTHONUTF8="0")
    with terminal(bulk_of(jobs, *AT_PACE), environ, columns=70) as seen:
        half = seen.until(lambda lines: "refused: " in "\n".join(lines) and done_in(lines) > 20)
        assert done_in(half[:1]) > 20
        assert seen.end() == 3
        assert re.match(r"40/40, 100 %.*, 2 in doubt", seen.lines[0])
        assert seen.lines[1] == "#" * 70
    assert b"\\u2026" not in seen.drawn
    assert b"\\xb7" not in seen.drawn


@pytest.mark.parametrize("more", [{"TERM": "dumb"}, {"CI": "true"}], ids=str)
def test_what_cannot_be_redrawn_gets_lines(
    sandbox: Sandbox, tmp_path: Path, more: dict[str, str]
) -> None:
    jobs = mixed(sandbox, tmp_path / "jobs.jsonl", 20)
    with terminal(bulk_of(jobs, *FAST), on_screen(sandbox, **more), columns=200) as seen:
        assert seen.end() == 3
        assert b"\x1b" not in seen.drawn
        assert any(re.match(r"20/20 · 100 %", line) for line in seen.lines)
        lines = "\n".join(seen.lines)
        assert lines.count("refused: Order 903-") == 1
        assert "\n  3: Amazon does not permit this message for this order now" in lines


def test_it_says_what_it_waits_for_before_the_first_answer(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    sandbox.latency = (0.6, 0.7)
    jobs = write_jobs(tmp_path / "jobs.jsonl", 3)
    with terminal(bulk_of(jobs), on_screen(sandbox), columns=60) as seen:
        for words in ("asking for a token", "asking orders"):
            lines = seen.until(lambda lines, words=words: lines[0].endswith(words))
            assert lines == [f"0/3 · 0 % · {words}", "━" * 60]
        assert seen.end() == 0
        assert b"/s" not in seen.drawn, "three messages have no rate"
        assert b" left" not in seen.drawn


def test_an_outage_is_said_while_it_lasts(sandbox: Sandbox, tmp_path: Path) -> None:
    sandbox.fail_next(503, operation="token", times=4)
    jobs = write_jobs(tmp_path / "jobs.jsonl", 3)
    with terminal(bulk_of(jobs), on_screen(sandbox), columns=40) as seen:
        lines = seen.until(lambda lines: "reach" in lines[0])
        assert lines == ["0/3 · 0 % · Amazon is out of reach", "━" * 40]


def test_throttling_is_said(sandbox: Sandbox, tmp_path: Path) -> None:
    sandbox.announce_rate = False
    sandbox.set_quota(rate=1, burst=1)
    jobs = write_jobs(tmp_path / "jobs.jsonl", 5)
    with terminal(bulk_of(jobs, *AT_PACE), on_screen(sandbox), columns=80) as seen:
        seen.until(lambda lines: lines[0].endswith(" · throttled by Amazon"))
