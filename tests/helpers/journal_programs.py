"""Programs of their own that use a journal."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from helpers.paths import PYTHONPATH


@contextmanager
def program(text: str, *arguments: str, **options: object) -> Iterator["subprocess.Popen[str]"]:
    with subprocess.Popen(
        [sys.executable, "-c", text, *arguments],
        env=os.environ | {"PYTHONPATH": PYTHONPATH},
        stdout=subprocess.PIPE,
        text=True,
        **options,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


_READ = "import pathlib, sys; sys.stdout.buffer.write(pathlib.Path(sys.argv[1]).read_bytes())"


def read_elsewhere(path: Path) -> bytes:
    """Read a file in a process of its own: closing it here would drop SQLite's locks."""
    command = [sys.executable, "-I", "-c", _READ, str(path)]
    return subprocess.run(command, capture_output=True, check=True).stdout


def copied_while_open(path: Path, copy: Path) -> None:
    """Copy a journal with its log, as kill -9 would leave both."""
    for suffix in ("", "-wal"):
        copy.with_name(f"{copy.name}{suffix}").write_bytes(read_elsewhere(Path(f"{path}{suffix}")))
