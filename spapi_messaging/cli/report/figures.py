"""What a report tells, counted from a journal's entries: nothing here draws or writes HTML."""

import heapq
import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from itertools import pairwise

import attrs

from spapi_messaging.bulk import Entry, reason_in_words
from spapi_messaging.cli.words import action_name

SENT, REFUSED, NOT_SENT, IN_DOUBT = OUTCOMES = ("sent", "refused", "not sent", "in doubt")
_OUTCOME_OF = {"sent": SENT, "refused": REFUSED, "not sent": NOT_SENT, "sending": IN_DOUBT}

PAUSE = 600.0
"""Seconds without any sign of life that count as a pause between a stop and a resume."""
DOUBTS_SHOWN = 500

_MINUTE = 60.0
_LAST_MOMENT = 253_402_200_000.0
"""Near the end of the year 9999, beyond which datetime has no name for a moment."""
_STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1440)
_PER_DECADE = 8
MIN_LATENCY = 0.001


@attrs.frozen(kw_only=True)
class Throughput:
    """Messages a minute over time: ``rates[i]`` holds for ``step`` seconds from its start."""

    start: float
    step: float
    rates: Sequence[float]

    def start_of(self, index: int) -> float:
        """Return when a span begins, in seconds since the epoch."""
        return self.start + index * self.step


@attrs.frozen(kw_only=True)
class Histogram:
    """How latencies are spread: ``counts[i]`` lie from ``edges[i]`` up to ``edges[i + 1]``."""

    edges: Sequence[float]
    counts: Sequence[int]


@attrs.frozen(kw_only=True)
class Figures:
    """The figures of a journal; times are seconds since the epoch, durations seconds."""

    outcomes: Counter[str]
    actions: dict[str, Counter[str]]
    sellers: dict[str, Counter[str]]
    refusals: Counter[str]
    unsent: Counter[str]
    latencies: Sequence[float]
    """Sorted; of messages that were sent, from their turn at the quota to Amazon's answer."""
    departures: Sequence[float]
    """Sorted; when each message that was sent went out."""
    began: float | None
    ended: float | None
    paused: float
    doubts: Sequence[Entry]
    """The oldest first, and no more than are shown."""

    @property
    def total(self) -> int:
        """All entries."""
        return self.outcomes.total()

    @property
    def duration(self) -> float | None:
        """From the first to the last sign of life, without the pauses; None if there is none."""
        if self.began is None or self.ended is None:
            return None
        return self.ended - self.began - self.paused

    @property
    def per_minute(self) -> float | None:
        """Messages sent a minute; None for less than a minute, which says nothing."""
        if self.duration is None or self.duration < _MINUTE:
            return None
        return self.outcomes[SENT] / (self.duration / _MINUTE)

    def percentile(self, percent: float) -> float | None:
        """Return the latency that so many percent do not exceed (nearest rank)."""
        if not self.latencies:
            return None
        rank = math.ceil(percent / 100 * len(self.latencies))
        return self.latencies[max(rank, 1) - 1]

    def throughput(self, most: int) -> Throughput | None:
        """Return the messages a minute, over at most so many spans of whole minutes."""
        if not self.departures:
            return None
        first, last = self.departures[0], self.departures[-1]
        step = _step(last - first, most)
        start = first // step * step
        counts = Counter(int((at - start) // step) for at in self.departures)
        rates = []
        for span in range(max(counts) + 1):
            # The first and the last span count for as long as the run was in them.
            inside = min(start + (span + 1) * step, last) - max(start + span * step, first)
            rates.append(counts[span] / max(inside / _MINUTE, 1.0))
        return Throughput(start=start, step=step, rates=rates)

    def histogram(self) -> Histogram | None:
        """Return how the latencies are spread, on a scale that grows by a third a step."""
        if not self.latencies:
            return None
        counts = Counter(map(_decade_part, self.latencies))
        parts = range(min(counts), max(counts) + 1)
        edges = [10 ** (part / _PER_DECADE) for part in (*parts, parts[-1] + 1)]
        return Histogram(edges=edges, counts=[counts[part] for part in parts])


def figures_of(entries: Iterable[Entry]) -> Figures:
    """Count all entries, in one pass."""
    count = _Count()
    for entry in entries:
        count.add(entry)
    moments = sorted(count.moments)
    return Figures(
        outcomes=count.outcomes,
        actions=_by_size(count.actions),
        sellers=_by_size(count.sellers),
        refusals=count.reasons[REFUSED],
        unsent=count.reasons[NOT_SENT],
        latencies=sorted(count.latencies),
        departures=sorted(count.departures),
        began=moments[0] if moments else None,
        ended=moments[-1] if moments else None,
        paused=sum(gap for gap in (b - a for a, b in pairwise(moments)) if gap >= PAUSE),
        doubts=heapq.nsmallest(DOUBTS_SHOWN, count.doubts, key=lambda e: (e.began_at, e.key)),
    )


@attrs.define
class _Count:
    outcomes: Counter[str] = attrs.field(factory=Counter)
    actions: dict[str, Counter[str]] = attrs.field(factory=lambda: defaultdict(Counter))
    sellers: dict[str, Counter[str]] = attrs.field(factory=lambda: defaultdict(Counter))
    reasons: dict[str, Counter[str]] = attrs.field(factory=lambda: defaultdict(Counter))
    """By outcome."""
    latencies: list[float] = attrs.field(factory=list)
    departures: list[float] = attrs.field(factory=list)
    moments: list[float] = attrs.field(factory=list)
    doubts: list[Entry] = attrs.field(factory=list)

    def add(self, entry: Entry) -> None:
        outcome = _OUTCOME_OF[entry.state]
        self.outcomes[outcome] += 1
        self.actions[action_name(entry.operation)][outcome] += 1
        self.sellers[entry.seller][outcome] += 1
        began, ended = _moment(entry.began_at), _moment(entry.ended_at)
        self.moments.extend(moment for moment in (began, ended) if moment is not None)
        if outcome == IN_DOUBT:
            self.doubts.append(entry)
        elif outcome != SENT:
            reason = "no reason recorded" if entry.reason is None else reason_in_words(entry.reason)
            self.reasons[outcome][reason] += 1
        elif began is not None:
            self._add_sent(began, ended, evidence=entry.evidence)

    def _add_sent(self, began: float, ended: float | None, *, evidence: str | None) -> None:
        self.departures.append(began)
        # What was settled by evidence has no answer whose time could be told.
        if ended is not None and evidence is None:
            self.latencies.append(max(ended - began, 0.0))


def _by_size(counts: dict[str, Counter[str]]) -> dict[str, Counter[str]]:
    return dict(sorted(counts.items(), key=lambda item: (-item[1].total(), item[0])))


def _moment(at: float | None) -> float | None:
    return at if at is not None and 0 <= at <= _LAST_MOMENT else None


def _step(span: float, most: int) -> float:
    """Return a step of whole minutes, of which ``most`` cover the span wherever it starts."""
    for minutes in _STEPS:
        if span < (most - 1) * minutes * _MINUTE:
            return minutes * _MINUTE
    day = _STEPS[-1] * _MINUTE
    return math.ceil((span + 1) / (most - 1) / day) * day


def _decade_part(latency: float) -> int:
    return math.floor(math.log10(max(latency, MIN_LATENCY)) * _PER_DECADE)
