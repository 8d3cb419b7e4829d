"""What an order's answers become: every shape that was seen gives working actions."""

import copy
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from helpers.fault_server import FaultServer, created, http, says, serving
from helpers.paths import REFERENCE
from helpers.virtual_time import virtual

from spapi_messaging import (
    ActionDisabledError,
    ActionNotOfferedError,
    Attachment,
    Credentials,
    DecodeError,
    File,
    InvalidMessageError,
    Invoice,
    Marketplace,
    MessagingSession,
    NegativeFeedbackRemoval,
    Order,
    Quota,
    RateLimits,
    UnexpectedProblem,
    Warranty,
)

ORDER = "701-6210829-5037842"
CREDENTIALS = Credentials("amzn1.app", "client-secret", "Atzr|refresh-secret")
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
    return MessagingSession(
        CREDENTIALS,
        marketplace=Marketplace.BR,
        endpoint=server.url,
        token_url=server.token_url,
        limits=RateLimits(default=Quota(rate=1000, burst=100)),
        **options,
    )


def posted(server: FaultServer) -> tuple[str, Any]:
    """Return the path and the body of the one message that was posted."""
    (body,) = server.posts
    path = server.heads[-1].split(b" ")[1].decode().partition("?")[0]
    return path, json.loads(body) if body else None


@virtual
async def test_the_real_answer() -> None:
    """Names that differ from the operations', inline schemas, titles, empty `required`."""
    async with asked(REAL) as (order, server):
        actions = order.actions
        assert list(actions) == ["updateFeedback", "unexpectedProblem", "sendInvoice"]
        assert [action.message_type for action in actions.values()] == [
            NegativeFeedbackRemoval,
            UnexpectedProblem,
            Invoice,
        ]
        assert actions["sendInvoice"].title == "Title of sendInvoice"
        assert actions["sendInvoice"].href == link("sendInvoice")["href"]
        assert not actions["sendInvoice"].disabled
        receipt = await actions["sendInvoice"](attachments=[UPLOADED])
        assert (receipt.order_id, receipt.operation) == (ORDER, "sendInvoice")
        assert receipt.request_id == "request-1"
        assert receipt.sent_at.tzinfo is not None
        assert posted(server) == (
            f"{ROOT}/messages/invoice",
            {"attachments": [{"uploadDestinationId": "4e936e26", "fileName": "invoice.pdf"}]},
        )


@pytest.mark.parametrize(
    ("name", "offered"),
    [
        ("invoice", "sendInvoice"),
        ("sendInvoice", "sendInvoice"),
        ("negativeFeedbackRemoval", "updateFeedback"),
        ("createNegativeFeedbackRemoval", "updateFeedback"),
        ("updateFeedback", "updateFeedback"),
    ],
)
@virtual
async def test_an_action_is_found_by_its_other_names(name: str, offered: str) -> None:
    async with asked(REAL) as (order, _):
        assert order.actions[name].name == offered
        assert name in order.actions
        assert order.actions.get(name) is order.actions[offered]


@virtual
async def test_an_action_that_is_not_offered_is_refused_and_the_others_are_named() -> None:
    async with asked(REAL) as (order, server):
        assert "warranty" not in order.actions
        assert order.actions.get("warranty") is None
        with pytest.raises(ActionNotOfferedError) as caught:
            await order.send(Warranty(attachments=[UPLOADED]))
        assert caught.value.offered == ("updateFeedback", "unexpectedProblem", "sendInvoice")
        assert server.posts == []


@virtual
async def test_a_message_without_a_body_has_none() -> None:
    async with asked(REAL) as (order, server):
        await order.actions["updateFeedback"]()
        assert posted(server) == (f"{ROOT}/messages/negativeFeedbackRemoval", None)
        assert b"Content-Type" not in server.heads[-1]
        assert b"Content-Length: 0" in server.heads[-1]


@virtual
async def test_follow_offered_posts_to_the_link() -> None:
    async with asked(REAL, follow="offered") as (order, server):
        await order.actions["invoice"](attachments=[UPLOADED])
        assert posted(server)[0] == f"{ROOT}/messages/sendInvoice"
        assert b"?marketplaceIds=A2Q3Y263D00KWC " in server.heads[-1]


@pytest.mark.parametrize("shape", ["inline", "payload"])
@virtual
async def test_the_orders_own_limits_are_in_force(shape: str) -> None:
    """They are narrower than the reference's: 20 characters instead of 2,000."""
    answer = copy.deepcopy(REAL)
    if shape == "payload":
        for action in answer["_embedded"]["actions"]:
            inline = action["_embedded"]["schema"]
            action["_embedded"]["schema"] = {"_links": inline.pop("_links"), "payload": inline}
            action["payload"] = {"name": action.pop("name")}
    async with asked(answer) as (order, server):
        with pytest.raises(InvalidMessageError) as caught:
            await order.actions["unexpectedProblem"](text="x" * 21)
        assert caught.value.faults == ("text: maxLength is 20, got 21",)
        assert caught.value.order_id == ORDER
        with pytest.raises(InvalidMessageError, match=r"attachments: maxItems is 2, got 3"):
            await order.actions["sendInvoice"](attachments=[File(b"%PDF-", name="a.pdf")] * 3)
        assert server.posts == []
        await order.actions["unexpectedProblem"](text="x" * 20)
        assert posted(server) == (f"{ROOT}/messages/unexpectedProblem", {"text": "x" * 20})


