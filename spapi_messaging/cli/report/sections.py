"""The parts of a report that have a chart or a table, each with its figures in words, too."""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import tzinfo

from spapi_messaging.cli.report import charts
from spapi_messaging.cli.report.figures import (
    IN_DOUBT,
    NOT_SENT,
    OUTCOMES,
    REFUSED,
    SENT,
    Figures,
)
from spapi_messaging.cli.report.formats import clock, number, seconds, share
from spapi_messaging.cli.report.page import (
    chart,
    folded,
    legend,
    outcome_table,
    section,
    table,
)
from spapi_messaging.cli.words import action_name
from spapi_messaging.redaction import clipped

_BARS = 12
"""As many bars as a chart has at most; what is over is summed up in the last."""
_SELLERS = 50
_PERCENTILES = {"p50": 50, "p90": 90, "p99": 99, "max": 100}


def cards(figures: Figures) -> Iterator[tuple[int, str]]:
    """Return what stands in two columns, each with about its height in pixels."""
    yield 190 + 82 * min(len(figures.actions), _BARS), _actions(figures)
    refused, unsent = figures.refusals, figures.unsent
    if refused:
        yield _height(refused), _reasons("Refusals by reason", REFUSED, refused)
    yield 440, _latency(figures)
    if unsent:
        yield _height(unsent), _reasons("Not sent, by reason", NOT_SENT, unsent)


def _height(reasons: Counter[str]) -> int:
    return 130 + 46 * min(len(reasons), _BARS)


def throughput(figures: Figures, rate: float | None, zone: tzinfo | None) -> str:
    """Show the messages a minute against what is allowed."""
    spans = {charts.NARROW: 30, charts.MIDDLE: 60, charts.WIDE: 120}
    throughputs = {
        width: throughput
        for width, most in spans.items()
        if (throughput := figures.throughput(most))
    }
    if not throughputs:
        return section("Messages per minute", name="pace", note="No message was sent.")
    widest = throughputs[charts.WIDE]
    allowed = None if rate is None else rate * 60
    highest = number(max(widest.rates))
    told = f"At most {highest} a minute were sent" + (
        f"; {number(allowed)} are allowed." if allowed is not None else "."
    )
    drawings = charts.throughput_chart(throughputs, allowed=allowed, zone=zone, description=told)
    rows = (
        [clock(widest.start_of(index), zone, "%Y-%m-%d %H:%M"), number(sent)]
        for index, sent in enumerate(widest.rates)
    )
    return section(
        "Messages per minute",
        chart(drawings),
        folded(
            "Show as a table",
            table(
                "Messages per minute",
                [("from", "h"), ("messages a minute", "n")],
                rows,
                caption=f"Each row is the mean of {seconds(widest.step)}.",
            ),
        ),
        name="pace",
        note="Sent messages, by when they went out. Bars are means over whole minutes; "
        "a burst may pass what is allowed for a moment.",
    )


def _actions(figures: Figures) -> str:
    rows = _most(figures.actions, _BARS, "other actions")
    bars = [
        charts.Bar(
            label=label,
            figure=f"{share(counted[SENT], counted.total())} of {number(counted.total())} sent",
            parts={outcome: counted[outcome] for outcome in OUTCOMES},
        )
        for label, counted in rows.items()
    ]
    told = "; ".join(
        f"{clipped(label, 100)}: "
        + ", ".join(f"{number(counted[o])} {o}" for o in OUTCOMES if counted[o])
        for label, counted in rows.items()
    )
    present = [outcome for outcome in OUTCOMES if figures.outcomes[outcome]]
    return section(
        "Outcomes by action",
        legend(present),
        chart(charts.bars_chart("actions", "Outcomes by action", bars, description=told)),
        outcome_table("Outcomes by action", "action", rows),
        name="actions",
    )


