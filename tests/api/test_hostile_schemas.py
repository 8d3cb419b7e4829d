"""Hostile schemas: nothing of them is fetched or run, and what is wrong is left out."""

import json
from typing import Any

import pytest
from helpers.schemas import INVOICE, faults, text_schema
from hypothesis import example, given, settings, strategies as st

from spapi_messaging.api.schema import ActionSchema


@pytest.mark.parametrize(
    ("keywords", "text"),
    [
        ({"pattern": "^x$"}, "hello"),
        ({"pattern": "(a+)+$"}, "aaaa!"),
        ({"pattern": "("}, "hello"),
        ({"pattern": 5}, "hello"),
        ({"$ref": "https://evil.example/schema.json"}, "hello"),
        ({"$ref": "file:///etc/passwd"}, "hello"),
        ({"$ref": "#/properties/rawMessageBody"}, "hello"),
        ({"$ref": "#"}, "hello"),
        ({"allOf": [{"$ref": "#/properties/rawMessageBody"}]}, "hello"),
        ({"id": "https://evil.example/", "allOf": [{"$ref": "x"}]}, "hello"),
        ({"format": "regex"}, "("),
        ({"format": "ipv4"}, "hello"),
        ({"required": []}, "hello"),
        # what is dropped inside of these must not turn them against every body
        ({"not": {"pattern": "<"}}, "hello"),
        ({"not": {"$ref": "#/definitions/html"}}, "hello"),
        ({"oneOf": [{"pattern": "^h"}, {"pattern": "^x"}]}, "hello"),
        ({"oneOf": [{"$ref": "#/a"}, {"$ref": "#/b"}]}, "hello"),
    ],
    ids=str,
)
def test_what_is_never_run_refuses_nothing(keywords: dict[str, Any], text: str) -> None:
    assert faults(text_schema(**keywords), {"text": text}) == ()
    shown = json.dumps(ActionSchema.parse(text_schema(**keywords)).json)
    assert not [word for word in ("pattern", "$ref", "evil.example") if word in shown]


def test_dropped_pattern_properties_do_not_make_their_names_unknown() -> None:
    raw = {"patternProperties": {"^te": {}}, "additionalProperties": False}
    assert faults(raw, {"text": "x"}) == ()


@pytest.mark.parametrize(
    "beside",
    [
        {"description": None},
        {"title": None},
        {"title": 5},
        {"required": True},
        {"required": []},
        {"required": None},
        {"pattern": None},
        {"format": None},
        {"enum": None},
        {"x-ui-field-type": {"deep": [1]}},
        {"enum": []},
        {"maxItems": "many"},
    ],
    ids=str,
)
def test_a_wrong_part_is_left_out_and_the_limits_stay(beside: dict[str, Any]) -> None:
    assert faults(text_schema(maxLength=3, **beside), {"text": "abcd"}) == (
        "text: maxLength is 3, got 4",
    )
    assert faults(text_schema(maxLength=3) | beside, {"text": "abcd"}) == (
        "text: maxLength is 3, got 4",
    )


@pytest.mark.parametrize(
    "raw",
    [
        {"type": "no-such-type"},
        {"maxLength": "3"},
        {"maxLength": -1},
        {"properties": {"text": 5}},
        {"properties": []},
        {"items": 5},
        {"allOf": []},
        {"multipleOf": 0},
        {"multipleOf": float("nan")},
        {"properties": {"n": {"multipleOf": float("nan")}}},
        {"properties": {"n": {"multipleOf": 1e-320}}},
        {"properties": {"n": {"minimum": float("nan")}}},
    ],
    ids=str,
)
@pytest.mark.parametrize("number", [1, 0.1, 10**400, 1e300, float("inf")], ids=lambda n: str(n)[:5])
def test_what_cannot_be_compiled_or_run_is_no_schema(raw: dict[str, Any], number: float) -> None:
    schema = ActionSchema.parse(raw)
    assert all(isinstance(fault, str) for fault in schema.faults({"text": "x", "n": number}))


def nested(key: str | None, depth: int) -> Any:
    value: Any = {}
    for _ in range(depth):
        value = [value] if key is None else {key: value}
    return value


@pytest.mark.parametrize("depth", [15, 17, 100, 800])
@pytest.mark.parametrize("key", ["not", "items", "properties", "additionalProperties", None])
def test_nesting_without_end_is_cut_off(key: str | None, depth: int) -> None:
    raw = {"allOf": nested(key, depth), "properties": {"a": nested(key, depth)}}
    if key:
        raw |= {key: nested(key, depth)}
    schema = ActionSchema.parse(raw)
    schema.faults({"text": "x", "a": [[[1]]]})
    assert len(json.dumps(schema.json)) < 2000


def test_a_body_nested_without_end() -> None:
    body: dict[str, Any] = {"attachments": []}
    body["attachments"].append(body["attachments"])
    raw = {"properties": {"attachments": {"uniqueItems": True, "enum": [[1]]}}}
    twice = {"attachments": [nested(None, 990), nested(None, 990)]}
    assert faults(INVOICE, body) != ()
    assert all(isinstance(fault, str) for fault in faults(raw, twice))


def test_faults_are_bounded() -> None:
    raw = {"properties": {"attachments": {"items": {"type": "object"}}}}
    assert len(faults(raw, {"attachments": [1] * 10_000})) == 20


SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-2, 5),
    st.floats(),
    st.sampled_from(["text", "rawMessageBody", "#", "http://evil.example/", "(a+)+$", "date-time"]),
    st.sampled_from(["string", "object", "array", "integer", "null", "id"]),
)
KEYWORDS = st.sampled_from(
    [
        *("$ref", "id", "$schema", "pattern", "patternProperties", "properties", "definitions"),
        *("items", "additionalItems", "additionalProperties", "allOf", "anyOf", "oneOf", "not"),
        *("required", "type", "enum", "format", "minLength", "maxLength", "minItems", "maxItems"),
        *("uniqueItems", "minimum", "maximum", "exclusiveMinimum", "multipleOf", "dependencies"),
        *("minProperties", "maxProperties", "title", "description", "disabled", "payload"),
        *("rawMessageBody", "attachments", "text", "n"),
    ]
)
HOSTILE = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYWORDS, inner, max_size=4),
    max_leaves=20,
)
SCHEMAS = st.dictionaries(KEYWORDS, HOSTILE, max_size=6)
BODIES = st.fixed_dictionaries(
    {"text": st.sampled_from(["§", "§§§§", "§ 2026"])},
    optional={
        "attachments": st.lists(
            st.fixed_dictionaries({"uploadDestinationId": st.just("§"), "fileName": st.just("§")})
        ),
        "n": st.integers() | st.floats(),
    },
)


@given(raw=SCHEMAS, body=BODIES)
@settings(deadline=None, max_examples=250, database=None)
@example(raw={"properties": {"n": {"multipleOf": 1e-320}}}, body={"text": "§", "n": 10**400})
def test_no_schema_raises_or_quotes_a_value(raw: dict[str, Any], body: dict[str, Any]) -> None:
    schema = ActionSchema.parse(raw)
    before = json.dumps(raw)
    assert not [fault for fault in schema.faults(body) if "§" in fault]
    assert json.dumps(raw) == before, "the document's own state is left alone"
