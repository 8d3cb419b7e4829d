"""Embedded schemas: Amazon's own names are translated, and its limits hold."""

from typing import Any

import pytest
from helpers.schemas import FEEDBACK, FILE, INVOICE, PROBLEM, faults, text_schema
from hypothesis import given, settings, strategies as st

from spapi_messaging.api.schema import ActionSchema


@pytest.mark.parametrize(
    ("raw", "body", "wanted"),
    [
        (PROBLEM, {"text": "x"}, ()),
        (PROBLEM, {"text": "x" * 2000}, ()),
        (PROBLEM, {}, ("the body: 'text' is a required property",)),
        (PROBLEM, {"text": ""}, ("text: minLength is 1, got 0",)),
        (PROBLEM, {"text": "x" * 2001}, ("text: maxLength is 2000, got 2001",)),
        (PROBLEM, {"text": "\N{GRINNING FACE}" * 2000}, ()),
        (PROBLEM, {"text": 5}, ("text: type must be string, got int",)),
        (FEEDBACK, {}, ()),
        (INVOICE, {"attachments": [FILE]}, ()),
        (INVOICE, {"attachments": [FILE] * 5}, ()),
        (INVOICE, {}, ("the body: 'attachments' is a required property",)),
        (INVOICE, {"attachments": []}, ("attachments: minItems is 1, got 0",)),
        (INVOICE, {"attachments": [FILE] * 6}, ("attachments: maxItems is 5, got 6",)),
        (
            INVOICE,
            {"attachments": [FILE, {"uploadDestinationId": 7, "fileName": None}]},
            (
                "attachments[1].fileName: type must be string, got NoneType",
                "attachments[1].uploadDestinationId: type must be string, got int",
            ),
        ),
    ],
)
def test_amazons_own_schemas(
    raw: dict[str, Any], body: dict[str, Any], wanted: tuple[str, ...]
) -> None:
    assert faults(raw, body) == wanted


def test_what_a_schema_says_of_its_action() -> None:
    schema = ActionSchema.parse(FEEDBACK)
    title = "Request to update feedback"
    assert schema.json == {"type": "object", "title": title, "properties": {}}
    assert (schema.title, schema.description, schema.hidden) == (title, None, True)
    assert (schema.disabled, schema.disabled_reason) == (True, "Already sent.")
    assert ActionSchema.parse(PROBLEM).description is not None
    assert ActionSchema.parse({"payload": FEEDBACK}) == schema, "the model's own wrapping"
    assert ActionSchema.parse({}).json == {}


@pytest.mark.parametrize("wrong", [None, 1, "true", "false", [], {"a": 1}])
def test_wrong_words_about_the_action_are_left_out(wrong: object) -> None:
    words = ("title", "description", "disabled", "disabledReason", "x-ui-hidden")
    schema = ActionSchema.parse(dict.fromkeys(words, wrong))
    reported = wrong if isinstance(wrong, str) else None
    assert (schema.title, schema.description, schema.disabled_reason) == (
        reported,
        reported,
        reported,
    )
    assert (schema.disabled, schema.hidden) == (False, False)


def test_names_are_translated_at_every_place() -> None:
    schema = ActionSchema.parse(
        {
            "required": ["rawMessageBody", "attachments"],
            "properties": {
                "rawMessageBody": {"maxLength": 3},
                "id": {"maxLength": 1},
                "attachments": {"items": {"required": ["id"], "properties": {"id": {}}}},
            },
        }
    ).json
    assert schema["required"] == ["text", "attachments"]
    assert set(schema["properties"]) == {"text", "id", "attachments"}
    items = schema["properties"]["attachments"]["items"]
    assert items == {"required": ["uploadDestinationId"], "properties": {"uploadDestinationId": {}}}


def test_a_schema_that_knows_the_bodys_name_is_taken_at_its_word() -> None:
    both = {"properties": {"text": {"maxLength": 2}, "rawMessageBody": {"maxLength": 1}}}
    assert faults(both, {"text": "abc"}) == ("text: maxLength is 2, got 3",)
    assert faults(both, {"text": "ab"}) == ()


@pytest.mark.parametrize(
    ("moment", "right"),
    [
        ("2026-01-01T00:00:00Z", True),
        ("2026-01-01T00:00:00.123+09:00", True),
        ("2026-01-01T00:00:00", False),
        ("2026-01-01", False),
        ("tomorrow", False),
        (5, True),
    ],
)
def test_date_time_is_checked(moment: object, right: bool) -> None:
    raw = {"properties": {"coverageStartDate": {"format": "date-time"}}}
    wanted = () if right else ("coverageStartDate: format must be date-time, got str",)
    assert faults(raw, {"coverageStartDate": moment}) == wanted


def test_unknown_fields_are_named() -> None:
    raw = text_schema() | {"additionalProperties": False}
    assert faults(raw, {"text": "x", "subject": "y"}) == (
        "the body: Additional properties are not allowed ('subject' was unexpected)",
    )


def test_other_keywords_are_named_without_the_value() -> None:
    assert faults(text_schema(enum=["a", "b"]), {"text": "secret"}) == (
        "text: breaks 'enum' of the order's schema",
    )


@given(max_length=st.integers(0, 50), length=st.integers(0, 60), min_count=st.integers(0, 5))
@settings(deadline=None, max_examples=60, database=None)
def test_limits_hold(max_length: int, length: int, min_count: int) -> None:
    """The order's own limits decide, narrower or wider than those of the model."""
    raw = text_schema(maxLength=max_length, minLength=min_count)
    wanted = [f"text: maxLength is {max_length}, got {length}"] if length > max_length else []
    wanted += [f"text: minLength is {min_count}, got {length}"] if length < min_count else []
    assert list(faults(raw, {"text": "x" * length})) == wanted
