"""The inbox page in a real browser: live, escaped, bounded, and usable without a mouse."""

import asyncio
import base64
import hashlib
import re
from datetime import UTC, datetime

import aiohttp
import pytest
from helpers.browser import BROWSER, Page
from helpers.inbox import ORDER, OTHER, texts

from spapi_messaging import (
    ConfirmOrderDetails,
    File,
    MessagingSession,
    Quota,
    UnexpectedProblem,
    Warranty,
)
from spapi_messaging.sandbox import Sandbox
from spapi_messaging.sandbox.admin.page import CSP, PAGE

pytestmark = pytest.mark.slow

HOSTILE = (
    "<script>alert(1)</script><img src=x onerror=alert(2)>"
    "<iframe src=javascript:alert(3)></iframe>"
    '"><svg/onload=alert(4)>{{7*7}}\u202eabc'
)
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJg"
    "gg=="
)
PDF = (
    b"%PDF-1.1\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
    b"2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]>>endobj\n"
    b"trailer<</Root 1 0 R>>\n%%EOF"
)
OLDEST = "[...document.querySelectorAll('.row')].at(-1).dataset.seq"
START, END = datetime(2026, 1, 1, tzinfo=UTC), datetime(2028, 1, 1, tzinfo=UTC)
NAMED = {"button", "checkbox", "combobox", "image", "link", "meter", "searchbox", "spinbutton"}
NAMED |= {"textbox", "Iframe", "dialog", "form", "region", "navigation", "complementary"}

in_browser = pytest.mark.skipif(BROWSER is None, reason="no Chromium on this machine")


