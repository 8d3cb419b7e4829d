"""The JSON schema that an order embeds for an action: cleaned, renamed, validated against.

It comes from a server and is handled as hostile: no ``$ref`` is fetched, no ``pattern`` is
run (a regular expression can be made to hang), and what is malformed in it is left out. It is
flat draft-04 and does *not* describe the body of the POST: its text is ``rawMessageBody`` and
an attachment's id is ``id``, where the body has ``text`` and ``uploadDestinationId``.
``"required": []`` occurs in it and is invalid draft-04, so it is
dropped (https://datatracker.ietf.org/doc/html/draft-fge-json-schema-validation-00#section-5.4.3).

jsonschema takes longer to import than the rest of this package, and longer to validate a
message than it takes to send one. The few keywords of real schemas are looked at here first;
only what is not surely right is validated, and only then jsonschema is loaded. Its own
messages quote the value, a buyer's text; ours do not.
"""

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cached_property, lru_cache
from itertools import islice
from typing import TYPE_CHECKING, Any

import attrs

from spapi_messaging.redaction import printable

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError
    from jsonschema.protocols import Validator

MAX_DEPTH = 16
MAX_FAULTS = 20
_NAMED_SUBSCHEMAS = frozenset({"properties", "definitions"})
_SUBSCHEMAS = frozenset({"items", "additionalItems", "additionalProperties", "allOf", "anyOf"})
_TYPES = frozenset({"array", "boolean", "integer", "null", "number", "object", "string"})


def _is_bool(value: Any) -> bool:
    return isinstance(value, bool)


def _is_count(value: Any) -> bool:
    return type(value) is int and value >= 0


def _is_finite(value: Any) -> bool:
    return type(value) in {int, float} and abs(value) < float("inf")


def _is_type(value: Any) -> bool:
    named = value if isinstance(value, list) else [value]
    return bool(named) and all(isinstance(name, str) and name in _TYPES for name in named)


def _are_names(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(name, str) for name in value)


_LIMITS = ("minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties")
# The keywords that are safe to run, with the values they may have. Left out for good are
# `$ref` and `pattern`; `not` and `oneOf`, which a part left out inside would turn around; and
# `multipleOf`, which can be made to overflow.
_SAFE: Mapping[str, Callable[[Any], bool]] = {
    **dict.fromkeys(_LIMITS, _is_count),
    **dict.fromkeys(("minimum", "maximum"), _is_finite),
    **dict.fromkeys(("uniqueItems", "exclusiveMinimum", "exclusiveMaximum"), _is_bool),
    "type": _is_type,
    "required": _are_names,
    "enum": lambda value: isinstance(value, list) and bool(value),
    "format": lambda value: value == "date-time",
    "additionalProperties": _is_bool,
    "title": lambda value: isinstance(value, str),
    "description": lambda value: isinstance(value, str),
}
_BODY_NAMES = {"rawMessageBody": "text"}
_ATTACHMENT_NAMES = {"id": "uploadDestinationId"}


