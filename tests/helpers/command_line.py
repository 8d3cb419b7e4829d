"""The command line, in a process as a user runs it, or quickly within this one."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any
from unittest import mock

from helpers.paths import ROOT
from typer.testing import CliRunner

from spapi_messaging.cli.app import app
from spapi_messaging.sandbox import Sandbox

PROGRAM = "from spapi_messaging_cli import main; main()"
COMMAND = [sys.executable, "-c", PROGRAM]
FAST = ("--rate", "500", "--burst", "100")


def order(number: int) -> str:
    return f"903-0000000-{number:07d}"


def environment(sandbox: Sandbox | None) -> dict[str, str]:
    environ = {"PATH": os.environ["PATH"], "COLUMNS": "120", "PYTHONPATH": str(ROOT)}
    environ |= {"SPAPI_MESSAGING_MARKETPLACE": "DE", "PYTHONUTF8": "1"}
    return environ | (sandbox.environment if sandbox else {})


def run(
    *arguments: object, sandbox: Sandbox | None = None, typed: str = "", program: str = PROGRAM
) -> subprocess.CompletedProcess[str]:
    """Run a command in a process of its own, as a user does."""
    return subprocess.run(
        [sys.executable, "-c", program, *map(str, arguments)],
        env=environment(sandbox),
        input=typed,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )


def invoke(
    *arguments: object, sandbox: Sandbox | None = None, typed: str = "", **variables: str | None
) -> subprocess.CompletedProcess[str]:
    """Run a command within this process, ten times as fast; it must leave by an exit code."""
    absent = dict.fromkeys(("SPAPI_MESSAGING_ENDPOINT", "LWA_APP_ID"))
    environ = absent | environment(sandbox) | variables
    with mock.patch.object(sys, "argv", ["spapi-messaging"]):  # by which hints name the program
        result = CliRunner().invoke(app, [*map(str, arguments)], env=environ, input=typed)
    assert isinstance(result.exception, SystemExit | None), "no other exception, no traceback"
    return subprocess.CompletedProcess(arguments, result.exit_code, result.stdout, result.stderr)


def write_jobs(path: Path, count: int, **more: Any) -> Path:
    with path.open("w", encoding="utf-8") as file:
        for number in range(count):
            job = {
                "order_id": order(number),
                "action": "unexpectedProblem",
                "text": f"no. {number}",
            }
            file.write(json.dumps(job | more) + "\n")
    return path