@virtual
async def test_a_disabled_action_is_refused_with_amazons_reason() -> None:
    closed = document(unexpectedProblem=TEXT | {"disabled": True, "disabledReason": "Too late"})
    async with asked(closed) as (order, server):
        action = order.actions["unexpectedProblem"]
        assert (action.disabled, action.disabled_reason) == (True, "Too late")
        with pytest.raises(ActionDisabledError) as caught:
            await action(text="hello")
        assert caught.value.reason == "Too late"
        assert server.posts == []


@virtual
async def test_the_static_sandbox_embeds_nothing() -> None:
    """Links only, and `attributes` among them, which is no message."""
    names = ("warranty", "unexpectedProblem")
    links = [{"href": f"{ROOT}/messages/{name}?marketplaceIds=X", "name": name} for name in names]
    links.append({"href": f"{ROOT}/attributes?marketplaceIds=X", "name": "attributes"})
    async with asked({"_links": {"self": {"href": ROOT}, "actions": links}}) as (order, server):
        assert list(order.actions) == [*names, "attributes"]
        assert order.actions["attributes"].message_type is None
        with pytest.raises(InvalidMessageError, match=r"order\.attributes"):
            await order.actions["attributes"]()
        await order.actions["unexpectedProblem"](text="hello")
        assert posted(server) == (f"{ROOT}/messages/unexpectedProblem", {"text": "hello"})


def linked_only() -> dict[str, Any]:
    """Return the example of the reference: the schema is a link, and the action has no name."""
    name = "negativeFeedbackRemoval"
    embedded = {
        "_links": {"schema": {"href": f"{ROOT}/messages/{name}/schema"}, "self": link(name)}
    }
    links = {"self": {"href": ROOT}, "actions": [link(name)]}
    return {"_links": links, "_embedded": {"actions": [embedded]}}


@pytest.mark.parametrize("status", ["404 Not Found", "403 Forbidden"])
@virtual
async def test_a_linked_schema_that_is_not_there_is_no_error(status: str) -> None:
    async with asked(linked_only()) as (order, server):
        server.answers = [says(http(status)), created]
        await order.actions["negativeFeedbackRemoval"]()
        assert server.heads[-2].startswith(f"GET {ROOT}/messages/negative".encode())
        assert posted(server)[0] == f"{ROOT}/messages/negativeFeedbackRemoval"


@virtual
async def test_a_linked_schema_is_fetched_and_in_force() -> None:
    answer = linked_only()
    answer["_links"]["actions"] = [link("unexpectedProblem")]
    answer["_embedded"]["actions"][0]["_links"]["self"] = link("unexpectedProblem")
    async with asked(answer) as (order, server):
        server.answers = [says(http("200 OK", json.dumps({"payload": TEXT}).encode()))]
        with pytest.raises(InvalidMessageError, match="maxLength is 20"):
            await order.actions["unexpectedProblem"](text="x" * 21)
        assert server.posts == []


@virtual
async def test_an_action_of_tomorrow_takes_plain_values() -> None:
    """Its schema is checked, its link followed, its attachments uploaded; nothing is dropped."""
    greeting = schema({"rawMessageBody": {"type": "string", "maxLength": 5}}, ["rawMessageBody"])
    async with asked(document(holidayGreeting=greeting)) as (order, server):
        action = order.actions["holidayGreeting"]
        assert (action.message_type, action.operation) == (None, None)
        with pytest.raises(InvalidMessageError, match="maxLength"):
            await action(text="too long")
        with pytest.raises(InvalidMessageError, match="mapping"):
            await action(UnexpectedProblem(text="hello"))
        receipt = await action({"text": "hello", "colour": {"r": 1}})
        assert receipt.operation == "holidayGreeting"
        assert posted(server) == (
            f"{ROOT}/messages/holidayGreeting",
            {"text": "hello", "colour": {"r": 1}},
        )


@pytest.mark.parametrize("values", [{"text": float("nan")}, {"x": object()}, {"x": "\ud800"}])
@virtual
async def test_plain_values_without_a_form_in_json_are_refused_first(values: Any) -> None:
    """Before its files are uploaded."""
    async with asked(document(holidayGreeting=NOTHING)) as (order, server):
        with pytest.raises(InvalidMessageError, match="no form in JSON"):
            await order.actions["holidayGreeting"](
                values | {"attachments": [File(b"%PDF-", name="a.pdf")]}
            )
        assert server.posts == []


