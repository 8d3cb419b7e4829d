"""What a report says of a run's time: bars, pauses, and what the plan allowed."""

import itertools
import re
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from helpers.reports import NOON, PROBLEM, Page, doubt, entry, honest, plan, report
from hypothesis import given, settings, strategies as st

from spapi_messaging.bulk import Entry
from spapi_messaging.cli.report.allowance import Allowance
from spapi_messaging.cli.report.figures import Figures, figures_of
from spapi_messaging.cli.report.timeline import Throughput

pytest.importorskip("matplotlib")

ACTION = "unexpectedProblem"
DISCOVERY = "getMessagingActionsForOrder"


def sent(moments: list[float], first: int = 0, **values: object) -> list[Entry]:
    return [entry(first + number, at, **values) for number, at in enumerate(moments)]


def bars(figures: Figures, spans: int = 120, max_cuts: int = 8) -> Throughput:
    found = figures.throughput(spans=spans, max_cuts=max_cuts)
    assert found is not None
    return found


def totals(throughput: Throughput) -> list[int]:
    return [span.total for span in throughput.spans]


@pytest.mark.parametrize(
    ("length", "spans", "step"),
    [
        *((20, 120, 1), (100, 120, 1), (590, 120, 5), (590, 30, 30)),
        *((3600, 120, 30), (86_400, 120, 900)),
    ],
)
def test_bars_are_as_short_as_their_number_permits(length: int, spans: int, step: int) -> None:
    throughput = bars(figures_of(sent([n * length / 1000 for n in range(1001)])), spans)
    assert throughput.step == step
    assert len(throughput.spans) <= spans


def test_the_axis_begins_and_ends_where_the_run_does() -> None:
    throughput = bars(figures_of(sent([7.0, 12.0, 27.3])))
    assert throughput.spans[0].start == NOON + 7
    assert throughput.spans[-1].end == pytest.approx(NOON + 27.8)  # the last answer
    assert totals(throughput) == [1, *[0] * 4, 1, *[0] * 14, 1]


def test_every_message_is_in_one_bar() -> None:
    moments = honest(500)
    for spans in (30, 60, 120):
        assert sum(totals(bars(figures_of(sent(moments)), spans))) == 500


def test_a_gap_that_is_long_for_its_run_is_a_pause() -> None:
    run = [*sent(honest(60)), *sent(honest(60, since=100.0), 60)]
    (pause,) = figures_of(run).pauses
    assert (pause.start - NOON, pause.end - NOON) == (pytest.approx(56.5), 100)


def test_a_plan_that_is_slow_makes_no_pause() -> None:
    assert figures_of(sent([n * 100.0 for n in range(60)])).pauses == []
    assert figures_of(sent([n * 30.0 for n in range(3)])).pauses == []


def test_a_pause_takes_no_bar() -> None:
    run = [*sent(honest(60)), *sent(honest(60, since=50_000.0), 60)]
    throughput = bars(figures_of(run))
    assert throughput.step == 1
    assert [round(each.length) for each in throughput.stretches] == [56, 56]
    assert 0 not in totals(throughput)[1:-1]


def test_of_many_pauses_those_that_are_the_longest_by_far_are_taken_out() -> None:
    starts = [*(100.0 * n for n in range(10)), *(9000.0 + 100 * n for n in range(10))]
    run = [each for n, at in enumerate(starts) for each in sent(honest(30, since=at), 100 * n)]
    figures = figures_of(run)
    assert len(figures.pauses) == 19
    throughput = bars(figures, max_cuts=3)
    assert len(throughput.stretches) == 2
    assert len(throughput.idle) == 18
    assert sum(totals(throughput)) == 600
    assert len(bars(figures, max_cuts=30).stretches) == 20


def allowed(figures: Figures, *plans: object, spans: int = 120, **options: object) -> list[object]:
    allowance = Allowance.of(plans, **options)  # as the command makes it
    return list(allowance.in_spans(ACTION, figures.departures, bars(figures, spans).spans))


@settings(max_examples=200, deadline=None)
@given(
    st.integers(1, 400),
    st.sampled_from([0.05, 0.5, 1, 5, 40]),
    st.integers(2, 40),
    st.integers(0, 50),
    st.sampled_from([1, 2, 30, 120]),
)
def test_an_honest_run_never_looks_as_if_it_sent_more_than_it_might(
    count: int, rate: float, burst: int, gap: int, spans: int
) -> None:
    """Whatever the plan, the pauses and the bars."""
    half = honest(count, rate=rate, burst=burst)
    again = honest(count, rate=rate, burst=burst, since=half[-1] + gap + burst / rate)
    figures = figures_of([*sent(half), *sent(again, count)])
    most = allowed(figures, plan(rate, burst), spans=spans)
    for span, value in zip(bars(figures, spans).spans, most, strict=True):
        assert isinstance(value, float)
        assert span.total <= value + 1e-6


