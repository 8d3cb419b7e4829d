"""The sandbox answers as FACTS of the real API say: tokens, discovery, messages, quotas."""

import asyncio
import io
import json
import math
import os
import re
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from helpers.paths import REFERENCE
from helpers.sandbox_client import (
    DE,
    NOT_PERMITTED,
    ORDER,
    ORDER_PATH,
    THROTTLED,
    Api,
    Clock,
    problem,
    serving,
)
from helpers.virtual_time import virtual

from spapi_messaging.marketplaces import Marketplace
from spapi_messaging.sandbox import Sandbox
from spapi_messaging.sandbox.__main__ import main

MODEL = REFERENCE / "messaging-v1-model-2025-07-30.json"
FILE = {"uploadDestinationId": "4e936e26-7b72-4b84-af27-e6baee1d546d", "fileName": "a.txt"}


@pytest.fixture
async def api() -> AsyncIterator[Api]:
    async with serving(rate=math.inf) as api:
        yield api


# Login with Amazon


async def test_a_refresh_token_gives_an_access_token(api: Api) -> None:
    answer = await api.log_in()
    token = answer.json.pop("access_token")
    assert token.startswith("Atza|")
    assert answer.status == 200
    assert answer.json == {
        "access_token": token,
        "token_type": "bearer",
        "expires_in": 3600,
        "refresh_token": "sandbox-refresh-token",
    }
    assert api.sandbox.token_requests == 2


@pytest.mark.parametrize(
    ("changed", "status", "error"),
    [
        ({"client_secret": "wrong"}, 401, "invalid_client"),
        ({"client_id": None}, 401, "invalid_client"),
        ({"refresh_token": "Atzr|real"}, 400, "invalid_grant"),
        ({"refresh_token": None}, 400, "invalid_grant"),
        ({"grant_type": "client_credentials"}, 400, "unsupported_grant_type"),
        ({"grant_type": None}, 400, "invalid_request"),
    ],
)
async def test_login_errors_are_those_of_rfc_6749(
    api: Api, changed: dict[str, str | None], status: int, error: str
) -> None:
    answer = await api.log_in(**changed)
    assert (status, error) == (answer.status, answer.json["error"])
    assert set(answer.json) == {"error", "error_description"}


async def test_a_token_request_is_a_form(api: Api) -> None:
    answer = await api.call("POST", "/auth/o2/token", json={"grant_type": "refresh_token"})
    assert (answer.status, answer.json["error"]) == (400, "invalid_request")
    assert (await api.get("/auth/o2/token")).status == 405


async def test_refreshing_can_be_refused_and_allowed_again(api: Api) -> None:
    api.sandbox.refuse_refresh("invalid_grant", "Revoked by the seller")
    answer = await api.log_in()
    assert answer.status == 400
    assert answer.json == {
        "error": "invalid_grant",
        "error_description": "Revoked by the seller",
    }
    api.sandbox.accept_refresh()
    assert (await api.log_in()).status == 200


async def test_a_missing_token_is_refused(api: Api) -> None:
    expected = problem(
        403,
        "Unauthorized",
        "Access to requested resource is denied.",
        "Access token is missing in the request header.",
    )
    async with api.http.get(api.sandbox.url + ORDER_PATH + DE) as answer:
        assert expected == (answer.status, await answer.json())


async def test_tokens_expire_by_the_clock_and_on_demand() -> None:
    clock = Clock()
    expired = "The access token you provided has expired."
    async with serving(clock=clock, expires_in=60) as api:
        clock.now += 59.9
        assert (await api.get()).status == 200
        clock.now += 0.1
        answer = await api.get()
        assert answer.status == 403
        assert [expired] == [error["details"] for error in answer.json["errors"]]
        api.token = (await api.log_in()).json["access_token"]
        assert (await api.get()).status == 200
        api.sandbox.expire_tokens()
        assert (await api.get()).json["errors"][0]["details"] == expired


@pytest.mark.parametrize("token", [None, "Atza|made-up"])
async def test_revoked_and_invented_tokens_are_invalid(api: Api, token: str | None) -> None:
    api.sandbox.revoke_tokens()
    answer = await api.get(token=token)
    assert (answer.status, answer.json) == problem(
        403,
        "Unauthorized",
        "Access to requested resource is denied.",
        "The access token you provided is revoked, malformed or invalid.",
    )


