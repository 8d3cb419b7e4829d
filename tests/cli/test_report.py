"""The page of a journal: right figures, nothing foreign in it, and readable in a browser."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from html.parser import HTMLParser
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

import attrs
import pytest

from spapi_messaging.bulk.journal import Entry
from spapi_messaging.cli.report import render_report
from spapi_messaging.cli.report.figures import figures_of
from spapi_messaging.cli.report.formats import clock, number, seconds, share
from spapi_messaging.redaction import clipped

matplotlib = pytest.importorskip("matplotlib")

NOON = 1_772_366_400.0
"""2026-03-01 12:00:00 UTC."""
NOW = datetime(2026, 3, 1, 18, 30, tzinfo=UTC)
EVIL = "<script>alert('x')</script>\"><img src=http://evil.example/> $x^2$ @0 \u202e\x00 中"
VOID = {"meta", "link", "wbr", "br", "img"}
SCHEMES = ("light", "dark")


def entry(number: int, at: float, **values: Any) -> Entry:
    given: dict[str, Any] = {
        "key": f"key-{number:07}",
        "seller": "A-SELLER",
        "marketplace": "A1PA6795UKMFR9",
        "order_id": f"903-{number:07}-0812628",
        "operation": "createUnexpectedProblem",
        "state": "sent",
        "began_at": NOON + at,
        "ended_at": NOON + at + 0.5,
    }
    return Entry(**(given | values))


def refused(number: int, at: float, reason: str | None = "NotFoundError 404 NotFound") -> Entry:
    return entry(number, at, state="refused", reason=reason)


def doubt(number: int, at: float, **values: Any) -> Entry:
    return entry(number, at, **({"state": "sending", "ended_at": None} | values))


SAMPLE = [
    *(entry(n, n, ended_at=NOON + n + 0.1 * (n + 1)) for n in range(10)),  # 0.1 s to 1.0 s
    *(entry(n, 50 + n, operation="CreateWarranty") for n in range(10, 20)),  # 60 s to 69 s
    refused(20, 80),
    refused(21, 81),
    refused(22, 82, "ActionNotOfferedError"),
    entry(23, 90, state="not sent", reason="stopped"),
    doubt(24, 110, reason="HTTP 503", operation="sendInvoice"),
    doubt(25, 120),
]
"""20 sent, 3 refused, 1 not sent, 2 in doubt, in two minutes."""


def report(entries: list[Entry], rate: float | None = 1.0, title: str = "campaign") -> str:
    return render_report(entries, title=title, rate=rate, now=NOW)


@pytest.fixture(scope="module")
def sample() -> str:
    """The page of SAMPLE, made once."""
    return report(SAMPLE)


@attrs.define
class Page(HTMLParser):
    """What a page consists of; tags that are not closed in order fail."""

    tags: list[tuple[str, dict[str, str | None]]] = attrs.field(factory=list)
    data: list[str] = attrs.field(factory=list)
    path: list[str] = attrs.field(factory=list)

    def __attrs_post_init__(self) -> None:
        super().__init__()

    @classmethod
    def of(cls, html: str) -> "Page":
        page = cls()
        page.feed(html)
        page.close()
        assert page.path == []
        return page

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.path.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.path.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.path:
            self.data.append(data)

    @property
    def text(self) -> str:
        return "".join(self.data)

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


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


def test_figures_are_those_counted_by_hand() -> None:
    figures = figures_of(SAMPLE)
    assert figures.outcomes == {"sent": 20, "refused": 3, "not sent": 1, "in doubt": 2}
    assert figures.actions == {
        "unexpectedProblem": {"sent": 10, "refused": 3, "not sent": 1, "in doubt": 1},
        "warranty": {"sent": 10},
        "invoice": {"in doubt": 1},
    }
    assert list(figures.actions) == ["unexpectedProblem", "warranty", "invoice"]
    assert figures.refusals == {"NotFoundError 404 NotFound": 2, "ActionNotOfferedError": 1}
    assert figures.unsent == {"stopped": 1}
    assert [entry.key for entry in figures.doubts] == ["key-0000024", "key-0000025"]
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


def test_pace_counts_messages_by_the_minute_in_which_they_went_out() -> None:
    throughput = figures_of(SAMPLE).throughput(60)
    assert throughput is not None
    assert (throughput.start, throughput.step, list(throughput.rates)) == (NOON, 60, [10, 10])


def test_pace_of_a_long_run_is_a_mean_over_more_minutes() -> None:
    hours = figures_of([entry(n, n * 30) for n in range(1200)])  # 2 a minute for 10 hours
    throughput = hours.throughput(30)
    assert throughput is not None
    assert throughput.step == 1800
    assert list(throughput.rates)[:-1] == [2] * 19
    assert throughput.rates[-1] == pytest.approx(60 / 29.5)


def test_spread_counts_every_latency_once() -> None:
    histogram = figures_of(SAMPLE).histogram()
    assert histogram is not None
    assert sum(histogram.counts) == 20
    assert len(histogram.edges) == len(histogram.counts) + 1
    assert histogram.edges[0] <= 0.1
    assert histogram.edges[-1] > 1.0


def test_pauses_between_a_stop_and_a_resume_slow_nothing_down() -> None:
    run = [entry(n, n) for n in range(61)]
    resumed = [entry(100 + n, 90_000 + n) for n in range(61)]
    figures = figures_of([*run, *resumed])
    assert figures.duration == pytest.approx(121)
    assert figures.per_minute == pytest.approx(122 / (121 / 60))
    assert ("Duration", "2 min 1 s", "and 1 d of pauses") in tiles(report([*run, *resumed]))


def test_refusals_and_doubts_are_listed_with_their_reasons(sample: str) -> None:
    told = Page.of(sample).text
    assert "NotFoundError 404 NotFound: 2; ActionNotOfferedError: 1" in told
    assert "2 · 66.7 %" in told
    assert "903-0000024-0812628invoice2026-03-01 12:01:50HTTP 503" in told
    assert "903-0000025-0812628unexpectedProblem2026-03-01 12:02:00no answer was recorded" in told


def test_times_are_those_of_the_zone_of_now() -> None:
    zone = timezone(timedelta(hours=2), "CEST")
    html = render_report(SAMPLE, title="x", rate=1, now=NOW.astimezone(zone))
    assert "2026-03-01 14:00 to 14:02 (CEST)" in html
    with pytest.raises(ValueError, match="no time zone"):
        render_report(SAMPLE, title="x", rate=1, now=NOW.replace(tzinfo=None))


def test_sellers_are_shown_where_there_are_several(sample: str) -> None:
    assert 'id="sellers"' not in sample
    html = report([*SAMPLE, doubt(90, 100, seller="B-SELLER")])
    assert 'id="sellers"' in html
    assert "B-SELLER" in html


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
        entry(
            n,
            n / 10,
            seller=f"seller-{n % 300}",
            operation=f"create{n % 40}",
            state="sending" if n % 100 == 0 else "refused" if n % 7 == 0 else "sent",
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
        (seconds(0.9996), "1 s"),
        (seconds(1.234), "1.23 s"),
        (seconds(60), "1 min"),
        (seconds(3599), "59 min 59 s"),
        (seconds(10_560), "2 h 56 min"),
        (seconds(200_000), "2 d 7 h"),
        (clock(NOON, None), "2026-03-01 12:00:00"),
        (clock(1e300, None), "unknown"),
        (clipped("abcdef", 4), "abc…"),
        (clipped("a\nb", 4), "a\ufffdb"),
    ],
)
def test_numbers_and_times_are_written_for_people(written: str, expected: str) -> None:
    assert written == expected


def palette(scheme: str) -> dict[str, str]:
    style = files("spapi_messaging.cli.report").joinpath("report.css").read_text("utf-8")
    blocks = re.findall(r":root \{(.*?)\}", style, re.DOTALL)
    return dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6})", blocks[SCHEMES.index(scheme)]))


def contrast(one: str, other: str) -> float:
    """As WCAG 2.2 defines it."""

    def luminance(colour: str) -> float:
        parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        red, green, blue = (
            part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
        )
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_texts_and_marks_have_the_contrast_that_aa_asks_for(scheme: str) -> None:
    colours = palette(scheme)
    for text in ("ink", "quiet", "link", "allowed"):
        for ground in ("page", "card", "warn"):
            assert contrast(colours[text], colours[ground]) >= 4.5, (text, ground)
    for mark in ("sent", "refused", "not-sent", "in-doubt", "warn-line"):
        assert contrast(colours[mark], colours["card"]) >= 3, mark
    # Red and amber are told apart by lightness, for whom hue does not tell.
    assert contrast(colours["refused"], colours["in-doubt"]) >= 1.6


PIPED = """
import fcntl, os, sys
reads, writes = (fcntl.fcntl(int(each), fcntl.F_DUPFD, 10) for each in sys.argv[1:3])
os.dup2(reads, 3), os.dup2(writes, 4)
os.execv(sys.argv[3], sys.argv[3:])
"""
"""Becomes Chromium, which takes orders from descriptor 3 and answers on 4."""


class Browser:
    """Chromium without a window, driven over a pipe: no port is opened."""

    def __init__(self, binary: str, profile: Path) -> None:
        reads, self._orders = os.pipe()
        self._answers, writes = os.pipe()
        flags = (
            *("--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-sync"),
            *("--disable-background-networking", "--disable-component-update", "--disable-quic"),
            *("--host-resolver-rules=MAP * ~NOTFOUND", "--remote-debugging-pipe"),
            f"--user-data-dir={profile}",
        )
        self._process = subprocess.Popen(
            [sys.executable, "-c", PIPED, str(reads), str(writes), binary, *flags],
            pass_fds=(reads, writes),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(reads)
        os.close(writes)
        self._buffer = b""
        self._last = 0
        self._session: str | None = None
        self.events: list[dict[str, Any]] = []

    def connect(self) -> None:
        target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        attached = self.ask("Target.attachToTarget", targetId=target, flatten=True)
        self._session = attached["sessionId"]
        for domain in ("Page", "Network", "Log", "Runtime"):
            self.ask(f"{domain}.enable")

    def ask(self, method: str, **params: Any) -> Any:
        self._last += 1
        order = {"id": self._last, "method": method, "params": params}
        if self._session:
            order["sessionId"] = self._session
        os.write(self._orders, json.dumps(order).encode() + b"\0")
        while (answer := self._next()).get("id") != self._last:
            self.events.append(answer)
        assert "error" not in answer, answer
        return answer["result"]

    def _next(self) -> dict[str, Any]:
        while b"\0" not in self._buffer:
            chunk = os.read(self._answers, 1 << 20)
            assert chunk, "the browser went away"
            self._buffer += chunk
        message, self._buffer = self._buffer.split(b"\0", 1)
        answer: dict[str, Any] = json.loads(message)
        return answer

    def open(self, file: Path, *, scheme: str, width: int) -> None:
        self.events.clear()
        feature = {"name": "prefers-color-scheme", "value": scheme}
        self.ask("Emulation.setEmulatedMedia", features=[feature])
        size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
        self.ask("Emulation.setDeviceMetricsOverride", **size)
        self.ask("Page.navigate", url=file.as_uri())
        while not any(event["method"] == "Page.loadEventFired" for event in self.events):
            self.events.append(self._next())

    def value(self, expression: str) -> Any:
        return self.ask("Runtime.evaluate", expression=expression, returnByValue=True)["result"][
            "value"
        ]

    @property
    def requests(self) -> list[str]:
        return [
            event["params"]["request"]["url"]
            for event in self.events
            if event["method"] == "Network.requestWillBeSent"
        ]

    @property
    def complaints(self) -> list[dict[str, Any]]:
        kinds = {"Log.entryAdded", "Runtime.consoleAPICalled", "Runtime.exceptionThrown"}
        return [event for event in self.events if event["method"] in kinds]

    def close(self) -> None:
        # Closing the pipe ends a browser that is well, and killing it one that is not.
        os.close(self._orders)
        os.close(self._answers)
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    binary = shutil.which("chromium") or shutil.which("google-chrome")
    if binary is None:
        pytest.skip("there is no Chromium on this machine")
    browser = Browser(binary, tmp_path_factory.mktemp("profile"))
    try:
        browser.connect()
        yield browser
    finally:
        browser.close()


@pytest.fixture(scope="module")
def page_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("pages") / "report.html"
    entries = [*SAMPLE, doubt(90, 100, seller="B-SELLER", reason=EVIL, operation=EVIL)]
    file.write_text(report(entries, title="campaign.db"), "utf-8")
    return file


COLOURS = """(() => {
    const of = (element, name) => getComputedStyle(element)[name];
    const shown = [...document.querySelectorAll("svg")].find(svg => svg.clientWidth);
    return [of(document.body, "backgroundColor"), of(document.body, "color"),
            of(shown.querySelector("path[style*='--sent']"), "fill"),
            of(shown.querySelector("text"), "fill")];
})()"""
OUTSIDE = """[...document.querySelectorAll("svg text, h1, h2, p, dd, dt")].filter(element => {
    const box = element.getBoundingClientRect();
    const frame = (element.closest("section, .tiles div") || document.body);
    const room = frame.getBoundingClientRect();
    return box.width && (box.left < room.left || box.right > room.right + 0.5);
}).map(element => element.textContent)"""
SHOWN = """[...document.querySelectorAll(".chart")].map(chart =>
    [...chart.querySelectorAll("svg")].filter(svg => svg.clientWidth).length)"""
WIDTH = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.mark.parametrize(
    ("scheme", "width"), [("light", 400), ("dark", 400), ("light", 800), ("dark", 1400)]
)
def test_a_browser_shows_it_without_a_request_or_an_error(
    browser: Browser, page_file: Path, scheme: str, width: int
) -> None:
    browser.open(page_file, scheme=scheme, width=width)
    assert browser.requests == [page_file.as_uri()]
    assert browser.complaints == []
    assert browser.value(SHOWN) == [1, 1, 1, 1, 1]
    assert browser.value(WIDTH) == 0
    assert browser.value(OUTSIDE) == []


def test_light_and_dark_have_colours_of_their_own(browser: Browser, page_file: Path) -> None:
    seen = []
    for scheme in SCHEMES:
        browser.open(page_file, scheme=scheme, width=1400)
        seen.append(browser.value(COLOURS))
    light, dark = seen
    assert light == ["rgb(244, 245, 247)", "rgb(27, 32, 40)", "rgb(31, 111, 178)", light[3]]
    assert dark == ["rgb(18, 21, 26)", "rgb(232, 235, 239)", "rgb(90, 169, 230)", dark[3]]
    assert light[3] != dark[3]


def test_the_browser_would_tell_of_a_request_and_of_an_error(
    browser: Browser, tmp_path: Path
) -> None:
    file = tmp_path / "other.html"
    file.write_text("<script>console.error('x')</script><img src='http://evil.example/a.png'>")
    browser.open(file, scheme="light", width=400)
    assert "http://evil.example/a.png" in browser.requests
    assert browser.complaints != []
