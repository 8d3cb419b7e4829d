"""A run as lines, for what is no terminal: whole, few, and none that takes another back."""

from collections.abc import Callable, Iterator
from typing import Self

import attrs
from rich.console import Console

from spapi_messaging.bulk import Outcome
from spapi_messaging.cli.settings import tell
from spapi_messaging.cli.view.kinds import counted
from spapi_messaging.cli.view.reasons_seen import ReasonsSeen
from spapi_messaging.cli.view.standing import Standing, allowed_rate, per_second
from spapi_messaging.cli.words import action_name

_EVERY = 30.0
"""Seconds from one line that says how the run stands to the next."""


@attrs.define
class LineView:
    """A line for the first of each reason, and one every half minute that says how it stands.

    How many had a reason is not said here: the end of a run says it, with what to do about them.
    """

    console: Console
    standing: Callable[[], Standing]
    _reasons: ReasonsSeen = attrs.field(factory=ReasonsSeen, init=False)
    _due: float = attrs.field(default=_EVERY, init=False)
    """Seconds of the run at which it is told next how it stands."""
    _away: tuple[str, ...] = attrs.field(default=(), init=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        standing = attrs.evolve(self.standing(), is_over=True)
        self._tell(standing)
        for line in _by_action(standing):
            tell(self.console, line)

    def see(self, outcome: Outcome) -> None:
        """Write a line where it is worth one."""
        line = self._reasons.add(outcome)
        if line is not None:
            tell(self.console, line)

    def redraw(self) -> None:
        """Say how the run stands, now and then, and when Amazon goes away or comes back."""
        standing = self.standing()
        summary = standing.summary
        if summary.elapsed >= self._due or summary.away != self._away:
            self._due, self._away = summary.elapsed + _EVERY, summary.away
            self._tell(standing)

    def _tell(self, standing: Standing) -> None:
        tell(
            self.console, standing.headline(dot=", " if self.console.options.ascii_only else " · ")
        )


def _by_action(standing: Standing) -> Iterator[str]:
    summary = standing.summary
    for operation, counts in sorted(summary.counts.items()):
        said = ", ".join(f"{count:,} {kind.name}" for kind, count in counted(counts))
        rate, allowed = summary.rates.get(operation), summary.allowed.get(operation)
        of = f" of {allowed_rate(allowed)}" if allowed else ""
        pace = f"; {per_second(rate)}{of} a second" if rate else ""
        yield f"{action_name(operation)}: {said}{pace}"
