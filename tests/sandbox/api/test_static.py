"""Amazon's static sandbox: fixed order ids with fixed answers."""

import json
from typing import Any

import pytest
from helpers.paths import REFERENCE
from helpers.sandbox_client import DE, ORDER_PATH, Api, Clock, serving
from helpers.static_orders import BAD, GOOD, OFFERED, US

MODEL = REFERENCE / "messaging-v1-model-2025-07-30.json"
FILE = {"uploadDestinationId": "4e936e26-7b72-4b84-af27-e6baee1d546d", "fileName": "a.txt"}
BAD_INPUT = {"errors": [{"code": "InvalidInput", "message": "Invalid Input", "details": ""}]}


async def test_the_static_order_is_answered_as_in_the_model(api: Api) -> None:
    root = "/messaging/v1/orders/123-1234567-1234567"
    answer = await api.get(f"{root}{DE}")
    assert answer.json["_links"]["self"] == {"href": f"{root}{US}"}
    actions = answer.json["_links"]["actions"]
    assert [action["name"] for action in actions] == [*OFFERED, "attributes"]
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