async def test_without_the_role_everything_is_denied_without_details(api: Api) -> None:
    api.sandbox.role_missing = True
    expected = problem(403, "Unauthorized", "Access to requested resource is denied.")
    for answer in (await api.get(), await api.post("unexpectedProblem", {"text": "Hi"})):
        assert expected == (answer.status, answer.json)
    assert api.sandbox.messages() == []


# Paths and parameters


@pytest.mark.parametrize(
    "query",
    [
        "",
        "?marketplaceIds=",
        "?marketplaceIds=DE",
        "?marketplaceId=A1PA6795UKMFR9",
        "?marketplaceIds=A1PA6795UKMFR9,ATVPDKIKX0DER",
        DE + "&marketplaceIds=ATVPDKIKX0DER",
    ],
)
@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", ""), ("GET", "/attributes"), ("POST", "/messages/unexpectedProblem")],
)
async def test_exactly_one_known_marketplace_is_needed(
    api: Api, query: str, method: str, path: str
) -> None:
    answer = await api.call(method, ORDER_PATH + path + query)
    assert (answer.status, answer.json) == problem(
        400, "InvalidInput", "Missing or invalid request parameter: marketplaceId"
    )


async def test_an_order_can_belong_to_one_marketplace_and_one_seller(api: Api) -> None:
    api.sandbox.add_order(ORDER, marketplace=Marketplace.FR)
    assert (await api.get()).status == 400
    assert (await api.get(ORDER_PATH + "?marketplaceIds=A13V1IB3VIYZZH")).status == 200
    api.sandbox.add_order(ORDER, seller="sandbox-other")
    assert (await api.get()).json == NOT_PERMITTED


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/messaging/v1/orders/111-1111111-1111111" + DE, 404),
        ("GET", "/messaging/v1/orders/nonsense" + DE, 400),
        ("GET", "/messaging/v1/orders" + DE, 404),
        ("GET", "/elsewhere", 404),
        ("POST", ORDER_PATH + DE, 405),
        ("GET", ORDER_PATH + "/messages/warranty" + DE, 405),
        ("POST", ORDER_PATH + "/messages/CreateWarranty" + DE, 404),
        ("POST", ORDER_PATH + "/messages/attributes" + DE, 404),
        ("POST", ORDER_PATH + "/messages/holidayGreeting" + DE, 404),
    ],
)
async def test_what_does_not_exist_is_not_found(
    api: Api, method: str, path: str, status: int
) -> None:
    answer = await api.call(method, path)
    assert status == answer.status
    assert answer.json["errors"][0]["code"]


async def test_orders_nobody_added_can_be_allowed() -> None:
    async with serving(any_order=("warranty",)) as api:
        answer = await api.get("/messaging/v1/orders/111-1111111-1111111" + DE)
        assert [link["name"] for link in answer.json["_links"]["actions"]] == ["warranty"]
        assert (await api.get("/messaging/v1/orders/nonsense" + DE)).status == 400
        counted = api.sandbox.count("111-1111111-1111111", "getMessagingActionsForOrder")
        assert counted == 1


# Discovery


async def test_discovery_has_the_real_shape(api: Api) -> None:
    api.sandbox.add_order(ORDER, actions=("sendInvoice", "attributes"), disabled={})
    link = {"href": f"{ORDER_PATH}/messages/sendInvoice{DE}", "name": "sendInvoice"}
    schema_link = {"href": f"{ORDER_PATH}/messages/sendInvoice/schema", "name": "sendInvoice"}
    answer = (await api.get()).json
    action = answer["_embedded"]["actions"][0]
    schema = action["_embedded"].pop("schema")
    files = schema["properties"]["attachments"]
    assert answer == {
        "_links": {
            "actions": [link, {"href": f"{ORDER_PATH}/attributes{DE}", "name": "attributes"}],
            "self": {"href": f"{ORDER_PATH}{DE}"},
        },
        "_embedded": {
            "actions": [
                {
                    "_links": {"schema": schema_link, "self": link},
                    "_embedded": {},
                    "name": "sendInvoice",
                    "title": "Send the invoice",
                }
            ]
        },
    }
    assert schema["_links"] == {"self": schema_link}
    assert (schema["name"], schema["type"]) == ("sendInvoice", "object")
    assert (schema["disabled"], schema["disabledReason"]) == (False, None)
    assert schema["$schema"] == "http://json-schema.org/draft-04/schema#"
    assert (schema["required"], schema["x-ui-hidden"]) == (["attachments"], False)
    assert (files["minItems"], files["maxItems"]) == (1, 5)
    assert files["items"] == {
        "type": "object",
        "required": [],
        "properties": {"fileName": {"type": "string"}, "id": {"type": "string"}},
    }


