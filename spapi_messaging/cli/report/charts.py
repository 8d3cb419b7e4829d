"""The charts of a report: matplotlib lays them out, and what is kept is bare SVG.

A chart names its colours as CSS variables, so that one drawing serves a light and a dark page.
What a journal says never reaches matplotlib, which would take ``$`` for mathematics and warn
of glyphs that its own font lacks: texts are drawn as stand-ins and put in afterwards, escaped.
"""

import io
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta, tzinfo
from html import escape
from itertools import pairwise
from typing import Any
from xml.etree import ElementTree as ET

import attrs
from matplotlib import rc_context, rcdefaults, rcParams
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from spapi_messaging.cli.report.figures import OUTCOMES, SENT, Histogram, Throughput
from spapi_messaging.cli.report.formats import clock, number, seconds
from spapi_messaging.redaction import clipped

_INK, _QUIET, _LINE, _TRACK = "#000001", "#000002", "#000003", "#000004"
_ALLOWED = "#000005"
_FILL = {outcome: f"#00001{index}" for index, outcome in enumerate(OUTCOMES)}
_VARIABLES = {
    _INK: "currentColor",
    _QUIET: "var(--quiet)",
    _LINE: "var(--line)",
    _TRACK: "var(--track)",
    _ALLOWED: "var(--allowed)",
    **{colour: f"var(--{outcome.replace(' ', '-')})" for outcome, colour in _FILL.items()},
}
"""What a colour given to matplotlib stands for on the page."""

NARROW, MIDDLE, WIDE = 340, 512, 1090
"""Widths in pixels; the page shows the one that fits, at its own size."""
_SMALL, _NORMAL = 11, 12.5
_ROW = 46
_SVG = "{http://www.w3.org/2000/svg}"
_STYLE = re.compile(r"([a-z-]+): ([^;]+)")
_NUMBER = re.compile(r"-?\d+\.\d+")
_PATH_STYLE = ("fill", "stroke", "stroke-width", "stroke-dasharray")
_TEXT_STYLE = ("font-size", "text-anchor", "fill")
_AXIS_TEXT: dict[str, Any] = {"fontsize": _SMALL, "color": _QUIET}
_BAR = 14 / _ROW
MIN_SPANS = 5
_DAY = 86_400
_TICKS = (60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, _DAY)


@attrs.frozen(kw_only=True)
class Bar:
    """A row of a bar chart: what it is, what is written at its end, and its parts by outcome."""

    label: str
    figure: str
    parts: Mapping[str, int]


class _Chart:
    """An axes on a figure of so many pixels, and the texts that are put in afterwards."""

    def __init__(
        self, width: int, height: int, *, left: int, bottom: int, top: int, right: int
    ) -> None:
        self.width, self.height = width, height
        self.texts: list[str] = []
        self.figure = Figure(figsize=(width / 72, height / 72), dpi=72)
        self.figure.patch.set_visible(False)
        self.axes: Axes = self.figure.add_axes(
            (
                left / width,
                bottom / height,
                (width - left - right) / width,
                (height - bottom - top) / height,
            )
        )
        self.axes.patch.set_visible(False)
        for spine in self.axes.spines.values():
            spine.set_visible(False)
        self.axes.tick_params(length=0, labelsize=_SMALL, labelcolor=_QUIET, pad=6)
        self.axes.set_axisbelow(True)

    def write(
        self, text: str, x: float, y: float, *, lift: float = 0, shift: float = 0, **style: Any
    ) -> None:
        """Write a text at a place of the axes, lifted and shifted by so many pixels."""
        self.texts.append(text)
        look: dict[str, Any] = {"color": _INK, "fontsize": _NORMAL, "annotation_clip": False}
        self.axes.annotate(
            f"@{len(self.texts) - 1}",
            (x, y),
            xytext=(shift, lift),
            textcoords="offset points",
            **(look | style),
        )

    def svg(self, name: str, title: str, description: str) -> str:
        """Draw it as an SVG element with a name of its own on the page."""
        drawn = io.StringIO()
        self.figure.savefig(drawn, format="svg")
        root = ET.fromstring(drawn.getvalue())  # noqa: S314  # drawn here, and stand-ins only
        shapes = "\n".join(_shapes(root, self.texts))
        return (
            f'<svg class="w{self.width}" viewBox="0 0 {self.width} {self.height}" role="img" '
            f'style="max-width:{self.width * 1.3:.0f}px" '
            f'aria-labelledby="{name}-title {name}-desc">\n'
            f'<title id="{name}-title">{escape(title)}</title>\n'
            f'<desc id="{name}-desc">{escape(description)}</desc>\n{shapes}\n</svg>'
        )


