"""The page of a journal: right figures, and nothing foreign in it."""

import re
import subprocess
import sys
from datetime import timedelta, timezone
from typing import Literal

import pytest
from helpers.reports import EVIL, NOON, NOW, SAMPLE, Page, doubt, entry, report

from spapi_messaging.bulk.journal import Entry
from spapi_messaging.cli.report import render_report
from spapi_messaging.cli.report.figures import figures_of

matplotlib = pytest.importorskip("matplotlib")


def tiles(html: str) -> list[tuple[str, str, str]]:
    found = re.findall(
        r"([^>]+)</dt><dd class=\"figure[^>]*>([^<]*)</dd><dd class=\"aside\">([^<]*)<", html
    )
    return [(label, figure, aside) for label, figure, aside in found]


def test_the_headline_has_the_figures_of_the_journal(sample: str) -> None:
    assert tiles(sample) == [
        ("Sent", "20", "76.9 %"),
        ("Refused", "3", "11.5 %"),
        ("Not sent", "1", "3.8 %"),
        ("In doubt", "2", "7.7 %"),
        ("Duration", "2 min", "first to last"),
        ("Per minute", "10", "of 60 allowed"),
    ]


def test_pauses_between_a_stop_and_a_resume_slow_nothing_down() -> None:
    run = [entry(n, n) for n in range(61)]
    resumed = [entry(100 + n, 90_000 + n) for n in range(61)]
    figures = figures_of([*run, *resumed])
    assert figures.duration == pytest.approx(121)
    assert figures.per_minute == pytest.approx(122 / (121 / 60))
    assert ("Duration", "2 min 1 s", "and 1 d of pauses") in tiles(report([*run, *resumed]))


def test_refusals_and_doubts_are_listed_with_their_reasons(sample: str) -> None:
    told = Page.of(sample).text
    assert (
        "Amazon knows no such order (404 NotFound): 2; The order does not offer this action now: 1"
        in told
    )
    assert "2 · 66.7 %" in told
    assert "903-0000024-0812628invoice2026-03-01 12:01:50HTTP 503" in told
    assert "903-0000025-0812628unexpectedProblem2026-03-01 12:02:00no answer was recorded" in told


def test_a_table_counts_each_outcome_under_its_name(sample: str) -> None:
    told = Page.of(sample).text
    assert "actionsentrefusednot sentin doubtall\n" in told
    assert "unexpectedProblem1031115\n" in told


def test_times_are_those_of_the_zone_of_now() -> None:
    zone = timezone(timedelta(hours=2), "CEST")
    html = render_report(SAMPLE, title="x", rate=1, now=NOW.astimezone(zone))
    assert "2026-03-01 14:00 to 14:02 (CEST)" in html
    with pytest.raises(ValueError, match="no time zone"):
        render_report(SAMPLE, title="x", rate=1, now=NOW.replace(tzinfo=None))


def test_sellers_are_shown_where_there_are_several(sample: str, two_sellers: str) -> None:
    assert 'id="sellers"' not in sample
    assert 'id="sellers"' in two_sellers
    assert "B-SELLER" in two_sellers


@pytest.mark.parametrize("rate", [None, 300.0])
def test_the_allowance_is_drawn_if_it_is_known(rate: float | None) -> None:
    html = report(SAMPLE, rate)
    drawn = "stroke:var(--allowed)" in html
    assert drawn is (rate is not None)
    if rate is not None:
        assert f"allowed: {rate * 60:,.0f} a minute" in html


@pytest.mark.parametrize("entries", [[], SAMPLE[:1], [SAMPLE[20]], [SAMPLE[25]]])
def test_few_entries_make_a_page_too(entries: list[Entry]) -> None:
    page = Page.of(report(entries))
    assert ("no messages in this journal" in page.text) is not bool(entries)