def _reasons(title: str, outcome: str, counted: Counter[str]) -> str:
    rows = _most({reason: Counter({outcome: n}) for reason, n in _sorted(counted)}, _BARS, "others")
    name = f"reasons-{outcome.replace(' ', '-')}"
    total = counted.total()
    figures = {label: row[outcome] for label, row in rows.items()}
    bars = [
        charts.Bar(
            label=label,
            figure=f"{number(count)} · {share(count, total)}",
            parts={outcome: count},
        )
        for label, count in figures.items()
    ]
    told = "; ".join(f"{clipped(label, 100)}: {number(count)}" for label, count in figures.items())
    columns = [("reason", "text"), ("messages", "n"), ("share", "n")]
    cells = [[label, number(count), share(count, total)] for label, count in figures.items()]
    return section(
        title,
        chart(charts.bars_chart(name, title, bars, description=told)),
        folded("Show as a table", table(title, columns, cells)),
        name=name,
    )


def _latency(figures: Figures) -> str:
    histogram = figures.histogram()
    if histogram is None:
        return section("Latency", name="latency", note="No message was sent and answered.")
    marks = {name: figures.percentile(percent) or 0.0 for name, percent in _PERCENTILES.items()}
    told = ", ".join(f"{name} {seconds(value)}" for name, value in marks.items())
    tiles = "".join(
        f"<div><dt>{name}</dt><dd>{seconds(value)}</dd></div>" for name, value in marks.items()
    )
    rows = (
        [
            f"{seconds(histogram.edges[index])} to {seconds(histogram.edges[index + 1])}",
            number(count),
        ]
        for index, count in enumerate(histogram.counts)
    )
    return section(
        "Latency",
        f'<dl class="percentiles">{tiles}</dl>',
        chart(charts.histogram_chart(histogram, marks, description=told)),
        folded("Show as a table", table("Latency", [("took", "h"), ("messages", "n")], rows)),
        name="latency",
        note="Of sent messages: from their turn at the quota to Amazon's answer, repeats included.",
    )


def sellers(figures: Figures) -> str:
    """Show what became of the messages by seller, where there are several."""
    if not _has_sellers(figures):
        return ""
    rows = _most(figures.sellers, _SELLERS, "other sellers")
    return section(
        "Sellers",
        outcome_table("Sellers", "seller", rows),
        name="sellers",
        note=f"{number(len(figures.sellers))} sellers, those with the most messages first.",
    )


def doubts(figures: Figures, zone: tzinfo | None) -> str:
    """List the messages in doubt, the oldest first."""
    total, shown = figures.outcomes[IN_DOUBT], len(figures.doubts)
    if not total:
        return section("In doubt", name="doubts", note="No message is in doubt.")
    several = _has_sellers(figures)
    columns = [("order", "id"), ("action", "name"), ("since", "id"), ("reason", "text")]
    rows = [
        [
            entry.order_id,
            action_name(entry.operation),
            clock(entry.began_at, zone, "%Y-%m-%d %H:%M:%S"),
            entry.reason or "no answer was recorded",
            *([entry.seller] if several else []),
        ]
        for entry in figures.doubts
    ]
    if several:
        columns.append(("seller", "text"))
    note = f"{number(total)} in all" if shown == total else f"The oldest {shown} of {number(total)}"
    return section(
        "In doubt",
        table("In doubt", columns, rows, style="stack"),
        name="doubts",
        note=f"{note}. Whether the buyer has the message, nobody knows.",
    )


def _has_sellers(figures: Figures) -> bool:
    """Whether there are several, since one needs no table."""
    return len(figures.sellers) > 1


def _sorted(counted: Mapping[str, int]) -> list[tuple[str, int]]:
    return sorted(counted.items(), key=lambda item: (-item[1], item[0]))


def _most(rows: Mapping[str, Counter[str]], most: int, others: str) -> dict[str, Counter[str]]:
    """Return the first rows, and what is over as one row more."""
    labels = list(rows)
    if len(labels) <= most:
        return dict(rows)
    kept = {label: rows[label] for label in labels[: most - 1]}
    over: Counter[str] = Counter()
    for label in labels[most - 1 :]:
        over.update(rows[label])
    return kept | {f"{len(labels) - most + 1:,} {others}": over}
