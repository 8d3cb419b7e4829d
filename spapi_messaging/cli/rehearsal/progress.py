"""How far a rehearsal has come: a bar on a terminal, a line now and then elsewhere.

It stands on standard error, so that what is found out can be piped while it goes on.
"""

import asyncio
import sys
from collections.abc import Callable
from typing import Self

import attrs
from rich.console import Console, Group, RenderableType
from rich.text import Text

from spapi_messaging.cli.settings import console, say
from spapi_messaging.cli.view import Drawing, OutcomeBar, Standing

_REDRAWN_EVERY = 0.15
_TOLD_EVERY = 30.0
_ENDS = "nothing is sent"


@attrs.define
class Progress:
    """Shows how far it has come while it is entered; ``as_json``: standard output has objects."""

    standing: Callable[[], Standing]
    as_json: bool = attrs.field(kw_only=True)
    _drawing: Drawing | None = attrs.field(default=None, init=False)

    def __enter__(self) -> Self:
        screen = console(stderr=True)
        if screen.is_interactive and not (self.as_json and sys.stdout.isatty()):
            self._drawing = Drawing(screen, lambda: self._drawn(screen), is_alone=True)
            self._drawing.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._drawing is not None:
            self._drawing.stop()

    async def keep_drawing(self) -> None:
        """Show it anew for as long as this is let go on."""
        while True:
            await asyncio.sleep(_TOLD_EVERY if self._drawing is None else _REDRAWN_EVERY)
            if self._drawing is None:
                say(f"{self.standing().headline()} · {_ENDS}")
            else:
                self._drawing.refresh()

    def _drawn(self, screen: Console) -> RenderableType:
        standing, dot = self.standing(), ", " if screen.options.ascii_only else " · "
        ends = f"{dot}{_ENDS}"
        words = f"{standing.headline(screen.width - len(ends), dot=dot)}{ends}"
        headline = Text(words, no_wrap=True, overflow="ellipsis")
        # The last line is the cursor's: what is typed, as ^C, would fold one that is full.
        return Group(headline, OutcomeBar(standing.summary.total, total=standing.jobs), Text())