async def test_the_text_of_a_schema_has_another_name_than_that_of_a_body(api: Api) -> None:
    api.sandbox.add_order(ORDER, actions=("digitalAccessKey", "updateFeedback"))
    key, feedback = (
        action["_embedded"]["schema"] for action in (await api.get()).json["_embedded"]["actions"]
    )
    text = key["properties"]["rawMessageBody"]
    assert (text["minLength"], text["maxLength"]) == (1, 400)
    assert key["required"] == []
    assert (feedback["properties"], feedback["required"]) == ({}, [])
    assert feedback["x-ui-hidden"] is True


async def test_a_disabled_action_is_offered_and_refused(api: Api) -> None:
    api.sandbox.add_order(
        ORDER, actions=("unexpectedProblem",), disabled={"unexpectedProblem": "Later"}
    )
    schema = (await api.get()).json["_embedded"]["actions"][0]["_embedded"]["schema"]
    assert (schema["disabled"], schema["disabledReason"]) == (True, "Later")
    answer = await api.post("unexpectedProblem", {"text": "Hi"})
    assert (answer.status, answer.json) == (403, NOT_PERMITTED)


async def test_schemas_can_be_under_payload_linked_or_nowhere(api: Api) -> None:
    api.sandbox.add_order(ORDER, actions=("warranty",), schemas="payload")
    action = (await api.get()).json["_embedded"]["actions"][0]
    assert action["payload"] == {"name": "warranty"}
    assert set(action) == {"_links", "_embedded", "payload"}
    payload = action["_embedded"]["schema"]["payload"]
    assert payload["properties"]["coverageEndDate"]["format"] == "date-time"

    api.sandbox.add_order(ORDER, actions=("warranty",), schemas="link")
    (action,) = (await api.get()).json["_embedded"]["actions"]
    assert set(action) == {"_links"}
    fetched = await api.get(action["_links"]["schema"]["href"])
    assert fetched.json["properties"]["attachments"]["minItems"] == 1
    assert (await api.get(f"{ORDER_PATH}/messages/invoice/schema")).status == 404

    api.sandbox.add_order(ORDER, actions=("warranty",), schemas="none")
    assert set((await api.get()).json) == {"_links"}
    assert (await api.get(f"{ORDER_PATH}/messages/warranty/schema")).status == 404


async def test_an_order_without_actions_answers_empty_arrays(api: Api) -> None:
    order = api.sandbox.add_order(ORDER, actions=())
    links = {"actions": [], "self": {"href": f"{ORDER_PATH}{DE}"}}
    assert (await api.get()).json == {"_links": links, "_embedded": {"actions": []}}
    order.schemas = "none"
    assert (await api.get()).json == {"_links": links}
    order.actions = ("warranty",)
    assert [link["name"] for link in (await api.get()).json["_links"]["actions"]] == ["warranty"]


async def test_a_closed_order_refuses_discovery_too(api: Api) -> None:
    api.sandbox.add_order(ORDER, closed=True)
    for answer in (await api.get(), await api.post("unexpectedProblem", {"text": "Hi"})):
        assert (answer.status, answer.json) == (403, NOT_PERMITTED)


@pytest.mark.parametrize("document", [{"odd": ["ü"]}, b"<not json"])
async def test_a_discovery_answer_can_be_anything(api: Api, document: Any) -> None:
    api.sandbox.add_order(ORDER, document=document)
    answer = await api.get()
    expected = document if isinstance(document, bytes) else '{"odd":["ü"]}'.encode()
    assert (200, expected) == (answer.status, answer.body)


async def test_an_unknown_action_has_the_schema_it_was_given(api: Api) -> None:
    api.sandbox.add_order(
        ORDER,
        actions=("holidayGreeting",),
        custom={"holidayGreeting": {"title": "Greet", "required": ["rawMessageBody"]}},
    )
    (action,) = (await api.get()).json["_embedded"]["actions"]
    assert (action["name"], action["title"]) == ("holidayGreeting", "Greet")
    assert action["_embedded"]["schema"]["required"] == ["rawMessageBody"]
    assert (await api.post("holidayGreeting", {"text": "Hi", "card": 3})).status == 201
    (message,) = api.sandbox.messages(ORDER)
    assert (message.operation, message.body) == ("holidayGreeting", {"text": "Hi", "card": 3})


