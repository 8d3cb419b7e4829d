"""The page of a journal: right figures, and nothing foreign in it."""

import os
import re
import subprocess
import sys
from datetime import timedelta, timezone
from typing import Any, Literal
from zoneinfo import ZoneInfo

import pytest
from helpers.paths import PYTHONPATH
from helpers.reports import (
    EVIL,
    NOON,
    NOW,
    SAMPLE,
    Page,
    doubt,
    entry,
    refused,
    report,
)

from spapi_messaging.bulk.journal import Entry
from spapi_messaging.cli.report.figures import figures_of

matplotlib = pytest.importorskip("matplotlib")


def tiles(html: str) -> list[tuple[str, str, str]]:
    found = re.findall(
        r"([^>]+)</dt><dd class=\"figure[^>]*>([^<]*)</dd><dd class=\"aside\">([^<]*)<", html
    )
    return [(label, figure, aside) for label, figure, aside in found]


def test_the_headline_has_the_figures_of_the_journal(sample: str) -> None:
    assert tiles(sample) == [
        ("Sent", "20", "of 26"),
        ("Refused", "3", "11.5 %"),
        ("Not sent", "1", "3.8 %"),
        ("In doubt", "2", "7.7 %"),
        ("Time taken", "2 min", "first to last"),
        ("Speed", "10", "sent a minute, on average"),
    ]
    assert "20 of 26 messages sent · 2026-03-01 12:00:00 to 12:02:00 (UTC)" in Page.of(sample).text


def test_pauses_between_a_stop_and_a_resume_slow_nothing_down() -> None:
    run = [entry(n, n) for n in range(61)]
    resumed = [entry(100 + n, 90_000 + n) for n in range(61)]
    figures = figures_of([*run, *resumed])
    assert figures.duration == pytest.approx(121)
    assert figures.per_minute == pytest.approx(122 / (121 / 60))
    assert ("Time taken", "2 min 1 s", "and 1 d of pauses") in tiles(report([*run, *resumed]))


def test_what_was_not_sent_is_listed_by_reason_whole_with_its_orders() -> None:
    sentence = "The message contains " + "a very long link, " * 20 + "and an address"
    html = report([*SAMPLE, refused(30, 85, f"BadRequestError 400 InvalidInput: {sentence}")])
    told = Page.of(html).text
    assert f"Amazon refused it: {sentence} (400 InvalidInput)" in told
    assert "Amazon knows no such order (404 NotFound)\n2 · 50.0 %2 orders" in told
    assert "903-0000020-0812628unexpectedProblem2026-03-01 12:01:20" in told
    assert "903-0000023-0812628unexpectedProblem2026-03-01 12:01:30" in told
    assert "903-0000024-0812628invoice2026-03-01 12:01:50" in told


def test_doubts_are_told_on_top_with_what_happened_and_what_to_do(sample: str) -> None:
    alert = Page.of(sample).text.partition("2 messages are in doubt.")[2].partition("Sent")[0]
    assert "Answered 503 with an error (1)." in alert
    assert "The run ended before an answer came, or is still going on (1)." in alert
    assert "spapi-messaging doubts jobs.csv.journal --settle ask" in alert


def test_what_comes_next_is_a_command_for_each_kind(sample: str) -> None:
    told = Page.of(sample).text
    for line in (
        "Settle 2 doubts, when you have looked the orders up:",
        "spapi-messaging doubts jobs.csv.journal --settle ask",
        "Send 1 message that was not sent, with the options that the run was begun with:",
        "spapi-messaging resume jobs.csv\n",
        "Try again 3 messages that were refused, once mended:",
        "spapi-messaging resume jobs.csv --retry-refused",
        "See all outcomes as a table:spapi-messaging export jobs.csv.journal -o outcomes.csv",
    ):
        assert line in told
    assert "What next" not in report(SAMPLE[:20])


def test_a_journal_that_lost_something_says_so_on_top() -> None:
    html = report(SAMPLE, loss="run.db-wal is missing")
    assert "This journal is not complete. run.db-wal is missing." in Page.of(html).text


def test_a_table_counts_each_outcome_under_its_name(sample: str) -> None:
    told = Page.of(sample).text
    assert "actionsentrefusednot sentin doubtall\n" in told
    assert "unexpectedProblem1031115\n" in told


