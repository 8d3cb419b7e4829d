"""Command lines on a terminal that is theirs, so that a key there stops them."""

import fcntl
import os
import pty
import struct
import subprocess
import termios
from collections.abc import Callable

CTRL_C = b"\x03"


def typed_at(
    arguments: list[str],
    environ: dict[str, str],
    *,
    when: Callable[[str], bool],
    keys: bytes = CTRL_C,
    columns: int = 80,
) -> tuple[str, int]:
    """Run on a terminal, type once what was drawn suits, and return all that was drawn."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    process = subprocess.Popen(
        ["/usr/bin/setsid", "--ctty", *arguments],
        env=environ | {"TERM": "xterm-256color"},
        stdin=slave,
        stdout=slave,
        stderr=slave,
    )
    os.close(slave)
    drawn, is_typed = b"", False
    try:
        while chunk := _read(master):
            drawn += chunk
            if not is_typed and when(drawn.decode("utf-8", "replace")):
                is_typed = True
                os.write(master, keys)
        return drawn.decode("utf-8", "replace"), process.wait(30)
    finally:
        process.kill()
        process.wait()
        os.close(master)


def _read(master: int) -> bytes:
    try:
        return os.read(master, 65536)
    except OSError:  # the last program that had it has ended
        return b""
