"""The checks of accessibility would tell of a fault, whichever way a browser is driven."""

from pathlib import Path

import pytest
from helpers.axe import violations, violations_in
from helpers.browser import BROWSER, browsing, running
from helpers.piped_browser import Browser

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(BROWSER is None, reason="no Chromium on this machine"),
]

FAULTY = (
    "<html lang=en><title>Faults</title><meta http-equiv='Content-Security-Policy'"
    " content=\"default-src 'none'\"><main><h1>Faults</h1>"
    "<input></main></html>"
)
MENDED = FAULTY.replace("<input>", "<label>Name <input></label>")


@pytest.fixture
def pages(tmp_path: Path) -> list[Path]:
    faulty, mended = tmp_path / "faulty.html", tmp_path / "mended.html"
    faulty.write_text(FAULTY, "utf-8")
    mended.write_text(MENDED, "utf-8")
    return [faulty, mended]


async def test_a_field_without_a_name_is_told_of(tmp_path: Path, pages: list[Path]) -> None:
    with running(tmp_path / "profile") as browser:
        async with browsing(browser) as page:
            await page.open(pages[0].as_uri())
            assert [line.split()[0] for line in await violations(page)] == ["label"]
            await page.open(pages[1].as_uri())
            await page.until("document.querySelector('label') !== null")
            assert await violations(page) == []


def test_a_browser_behind_a_pipe_tells_the_same(tmp_path: Path, pages: list[Path]) -> None:
    assert BROWSER is not None
    browser = Browser(BROWSER, tmp_path / "profile")
    try:
        browser.connect()
        browser.open(pages[0], scheme="light", width=400)
        assert [line.split()[0] for line in violations_in(browser)] == ["label"]
        browser.open(pages[1], scheme="light", width=400)
        assert violations_in(browser) == []
    finally:
        browser.close()
