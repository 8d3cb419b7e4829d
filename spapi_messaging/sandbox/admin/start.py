"""How to send a first message to a sandbox, as text that runs where it is pasted."""

import re
import shlex
from typing import Any

from spapi_messaging.marketplaces import Marketplace
from spapi_messaging.sandbox.api.accounts import CLIENT_ID, CLIENT_SECRET, REFRESH_TOKEN
from spapi_messaging.sandbox.api.catalog import RULES
from spapi_messaging.sandbox.api.orders import SandboxOrder, segment_of
from spapi_messaging.sandbox.api.routes import LOGIN_PATH
from spapi_messaging.sandbox.controls import Controls

EXAMPLE_ORDER = "903-1671087-0812628"
MAX_LOOKED_AT = 1000
"""Orders among which one is looked for that permits a message of text alone."""
_FIRST = "confirmOrderDetails"
_TEXT = "Is this the right size?"
_HOST = re.compile(r"[A-Za-z0-9.-]+(:\d+)?|\[[0-9A-Fa-f:.]+\](:\d+)?", re.ASCII)


def first_steps(sandbox: Controls, host: str) -> dict[str, Any]:
    """Return the lines for a shell and the program; none where no order permits a message."""
    url = f"http://{host}" if _HOST.fullmatch(host) else sandbox.backend.base
    found = _example(sandbox)
    if found is None:
        return {"environment": _environment(url), "commands": None, "python": None}
    order_id, action, marketplace = found
    message = action[0].upper() + action[1:]
    names = ", ".join(sorted(("Credentials", "Marketplace", "MessagingSession", message)))
    return {
        "environment": _environment(url),
        "commands": _commands(order_id, action, marketplace),
        "python": _PYTHON.format(
            names=names, order=order_id, message=message, market=marketplace, text=_TEXT
        ),
    }


def _environment(url: str) -> str:
    values = {
        "SPAPI_MESSAGING_ENDPOINT": url,
        "SPAPI_MESSAGING_TOKEN_URL": url + LOGIN_PATH,
        "SP_API_REFRESH_TOKEN": REFRESH_TOKEN,
        "LWA_APP_ID": CLIENT_ID,
        "LWA_CLIENT_SECRET": CLIENT_SECRET,
    }
    return "".join(f"export {name}={shlex.quote(value)}\n" for name, value in values.items())


def _example(sandbox: Controls) -> tuple[str, str, str] | None:
    """Return an order that permits a message of text alone, that action, and a marketplace."""
    backend = sandbox.backend
    for order, _ in zip(backend.orders.values(), range(MAX_LOOKED_AT), strict=False):
        if (action := _text_action(order)) and order.seller in {None, REFRESH_TOKEN}:
            return order.order_id, action, (order.marketplace or Marketplace.DE).name
    if EXAMPLE_ORDER not in backend.orders and backend.any_order is not None:
        known = SandboxOrder(order_id=EXAMPLE_ORDER, actions=backend.any_order)
        if action := _text_action(known):
            return EXAMPLE_ORDER, action, Marketplace.DE.name
    return None


def _text_action(order: SandboxOrder) -> str | None:
    if order.document is not None:
        return None
    segments = sorted(map(segment_of, order.offered()), key=_FIRST.__ne__)
    for segment in segments:
        rule = RULES.get(segment)
        if rule and rule.text_required and segment not in order.custom and order.permits(segment):
            return segment
    return None


def _commands(order_id: str, action: str, marketplace: str) -> str:
    options = f"--marketplace {marketplace}"
    rows = " ".join(map(shlex.quote, ("order_id,action,text", f"{order_id},{action},{_TEXT}")))
    return (
        f"spapi-messaging send {order_id} {action} {options} --text {shlex.quote(_TEXT)}\n"
        f"\n# for many: a message in each line of a file; run again, it sends none twice\n"
        f"printf '%s\\n' {rows} > messages.csv\n"
        f"spapi-messaging bulk messages.csv {options}\n"
    )


_PYTHON = """\
import asyncio

from spapi_messaging import {names}


async def main():
    credentials = Credentials.from_env()
    async with MessagingSession(credentials, marketplace=Marketplace.{market}) as session:
        print(await session.send("{order}", {message}(text="{text}")))


asyncio.run(main())
"""