async def test_attributes_give_the_locale(api: Api) -> None:
    api.sandbox.add_order(ORDER, locale="de-DE")
    answer = await api.get(f"{ORDER_PATH}/attributes{DE}")
    assert (answer.status, answer.json) == (200, {"buyer": {"locale": "de-DE"}})


# Messages

TEXTS = {
    "confirmCustomizationDetails": 800,
    "confirmDeliveryDetails": 2000,
    "confirmOrderDetails": 2000,
    "confirmServiceDetails": 2000,
    "digitalAccessKey": 400,
    "unexpectedProblem": 2000,
}
OPERATIONS = {
    "confirmCustomizationDetails": "confirmCustomizationDetails",
    "confirmDeliveryDetails": "createConfirmDeliveryDetails",
    "confirmOrderDetails": "createConfirmOrderDetails",
    "confirmServiceDetails": "createConfirmServiceDetails",
    "digitalAccessKey": "createDigitalAccessKey",
    "unexpectedProblem": "createUnexpectedProblem",
}


@pytest.mark.parametrize(("segment", "longest"), TEXTS.items())
async def test_texts_are_limited_in_characters(api: Api, segment: str, longest: int) -> None:
    assert (await api.post(segment, {"text": "ü" * longest})).status == 201
    assert (await api.post(segment, {"text": "𝄞" * (longest + 1)})).status == 400
    assert (await api.post(segment, {"text": ""})).status == 400
    (message,) = api.sandbox.messages(ORDER)
    assert (segment, OPERATIONS[segment]) == (message.action, message.operation)
    assert message.body == {"text": "ü" * longest}
    assert (message.seller, message.marketplace) == ("sandbox-refresh-token", "A1PA6795UKMFR9")


@pytest.mark.parametrize(
    ("segment", "body"),
    [
        ("unexpectedProblem", {}),
        ("unexpectedProblem", None),
        ("unexpectedProblem", {"text": 7}),
        ("unexpectedProblem", {"rawMessageBody": "Hi"}),
        ("unexpectedProblem", {"text": "Hi", "attachments": []}),
        ("confirmCustomizationDetails", {}),
        ("legalDisclosure", {"text": "Hi"}),
        ("invoice", {"attachments": []}),
        ("invoice", {"attachments": None}),
        ("invoice", {"attachments": {"0": FILE}}),
        ("invoice", {"attachments": [{"id": "1", "fileName": "a.txt"}]}),
        ("invoice", {"attachments": ["a.txt"]}),
        ("invoice", {"attachments": [FILE | {"fileName": ""}]}),
        ("warranty", {"attachments": [FILE] * 6}),
        ("warranty", {"attachments": [FILE], "coverageStartDate": "2025-01-01"}),
        ("warranty", {"attachments": [FILE], "coverageStartDate": "2025-01-01T00:00:00"}),
        ("warranty", {"attachments": [FILE], "coverageEndDate": "2025-02-30T00:00:00Z"}),
        ("warranty", {"attachments": [FILE], "coverageEndDate": None}),
        ("warranty", {"attachments": [FILE], "coverage_end_date": "2025-01-01T00:00:00Z"}),
        ("negativeFeedbackRemoval", {"text": "Hi"}),
    ],
)
async def test_a_body_that_breaks_a_limit_is_refused(api: Api, segment: str, body: Any) -> None:
    answer = await api.post(segment, body)
    error = answer.json["errors"][0]
    assert (
        answer.status,
        error["code"],
        error["message"],
    ) == (400, "InvalidInput", "Invalid Input")
    assert error["details"]
    assert api.sandbox.messages() == []


async def test_an_attachment_that_was_not_uploaded_does_not_exist(api: Api) -> None:
    answer = await api.post("invoice", {"attachments": [FILE]})
    assert (answer.status, answer.json) == problem(
        400,
        "InvalidInput",
        "Attachment with ID 4e936e26-7b72-4b84-af27-e6baee1d546d does not exist",
    )


