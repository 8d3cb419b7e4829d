"""A real terminal for a program, and what was drawn on it."""

import fcntl
import os
import pty
import struct
import subprocess
import termios


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
