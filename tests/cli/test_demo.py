"""The demonstration, without a terminal and with a person at one."""

import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from http.client import HTTPConnection
from pathlib import Path

import pytest
from helpers.command_line import COMMAND, environment
from helpers.typed_terminal import TypedTerminal, typed_terminal

from spapi_messaging.cli.commands.demo_campaign import demo_campaign, demo_jobs

LEAVE = "[leave]:"
WAIT = "Press any key to end."

Demo = Callable[..., AbstractContextManager[TypedTerminal]]


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    return environment(None) | {"TMPDIR": str(tmp_path)}


@pytest.fixture
def demo(environ: dict[str, str]) -> Demo:
    @contextmanager
    def demo(**options: int) -> Iterator[TypedTerminal]:
        with typed_terminal([*COMMAND, "demo"], environ, **options) as terminal:
            yield terminal

    return demo


def shown_unfolded(drawn: str) -> str:
    return " ".join(drawn.split())


def test_without_a_terminal_it_ends_by_itself(environ: dict[str, str], tmp_path: Path) -> None:
    """60 jobs: 54 sent, 5 that did not go out for four good reasons, and one that is settled."""
    done = subprocess.run(
        [*COMMAND, "demo"],
        env=environ,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=15,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    shown = shown_unfolded(done.stdout)
    for reason in ("2: Amazon does not permit", "is disabled", "does not offer", "404"):
        assert reason in shown.partition("5 did not go out; these buyers have nothing:")[2]
    assert "1 is in doubt" in shown
    assert re.search(
        r"\$ spapi-messaging doubts \S+/demo\.journal --settle sent .* 1 settled", shown
    )
    assert "55 are skipped as sent. Nobody gets a message twice." in shown
    assert shown.index("LWA_APP_ID") < shown.index("doctor") < shown.index("--dry-run")
    assert "\x1b" not in done.stdout
    assert "key" not in shown
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("columns", [40, 80])
def test_what_is_said_fits_a_narrow_screen(columns: int, environ: dict[str, str]) -> None:
    done = subprocess.run(
        [*COMMAND, "demo"],
        env=environ | {"COLUMNS": str(columns)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=True,
    )
    told = done.stdout[done.stdout.index("5 did not go out") :]
    before, _, after = told.partition("$ spapi-messaging doubts")  # which tells what it always does
    said = [*before.splitlines(), *after[after.index("The same run") :].splitlines()]
    copied = "     spapi-messaging "
    assert [x for x in said if len(x) > columns and not x.startswith(copied)] == []


def test_the_doubt_that_is_resent_arrives_twice(demo: Demo, tmp_path: Path) -> None:
    """The person sees where to look, answers, and sees what came of it; any key ends it."""
    with demo() as terminal:
        before = terminal.settings
        terminal.until("in doubt")
        terminal.until("has order 902-2075587-8472206 its message?")
        terminal.until(LEAVE)
        inbox = HTTPConnection(re.findall(r"http://(127\.0\.0\.1:\d+)/", terminal.drawn)[-1])
        terminal.type("r\n")
        terminal.until("has its message 2 times now")
        terminal.until(WAIT)
        terminal.until_by_key()
        inbox.request("GET", "/")
        assert b"inbox" in inbox.getresponse().read(), "it is open as long as the person looks"
        inbox.close()
        terminal.type("\x1b[A")
        assert terminal.ended() == 0
        assert "To write to your own orders" in terminal.drawn.partition(WAIT)[2]
        assert terminal.settings == before
        assert not terminal.unread, "of an arrow key, nothing is left for the shell"
    assert list(tmp_path.iterdir()) == []


def test_what_was_typed_before_does_not_end_the_wait(demo: Demo) -> None:
    with demo() as terminal:
        terminal.until("Watch them come in")
        terminal.type("s\n\n\n")
        terminal.until(WAIT)
        terminal.until_by_key()
        with pytest.raises(AssertionError, match="never shown"):
            terminal.until("To write", seconds=0.5)
        terminal.type("\x03")
        assert terminal.ended() == 0, "Ctrl-C is a key as any other"
        assert "Nobody gets a message twice" in terminal.drawn
        assert "To write to your own orders" in terminal.drawn


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_at_the_wait_leaves_the_terminal_as_it_was(
    sign: signal.Signals, demo: Demo, tmp_path: Path
) -> None:
    with demo() as terminal:
        before = terminal.settings
        terminal.until(LEAVE)
        terminal.type("\x04")
        terminal.until("what is in doubt stays so")
        terminal.until(WAIT)
        terminal.until_by_key()
        terminal.process.send_signal(sign)
        assert terminal.ended() == 130
        assert terminal.settings == before
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "stop",
    [
        lambda terminal: terminal.type("\x03"),
        lambda terminal: terminal.process.send_signal(signal.SIGTERM),
    ],
    ids=["Ctrl-C", "SIGTERM"],
)
def test_who_stops_at_the_question_leaves_nothing_behind(
    stop: Callable[[TypedTerminal], None], demo: Demo, tmp_path: Path
) -> None:
    with demo() as terminal:
        terminal.until(LEAVE)
        assert terminal.ended_by(lambda: stop(terminal)) == 130
        assert "Traceback" not in terminal.drawn
        assert WAIT not in terminal.drawn
    assert list(tmp_path.iterdir()) == []


def test_a_closed_standard_input_is_no_person(environ: dict[str, str]) -> None:
    closing = "import os, sys; os.close(0); os.execv(sys.argv[1], sys.argv[1:])"
    with typed_terminal([sys.executable, "-c", closing, *COMMAND, "demo"], environ) as terminal:
        assert terminal.ended() == 0
        assert "settled as sent" in shown_unfolded(terminal.drawn)
        assert WAIT not in terminal.drawn


def test_the_demos_jobs_are_as_promised() -> None:
    jobs = demo_jobs()
    assert len(jobs) == len({job.order_id for job in jobs}) == 60
    assert len({type(job.message) for job in jobs}) == 6


def test_the_doubtful_message_is_one_that_its_order_permits(tmp_path: Path) -> None:
    with demo_campaign(tmp_path) as campaign:
        job = campaign.doubtful
        order = campaign.sandbox.backend.orders[job.order_id]
        assert (order.actions, order.closed) == ((job.message.segment,), False)
