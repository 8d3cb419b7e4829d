"""A key of the terminal, whichever it is and without Enter."""

import asyncio
import os
import sys
from contextlib import suppress


def has_person() -> bool:
    """Say whether somebody looks at standard output and can press a key."""
    is_terminal = sys.stdin is not None and sys.stdin.isatty() and sys.stdout.isatty()
    return is_terminal and not _is_in_background()


if sys.platform == "win32":
    import msvcrt

    def _is_in_background() -> bool:
        return False

    async def any_key() -> None:
        """Wait for a key that is pressed from now on; Ctrl-C is one, too."""
        await asyncio.to_thread(_wait)

    def _wait() -> None:
        while msvcrt.kbhit():  # typed before
            msvcrt.getwch()
        if msvcrt.getwch() in "\x00\xe0":  # the first half of an arrow key
            msvcrt.getwch()

else:
    import termios

    _BY_LINE = termios.ICANON | termios.ECHO | termios.ISIG
    """What a terminal does with keys by itself: wait for Enter, show them, make signals of some."""

    def _is_in_background() -> bool:
        """Say whether it runs behind a shell, which lets it read nothing from the terminal."""
        with suppress(OSError):  # there is no shell
            return os.tcgetpgrp(sys.stdin.fileno()) != os.getpgrp()
        return False

    async def any_key() -> None:
        """Wait for a key that is pressed from now on; Ctrl-C is one, too.

        The terminal is left as it was, whatever ends the wait.
        """
        keyboard, pressed = sys.stdin.fileno(), asyncio.Event()
        before = termios.tcgetattr(keyboard)
        by_key = [*before[:3], before[3] & ~_BY_LINE, *before[4:]]
        # Flushed both times: what was typed before is no answer, and of an arrow key, which is
        # three characters, nothing is left for the shell.
        termios.tcsetattr(keyboard, termios.TCSAFLUSH, by_key)
        loop = asyncio.get_running_loop()
        try:
            loop.add_reader(keyboard, pressed.set)
            await pressed.wait()
        finally:
            loop.remove_reader(keyboard)
            with suppress(termios.error):  # it is gone
                termios.tcsetattr(keyboard, termios.TCSAFLUSH, before)
