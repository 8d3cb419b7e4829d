"""Commands that run on no loop: what is said when they are stopped, or when nobody reads on."""

import subprocess
from pathlib import Path

import pytest
from helpers.command_line import COMMAND, FAST, PROGRAM, environment, invoke, run, write_jobs

from spapi_messaging.sandbox import Sandbox

_STOPPED_IN = """
import signal
from spapi_messaging.cli.commands import journals
journals.source_of = lambda *_: signal.raise_signal(signal.{name})
"""


@pytest.mark.parametrize("command", ["status", "doubts", "export"])
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_who_stops_a_command_reads_so(name: str, command: str) -> None:
    done = run(command, "any.journal", program=_STOPPED_IN.format(name=name) + PROGRAM)
    assert (done.returncode, done.stderr) == (130, "spapi-messaging: stopped\n")


_ENDLESS = """
import itertools
from spapi_messaging.cli import sources
read = sources._File.entries
sources._File.entries = lambda *source: itertools.cycle([*read(*source)])
sources._File.doubts = lambda source: (source.entries(), 0)
"""


@pytest.mark.parametrize("command", ["export", "doubts"])
def test_a_list_ends_when_nobody_reads_on(command: str, sandbox: Sandbox, tmp_path: Path) -> None:
    """A journal of a million messages took a minute after `| head` had its lines."""
    jobs = write_jobs(tmp_path / "jobs.jsonl", 3)
    assert invoke("bulk", jobs, *FAST, sandbox=sandbox).returncode == 0
    words = [*COMMAND[:-1], _ENDLESS + PROGRAM, command, f"{jobs}.journal"]
    with subprocess.Popen(
        words, env=environment(sandbox), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline()
        process.stdout.close()
        try:
            process.wait(30)
        finally:
            process.kill()
        assert "Broken pipe" in process.stderr.read()
