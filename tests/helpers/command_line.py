"""The command line, in a process as a user runs it, or quickly within this one."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from helpers.paths import ROOT
from typer.testing import CliRunner, Result

from spapi_messaging.cli.app import app
from spapi_messaging.sandbox import Sandbox

COMMAND = [sys.executable, "-c", "from spapi_messaging.cli import main; main()"]


def order(number: int) -> str:
    return f"903-0000000-{number:07d}"


def environment(sandbox: Sandbox | None) -> dict[str, str]:
    environ = {"PATH": os.environ["PATH"], "COLUMNS": "120", "PYTHONPATH": str(ROOT)}
    environ |= {"SPAPI_MESSAGING_MARKETPLACE": "DE", "PYTHONUTF8": "1"}
    return environ | (sandbox.environment if sandbox else {})


def run(
    *arguments: object, sandbox: Sandbox | None = None, told: str = ""
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *map(str, arguments)],
        env=environment(sandbox),
        input=told,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )


def invoke(*arguments: object, sandbox: Sandbox | None = None) -> Result:
    """Run a command within this process: for the many ways to fail, which need no process."""
    missing = dict.fromkeys(("SPAPI_MESSAGING_ENDPOINT", "LWA_APP_ID"))
    environ = missing | environment(sandbox)
    return CliRunner().invoke(app, [str(argument) for argument in arguments], env=environ)


FAST = ("--rate", "500", "--burst", "100")


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
