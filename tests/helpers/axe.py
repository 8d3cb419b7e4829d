"""axe-core, Deque's checks of accessibility, run in a page that a browser shows.

It is evaluated over DevTools and not put into the page, whose policy admits no other script.
It comes with the package axe-playwright-python, which CI installs without what that needs: a
second driver of browsers, of 165 MB, which nothing here uses.
Source: https://github.com/dequelabs/axe-core/blob/develop/doc/API.md.
"""

from importlib.resources import files
from typing import Any

import pytest
from helpers.browser import Page
from helpers.piped_browser import Browser

_PACKAGE = "axe_playwright_python"
_LOAD = "typeof axe === 'object'"
_RUN = "axe.run(document, {preload: false, resultTypes: ['violations']})"
"""All rules, best practices too; ``preload`` would fetch style sheets from other origins."""
_SECONDS = 60
"""A page of 300 rows takes some, on a machine that does other things, too."""


async def violations(page: Page) -> list[str]:
    """Return what is wrong with the page as it is shown now, a line for each rule."""
    if not await page.run(_LOAD):
        await page.run(f"{_source()}; 0")
    return _lines(await page.run(_RUN, within=_SECONDS))


def violations_in(browser: Browser) -> list[str]:
    """Return the same of the page that a browser behind a pipe shows."""
    if not browser.value(_LOAD):
        browser.value(f"{_source()}; 0")
    answer = browser.ask("Runtime.evaluate", expression=_RUN, awaitPromise=True, returnByValue=True)
    assert "exceptionDetails" not in answer, answer["exceptionDetails"]
    return _lines(answer["result"]["value"])


def _source() -> str:
    pytest.importorskip(_PACKAGE, reason="pip install --no-deps axe-playwright-python")
    return files(_PACKAGE).joinpath("axe.min.js").read_text("utf-8")


def _lines(results: dict[str, Any]) -> list[str]:
    assert results["testEngine"]["name"] == "axe-core"
    return [
        f"{rule['id']} ({rule['impact']}): {rule['help']}: "
        + ", ".join(" ".join(map(str, node["target"])) for node in rule["nodes"])
        for rule in results["violations"]
    ]
