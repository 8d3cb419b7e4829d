"""The charts of a report: matplotlib lays them out, and what is kept is bare SVG."""

from spapi_messaging.cli.report.charts.bars import Bar, bars_chart
from spapi_messaging.cli.report.charts.histogram import histogram_chart
from spapi_messaging.cli.report.charts.svg import ACTION_COLOURS, MIDDLE, NARROW, WIDE
from spapi_messaging.cli.report.charts.throughput import Drawn, throughput_chart

__all__ = [
    "ACTION_COLOURS",
    "MIDDLE",
    "NARROW",
    "WIDE",
    "Bar",
    "Drawn",
    "bars_chart",
    "histogram_chart",
    "throughput_chart",
]
