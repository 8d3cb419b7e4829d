"""A report is readable in a browser, light and dark, narrow and wide."""

import re
import shutil
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import pytest
from helpers.axe import violations_in
from helpers.piped_browser import Browser
from helpers.report_pages import PAGES

pytest.importorskip("matplotlib")
pytestmark = pytest.mark.slow

SCHEMES = ("light", "dark")


def palette(scheme: str) -> dict[str, str]:
    style = files("spapi_messaging.cli.report").joinpath("report.css").read_text("utf-8")
    blocks = re.findall(r":root \{(.*?)\}", style, re.DOTALL)
    return dict(re.findall(r"--([a-z0-9-]+): (#[0-9a-f]{6})", blocks[SCHEMES.index(scheme)]))


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
    actions = tuple(f"action-{number}" for number in range(5))
    for mark in ("sent", "refused", "not-sent", "in-doubt", "warn-line", *actions):
        assert contrast(colours[mark], colours["card"]) >= 3, mark
    # Red and amber are told apart by lightness, for whom hue does not tell.
    assert contrast(colours["refused"], colours["in-doubt"]) >= 1.6


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
def shelf(tmp_path_factory: pytest.TempPathFactory, two_sellers: str) -> Path:
    """A folder with a page for each kind of run."""
    shelf = tmp_path_factory.mktemp("pages")
    (shelf / "two sellers.html").write_text(two_sellers, "utf-8")
    for name, make in PAGES.items():
        (shelf / f"{name}.html").write_text(make(), "utf-8")
    return shelf


@pytest.fixture(scope="module")
def page_file(shelf: Path) -> Path:
    return shelf / "two sellers.html"


COLOURS = """(() => {
    const of = (element, name) => getComputedStyle(element)[name];
    const shown = [...document.querySelectorAll("svg")].find(svg => svg.clientWidth);
    return [of(document.body, "backgroundColor"), of(document.body, "color"),
            of(shown.querySelector("path[style*='--action-0']"), "fill"),
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


# Of texts as they are drawn, in the reader's font.
TOUCHING = """[...document.querySelectorAll("svg")].filter(svg => svg.clientWidth).flatMap(svg => {
    const room = svg.getBoundingClientRect();
    const texts = [...svg.querySelectorAll("text")].map(element =>
        ({told: element.textContent, box: element.getBoundingClientRect()}));
    const touch = (a, b) =>
        a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
    return texts.flatMap(({told, box}, index) => [
        ...texts.slice(index + 1).filter(other => touch(box, other.box))
            .map(other => `${told} on ${other.told}`),
        ...(box.left < room.left - 1 || box.right > room.right + 1 || box.top < room.top - 1
            || box.bottom > room.bottom + 1 ? [`${told} out of its drawing`] : []),
    ]);
})"""


CUT = """[...document.querySelectorAll(".scroll")]
    .filter(each => each.checkVisibility() && each.scrollWidth > each.clientWidth)
    .map(each => each.ariaLabel)"""


WRAPPED = """[...document.querySelectorAll(".tiles .figure")]
    .filter(each => each.clientHeight > 1.5 * parseFloat(getComputedStyle(each).lineHeight))
    .map(each => each.textContent)"""


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
    assert browser.value(SHOWN) == [1, 1, 1]
    assert browser.value(WIDTH) == 0
    assert browser.value(OUTSIDE) == []


@pytest.mark.parametrize("width", [400, 800, 1280])
@pytest.mark.parametrize("name", PAGES)
def test_no_label_touches_another_and_nothing_is_wider_than_the_page(
    browser: Browser, shelf: Path, name: str, width: int
) -> None:
    browser.open(shelf / f"{name}.html", scheme="light", width=width)
    assert browser.value(TOUCHING) == []
    assert browser.value(WIDTH) == 0
    assert browser.value(OUTSIDE) == []
    assert browser.value(CUT) == []


@pytest.mark.parametrize("name", ["three actions", "all refused", "big numbers"])
def test_a_figure_stays_in_one_line_on_a_phone(browser: Browser, shelf: Path, name: str) -> None:
    browser.open(shelf / f"{name}.html", scheme="light", width=360)
    assert browser.value(WRAPPED) == []
    assert browser.value(OUTSIDE) == []


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("name", ["two sellers", *PAGES])
def test_axe_finds_nothing(browser: Browser, shelf: Path, name: str, scheme: str) -> None:
    browser.open(shelf / f"{name}.html", scheme=scheme, width=800)
    assert violations_in(browser) == []


def test_the_touch_of_two_labels_is_noticed(browser: Browser, tmp_path: Path) -> None:
    file = tmp_path / "other.html"
    labels = "<text x='5' y='20'>one</text><text x='9' y='22'>two</text>"
    file.write_text(f"<!DOCTYPE html><svg width='99' height='40'>{labels}</svg>")
    browser.open(file, scheme="light", width=400)
    assert browser.value(TOUCHING) == ["one on two"]


LOADED = "performance.getEntriesByType('navigation')[0].loadEventEnd"
ROWS = """(rows => [rows.length, rows.filter(row => row.checkVisibility()).length])(
    [...document.querySelectorAll("#in-doubt tbody tr")])"""


def test_ten_thousand_doubts_open_at_once_and_unfold_in_parts(
    browser: Browser, shelf: Path
) -> None:
    file = shelf / "ten thousand doubts.html"
    assert file.stat().st_size < 2_000_000
    browser.open(file, scheme="light", width=800)
    assert browser.value(LOADED) < 3000  # 0.15 s on the slowest of ours, alone
    assert browser.value(ROWS) == [10_000, 0]
    browser.value("document.querySelector('#in-doubt summary').click() || 1")
    assert browser.value(ROWS) == [10_000, 500]


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
