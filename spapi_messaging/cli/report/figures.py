"""What a report tells, counted from a journal's entries: nothing here draws or writes HTML."""

import heapq
import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

import attrs

from spapi_messaging.bulk import Entry, InDoubt, NotSent, Refused, Sent, reason_in_words
from spapi_messaging.cli.journal_standing import UNDER_WAY, standing_name
from spapi_messaging.cli.report.timeline import (
    Departures,
    Stretch,
    Throughput,
    pauses,
    throughput,
)
from spapi_messaging.cli.words import NO_ANSWER, OUTCOME_NAMES, action_name

SENT, REFUSED, NOT_SENT, IN_DOUBT = OUTCOMES = tuple(
    OUTCOME_NAMES[kind] for kind in (Sent, Refused, NotSent, InDoubt)
)
STANDINGS = (*OUTCOMES, UNDER_WAY)
"""What a message counts as: while a run is going on, it may have no outcome yet."""

LISTED = {REFUSED: 500, NOT_SENT: 500, IN_DOUBT: 10_000}
"""As many orders are listed at most; doubts have to be settled one by one."""
_NO_REASON = {
    REFUSED: "No reason was recorded",
    NOT_SENT: "No reason was recorded",
    IN_DOUBT: f"{NO_ANSWER}, or is still going on",
}
_MINUTE = 60.0
_LAST_MOMENT = 253_402_200_000.0
"""Near the end of the year 9999, beyond which datetime has no name for a moment."""
_PER_DECADE = 8
MIN_LATENCY = 0.001


@attrs.frozen(kw_only=True)
class Histogram:
    """How times are spread: ``counts[i]`` lie from ``edges[i]`` up to ``edges[i + 1]``."""

    edges: Sequence[float]
    counts: Sequence[int]


@attrs.frozen(order=True)
class Listed:
    """A message that was not simply sent."""

    at: float
    key: str
    order_id: str
    action: str
    seller: str
    reason: str


@attrs.define
class Listing:
    """The messages of one outcome: how many for each reason, and the oldest of them."""

    most: int
    reasons: Counter[str] = attrs.field(factory=Counter)
    _rows: list[Listed] = attrs.field(factory=list)

    def add(self, row: Listed) -> None:
        """Count one, and keep it if it is among the oldest."""
        self.reasons[row.reason] += 1
        self._rows.append(row)
        if len(self._rows) >= 4 * self.most:
            self._rows = heapq.nsmallest(self.most, self._rows)

    @property
    def rows(self) -> Sequence[Listed]:
        """The oldest first, and no more than are listed."""
        return heapq.nsmallest(self.most, self._rows)


@attrs.frozen(kw_only=True)
class Figures:
    """The figures of a journal; times are seconds since the epoch, durations seconds."""

    outcomes: Counter[str]
    actions: dict[str, Counter[str]]
    sellers: dict[str, Counter[str]]
    listings: Mapping[str, Listing]
    """By outcome, but for what was sent."""
    latencies: Sequence[float]
    """Sorted; of messages that were sent, from their turn at the quota to Amazon's answer."""
    departures: Departures
    began: float | None
    ended: float | None
    pauses: Sequence[Stretch]

    @property
    def total(self) -> int:
        """All entries."""
        return self.outcomes.total()

    @property
    def paused(self) -> float:
        """Seconds of all pauses."""
        return sum(pause.length for pause in self.pauses)

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

    def throughput(self, *, spans: int, max_cuts: int) -> Throughput | None:
        """Return what was sent over time, in at most so many spans, without the longest pauses."""
        if not self.departures or self.began is None or self.ended is None:
            return None
        return throughput(
            self.began, self.ended, self.pauses, self.departures, spans=spans, max_cuts=max_cuts
        )

    def histogram(self) -> Histogram | None:
        """Return how the latencies are spread, on a scale that grows by a third a step."""
        if not self.latencies:
            return None
        counts = Counter(map(_decade_part, self.latencies))
        parts = range(min(counts), max(counts) + 1)
        edges = [10 ** (part / _PER_DECADE) for part in (*parts, parts[-1] + 1)]
        return Histogram(edges=edges, counts=[counts[part] for part in parts])


def figures_of(entries: Iterable[Entry], *, moving_since: float | None = None) -> Figures:
    """Count all entries, in one pass.

    While a run is going on, what began after ``moving_since`` and has no end is under way.
    """
    count = _Count(moving_since)
    for entry in entries:
        count.add(entry)
    moments = sorted(count.moments)
    departures = {name: sorted(moments) for name, moments in sorted(count.departures.items())}
    return Figures(
        outcomes=count.outcomes,
        actions=_by_size(count.actions),
        sellers=_by_size(count.sellers),
        listings=count.listings,
        latencies=sorted(count.latencies),
        departures=departures,
        began=moments[0] if moments else None,
        ended=moments[-1] if moments else None,
        pauses=pauses(moments, sorted(count.begun)),
    )


@attrs.define
class _Count:
    moving_since: float | None
    outcomes: Counter[str] = attrs.field(factory=Counter)
    actions: dict[str, Counter[str]] = attrs.field(factory=lambda: defaultdict(Counter))
    sellers: dict[str, Counter[str]] = attrs.field(factory=lambda: defaultdict(Counter))
    listings: dict[str, Listing] = attrs.field(
        factory=lambda: {outcome: Listing(most) for outcome, most in LISTED.items()}
    )
    latencies: list[float] = attrs.field(factory=list)
    departures: dict[tuple[str, str], list[float]] = attrs.field(factory=lambda: defaultdict(list))
    begun: list[float] = attrs.field(factory=list)
    moments: list[float] = attrs.field(factory=list)

    def add(self, entry: Entry) -> None:
        outcome = standing_name(entry, self.moving_since)
        action = action_name(entry.operation)
        self.outcomes[outcome] += 1
        self.actions[action][outcome] += 1
        self.sellers[entry.seller][outcome] += 1
        began, ended = _moment(entry.began_at), _moment(entry.ended_at)
        self.moments.extend(moment for moment in (began, ended) if moment is not None)
        if began is not None:
            self.begun.append(began)
        if outcome in self.listings:
            self._add_unsent(entry, outcome, action)
        elif outcome == SENT and began is not None:
            self.departures[action, entry.seller].append(began)
            # What was settled by evidence has no answer whose time could be told.
            if ended is not None and entry.evidence is None:
                self.latencies.append(max(ended - began, 0.0))

    def _add_unsent(self, entry: Entry, outcome: str, action: str) -> None:
        reason = _NO_REASON[outcome] if entry.reason is None else reason_in_words(entry.reason)
        listed = Listed(
            _moment(entry.began_at) or 0.0,
            entry.key,
            entry.order_id,
            action,
            entry.seller,
            f"{reason[:1].upper()}{reason[1:]}",
        )
        self.listings[outcome].add(listed)


def _by_size(counts: dict[str, Counter[str]]) -> dict[str, Counter[str]]:
    return dict(sorted(counts.items(), key=lambda item: (-item[1].total(), item[0])))


def _moment(at: float | None) -> float | None:
    return at if at is not None and 0 <= at <= _LAST_MOMENT else None


def _decade_part(latency: float) -> int:
    return math.floor(math.log10(max(latency, MIN_LATENCY)) * _PER_DECADE)