def test_the_policy_admits_the_pages_own_script_and_style_and_nothing_else() -> None:
    text = PAGE.decode()
    for tag in ("script", "style"):
        (content,) = re.findall(f"<{tag}>(.*?)</{tag}>", text, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in CSP
    assert "unsafe" not in CSP
    assert "default-src 'none'" in CSP
    assert "frame-ancestors 'none'" in CSP
    assert re.findall(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(", text) == []
    assert re.findall(r"\s(?:style|on[a-z]+)=", text) == []
    assert re.findall(r"<!-- \w+ -->", text) == []


async def test_the_page_is_served_with_its_policy(sandbox: Sandbox) -> None:
    async with aiohttp.ClientSession() as http, http.get(sandbox.url + "/") as answer:
        assert answer.status == 200
        assert await answer.read() == PAGE
        assert answer.headers["Content-Security-Policy"] == CSP
        assert answer.content_type == "text/html"


@in_browser
async def test_messages_appear_without_a_reload_and_markup_stays_text(
    page: Page, session: MessagingSession
) -> None:
    await page.until("document.body.textContent.includes('Nothing has been sent yet')")
    await page.run("window.here = true")
    await session.send(ORDER, ConfirmOrderDetails(text="Is this the right size?"))
    await page.until("document.querySelectorAll('.row').length === 1")
    assert "Is this the right size?" in await page.until(
        "document.querySelector('#text')?.textContent"
    )
    assert "confirmOrderDetails" in await page.run("document.querySelector('#heard').textContent")

    await session.send(OTHER, UnexpectedProblem(text=HOSTILE))
    await page.until("document.querySelectorAll('.row').length === 2")
    assert ORDER in await page.run("document.querySelector('[aria-current=true]').textContent")
    await page.click(".row")
    assert await page.until("document.querySelectorAll('.row')[0].hasAttribute('aria-current')")
    assert await page.run("document.querySelector('#text').textContent") == HOSTILE
    assert await page.run("document.querySelector('#text').childElementCount") == 0
    assert await page.run("document.querySelector('#text').lang") == "de-DE"
    await page.until(f"document.querySelector('#log').textContent.includes('{OTHER}')")
    assert "201 ok" in await texts(page, ".status")
    assert await page.run("window.here") is True


@in_browser
async def test_images_and_pdfs_open_inside_the_page(page: Page, session: MessagingSession) -> None:
    files = [File(PDF, name="warranty.pdf"), File(PNG, name="serial number.png")]
    await session.send(
        ORDER, Warranty(attachments=files, coverage_start_date=START, coverage_end_date=END)
    )
    await page.until("document.querySelector('.file img')?.naturalWidth === 1")
    await page.click(".file button")
    await page.until("document.querySelector('.file iframe') !== null")
    for _ in range(200):
        shown = [item["response"] for item in page.told("Network.responseReceived")]
        if any(item["mimeType"] == "application/pdf" for item in shown):
            break
        await asyncio.sleep(0.02)
    else:
        raise AssertionError("the PDF was not loaded")
    assert await texts(page, ".file b") == ["warranty.pdf", "serial number.png"]


@in_browser
async def test_the_switches_change_the_sandbox(
    page: Page, session: MessagingSession, sandbox: Sandbox
) -> None:
    await session.send(ORDER, ConfirmOrderDetails(text="Hello"))
    await page.until("document.querySelectorAll('.quota').length >= 2")
    await page.run("document.querySelector('#throttle [name=rate]').value = '0.25'")
    await page.click("#throttle .main")
    await page.until("document.querySelector('#quotas').textContent.includes('0.25/s, burst 1')")
    assert sandbox.backend.quotas.plan("confirmOrderDetails") == Quota(rate=0.25, burst=1)

    await page.click("#fail .main")
    await page.until("document.querySelector('#armed').textContent.includes('503')")
    assert [fault.status for fault in sandbox.faults.pending] == [503]
    await page.click("#unfail")
    await page.until("document.querySelector('#unfail').disabled")
    assert sandbox.faults.pending == []

    await page.run("document.querySelector('#closing [name=order]').value = '" + OTHER + "'")
    await page.click("#closing button")
    await page.until("document.querySelector('#toast').textContent.includes('is closed')")
    assert sandbox.backend.orders[OTHER].closed

    await page.click("#reset")
    assert await page.until("document.activeElement.value") == "no"
    await page.click("#sure .danger")
    await page.until("document.querySelectorAll('.row').length === 0")
    assert sandbox.messages() == []


@in_browser
async def test_the_list_is_searched_filtered_bounded_and_worked_by_keys(
    page: Page, session: MessagingSession
) -> None:
    messages = [ConfirmOrderDetails(text=f"Question {number}.") for number in range(260)]
    await asyncio.gather(
        *(session.send(ORDER, message, discover=False) for message in messages[:-1])
    )
    await session.send(OTHER, messages[-1], discover=False)
    await page.until("document.querySelector('.snip')?.textContent === 'Question 259.'")
    while not await page.run("document.querySelector('#more').hidden"):
        oldest = await page.run(OLDEST)
        await page.click("#older")
        await page.until(f"{OLDEST} !== '{oldest}'")
        assert await page.run("document.querySelectorAll('.row').length") <= 200
        assert await page.run("document.querySelectorAll('#log tr').length") <= 200
    assert await page.run("document.querySelectorAll('.row').length") == 200
    await page.click("#newest")
    await page.until("document.querySelector('.snip').textContent === 'Question 259.'")

    await page.run("document.activeElement.blur()")
    await page.press("/")
    for key in "n 259":
        await page.press(key)
    await page.until("document.querySelectorAll('.row').length === 1")
    await page.run("document.querySelector('#search').value = ''")
    await page.run("document.querySelector('#search').dispatchEvent(new Event('input'))")
    await page.until("document.querySelectorAll('.row').length === 50")
    await page.click(".row")
    await page.press("j")
    assert await page.until("document.querySelectorAll('.row')[1].hasAttribute('aria-current')")
    await page.press("k")
    await page.press("k")
    assert await page.run("document.activeElement === document.querySelector('.row')")
    await page.click(".paper header button")
    await page.until("document.querySelectorAll('.row').length === 1")
    assert await page.run("document.querySelector('#chip-order').textContent") == OTHER


@in_browser
async def test_everything_one_can_use_has_a_name(page: Page, session: MessagingSession) -> None:
    files = [File(PNG, name="photo.png")]
    await session.send(
        ORDER, Warranty(attachments=files, coverage_start_date=START, coverage_end_date=END)
    )
    await page.until("document.querySelectorAll('.file img, .quota').length > 2")
    for width in (400, 1400):
        await page.become(width)
        assert await page.run("document.documentElement.scrollWidth") == width
        tree = (await page.call("Accessibility.getFullAXTree"))["nodes"]
        nodes = [node for node in tree if node.get("role", {}).get("value") in NAMED]
        assert len(nodes) > 5
        assert [node for node in nodes if not node.get("name", {}).get("value")] == []
