"""What a person does in the inbox: keys, help, requests, closed orders, first steps."""

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest
from helpers.browser import BROWSER, Page, browsing
from helpers.inbox import ORDER, OTHER, rows, shows, text, texts

from spapi_messaging import ConfirmOrderDetails, MessagingError, MessagingSession, UnexpectedProblem
from spapi_messaging.sandbox import Sandbox

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(BROWSER is None, reason="no Chromium on this machine"),
]
FOCUSED = "document.activeElement.dataset.seq"


async def ask(session: MessagingSession, count: int) -> None:
    questions = [ConfirmOrderDetails(text=f"Question {number}.") for number in range(count)]
    await asyncio.gather(*(session.send(ORDER, each, discover=False) for each in questions))


async def test_home_and_end_go_to_the_ends_of_the_list(
    page: Page, session: MessagingSession
) -> None:
    await ask(session, 1)
    await rows(page, 1)
    await ask(session, 59)
    await page.until("document.querySelector('.row')?.dataset.seq === '60'")
    await page.run("reload()")
    await rows(page, 50)
    await page.run("document.activeElement.blur()")
    await page.press("End")
    await page.until(f"{FOCUSED} === '11'")
    await page.press("End")
    await rows(page, 60)
    await page.press("End")
    await page.until(f"{FOCUSED} === '1'")
    await page.until("location.hash === '#message/1'")
    await page.press("Home")
    await page.until(f"{FOCUSED} === '60'")


async def test_a_question_mark_shows_the_help_and_escape_closes_it(
    page: Page, session: MessagingSession
) -> None:
    await ask(session, 2)
    await rows(page, 2)
    await page.press("?")
    await shows(page, "#help", "has:attachment")
    await page.press("j")
    assert await page.run("document.querySelector('#help').open") is True
    await page.press("Escape")
    await page.until("!document.querySelector('#help').open")
    await page.press("/")
    await page.press("?")
    assert await page.run("document.querySelector('#search').value") == "?"
    assert await page.run("document.querySelector('#help').open") is False
    await page.press("Escape")
    await page.until("document.activeElement === document.body")


async def test_a_refused_request_opens_and_says_why(
    page: Page, session: MessagingSession, sandbox: Sandbox
) -> None:
    sandbox.change_order(OTHER, closed=True)
    with pytest.raises(MessagingError):
        await session.send(OTHER, UnexpectedProblem(text="x"))
    await shows(page, "#log", OTHER)
    await page.click(".call")
    await shows(page, "#reason", "The order does not permit this: it is closed")
    assert await text(page, "#title") == "getMessagingActionsForOrder"
    assert await text(page, ".paper .path") == f"GET /messaging/v1/orders/{OTHER}"
    assert "Invalid amazonOrderId" in await text(page, ".paper pre")
    await page.run("document.querySelectorAll('details').forEach(e => e.open = true)")
    shown = await text(page, ".paper")
    assert sandbox.requests[-1].headers["x-amz-access-token"] not in shown
    assert "x-amz-access-tokennot shown" in shown
    assert "marketplaceIdsA1PA6795UKMFR9" in shown
    await page.press("j")
    await shows(page, "#title", "token")
    await shows(page, ".paper", "It holds credentials, which are not shown.")


async def test_json_is_laid_out_and_not_changed(page: Page) -> None:
    inside = r'"x\" {,:[ \\"'
    odd = f'{{"a":[],"b":{{}},"c":[1e400,-0,12345678901234567890,{{"d":{inside}}}],"e":tru'
    shown = await page.run(f"pretty({json.dumps(odd)})")
    assert shown.splitlines()[:5] == ["{", '  "a": [],', '  "b": {},', '  "c": [', "    1e400,"]
    assert inside in shown
    assert "".join(shown.replace(inside, "*").split()) == odd.replace(inside, "*")
    assert await page.run("""pretty('no "json') + pretty('')""") == 'no "json'
    assert await page.run("pretty('['.repeat(16384)).length") < 2_000_000


