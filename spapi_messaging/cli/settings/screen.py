"""What reaches a person: clean lines on standard output and standard error.

The law: **output that fails stops nothing.** A run writes to buyers; that somebody closed the
pipe it tells about it, that a disk is full or a terminal gone, is no reason to leave messages in
doubt. So at the program's start both streams are put behind a guard. What an encoding has not is
written with backslashes; the first write that fails is told on standard error, once, and what
follows goes nowhere. The exit code stays that of the work.

And every word that comes from outside (Amazon's, a file's, a journal's, an argument's) is cleaned
where it is printed, though it should have been where it was taken in (``redaction``): by ``say``
and ``tell`` for lines, by ``shown`` for a cell of a table, which is then no markup either.
"""

import codecs
import os
import sys
import textwrap
import traceback
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, TextIO, cast

import attrs
from rich.console import Console
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from spapi_messaging.cli.pages import command_lines
from spapi_messaging.redaction import describe_failure, printable

_MAX_COLUMNS = 1000
_MIN_READ, _MAX_READ = 20, 100
"""Columns of a line that is read with ease."""
_UNBOUNDED = 10_000
"""Columns that no table has."""
_SIZES = ("COLUMNS", "LINES")
_SPELLED = {"…": "...", "·": "-"}
"""Our own signs, where an encoding has them not."""
_ERRORS = "spapi-messaging"
"""How Python calls the way in which we write what an encoding has not."""


def say(message: str) -> None:
    """Tell the user something beside the results, on standard error; a terminal gets it folded."""
    line = f"spapi-messaging: {printable(message)}"
    if sys.stderr.isatty():
        # A path or a command that is longer than a line is left whole, to be copied.
        width = console(stderr=True).width
        line = textwrap.fill(
            line,
            min(max(width, _MIN_READ), _MAX_READ),
            subsequent_indent="  ",
            break_long_words=False,
            break_on_hyphens=False,
        )
    sys.stderr.write(f"{line}\n")  # at once: between two writes a live view draws itself


def tell_fault(error: BaseException | None) -> None:
    """Tell of a fault of this program itself; its traceback is for who asks for it."""
    if os.environ.get("SPAPI_MESSAGING_DEBUG") and error is not None:
        traceback.print_exception(error)
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    what = "unknown" if error is None else describe_failure(error)
    hint = "set SPAPI_MESSAGING_DEBUG=1 for its traceback, and report it"
    say(f"a fault of spapi-messaging itself: {what}{_place(error)}; {hint}")


def _place(error: BaseException | None) -> str:
    """Name the last line of this package that was on the way to an error."""
    frames = traceback.extract_tb(error.__traceback__ if error else None)
    own = [frame for frame in frames if "spapi_messaging" in Path(frame.filename).parts]
    return f" in {Path(own[-1].filename).name}, line {own[-1].lineno}" if own else ""


def tell(console: Console, line: str) -> None:
    """Print one line as it is: without markup, colours and folds."""
    console.print(printable(line), markup=False, highlight=False, soft_wrap=True, emoji=False)


def folded(console: Console, text: str, indent: str = "") -> Iterator[str]:
    """Fold a sentence for the eyes at a terminal; whoever reads from a pipe looks for it whole."""
    if not console.is_terminal:
        return iter([text])
    return wrapped(text, min(console.width, _MAX_READ), indent)


def offered(console: Console, command: str, indent: str = "  ") -> Iterator[str]:
    """Lay out a command to be copied: at a terminal no line of it is broken by the screen."""
    if not console.is_terminal or os.name == "nt":
        return iter([f"{indent}{command}"])
    return command_lines(printable(command), console.width, indent=indent)


def tell_folded(console: Console, text: str, indent: str = "") -> None:
    """Print a sentence, folded for the eyes at a terminal; further lines get an indent."""
    for line in folded(console, text, indent):
        tell(console, line)


def offer(console: Console, command: str) -> None:
    """Print a command to be copied, on lines of its own."""
    for line in offered(console, command):
        tell(console, line)


def wrapped(text: str, width: int, indent: str) -> Iterator[str]:
    """Fold a sentence into so many columns, of which some characters take two.

    Further lines get an indent.
    """
    text, width = printable(text).rstrip(), max(width, _MIN_READ)
    lines, done = Console(width=width), ""
    while text:
        line = Text(text).wrap(lines, width - len(done))[0].plain
        yield f"{done}{line.rstrip()}"
        text, done = text[len(line) :].lstrip(), indent


