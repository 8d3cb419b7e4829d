"""The commands of ``spapi-messaging`` as one program.

Whatever happens in it, it ends with one line and a code. The commands tell what they expect to go
wrong. The rest is caught here: what click says of an argument, an interrupt, a file system, and
last a fault of our own, whose traceback is for those who ask for it. The journal knows by then
what was sent: a run winds down before its error comes here.
"""

import asyncio
import signal
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress

import typer

from spapi_messaging.cli.commands import COMMANDS
from spapi_messaging.cli.settings import (
    DONE,
    FAULT,
    INVALID,
    REFUSED,
    STOPPED,
    guard_screen,
    say,
    tell_fault,
)

NAME = "spapi-messaging"
_LONGEST = 100
_TOO_MANY = (
    "words too many: put what has a * into quotes, such as 'invoices/*{order_id}*.pdf', "
    "or the shell puts all files in its place"
)

app = typer.Typer(
    help="Write to Amazon buyers: ask what an order permits, and send at most once.",
    epilog="Exit codes: 0 all sent or skipped, 1 some refused (now or by an earlier run) or not "
    "sent, 2 invalid input, 3 some in doubt, 70 a fault of this program itself, 130 stopped.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

for command in COMMANDS:
    app.command()(command)


def run_program(arguments: Sequence[str] | None = None) -> int:
    """Run a command line, by default that of this process, and return its exit code."""
    guard_screen()
    sys.unraisablehook = lambda found: tell_fault(found.exc_value)
    threading.excepthook = lambda found: tell_fault(found.exc_value)
    try:
        return _run(arguments)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        # From here on there is nothing to wind down, and nobody to tell.
        with suppress(ValueError):
            signal.signal(signal.SIGINT, signal.SIG_DFL)


def _run(arguments: Sequence[str] | None) -> int:
    try:
        # Not standalone: click would end an interrupt, a usage error and a broken pipe by itself.
        code = app(args=arguments, prog_name=NAME, standalone_mode=False)
    except typer.Abort:
        say("stopped")
        return REFUSED
    except (KeyboardInterrupt, asyncio.CancelledError):
        say("stopped")
        return STOPPED
    except Exception as error:  # noqa: BLE001  # the last net: no traceback for a user
        return _told(error)
    return code if isinstance(code, int) else DONE


def _told(error: Exception) -> int:
    """Tell what is wrong with the arguments, or of a fault of our own."""
    if isinstance(error, OSError) and isinstance(error.filename, str):
        say(f"{error.filename}: {error.strerror}")
        return INVALID
    words = getattr(error, "format_message", None)  # click's own, which typer may bring along
    if words is None:
        tell_fault(error)
        return FAULT
    message, context = _explained(str(words())), getattr(error, "ctx", None)
    if type(error).__name__ == "NoArgsIsHelpError":
        print(message, file=sys.stderr)
    else:
        say(f"{message.rstrip('.')}; see: {getattr(context, 'command_path', NAME)} --help")
    return getattr(error, "exit_code", INVALID)


def _explained(message: str) -> str:
    """Say what to do about words too many: mostly a shell made them of one with a wildcard."""
    words = message.partition("unexpected extra argument")[2].partition(" (")[2]
    if not words:
        return message
    shown = words if len(words) <= _LONGEST else f"{words[:_LONGEST]}…)"
    return f"{_TOO_MANY} ({shown}"
