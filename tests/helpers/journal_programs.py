"""Programs of their own that use a journal."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

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