@pytest.mark.parametrize(
    ("data", "content_type", "status"),
    [
        (b'{"text": "Hi"}', "application/json; charset=utf-8", 201),
        (b'{"text": "Hi"}', "text/plain", 415),
        (b"text=Hi", "application/x-www-form-urlencoded", 415),
        (b'{"text": "Hi"', "application/json", 400),
        (b'{"text": "\xfc"}', "application/json", 400),
        (b'["Hi"]', "application/json", 400),
        (b"x" * (1024 * 1024 + 1), "application/json", 413),
    ],
)
async def test_a_body_is_json_of_a_bounded_size(
    api: Api, data: bytes, content_type: str, status: int
) -> None:
    headers = {"Content-Type": content_type}
    answer = await api.post("unexpectedProblem", data=io.BytesIO(data), headers=headers)
    assert status == answer.status
    assert (status == 201) == bool(api.sandbox.messages())


async def test_a_message_that_is_not_offered_is_not_permitted(api: Api) -> None:
    api.sandbox.add_order(ORDER, actions=("warranty",))
    answer = await api.post("unexpectedProblem", {"text": "Hi"})
    assert (answer.status, answer.json) == (403, NOT_PERMITTED)


async def test_feedback_removal_is_asked_once_per_order(api: Api) -> None:
    api.sandbox.add_order(ORDER, actions=("updateFeedback", "warranty"))
    assert (await api.post("negativeFeedbackRemoval")).status == 201
    assert (await api.post("negativeFeedbackRemoval")).json == NOT_PERMITTED
    assert [link["name"] for link in (await api.get()).json["_links"]["actions"]] == ["warranty"]
    assert [message.body for message in api.sandbox.messages(ORDER)] == [{}]


async def test_an_order_can_be_full(api: Api) -> None:
    api.sandbox.add_order(ORDER, actions=("unexpectedProblem", "attributes"), max_messages=2)
    statuses = [(await api.post("unexpectedProblem", {"text": "Hi"})).status for _ in range(3)]
    assert statuses == [201, 201, 403]
    assert [link["name"] for link in (await api.get()).json["_links"]["actions"]] == ["attributes"]


async def test_an_offered_href_answers_like_its_operation(api: Api) -> None:
    assert (await api.post("updateFeedback")).status == 201
    (message,) = api.sandbox.messages(ORDER)
    assert (message.action, message.operation) == (
        "updateFeedback",
        "createNegativeFeedbackRemoval",
    )
    assert (await api.post("negativeFeedbackRemoval")).status == 403


async def test_offered_hrefs_may_lead_nowhere() -> None:
    async with serving(offered_hrefs_answer=False) as api:
        assert (await api.post("updateFeedback")).status == 404
        assert (await api.post("negativeFeedbackRemoval")).status == 201


async def test_success_has_three_bodies(api: Api) -> None:
    bodies = [(await api.post("unexpectedProblem", {"text": "Hi"})).body for _ in range(6)]
    assert set(bodies[:3]) == {b"{}", b'{"errors": []}', b""}
    assert bodies[:3] == bodies[3:]
    assert len(api.sandbox.messages(ORDER)) == 6


@pytest.mark.parametrize(
    ("success", "body"), [("object", b"{}"), ("errors", b'{"errors": []}'), ("empty", b"")]
)
async def test_success_can_have_one_body(success: str, body: bytes) -> None:
    async with serving(success=success) as api:
        answers = [await api.post("unexpectedProblem", {"text": "Hi"}) for _ in range(2)]
    assert [body, body] == [answer.body for answer in answers]


# Quotas


async def test_a_bucket_starts_full_and_refills_at_its_rate() -> None:
    clock = Clock()
    async with serving(clock=clock) as api:
        statuses = [(await api.get()).status for _ in range(7)]
        assert statuses == [200] * 5 + [429] * 2
        clock.now += 0.999
        assert (await api.get()).status == 429
        clock.now += 0.001
        assert [(await api.get()).status for _ in range(2)] == [200, 429]
        clock.now += 3000
        assert [(await api.get()).status for _ in range(6)] == [200] * 5 + [429]
        assert api.sandbox.throttled() == 5
        assert api.sandbox.throttled("getMessagingActionsForOrder") == 5
        assert api.sandbox.throttled("GetAttributes") == 0


async def test_a_throttled_answer_has_no_details_and_no_rate() -> None:
    async with serving(rate=1, burst=1, clock=Clock()) as api:
        await api.get()
        answer = await api.get()
    assert (answer.status, answer.json) == (429, THROTTLED)
    assert "x-amzn-RateLimit-Limit" not in answer.headers
    assert "x-amzn-RequestId" in answer.headers


