"""What an order of the sandbox offers, in each of the shapes that Amazon's answers have."""

from typing import Any

import pytest
from helpers.sandbox_client import DE, NOT_PERMITTED, ORDER, ORDER_PATH, Api


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