@virtual
async def test_plain_attachments_may_be_something_else() -> None:
    async with asked(document(holidayGreeting=NOTHING)) as (order, server):
        await order.actions["holidayGreeting"]({"attachments": [5]})
        assert posted(server)[1] == {"attachments": [5]}


@virtual
async def test_a_typed_action_takes_plain_values_under_either_name() -> None:
    async with asked(document(warranty=FILES)) as (order, server):
        attachment = {"uploadDestinationId": "d", "fileName": "w.pdf"}
        start = "2026-01-01T00:00:00+00:00"
        await order.actions["warranty"]({"attachments": [attachment], "coverageStartDate": start})
        assert posted(server)[1] == {"attachments": [attachment], "coverageStartDate": start}
        with pytest.raises(InvalidMessageError, match="'txet' is not one of its fields"):
            await order.actions["warranty"](txet="x")


@virtual
async def test_a_message_of_another_type_is_refused() -> None:
    async with asked(REAL) as (order, server):
        with pytest.raises(InvalidMessageError, match="it takes a Invoice, not a Unexpected"):
            await order.actions["invoice"](UnexpectedProblem(text="hello"))
        with pytest.raises(TypeError, match="not both"):
            await order.actions["invoice"]({}, text="hello")
        assert server.posts == []


@pytest.mark.parametrize(
    "answer",
    [
        {"_links": {"self": {"href": ROOT}, "actions": []}, "_embedded": {"actions": []}},
        {"_links": {"self": {"href": ROOT}, "actions": []}},
        {"_links": {"self": {"href": [ROOT]}}},
        {"_links": {"actions": 5}, "_embedded": "none"},
        {"_links": {"actions": [{"name": "x"}, 5, None, {"href": 5}]}},
        {"_embedded": {"actions": [{"name": "x"}, 5, {"_links": {"self": 7}}]}},
        {"_embedded": {"actions": [{"name": "x", "_links": {"self": [], "schema": [5]}}]}},
        {},
    ],
)
@virtual
async def test_an_order_may_permit_nothing(answer: dict[str, Any]) -> None:
    async with asked(answer) as (order, _):
        assert len(order.actions) == 0
        with pytest.raises(ActionNotOfferedError, match="offers nothing"):
            await order.send(UnexpectedProblem(text="hello"))


@virtual
async def test_an_action_may_be_embedded_only() -> None:
    answer = copy.deepcopy(REAL)
    answer["_links"]["actions"] = [link("unexpectedProblem")]
    async with asked(answer) as (order, _):
        assert set(order.actions) == {"updateFeedback", "unexpectedProblem", "sendInvoice"}


@pytest.mark.parametrize("body", [b"[]", b"null", b"<html>", b"", b'{"_links":', b"[" * 99999])
@virtual
async def test_an_answer_that_is_no_document_is_an_error(body: bytes) -> None:
    async with serving(says(http("200 OK", body))) as server, session_at(server) as session:
        with pytest.raises(DecodeError) as caught:
            await session.order(ORDER)
    assert caught.value.order_id == ORDER
    assert caught.value.operation == "getMessagingActionsForOrder"


@pytest.mark.skipif(not REFERENCE.exists(), reason="Amazon's answers are not beside this checkout")
@virtual
async def test_amazons_own_answer_of_2025() -> None:
    answer = json.loads((REFERENCE / "discovery-answer-2025.json").read_text("utf-8"))
    async with asked(answer) as (order, server):
        assert list(order.actions) == ["updateFeedback", "unexpectedProblem", "sendInvoice"]
        assert order.document.issues == ()
        with pytest.raises(InvalidMessageError):
            await order.actions["sendInvoice"](attachments=[])
        await order.send(Invoice(attachments=[UPLOADED]))
        assert posted(server)[0] == f"{ROOT}/messages/invoice"


@pytest.mark.parametrize(
    "order_id", ["123", "701-6210829-503784", " 701-6210829-5037842", "", "../x"]
)
@virtual
async def test_an_order_id_is_checked_first(order_id: str) -> None:
    async with MessagingSession(CREDENTIALS, marketplace=Marketplace.BR) as session:
        with pytest.raises(InvalidMessageError, match="order id is invalid"):
            await session.order(order_id)


@virtual
async def test_an_order_of_another_region_is_refused() -> None:
    async with MessagingSession(CREDENTIALS, marketplace=Marketplace.BR) as session:
        with pytest.raises(InvalidMessageError, match="DE is not served by https://selling"):
            await session.order(ORDER, marketplace=Marketplace.DE)


@virtual
async def test_a_closed_session_says_how_to_open_it() -> None:
    session = MessagingSession(CREDENTIALS, marketplace=Marketplace.BR)
    with pytest.raises(RuntimeError, match="async with"):
        await session.order(ORDER)
    async with session:
        with pytest.raises(RuntimeError, match="open already"):
            await session.__aenter__()
