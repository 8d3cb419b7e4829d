"""The turns that a bucket gave, so that one can be given back.

A turn that is given back shall leave the bucket as if it had never been taken. To add one to what
is left would be more than that, where the bucket was full in between or is full without it: so how
full it is, is worked out anew from the turns that were kept.
"""

from array import array
from bisect import bisect_right

import attrs

KEPT = 128
"""Turns at least that can be given back: more than a bulk run has under way."""


@attrs.define(kw_only=True)
class TurnLog:
    """The times of the turns of one bucket, by its loop's clock.

    ``level``: how many turns were in the bucket at ``since``; it leaks ``rate`` each second.
    """

    rate: float
    level: float = 0.0
    since: float = 0.0
    times: "array[float]" = attrs.field(factory=lambda: array("d"))
    """Whoever notes a turn here calls `shorten` when there are more than twice `KEPT`."""

    def remove(self, taken_at: float) -> bool:
        """Forget the last turn that was given until then; False if it is not known any more."""
        place = bisect_right(self.times, taken_at)
        if place:
            del self.times[place - 1]
        return place > 0

    def level_at(self, now: float) -> float:
        """Return how many turns are in the bucket now."""
        level, since = self._level_after(self.times)
        return max(0.0, level - (now - since) * self.rate)

    def shorten(self) -> None:
        """Keep the last turns only; the others cannot be given back any more."""
        self.level, self.since = self._level_after(self.times[:-KEPT])
        del self.times[:-KEPT]

    def _level_after(self, times: "array[float]") -> tuple[float, float]:
        level, since = self.level, self.since
        for time in times:
            level = max(0.0, level - (time - since) * self.rate) + 1
            since = time
        return level, since
