"""A run on a terminal, redrawn in place: a headline, a bar, a table, and the last reasons.

Each has lines of its own.
"""

from collections.abc import Callable
from typing import Self

import attrs
from rich.console import Console, Group, RenderableType
from rich.progress import Progress
from rich.text import Text

from spapi_messaging.bulk import Outcome
from spapi_messaging.cli.view.drawing import Drawing
from spapi_messaging.cli.view.outcome_bar import OutcomeColumn
from spapi_messaging.cli.view.outcome_table import outcome_table
from spapi_messaging.cli.view.reasons_seen import Reason, ReasonsSeen
from spapi_messaging.cli.view.standing import Standing

_LAST = 5
_SPARE = 2
"""Lines of a terminal that stay free: the blank one, and that of the cursor."""


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
        self._drawing = Drawing(console, self._drawn)

    def __enter__(self) -> Self:
        self._drawing.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_over = True
        self._drawing.stop()

    def see(self, outcome: Outcome) -> None:
        """Remember what went wrong."""
        self._reasons.add(outcome)

    def redraw(self) -> None:
        """Draw the run as it stands."""
        self._drawing.refresh()

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


def _line(text: Text) -> Text:
    text.no_wrap, text.overflow = True, "ellipsis"
    return text


def _said(reason: Reason, width: int) -> Text:
    outcome, why = reason.words(width)
    return Text.assemble((outcome, reason.kind.style), f": {why}")