@contextmanager
def _plain() -> Iterator[None]:
    """Draw with matplotlib's own defaults, whatever the reader has set, and texts as texts."""
    with rc_context():
        rcdefaults()
        rcParams["svg.fonttype"] = "none"
        yield


@_plain()
def throughput_chart(
    throughputs: Mapping[int, Throughput],
    *,
    allowed: float | None,
    zone: tzinfo | None,
    description: str,
) -> str:
    """Draw the messages a minute and what is allowed, a drawing for each width."""
    charts = {
        width: _throughput(throughput, width, allowed, zone)
        for width, throughput in throughputs.items()
    }
    return _drawn(charts, "pace", "Messages per minute", description)


@_plain()
def bars_chart(name: str, title: str, bars: Sequence[Bar], *, description: str) -> str:
    """Draw a bar for each row, stacked by outcome, with its label and its figure above it."""
    charts = {width: _bars(bars, width) for width in (NARROW, MIDDLE)}
    return _drawn(charts, name, title, description)


@_plain()
def histogram_chart(histogram: Histogram, marks: Mapping[str, float], *, description: str) -> str:
    """Draw how latencies are spread, with a line at each mark."""
    charts = {width: _histogram(histogram, marks, width) for width in (NARROW, MIDDLE)}
    return _drawn(charts, "latency", "Latency", description)


def _drawn(charts: Mapping[int, _Chart], name: str, title: str, description: str) -> str:
    return "\n".join(
        chart.svg(f"{name}-{width}", title, description) for width, chart in charts.items()
    )