async def test_buckets_are_per_seller_and_operation() -> None:
    async with serving(rate=1, burst=1, clock=Clock()) as api:
        other = (await api.log_in(refresh_token="sandbox-other")).json["access_token"]
        attributes = f"{ORDER_PATH}/attributes{DE}"
        assert [(await api.get()).status for _ in range(2)] == [200, 429]
        assert [(await api.get(attributes)).status for _ in range(2)] == [200, 429]
        assert [(await api.get(token=other)).status for _ in range(2)] == [200, 429]


async def test_an_alias_shares_the_bucket_of_its_operation() -> None:
    async with serving(rate=1, burst=1, clock=Clock()) as api:
        assert (await api.post("updateFeedback")).status == 201
        assert (await api.post("negativeFeedbackRemoval")).status == 429


async def test_quotas_can_be_changed_and_switched_off() -> None:
    async with serving(clock=Clock()) as api:
        api.sandbox.set_quota("createUnexpectedProblem", rate=2, burst=10)
        statuses = [(await api.post("unexpectedProblem", {"text": "x"})).status for _ in range(11)]
        assert statuses == [201] * 10 + [429]
        api.sandbox.set_quota("createUnexpectedProblem")
        answer = await api.post("unexpectedProblem", {"text": "x"})
        assert answer.status == 201
        assert "x-amzn-RateLimit-Limit" not in answer.headers
        api.sandbox.set_quota()
        assert {(await api.get()).status for _ in range(20)} == {200}
        with pytest.raises(ValueError, match="both"):
            api.sandbox.set_quota("GetAttributes", rate=1)


async def test_refused_tokens_cost_nothing_and_refused_requests_do() -> None:
    async with serving(rate=1, burst=2, clock=Clock()) as api:
        assert {(await api.get(token="Atza|no")).status for _ in range(5)} == {403}
        assert (await api.get(ORDER_PATH)).status == 400
        assert [(await api.get()).status for _ in range(2)] == [200, 429]


@virtual
async def test_the_event_loops_clock_is_the_default() -> None:
    """On a virtual clock the sandbox refills in virtual seconds, and its latency takes some."""
    loop = asyncio.get_running_loop()
    async with serving(rate=0.1, burst=1, latency=2.0) as api:
        started = loop.time()
        assert (await api.get()).status == 200
        assert loop.time() - started == pytest.approx(2.0, abs=1e-3)
        assert (await api.get()).status == 429
        await asyncio.sleep(10)
        assert (await api.get()).status == 200


@virtual
async def test_latency_can_be_a_range() -> None:
    loop = asyncio.get_running_loop()
    async with serving(rate=math.inf, latency=(1.0, 3.0), seed=7) as api:
        took = []
        for _ in range(20):
            started = loop.time()
            await api.get()
            took.append(loop.time() - started)
    assert min(took) >= 1.0
    assert max(took) <= 3.001
    assert max(took) - min(took) > 0.5


@pytest.mark.parametrize(
    ("path", "status", "rate"),
    [
        (ORDER_PATH + DE, 200, "1.0"),
        (ORDER_PATH, 400, "1.0"),
        ("/messaging/v1/orders/111-1111111-1111111" + DE, 404, "1.0"),
        ("/elsewhere", 404, None),
    ],
)
async def test_the_rate_is_announced_where_amazon_does(
    path: str, status: int, rate: str | None
) -> None:
    async with serving() as api:
        answer = await api.get(path)
        assert (status, rate) == (answer.status, answer.headers.get("x-amzn-RateLimit-Limit"))
        api.sandbox.header_override = "soon, maybe"
        overridden = (await api.get(path)).headers.get("x-amzn-RateLimit-Limit")
        assert overridden == ("soon, maybe" if rate else None)
        api.sandbox.announce_rate = False
        assert "x-amzn-RateLimit-Limit" not in (await api.get(path)).headers


async def test_a_closed_orders_403_announces_no_rate() -> None:
    async with serving() as api:
        api.sandbox.add_order(ORDER, closed=True)
        assert "x-amzn-RateLimit-Limit" not in (await api.get()).headers


# What can be looked at


