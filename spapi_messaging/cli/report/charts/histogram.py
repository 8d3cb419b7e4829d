"""How long answers took: bars on a scale of powers of ten, and marks with words."""

import math
from collections.abc import Mapping
from itertools import pairwise

from spapi_messaging.cli.moments import seconds
from spapi_messaging.cli.report.charts.svg import (
    AXIS_TEXT,
    FILL,
    INK,
    MIDDLE,
    NARROW,
    SMALL,
    Chart,
    count_room,
    drawn,
    plain,
)
from spapi_messaging.cli.report.figures import SENT, Histogram

_LINE = 17
"""Pixels from the label of one mark to that of the next."""
_HEIGHT = 160


@plain()
def histogram_chart(
    name: str, title: str, histogram: Histogram, marks: Mapping[str, float], *, description: str
) -> str:
    """Draw how times are spread, with a line at each mark."""
    charts = {width: _histogram(histogram, marks, width) for width in (NARROW, MIDDLE)}
    return drawn(charts, name, title, description)


def _histogram(histogram: Histogram, marks: Mapping[str, float], width: int) -> Chart:
    top, left = _LINE * len(marks) + 6, count_room(max(histogram.counts))
    chart = Chart(width, _HEIGHT + top + 28, left=left, bottom=28, top=top, right=16)
    axes = chart.axes
    edges = [math.log10(edge) for edge in histogram.edges]
    gap = 1.5 * (edges[-1] - edges[0]) / width
    widths = [b - a - gap for a, b in pairwise(edges)]
    axes.bar(edges[:-1], histogram.counts, width=widths, align="edge", color=FILL[SENT])
    chart.count_upwards(max(histogram.counts) * 1.02)
    low, high = edges[0] - 0.05, max(edges[-1], edges[0] + 0.6) + 0.05
    axes.set_xlim(low, high)
    across = axes.get_xaxis_transform()
    # The longest has the highest line: then no line goes through the label of another.
    for place, (label, value) in enumerate(reversed(list(marks.items()))):
        at, ceiling = (
            math.log10(max(value, histogram.edges[0])),
            1 + (top - _LINE * place) / _HEIGHT,
        )
        axes.plot([at, at], [0, ceiling], color=INK, linewidth=1, transform=across, clip_on=False)
        look = {"ha": "right", "xycoords": across, "fontsize": SMALL}
        chart.write(label, at, ceiling, lift=-11, shift=-5, **look)
    axes.set_xticks([])
    for value in _ticks(low, high, chart.plot_width // 80):
        chart.write(seconds(value), math.log10(value), 0, lift=-20, ha="center", **AXIS_TEXT)
    return chart


def _ticks(low: float, high: float, most: int) -> list[float]:
    """Return round times between two powers of ten: 1, 2, 5, 10, … as far as there is room."""
    decades = range(math.floor(low), math.ceil(high) + 1)
    ticks: list[float] = []
    for steps in ((1, 2, 5), (1, 3), (1,)):
        every = (step * 10.0**decade for decade in decades for step in steps)
        ticks = [value for value in every if low <= math.log10(value) <= high]
        if len(ticks) <= most:
            break
    return ticks[:: math.ceil(len(ticks) / most)] if ticks else []
