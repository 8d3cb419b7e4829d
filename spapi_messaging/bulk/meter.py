"""How many come per second, where that means something.

What a quota has saved up goes out at once, so the first second, and the first after a pause, says
nothing of the pace: five messages in three milliseconds are no 1,666 a second. Nor do two or
three. Measured is from one that came to another, which is exact for what comes evenly; once the
next one is overdue, the rate falls. ``now`` is the loop's time.
"""

from collections import deque

import attrs

_AT_ONCE = 1.0
"""Seconds in which what was saved up goes out."""
_FEWEST = 3
_SHORTEST = 2.0
_PAUSE = 5.0
"""Seconds without one, and times the usual gap, after which a quota may have saved up again."""
_RECENT = 60.0
_STEP = 0.5
"""Seconds between two marks, so that there are few, however many come."""


@attrs.define
class Meter:
    """Counts what comes, and measures its rate: of all, and of the last minute."""

    _count: int = attrs.field(default=0, init=False)
    _last: float = attrs.field(default=0.0, init=False)
    _began: float | None = attrs.field(default=None, init=False)
    """When the first one came, or the first after a pause."""
    _marks: deque[tuple[float, int]] = attrs.field(factory=deque, init=False)
    """Times, and how many had come by then; the rate of the last minute is that since the first."""
    _first_mark: tuple[float, int] | None = attrs.field(default=None, init=False)

    def count(self, now: float) -> None:
        """Count one."""
        if self._began is None or self._paused(now):
            self._began = now
            self._marks.clear()
        self._count += 1
        self._last = now
        if not self._marks:
            if now - self._began >= _AT_ONCE:
                self._marks.append((now, self._count))
                self._first_mark = self._first_mark or self._marks[0]
        elif now - self._marks[-1][0] >= _STEP:
            self._marks.append((now, self._count))
            self._forget(now)

    def recent(self, now: float) -> float | None:
        """Return the rate of the last minute; None where there is none yet."""
        return self._since(self._marks[0], now) if self._marks else None

    def mean(self, now: float) -> float | None:
        """Return the rate of all, pauses included; None where there is none yet."""
        return self._since(self._first_mark, now) if self._first_mark else None

    def _since(self, mark: tuple[float, int], now: float) -> float | None:
        began, before = mark
        came = self._count - before
        if came < _FEWEST or self._last - began < _SHORTEST:
            return None
        return min(came / (self._last - began), (came + 1) / (now - began))

    def _paused(self, now: float) -> bool:
        gap = now - self._last
        if gap <= _PAUSE:
            return False
        usual = self.recent(self._last)
        return usual is not None and gap * usual > _PAUSE

    def _forget(self, now: float) -> None:
        marks = self._marks
        while now - marks[1][0] > _RECENT and self._count - marks[1][1] >= _FEWEST:
            marks.popleft()
