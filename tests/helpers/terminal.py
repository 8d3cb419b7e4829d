"""A real terminal for a program, what was drawn on it, and what then stands on its screen."""

import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import termios
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

import pyte


def on_a_terminal(arguments: list[str], environ: dict[str, str], *, columns: int = 120) -> str:
    """Run on a pseudo-terminal, and give all that was drawn."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    process = subprocess.Popen(
        arguments, env=environ | {"TERM": "xterm-256color"}, stdout=slave, stderr=slave, stdin=slave
    )
    os.close(slave)
    drawn = b""
    while True:
        try:
            chunk = os.read(master, 65536)
        except OSError:
            break
        if not chunk:
            break
        drawn += chunk
    process.wait(30)
    os.close(master)
    return drawn.decode("utf-8", "replace")


class Terminal:
    """A program on a terminal that is emulated, so that its screen can be read as it goes on."""

    def __init__(
        self, arguments: list[str], environ: dict[str, str], *, columns: int, lines: int = 40
    ) -> None:
        self.screen = pyte.HistoryScreen(columns, lines, history=1000)
        self._stream = pyte.ByteStream(self.screen)
        self.drawn = b""
        self._master, slave = pty.openpty()
        self._set_size(columns, lines)
        # The environment of other tests gives a number of columns, which is for pipes.
        environ = {"TERM": "xterm-256color"} | environ
        self.process = subprocess.Popen(
            arguments, env=environ, stdout=slave, stderr=slave, stdin=slave
        )
        os.close(slave)

    def _set_size(self, columns: int, lines: int) -> None:
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))

    @property
    def lines(self) -> list[str]:
        """What stands on the screen, without the blanks at the ends."""
        return "\n".join(line.rstrip() for line in self.screen.display).rstrip().split("\n")

    def colours(self, row: int) -> list[str]:
        """The colours of a line, one after the other."""
        cells = [self.screen.buffer[row][column] for column in range(self.screen.columns)]
        return [
            cell.fg
            for before, cell in zip([None, *cells], cells, strict=False)
            if before is None or before.fg != cell.fg
        ]

    def until(self, seen: Callable[[list[str]], bool], *, seconds: float = 30) -> list[str]:
        """Read on until something is seen, and return the screen with it."""
        deadline = time.monotonic() + seconds
        while not seen(self.lines):
            assert time.monotonic() < deadline, "\n".join(self.lines)
            assert self._read(deadline - time.monotonic()), "\n".join(self.lines)
        return self.lines

    def _read(self, seconds: float) -> bool:
        """Take what is drawn next; False at the end."""
        if not select.select([self._master], [], [], max(seconds, 0))[0]:
            return True
        try:
            chunk = os.read(self._master, 65536)
        except OSError:  # Linux says so of a terminal that nobody has open
            return False
        self.drawn += chunk
        self._stream.feed(chunk)
        return bool(chunk)

    def type(self, keys: str) -> None:
        """Press keys; the terminal echoes them where its cursor is."""
        os.write(self._master, keys.encode())

    def write(self, lines: Iterable[str]) -> None:
        """Write what another program on the same terminal does."""
        self._stream.feed("".join(f"{line}\r\n" for line in lines).encode())

    def resize(self, columns: int, *, folds: bool) -> None:
        """Make it as wide, and tell the program so; most terminals fold what stands there."""
        self._hold()
        rows = self.screen.display[: self.screen.cursor.y + 1]
        self._set_size(columns, self.screen.lines)
        self.screen.resize(self.screen.lines, columns)
        if folds:
            self.screen.reset()
            written = (row.rstrip() for row in rows)
            # A row that is exactly as wide leaves the cursor in it, and no empty one below.
            self._stream.feed("\r\n".join(written).encode())
        self.process.send_signal(signal.SIGCONT)
        self.process.send_signal(signal.SIGWINCH)

    def _hold(self) -> None:
        """Stop the program between two drawings, and take all that it has written.

        What it drew for the old width, read after the folding, would be debris of our own making.
        """
        self._read(1)
        self.process.send_signal(signal.SIGSTOP)
        os.waitid(os.P_PID, self.process.pid, os.WSTOPPED | os.WEXITED | os.WNOWAIT)
        while select.select([self._master], [], [], 0)[0] and self._read(0):
            pass

    def end(self) -> int:
        """Read on until the program ends, and return its exit code."""
        while self._read(30):
            pass
        return self.process.wait(30)

    def close(self) -> None:
        """End the program, if it has not."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait(30)
        os.close(self._master)


@contextmanager
def terminal(
    arguments: list[str], environ: dict[str, str], *, columns: int, lines: int = 40
) -> Iterator[Terminal]:
    """Run a program on a terminal until the block is left."""
    opened = Terminal(arguments, environ, columns=columns, lines=lines)
    try:
        yield opened
    finally:
        opened.close()
