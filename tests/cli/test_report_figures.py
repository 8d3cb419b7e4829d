"""The figures of a report are those counted by hand."""

from datetime import UTC

import pytest
from helpers.reports import NOON, SAMPLE, doubt, entry, refused

from spapi_messaging.cli.moments import clock, roughly, seconds
from spapi_messaging.cli.report.figures import figures_of
from spapi_messaging.cli.report.formats import a_second, number, share
from spapi_messaging.cli.words import counted
from spapi_messaging.redaction import clipped


def test_figures_are_those_counted_by_hand() -> None:
    figures = figures_of(SAMPLE)
    assert figures.outcomes == {"sent": 20, "refused": 3, "not sent": 1, "in doubt": 2}
    assert figures.actions == {
        "unexpectedProblem": {"sent": 10, "refused": 3, "not sent": 1, "in doubt": 1},
        "warranty": {"sent": 10},
        "invoice": {"in doubt": 1},
    }
    assert list(figures.actions) == ["unexpectedProblem", "warranty", "invoice"]
    assert figures.listings["refused"].reasons == {
        "Amazon knows no such order (404 NotFound)": 2,
        "The order does not offer this action now": 1,
    }
    assert figures.listings["not sent"].reasons == {"The run was stopped": 1}
    doubts = figures.listings["in doubt"]
    assert [row.key for row in doubts.rows] == ["key-0000024", "key-0000025"]
    assert doubts.reasons.total() == 2
    assert (figures.began, figures.ended) == (NOON, NOON + 120)


@pytest.mark.parametrize(
    ("percent", "latency"), [(50, 0.5), (90, 0.9), (99, 1.0), (100, 1.0), (10, 0.1), (0, 0.1)]
)
def test_percentiles_are_of_the_nearest_rank(percent: float, latency: float) -> None:
    assert figures_of(SAMPLE[:10]).percentile(percent) == pytest.approx(latency)


def test_latency_is_of_sent_messages_with_an_answer() -> None:
    entries = [
        entry(0, 0, ended_at=NOON + 2),
        entry(1, 0, ended_at=NOON + 99, evidence="the order no longer offers the action"),
        entry(2, 0, ended_at=NOON - 5),  # the clock was set back
        refused(3, 0),
        doubt(4, 0),
    ]
    assert list(figures_of(entries).latencies) == [0, 2]


def test_a_listing_keeps_the_oldest_in_whatever_order_they_come() -> None:
    entries = [refused(n, n) for n in range(3000)]
    for order in (entries, entries[::-1]):
        listing = figures_of(order).listings["refused"]
        assert [row.at - NOON for row in listing.rows] == list(range(500))
        assert listing.reasons.total() == 3000


def test_spread_counts_every_latency_once() -> None:
    histogram = figures_of(SAMPLE).histogram()
    assert histogram is not None
    assert sum(histogram.counts) == 20
    assert len(histogram.edges) == len(histogram.counts) + 1
    assert histogram.edges[0] <= 0.1
    assert histogram.edges[-1] > 1.0


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (number(0), "0"),
        (number(9.96), "10"),
        (number(3.14), "3.1"),
        (number(1234567), "1,234,567"),
        (share(0, 0), "0 %"),
        (share(1, 3), "33.3 %"),
        (share(1, 100_000), "< 0.1 %"),
        (share(99_999, 100_000), "> 99.9 %"),
        (share(5, 5), "100 %"),
        (seconds(0), "0 ms"),
        (seconds(0.05), "50 ms"),
        (seconds(0.412), "0.41 s"),
        (seconds(0.9996), "1 s"),
        (seconds(1.234), "1.2 s"),
        (seconds(59.9), "59 s"),
        (seconds(60), "1 min"),
        (seconds(3599), "59 min 59 s"),
        (seconds(10_560), "2 h 56 min"),
        (seconds(200_000), "2 d 7 h"),
        (clock(NOON, UTC), "2026-03-01 12:00:00"),
        (clock(1e300, None), "unknown"),
        (a_second(2.0), "2 a second"),
        (a_second(0.05), "1 in 20 s"),
        (counted(1, "message"), "1 message"),
        (counted(1200, "message"), "1,200 messages"),
        (roughly(100_000.0), "1 d"),
        (roughly(39.4), "39 s"),
        (clipped("abcdef", 4), "abc…"),
        (clipped("a\nb", 4), "a\ufffdb"),
    ],
)
def test_numbers_and_times_are_written_for_people(written: str, expected: str) -> None:
    assert written == expected
