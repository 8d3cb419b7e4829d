"""How a command runs and ends.

The law of ``run``: whatever asks the program to stop (Ctrl-C, ``kill``, a terminal that is closed)
is one thing. What is under way is finished and written down, so that no message is left in doubt;
who asks twice stops it now, and has the doubts in the journal. What was told to be ignored, as
``nohup`` does with SIGHUP, is.
"""

import asyncio
import signal
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any, NoReturn, TypeVar

import typer

from spapi_messaging.cli.settings.screen import say, tell_fault
from spapi_messaging.errors import (
    AuthorizationError,
    InDoubtError,
    InvalidMessageError,
    JournalError,
    MessagingError,
    UntrustedLinkError,
)

T = TypeVar("T")

DONE, REFUSED, INVALID, IN_DOUBT, FAULT, STOPPED = 0, 1, 2, 3, 70, 130
"""FAULT is sysexits.h's EX_SOFTWARE: none of the others may be taken for it."""

_STOPS = ("SIGINT", "SIGTERM", "SIGHUP")
"""SIGHUP: the terminal is gone. Windows has the first alone."""


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run to the end, or say what happened and leave with the exit code for it."""
    try:
        return asyncio.run(_until_stopped(work))
    except (KeyboardInterrupt, asyncio.CancelledError):
        fail("stopped", STOPPED)
    except (InvalidMessageError, UntrustedLinkError) as error:
        fail(str(error), INVALID)
    except InDoubtError as error:
        fail(str(error), IN_DOUBT)
    except JournalError as error:
        fail(str(error), INVALID)
    except AuthorizationError as error:
        # What a file or the environment lacks is for the user to give, and no refusal.
        fail(str(error), INVALID if error.error == "missing_credentials" else REFUSED)
    except MessagingError as error:
        fail(str(error), REFUSED)


async def _until_stopped(work: Coroutine[Any, Any, T]) -> T:
    """Let each signal to stop cancel the work once; the second one ends it now."""
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    is_asked = False

    def stop() -> None:
        nonlocal is_asked
        if is_asked or task is None:
            raise KeyboardInterrupt
        is_asked = True
        task.cancel()

    for name in _STOPS:
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
            # Windows has no signal handlers here, and no thread but the main one has any.
            with suppress(NotImplementedError, RuntimeError, ValueError):
                loop.add_signal_handler(number, stop)
    loop.set_exception_handler(_tell_nobodys)
    return await work


def _tell_nobodys(_: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Tell of an error that no task was asked for; a connection that ended late is none."""
    error = context.get("exception")
    if not isinstance(error, OSError):
        tell_fault(error)


def fail(message: str, code: int) -> NoReturn:
    """Say what is wrong and leave with an exit code."""
    say(message)
    raise typer.Exit(code)
