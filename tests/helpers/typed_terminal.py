"""A real terminal that a person types at while a program runs: its keys, signals and settings."""

import os
import pty
import re
import select
import signal
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import attrs

_OWNED = """
import os, sys
os.close(os.open(os.ttyname(0), os.O_RDWR))  # the leader's first terminal is its own from then on
os.execv(sys.argv[1], sys.argv[1:])
"""
_CONTROLS = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]|\r")


@attrs.define
class TypedTerminal:
    """A program on a terminal of its own; ``drawn`` is all that it has written so far."""

    process: subprocess.Popen[bytes]
    controller: int
    terminal: int
    drawn: str = ""
    _looked_at: int = 0

    def until(self, words: str, seconds: float = 30) -> None:
        """Wait for words that come after those that were waited for before."""
        deadline = time.monotonic() + seconds
        while (found := self.drawn.find(words, self._looked_at)) < 0:
            assert self._take(deadline - time.monotonic()), f"never shown: {words}\n{self.drawn}"
        self._looked_at = found + len(words)

    def type(self, keys: str) -> None:
        os.write(self.controller, keys.encode())

    def until_by_key(self, seconds: float = 10) -> None:
        """Wait until the terminal gives each key at once."""
        deadline = time.monotonic() + seconds
        while self.settings[3] & termios.ICANON:
            assert time.monotonic() < deadline
            time.sleep(0.01)

    def ended(self, seconds: float = 30) -> int:
        """Wait for the end, and return the exit code."""
        deadline = time.monotonic() + seconds
        while self.process.poll() is None:
            assert time.monotonic() < deadline, self.drawn
            self._take(0.05)
        while self._take(0):
            pass
        return self.process.returncode

    def ended_by(self, stop: Callable[[], None]) -> int:
        """Stop it at a question, and return the exit code.

        Once more if need be: ``input`` misses a signal that comes in the instant before it waits.
        """
        for _ in range(3):
            stop()
            deadline = time.monotonic() + 3
            while self.process.poll() is None and time.monotonic() < deadline:
                self._take(0.05)
            if self.process.poll() is not None:
                break
        return self.ended()

    @property
    def settings(self) -> list[Any]:
        return termios.tcgetattr(self.terminal)

    @property
    def unread(self) -> bool:
        """Whether something was typed that the shell would read next."""
        return bool(select.select([self.terminal], [], [], 0)[0])

    def _take(self, seconds: float) -> bool:
        if not select.select([self.controller], [], [], max(seconds, 0))[0]:
            return False
        self.drawn += _CONTROLS.sub("", os.read(self.controller, 65536).decode("utf-8", "replace"))
        return True


@contextmanager
def typed_terminal(
    arguments: list[str], environ: Mapping[str, str], *, columns: int = 100
) -> Iterator[TypedTerminal]:
    """Run a program as the leader of a terminal's session, and end it with the block."""
    controller, terminal = pty.openpty()
    termios.tcsetwinsize(terminal, (50, columns))
    with subprocess.Popen(
        [sys.executable, "-c", _OWNED, *arguments],
        env={"TERM": "xterm-256color", **environ},
        stdin=terminal,
        stdout=terminal,
        stderr=terminal,
        start_new_session=True,
    ) as process:
        try:
            yield TypedTerminal(process, controller, terminal)
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGKILL)
            os.close(controller)
            os.close(terminal)