# No slots: cached_property writes to the __dict__.
@attrs.frozen(slots=False)
class ActionSchema:
    """What an order's schema says of an action; its limits are those in force for this order."""

    _raw: Mapping[str, Any] = attrs.field(repr=False)

    @classmethod
    def parse(cls, raw: Mapping[str, Any]) -> "ActionSchema":
        """Take a schema as an order embeds it; wrong parts are left out when it is read."""
        payload = raw.get("payload")
        return cls(payload if isinstance(payload, Mapping) else raw)

    @property
    def title(self) -> str | None:
        """What people call the action."""
        return _text(self._raw.get("title"))

    @property
    def description(self) -> str | None:
        """What it is for."""
        return _text(self._raw.get("description"))

    @property
    def disabled(self) -> bool:
        """Whether the order offers it and does not take it now."""
        return self._raw.get("disabled") is True

    @property
    def disabled_reason(self) -> str | None:
        """Why it is disabled, in Amazon's words."""
        return _text(self._raw.get("disabledReason"))

    @property
    def hidden(self) -> bool:
        """Whether Amazon's own pages do not show it."""
        return self._raw.get("x-ui-hidden") is True

    @cached_property
    def json(self) -> Mapping[str, Any]:
        """The cleaned schema in wire names."""
        return _renamed(_cleaned(self._raw))

    def faults(self, body: Mapping[str, Any]) -> tuple[str, ...]:
        """Name every breach of the schema, in wire names with paths; never the values."""
        if _quick_text_is_right(self._raw, body) or _quick_is_right(self.json, body):
            return ()
        return self._faults(body)

    def _faults(self, body: Mapping[str, Any]) -> tuple[str, ...]:
        validator = _prepared(json.dumps(self.json))
        if validator is None:
            return ()
        try:
            errors = list(islice(validator.iter_errors(body), MAX_FAULTS))
        except RecursionError:  # a body of the caller's own making that is nested without end
            return ("the body is nested too deep",)
        return tuple(sorted(map(_describe_error, errors)))


def _quick_text_is_right(schema: Mapping[str, Any], body: Mapping[str, Any]) -> bool:
    """Say that a body is nothing but a text, and right by a schema as real ones are.

    Most messages are that, and need no cleaned schema. False says nothing, and ``_faults`` decides.
    """
    text, properties = body.get("text"), schema.get("properties")
    if type(text) is not str or len(body) != 1 or type(properties) is not dict:
        return False
    own = properties.get("rawMessageBody")
    if type(own) is not dict or "text" in properties:
        return False
    least, most = own.get("minLength", 0), own.get("maxLength", len(text))
    return (
        _OF_AN_OBJECT.issuperset(schema)
        and _OF_A_TEXT.issuperset(own)
        and schema.get("type", "object") == "object"
        and own.get("type", "string") == "string"
        and schema.get("required", []) in _TEXT_OR_NOTHING
        and type(least) is type(most) is int
        and 0 <= least <= len(text) <= most
    )


_ANNOTATIONS = frozenset({"title", "description", "name", "x-ui-field-type", "x-ui-hidden"})
_OF_A_TEXT = _ANNOTATIONS | {"type", "minLength", "maxLength"}
_OF_AN_OBJECT = _ANNOTATIONS | {
    *("type", "properties", "required", "_links", "$schema", "disabled", "disabledReason")
}
_TEXT_OR_NOTHING: tuple[list[str], ...] = (["rawMessageBody"], [])


def _quick_is_right(schema: Mapping[str, Any], value: Any) -> bool:
    """Say that a value breaks nothing; False says nothing, and ``_faults`` decides."""
    for keyword, limit in schema.items():
        rule = _QUICK_RULES.get(keyword)
        if rule is None or not rule(limit, value):
            return False
    return True


def _quick_are_right(schemas: Mapping[str, Any], value: Any) -> bool:
    return type(value) is dict and all(
        _quick_is_right(schema, value[name]) for name, schema in schemas.items() if name in value
    )


_JSON_TYPES = {"array": list, "boolean": bool, "null": type(None), "object": dict, "string": str}
_QUICK_RULES: Mapping[str, Callable[[Any, Any], bool]] = {
    "title": lambda _, __: True,
    "description": lambda _, __: True,
    "type": lambda name, value: type(name) is str and _JSON_TYPES.get(name) is type(value),
    "minLength": lambda least, value: type(value) is str and len(value) >= least,
    "maxLength": lambda most, value: type(value) is str and len(value) <= most,
    "minItems": lambda least, value: type(value) is list and len(value) >= least,
    "maxItems": lambda most, value: type(value) is list and len(value) <= most,
    "required": lambda names, value: type(value) is dict and all(name in value for name in names),
    "properties": _quick_are_right,
    "items": lambda schema, value: (
        type(schema) is dict
        and type(value) is list
        and all(_quick_is_right(schema, item) for item in value)
    ),
}


