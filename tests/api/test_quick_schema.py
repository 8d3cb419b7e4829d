"""What is looked at without jsonschema is judged as jsonschema judges it."""

import subprocess
import sys
from collections import Counter
from typing import Any

from helpers.schemas import FILE, INVOICE, PROBLEM
from hypothesis import example, given, settings, strategies as st
from jsonschema import Draft4Validator

from spapi_messaging.api.schema import ActionSchema, _quick_is_right, _quick_text_is_right

META = Draft4Validator(Draft4Validator.META_SCHEMA)
NAMES = st.sampled_from(["text", "attachments", "a"])
COUNTS = st.integers(0, 3)
ODD = st.none() | st.just(-1) | st.just("1") | st.just([])
TEXT_VALUES = st.fixed_dictionaries({"text": st.text("ab", max_size=4)})
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
VALUES = st.recursive(
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
    @given(NESTED | REAL, st.dictionaries(NAMES, VALUES, max_size=3) | TEXT_VALUES)
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
    assert min(ways[True], ways[False]) > 30


def test_an_ordinary_message_is_checked_without_jsonschema() -> None:
    """It takes longer to load than everything else here, and nothing is wrong."""
    code = (
        "import sys; sys.modules['jsonschema'] = None\n"
        "from spapi_messaging.api.schema import ActionSchema\n"
        f"for raw, body in {[(PROBLEM, {'text': 'x'}), (INVOICE, {'attachments': [FILE]})]!r}:\n"
        "    assert ActionSchema.parse(raw).faults(body) == ()"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
