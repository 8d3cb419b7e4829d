"""The pages of ``--help``: what can be pasted stands whole, and the rest fits the terminal.

click re-wraps a docstring's paragraphs and cuts a command's sentence to its width, and typer names
Python's types; all of it is for who reads the code. A page has the first sentence, how the command
is written, its arguments and options in groups (typer's ``rich_help_panel``), its exit codes,
and examples that a shell takes as they stand: they are broken between words alone, with the
backslash that a shell wants there.

A docstring is the page's text, where a paragraph that begins with ``Example:`` is a command, and
the epilog has the exit codes, one a line.
"""

import os
import re
import shutil
import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, ClassVar

import typer
from rich.cells import cell_len
from typer.core import TyperCommand, TyperGroup

PROGRAM_OPTIONS = "Options"
_EXAMPLE = "Example: "
_MAX_COLUMNS, _MIN_COLUMNS = 100, 24
_WIDEST_NAME = 28
"""Columns of a name beside which its help stands; that of a longer one is below it."""
_MIN_HELP = 30
"""Columns that a help text needs to stand beside its names."""
_WORD = re.compile(r"""(?:'[^']*'|"[^"]*"|[^\s'"])+""")
_NO_DEFAULTS: tuple[object, ...] = (None, False, "", (), [])
Row = tuple[str, str]


class Page:
    """The lines of a help page, as wide as the terminal."""

    def __init__(self) -> None:
        columns = shutil.get_terminal_size().columns
        self.width = max(min(columns, _MAX_COLUMNS), _MIN_COLUMNS)
        self._lines: list[str] = []

    def text(self, paragraph: str) -> None:
        """Write a paragraph."""
        self._blank()
        self._lines += _filled(paragraph, self.width)

    def section(self, title: str, lines: Iterable[str]) -> None:
        """Write lines below a title."""
        self._blank()
        self._lines.append(_styled(f"{title}:", bold=True))
        self._lines += lines

    def rows(self, rows: Sequence[Row], beside: Sequence[Row] = ()) -> Iterator[str]:
        """Lay out names and what they mean: side by side, or on a narrow terminal one below.

        ``beside``: the rows of other sections, with which they are in line.
        """
        names = [len(name) for name, _ in (*rows, *beside) if len(name) <= _WIDEST_NAME]
        at = 2 + max(names, default=0) + 2
        is_narrow = self.width - at < _MIN_HELP
        at = 6 if is_narrow else at
        for name, meaning in rows:
            lines = _filled(meaning, self.width - at)
            shown = _styled(name, fg="cyan")
            if not is_narrow and len(name) + 4 <= at and lines:
                yield f"  {shown}{' ' * (at - 2 - len(name))}{lines.pop(0)}"
            else:
                yield f"  {shown}"
            yield from (f"{' ' * at}{line}" for line in lines)

    def command(self, line: str, *, indent: str = "  ") -> Iterator[str]:
        """Lay out a command so that it can be pasted, in as many lines as it needs."""
        return command_lines(line, self.width, indent=indent)

    def __str__(self) -> str:
        return "\n".join(self._lines)

    def _blank(self) -> None:
        if self._lines:
            self._lines.append("")


class Command(TyperCommand):
    """A command whose ``--help`` is such a page; ``more`` are sections of its own."""

    more: ClassVar[Mapping[str, Sequence[Row]]] = {}

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Write the page."""
        page = Page()
        _head(page, self, ctx)
        _parameters(page, self.get_params(ctx))
        for title, rows in self.more.items():
            page.section(title, page.rows(rows))
        _foot(page, self)
        formatter.write(str(page))


class Program(TyperGroup):
    """The program, whose page lists all commands with their whole sentences."""

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Write the page."""
        page = Page()
        _head(page, self, ctx)
        groups: dict[str, list[Row]] = {}
        for name in self.list_commands(ctx):
            found: Any = self.get_command(ctx, name)
            title = found.rich_help_panel
            groups.setdefault(title, []).append((name, found.get_short_help_str()))
        _sections(page, groups)
        _parameters(page, self.get_params(ctx))
        _foot(page, self)
        formatter.write(str(page))


