"""A drawing of matplotlib's, and what of it stands on the page.

A chart names its colours as CSS variables, so that one drawing serves a light and a dark page.
What a journal says never reaches matplotlib, which would take ``$`` for mathematics and warn
of glyphs that its own font lacks: texts are drawn as stand-ins and put in afterwards, escaped.
The page's font is the reader's own, so a text is given the room that a wide one would take.
"""

import io
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from html import escape
from typing import Any
from xml.etree import ElementTree as ET

from matplotlib import rc_context, rcdefaults, rcParams
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from spapi_messaging.cli.report.figures import OUTCOMES
from spapi_messaging.cli.report.formats import number
from spapi_messaging.redaction import clipped

INK, QUIET, LINE, TRACK, ALLOWED = "#000001", "#000002", "#000003", "#000004", "#000005"
FILL = {outcome: f"#00001{index}" for index, outcome in enumerate(OUTCOMES)}
ACTION_COLOURS = 5
"""As many actions have a colour of their own; the last is that of all others."""
ACTION_FILL = [f"#00002{index}" for index in range(ACTION_COLOURS)]
_VARIABLES = {
    INK: "currentColor",
    QUIET: "var(--quiet)",
    LINE: "var(--line)",
    TRACK: "var(--track)",
    ALLOWED: "var(--allowed)",
    **{colour: f"var(--{outcome.replace(' ', '-')})" for outcome, colour in FILL.items()},
    **{colour: f"var(--action-{index})" for index, colour in enumerate(ACTION_FILL)},
}
"""What a colour given to matplotlib stands for on the page."""

NARROW, MIDDLE, WIDE = 320, 500, 1070
"""Widths in pixels; the page shows the one that fits, at its own size."""
SMALL, NORMAL = 11, 12.5
AXIS_TEXT: dict[str, Any] = {"fontsize": SMALL, "color": QUIET}
_EM = 0.62
"""The width of a letter in sizes of its font, in the widest of the usual fonts on the mean."""
_SVG = "{http://www.w3.org/2000/svg}"
_STYLE = re.compile(r"([a-z-]+): ([^;]+)")
_NUMBER = re.compile(r"-?\d+\.\d+")
_PATH_STYLE = ("fill", "stroke", "stroke-width", "stroke-dasharray")
_TEXT_STYLE = ("font-size", "text-anchor", "fill")


class Chart:
    """An axes on a figure of so many pixels, and the texts that are put in afterwards."""

    def __init__(
        self, width: int, height: int, *, left: int, bottom: int, top: int, right: int
    ) -> None:
        self.width, self.height = width, height
        self.plot_width, self.plot_height = width - left - right, height - bottom - top
        self.texts: list[str] = []
        self.figure = Figure(figsize=(width / 72, height / 72), dpi=72)
        self.figure.patch.set_visible(False)
        place = (left / width, bottom / height, self.plot_width / width, self.plot_height / height)
        self.axes: Axes = self.figure.add_axes(place)
        self.axes.patch.set_visible(False)
        for spine in self.axes.spines.values():
            spine.set_visible(False)
        self.axes.tick_params(length=0, labelsize=SMALL, labelcolor=QUIET, pad=6)
        self.axes.set_axisbelow(True)

    def write(
        self, text: str, x: float, y: float, *, lift: float = 0, shift: float = 0, **style: Any
    ) -> None:
        """Write a text at a place of the axes, lifted and shifted by so many pixels."""
        self.texts.append(text)
        look: dict[str, Any] = {"color": INK, "fontsize": NORMAL, "annotation_clip": False}
        self.axes.annotate(
            f"@{len(self.texts) - 1}",
            (x, y),
            xytext=(shift, lift),
            textcoords="offset points",
            **(look | style),
        )

    def count_upwards(self, highest: float) -> None:
        """Count from 0, with a quiet line at each of a few round numbers."""
        axes = self.axes
        axes.set_ylim(0, highest)
        axes.yaxis.set_major_locator(MaxNLocator(nbins=4, integer=True))
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: number(value)))
        axes.grid(axis="y", color=LINE, linewidth=1)

    def svg(self, name: str, title: str, description: str) -> str:
        """Draw it as an SVG element with a name of its own on the page."""
        drawn = io.StringIO()
        self.figure.savefig(drawn, format="svg")
        root = ET.fromstring(drawn.getvalue())  # noqa: S314  # drawn here, and stand-ins only
        shapes = "\n".join(_shapes(root, self.texts))
        return (
            f'<svg class="w{self.width}" viewBox="0 0 {self.width} {self.height}" role="img" '
            f'style="max-width:{self.width * 1.4:.0f}px" '
            f'aria-labelledby="{name}-title {name}-desc">\n'
            f'<title id="{name}-title">{escape(title)}</title>\n'
            f'<desc id="{name}-desc">{escape(description)}</desc>\n{shapes}\n</svg>'
        )


@contextmanager
def plain() -> Iterator[None]:
    """Draw with matplotlib's own defaults, whatever the reader has set, and texts as texts."""
    with rc_context():
        rcdefaults()
        rcParams["svg.fonttype"] = "none"
        yield


def count_room(highest: float) -> int:
    """Return the pixels that the numbers beside a chart take, up to the highest."""
    return max(46, round(width_of(number(highest), SMALL)) + 16)


def drawn(charts: Mapping[int, Chart], name: str, title: str, description: str) -> str:
    """Return a chart's drawings, one for each width."""
    return "\n".join(
        chart.svg(f"{name}-{width}", title, description) for width, chart in charts.items()
    )


def width_of(text: str, size: float) -> float:
    """Return the pixels that a text takes at most; letters such as 中 are as wide as high."""
    letters = sum(1.0 if unicodedata.east_asian_width(each) in "WF" else _EM for each in text)
    return letters * size


def fitted(text: str, room: float, size: float = NORMAL) -> str:
    """Cut a text so that it takes no more than so many pixels."""
    text = clipped(text, 200)
    if width_of(text, size) <= room:
        return text
    while text and width_of(f"{text}…", size) > room:
        text = text[:-1]
    return f"{text}…"


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
