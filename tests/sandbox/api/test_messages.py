"""Messages to the sandbox: what is accepted, refused, and answered."""

import io
from typing import Any

import pytest
from helpers.sandbox_client import NOT_PERMITTED, ORDER, Api, problem, serving

FILE = {"uploadDestinationId": "4e936e26-7b72-4b84-af27-e6baee1d546d", "fileName": "a.txt"}
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


@pytest.mark.parametrize(("segment", "max_length"), TEXTS.items())
async def test_texts_are_limited_in_characters(api: Api, segment: str, max_length: int) -> None:
    assert (await api.post(segment, {"text": "ü" * max_length})).status == 201
    assert (await api.post(segment, {"text": "𝄞" * (max_length + 1)})).status == 400
    assert (await api.post(segment, {"text": ""})).status == 400
    (message,) = api.sandbox.messages(ORDER)
    assert (segment, OPERATIONS[segment]) == (message.action, message.operation)
    assert message.body == {"text": "ü" * max_length}
    assert (message.seller, message.marketplace) == ("sandbox-refresh-token", "A1PA6795UKMFR9")


@pytest.mark.parametrize(
    ("segment", "body"),
    [
        ("unexpectedProblem", {}),
        ("unexpectedProblem", None),
        ("unexpectedProblem", {"text": 7}),
        ("unexpectedProblem", {"rawMessageBody": "Hi"}),
        ("confirmCustomizationDetails", {}),
        ("legalDisclosure", {}),
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