async def test_every_request_is_recorded(api: Api) -> None:
    answer = await api.post("unexpectedProblem", {"text": "Hi"})
    record = api.sandbox.requests[-1]
    (message,) = api.sandbox.messages(ORDER)
    assert (record.method, record.path) == ("POST", f"{ORDER_PATH}/messages/unexpectedProblem")
    assert record.query == {"marketplaceIds": ["A1PA6795UKMFR9"]}
    assert (record.operation, record.order_id) == ("createUnexpectedProblem", ORDER)
    assert (record.status, record.body_size, record.has_token) == (201, 14, True)
    assert record.headers["content-type"] == "application/json"
    assert record.seller == "sandbox-refresh-token"
    assert {answer.headers["x-amzn-RequestId"]} == {record.request_id, message.request_id}
    assert api.token not in repr(record)
    assert api.sandbox.count(ORDER, "createUnexpectedProblem") == 1
    assert api.sandbox.count(ORDER) == 1
    assert api.sandbox.count(operation="token") == 1
    assert api.sandbox.count("111-1111111-1111111") == 0


async def test_request_ids_differ_and_have_amazons_spelling(api: Api) -> None:
    raw = await api.raw(
        f"GET {ORDER_PATH}{DE} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
        f"x-amz-access-token: {api.token}\r\n\r\n"
    )
    assert re.search(rb"\r\nx-amzn-RequestId: [0-9a-f-]{36}\r\n", raw)
    assert len({record.request_id for record in api.sandbox.requests}) == 2


async def test_memory_is_bounded_and_counters_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("spapi_messaging.sandbox.api.log.MAX_REQUESTS", 3)
    monkeypatch.setattr("spapi_messaging.sandbox.api.log.MAX_MESSAGES", 2)
    monkeypatch.setattr("spapi_messaging.sandbox.api.accounts.MAX_TOKENS", 1)
    async with serving(rate=math.inf) as api:
        for number in range(4):
            assert (await api.post("unexpectedProblem", {"text": str(number)})).status == 201
        kept = [message.body for message in api.sandbox.messages()]
        assert kept == [{"text": "2"}, {"text": "3"}]
        assert kept == [message.body for message in api.sandbox.messages(ORDER)]
        assert len(api.sandbox.requests) == 3
        assert api.sandbox.count(ORDER, "createUnexpectedProblem") == 4
        await api.log_in()
        assert (await api.get()).status == 403


# Amazon's static sandbox

GOOD, BAD = "123-1234567-1234567", "123-1234567-0000000"
US = "?marketplaceIds=ATVPDKIKX0DER"
BAD_INPUT = {"errors": [{"code": "InvalidInput", "message": "Invalid Input", "details": ""}]}


async def test_the_static_order_is_answered_as_in_the_model(api: Api) -> None:
    root = "/messaging/v1/orders/123-1234567-1234567"
    answer = await api.get(f"{root}{DE}")
    assert answer.json["_links"]["self"] == {"href": f"{root}{US}"}
    actions = answer.json["_links"]["actions"]
    assert [action["name"] for action in actions] == [
        "confirmCustomizationDetails",
        "confirmDeliveryDetails",
        "legalDisclosure",
        "negativeFeedbackRemoval",
        "confirmOrderDetails",
        "confirmServiceDetails",
        "amazonMotors",
        "digitalAccessKey",
        "unexpectedProblem",
        "warranty",
        "attributes",
    ]
    assert actions[-1]["href"] == f"{root}/attributes{US}"
    assert actions[0]["href"] == f"{root}/messages/confirmCustomizationDetails{US}"
    assert set(answer.json) == {"_links"}
    assert (await api.get(f"{root}/attributes{US}")).json == {"buyer": {"locale": "en-US"}}


@pytest.mark.parametrize(
    ("segment", "body"),
    [
        ("confirmDeliveryDetails", {"text": "My Message"}),
        ("legalDisclosure", {"attachments": [FILE, FILE]}),
        ("confirmCustomizationDetails", {"text": "My Message", "attachments": [FILE, FILE]}),
        (
            "warranty",
            {
                "attachments": [FILE],
                "coverageStartDate": "2004-12-13T21:39:45.618-08:00",
                "coverageEndDate": "2005-12-13T21:39:45.618-08:00",
            },
        ),
        ("negativeFeedbackRemoval", None),
        ("invoice", None),
        ("invoice", {"attachments": [FILE]}),
    ],
)
async def test_the_static_order_takes_every_message(api: Api, segment: str, body: Any) -> None:
    answer = await api.post(segment, body, order=GOOD)
    assert (answer.status, answer.body) == (201, b"{}")
    assert [message.body for message in api.sandbox.messages(GOOD)] == [body or {}]
    for order in (BAD, "badOrderId"):
        refused = await api.post(segment, body, order=order)
        assert (refused.status, refused.json) == (400, BAD_INPUT)


