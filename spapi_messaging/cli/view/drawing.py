"""What is redrawn in place, for as long as the terminal is ours: Ctrl-Z gives it to the shell.

The shell gets its cursor back, which a drawing hides. What it and other programs write meanwhile
stays: after ``fg`` the drawing goes on below it, and after ``bg`` only its end is drawn.
"""

import asyncio
import os
import signal
from collections.abc import Callable
from contextlib import suppress

import attrs
from rich.console import Console
from rich.live import Live

_SUSPEND = "SIGTSTP"
"""What Ctrl-Z sends. Windows has no such signal."""


@attrs.define
class Drawing:
    """A live display, made anew each time it takes the terminal; for the thread of a loop."""

    _console: Console
    _make: Callable[[], Live]
    _live: Live | None = attrs.field(default=None, init=False)
    _loop: asyncio.AbstractEventLoop | None = attrs.field(default=None, init=False)
    """The one that tells of Ctrl-Z; None where nothing does."""

    def start(self) -> None:
        """Take the terminal."""
        self._heed()
        self._take()

    def refresh(self) -> None:
        """Draw it anew, unless the terminal is another program's now."""
        if self._live is None and not _is_ours(self._console):
            return
        self._take().refresh()

    def stop(self) -> None:
        """Draw it for the last time."""
        if self._loop is not None:
            self._loop.remove_signal_handler(getattr(signal, _SUSPEND))
        self._take()
        self._leave()

    def _take(self) -> Live:
        if self._live is None:
            self._live = self._make()
            self._live.start()
        return self._live

    def _leave(self) -> None:
        live, self._live = self._live, None
        if live is not None:
            live.stop()

    def _heed(self) -> None:
        number = getattr(signal, _SUSPEND, None)
        if number is None or signal.getsignal(number) is signal.SIG_IGN:
            return
        # No thread but the main one has signals, and no loop of Windows.
        with suppress(NotImplementedError, RuntimeError, ValueError):
            loop = asyncio.get_running_loop()
            loop.add_signal_handler(number, self._suspend, number)
            self._loop = loop

    def _suspend(self, number: int) -> None:
        """Leave the terminal, and let the signal do what it does; this goes on after SIGCONT."""
        self._leave()
        if self._loop is not None:
            self._loop.remove_signal_handler(number)
        signal.raise_signal(number)
        self._heed()


def _is_ours(console: Console) -> bool:
    """Say whether the shell has us in the foreground; a terminal that has no shell is ours."""
    with suppress(OSError, ValueError, AttributeError):
        return os.tcgetpgrp(console.file.fileno()) == os.getpgrp()
    return True
