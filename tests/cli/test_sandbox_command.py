"""The command `sandbox`: where it listens, and that what it prints runs as it stands."""

import os
import signal
import socket
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest
from helpers.command_line import COMMAND, environment, invoke, run

from spapi_messaging.sandbox.__main__ import main

BIN = Path(sys.executable).parent


def test_it_listens_on_port_8080_and_says_in_one_line_that_it_is_taken() -> None:
    with socket.socket() as other:
        with suppress(OSError):  # somebody else has it: it is taken as well
            other.bind(("127.0.0.1", 8080))
            other.listen()
        done = run("sandbox")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        "spapi-messaging: cannot listen on 127.0.0.1 port 8080: it is taken, perhaps by another "
        "sandbox; give another one by --port N, or --port 0 for a free one\n"
    )


def test_what_it_prints_leads_a_shell_to_it() -> None:
    """The export lines are pasted, then the command that it names; Ctrl-C ends it with 0."""
    process = subprocess.Popen(
        [*COMMAND, "sandbox", "--port", "0"],
        env=environment(None),
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    lines = [process.stdout.readline() for _ in range(9)]
    exports = [line for line in lines if line.startswith("export ")]
    (command,) = (line.removeprefix("#").strip() for line in lines if "actions" in line)
    shell = subprocess.run(
        ["/bin/sh", "-c", f"{''.join(exports)}{command}"],
        env={"PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}", "COLUMNS": "80"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    process.send_signal(signal.SIGINT)
    process.stdout.close()
    assert process.wait(20) == 0
    assert (shell.returncode, shell.stderr) == (0, "")
    assert "permits now" in shell.stdout
    assert "unexpectedProblem" in shell.stdout
    assert any("inbox: http://127.0.0.1:" in line for line in lines)
    assert "Ctrl-C stops it" in lines[-1]


LATENCY = "it must be seconds, as 0.1, or the least and the most, as 0.05-0.2, up to 3600"
RATE = "it must be a number above 0, up to 1000000000, or inf"


@pytest.mark.parametrize(
    "latency", ["abc", "", "nan", "inf", "0,1", "50ms", "0.2-0.1", "1e9", "9" * 400, "0.1-"]
)
def test_a_latency_that_is_none_is_refused_with_what_it_must_be(latency: str) -> None:
    done = invoke("sandbox", "--port", 0, f"--latency={latency}")
    assert (done.returncode, done.stdout) == (2, "")
    assert f"Invalid value for '--latency': {LATENCY}" in " ".join(done.stderr.split())


@pytest.mark.parametrize("rate", ["abc", "0", "-1", "nan", "1e10"])
def test_a_rate_that_is_none_is_refused_with_what_it_must_be(rate: str) -> None:
    done = invoke("sandbox", "--port", 0, f"--rate={rate}")
    assert (done.returncode, done.stdout) == (2, "")
    assert f"Invalid value for '--rate': {RATE}" in " ".join(done.stderr.split())


def test_a_wrong_option_is_one_line_as_in_all_commands() -> None:
    done = run("sandbox", "--latency", "abc")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        f"spapi-messaging: Invalid value for '--latency': {LATENCY}; see: "
        "spapi-messaging sandbox --help\n"
    )


@pytest.mark.parametrize("option", ["--scenario", "--faults"])
@pytest.mark.parametrize(
    ("name", "content", "fault"),
    [
        ("a.toml", b"\xff\xfe", "it is not UTF-8"),
        ("a.toml", b"x = ", "it is not TOML: "),
        ("a.json", b"{", "it is not JSON: "),
    ],
)
def test_a_file_that_cannot_be_read_is_named_with_what_it_is_not(
    option: str, name: str, content: bytes, fault: str, tmp_path: Path
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    done = invoke("sandbox", "--port", 0, option, path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"spapi-messaging: {path}: {fault}")
    assert "codec" not in done.stderr


def test_its_module_says_the_same_of_its_options(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["--latency", "abc"])
    told = capsys.readouterr().err
    assert told.startswith("python -m spapi_messaging.sandbox: --latency: it must be seconds")
