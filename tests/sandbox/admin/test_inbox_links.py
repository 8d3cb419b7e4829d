"""The address of the inbox says what is open: links, Back and Forward, on a phone too."""

import pytest
from helpers.browser import BROWSER, Page
from helpers.inbox import ORDER, OTHER, opened, rows, shows, text

from spapi_messaging import ConfirmOrderDetails, MessagingSession, UnexpectedProblem
from spapi_messaging.sandbox import Sandbox

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(BROWSER is None, reason="no Chromium on this machine"),
]
CURRENT = "document.querySelector('.row[aria-current]')?.dataset.seq"


@pytest.fixture
async def three(session: MessagingSession) -> None:
    for number in (1, 2, 3):
        await session.send(ORDER, ConfirmOrderDetails(text=f"Question {number}."), discover=False)


async def goes(page: Page, fragment: str) -> None:
    await page.until(f"location.hash === '{fragment}'")


@pytest.mark.usefixtures("three")
async def test_a_link_opens_its_message_and_moving_keeps_the_address(
    browser: str, sandbox: Sandbox
) -> None:
    async with opened(browser, sandbox, "#message/2") as page:
        await shows(page, "#text", "Question 2.")
        await rows(page, 3)
        assert await page.run(CURRENT) == "2"
        await page.press("j")
        await shows(page, "#text", "Question 1.")
        assert await page.run("location.hash") == "#message/1"
        await page.click(".row[data-seq='3']")
        await goes(page, "#message/3")
        await page.run("history.back()")
        await shows(page, "#text", "Question 1.")
        assert await page.run(CURRENT) == "1"
        await page.run("history.forward()")
        await shows(page, "#text", "Question 3.")


@pytest.mark.usefixtures("three")
async def test_on_a_phone_back_returns_to_the_list(browser: str, sandbox: Sandbox) -> None:
    async with opened(browser, sandbox) as page:
        await page.become(360, 740)
        await rows(page, 3)
        for back in ("history.back()", "document.querySelector('#back').click()"):
            await page.click(".row[data-seq='2']")
            await shows(page, "#text", "Question 2.")
            assert await page.run("document.querySelector('.list').checkVisibility()") is False
            await page.run(back)
            await page.until("document.querySelector('.list').checkVisibility()")
            assert await page.run("document.querySelector('.detail').checkVisibility()") is False
            await page.until("document.activeElement.dataset.seq === '2'")
        assert await page.run("history.length") <= 4


@pytest.mark.usefixtures("three")
async def test_a_link_opened_on_a_phone_leads_to_the_list(browser: str, sandbox: Sandbox) -> None:
    async with opened(browser, sandbox, "#message/2") as page:
        await page.become(360, 740)
        await page.click("#back")
        await page.until("document.querySelector('.list').checkVisibility()")
        await rows(page, 3)


@pytest.mark.parametrize(
    ("fragment", "says"),
    [
        ("#message/1", "Message 1 was deleted from the inbox."),
        ("#message/4", "There is no message 4; the newest is 3."),
        ("#request/999", "There is no request 999"),
    ],
)
@pytest.mark.usefixtures("three")
async def test_a_link_to_what_is_gone_says_so(
    browser: str, sandbox: Sandbox, fragment: str, says: str
) -> None:
    sandbox.backend.log.show(1, deleted=True)
    async with opened(browser, sandbox, fragment) as page:
        await shows(page, "#gone", says)
        await rows(page, 2)


@pytest.mark.usefixtures("three")
async def test_a_reset_leaves_no_message_open(browser: str, sandbox: Sandbox) -> None:
    async with opened(browser, sandbox, "#message/2") as page:
        await shows(page, "#text", "Question 2.")
        await page.run("post('reset', {}, '')")
        await shows(page, "#gone", "Message 2 is gone")
        await rows(page, 0)


@pytest.mark.parametrize("fragment", ["#message/x", "#message/", "#nothing/1", "#%00", "#"])
@pytest.mark.usefixtures("three")
async def test_an_address_that_means_nothing_is_the_inbox(
    browser: str, sandbox: Sandbox, fragment: str
) -> None:
    async with opened(browser, sandbox, fragment) as page:
        await shows(page, "#text", "Question 3.")


async def test_views_have_addresses(page: Page) -> None:
    await page.become(800)
    for fragment, part in (("#requests", ".log"), ("#controls", ".rail"), ("#messages", ".list")):
        await page.click(f".views [href='{fragment}']")
        await page.until(f"document.querySelector('{part}').checkVisibility()")
        assert await page.run("location.hash") == fragment
    await page.run("history.back()")
    await page.until("document.querySelector('.rail').checkVisibility()")


async def test_a_message_and_its_request_lead_to_each_other(
    page: Page, session: MessagingSession, sandbox: Sandbox
) -> None:
    await session.send(OTHER, UnexpectedProblem(text="The parcel is late."))
    await rows(page, 1)
    await page.click(".row")
    await page.click(".facts-list a")
    # Both have the action as their title: the request's link is the one to the message.
    await page.until("document.querySelector('.facts-list a')?.hash.startsWith('#message/')")
    assert await text(page, "#title") == "unexpectedProblem"
    assert "The parcel is late." in await text(page, ".paper pre")
    assert sandbox.requests[-1].seq == await page.run("Number(location.hash.split('/')[1])")
    await page.click(".facts-list a")
    await shows(page, "#text", "The parcel is late.")


async def test_a_message_that_was_not_there_yet_is_shown_when_it_comes(
    browser: str, sandbox: Sandbox, session: MessagingSession
) -> None:
    async with opened(browser, sandbox, "#message/2") as page:
        await shows(page, "#gone", "There is no message 2")
        for number in (1, 2):
            question = ConfirmOrderDetails(text=f"Question {number}.")
            await session.send(ORDER, question, discover=False)
        await shows(page, "#text", "Question 2.")
