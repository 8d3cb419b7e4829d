"""What was sent over time: bars stacked by action, pauses as bands, and what was allowed.

A long pause takes no more room than its name needs: beside a night of waiting, all work would be
a line. So the axis counts pixels, and stretches of work have one scale.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import pairwise
from typing import Any

import attrs

from spapi_messaging.cli.moments import clock, roughly, seconds
from spapi_messaging.cli.report.charts.svg import (
    ACTION_FILL,
    ALLOWED,
    AXIS_TEXT,
    NARROW,
    QUIET,
    SMALL,
    TRACK,
    Chart,
    count_room,
    drawn,
    plain,
    width_of,
)
from spapi_messaging.cli.report.timeline import Span, Stretch, Throughput

BAND = 54
"""Pixels of a pause."""
_TICK_ROOM = 84
_ROOM_BETWEEN = 10
_NARROWEST = 3
"""Pixels of a bar that has still room for a gap beside it."""
_DAY = 86_400
_TICKS = (
    *(1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800),
    *(3600, 7200, 10_800, 21_600, 43_200, _DAY),
)
_MINUTE = 60


@attrs.frozen(kw_only=True)
class Drawn:
    """What a drawing of one width shows."""

    throughput: Throughput
    parts: Sequence[Sequence[int]]
    """For each colour, what was sent in each span."""
    allowed: Sequence[float | None] | None
    """For each span, where all of it is one action's; None where it is not known."""


@plain()
def throughput_chart(
    drawings: Mapping[int, Drawn], *, zone: tzinfo | None, title: str, description: str
) -> str:
    """Draw the messages that were sent over time, a drawing for each width."""
    charts = {width: _throughput(shown, width, zone) for width, shown in drawings.items()}
    return drawn(charts, "pace", title, description)


@attrs.frozen
class _Axis:
    """Where moments are, in pixels from the left."""

    stretches: Sequence[Stretch]
    width: int
    scale: float
    """Pixels of a second."""

    @classmethod
    def of(cls, stretches: Sequence[Stretch], width: int) -> "_Axis":
        at_work = sum(stretch.length for stretch in stretches)
        room = width - BAND * (len(stretches) - 1)
        return cls(stretches, width, room / max(at_work, 0.001))

    def starts(self) -> Iterator[tuple[Stretch, float]]:
        """Yield each stretch with its place."""
        left = 0.0
        for stretch in self.stretches:
            yield stretch, left
            left += stretch.length * self.scale + BAND

    def bands(self) -> Iterator[tuple[Stretch, float]]:
        """Yield each pause with the place of its beginning."""
        for (before, left), (after, _) in pairwise(self.starts()):
            yield Stretch(before.end, after.start), left + before.length * self.scale

    def place_of(self, at: float) -> float:
        """Return where a moment is that is in a stretch."""
        starts = [each for each in self.starts() if each[0].start <= at]
        stretch, left = starts[-1]
        return left + (at - stretch.start) * self.scale

    def place(self, span: Span) -> tuple[float, float]:
        """Return where a span begins, and its width."""
        return self.place_of(span.start), max((span.end - span.start) * self.scale, 1.0)


def _throughput(shown: Drawn, width: int, zone: tzinfo | None) -> Chart:
    height = 220 if width == NARROW else 270
    throughput = shown.throughput
    allowed = _allowed_at_work(shown)
    known = [value for value in allowed if value is not None]
    highest = max(*(span.total for span in throughput.spans), *known, 1)
    margin = count_room(highest)
    chart = Chart(width, height, left=margin, bottom=42, top=30, right=16)
    axis = _Axis.of(throughput.stretches, chart.plot_width)
    chart.axes.set_xlim(0, chart.plot_width)
    places = [axis.place(span) for span in throughput.spans]
    chart.count_upwards(highest * 1.06)
    _draw_bars(chart, shown.parts, places)
    _draw_allowance(chart, allowed, places)
    for pause, left in axis.bands():
        _draw_pause(chart, pause, left, BAND)
    for pause in throughput.idle:
        left = axis.place_of(pause.start)
        _draw_pause(chart, pause, left, pause.length * axis.scale)
    unit = f"messages in {seconds(throughput.step)}"
    chart.write(unit, 0, highest * 1.06, lift=12, shift=6 - margin, **AXIS_TEXT)
    chart.axes.set_xticks([])
    _write_times(chart, axis, zone)
    return chart


def _allowed_at_work(shown: Drawn) -> list[float | None]:
    """Return what was allowed in each span, without those that lie in a pause."""
    spans, idle = shown.throughput.spans, shown.throughput.idle
    return [
        None if any(rest.start <= span.start and span.end <= rest.end for rest in idle) else value
        for span, value in zip(spans, shown.allowed or (None for _ in spans), strict=True)
    ]