@pytest.mark.parametrize(
    ("zone", "told"),
    [
        (timezone(timedelta(hours=2), "CEST"), "12:00:00 to 12:02:00"),
        (ZoneInfo("Europe/Berlin"), "13:00:00 to 13:02:00 (CET, UTC+1)"),
        (ZoneInfo("Asia/Kolkata"), "17:30:00 to 17:32:00 (IST, UTC+5:30)"),
        (ZoneInfo("America/Sao_Paulo"), "09:00:00 to 09:02:00 (UTC\N{MINUS SIGN}3)"),
    ],
)
def test_times_are_those_of_the_zone_that_is_asked_for(zone: Any, told: str) -> None:
    shown = Page.of(report(SAMPLE, zone=zone)).text
    if zone.utcoffset(NOW) == timedelta(hours=2):
        told = "14:00:00 to 14:02:00 (CEST, UTC+2)"
    assert told in shown
    assert "--time-zone Europe/Berlin" in shown


def test_a_run_over_the_change_of_the_clocks_names_both_times() -> None:
    night = [entry(n, 28 * 86_400 - 13 * 3600 + n * 60) for n in range(200)]  # 28 March, 23:00 UTC
    shown = Page.of(report(night, zone=ZoneInfo("Europe/Berlin"))).text
    assert "2026-03-29 00:00 to 04:19 (CET, UTC+1 to CEST, UTC+2)" in shown


def test_now_is_a_moment_and_not_a_reading_of_some_clock() -> None:
    with pytest.raises(ValueError, match="no time zone"):
        report(SAMPLE, now=NOW.replace(tzinfo=None))
    assert "2026-03-01 18:30 (UTC)" in report(SAMPLE, now=NOW.astimezone(ZoneInfo("Asia/Tokyo")))


def test_sellers_are_shown_where_there_are_several(sample: str, two_sellers: str) -> None:
    assert 'id="sellers"' not in sample
    assert 'id="sellers"' in two_sellers
    assert "B-SELLER" in two_sellers


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
    assert references == {"data:,", "#in-doubt"}
    assert re.findall(r"https?:|url\(|@import|@font-face|<script|\bon[a-z]+=", html) == []


def test_ids_are_unique_and_every_drawing_says_what_it_shows(sample: str) -> None:
    page = Page.of(sample)
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    drawings = page.all("svg")
    assert len(drawings) == 3 + 2 * 2
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
    html = report(entries, rate=10)
    assert len(html.encode()) < 1_000_000
    told = Page.of(html).text
    assert html.count('<td class="id">903-') == 2000 + 500
    assert "The oldest 500 are listed.\nAll are written by spapi-messaging export" in told
    assert (
        "<code>spapi-messaging export jobs.csv.journal <span>-o</span> outcomes.csv</code>"
        in (html.partition('id="refused"')[2])
    )
    for over in ("29 other actions", "961 other reasons", "251 other sellers"):
        assert over in told


def test_where_a_part_of_the_orders_is_listed_the_number_of_all_is_told() -> None:
    reasons = [f"BadRequestError 400 InvalidInput: No. {n}" for n in range(20)]
    told = Page.of(report([refused(n, n, reasons[n % 20]) for n in range(1000)])).text
    assert told.count("\n50 · 5.0 %The oldest 25 of 50 orders") == 20
    assert "%500 orders" in Page.of(report([refused(n, n) for n in range(500)])).text


def test_nonsense_in_a_journal_breaks_nothing() -> None:
    moments = [-1.0, 1e300, float("inf"), float("nan"), 0.0, 253_402_199_999.0]
    Page.of(report([entry(n, 0, began_at=at, ended_at=at) for n, at in enumerate(moments)]))
    Page.of(report([doubt(n, 0, began_at=at) for n, at in enumerate(moments)]))
    long = "x" * 1_000_000
    entries = [doubt(n, n, reason=long, operation=long, order_id=long) for n in range(20)]
    assert len(report(entries)) < 150_000


def test_without_the_extra_only_the_rendering_fails() -> None:
    code = (
        "import sys; sys.modules['matplotlib'] = None\n"
        "from helpers.reports import report\n"
        "try: report([])\n"
        "except ModuleNotFoundError as error: print(error.name)"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"PYTHONPATH": PYTHONPATH},
        check=True,
        capture_output=True,
        text=True,
    )
    assert ran.stdout == "matplotlib\n"


def test_the_bar_of_what_is_under_way_is_empty() -> None:
    """Half of it is sent, and the other half has no outcome yet."""
    html = report([entry(0, 0), doubt(1, 1)], is_in_use=True, moving_since=NOON)
    drawing = re.search(r'<title id="actions-320.*?</svg>', html, re.DOTALL)
    assert drawing is not None
    ends = {
        name: max(float(x) for x in re.findall(r"[ML] ([\d.]+)", path))
        for path, name in re.findall(r'<path d="([^"]+)" style="fill:var\(--(\w+)\)', drawing[0])
    }
    assert ends == {"track": 320, "sent": pytest.approx(160, abs=2)}