def test_a_run_that_sent_more_than_its_plan_is_seen() -> None:
    figures = figures_of(sent([n / 3 for n in range(300)]))  # 3 a second
    most = allowed(figures, plan(1, 5))
    over = [
        span.total > float(str(value))
        for span, value in zip(bars(figures).spans, most, strict=True)
    ]
    assert over.count(True) > 90


def test_in_a_run_at_full_speed_little_more_than_the_rate_is_allowed() -> None:
    figures = figures_of(sent(honest(600)))
    most = [float(str(value)) for value in allowed(figures, plan(1, 5))]
    assert most[0] == pytest.approx(10)  # in 5 s: 5, and the burst
    assert max(most[1:-1]) <= 7
    assert min(most[1:-1]) >= 5


def test_each_seller_has_a_bucket_of_its_own() -> None:
    both = [*sent(honest(60)), *sent(honest(60), 60, seller="B-SELLER")]
    figures = figures_of(both)
    one = allowed(figures_of(sent(honest(60))), plan())
    two = allowed(figures, plan(), plan(seller="B-SELLER"))
    assert two == [pytest.approx(2 * float(str(value))) for value in one]
    assert set(allowed(figures, plan())) == {None}  # what the other might send is not known


def test_a_seller_too_fast_is_not_hidden_by_idle_ones() -> None:
    plans = [plan(1, 5, seller=f"SELLER-{number}") for number in range(9)]
    run = [
        each
        for number in range(9)
        for each in sent(
            honest(60, rate=4 if number == 3 else 1), 60 * number, seller=plans[number].seller
        )
    ]
    honest_run = [each for each in run if each.seller != "SELLER-3"]
    for entries, named in ((run, ["SELLER-3"]), (honest_run, [])):
        page = report(entries, plans=plans)
        assert re.findall(r"Problem, (SELLER-\d)", page) == named
        assert ("has a line of its own" in page) is bool(named)


def test_a_plan_is_no_measure_of_what_was_sent_before_it() -> None:
    run = [*sent(honest(60, rate=9)), *sent(honest(60, since=7200.0), 60)]
    most = allowed(figures_of(run), plan(1, 5, began_at=NOON + 7200))
    first, second = (len(list(group)) for _, group in itertools.groupby(v is None for v in most))
    assert (first, second) == (7, 57)


def test_a_plan_that_changes_holds_from_then_on() -> None:
    moments = [*honest(60), *honest(200, rate=4, since=60.0)]
    figures = figures_of(sent(moments))
    most = [
        float(str(value)) for value in allowed(figures, plan(1, 5), plan(4, 5, began_at=NOON + 60))
    ]
    spans = bars(figures).spans
    assert all(span.total <= value + 1e-6 for span, value in zip(spans, most, strict=True))
    assert max(most[2:50]) <= 3
    assert min(most[-40:-1]) >= 4


def test_the_allowance_is_drawn_for_one_action_whose_plan_is_known() -> None:
    run = sent(honest(60))
    assert "stroke:var(--allowed)" in report(run, plans=[plan()])
    assert "stroke:var(--allowed)" in report(run, rate=1)
    later = sent(honest(60, since=3000.0), 60)
    assert "stroke:var(--allowed)" not in report([*run, *later])
    several = [*run, *sent(honest(60), 60, operation="CreateWarranty")]
    plans = [plan(), plan(2, operation="CreateWarranty")]
    assert "stroke:var(--allowed)" not in report(several, plans=plans)


def test_several_actions_are_compared_each_with_its_own_plan() -> None:
    several = [*sent(honest(60)), *sent(honest(60), 60, operation="CreateWarranty")]
    plans = [plan(), plan(0.5, 9, operation="CreateWarranty"), plan(2, 10, operation=DISCOVERY)]
    told = Page.of(report(several, plans=plans)).text
    assert re.search(rf"{ACTION}1 a second, 5 at once\d of \d60 of \d\d", told)
    assert re.search(r"warranty1 in 2 s, 9 at once\d of [\d.]+60 of \d\d", told)
    assert "asking orders2 a second, 10 at once" in told


def test_a_rate_that_is_given_is_for_what_has_no_plan() -> None:
    told = Page.of(report(sent(honest(60)), plans=[plan(2, 8)], rate=0.1)).text
    assert "2 a second, 8 at once" in told
    told = Page.of(report(sent(honest(60)), rate=3, burst=7)).text
    assert "3 a second, 7 at once" in told


def test_without_a_plan_nothing_is_said_of_an_allowance() -> None:
    told = Page.of(report(sent(honest(60)))).text
    assert "allowed at the most" not in told
    assert "What the quota allowed is not in this journal." in told


