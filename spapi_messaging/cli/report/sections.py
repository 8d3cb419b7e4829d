"""The parts of a report that have a chart or a table of figures, each in words, too."""

from collections import Counter
from collections.abc import Iterator, Mapping

from spapi_messaging.cli.moments import seconds
from spapi_messaging.cli.report import charts
from spapi_messaging.cli.report.figures import OUTCOMES, SENT, STANDINGS, Figures
from spapi_messaging.cli.report.formats import number
from spapi_messaging.cli.report.page import (
    chart,
    folded,
    legend,
    mark,
    outcome_table,
    section,
    table,
)
from spapi_messaging.redaction import clipped

_BARS = 12
"""As many bars as a chart has at most; what is over is summed up in the last."""
_SELLERS = 50
_ANSWERS = "Of sent messages: from their turn at the quota to Amazon's answer, repeats included."
_MARKS = {"half": 50, "9 of 10": 90, "99 of 100": 99}


def cards(figures: Figures) -> Iterator[tuple[int, str]]:
    """Return what stands in two columns, each with about its height in pixels."""
    yield 190 + 82 * min(len(figures.actions), _BARS), _actions(figures)
    yield 440, _answers(figures)


def _actions(figures: Figures) -> str:
    rows = most_of(figures.actions, _BARS, "other actions")
    bars = [
        charts.Bar(
            label=label,
            figure=f"{number(row[SENT])} of {number(row.total())} sent",
            parts={outcome: row[outcome] for outcome in OUTCOMES},
            total=row.total(),
        )
        for label, row in rows.items()
    ]
    told = "; ".join(
        f"{clipped(label, 100)}: " + ", ".join(f"{number(row[o])} {o}" for o in STANDINGS if row[o])
        for label, row in rows.items()
    )
    present = [outcome for outcome in OUTCOMES if figures.outcomes[outcome]]
    return section(
        "Outcomes by action",
        legend((mark(outcome), outcome) for outcome in present),
        chart(charts.bars_chart("actions", "Outcomes by action", bars, description=told)),
        outcome_table("Outcomes by action", "action", rows),
        name="actions",
    )


def _answers(figures: Figures) -> str:
    title, histogram = "Time to Amazon's answer", figures.histogram()
    if histogram is None:
        return section(title, name="answers", note="No message was sent and answered.")
    within = {name: figures.percentile(percent) or 0.0 for name, percent in _MARKS.items()}
    longest = figures.latencies[-1]
    if len(histogram.counts) == 1:
        return section(title, name="answers", note=f"All within {seconds(longest)}. {_ANSWERS}")
    told = ", ".join(f"{name} within {seconds(value)}" for name, value in within.items())
    told = f"{told}, the longest {seconds(longest)}."
    marks = within | {"longest": longest}
    rows = (
        [f"{seconds(low)} to {seconds(high)}", number(count)]
        for low, high, count in zip(
            histogram.edges, histogram.edges[1:], histogram.counts, strict=False
        )
    )
    return section(
        title,
        chart(charts.histogram_chart("answers", title, histogram, marks, description=told)),
        folded("Show as a table", table(title, [("took", "h"), ("messages", "n")], rows)),
        name="answers",
        note=f"{told[:1].upper()}{told[1:]} {_ANSWERS}",
    )


def sellers(figures: Figures) -> str:
    """Show what became of the messages by seller, where there are several."""
    if len(figures.sellers) <= 1:
        return ""
    rows = most_of(figures.sellers, _SELLERS, "other sellers")
    return section(
        "Sellers",
        outcome_table("Sellers", "seller", rows),
        name="sellers",
        note=f"{number(len(figures.sellers))} sellers, those with the most messages first.",
    )


def most_of(rows: Mapping[str, Counter[str]], most: int, others: str) -> dict[str, Counter[str]]:
    """Return the first rows, and what is over as one row more."""
    labels = list(rows)
    if len(labels) <= most:
        return dict(rows)
    kept = {label: rows[label] for label in labels[: most - 1]}
    over: Counter[str] = Counter()
    for label in labels[most - 1 :]:
        over.update(rows[label])
    return kept | {f"{len(labels) - most + 1:,} {others}": over}