async def test_the_bad_static_orders_refuse_to_be_asked(api: Api) -> None:
    for tail in ("", "/attributes"):
        answer = await api.get(f"/messaging/v1/orders/{BAD}{tail}{DE}")
        assert (answer.status, answer.json) == (400, BAD_INPUT)
    assert (await api.post("unexpectedProblem", {"txt": "Hi"}, order=GOOD)).status == 400
    assert (await api.post("sendInvoice", order=GOOD)).status == 404


async def test_the_static_sandbox_has_its_own_plan() -> None:
    async with serving(static=True, clock=Clock()) as api:
        assert [(await api.get()).status for _ in range(16)] == [200] * 15 + [429]
        assert (await api.get(ORDER_PATH + "/attributes")).headers[
            "x-amzn-RateLimit-Limit"
        ] == "5.0"


@pytest.mark.skipif(not MODEL.exists(), reason="Amazon's model is not beside the project")
async def test_every_case_of_amazons_model(api: Api) -> None:
    paths = json.loads(MODEL.read_text())["paths"]
    played = 0
    for path, methods in paths.items():
        for method, operation in methods.items():
            for status, answer in operation.get("responses", {}).items():
                for case in answer.get("x-amzn-api-sandbox", {}).get("static", []):
                    parameters = case["request"]["parameters"]
                    target = path.format(amazonOrderId=parameters["amazonOrderId"]["value"])
                    how = {"json": parameters["body"]["value"]} if "body" in parameters else {}
                    got = await api.call(method.upper(), target + US, **how)
                    assert (int(status), case["response"]) == (got.status, got.json), target
                    played += 1
    assert played == 26


# Starting and stopping


async def test_the_environment_leads_a_client_here(api: Api) -> None:
    assert api.sandbox.environment == {
        "SPAPI_MESSAGING_ENDPOINT": api.sandbox.url,
        "SPAPI_MESSAGING_TOKEN_URL": api.sandbox.url + "/auth/o2/token",
        "SP_API_REFRESH_TOKEN": "sandbox-refresh-token",
        "LWA_APP_ID": "sandbox-client-id",
        "LWA_CLIENT_SECRET": "sandbox-client-secret",
    }
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+", api.sandbox.url)


async def test_it_can_be_started_again_where_it_was() -> None:
    sandbox = Sandbox()
    await sandbox.start()
    sandbox.add_order(ORDER)
    url = sandbox.url
    await sandbox.stop()
    await sandbox.stop()
    async with sandbox, aiohttp.ClientSession() as http:
        assert url == sandbox.url
        token = (await Api(sandbox, http).log_in()).json["access_token"]
        assert (await Api(sandbox, http, token).get()).status == 200


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGTERM there")
async def test_the_command_runs_until_it_is_stopped() -> None:
    command = [
        sys.executable,
        "-m",
        "spapi_messaging.sandbox",
        "--rate",
        "2",
        "--latency",
        "0-0.001",
    ]
    process = await asyncio.create_subprocess_exec(*command, stdout=subprocess.PIPE)
    assert process.stdout is not None
    lines = [(await process.stdout.readline()).decode() for _ in range(5)]
    url = lines[0].removeprefix("export SPAPI_MESSAGING_ENDPOINT=").strip()
    async with aiohttp.ClientSession() as http, http.get(url + ORDER_PATH + DE) as answer:
        assert answer.status == 403
    process.send_signal(signal.SIGTERM)
    assert await asyncio.wait_for(process.wait(), 5) == 0
    assert [line.split("=")[0] for line in lines] == [
        "export SPAPI_MESSAGING_ENDPOINT",
        "export SPAPI_MESSAGING_TOKEN_URL",
        "export SP_API_REFRESH_TOKEN",
        "export LWA_APP_ID",
        "export LWA_CLIENT_SECRET",
    ]


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGTERM there")
def test_the_command_leaves_cleanly(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def flush(self) -> None:
            os.kill(os.getpid(), signal.SIGTERM)

    monkeypatch.setattr(sys, "stdout", Terminal())
    assert main(["--latency", "0.5", "--burst", "3"]) == 0