def test_a_pause_is_shaded_and_named() -> None:
    run = [*sent(honest(60)), *sent(honest(60, since=50_000.0), 60)]
    html = report(run, plans=[plan()])
    assert html.count(">pause</text>") == 3  # one for each width
    assert html.count(">14 h</text>") == 3
    assert "Show the pause" in html
    assert "2026-03-01 12:00:56" in html


def test_no_allowance_is_drawn_through_a_pause() -> None:
    starts = (0.0, 50_000.0, 50_300.0, 200_000.0)  # a narrow drawing has the second to scale
    runs = [sent(honest(90, since=since), 100 * n) for n, since in enumerate(starts)]
    html = report([each for run in runs for each in run], plans=[plan()])
    lines = re.findall(r'<path d="([^"]*)" style="[^"]*stroke:var\(--allowed\)', html)
    assert [line.count("M") for line in lines] == [4, 4, 4]


def test_the_busiest_stretch_is_told_as_one_says_it() -> None:
    told = Page.of(report(sent(honest(60)), plans=[plan()])).text
    assert "messages in the busiest second." in told
    told = Page.of(report(sent([n * 60.0 for n in range(100)]))).text
    assert "in the busiest minute." in told


@pytest.mark.parametrize("entries", [[entry(0, 0)], [entry(0, 0), entry(1, 0.2)]])
def test_what_is_too_short_for_bars_is_a_sentence(entries: list[Entry]) -> None:
    told = Page.of(report(entries, plans=[plan()])).text
    assert re.search(r"[12] messages? w(as|ere) sent at 2026-03-01 12:00:00[,.]", told)


def test_moments_that_no_clock_shows_make_no_bars() -> None:
    odd = [*sent(honest(30)), entry(90, 1e300), doubt(91, -1e12), entry(92, float("nan"))]
    assert totals(bars(figures_of(odd))) == totals(bars(figures_of(sent(honest(30)))))


def test_more_actions_than_colours_are_one_part() -> None:
    many = [
        each
        for kind in range(9)
        for each in sent(honest(20), 100 * kind, operation=f"createNew{kind}")
    ]
    told = Page.of(report(many)).text
    assert "5 other actions" in told
    assert PROBLEM not in told


def times_of(began: str, count: int) -> list[list[str]]:
    """Return the times below each drawing of a run in Berlin with a message in five minutes."""
    berlin = ZoneInfo("Europe/Berlin")
    start = datetime.fromisoformat(began).replace(tzinfo=berlin).timestamp() - NOON
    html = report(sent([start + 300 * n for n in range(count)]), zone=berlin)
    drawings = re.findall(r"<title id=.pace.*?</svg>", html, re.DOTALL)
    return [re.findall(r">(\d\d:\d\d)</text>", drawing) for drawing in drawings]


@pytest.mark.parametrize("began", ["2026-03-28 18:17", "2026-10-24 18:17"])
def test_an_axis_has_round_times_also_after_the_clocks_were_changed(began: str) -> None:
    times = times_of(began, 600)
    assert [len(set(each)) for each in times] == [1, 2, 4]
    assert {at for each in times for at in each} == {"00:00", "06:00", "12:00", "18:00"}


def test_an_hour_that_comes_twice_is_on_the_axis_twice() -> None:
    widest = times_of("2026-10-25 00:17", 48)[-1]
    assert (widest.count("01:00"), widest.count("02:00"), widest.count("03:00")) == (1, 2, 1)


def test_runs_with_other_quotas_are_told_with_both() -> None:
    """One that Amazon raised after a run's first messages is told as it was raised."""
    runs = sent(honest(300, rate=10, burst=10)) + sent(honest(300, since=3600), 1000)
    plans = [plan(10, 10), plan(1, 5, began_at=NOON + 3600)]
    told = Page.of(report(runs, plans=plans)).text
    assert "unexpectedProblem1 a second to 10 a second58 of 60600 of 6" in told
    raised = [plan(1), plan(4, began_at=NOON + 1), plan(1, began_at=NOON + 3600)]
    raised.append(plan(4, began_at=NOON + 3601))
    assert "unexpectedProblem4 a second, 5 at once" in Page.of(report(runs, plans=raised)).text


def test_an_action_of_a_later_run_has_an_allowance_of_its_own() -> None:
    later = sent(honest(60, since=3600), 1000, operation="CreateWarranty")
    plans = [plan(), plan(1, 5, operation="CreateWarranty", began_at=NOON + 3600)]
    told = Page.of(report(sent(honest(300)) + later, plans=plans)).text
    assert re.search(r"\nwarranty1 a second, 5 at once\d+ of \d+60 of 6\d\n", told)
    unplanned = Page.of(report(sent(honest(300)) + later, plans=plans[:1])).text
    assert re.search(r"\nwarranty\d", unplanned) is not None
    assert not re.search(r"\nwarranty1 a second", unplanned)
