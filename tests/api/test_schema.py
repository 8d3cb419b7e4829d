"""Embedded schemas: Amazon's own are translated, and hostile ones do no harm."""

import json
import socket
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import example, given, settings, strategies as st
from jsonschema import Draft4Validator

from spapi_messaging.api.schema import ActionSchema, _quick_is_right, _quick_text_is_right

# Shortened from Amazon's sample of a discovery answer (2025).
PROBLEM = json.loads("""{
  "_links": {"self": {"href": "/messaging/v1/orders/701-6210829-5037842/messages/x/schema"}},
  "type": "object", "name": "unexpectedProblem", "title": "Notify of a problem",
  "description": "Notify your customer there was an unexpected problem.",
  "disabled": false, "disabledReason": null,
  "properties": {"rawMessageBody": {"type": "string", "title": "Explain. ",
    "description": "2000 character limit.", "x-ui-field-type": "text",
    "minLength": 1, "maxLength": 2000}},
  "required": ["rawMessageBody"],
  "$schema": "http://json-schema.org/draft-04/schema#", "x-ui-hidden": false}""")
FEEDBACK = json.loads("""{
  "type": "object", "name": "updateFeedback", "title": "Request to update feedback",
  "disabled": true, "disabledReason": "Already sent.", "properties": {}, "required": [],
  "$schema": "http://json-schema.org/draft-04/schema#", "x-ui-hidden": true}""")
INVOICE = json.loads("""{
  "type": "object", "name": "sendInvoice", "title": "Send Invoice Message Template",
  "properties": {"attachments": {"type": "array", "items": {"type": "object", "required": [],
      "properties": {"fileName": {"type": "string"}, "id": {"type": "string"}}},
    "title": "Add attachment", "x-ui-field-type": "attachments", "minItems": 1, "maxItems": 5}},
  "required": ["attachments"], "$schema": "http://json-schema.org/draft-04/schema#"}""")
FILE = {"uploadDestinationId": "dest-1", "fileName": "a.pdf"}


@pytest.fixture(scope="module", autouse=True)
def _no_network() -> Iterator[None]:
    """Whatever tries to fetch is noted, and refused."""
    tried: list[object] = []

    def refuse(*args: object, **_: object) -> None:
        tried.append(args)
        raise OSError("no network here")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket, "getaddrinfo", refuse)
        patch.setattr(socket.socket, "connect", refuse)
        yield
    assert tried == []


def faults(raw: dict[str, Any], body: dict[str, Any]) -> tuple[str, ...]:
    return ActionSchema.parse(raw).faults(body)


def text_schema(**keywords: Any) -> dict[str, Any]:
    return {"type": "object", "properties": {"rawMessageBody": keywords}}


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


def test_unknown_fields_are_named() -> None:
    raw = text_schema() | {"additionalProperties": False}
    assert faults(raw, {"text": "x", "subject": "y"}) == (
        "the body: Additional properties are not allowed ('subject' was unexpected)",
    )


def test_other_keywords_are_named_without_the_value() -> None:
    assert faults(text_schema(enum=["a", "b"]), {"text": "secret"}) == (
        "text: breaks 'enum' of the order's schema",
    )


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
        *(
            "$ref",
            "id",
            "$schema",
            "pattern",
            "patternProperties",
            "properties",
            "definitions",
            "items",
        ),
        *(
            "additionalItems",
            "additionalProperties",
            "allOf",
            "anyOf",
            "oneOf",
            "not",
            "required",
            "type",
        ),
        *(
            "enum",
            "format",
            "minLength",
            "maxLength",
            "minItems",
            "maxItems",
            "uniqueItems",
            "minimum",
        ),
        *(
            "maximum",
            "exclusiveMinimum",
            "multipleOf",
            "dependencies",
            "minProperties",
            "maxProperties",
            "title",
            "description",
        ),
        *("disabled", "payload", "rawMessageBody", "attachments", "text", "n"),
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


@given(longest=st.integers(0, 50), length=st.integers(0, 60), fewest=st.integers(0, 5))
@settings(deadline=None, max_examples=60, database=None)
def test_limits_hold(longest: int, length: int, fewest: int) -> None:
    """The order's own limits decide, narrower or wider than those of the model."""
    raw = text_schema(maxLength=longest, minLength=fewest)
    wanted = [f"text: maxLength is {longest}, got {length}"] if length > longest else []
    wanted += [f"text: minLength is {fewest}, got {length}"] if length < fewest else []
    assert list(faults(raw, {"text": "x" * length})) == wanted


