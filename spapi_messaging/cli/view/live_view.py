"""A run on a terminal, redrawn in place: a headline, a bar, a table, and the last reasons.

Each has lines of its own, and none is wider than the terminal: one that the terminal folds is one
that the next drawing does not take back. When it becomes narrower, most terminals fold what stands
there already, and what that adds is taken back, too.
"""

import os
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Self

import attrs
from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.control import Control
from rich.live import Live
from rich.progress import Progress
from rich.segment import ControlType, Segment
from rich.text import Text

from spapi_messaging.bulk import Outcome
from spapi_messaging.cli.settings import as_written
from spapi_messaging.cli.view.drawing import Drawing
from spapi_messaging.cli.view.outcome_bar import OutcomeColumn
from spapi_messaging.cli.view.outcome_table import outcome_table
from spapi_messaging.cli.view.reasons_seen import Reason, ReasonsSeen
from spapi_messaging.cli.view.standing import Standing

_LAST = 5
_SPARE = 2
"""Lines of a terminal that stay free: the blank one, and that of the cursor."""
_FOLD_NOTHING = frozenset({"XTERM_VERSION", "STY"})
"""What xterm and GNU screen set, which cut lines where others fold them."""


@attrs.define(eq=False)
class _Region:
    """What is drawn, and how wide its lines were when it was."""

    content: Callable[[], RenderableType]
    widths: list[int] = attrs.field(factory=list, init=False)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        lines = console.render_lines(self.content(), options, pad=False)
        if options.ascii_only:
            lines = [_written(line, console) for line in lines]
        self.widths = [Segment.get_line_length(line) for line in lines]
        for line in lines:
            yield from line
            yield Segment.line()

    def folds(self, width: int) -> int:
        """Return how many lines more there are at a width."""
        return sum(max(line - 1, 0) // width for line in self.widths)


class LiveView:
    """Shows a run on a terminal."""

    def __init__(self, console: Console, standing: Callable[[], Standing]) -> None:
        self._console = console
        self._standing = standing
        self._reasons = ReasonsSeen()
        self._is_over = False
        # It is drawn by the region around it, and never by itself.
        self._progress = Progress(OutcomeColumn(), console=console, expand=True, auto_refresh=False)
        self._bar = self._progress.add_task("", counts={})
        self._region = _Region(self._drawn)
        # Redrawn by the run's own loop: rich's thread would read counts while they change. Lines
        # on standard error go above it, but only if they come to a terminal at all.
        self._drawing = Drawing(
            console,
            lambda: Live(
                get_renderable=lambda: self._region,
                console=console,
                auto_refresh=False,
                redirect_stderr=sys.stderr.isatty(),
            ),
        )

    def __enter__(self) -> Self:
        self._fit()
        self._drawing.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_over = True
        self._fit()
        self._drawing.stop()

    def see(self, outcome: Outcome) -> None:
        """Remember what went wrong."""
        self._reasons.add(outcome)

    def redraw(self) -> None:
        """Draw the run as it stands."""
        self._fit()
        self._drawing.refresh()

    def _fit(self) -> None:
        """Take the terminal's size of now: what the environment says is no reason to fold lines."""
        with suppress(OSError, ValueError):
            columns, lines = os.get_terminal_size(self._console.file.fileno())
            if not columns or not lines:  # a terminal that does not know
                return
            width = min(columns, int(os.environ.get("COLUMNS", columns)))
            if width < self._console.width and not _FOLD_NOTHING & os.environ.keys():
                back = (ControlType.ERASE_IN_LINE, 2), (ControlType.CURSOR_UP, 1)
                self._console.control(Control(*back * self._region.folds(columns)))
            self._console.size = (width, lines)

    def _drawn(self) -> RenderableType:
        standing, console = attrs.evolve(self._standing(), is_over=self._is_over), self._console
        self._progress.update(self._bar, total=max(standing.jobs, 1), counts=standing.summary.total)
        dot = ", " if console.options.ascii_only else " · "
        headline = Text(standing.headline(console.width, dot=dot), style="bold")
        headline.highlight_regex(r"[\d,]+ in doubt", "magenta")
        table = outcome_table(console, standing.summary)
        parts: list[RenderableType] = [
            _line(headline),
            self._progress,
            *([] if table is None else [table]),
        ]
        rows = 2 + (0 if table is None else 1 + table.row_count)
        most = min(_LAST, console.height - rows - _SPARE)
        last = self._reasons.last(most)
        if last and not self._is_over:
            parts += [Text(), *(_line(_said(reason, console.width)) for reason in last)]
        if not self._is_over:
            # The cursor's: what is typed, as ^C, would fold a line that is full.
            parts.append(Text())
        return Group(*parts)


def _written(line: list[Segment], console: Console) -> list[Segment]:
    """Cut a line that becomes longer where it is written in another way: it would be folded."""
    written = [
        segment._replace(text=as_written(segment.text, console.encoding)) for segment in line
    ]
    return Segment.adjust_line_length(written, console.width, pad=False)


def _line(text: Text) -> Text:
    text.no_wrap, text.overflow = True, "ellipsis"
    return text


def _said(reason: Reason, width: int) -> Text:
    outcome, why = reason.words(width)
    return Text.assemble((outcome, reason.kind.style), f": {why}")