def _throughput(
    throughput: Throughput, width: int, allowed: float | None, zone: tzinfo | None
) -> _Chart:
    chart = _Chart(width, 200 if width == NARROW else 240, left=46, bottom=26, top=20, right=16)
    axes = chart.axes
    starts = [throughput.start_of(index) for index in range(len(throughput.rates))]
    gap = 1.5 * throughput.step * len(starts) / width if len(starts) * 4 < width else 0
    axes.bar(starts, throughput.rates, width=throughput.step - gap, align="edge", color=_FILL[SENT])
    end = throughput.start_of(max(len(starts), MIN_SPANS))
    axes.set_xlim(throughput.start, end)
    highest = max(*throughput.rates, allowed or 0, 1)
    _count_axis(axes, highest * 1.08)
    if allowed is not None:
        axes.axhline(allowed, color=_ALLOWED, linewidth=1.5, linestyle=(0, (5, 3)))
        label = f"allowed: {number(allowed)} a minute"
        chart.write(label, end, allowed, lift=5, ha="right", fontsize=_SMALL, color=_ALLOWED)
    ticks = list(_ticks(throughput.start, end, width // 90, zone))
    axes.set_xticks(ticks, ["" for _ in ticks])
    for tick in ticks:
        form = "%H:%M" if clock(tick, zone, "%H:%M") != "00:00" else "%m-%d"
        chart.write(clock(tick, zone, form), tick, 0, lift=-17, ha="center", **_AXIS_TEXT)
    return chart


def _bars(bars: Sequence[Bar], width: int) -> _Chart:
    chart = _Chart(width, _ROW * len(bars) + 4, left=0, bottom=2, top=2, right=0)
    axes = chart.axes
    # What there is can be seen: a part has 3 pixels at least.
    pixel = max(sum(bar.parts.values()) for bar in bars) / width
    lengths = [
        {outcome: max(count, 3 * pixel) for outcome, count in bar.parts.items() if count}
        for bar in bars
    ]
    end = max(sum(parts.values()) for parts in lengths)
    axes.set(xlim=(0, end), ylim=(len(bars), 0), xticks=[], yticks=[])
    for row, (bar, parts) in enumerate(zip(bars, lengths, strict=True)):
        place = row + 0.68
        axes.barh(place, end, height=_BAR, color=_TRACK)
        left = 0.0
        for outcome, length in parts.items():
            gap = pixel if left + length < sum(parts.values()) else 0
            axes.barh(place, length - gap, left=left, height=_BAR, color=_FILL[outcome])
            left += length
        room = round((width - 7 * len(bar.figure) - 16) / 7)
        chart.write(clipped(bar.label, room), 0, place, lift=13)
        chart.write(bar.figure, end, place, lift=13, ha="right", color=_QUIET)
    return chart


def _histogram(histogram: Histogram, marks: Mapping[str, float], width: int) -> _Chart:
    chart = _Chart(width, 230, left=46, bottom=26, top=56, right=16)
    axes = chart.axes
    edges = [math.log10(edge) for edge in histogram.edges]
    gap = 1.5 * (edges[-1] - edges[0]) / width
    widths = [b - a - gap for a, b in pairwise(edges)]
    axes.bar(edges[:-1], histogram.counts, width=widths, align="edge", color=_FILL[SENT])
    _count_axis(axes, max(histogram.counts) * 1.02)
    low, high = edges[0] - 0.05, max(edges[-1], edges[0] + 0.6) + 0.05
    axes.set_xlim(low, high)
    across = axes.get_xaxis_transform()
    for place, (label, value) in enumerate(marks.items()):
        at, top = math.log10(max(value, histogram.edges[0])), 1 + (47 - 13 * place) / 148
        axes.plot([at, at], [0, top], color=_INK, linewidth=1, transform=across, clip_on=False)
        side, shift = ("right", -5) if at > (low + high) / 2 else ("left", 5)
        look = {"ha": side, "xycoords": across, "fontsize": _SMALL}
        chart.write(f"{label} {seconds(value)}", at, top, lift=-9, shift=shift, **look)
    axes.set_xticks([])
    for value in _log_ticks(low, high, width // 80):
        at = math.log10(value)
        chart.write(seconds(value), at, 0, lift=-17, ha="center", **_AXIS_TEXT)
    return chart


def _count_axis(axes: Axes, highest: float) -> None:
    """Count upwards from 0, with a quiet line at each of a few round numbers."""
    axes.set_ylim(0, highest)
    axes.yaxis.set_major_locator(MaxNLocator(nbins=4, integer=True))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: number(value)))
    axes.grid(axis="y", color=_LINE, linewidth=1)


def _ticks(start: float, end: float, most: int, zone: tzinfo | None) -> Iterator[float]:
    """Return moments at which a clock of the zone shows a round time."""
    fit = (tick for tick in _TICKS if (end - start) / tick <= most)
    tick = next(fit, math.ceil((end - start) / most / _DAY) * _DAY)
    offset = datetime.fromtimestamp(start, UTC).astimezone(zone or UTC).utcoffset() or timedelta()
    ahead = offset.total_seconds()
    first = math.ceil((start + ahead) / tick) * tick - ahead
    for index in range(math.floor((end - first) / tick) + 1):
        yield first + index * tick


def _log_ticks(low: float, high: float, most: int) -> list[float]:
    """Return round latencies between two powers of ten: 1, 2, 5, 10, … as far as there is room."""
    decades = range(math.floor(low), math.ceil(high) + 1)
    ticks: list[float] = []
    for steps in ((1, 2, 5), (1, 3), (1,)):
        every = (step * 10.0**decade for decade in decades for step in steps)
        ticks = [value for value in every if low <= math.log10(value) <= high]
        if len(ticks) <= most:
            break
    return ticks[:: math.ceil(len(ticks) / most)]


def _shapes(root: ET.Element, texts: Sequence[str]) -> Iterator[str]:
    """Return the drawing's paths and texts, without all else that matplotlib writes.

    Ids, clip paths and the style sheet would be the whole page's, which has several drawings.
    """
    for element in root.iter():
        style = dict(_STYLE.findall(element.get("style", "")))
        if element.tag == f"{_SVG}path":
            path = " ".join(_NUMBER.sub(_rounded, element.get("d", "")).split())
            look = _look(style, _PATH_STYLE)
            yield f'<path d="{path}"{look}/>'
        elif element.tag == f"{_SVG}text":
            written = _put_in(element.text or "", texts)
            look = _look(style, _TEXT_STYLE)
            x, y = (_NUMBER.sub(_rounded, element.get(name, "0")) for name in ("x", "y"))
            yield f'<text x="{x}" y="{y}"{look}>{written}</text>'


def _look(style: Mapping[str, str], names: Sequence[str]) -> str:
    # In a style, since a variable is understood there and in no attribute.
    kept = (f"{name}:{_VARIABLES.get(style[name], style[name])}" for name in names if name in style)
    return f' style="{";".join(kept)}"'


def _rounded(found: re.Match[str]) -> str:
    return f"{float(found[0]):.2f}".rstrip("0").rstrip(".")


def _put_in(drawn: str, texts: Sequence[str]) -> str:
    return escape(texts[int(drawn[1:])]) if drawn.startswith("@") else escape(drawn)
