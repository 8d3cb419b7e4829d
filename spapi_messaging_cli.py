"""The program ``spapi-messaging`` from its first moment on: who stops it reads one line.

It stands beside the package, whose import takes most of the time in which nothing can be caught
inside of it. Nothing is under way yet, so that there is nothing to wind down.
"""

import importlib
import os
import signal
from contextlib import suppress

_STOPPED = 130


def main() -> None:
    """Run the command line."""
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):  # Windows has no SIGHUP
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _leave)
    importlib.import_module("spapi_messaging.cli").main()


def _leave(*_: object) -> None:
    with suppress(OSError):
        os.write(2, b"spapi-messaging: stopped; nothing was sent\n")
    # An exception could come up inside of an import, where it is told of as something else.
    os._exit(_STOPPED)
