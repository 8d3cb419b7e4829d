"""A bar for each row, stacked by outcome."""

from collections.abc import Mapping, Sequence

import attrs

from spapi_messaging.cli.report.charts.svg import (
    FILL,
    MIDDLE,
    NARROW,
    NORMAL,
    QUIET,
    TRACK,
    Chart,
    drawn,
    fitted,
    plain,
    width_of,
)

_ROW = 46
_BAR = 14 / _ROW


@attrs.frozen(kw_only=True)
class Bar:
    """A row of a bar chart: what it is, what is written at its end, and its parts by outcome.

    ``total`` may be more than they are together: what has no outcome yet is left empty.
    """

    label: str
    figure: str
    parts: Mapping[str, int]
    total: int


@plain()
def bars_chart(name: str, title: str, bars: Sequence[Bar], *, description: str) -> str:
    """Draw a bar for each row, with its label and its figure above it."""
    charts = {width: _bars(bars, width) for width in (NARROW, MIDDLE)}
    return drawn(charts, name, title, description)


def _bars(bars: Sequence[Bar], width: int) -> Chart:
    chart = Chart(width, _ROW * len(bars) + 4, left=0, bottom=2, top=2, right=0)
    axes = chart.axes
    # What there is can be seen: a part has 3 pixels at least.
    longest = max(bar.total for bar in bars)
    pixel = longest / width
    lengths = [
        {outcome: max(count, 3 * pixel) for outcome, count in bar.parts.items() if count}
        for bar in bars
    ]
    end = max(longest, *(sum(parts.values()) for parts in lengths))
    axes.set(xlim=(0, end), ylim=(len(bars), 0), xticks=[], yticks=[])
    for row, (bar, parts) in enumerate(zip(bars, lengths, strict=True)):
        place = row + 0.68
        axes.barh(place, end, height=_BAR, color=TRACK)
        left = 0.0
        for outcome, length in parts.items():
            gap = pixel if left + length < sum(parts.values()) else 0
            axes.barh(place, length - gap, left=left, height=_BAR, color=FILL[outcome])
            left += length
        room = width - width_of(bar.figure, NORMAL) - 16
        chart.write(fitted(bar.label, room), 0, place, lift=13)
        chart.write(bar.figure, end, place, lift=13, ha="right", color=QUIET)
    return chart
