"""The commands of ``spapi-messaging`` as one program.

Whatever happens in it, it ends with one line and a code. The commands tell what they expect to go
wrong. The rest is caught here: what click says of an argument, an interrupt, a file system, and
last a fault of our own, whose traceback is for those who ask for it. The journal knows by then
what was sent: a run winds down before its error comes here.
"""

import asyncio
import os
import platform
import re
import signal
import sys
import threading
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, ClassVar

import typer

from spapi_messaging.cli.commands import COMMANDS, EXIT_CODES, PROGRAM_CODES
from spapi_messaging.cli.hints import PROGRAM
from spapi_messaging.cli.jobfile import JOB_CELLS
from spapi_messaging.cli.pages import Command, Program, first_sentence
from spapi_messaging.cli.settings import (
    DONE,
    FAULT,
    INVALID,
    REFUSED,
    STOPPED,
    die_by_all,
    fail,
    guard_screen,
    interrupt_by_all,
    say,
    tell_fault,
)

_COMPLETES = "_SPAPI_MESSAGING_COMPLETE"
"""What a shell sets where it asks for completions."""
_LONGEST = 100
_PLAIN = tuple(
    (re.compile(pattern), words)
    for pattern, words in (
        ("Value error, ", ""),
        ("Input should be a valid integer.*", "it must be a whole number"),
        ("Input should be a valid number.*", "it must be a number"),
        ("Input should be ", "it must be "),
        ("greater than or equal to", "at least"),
        ("less than or equal to", "at most"),
    )
)
"""Whatever typer's own library says of a value, and what it means."""
_WILDCARD = (
    ": put what has a * into quotes, such as 'invoices/*{order_id}*.pdf', "
    "or the shell puts all files in its place"
)


_IN_JSON = (
    "The same names. attachments is a list; fields is an object that fills the text; text may be "
    "an object of languages, with default_language."
)


class SpokenProgram(Program):
    """The program, which says that it was stopped: typer makes an exit code of that, silently."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            fail("stopped", STOPPED)


class CommandOfBulk(Command):
    """The page of ``bulk``, which also says what a file of jobs has."""

    more: ClassVar = {
        "Columns of a file of jobs": [
            *((name, cell.meaning) for name, cell in JOB_CELLS.items()),
            ("any other", "Fills the text, in which it is named as $any_other."),
            ("in JSON", _IN_JSON),
        ],
    }


def _coded(codes: Mapping[int, str]) -> str:
    return "\n".join(f"{code} {meaning}" for code, meaning in codes.items())


def _tell_version(asked: bool) -> None:
    from importlib.metadata import version

    if asked:
        print(f"{PROGRAM} {version(PROGRAM)} (Python {platform.python_version()})")
        raise typer.Exit


app = typer.Typer(
    cls=SpokenProgram,
    help="Write to Amazon buyers: ask what an order permits, and send at most once.",
    epilog=_coded(PROGRAM_CODES),
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

for group, commands in COMMANDS.items():
    for command in commands:
        app.command(
            cls=CommandOfBulk if command.__name__ == "bulk" else Command,
            rich_help_panel=group,
            short_help=first_sentence(command.__doc__),
            epilog=_coded(EXIT_CODES[command.__name__]),
        )(command)


@app.callback()
def _program(
    *,
    version: Annotated[
        bool,
        typer.Option("--version", is_eager=True, callback=_tell_version, help="Show the version."),
    ] = False,
) -> None:
    pass


def run_program(arguments: Sequence[str] | None = None) -> int:
    """Run a command line, by default that of this process, and return its exit code."""
    interrupt_by_all()
    guard_screen()
    if _COMPLETES in os.environ:
        # A shell takes each line for one word: what a word means must not be folded into two.
        os.environ["COLUMNS"] = str(sys.maxsize)
    sys.unraisablehook = lambda found: _unraisable(found.exc_value)
    threading.excepthook = lambda found: tell_fault(found.exc_value)
    try:
        return _run(arguments)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        die_by_all()


def _unraisable(error: BaseException | None) -> None:
    """Tell of what nobody could catch; an interrupt that came at such a moment comes again."""
    if isinstance(error, KeyboardInterrupt):
        signal.raise_signal(signal.SIGINT)
    else:
        tell_fault(error)


def _run(arguments: Sequence[str] | None) -> int:
    try:
        # Not standalone: click would end an interrupt, a usage error and a broken pipe by itself.
        code = app(args=arguments, prog_name=PROGRAM, standalone_mode=False)
    except typer.Abort:
        say("stopped")
        return REFUSED
    except (KeyboardInterrupt, asyncio.CancelledError):
        say("stopped")
        return STOPPED
    except Exception as error:  # noqa: BLE001  # the last net: no traceback for a user
        return _told(error, sys.argv[1:] if arguments is None else arguments)
    return code if isinstance(code, int) else DONE


def _told(error: Exception, arguments: Sequence[str]) -> int:
    """Tell what is wrong with the arguments, or of a fault of our own."""
    if isinstance(error, OSError) and isinstance(error.filename, str):
        say(f"{error.filename}: {error.strerror}")
        return INVALID
    words = getattr(error, "format_message", None)  # click's own, which typer may bring along
    if words is None:
        tell_fault(error)
        return FAULT
    context = getattr(error, "ctx", None)
    # An option without its value is found before click knows of which command it is.
    names = {one.__name__ for commands in COMMANDS.values() for one in commands}
    named = " ".join([PROGRAM, *(word for word in arguments[:1] if word in names)])
    page = getattr(context, "command_path", named)
    taken = {one.name for one in context.command.params} if context else set()
    message = _explained(_plain(str(words())), takes_patterns="attach" in taken)
    if type(error).__name__ == "NoArgsIsHelpError":
        typer.echo(message, err=True)  # which takes colours off where no terminal is
    else:
        say(f"{message.rstrip('.')}; see: {page} --help")
    return getattr(error, "exit_code", INVALID)


def _plain(message: str) -> str:
    """Say what a value must be without the words of the library that reads it."""
    for pattern, words in _PLAIN:
        message = pattern.sub(words, message)
    return message


def _explained(message: str, *, takes_patterns: bool) -> str:
    """Say what to do about words too many: mostly a shell made them of one with a wildcard."""
    words = message.partition("unexpected extra argument")[2].partition(" (")[2]
    if not words:
        return message
    shown = words if len(words) <= _LONGEST else f"{words[:_LONGEST]}…)"
    return f"words too many{_WILDCARD if takes_patterns else ''} ({shown}"
