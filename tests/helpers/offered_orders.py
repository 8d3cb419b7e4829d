"""What the tests of orders and actions share: answers with schemas, and a session that asks."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from helpers import fault_sessions
from helpers.fault_server import FaultServer, created, http, says, serving

from spapi_messaging import (
    Attachment,
    Marketplace,
    MessagingSession,
    Order,
)

ORDER = "701-6210829-5037842"


ROOT = f"/messaging/v1/orders/{ORDER}"


UPLOADED = Attachment("4e936e26", "invoice.pdf")


def link(name: str) -> dict[str, str]:
    return {"href": f"{ROOT}/messages/{name}?marketplaceIds=A2Q3Y263D00KWC", "name": name}


def schema(properties: dict[str, Any], required: list[str], **more: Any) -> dict[str, Any]:
    return {
        "$schema": "http://json-schema.org/draft-04/schema#",
        "type": "object",
        "disabled": False,
        "disabledReason": None,
        "properties": properties,
        "required": required,
        "x-ui-hidden": False,
    } | more


TEXT = schema(
    {"rawMessageBody": {"type": "string", "minLength": 1, "maxLength": 20}}, ["rawMessageBody"]
)


FILES = schema(
    {
        "attachments": {
            "type": "array",
            "minItems": 1,
            "maxItems": 2,
            "items": {
                "type": "object",
                "required": [],
                "properties": {"fileName": {"type": "string"}, "id": {"type": "string"}},
            },
        }
    },
    ["attachments"],
)


NOTHING = schema({}, [])


def document(**schemas: dict[str, Any]) -> dict[str, Any]:
    """Return a discovery answer in the shape of 2025, with inline schemas."""
    embedded = [
        {
            "_links": {
                "self": link(name),
                "schema": {"href": f"{ROOT}/messages/{name}/schema", "name": name},
            },
            "_embedded": {"schema": {"_links": {"self": link(name)}} | inline},
            "name": name,
            "title": f"Title of {name}",
        }
        for name, inline in schemas.items()
    ]
    links = {"self": {"href": ROOT}, "actions": [link(name) for name in schemas]}
    return {"_links": links, "_embedded": {"actions": embedded}}


REAL = document(updateFeedback=NOTHING, unexpectedProblem=TEXT, sendInvoice=FILES)


@asynccontextmanager
async def asked(answer: Any, **options: Any) -> AsyncIterator[tuple[Order, FaultServer]]:
    """Ask an order that answers so; every later request is answered 201."""
    body = json.dumps(answer).encode()
    async with (
        serving(says(http("200 OK", body)), created) as server,
        session_at(server, **options) as session,
    ):
        yield await session.order(ORDER), server


def session_at(server: FaultServer, **options: Any) -> MessagingSession:
    return fault_sessions.session_at(server, **{"marketplace": Marketplace.BR} | options)


def posted(server: FaultServer) -> tuple[str, Any]:
    """Return the path and the body of the one message that was posted."""
    (body,) = server.posts
    path = server.heads[-1].split(b" ")[1].decode().partition("?")[0]
    return path, json.loads(body) if body else None
