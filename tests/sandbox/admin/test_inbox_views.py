"""The inbox can be read by everybody and at every width, whatever was sent."""

import asyncio
from datetime import datetime
from zoneinfo import ZoneInfo

import aiohttp
import pytest
from helpers.axe import violations
from helpers.browser import BROWSER, Page
from helpers.inbox import ORDER, opened, rows, shows, text, texts
from helpers.sandbox_client import DE

from spapi_messaging import ConfirmOrderDetails, InDoubtError, MessagingSession
from spapi_messaging.sandbox import CLIENT_ID, CLIENT_SECRET, REFRESH_TOKEN, Sandbox

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(BROWSER is None, reason="no Chromium on this machine"),
]
LONG = "903-1671087-0812699"
ACTION = "x" * 64
BODY = {"text": "y" * 10_000, "q" * 300: {"z" * 2000: [1, {"a": "b" * 3000}]}}
WIDTHS = (360, 800, 1280, 1920)
WIDENED = """[document.documentElement, ...document.querySelectorAll(
    'main > *, .scroll, .paper, .letter, .body, .welcome, .rail, .card, dialog')]
    .filter(e => e.checkVisibility() && e.scrollWidth > e.clientWidth + 1)
    .map(e => e.tagName + '.' + e.className)"""
CLIPPED = """[...document.querySelectorAll('.quota b, .call, .row .act, h2')]
    .filter(e => e.checkVisibility() && e.scrollWidth > e.clientWidth + 1).length"""
SCHEMES = ((360, "light"), (360, "dark"), (800, "dark"), (1280, "light"), (1920, "dark"))


async def sends_something_long(sandbox: Sandbox) -> None:
    sandbox.add_order(LONG, actions=(ACTION,), custom={ACTION: {}})
    form = {
        "grant_type": "refresh_token",
        "client_id": CLIENT_ID,
        "client_secret": CLIENT_SECRET,
        "refresh_token": REFRESH_TOKEN,
    }
    async with aiohttp.ClientSession() as http:
        async with http.post(sandbox.token_url, data=form) as answer:
            headers = {"x-amz-access-token": (await answer.json())["access_token"]}
        url = f"{sandbox.url}/messaging/v1/orders/{LONG}/messages/{ACTION}{DE}"
        async with http.post(url, json=BODY, headers=headers) as answer:
            assert answer.status == 201
        async with http.get(f"{sandbox.url}/{'p' * 5000}", headers=headers) as answer:
            assert answer.status == 404


async def settled(page: Page) -> None:
    """Wait until nothing changes its colour any more; what is cut short has settled, too."""
    await page.run("Promise.allSettled(document.getAnimations().map(each => each.finished))")


async def test_nothing_that_is_sent_widens_the_page(page: Page, sandbox: Sandbox) -> None:
    await sends_something_long(sandbox)
    await rows(page, 1)
    message, lost = sandbox.messages()[0], sandbox.requests[-1]
    for fragment in (f"#message/{message.seq}", f"#request/{message.request_seq}"):
        await page.run(f"go('{fragment}')")
        await page.until("document.querySelector('.paper pre')?.textContent.includes('bbbb')")
        await page.run("document.querySelectorAll('details').forEach(e => e.open = true)")
        for width in WIDTHS:
            await page.become(width)
            assert (await page.run(WIDENED), await page.run(CLIPPED)) == ([], 0), width
    await page.run(f"go('#request/{lost.seq}')")
    await shows(page, "#title", "/ppp")
    for width in WIDTHS:
        await page.become(width)
        assert (await page.run(WIDENED), await page.run(CLIPPED)) == ([], 0), width


async def test_quotas_have_their_whole_names(page: Page, session: MessagingSession) -> None:
    order = await session.order(ORDER)
    await order.attributes()
    await order.actions["negativeFeedbackRemoval"]()
    await page.until("document.querySelectorAll('.quota').length === 3")
    names = ["negativeFeedbackRemoval", "GetAttributes", "getMessagingActionsForOrder"]
    assert sorted(await texts(page, ".quota b")) == sorted(names)
    await page.run("go('#controls')")
    for width in (1280, 360):
        await page.become(width)
        assert (await page.run(WIDENED), await page.run(CLIPPED)) == ([], 0), width


async def test_an_action_has_one_name_in_the_whole_page(
    page: Page, session: MessagingSession
) -> None:
    await session.send(ORDER, ConfirmOrderDetails(text="Is this the right size?"))
    await page.until("document.querySelectorAll('.call').length === 3")
    names = ["confirmOrderDetails", "getMessagingActionsForOrder"]
    assert await texts(page, ".call") == [*names, "token"]
    assert sorted(await texts(page, ".quota b")) == names
    assert await texts(page, ".row .act") == ["Unread: confirmOrderDetails"]


async def test_times_are_of_one_clock_and_say_their_zone(
    page: Page, session: MessagingSession
) -> None:
    await page.call("Emulation.setTimezoneOverride", timezoneId="Asia/Kolkata")
    await session.send(ORDER, ConfirmOrderDetails(text="Is this the right size?"))
    await rows(page, 1)
    await shows(page, ".facts-list", f"{await text(page, '.when')} GMT+5:30")
    midnight = datetime(2026, 11, 27, tzinfo=ZoneInfo("Asia/Kolkata")).timestamp()
    assert await page.run(f"clock({midnight})") == "00:00:00"
    assert "00:00:00 GMT+5:30" in await page.run(f"moment({midnight})")