@lru_cache(maxsize=256)  # orders embed the same few schemas; compiling one is slow
def _prepared(schema: str) -> "Validator | None":
    from jsonschema import Draft4Validator, FormatChecker, SchemaError
    from referencing import Registry

    cleaned = json.loads(schema)
    try:
        Draft4Validator.check_schema(cleaned)
    except (SchemaError, RecursionError):
        return None
    checker = FormatChecker(formats=())
    checker.checks("date-time", raises=ValueError)(_is_date_time)
    return Draft4Validator(cleaned, registry=Registry(), format_checker=checker)


def _text(value: Any) -> str | None:
    if not isinstance(value, str):
        return None
    return value if value.isprintable() else printable(value)


def _cleaned(schema: Mapping[str, Any], depth: int = 0) -> dict[str, Any]:
    """Keep what is safe and well-formed; a subschema that is nested too deep allows all."""
    clean: dict[str, Any] = {}
    for keyword, value in schema.items() if depth <= MAX_DEPTH else ():
        kept = _kept(keyword, value, depth)
        if kept is not None:
            clean[keyword] = kept
    # The properties that a pattern names are known too, and no pattern is run.
    if "patternProperties" in schema and isinstance(clean.get("additionalProperties"), bool):
        del clean["additionalProperties"]
    return clean


def _kept(keyword: str, value: Any, depth: int) -> Any:
    """Return what is safe and well-formed of a keyword's value; None if nothing is."""
    if keyword in _NAMED_SUBSCHEMAS and isinstance(value, Mapping):
        return {name: _subschema(sub, depth) for name, sub in value.items()}
    if keyword in _SUBSCHEMAS and isinstance(value, Mapping):
        return _cleaned(value, depth + 1)
    if keyword in _SUBSCHEMAS and isinstance(value, list) and value:
        return [_subschema(sub, depth) for sub in value]
    is_safe = _SAFE.get(keyword)
    return value if is_safe is not None and is_safe(value) else None


def _subschema(value: Any, depth: int) -> dict[str, Any]:
    return _cleaned(value, depth + 1) if isinstance(value, Mapping) else {}


def _renamed(schema: dict[str, Any]) -> dict[str, Any]:
    """Put the body's names in place of the schema's own."""
    renamed = _with_names(schema, _BODY_NAMES)
    attachments = renamed.get("properties", {}).get("attachments")
    if isinstance(attachments, dict) and isinstance(attachments.get("items"), dict):
        attachments["items"] = _with_names(attachments["items"], _ATTACHMENT_NAMES)
    return renamed


def _with_names(schema: dict[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    properties, required = schema.get("properties"), schema.get("required")
    if not isinstance(properties, dict):
        return schema
    # A schema that knows the body's own name is taken at its word.
    names = {old: new for old, new in names.items() if new not in properties}
    renamed = schema | {"properties": {names.get(old, old): sub for old, sub in properties.items()}}
    if isinstance(required, list):
        renamed["required"] = [names.get(name, name) for name in required if _text(name)]
    return renamed


def _is_date_time(value: object) -> bool:
    # RFC 3339 §5.6; draft-04 leaves what is not a string alone
    return not isinstance(value, str) or datetime.fromisoformat(value).utcoffset() is not None


def _describe_error(error: "ValidationError") -> str:
    path = printable(error.json_path.removeprefix("$").removeprefix(".")) or "the body"
    keyword, limit = error.validator, error.validator_value
    value: Any = error.instance
    if keyword in {"required", "additionalProperties"}:
        return printable(f"{path}: {error.message}")  # these name fields, not values
    if keyword in {"minLength", "maxLength", "minItems", "maxItems"}:
        return f"{path}: {keyword} is {limit}, got {len(value)}"
    if keyword in {"type", "format"}:
        return f"{path}: {keyword} must be {limit}, got {type(value).__name__}"
    return f"{path}: breaks {keyword!r} of the order's schema"
