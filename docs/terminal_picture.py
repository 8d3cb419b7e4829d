"""A command on a terminal, as a picture: a pseudo-terminal, an emulator that reads it, and SVG.

The emulator is pyte's; the SVG is rich's, without the web fonts that its template loads.
"""

import inspect
import io
import os
import pty
import re
import select
import subprocess
import termios
from collections.abc import Iterator, Mapping
from itertools import groupby
from pathlib import Path

import pyte
from pyte.screens import Char
from rich.color import parse_rgb_hex
from rich.console import Console
from rich.style import Style
from rich.terminal_theme import TerminalTheme
from rich.text import Text

_COLOURS = {
    "light": (
        "ffffff 1f2328",
        "24292f cf222e 116329 8a5a00 0969da 8250df 1b7c83 656d76",
        "656d76 a40e26 1a7f37 7a4e00 0969da 8250df 1b7c83 59636e",
    ),
    "dark": (
        "0d1117 e6edf3",
        "484f58 ff7b72 3fb950 d29922 58a6ff bc8cff 39c5cf b1bac4",
        "8b949e ffa198 56d364 e3b341 79c0ff d2a8ff 56d4dd ffffff",
    ),
}
"""Paper and ink, then black, red, green, yellow, blue, magenta, cyan and white, dull and bright."""
_FONTS = 'ui-monospace, "SFMono-Regular", Menlo, Consolas, "DejaVu Sans Mono", monospace'
_WHITE_FRAME, _GREY_FRAME = 'stroke="rgba(255,255,255,0.35)"', 'stroke="rgba(128,128,128,0.5)"'
_QUIET = 0.04
"""Seconds without a letter, after which all is drawn; views are redrawn less often."""
_GREY = "brightblack"
_FAINT, _NO_BRIGHTNESS, _EXTENDED = 2, 22, {38, 48}


class EmulatedTerminal(pyte.Screen):
    """A terminal's screen; faint letters are grey, for pyte knows no faint."""

    def __init__(self, columns: int, lines: int) -> None:
        super().__init__(columns, lines)
        self._stream = pyte.ByteStream(self)

    def show(self, drawn: bytes) -> None:
        """Take what a program wrote."""
        self._stream.feed(drawn)

    def select_graphic_rendition(self, *attributes: int) -> None:
        """Take how letters look from now on, as ECMA-48's SGR says it."""
        super().select_graphic_rendition(*attributes)
        # What follows 38 and 48 is a colour's number.
        plain = next((at for at, code in enumerate(attributes) if code in _EXTENDED), None)
        if _FAINT in attributes[:plain] and self.cursor.attrs.fg == "default":
            self.cursor.attrs = self.cursor.attrs._replace(fg=_GREY)

    def text(self) -> Text:
        """Return all that is on it, with its styles, up to the last line that is not empty."""
        rows = [self.buffer[number] for number in range(self.lines)]
        lines = [self._line([row[column] for column in range(self.columns)]) for row in rows]
        while lines and not lines[-1].plain.strip():
            lines.pop()
        return Text("\n").join(lines)

    @staticmethod
    def _line(letters: list[Char]) -> Text:
        line = Text()
        for look, group in groupby(letters, lambda letter: letter._replace(data="")):
            line.append("".join(letter.data for letter in group), _style(look))
        return line


def _style(look: Char) -> Style:
    return Style(
        color=_colour(look.fg),
        bgcolor=_colour(look.bg),
        bold=look.bold,
        italic=look.italics,
        underline=look.underscore,
        strike=look.strikethrough,
        reverse=look.reverse,
    )


def _colour(name: str) -> str | None:
    """Return rich's name of a colour of pyte's, which calls yellow brown."""
    if name == "default":
        return None
    if re.fullmatch("[0-9a-f]{6}", name):
        return f"#{name}"
    return name.replace("brown", "yellow").replace("bright", "bright_")


def drawn_on_terminal(
    arguments: list[str], environ: Mapping[str, str], folder: Path, *, columns: int, lines: int
) -> Iterator[bytes]:
    """Run a command on a pseudo-terminal of its own, and yield what it draws.

    Each time it is drawn to its end: in the middle of a view that is redrawn there is nothing.
    """
    controller, terminal = pty.openpty()
    termios.tcsetwinsize(terminal, (lines, columns))
    with subprocess.Popen(
        arguments, cwd=folder, env=environ, stdin=terminal, stdout=terminal, stderr=terminal
    ):
        os.close(terminal)
        try:
            while drawn := _burst(controller):
                yield drawn
        finally:
            os.close(controller)


def _burst(controller: int) -> bytes:
    """Read what is drawn at once."""
    drawn = more = _read(controller)
    while more and select.select([controller], [], [], _QUIET)[0]:
        drawn += (more := _read(controller))
    return drawn


def _read(controller: int) -> bytes:
    try:
        return os.read(controller, 65536)
    except OSError:  # nobody has it open any more
        return b""


def svg(text: Text, *, title: str, scheme: str, columns: int) -> str:
    """Draw a terminal's text, in the colours of a scheme."""
    screen = Console(
        record=True, width=columns, file=io.StringIO(), force_terminal=True, legacy_windows=False
    )
    screen.print(text, no_wrap=True, overflow="crop")
    screen.print()  # or the last line would be cut at its foot
    template = str(inspect.signature(Console.export_svg).parameters["code_format"].default)
    template = re.sub(r"@font-face \{\{.*?\}\}\s*", "", template, flags=re.DOTALL)
    drawn = screen.export_svg(
        title=title,
        theme=_theme(scheme),
        code_format=template.replace("Fira Code, monospace", _FONTS),
        unique_id=f"terminal-{scheme}",
    )
    return drawn.replace(_WHITE_FRAME, _GREY_FRAME)


def _theme(scheme: str) -> TerminalTheme:
    (paper, ink), dull, bright = map(_rgb, _COLOURS[scheme])
    return TerminalTheme(paper, ink, dull, bright)


def _rgb(colours: str) -> list[tuple[int, int, int]]:
    return [parse_rgb_hex(colour) for colour in colours.split()]
