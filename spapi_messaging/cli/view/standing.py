"""How a run stands, in the words of its headline."""

import math

import attrs

from spapi_messaging.bulk import Summary
from spapi_messaging.cli.moments import stopwatch

_TINY, _LARGE = 0.0095, 100
_KEPT = 2
"""Parts that stay where not even they have room."""


@attrs.frozen(kw_only=True)
class Standing:
    """How a run of ``jobs`` jobs stands; ``doing``: what it waits for, or has begun with."""

    summary: Summary
    jobs: int
    doing: str | None = None
    is_over: bool = False

    @property
    def done(self) -> int:
        """How many jobs have an outcome."""
        return sum(self.summary.total.values())

    def headline(self, width: int | None = None, *, dot: str = " · ") -> str:
        """Say it in one line; in one that is too narrow for all the least important is left out."""
        parts = [part for part in self._parts() if part[1]]
        while True:
            line = dot.join(words for _, words in parts)
            if width is None or len(line) <= width or len(parts) <= _KEPT:
                return line
            parts.remove(min(parts))

    def _parts(self) -> list[tuple[int, str]]:
        """Return the parts, each with its importance."""
        doubts, before = self.summary.total.get("InDoubt"), self.summary.skipped.get("sent")
        return [
            (7, f"{self.done:,}/{self.jobs:,}"),
            (3, self._percent),
            (6, (not self.is_over and self.doing) or ""),
            (2, self._rate),
            (4, self._time),
            (5, f"{doubts:,} in doubt" if doubts else ""),
            (1, f"{before:,} sent before" if before else ""),
        ]

    @property
    def _percent(self) -> str:
        if not self.jobs:
            return ""
        percent = 100 * self.done // self.jobs
        return "<1 %" if self.done and not percent else f"{percent} %"

    @property
    def _rate(self) -> str:
        summary = self.summary
        if self.is_over:
            rates = summary.rates.values()
            return f"{per_second(sum(rates))}/s" if rates else ""
        return f"{per_second(summary.pace)}/s" if summary.pace and not summary.away else ""

    @property
    def _time(self) -> str:
        if self.is_over:
            took = round(self.summary.elapsed)
            return f"in {stopwatch(took)}" if self.done and took else ""
        left = self.summary.seconds_for(self.jobs - self.done)
        return f"{stopwatch(max(left, 1))} left" if left and not self.summary.away else ""


def per_second(rate: float) -> str:
    """Write a rate to a tenth, or to a hundredth below one; a large one needs neither."""
    if 0 < rate < _TINY:
        return _tiny(rate)
    places = 2 if round(rate, 2) < 1 else 1 if round(rate, 1) < _LARGE else 0
    return f"{rate:,.{places}f}"


def allowed_rate(rate: float) -> str:
    """Write the rate of a quota, which is a round number."""
    return _tiny(rate) if 0 < rate < _TINY else f"{rate:,.2f}".rstrip("0").rstrip(".")


def _tiny(rate: float) -> str:
    """Write a rate of a few an hour with its first digit, for it is not 0."""
    return f"{rate:.{math.ceil(-math.log10(rate))}f}"
