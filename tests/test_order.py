"""What an order's answers become: every shape that was seen gives working actions."""

import copy
import gc
import json
from typing import Any

import pytest
from helpers.fault_server import created, http, says
from helpers.fault_sessions import CREDENTIALS
from helpers.offered_orders import (
    ORDER,
    REAL,
    ROOT,
    TEXT,
    UPLOADED,
    asked,
    document,
    link,
    posted,
)
from helpers.virtual_time import virtual

from spapi_messaging import (
    ActionDisabledError,
    ActionNotOfferedError,
    File,
    InvalidMessageError,
    Invoice,
    Marketplace,
    MessagingSession,
    NegativeFeedbackRemoval,
    UnexpectedProblem,
    Warranty,
)
from spapi_messaging.hal import Document


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


@virtual
async def test_an_order_that_nobody_looks_at_keeps_the_bytes_of_its_answer() -> None:
    """So that a thousand that wait give the garbage collector nothing to look through."""
    async with asked(REAL) as (order, server):
        for text in ("one", "two"):
            outgoing = await order.prepare(UnexpectedProblem(text=text))
            assert not any(isinstance(one, Document) for one in gc.get_referents(order))
            await outgoing.send()
        assert [json.loads(body)["text"] for body in server.posts] == ["one", "two"]
        assert order.actions["sendInvoice"].title == "Title of sendInvoice"


@virtual
async def test_what_was_looked_at_stays_the_same() -> None:
    async with asked(REAL) as (order, _):
        first, actions = order.document, order.actions
        await order.prepare(UnexpectedProblem(text="one"))
        assert order.document is first
        assert order.actions is actions
        assert actions["invoice"] is actions["sendInvoice"]
        assert repr(actions["invoice"]) == f"<Action sendInvoice of order {ORDER}>"