META = Draft4Validator(Draft4Validator.META_SCHEMA)
NAMES = st.sampled_from(["text", "attachments", "a"])
COUNTS = st.integers(0, 3)
ODD = st.none() | st.just(-1) | st.just("1") | st.just([])
TEXT_BODIES = st.fixed_dictionaries({"text": st.text("ab", max_size=4)})
FLAT = st.fixed_dictionaries(
    {},
    optional={
        "type": st.sampled_from(["string", "object", "array", "boolean", "null", "integer"])
        | st.just(["string", "null"]),
        "minLength": COUNTS,
        "maxLength": COUNTS,
        "minItems": COUNTS,
        "maxItems": COUNTS,
        "required": st.lists(NAMES, min_size=1, unique=True),
        "title": st.text(max_size=2),
        "enum": st.just(["ab"]),
        "uniqueItems": st.booleans(),
    },
)
NESTED = st.recursive(
    FLAT,
    lambda inner: st.builds(
        lambda own, more: own | more,
        FLAT,
        st.fixed_dictionaries(
            {}, optional={"properties": st.dictionaries(NAMES, inner), "items": inner}
        ),
    ),
    max_leaves=4,
)
BODIES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text("ab", max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=6,
)


TEXTS = st.fixed_dictionaries(
    {},
    optional={
        "type": st.sampled_from(["string", "object"]) | ODD,
        "minLength": COUNTS | ODD,
        "maxLength": COUNTS | ODD,
        "title": st.just("A title"),
        "enum": st.just(["ab"]),
    },
)
REAL = st.fixed_dictionaries(
    {"properties": st.dictionaries(st.sampled_from(["rawMessageBody", "text", "a"]), TEXTS | ODD)},
    optional={
        "type": st.sampled_from(["string", "object"]) | ODD,
        "required": st.lists(st.sampled_from(["rawMessageBody", "text", "a"]), unique=True) | ODD,
        "disabled": st.booleans(),
        "_links": st.just({}),
        "maxProperties": COUNTS,
        "additionalProperties": st.booleans(),
    },
)


def test_the_quick_look_equals_the_slow_one() -> None:
    """What the first look lets through is right by jsonschema, and what is not is named by it."""
    ways: Counter[bool] = Counter()

    @settings(deadline=None, max_examples=500)  # no clock decides
    @given(NESTED | REAL, st.dictionaries(NAMES, BODIES, max_size=3) | TEXT_BODIES)
    @example({"properties": {"rawMessageBody": {"minLength": 3}}}, {"text": "ab"})
    @example({"properties": {"rawMessageBody": {"maxLength": 1}}}, {"text": "ab"})
    @example({"properties": {"rawMessageBody": {"type": "object"}}}, {"text": "ab"})
    @example({"type": "string", "properties": {"rawMessageBody": {}}}, {"text": "ab"})
    @example({"required": ["a"], "properties": {"rawMessageBody": {}}}, {"text": "ab"})
    @example({"properties": {"rawMessageBody": {"enum": ["a"]}}}, {"text": "ab"})
    @example({"maxProperties": 0, "properties": {"rawMessageBody": {}}}, {"text": "ab"})
    @example({"properties": {"rawMessageBody": {}, "text": {"maxLength": 1}}}, {"text": "ab"})
    @example({"properties": {"rawMessageBody": {}, "a": {"type": "null"}}}, {"text": "ab", "a": 1})
    @example({"properties": {"text": {"type": "string", "maxLength": 2}}}, {"text": "abc"})
    @example({"type": "object", "properties": {"text": {"minLength": 1}}}, {"text": ""})
    @example(
        {"properties": {"attachments": {"items": {"type": "null"}}}}, {"attachments": [None, 1]}
    )
    @example({"required": ["text", "a"]}, {"text": ""})
    def compare(raw: dict[str, Any], body: dict[str, Any]) -> None:
        schema = ActionSchema.parse(raw)
        is_quick = _quick_text_is_right(raw, body) or _quick_is_right(schema.json, body)
        ways[is_quick] += 1
        slow = schema._faults(body)
        assert schema.faults(body) == slow
        assert not (is_quick and slow)
        validator = Draft4Validator(dict(schema.json))
        is_sound = META.is_valid(dict(schema.json))
        broken = is_sound and not validator.is_valid(body)  # one that is not sound says nothing
        assert bool(slow) == broken

    compare()
    assert min(ways[True], ways[False]) > 60


def test_an_ordinary_message_is_checked_without_jsonschema() -> None:
    """It takes longer to load than everything else here, and nothing is wrong."""
    code = (
        "import sys; sys.modules['jsonschema'] = None\n"
        "from spapi_messaging.api.schema import ActionSchema\n"
        f"for raw, body in {[(PROBLEM, {'text': 'x'}), (INVOICE, {'attachments': [FILE]})]!r}:\n"
        "    assert ActionSchema.parse(raw).faults(body) == ()"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