def _draw_bars(
    chart: Chart, parts: Sequence[Sequence[int]], places: Sequence[tuple[float, float]]
) -> None:
    gap = 1.0 if min(width for _, width in places) > _NARROWEST else 0.0
    pixel = chart.axes.get_ylim()[1] / chart.plot_height
    bottoms = [0.0] * len(places)
    for colour, counts in zip(ACTION_FILL, parts, strict=False):
        for index, ((left, width), count) in enumerate(zip(places, counts, strict=True)):
            if count:
                chart.axes.bar(
                    left,
                    max(count - pixel, count / 2),
                    width=max(width - gap, 0.5),
                    bottom=bottoms[index],
                    align="edge",
                    color=colour,
                )
                bottoms[index] += count


def _draw_allowance(
    chart: Chart, allowed: Sequence[float | None], places: Sequence[tuple[float, float]]
) -> None:
    """Draw a step for each span, and nothing where it is not known, nor through a pause."""
    points: list[tuple[float, float]] = []
    for (left, width), value in zip(places, allowed, strict=False):
        if value is None or (points and left - points[-1][0] > BAND / 2):
            points.append((math.nan, math.nan))
        if value is not None:
            points += [(left, value), (left + width, value)]
    if any(value is not None for value in allowed):
        across, upwards = zip(*points, strict=True)
        style: dict[str, Any] = {"color": ALLOWED, "linewidth": 1.5, "linestyle": (0, (5, 3))}
        chart.axes.plot(across, upwards, **style)


def _draw_pause(chart: Chart, pause: Stretch, left: float, width: float) -> None:
    """Shade a pause, and name it where its name has room."""
    edge = min(2.0, width / 4)
    chart.axes.axvspan(left + edge, left + width - edge, color=TRACK, zorder=0)
    if width < BAND:
        return
    look: dict[str, Any] = {"ha": "center", "fontsize": SMALL, "color": QUIET}
    middle = chart.axes.get_ylim()[1] / 2
    chart.write("pause", left + width / 2, middle, lift=4, **look)
    chart.write(roughly(pause.length), left + width / 2, middle, lift=-14, **look)


def _write_times(chart: Chart, axis: _Axis, zone: tzinfo | None) -> None:
    """Write round times below the axis, and under the first of each day its date."""
    tick = next((t for t in _TICKS if t * axis.scale >= _TICK_ROOM), None)
    step = tick or math.ceil(_TICK_ROOM / axis.scale / _DAY) * _DAY
    form = "%H:%M" if step >= _MINUTE else "%H:%M:%S"
    right, date_right, day = -math.inf, -math.inf, ""
    for at, place in _ticks(axis, step, zone):
        label = clock(at, zone, form)
        half = width_of(label, SMALL) / 2
        middle = min(max(place, half - 40), chart.plot_width + 14 - half)
        if middle - half < right:
            continue
        chart.write(label, middle, 0, lift=-19, ha="center", **AXIS_TEXT)
        right = middle + half + _ROOM_BETWEEN
        date = clock(at, zone, "%d %b %Y").lstrip("0")
        half = width_of(date, SMALL) / 2
        middle = min(max(place, half - 40), chart.plot_width + 14 - half)
        if date != day and middle - half >= date_right:
            chart.write(date, middle, 0, lift=-36, ha="center", **AXIS_TEXT)
            day, date_right = date, middle + half + _ROOM_BETWEEN


def _ticks(axis: _Axis, step: float, zone: tzinfo | None) -> Iterator[tuple[float, float]]:
    """Yield moments at which a clock of the zone shows a round time, with their places.

    A stretch that has none is told by its beginning.
    """
    for stretch, left in axis.starts():
        for at in _round_times(stretch, step, zone) or [stretch.start]:
            yield at, left + (at - stretch.start) * axis.scale


def _round_times(stretch: Stretch, step: float, zone: tzinfo | None) -> Sequence[float]:
    """Return when a zone's clock shows a round time; where it is changed, also afterwards."""
    days = (stretch.start + day * _DAY for day in range(math.ceil(stretch.length / _DAY)))
    found: set[float] = set()
    for ahead in {_ahead(at, zone) for at in (*days, stretch.end)}:
        first = math.ceil((stretch.start + ahead) / step)
        last = math.floor((stretch.end + ahead) / step)
        moments = (number * step - ahead for number in range(first, last + 1))
        found.update(at for at in moments if _ahead(at, zone) == ahead)
    return sorted(found)


def _ahead(at: float, zone: tzinfo | None) -> float:
    """Return the seconds that a zone's clock is ahead of UTC at a moment."""
    local = datetime.fromtimestamp(at, UTC).astimezone(zone)
    return (local.utcoffset() or timedelta()).total_seconds()
