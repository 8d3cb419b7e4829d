"""Actions that no type is known for, of other types, or in answers that are odd."""

import copy
import json
from typing import Any

import pytest
from helpers.fault_server import http, says, serving
from helpers.offered_orders import (
    FILES,
    NOTHING,
    ORDER,
    REAL,
    ROOT,
    UPLOADED,
    asked,
    document,
    link,
    posted,
    schema,
    session_at,
)
from helpers.paths import REFERENCE
from helpers.virtual_time import virtual

from spapi_messaging import (
    ActionNotOfferedError,
    DecodeError,
    File,
    InvalidMessageError,
    Invoice,
    UnexpectedProblem,
)


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
