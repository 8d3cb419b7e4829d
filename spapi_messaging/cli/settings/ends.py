"""How a command runs and ends.

The law of ``run``: whatever asks the program to stop (Ctrl-C, ``kill``, a terminal that is closed)
is one thing. What is under way is finished and written down, so that no message is left in doubt;
who asks twice stops it now, and has the doubts in the journal. What was told to be ignored, as
``nohup`` does with SIGHUP, is. What does not run on a loop is broken off by KeyboardInterrupt,
whichever signal came.
"""

import asyncio
import signal
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any, NoReturn, TypeVar

import attrs
import typer

from spapi_messaging.cli.settings.screen import is_lost, say, tell_fault
from spapi_messaging.cli.words import told
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
_NOW = 2
"""The signal that ends what is being finished."""


@attrs.define
class Stop:
    """How a command is asked to stop, and what it says of that."""

    is_told: bool = False
    """Whether the command itself has said how it ended."""
    _again: str = attrs.field(default="Ctrl-C again", init=False)

    def came(self, name: str) -> None:
        """Take notice of a signal."""
        self._again = "Ctrl-C again" if name == "SIGINT" else "a second signal"

    def tell_under_way(self, count: int, grace: float) -> None:
        """Say at once what is waited for, for how many seconds, and how to wait no longer."""
        if not count:
            say("stopping; nothing is under way")
            return
        left = "leaves it in doubt" if count == 1 else "leaves them in doubt"
        say(f"finishing {count:,} under way, up to {grace:g} s; {self._again} stops now and {left}")


def run(work: Coroutine[Any, Any, T], stop: Stop | None = None) -> T:
    """Run to the end, or say what happened and leave with the exit code for it."""
    stop = stop or Stop()
    try:
        with _handlers_kept():
            return asyncio.run(_until_stopped(work, stop))
    except (KeyboardInterrupt, asyncio.CancelledError):
        if stop.is_told:
            raise typer.Exit(STOPPED) from None
        fail("stopped", STOPPED)
    except (InvalidMessageError, UntrustedLinkError) as error:
        fail(told(error), INVALID)
    except InDoubtError as error:
        fail(told(error), IN_DOUBT)
    except JournalError as error:
        fail(told(error), INVALID)
    except AuthorizationError as error:
        # What a file or the environment lacks is for the user to give, and no refusal.
        fail(told(error), INVALID if error.error == "missing_credentials" else REFUSED)
    except MessagingError as error:
        fail(told(error), REFUSED)


async def _until_stopped(work: Coroutine[Any, Any, T], stop: Stop) -> T:
    """Let the first signal to stop cancel the work, and the second one end it now.

    A third one changes nothing: it would break off what is written down of that end. A terminal
    that is closed asks once, though both the system and the shell send SIGHUP for it.
    """
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    count, is_hung_up = 0, False

    def asked(name: str) -> None:
        nonlocal count, is_hung_up
        if is_hung_up and name == "SIGHUP":
            return
        is_hung_up = is_hung_up or name == "SIGHUP"
        count += 1
        if task is None or task.done() or count == _NOW:
            raise KeyboardInterrupt
        if count == 1:
            stop.came(name)
            task.cancel()

    for name, number in _heeded():
        # Windows has no signal handlers here, and no thread but the main one has any.
        with suppress(NotImplementedError, RuntimeError, ValueError):
            loop.add_signal_handler(number, partial(asked, name))
    loop.set_exception_handler(_tell_nobodys)
    return await work


def interrupt_by_all() -> None:
    """Let each signal to stop break off what runs, as Ctrl-C does; once, at the start."""
    for _, number in _heeded():
        signal.signal(number, signal.default_int_handler)


def die_by_all() -> None:
    """Let each signal to stop end the process: there is nothing to wind down any more."""
    for _, number in _heeded():
        with suppress(ValueError):
            signal.signal(number, signal.SIG_DFL)


def _heeded() -> Iterator[tuple[str, signal.Signals]]:
    """Yield the signals to stop that there are and that are not to be ignored."""
    for name in _STOPS:
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
            yield name, number


@contextmanager
def _handlers_kept() -> Iterator[None]:
    """Put the handlers back that a loop takes away at its end."""
    handlers = [(number, signal.getsignal(number)) for _, number in _heeded()]
    kept = [(number, handler) for number, handler in handlers if handler is not None]
    try:
        yield
    finally:
        for number, handler in kept:
            with suppress(ValueError):
                signal.signal(number, handler)


def _tell_nobodys(_: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Tell of an error that no task was asked for; a connection that ended late is none."""
    error = context.get("exception")
    if not isinstance(error, OSError):
        tell_fault(error)


def leave(code: int) -> NoReturn:
    """Leave with an exit code, which is no success if what was to be shown got lost."""
    raise typer.Exit(REFUSED if is_lost() else code)


def fail(message: str, code: int) -> NoReturn:
    """Say what is wrong and leave with an exit code."""
    say(message)
    raise typer.Exit(code)
