"""What is redrawn in place, for as long as the terminal is ours: Ctrl-Z gives it to the shell.

The shell gets its cursor back, which a drawing hides. What it and other programs write meanwhile
stays: after ``fg`` the drawing goes on below it, and after ``bg`` only its end is drawn.

No line is wider than the terminal: one that the terminal folds is one that the next drawing does
not take back. When it becomes narrower, most terminals fold what stands there already, and what
that adds is taken back, too.
"""

import asyncio
import os
import signal
import sys
from collections.abc import Callable
from contextlib import suppress

import attrs
from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.control import Control
from rich.live import Live
from rich.segment import ControlType, Segment

from spapi_messaging.cli.settings import as_written

_SUSPEND = "SIGTSTP"
"""What Ctrl-Z sends. Windows has no such signal."""
_FOLD_NOTHING = frozenset({"XTERM_VERSION", "STY"})
"""What xterm and GNU screen set, which cut lines where others fold them."""


@attrs.define(eq=False)
class _Region:
    """What is drawn, and how wide its lines were when it was."""

    content: Callable[[], RenderableType]
    widths: list[int] = attrs.field(factory=list, init=False)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        lines = console.render_lines(self.content(), options, pad=False)
        if options.ascii_only:
            lines = [_written(line, console) for line in lines]
        self.widths = [Segment.get_line_length(line) for line in lines]
        for line in lines:
            yield from line
            yield Segment.line()

    def folds(self, width: int) -> int:
        """Return how many lines more there are at a width."""
        return sum(max(line - 1, 0) // width for line in self.widths)


@attrs.define
class Drawing:
    """A live display, made anew each time it takes the terminal; for the thread of a loop.

    ``content`` is asked for what is drawn each time. If it ``is_alone``, it leaves nothing behind,
    and standard output is not its own: what is printed there may go to a file.
    """

    _console: Console
    _content: Callable[[], RenderableType]
    _is_alone: bool = attrs.field(default=False, kw_only=True)
    _region: _Region = attrs.field(init=False)
    _live: Live | None = attrs.field(default=None, init=False)
    _loop: asyncio.AbstractEventLoop | None = attrs.field(default=None, init=False)
    """The one that tells of Ctrl-Z; None where nothing does."""

    def __attrs_post_init__(self) -> None:
        self._region = _Region(self._content)

    def start(self) -> None:
        """Take the terminal."""
        self._fit()
        self._heed()
        self._take()

    def refresh(self) -> None:
        """Draw it anew, unless the terminal is another program's now."""
        if self._live is None and not _is_ours(self._console):
            return
        self._fit()
        self._take().refresh()

    def stop(self) -> None:
        """Draw it for the last time."""
        if self._loop is not None:
            self._loop.remove_signal_handler(getattr(signal, _SUSPEND))
        self._fit()
        self._take()
        self._leave()

    def _take(self) -> Live:
        if self._live is None:
            # Redrawn by its owner's loop: rich's thread would read counts while they change. Lines
            # on standard error go above it, but only if they come to a terminal at all.
            self._live = Live(
                get_renderable=lambda: self._region,
                console=self._console,
                auto_refresh=False,
                transient=self._is_alone,
                redirect_stdout=not self._is_alone,
                redirect_stderr=sys.stderr.isatty(),
            )
            self._live.start()
        return self._live

    def _leave(self) -> None:
        live, self._live = self._live, None
        if live is not None:
            live.stop()

    def _fit(self) -> None:
        """Take the terminal's size of now: what the environment says is no reason to fold lines."""
        with suppress(OSError, ValueError):
            columns, lines = os.get_terminal_size(self._console.file.fileno())
            if not columns or not lines:  # a terminal that does not know
                return
            width = min(columns, int(os.environ.get("COLUMNS", columns)))
            if width < self._console.width and not _FOLD_NOTHING & os.environ.keys():
                back = (ControlType.ERASE_IN_LINE, 2), (ControlType.CURSOR_UP, 1)
                self._console.control(Control(*back * self._region.folds(columns)))
            self._console.size = (width, lines)

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


def _written(line: list[Segment], console: Console) -> list[Segment]:
    """Cut a line that becomes longer where it is written in another way: it would be folded."""
    written = [
        segment._replace(text=as_written(segment.text, console.encoding)) for segment in line
    ]
    return Segment.adjust_line_length(written, console.width, pad=False)