def command_lines(line: str, width: int, *, indent: str = "  ") -> Iterator[str]:
    """Lay out a command so that it can be pasted, in as many lines of a width as it needs."""
    words = _kept_together(_WORD.findall(line))
    written = indent + words[0]
    room = width - 2  # for the backslash
    for number, word in enumerate(words[1:], start=2):
        is_last = number == len(words)
        if cell_len(written) + 1 + cell_len(word) <= (width if is_last else room):
            written = f"{written} {word}"
        else:
            yield f"{written} \\"
            written = f"{indent}  {word}"
    yield written


def first_sentence(text: str | None) -> str:
    """Return a docstring's first paragraph in one line, whole."""
    return next(iter(_paragraphs(text)), "")


def _head(page: Page, command: Any, ctx: Any) -> None:
    first, *rest = [one for one in _paragraphs(command.help) if not one.startswith(_EXAMPLE)]
    page.text(first)
    arguments = [_argument(one) for one in command.get_params(ctx) if _is_argument(one)]
    words = ["COMMAND"] if isinstance(command, TyperGroup) else arguments
    usage = " ".join([ctx.command_path, *words, "[OPTIONS]"])
    page.section("Usage", (f"  {line}" for line in _filled(usage, page.width - 2)))
    for paragraph in rest:
        page.text(paragraph)


def _foot(page: Page, command: Any) -> None:
    examples = [
        one.removeprefix(_EXAMPLE) for one in _paragraphs(command.help) if one.startswith(_EXAMPLE)
    ]
    if examples:
        title = "Example" if len(examples) == 1 else "Examples"
        page.section(title, (line for one in examples for line in page.command(one)))
    codes = [line.partition(" ")[::2] for line in (command.epilog or "").splitlines()]
    if codes:
        page.section("Exit codes", page.rows(codes))


def _parameters(page: Page, parameters: Iterable[Any]) -> None:
    groups: dict[str, list[Row]] = {}
    for one in parameters:
        if getattr(one, "hidden", False):
            continue
        # Of an older typer, --help is click's own, which knows no panels.
        title = getattr(one, "rich_help_panel", None) or (
            "Arguments" if _is_argument(one) else PROGRAM_OPTIONS
        )
        groups.setdefault(title, []).append((_names(one), _meaning(one)))
    _sections(page, dict(sorted(groups.items(), key=lambda group: group[0] == PROGRAM_OPTIONS)))


def _sections(page: Page, groups: Mapping[str, Sequence[Row]]) -> None:
    all_rows = [row for rows in groups.values() for row in rows]
    for title, rows in groups.items():
        page.section(title, page.rows(rows, beside=all_rows))


def _is_argument(parameter: Any) -> bool:
    return bool(parameter.param_type_name == "argument")


def _argument(parameter: Any) -> str:
    name = parameter.metavar or parameter.name.upper()
    return name if parameter.required else f"[{name}]"


def _names(parameter: Any) -> str:
    if _is_argument(parameter):
        return str(parameter.metavar or parameter.name.upper())
    names = ", ".join(sorted(parameter.opts, key=len))
    return names if parameter.is_flag else f"{names} {parameter.metavar or 'WORD'}"


def _meaning(parameter: Any) -> str:
    sentences = [parameter.help or ""]
    if getattr(parameter, "multiple", False):
        sentences.append("May be repeated.")
    if parameter.envvar:
        must = "Required, here or" if parameter.required else "Or"
        sentences.append(f"{must} by the variable {parameter.envvar}.")
    elif parameter.required and not _is_argument(parameter):
        sentences.append("Required.")
    is_told = getattr(parameter, "show_default", True) is not False
    if is_told and parameter.default not in _NO_DEFAULTS and not callable(parameter.default):
        sentences.append(f"By default {parameter.default}.")
    return " ".join(filter(None, sentences))


def _kept_together(words: Sequence[str]) -> list[str]:
    """Return words of which an option and its value are one."""
    kept = list(words[:1])
    for word, last in zip(words[1:], words, strict=False):
        is_value = last.startswith("-") and not word.startswith("-")
        kept[-1:] = [f"{kept[-1]} {word}"] if is_value else [kept[-1], word]
    return kept


def _paragraphs(text: str | None) -> list[str]:
    return [" ".join(each.split()) for each in (text or "").split("\n\n") if each.strip()]


def _filled(text: str, width: int) -> list[str]:
    return textwrap.wrap(text, width, break_on_hyphens=False, break_long_words=False)


def _styled(text: str, **style: Any) -> str:
    """Colour words where a terminal is; click takes the colours off for everything else."""
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return text
    return typer.style(text, **style)