async def test_requests_are_a_table_where_it_has_room(
    page: Page, session: MessagingSession
) -> None:
    await session.order(ORDER)
    await page.run("go('#requests')")
    await page.until("document.querySelectorAll('.call').length === 2")
    lines = "new Set([...document.querySelector('#log tr').cells].map(e => e.offsetTop)).size"
    for width, expected in ((360, 3), (800, 1), (1280, 1), (1920, 1)):
        await page.become(width)
        assert await page.run(lines) == expected, width
        assert await page.run(WIDENED) == [], width
    await page.become(800)
    await page.run("go('#request/1')")
    await shows(page, "#title", "token")
    assert await page.run(lines) > 1


async def test_how_to_connect_is_offered_at_twice_the_size(
    page: Page, session: MessagingSession
) -> None:
    await session.send(ORDER, ConfirmOrderDetails(text="Is this the right size?"))
    await rows(page, 1)
    await page.become(640, 400)  # a window of 1280 pixels, zoomed to 200 %
    await page.click(".connect")
    await shows(page, "#welcome-h", "Connect a client")
    assert await page.run(WIDENED) == []


async def test_what_is_to_be_copied_is_shown_whole(page: Page) -> None:
    await shows(page, "#environment", "export ")
    cut = (
        "[...document.querySelectorAll('.snippet pre')].filter(e => e.scrollWidth > e.clientWidth)"
    )
    for width in WIDTHS:
        await page.become(width)
        for tab in ("python", "commands"):
            await page.click(f"#tab-{tab}")
            assert await page.run(f"{cut}.map(each => each.id)") == [], width


async def test_the_text_has_a_readable_measure_on_a_wide_screen(
    page: Page, session: MessagingSession
) -> None:
    await page.become(1920, 1080)
    await session.send(ORDER, ConfirmOrderDetails(text="A sentence of some words. " * 40))
    await rows(page, 1)
    widths = "['.list', '.rail', '.letter'].map(e => document.querySelector(e).clientWidth)"
    panes, rail, letter = await page.run(widths)
    assert (panes, rail) == (430, 400)
    assert 500 < letter < 760


@pytest.fixture
async def filled(page: Page, session: MessagingSession, sandbox: Sandbox) -> Page:
    questions = [ConfirmOrderDetails(text=f"Question {number}.") for number in range(30)]
    await asyncio.gather(*(session.send(ORDER, each, discover=False) for each in questions))
    sandbox.fail_next(503, after_accepting=True)
    with pytest.raises(InDoubtError):
        await session.send(ORDER, ConfirmOrderDetails(text="In doubt."), discover=False)
    sandbox.change_order(ORDER, closed=True)
    sandbox.fail_next(429, operation="warranty", times=3)
    await rows(page, 31)
    return page


VIEWS = {
    "messages": "go('#messages')",
    "message": "go('#message/31')",
    "gone": "go('#message/99')",
    "requests": "go('#requests')",
    "request": "go('#request/32')",
    "controls": "go('#controls')",
    "connect": "go('#connect')",
    "help": "document.querySelector('#help').showModal()",
    "reset": "document.querySelector('#sure').showModal()",
    "nothing found": "document.querySelector('#search').value = 'x1y'; searching('x1y')",
}


@pytest.mark.parametrize("view", VIEWS)
async def test_axe_finds_nothing_to_object_to(filled: Page, view: str) -> None:
    await filled.run(VIEWS[view])
    for width, scheme in SCHEMES:
        await filled.become(width, scheme=scheme)
        await settled(filled)
        assert await violations(filled) == [], (width, scheme)
        assert await filled.run(WIDENED) == [], width


async def test_axe_finds_nothing_in_an_empty_inbox(page: Page) -> None:
    await shows(page, "#environment", "export ")
    for width, scheme in SCHEMES:
        await page.become(width, scheme=scheme)
        await settled(page)
        assert await violations(page) == [], (width, scheme)


async def test_a_lost_connection_is_told_in_words(browser: str) -> None:
    sandbox = Sandbox(rate=1000, burst=1000)
    await sandbox.start()
    async with opened(browser, sandbox, "#requests") as page:
        await sandbox.stop()
        await page.until("document.querySelector('#link').dataset.is === 'lost'")
        assert await text(page, "#link") == "Connection lost, trying again…"
        await page.become(360)
        button = "document.querySelector('#help-open').getBoundingClientRect()"
        assert await page.run(f"[{button}.width, {button}.height]") == [40, 40]
        assert "The sandbox does not answer" in await text(page, "#gone-silent")
        await page.run("post('latency', {seconds: 1}, 'never said')")
        await shows(page, "#toast", "Not done: the sandbox does not answer")
        await sandbox.start()
        await page.until("document.querySelector('#link').dataset.is === 'live'", 20)
        assert await page.run("document.querySelector('#gone-silent').hidden")
        page.events.clear()
    await sandbox.stop()