def test_what_a_journal_says_is_text_and_nothing_else() -> None:
    evil = {"reason": EVIL, "order_id": EVIL, "operation": EVIL, "seller": EVIL}
    states: list[Literal["sent", "refused", "not sent", "sending"]] = [
        *("sent", "refused", "not sent", "sending")
    ]
    entries = [entry(n, n, **evil, state=state) for n, state in enumerate(states)]
    html = report([*entries, *SAMPLE], title=EVIL)
    page = Page.of(html)
    assert page.all("script") == page.all("img") == []
    assert page.text.count("<script>alert('x')</script>") > 10
    assert "$x^2$ @0 \ufffd\ufffd 中" in page.text
    assert "\u202e" not in html
    assert "\x00" not in html


def test_the_page_refers_to_nothing_outside_and_runs_nothing(sample: str) -> None:
    html = sample
    page = Page.of(html)
    policies = [meta["content"] for meta in page.all("meta") if meta.get("http-equiv")]
    assert policies == ["default-src 'none'; style-src 'unsafe-inline'; img-src data:"]
    references = {
        value
        for _, attributes in page.tags
        for name, value in attributes.items()
        if name in {"src", "href", "srcset", "action", "xlink:href", "data", "poster"}
    }
    assert references == {"data:,", "#doubts"}
    assert re.findall(r"https?:|url\(|@import|@font-face|<script|\bon[a-z]+=", html) == []


def test_ids_are_unique_and_every_drawing_says_what_it_shows(sample: str) -> None:
    page = Page.of(sample)
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    drawings = page.all("svg")
    assert len(drawings) == 3 + 4 * 2
    for drawing in drawings:
        assert drawing["role"] == "img"
        assert set((drawing["aria-labelledby"] or "").split()) <= set(ids)
    labelled = {attributes.get("aria-labelledby") for attributes in page.all("section")}
    assert labelled <= set(ids)


def test_the_same_journal_gives_the_same_page_whatever_matplotlib_is_set_to(
    sample: str,
) -> None:
    with matplotlib.rc_context({"font.size": 30, "axes.grid": True, "svg.fonttype": "path"}):
        before = dict(matplotlib.rcParams)
        assert report(SAMPLE) == sample
        assert dict(matplotlib.rcParams) == before
    assert report(SAMPLE[::-1]) == sample


def test_two_hundred_thousand_entries_make_a_small_page() -> None:
    entries = [
        Entry(
            key=f"key-{n:07}",
            seller=f"seller-{n % 300}",
            marketplace="A1PA6795UKMFR9",
            order_id=f"903-{n:07}-0812628",
            operation=f"create{n % 40}",
            state="sending" if n % 100 == 0 else "refused" if n % 7 == 0 else "sent",
            began_at=NOON + n / 10,
            ended_at=NOON + n / 10 + 0.5,
            reason=f"reason {n % 1000}",
        )
        for n in range(200_000)
    ]
    html = report(entries, 10)
    assert len(html.encode()) < 1_000_000
    assert "The oldest 500 of 2,000" in html
    assert html.count('<td class="id">903-') == 500
    for over in ("29 other actions", "979 others", "251 other sellers"):
        assert over in html


def test_nonsense_in_a_journal_breaks_nothing() -> None:
    moments = [-1.0, 1e300, float("inf"), float("nan"), 0.0, 253_402_199_999.0]
    Page.of(report([entry(n, 0, began_at=at, ended_at=at) for n, at in enumerate(moments)]))
    Page.of(report([doubt(n, 0, began_at=at) for n, at in enumerate(moments)]))
    long = "x" * 1_000_000
    entries = [doubt(n, n, reason=long, operation=long, order_id=long) for n in range(20)]
    assert len(report(entries)) < 100_000


def test_without_the_extra_only_the_rendering_fails() -> None:
    code = (
        "import sys; sys.modules['matplotlib'] = None\n"
        "from datetime import datetime, UTC\n"
        "from spapi_messaging.cli.report import render_report\n"
        "try: render_report([], title='', rate=None, now=datetime.now(UTC))\n"
        "except ModuleNotFoundError as error: print(error.name)"
    )
    ran = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert ran.stdout == "matplotlib\n"
