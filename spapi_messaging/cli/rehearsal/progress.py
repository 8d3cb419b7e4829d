"""How far a rehearsal has come: a bar on a terminal, a line now and then elsewhere.

It stands on standard error, so that what is found out can be piped while it goes on.
"""

import asyncio
import sys
from typing import Self

import attrs
from rich.console import Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.text import Text

from spapi_messaging.cli.rehearsal.duration import in_words
from spapi_messaging.cli.rehearsal.forecast import Forecast
from spapi_messaging.cli.settings import console, say

_REDRAWN_EVERY = 0.15
_TOLD_EVERY = 30.0
_BAR = 60


@attrs.define
class Progress:
    """Shows how far it has come while it is entered; ``as_json``: standard output has objects."""

    forecast: Forecast
    as_json: bool = attrs.field(kw_only=True)
    _live: Live | None = attrs.field(default=None, init=False)
    _elapsed: float = attrs.field(default=0.0, init=False)

    def __enter__(self) -> Self:
        screen = console(stderr=True)
        if screen.is_terminal and not (self.as_json and sys.stdout.isatty()):
            # Standard output is not its own: what is printed there may go to a file.
            self._live = Live(
                get_renderable=self._drawn,
                console=screen,
                auto_refresh=False,
                transient=True,
                redirect_stdout=False,
            )
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._live is not None:
            self._live.stop()

    async def keep_drawing(self) -> None:
        """Show it anew for as long as this is let go on."""
        began = asyncio.get_running_loop().time()
        while True:
            await asyncio.sleep(_TOLD_EVERY if self._live is None else _REDRAWN_EVERY)
            self._elapsed = asyncio.get_running_loop().time() - began
            if self._live is None:
                say(self.headline)
            else:
                self._live.refresh()

    @property
    def headline(self) -> str:
        """Say how far it has come."""
        done, jobs = self.forecast.done, self.forecast.jobs
        left = self._elapsed * (jobs - done) / done if done else None
        words = "" if left is None else f", {in_words(left)} left"
        return f"asked about {done} of {jobs} messages{words}; nothing is sent"

    def _drawn(self) -> RenderableType:
        bar = ProgressBar(
            total=max(self.forecast.jobs, 1), completed=self.forecast.done, width=_BAR
        )
        return Group(Text(self.headline, no_wrap=True, overflow="ellipsis"), bar)
