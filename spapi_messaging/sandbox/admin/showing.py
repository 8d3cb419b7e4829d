"""What the sandbox's own API shows: one thing, or a page of them."""

import asyncio
from collections.abc import Callable, Mapping
from http import HTTPStatus
from itertools import islice
from typing import Any

from spapi_messaging.sandbox import validation
from spapi_messaging.sandbox.admin import queries, search, views
from spapi_messaging.sandbox.admin.details import request_detail
from spapi_messaging.sandbox.admin.queries import RefusedError
from spapi_messaging.sandbox.api.records import AcceptedMessage
from spapi_messaging.sandbox.controls import Controls
from spapi_messaging.sandbox.validation import WrongValueError

ORDERS_SLICE = 5_000
"""Orders that are looked at in one go."""


def show_state(sandbox: Controls, run: str, now: float) -> dict[str, Any]:
    """Show how the sandbox is now; it is told four times a second, so it must stay cheap.

    ``run`` tells it from another sandbox that has its port later.
    """
    backend = sandbox.backend
    log = backend.log
    return {
        "orders": len(backend.orders),
        "messages": len(log.messages) - len(log.deleted),
        "newest": log.accepted,
        "run": run,
        "latency": views.latency_view(sandbox.latency),
        "quotas": views.quota_views(backend.quotas, now),
        "faults": views.faults_view(sandbox.faults.pending),
        "tokens": {"asked": backend.accounts.requests},
    }


async def show_messages(sandbox: Controls, query: str) -> dict[str, Any]:
    """Show a page of the messages, newest first."""
    given = queries.parameters(query, {"before", "after", "limit", "query", "order_id"})
    window = queries.window(given, 50)
    log = sandbox.backend.log
    words, order_id = given.get("query", ""), given.get("order_id", "")
    if not words and not order_id:
        found, more = views.page_of(log.messages, **window, deleted=log.deleted)
        total = len(log.messages) - len(log.deleted)
    else:
        kept = _kept_for(sandbox, order_id)
        matches = search.matcher(words)
        found, more, total = await search.search(
            kept[::-1],
            lambda message: (
                order_id in {"", message.order_id}
                and message.seq not in log.deleted
                and matches(message)
            ),
            **window,
        )
    return {"messages": list(map(views.message_view, found)), "total": total, "more": more}


def _kept_for(sandbox: Controls, order_id: str) -> list[AcceptedMessage]:
    if order_id:
        validation.order_id(order_id, "order_id")
    order = sandbox.backend.orders.get(order_id)
    few = order is not None and order.messages
    return list(few or sandbox.backend.log.messages)


def find_message(sandbox: Controls, seq: str) -> AcceptedMessage:
    """Return a message that the inbox shows, or say what became of it."""
    number, log = queries.number(seq, "the message's number"), sandbox.backend.log
    message = log.find_message(number)
    if message is not None and number not in log.deleted:
        return message
    if message is not None:
        why = f"Message {number} was deleted from the inbox."
    elif 0 < number <= log.accepted:
        why = f"Message {number} is gone: a reset, or newer messages, took its place."
    else:
        why = f"There is no message {number}; the newest is {log.accepted}."
    raise RefusedError(HTTPStatus.NOT_FOUND, why)


def show_requests(sandbox: Controls, query: str) -> dict[str, Any]:
    """Show a page of the requests, newest first."""
    window = queries.window(queries.parameters(query, {"before", "after", "limit"}), 100)
    found, more = views.request_page(sandbox.backend.log.newest_requests(), **window)
    return {"requests": list(map(views.request_view, found)), "more": more}


def show_request(sandbox: Controls, seq: str) -> dict[str, Any]:
    """Show a request with its headers and bodies, or say what became of it."""
    number, log = queries.number(seq, "the request's number"), sandbox.backend.log
    record = log.find_request(number)
    if record is not None:
        return request_detail(record)
    if 0 < number <= log.arrived:
        why = f"Request {number} is gone: a reset, or newer requests, took its place."
    else:
        why = f"There is no request {number}; the newest is {log.arrived}."
    raise RefusedError(HTTPStatus.NOT_FOUND, why)


async def show_orders(sandbox: Controls, query: str) -> dict[str, Any]:
    """Show orders as they were added: all, or those that are closed or open."""
    given = queries.parameters(query, {"closed", "limit"})
    wanted = _CLOSED.get(given.get("closed", ""))
    if wanted is None:
        raise WrongValueError("closed must be true or false")
    limit, shown, total = queries.limit_of(given, 100), list[Mapping[str, Any]](), 0
    rest = iter(list(sandbox.backend.orders.values()))
    while chunk := list(islice(rest, ORDERS_SLICE)):
        for order in chunk:
            if wanted(order.closed):
                total += 1
                if len(shown) < limit:
                    shown.append(views.order_view(order))
        await asyncio.sleep(0)
    return {"orders": shown, "total": total}


_CLOSED: Mapping[str, Callable[[bool], bool]] = {
    "": lambda _: True,
    "true": lambda closed: closed,
    "false": lambda closed: not closed,
}