async def test_closed_orders_are_listed_and_opened_again(page: Page, sandbox: Sandbox) -> None:
    await shows(page, "#all-open", "No order is closed.")
    for order_id in (ORDER, OTHER):
        await page.run(f"document.querySelector('#closing [name=order]').value = '{order_id}'")
        await page.click("#closing .acts button")
        await shows(page, "#closed", order_id)
    assert await page.run("document.querySelector('#all-open').hidden") is True
    await page.click(f"#closed [aria-label='Open order {ORDER} again']")
    await page.until("document.querySelectorAll('#closed li').length === 1")
    assert await texts(page, "#closed code") == [OTHER]
    closed = {order.order_id: order.closed for order in sandbox.backend.orders.values()}
    assert closed == {ORDER: False, OTHER: True}


async def test_who_opens_orders_again_by_keys_keeps_his_place(page: Page, sandbox: Sandbox) -> None:
    for order_id in (ORDER, OTHER):
        sandbox.change_order(order_id, closed=True)
    focused = "document.activeElement.getAttribute('aria-label') ?? document.activeElement.name"
    await page.run("closedOrders.poke()")
    await page.until("document.querySelectorAll('#closed li').length === 2")
    await page.run("document.querySelector('#closed button').focus()")
    for left, place in ((ORDER, f"Open order {OTHER} again"), (OTHER, "order")):
        assert await page.run(focused) == f"Open order {left} again"
        await page.run("document.activeElement.click()")
        await page.until(f"({focused}) === {place!r}")


async def test_a_very_long_list_of_closed_orders_says_how_many_more(
    page: Page, sandbox: Sandbox
) -> None:
    for number in range(120):
        sandbox.add_order(f"111-1111111-{number:07}", closed=True)
    await page.run("closedOrders.poke()")
    await shows(page, "#all-open", "and 20 more orders")
    assert await page.run("document.querySelectorAll('#closed li').length") == 100


async def copied(page: Page, name: str) -> Any:
    await page.run("navigator.clipboard.writeText('nothing')")
    await page.click(f"[data-copy={name}]")
    return await page.until(
        "navigator.clipboard.readText().then(text => text !== 'nothing' && text)"
    )


async def test_what_copy_gives_runs_as_it_stands(
    page: Page, sandbox: Sandbox, tmp_path: Path
) -> None:
    context = (await page.call("Target.getTargetInfo"))["targetInfo"]["browserContextId"]
    permissions = ["clipboardReadWrite", "clipboardSanitizedWrite"]
    await page.call("Browser.grantPermissions", permissions=permissions, browserContextId=context)
    await page.call("Page.bringToFront")
    await shows(page, "#environment", "export ")
    environment, commands = await copied(page, "environment"), await copied(page, "commands")
    await page.click("#tab-commands")
    await page.press("ArrowRight")
    await shows(page, "#python", "asyncio.run(main())")
    (tmp_path / "first.py").write_text(await copied(page, "python"), "utf-8")
    process = await asyncio.create_subprocess_exec(
        *("bash", "-euc", f"{environment}\n{commands}\npython first.py"),
        cwd=tmp_path,
        env={"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "HOME": str(tmp_path)},
        stdout=asyncio.subprocess.DEVNULL,
    )
    assert await asyncio.wait_for(process.wait(), 60) == 0
    assert [message.order_id for message in sandbox.messages()] == [ORDER] * 3
    await rows(page, 3)


async def test_faults_and_quotas_go_by_the_names_of_actions(page: Page, sandbox: Sandbox) -> None:
    await page.run("document.querySelector('#fail [name=operation]').value = 'CreateWarranty'")
    await page.click("#fail .main")
    await shows(page, "#toast", "The next request fails: warranty")
    await shows(page, "#armed", "503, warranty")
    assert [fault.operation for fault in sandbox.faults.pending] == ["CreateWarranty"]
    options = await texts(page, "#throttle option")
    assert {"warranty", "invoice", "negativeFeedbackRemoval"} <= set(options)
    assert "createWarranty" not in options


async def test_two_pages_read_apart(
    page: Page, browser: str, sandbox: Sandbox, session: MessagingSession
) -> None:
    await ask(session, 2)
    await page.until("document.title === '(1) Sandbox inbox'")
    async with browsing(browser) as other:
        await other.open(sandbox.url + "/")
        await rows(other, 2)
        assert await other.run("document.title") == "Sandbox inbox"
