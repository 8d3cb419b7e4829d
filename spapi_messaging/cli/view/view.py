"""The choice of a view, which falls on what its output can show.

A live view moves the cursor: only on a terminal that can, and in no log of a CI, which keeps each
of its states. A view that fails is told of once, and the run goes on without it.
"""

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Protocol, Self

import attrs
from rich.console import Console

from spapi_messaging.bulk import Outcome, Summary, wait_although_cancelled
from spapi_messaging.cli.settings import DONE, IN_DOUBT, REFUSED, say, tell_fault
from spapi_messaging.cli.view.json_view import JsonView
from spapi_messaging.cli.view.line_view import LineView
from spapi_messaging.cli.view.live_view import LiveView
from spapi_messaging.cli.view.standing import Standing

_REDRAWN_EVERY = 0.15


class View(Protocol):
    """Shows a run."""

    def __enter__(self) -> Self:
        """Begin to show."""
        ...

    def __exit__(self, *_: object) -> None:
        """Show how it ended."""
        ...

    def see(self, outcome: Outcome) -> None:
        """Show an outcome."""
        ...

    def redraw(self) -> None:
        """Show how the run stands now."""
        ...


def view_for(console: Console, standing: Callable[[], Standing], *, as_json: bool) -> View:
    """Choose how a run is shown."""
    if as_json:
        return SteadyView(JsonView())
    return SteadyView((LiveView if is_live(console) else LineView)(console, standing))


def is_live(console: Console) -> bool:
    """Say whether a run is redrawn in place there, instead of told in lines."""
    # FORCE_COLOR makes a terminal of a file for rich.
    return console.is_interactive and console.file.isatty() and not _in_ci()


@asynccontextmanager
async def kept_drawn(view: View) -> AsyncIterator[None]:
    """Draw a view anew until the block is left; what is finished after a stop is shown, too."""
    drawing = asyncio.create_task(_draw(view))
    try:
        yield
    finally:
        drawing.cancel()
        await wait_although_cancelled([drawing])


async def _draw(view: View) -> None:
    while True:
        view.redraw()
        await asyncio.sleep(_REDRAWN_EVERY)


def _in_ci() -> bool:
    return os.environ.get("CI", "").lower() not in {"", "0", "false"}


def exit_code(summary: Summary) -> int:
    """Return the exit code of a run that came to its end."""
    total = summary.total
    if total.get("InDoubt"):
        return IN_DOUBT
    # What an earlier run refused is no success of this one.
    refused = total.get("Refused") or total.get("NotSent") or summary.skipped.get("refused")
    return REFUSED if refused else DONE


@attrs.define
class SteadyView:
    """Shows a run by another view, for as long as that works."""

    view: View
    _is_broken: bool = attrs.field(default=False, init=False)

    def __enter__(self) -> Self:
        self._try(self.view.__enter__)
        return self

    def __exit__(self, *how: object) -> None:
        self._try(self.view.__exit__, *how)

    def see(self, outcome: Outcome) -> None:
        """Show an outcome."""
        self._try(self.view.see, outcome)

    def redraw(self) -> None:
        """Show how the run stands now."""
        self._try(self.view.redraw)

    def _try(self, show: Callable[..., object], *about: object) -> None:
        if self._is_broken:
            return
        try:
            show(*about)
        except Exception as error:  # noqa: BLE001  # messages go out; no screen is worth a doubt
            self._is_broken = True
            tell_fault(error)
            say("the run goes on, and is not shown")
