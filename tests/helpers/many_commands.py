"""Many command lines, each in a process of its own that ends as a user's does, quickly.

One process loads the program, and is forked for each command line, which need not load it again.
``commands`` is what a test calls; the module is the program it starts.
"""

import gc
import importlib
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

import attrs
from helpers.paths import ROOT

import spapi_messaging.cli

SECONDS = 20


@attrs.frozen
class Ended:
    """How a command line ended."""

    code: int
    out: str
    told: str


def commands(
    lines: Iterable[list[str]],
    environ: dict[str, str],
    folder: Path,
    *,
    typed: str = "",
    first: Path = ROOT,
) -> list[Ended]:
    """Run command lines one after the other in a folder, and tell how each ended.

    ``first``: where modules are looked for before all others.
    """
    done = subprocess.run(
        [sys.executable, __file__],
        input=json.dumps({"lines": list(lines), "typed": typed}),
        env=environ | {"PYTHONPATH": os.pathsep.join(map(str, (first, ROOT, ROOT / "tests")))},
        cwd=folder,
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        check=True,
    )
    return [Ended(*each) for each in json.loads(done.stdout)]


def _become(line: list[str], files: tuple[int, int, int]) -> None:
    """Be the process of a command line, as the entry point of a user's shell begins it."""
    signal.alarm(SECONDS)  # one that does not end ends by this signal
    for number, file in enumerate(files):
        os.dup2(file, number)
    sys.argv[:] = ["spapi-messaging", *line]
    spapi_messaging.cli.main()


if __name__ == "__main__":
    importlib.import_module("spapi_messaging.cli.app")
    gc.freeze()  # no child looks through what it was given
    asked = json.load(sys.stdin)
    ended = []
    for command in asked["lines"]:
        with (
            tempfile.TemporaryFile() as typed,
            tempfile.TemporaryFile() as out,
            tempfile.TemporaryFile() as told,
        ):
            typed.write(asked["typed"].encode())
            typed.seek(0)
            process = os.fork()
            if not process:
                _become(command, (typed.fileno(), out.fileno(), told.fileno()))
            code = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
            texts = []
            for file in (out, told):
                file.seek(0)
                texts.append(file.read().decode("utf-8", "replace"))
            ended.append([code, *texts])
    print(json.dumps(ended))
