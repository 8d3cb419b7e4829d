"""Whatever asks a run to stop: what is under way is finished and written down."""

import re
import select
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from helpers.command_line import (
    COMMAND,
    PROGRAM,
    environment,
    invoke,
    order,
    run,
    write_jobs,
)
from helpers.stopped_runs import typed_at

from spapi_messaging.cli.jobfile import JobFile
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


def test_a_terminal_that_is_closed_asks_once(sandbox: Sandbox, tmp_path: Path) -> None:
    """Both the system and the shell send SIGHUP for it."""
    jobs = write_jobs(tmp_path / "jobs.jsonl", JOBS)
    with under_way(sandbox, jobs) as process:
        assert process.stderr is not None
        process.send_signal(signal.SIGHUP)
        while "under way" not in (line := process.stderr.readline()):
            assert line, "it says that it finishes what is under way"
        process.send_signal(signal.SIGHUP)
        process.communicate(timeout=30)
        # One that comes when all is done ends the process by itself.
        assert process.returncode in {130, -signal.SIGHUP}
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


@pytest.mark.parametrize(
    ("names", "gaps"),
    [
        (("SIGSTOP", "SIGHUP", "SIGTERM", "SIGCONT"), (0.1, 0.0, 0.0, 0.0)),
        (("SIGINT", "SIGTERM", "SIGHUP"), (0.3, 0.0, 0.0)),
        (("SIGTERM",) * 4, (0.3, 0.005, 0.005, 0.005)),
    ],
    ids=["two at once", "two at once later", "four"],
)
def test_however_often_it_is_asked_it_ends_in_order(
    sandbox: Sandbox, tmp_path: Path, names: tuple[str, ...], gaps: tuple[float, ...]
) -> None:
    """Two signals of one moment are two, and a third breaks off nothing that is written down."""
    jobs = write_jobs(tmp_path / "jobs.jsonl", JOBS)
    with under_way(sandbox, jobs) as process:
        sandbox.latency = 60.0
        select.select([], [], [], 0.5)
        for name, gap in zip(names, gaps, strict=True):
            process.send_signal(signal.Signals[name])
            select.select([], [], [], gap)
        _, told = process.communicate(timeout=15)
        # One that comes when all is done ends the process by itself, as shells know by the same.
        assert process.returncode in {130, *(-signal.Signals[name] for name in names)}
    assert "fault" not in told
    assert f"\n  spapi-messaging doubts {jobs}.journal\n" in told
    listed = invoke("doubts", f"{jobs}.journal").stdout.count("order 903-")
    assert f"{listed} in doubt: the buyers may have the message, or not" in told


def test_nobody_reads_that_nothing_was_sent_when_something_was(
    sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The signal comes when the run is over, and the program not yet."""

    def interrupted(_: JobFile) -> bool:
        raise KeyboardInterrupt

    monkeypatch.setattr(JobFile, "was_changed", property(interrupted))
    jobs = write_jobs(tmp_path / "jobs.jsonl", 3)
    done = invoke("bulk", jobs, sandbox=sandbox)
    assert (done.returncode, len(sandbox.messages())) == (130, 3)
    assert done.stderr == "spapi-messaging: stopped\n"


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
    again = "a second signal stops now and leaves them in doubt"
    assert f"spapi-messaging: finishing {listed} under way, up to 30 s; {again}\n" in told
    assert f"{listed} in doubt: the buyers may have the message, or not" in told
    assert f"\n  spapi-messaging doubts {jobs}.journal\n" in told
    assert f"{listed} in doubt" in out


def test_what_is_waited_for_is_said_at_once(sandbox: Sandbox, tmp_path: Path) -> None:
    """Before any of it has its answer, and in the words of the key that was pressed."""
    jobs = write_jobs(tmp_path / "jobs.jsonl", JOBS)
    with under_way(sandbox, jobs) as process:
        sandbox.latency = 60.0
        select.select([], [], [], 0.5)
        process.send_signal(signal.SIGINT)
        assert process.stderr is not None
        line = process.stderr.readline()
        assert process.poll() is None
    assert re.fullmatch(
        r"spapi-messaging: finishing \d+ under way, up to 30 s; "
        r"Ctrl-C again stops now and leaves them in doubt\n",
        line,
    )


def test_where_nothing_is_under_way_it_says_that_it_stops(sandbox: Sandbox, tmp_path: Path) -> None:
    jobs = write_jobs(tmp_path / "jobs.jsonl", 3)
    sandbox.latency = 30.0
    process = started([*COMMAND, "bulk", str(jobs)], sandbox)
    deadline = time.monotonic() + 30
    while not sandbox.requests and time.monotonic() < deadline:
        select.select([], [], [], 0.02)
    process.send_signal(signal.SIGTERM)
    _, told = process.communicate(timeout=20)
    assert process.returncode == 130
    assert told.splitlines()[:2] == [
        "spapi-messaging: stopping; nothing is under way",
        "spapi-messaging: stopped after 0 of 3",
    ]
    assert told.count("stopped") == 1
    assert told.endswith(f"Go on with:\n  spapi-messaging resume {jobs} --marketplace DE\n")


@pytest.mark.parametrize("columns", [40, 80, 120])
def test_the_line_stands_whole_above_the_live_view(
    columns: int, sandbox: Sandbox, tmp_path: Path
) -> None:
    """And below it stands what to type next, each command as the shell takes it."""
    sandbox.latency = 1.0
    jobs = write_jobs(tmp_path / "jobs.jsonl", JOBS)
    words = [*COMMAND, "bulk", str(jobs), "--rate", "30", "--burst", "5"]
    environ = environment(sandbox)
    del environ["COLUMNS"]
    drawn, code = typed_at(
        words, environ, when=lambda _: len(sandbox.messages()) >= 5, columns=columns
    )
    assert code == 130
    plain = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", drawn)
    said = " ".join(plain.replace("\\\r\n", "").split())
    assert re.search(
        r"spapi-messaging: finishing \d+ under way, up to 30 s; Ctrl-C again stops now and "
        r"leaves them in doubt ",
        said,
    )
    assert f"Go on with: spapi-messaging resume {jobs} --marketplace DE --rate 30" in said
    assert re.search(rf"spapi-messaging: stopped after \d+ of {JOBS}: \d+ sent", said)


def signalled_in_the_import_of(module: str, name: str) -> subprocess.CompletedProcess[str]:
    program = (
        "import signal, sys\n"
        "class Finder:\n"
        "    def find_spec(self, name, *_):\n"
        f"        if name == {module!r}: signal.raise_signal(signal.{name})\n"
        "sys.meta_path.insert(0, Finder())\n"
        f"{PROGRAM}"
    )
    return run("--help", program=program)


@pytest.mark.parametrize("name", ["SIGHUP", "SIGTERM", "SIGINT"])
@pytest.mark.parametrize("module", ["spapi_messaging.errors", "typer", "rich.live"])
def test_who_stops_it_while_it_loads_reads_one_line(module: str, name: str) -> None:
    done = signalled_in_the_import_of(module, name)
    assert (done.returncode, done.stdout) == (130, "")
    assert done.stderr == "spapi-messaging: stopped; nothing was sent\n"


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
