"""An inbox that stays open: for days, over a lost connection, on a telephone."""

from datetime import UTC, datetime

import pytest
from helpers.browser import BROWSER, Page
from helpers.inbox import ORDER, opened, rows, session_at, shows, text, texts

from spapi_messaging import ConfirmOrderDetails
from spapi_messaging.sandbox import Sandbox

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(BROWSER is None, reason="no Chromium on this machine"),
]
LONG_AGO = datetime(2020, 3, 4, 12, 30, tzinfo=UTC)
CUT = """[...document.querySelectorAll('.row .when, #log time')].filter(e => e.checkVisibility()
    && (e.clientWidth && e.scrollWidth > e.clientWidth + 1 || e.getClientRects().length > 1))
    .length"""


async def in_india(page: Page) -> None:
    await page.call("Emulation.setTimezoneOverride", timezoneId="Asia/Kolkata")
    await page.call("Emulation.setLocaleOverride", locale="en-GB")


async def test_a_time_of_another_day_says_the_day(page: Page) -> None:
    await in_india(page)
    now = "new Date('2026-11-27T03:00:00+05:30')"
    said = {
        "2026-11-27T00:00:05+05:30": "00:00:05",
        "2026-11-26T23:59:59+05:30": "26 Nov, 23:59",
        "2025-11-27T03:00:00+05:30": "27 Nov 2025, 03:00",
    }
    assert {at: await page.run(f"whenOf({at!r}, {now})") for at in said} == said


async def test_messages_and_requests_of_another_day_say_it_at_every_width(browser: str) -> None:
    async with Sandbox(rate=1000, burst=1000, wall=lambda: LONG_AGO) as sandbox:
        sandbox.add_order(ORDER)
        async with opened(browser, sandbox) as page:
            await in_india(page)
            async with session_at(sandbox) as session:
                await session.send(ORDER, ConfirmOrderDetails(text="Is this the right size?"))
            await rows(page, 1)
            await page.until("document.querySelectorAll('.call').length > 2")
            day = "4 Mar 2020, 18:00"
            assert set(await texts(page, ".row .when, #log time")) == {day}
            for view in ("#messages", "#requests"):
                await page.run(f"go('{view}')")
                for width in (360, 800, 1280, 1920):
                    await page.become(width)
                    assert await page.run(CUT) == 0, (view, width)


async def test_a_lost_connection_is_told_where_a_message_is_open(browser: str) -> None:
    sandbox = Sandbox(rate=1000, burst=1000)
    sandbox.add_order(ORDER)
    await sandbox.start()
    async with session_at(sandbox) as session:
        await session.send(ORDER, ConfirmOrderDetails(text="Is this the right size?"))
    async with opened(browser, sandbox, "#message/1") as page:
        await page.become(360)
        await shows(page, "#text", "right size")
        told = "document.querySelector('#open-silent').checkVisibility()"
        assert not await page.run(told)
        await sandbox.stop()
        await page.until(told)
        words = "The sandbox does not answer: it was stopped"
        assert (await text(page, "#open-silent")).startswith(words)
        await page.become(1280)
        assert not await page.run(told)  # said beside it, above the list
        assert await page.run("document.querySelector('#gone-silent').checkVisibility()")
        await page.become(360)
        await sandbox.start()
        await page.until(f"!{told}", 20)
        page.events.clear()
    await sandbox.stop()
