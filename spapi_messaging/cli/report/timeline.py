"""When a run was at work: its pauses, and what went out in each span of its time.

A stop and the resume after it leave nothing in a journal but a gap. A gap counts as a pause if it
is long for that run: ten times as long as its messages usually lie apart, or ten minutes.
"""

import math
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

import attrs

PAUSE = 600.0
"""Seconds without any sign of life that are a pause in any run."""
_MIN_PAUSE = 15.0
_UNUSUAL = 10
_BY_FAR = 2
_USUAL = 0.9
"""The share of all gaps that are no longer than the usual."""
_FEW = 10
"""Fewer gaps tell nothing of what is usual."""
_DAY = 86_400
_STEPS = (
    *(1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800),
    *(3600, 7200, 10_800, 21_600, 43_200, _DAY),
)
"""Seconds that a bar may stand for."""

Departures = Mapping[tuple[str, str], Sequence[float]]
"""When each message that was sent went out, by action and seller, sorted."""


@attrs.frozen
class Stretch:
    """A part of a run's time, in seconds since the epoch."""

    start: float
    end: float

    @property
    def length(self) -> float:
        """Seconds."""
        return self.end - self.start


@attrs.frozen(kw_only=True)
class Span:
    """What one bar stands for."""

    start: float
    end: float
    counts: Counter[str]
    """The messages that were sent, by action."""

    @property
    def total(self) -> int:
        """All messages that were sent."""
        return self.counts.total()


@attrs.frozen(kw_only=True)
class Throughput:
    """What was sent over time, in spans of ``step`` seconds, the last of a stretch is shorter."""

    step: float
    stretches: Sequence[Stretch]
    idle: Sequence[Stretch]
    """The pauses within the stretches."""
    spans: Sequence[Span]


def pauses(moments: Sequence[float], departures: Sequence[float]) -> list[Stretch]:
    """Return the pauses between a run's signs of life; both are sorted."""
    gaps = sorted(b - a for a, b in pairwise(departures))
    least = PAUSE
    if len(gaps) >= _FEW:
        usual = gaps[math.floor(_USUAL * (len(gaps) - 1))]
        least = min(PAUSE, max(_MIN_PAUSE, _UNUSUAL * usual))
    return [Stretch(a, b) for a, b in pairwise(moments) if b - a >= least]


def throughput(
    began: float,
    ended: float,
    cuts: Sequence[Stretch],
    departures: Departures,
    *,
    spans: int,
    max_cuts: int,
) -> Throughput:
    """Divide a run into at most so many spans, without its longest pauses."""
    taken_out = _longest(cuts, max_cuts)
    stretches = list(_between(began, ended, taken_out))
    step = _step([stretch.length for stretch in stretches], spans)
    edges = [edge for stretch in stretches for edge in _edges(stretch, step)]
    counts = _counts(departures, [start for start, _ in edges])
    return Throughput(
        step=step,
        stretches=stretches,
        idle=[cut for cut in cuts if cut not in taken_out],
        spans=[
            Span(start=start, end=end, counts=count)
            for (start, end), count in zip(edges, counts, strict=True)
        ],
    )


def counts_of(moments: Sequence[float], spans: Sequence[Span]) -> list[int]:
    """Count sorted moments by span; what is after the last belongs to it."""
    places = [bisect_left(moments, span.start) for span in spans[1:]]
    return [b - a for a, b in pairwise([0, *places, len(moments)])]


def _longest(cuts: Sequence[Stretch], most: int) -> list[Stretch]:
    """Return the longest pauses; where there are more, those that are longer by far than the rest.

    Of many that are alike, none is taken out: some with and some without their time would mislead.
    """
    by_length = sorted(cuts, key=lambda cut: -cut.length)
    rest = by_length[most].length if len(by_length) > most else 0.0
    longest = (cut for cut in by_length[:most] if cut.length >= _BY_FAR * rest)
    return sorted(longest, key=lambda cut: cut.start)


def _between(began: float, ended: float, cuts: Sequence[Stretch]) -> Iterator[Stretch]:
    start = began
    for cut in cuts:
        yield Stretch(start, cut.start)
        start = cut.end
    yield Stretch(start, ended)


def _step(lengths: Sequence[float], most: int) -> float:
    for step in _STEPS:
        if sum(_number(length, step) for length in lengths) <= most:
            return step
    days = math.ceil(sum(lengths) / max(most - len(lengths), 1) / _DAY)
    return days * _DAY


def _number(length: float, step: float) -> int:
    return max(math.ceil(length / step - 0.05), 1)  # a little more than a step is no bar of its own


def _edges(stretch: Stretch, step: float) -> Iterator[tuple[float, float]]:
    starts = [stretch.start + step * index for index in range(_number(stretch.length, step))]
    return zip(starts, [*starts[1:], stretch.end], strict=True)


def _counts(departures: Departures, starts: Sequence[float]) -> list[Counter[str]]:
    counts: list[Counter[str]] = [Counter() for _ in starts]
    for (action, _), moments in departures.items():
        for at in moments:
            counts[max(bisect_right(starts, at) - 1, 0)][action] += 1
    return counts
