"""The command `sandbox`: where it listens, and that what it prints runs as it stands."""

import os
import signal
import socket
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from helpers.command_line import COMMAND, environment, run

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