def shown(words: str) -> Text:
    """Return words from outside as a cell of a table."""
    return Text(printable(words))


def console(*, columns: int = 120, stderr: bool = False) -> Console:
    """Return a console as wide as its terminal; where it is none, as ``COLUMNS`` or as told."""
    stream = sys.stderr if stderr else sys.stdout
    return Console(stderr=stderr, width=None if stream.isatty() else _size("COLUMNS") or columns)


def _size(name: str) -> int | None:
    """Return what the environment says of the terminal's size, if it makes sense."""
    value = os.environ.get(name, "")
    is_number = value.isascii() and value.isdigit() and len(value) <= len(str(_MAX_COLUMNS))
    return (min(int(value), _MAX_COLUMNS) or None) if is_number else None


@attrs.define(eq=False)
class Guarded:
    """A stream whose failures stop nobody."""

    _stream: TextIO | None
    """None where it was closed before the program began."""
    _tells: bool
    """Whether its loss is told; that of standard error is to nobody."""
    lost: bool = attrs.field(default=False, init=False)

    def write(self, text: str) -> int:
        """Write, or lose it."""
        if self._stream is None and text:
            self._lose("it is closed")
        elif self._stream is not None and not self.lost:
            try:
                return self._stream.write(text)
            except (OSError, ValueError) as error:
                self._lose(_why(error))
        return len(text)

    def flush(self) -> None:
        """Write what is kept back, or lose it."""
        if self._stream is not None and not self.lost:
            try:
                self._stream.flush()
            except (OSError, ValueError) as error:
                self._lose(_why(error))

    def isatty(self) -> bool:
        """Whether a person looks at it."""
        with suppress(OSError, ValueError):
            return self._stream is not None and not self.lost and self._stream.isatty()
        return False

    def _lose(self, why: str) -> None:
        if self.lost:
            return
        self.lost = True
        if self._stream is not None:
            # What is kept back would be tried again at the interpreter's end, and fail aloud.
            with suppress(OSError, ValueError):
                nowhere = os.open(os.devnull, os.O_WRONLY)
                os.dup2(nowhere, self._stream.fileno())
                os.close(nowhere)
        if self._tells:
            say(f"standard output cannot be written ({why}); what follows is not shown")

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream or sys.__stderr__, name)


def _why(error: Exception) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or "it is closed"


def _spell(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    character = error.object[error.start]
    escaped = character.encode("ascii", "backslashreplace").decode()
    return _SPELLED.get(character, escaped), error.start + 1


codecs.register_error(_ERRORS, _spell)


def as_written(text: str, encoding: str) -> str:
    """Return a text as a stream of that encoding shows it."""
    return text.encode(encoding, _ERRORS).decode(encoding)


def guard_screen() -> None:
    """Make standard output and standard error such that they fail nobody; once, at the start."""
    _fill_closed()
    if sys.stdin is None:
        sys.stdin = open(os.devnull, encoding="utf-8")  # noqa: PTH123, SIM115  # it lives as long as the program
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            with suppress(AttributeError, ValueError, OSError):
                cast("Any", stream).reconfigure(errors=_ERRORS)
    sys.stdout = cast("TextIO", Guarded(sys.stdout, tells=True))
    sys.stderr = cast("TextIO", Guarded(sys.stderr, tells=False))
    for name in _SIZES:
        if name in os.environ and not _size(name):
            del os.environ[name]


def _fill_closed() -> None:
    """Open what was closed, or the next file or socket would be taken for the terminal."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            with suppress(OSError):
                os.open(os.devnull, os.O_RDWR)  # takes the lowest number that is free


def is_lost(*, so_far: bool = False) -> bool:
    """Say whether a part of standard output got lost; ``export`` must say so by its exit code.

    ``so_far``: of what was written out by itself, which is quickly known.
    """
    if not so_far:
        sys.stdout.flush()
    return getattr(sys.stdout, "lost", False)


def fits(screen: Console, table: Table) -> bool:
    """Say whether a table has room for all of its words."""
    # A measurement ends where its options do: by those of the screen, every table fits.
    unbounded = screen.options.update(max_width=_UNBOUNDED)
    return Measurement.get(screen, unbounded, table).maximum <= screen.width
