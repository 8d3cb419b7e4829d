"""The lines that the inbox gives to a new user run as they stand."""

import asyncio
import math
import os
import sys
from pathlib import Path
from typing import Any

import pytest
from helpers.sandbox_admin import OTHER, OWN, change
from helpers.sandbox_client import ORDER, Api, serving

from spapi_messaging.sandbox import DEFAULT_ACTIONS, Sandbox
from spapi_messaging.sandbox.admin.start import first_steps

BIN = Path(sys.executable).parent


async def start(api: Api, **headers: str) -> Any:
    return (await api.get(f"{OWN}start", headers=headers)).json


async def shell(lines: str, folder: Path) -> str:
    """Run lines in a shell that knows nothing but where programs are."""
    process = await asyncio.create_subprocess_exec(
        *("bash", "-euc", lines),
        cwd=folder,
        env={"PATH": f"{BIN}:{os.environ['PATH']}", "HOME": str(folder)},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    told, _ = await asyncio.wait_for(process.communicate(), 60)
    assert process.returncode == 0, told.decode()
    return told.decode()


@pytest.mark.parametrize("action", ["confirmOrderDetails", "unexpectedProblem"])
async def test_commands_and_program_send_what_they_say(
    api: Api, tmp_path: Path, action: str
) -> None:
    api.sandbox.add_order(ORDER, actions=("warranty", action), marketplace="FR")
    lines = await start(api)
    (tmp_path / "first.py").write_text(lines["python"], "utf-8")
    await shell(lines["environment"] + lines["commands"], tmp_path)
    await shell(lines["environment"] + f"{sys.executable} first.py", tmp_path)
    sent = [(item.order_id, item.action, item.body["text"]) for item in api.sandbox.messages()]
    assert sent == [(ORDER, action, "Is this the right size?")] * 3


async def test_a_shell_that_was_shown_the_environment_can_send(tmp_path: Path) -> None:
    async with serving(rate=math.inf) as api:
        api.sandbox.backend.orders.clear()
        api.sandbox.backend.any_order = DEFAULT_ACTIONS
        lines = await start(api)
        await shell(lines["environment"] + lines["commands"].splitlines()[0], tmp_path)
        assert [message.order_id for message in api.sandbox.messages()] == [ORDER]


async def test_the_order_is_one_that_permits_the_message(api: Api) -> None:
    api.sandbox.change_order(ORDER, closed=True)
    assert (await start(api))["commands"] is None
    api.sandbox.add_order("222-1111111-1111111", seller="sandbox-other")
    api.sandbox.add_order("333-1111111-1111111", actions=("warranty", "digitalAccessKey"))
    disabled = {"confirmServiceDetails": None}
    api.sandbox.add_order("444-1111111-1111111", actions=tuple(disabled), disabled=disabled)
    api.sandbox.add_order("555-1111111-1111111", document=b"{}")
    assert (await start(api))["python"] is None
    api.sandbox.add_order(OTHER, actions=("confirmServiceDetails",))
    lines = await start(api)
    assert f"send {OTHER} confirmServiceDetails --marketplace DE" in lines["commands"]
    assert f'"{OTHER}", ConfirmServiceDetails(' in lines["python"]
    await change(api, "orders", {"order_id": OTHER, "closed": True})
    assert (await start(api))["commands"] is None


@pytest.mark.parametrize(
    ("host", "line"),
    [
        ("localhost:{port}", "export SPAPI_MESSAGING_ENDPOINT=http://localhost:{port}"),
        ("[::1]:{port}", "export SPAPI_MESSAGING_ENDPOINT='http://[::1]:{port}'"),
    ],
)
async def test_the_address_is_the_one_that_the_page_has(api: Api, host: str, line: str) -> None:
    port = str(api.sandbox.port)
    lines = await start(api, Host=host.format(port=port))
    assert lines["environment"].splitlines()[0] == line.format(port=port)


def test_a_host_that_is_no_address_is_not_repeated() -> None:
    lines = first_steps(Sandbox(), "a$(touch x);:1")
    assert "touch" not in lines["environment"]


async def test_orders_are_listed_by_whether_they_are_closed(api: Api) -> None:
    api.sandbox.add_order(OTHER, closed=True, actions=("sendInvoice", "attributes"), locale="de-DE")
    shown = (await api.get(f"{OWN}orders?closed=true")).json
    order = {
        "order_id": OTHER,
        "actions": ["invoice"],
        "closed": True,
        "locale": "de-DE",
        "marketplace": None,
        "messages": 0,
    }
    assert shown == {"orders": [order], "total": 1}
    await change(api, "orders", {"order_id": OTHER, "closed": False})
    assert (await api.get(f"{OWN}orders?closed=true")).json == {"orders": [], "total": 0}
    page = (await api.get(f"{OWN}orders?limit=1")).json
    assert ([item["order_id"] for item in page["orders"]], page["total"]) == ([ORDER], 2)
    assert (await api.get(f"{OWN}orders?closed=maybe")).status == 400
