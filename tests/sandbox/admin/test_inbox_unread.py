"""Unread is what came while the page was there and was not opened; deleting takes one away."""

import pytest
from helpers.browser import BROWSER, Page
from helpers.inbox import ORDER, OTHER, opened, rows, shows, text, texts

from spapi_messaging import ConfirmOrderDetails, MessagingSession
from spapi_messaging.sandbox import Sandbox
from spapi_messaging.sandbox.admin.search import MAX_WORDS

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(BROWSER is None, reason="no Chromium on this machine"),
]
UNREAD = "[...document.querySelectorAll('.row.fresh')].map(e => e.dataset.seq).join()"


async def ask(session: MessagingSession, *questions: str, order: str = ORDER) -> None:
    for question in questions:
        await session.send(order, ConfirmOrderDetails(text=question), discover=False)


async def titled(page: Page, title: str) -> None:
    await page.until(f"document.title === '{title}'")


async def search(page: Page, words: str) -> None:
    await page.run(f"document.querySelector('#search').value = {words!r}")
    await page.run("document.querySelector('#search').dispatchEvent(new Event('input'))")


async def test_only_what_comes_later_is_new(
    browser: str, sandbox: Sandbox, session: MessagingSession
) -> None:
    await ask(session, "Before.", "Before, too.")
    async with opened(browser, sandbox) as page:
        await rows(page, 2)
        assert await page.run("document.querySelectorAll('.just, .fresh').length") == 0
        assert await page.run("document.title") == "Sandbox inbox"
        await ask(session, "After.", "After that.")
        await titled(page, "(2) Sandbox inbox")
        await rows(page, 4)
        assert await page.run(UNREAD) == "4,3"
        assert "Unread: " in await text(page, ".row.fresh .new:not([hidden])")
        await page.click(".row[data-seq='3']")
        await titled(page, "(1) Sandbox inbox")
        assert await page.run(UNREAD) == "4"
        await page.click("#read-all")
        await titled(page, "Sandbox inbox")
        assert await page.run(UNREAD) == ""


async def test_more_than_fit_into_the_list_are_counted(
    page: Page, session: MessagingSession
) -> None:
    await ask(session, *(f"Question {number}." for number in range(120)))
    await titled(page, "(119) Sandbox inbox")  # the first was shown as it came
    await page.run("post('reset', {}, '')")
    await titled(page, "Sandbox inbox")


async def test_what_is_unread_is_searched(page: Page, session: MessagingSession) -> None:
    await ask(session, "One.")
    await rows(page, 1)  # and is shown
    await ask(session, "Two.", "Three, with a word.")
    await titled(page, "(2) Sandbox inbox")
    await search(page, "is:unread")
    await rows(page, 2)
    await search(page, "word IS:UNREAD")
    await rows(page, 1)
    await page.click(".row")
    await search(page, "is:unread")
    await page.until("document.querySelectorAll('.row')[0]?.dataset.seq === '2'")
    await page.click("#read-all")
    await search(page, " is:unread")
    await shows(page, "#nothing", "Nothing is unread.")


async def test_one_message_is_deleted_and_comes_back(
    page: Page, session: MessagingSession, sandbox: Sandbox
) -> None:
    await ask(session, "One.", "Two.")
    await ask(session, "Three.", order=OTHER)
    await rows(page, 3)
    await page.click(".row[data-seq='2']")
    await page.click("#delete")
    await rows(page, 2)
    await shows(page, "#text", "One.")
    assert await page.run("location.hash") == "#message/1"
    assert [message.body["text"] for message in sandbox.messages()] == ["One.", "Two.", "Three."]
    await page.click("#undo")
    await rows(page, 3)
    await shows(page, "#text", "Two.")
    await page.press("Delete")
    await rows(page, 2)
    assert await texts(page, ".snip") == ["Three.", "One."]


@pytest.mark.parametrize("width", [360, 1400])
async def test_what_is_deleted_is_not_asked_for_again(
    page: Page, session: MessagingSession, width: int
) -> None:
    """Nor is it where it is older than what the list shows."""
    for number in range(52):
        await ask(session, f"Number {number}.")
    await page.become(width)
    await page.run("reload()")
    await rows(page, 50)
    await page.run("go('#message/1')")
    await shows(page, "#text", "Number 0.")
    page.events.clear()
    await page.click("#delete")
    await shows(page, "#toast", "Deleted from this inbox")
    await page.until("location.hash === '#messages'")
    await page.until("is.shown !== 'messages/1'")
    asked = [told["response"]["url"] for told in page.told("Network.responseReceived")]
    assert [url for url in asked if url.endswith("/messages/1")] == []


async def test_what_is_deleted_elsewhere_goes_here_too(
    page: Page, session: MessagingSession, sandbox: Sandbox, browser: str
) -> None:
    await ask(session, "One.")
    await rows(page, 1)
    await ask(session, "Two.")
    await titled(page, "(1) Sandbox inbox")
    async with opened(browser, sandbox, "#message/2") as other:
        await shows(other, "#text", "Two.")
        await other.press("Delete")
        await rows(page, 1)
        await titled(page, "Sandbox inbox")


async def test_the_words_of_a_search_that_finds_nothing_are_said(
    page: Page, session: MessagingSession
) -> None:
    await ask(session, "One.")
    await rows(page, 1)
    await search(page, 'order:111 "no such"')
    await shows(page, "#nothing", 'No message matches “order:111 "no such"”.')
    await page.click("#unsearch")
    await rows(page, 1)


async def test_a_search_of_too_many_words_is_told_in_words(
    page: Page, session: MessagingSession
) -> None:
    await ask(session, "One.")
    await rows(page, 1)
    await search(page, "is:unread " + "x " * 31)
    words = "A search takes at most 30 words, and this one has 31. Leave some out."
    await shows(page, "#nothing", words)
    await rows(page, 0)
    await ask(session, "Two.")
    await titled(page, "(1) Sandbox inbox")
    assert await text(page, "#nothing-text") == words
    assert await page.run("document.querySelector('#toast').hidden")
    await search(page, "one. " * MAX_WORDS)
    await rows(page, 1)
    field = "document.querySelector('#search')"
    await page.run(f"{field}.value = ''; {field}.focus()")
    await page.call("Input.insertText", text="語" * 9000)  # as it is pasted: more than a URL takes
    await shows(page, "#nothing", "No message matches")
    assert await text(page, "#link") == "Live"


async def test_unread_and_open_are_seen_in_forced_colours(
    page: Page, session: MessagingSession
) -> None:
    await ask(session, "First.", "Second.")
    await page.until(f"{UNREAD} !== ''")
    forced = {"name": "forced-colors", "value": "active"}
    await page.call("Emulation.setEmulatedMedia", features=[forced])
    dot = "getComputedStyle(document.querySelector('.row.fresh'), '::before').backgroundColor"
    await page.until(f"{dot} === getComputedStyle(document.body).color")
    assert await page.run(f"{dot} !== getComputedStyle(document.body).backgroundColor")
    await page.click("#grouped")
    line = "getComputedStyle(document.querySelector('#grouped')).outlineWidth"
    assert await page.run(line) == "2px"
    live = "getComputedStyle(document.querySelector('#link'), '::before').backgroundColor"
    assert await page.run(f"{live} === {dot}")
