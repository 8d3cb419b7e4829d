"""Output that fails stops nothing: the messages go out, and the exit code says what became of them.

Real processes with real pipes, disks and encodings, ended as a shell ends them.
"""

import json
import subprocess
from pathlib import Path

import pytest
from helpers.command_line import COMMAND, FAST, environment, order, write_jobs

from spapi_messaging.sandbox import Sandbox

NOISE = ("Traceback", "Exception ignored", "Error in sys", "lost sys")
JOBS = 30


def shell(
    script: str, *arguments: object, sandbox: Sandbox | None, **variables: str
) -> subprocess.CompletedProcess[bytes]:
    """Run a command line by a script, in which it is "$@"."""
    done = subprocess.run(
        ["/bin/bash", "-c", script, "bash", *COMMAND, *map(str, arguments)],
        env=environment(sandbox) | {"PYTHONUTF8": "0"} | variables,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=60,
        check=False,
    )
    for noise in NOISE:
        assert noise.encode() not in done.stderr + done.stdout
    return done


@pytest.fixture
def jobs(sandbox: Sandbox, tmp_path: Path) -> Path:
    """30 jobs, one of which is refused in words that few encodings have."""
    sandbox.add_order(order(7), disabled={"unexpectedProblem": "配達後に可能 \N{EM DASH} 😀"})
    return write_jobs(tmp_path / "jobs.jsonl", JOBS)


BROKEN = {
    "full": '"$@" > /dev/full',
    "closed": '"$@" >&-',
    "closed errors": '"$@" 2>&-',
    "both closed": '"$@" >&- 2>&-',
    "all closed": '"$@" <&- >&- 2>&-',
    "full errors": '"$@" 2> /dev/full',
    "both full": '"$@" > /dev/full 2>&1',
    "a reader that leaves": '"$@" | head -1; exit ${PIPESTATUS[0]}',
    "a reader that never reads": '"$@" | true; exit ${PIPESTATUS[0]}',
    "errors to nobody": '"$@" 2>&1 >/dev/null | true; exit ${PIPESTATUS[0]}',
    "read only": '"$@" 1< /dev/null',
}


@pytest.mark.parametrize(
    ("script", "form"),
    [
        *((script, ()) for script in BROKEN.values()),
        *((BROKEN[name], ("--json",)) for name in ("full", "a reader that leaves")),
    ],
)
def test_a_run_goes_on_whatever_becomes_of_its_output(
    script: str, form: tuple[str, ...], sandbox: Sandbox, jobs: Path
) -> None:
    done = shell(script, "bulk", jobs, *FAST, *form, sandbox=sandbox)
    assert done.returncode == 1, "one is refused"
    assert len(sandbox.messages()) == JOBS - 1
    if "full" in script and "2>" not in script:
        assert done.stderr.count(b"standard output cannot be written (No space left") == 1


def test_a_closed_output_is_told_once(sandbox: Sandbox, jobs: Path) -> None:
    done = shell('"$@" >&-', "bulk", jobs, *FAST, "--json", sandbox=sandbox)
    told = "standard output cannot be written (it is closed); what follows is not shown"
    assert done.stderr.decode().count(told) == 1


@pytest.mark.parametrize(
    "variables",
    [
        *({"PYTHONIOENCODING": name} for name in ("cp1252", "ascii", "cp932:strict")),
        *({"COLUMNS": value} for value in ("", "auto", "0", "-5", "1", "²", "9" * 9)),
        {"TERM": "no-such-terminal", "LINES": "²"},
        {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0"},
    ],
    ids=str,
)
def test_a_run_goes_on_in_any_environment(
    variables: dict[str, str], sandbox: Sandbox, jobs: Path
) -> None:
    done = shell('"$@"', "bulk", jobs, *FAST, sandbox=sandbox, **variables)
    assert (done.returncode, done.stderr) == (1, b"")
    assert len(sandbox.messages()) == JOBS - 1
    assert b"not sent: Order " + order(7).encode() in done.stdout
    looked = shell('"$@"', "actions", order(7), sandbox=sandbox, **variables)
    assert (looked.returncode, looked.stderr) == (0, b"")


def test_what_an_encoding_has_not_is_written_with_backslashes(sandbox: Sandbox, jobs: Path) -> None:
    done = shell('"$@"', "bulk", jobs, *FAST, sandbox=sandbox, PYTHONIOENCODING="cp1252")
    assert b"\\u914d\\u9054" in done.stdout
    assert b"\x97" in done.stdout, "a dash it has"


def test_json_is_whole_in_any_encoding(sandbox: Sandbox, jobs: Path) -> None:
    done = shell('"$@"', "bulk", jobs, *FAST, "--json", sandbox=sandbox, PYTHONIOENCODING="ascii")
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(lines) == JOBS
    assert any("配達後に可能" in str(line.get("reason")) for line in lines)


@pytest.mark.parametrize("name", ["full", "both closed", "a reader that never reads"])
@pytest.mark.parametrize("arguments", [("--help",), ("actions", order(7)), ()], ids=" ".join)
def test_no_command_complains_of_its_output(
    name: str, arguments: tuple[str, ...], sandbox: Sandbox
) -> None:
    done = shell(BROKEN[name], *arguments, sandbox=sandbox)
    assert done.returncode == (0 if arguments else 2)
