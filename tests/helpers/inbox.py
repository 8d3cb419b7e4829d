"""The inbox in a browser: what is asked of its page, and that it did no harm."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from helpers.browser import Page, browsing

from spapi_messaging import Credentials, Marketplace, MessagingSession, Quota, RateLimits
from spapi_messaging.sandbox import CLIENT_ID, CLIENT_SECRET, REFRESH_TOKEN, Sandbox

ORDER, OTHER = "903-1671087-0812628", "903-1671087-0812629"
TOLD = ("status of 400 (Bad Request)", "status of 404 (Not Found)")
"""What a browser's console calls an error and the page says in words."""


def session_at(sandbox: Sandbox) -> MessagingSession:
    """Make a session that sends as fast as it can."""
    return MessagingSession(
        Credentials(CLIENT_ID, CLIENT_SECRET, REFRESH_TOKEN),
        marketplace=Marketplace.DE,
        endpoint=sandbox.url,
        token_url=sandbox.token_url,
        limits=RateLimits(default=Quota(rate=900, burst=900)),
    )


@asynccontextmanager
async def opened(browser: str, sandbox: Sandbox, fragment: str = "") -> AsyncIterator[Page]:
    """Open the inbox, and say at the end what was wrong with it."""
    async with browsing(browser) as page:
        await page.open(f"{sandbox.url}/{fragment}")
        await page.until("document.querySelector('#link').dataset.is === 'live'")
        yield page
        assert_harmless(page, sandbox.url)


def assert_harmless(page: Page, home: str) -> None:
    """No dialog, no error, no policy broken, and no request to anybody else."""
    assert page.told("Page.javascriptDialogOpening", "Runtime.exceptionThrown") == []
    entries = [told["entry"] for told in page.told("Log.entryAdded")]
    errors = [entry for entry in entries if entry["level"] == "error"]
    assert [entry for entry in errors if not entry["text"].endswith(TOLD)] == []
    asked = {event["request"]["url"] for event in page.told("Network.requestWillBeSent")}
    own = (home + "/", "data:", "chrome-extension:")  # the last is the browser's PDF viewer
    assert {url for url in asked if not url.startswith(own)} == set()


async def texts(page: Page, selector: str) -> Any:
    return await page.run(f"[...document.querySelectorAll('{selector}')].map(e => e.textContent)")


async def text(page: Page, selector: str) -> Any:
    return await page.run(f"document.querySelector('{selector}')?.textContent")


async def rows(page: Page, count: int) -> None:
    """Wait until the list has so many rows."""
    await page.until(f"document.querySelectorAll('.row').length === {count}")


async def shows(page: Page, selector: str, words: str) -> None:
    """Wait until a part of the page says these words."""
    await page.until(
        f"document.querySelector({selector!r})?.checkVisibility()"
        f" && document.querySelector({selector!r}).textContent.includes({words!r})"
    )
