"""Processes that start warm: forked off one that has imported what they need.

They can be killed like any other, and a start costs a few milliseconds instead of a second.
"""

import multiprocessing
import os
import sys
from collections.abc import Callable
from multiprocessing.process import BaseProcess
from pathlib import Path

_FORKING = multiprocessing.get_context("forkserver")
_FORKING.set_forkserver_preload(
    [
        *("helpers.killed_run", "helpers.campaign_worker"),
        *("aiolimiter", "cattrs", "jsonschema", "orjson", "uritemplate"),  # else loaded when used
    ]
)


def start(
    program: Callable[..., None], *arguments: object, environment: dict[str, str], log: Path
) -> BaseProcess:
    """Start a function of a module as a process; what it prints is appended to ``log``."""
    process = _FORKING.Process(target=_run, args=(program, arguments, environment, log))
    process.start()
    return process


def _run(
    program: Callable[..., None],
    arguments: tuple[object, ...],
    environment: dict[str, str],
    log: Path,
) -> None:
    os.environ.update(environment)
    with log.open("ab") as out:
        os.dup2(out.fileno(), 1)
        os.dup2(out.fileno(), 2)
    program(*arguments)
    sys.stdout.flush()


def end(process: BaseProcess, seconds: float) -> int | None:
    """Wait for the end of a process, and return its exit code."""
    process.join(seconds)
    return process.exitcode
