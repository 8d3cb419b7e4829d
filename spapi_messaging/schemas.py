"""The JSON schema that an order embeds for an action: cleaned, renamed, validated against.

It comes from a server and is handled as hostile: no ``$ref`` is fetched, no ``pattern`` is
run (a regular expression can be made to hang), a schema that cannot be compiled or that
loops is no schema. It is flat draft-04 and does *not* describe the body of the POST: its
text is ``rawMessageBody`` and an attachment's id is ``id``, where the body has ``text`` and
``uploadDestinationId``. ``"required": []`` occurs in it and is invalid draft-04, so it is
dropped (https://datatracker.ietf.org/doc/html/draft-fge-json-schema-validation-00#section-5.4.3).

jsonschema takes longer to import than the rest of this package, so it is loaded when a
schema is first used. Its own messages quote the value, a buyer's text; ours do not.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING, Any

import attrs

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError
    from jsonschema.protocols import Validator

_DEEPEST = 16
_MOST_FAULTS = 20
_NAMED_SUBSCHEMAS = frozenset({"properties", "definitions"})
_SUBSCHEMAS = frozenset(
    {"items", "additionalItems", "additionalProperties", "allOf", "anyOf", "oneOf", "not"}
)
_PLAIN_KEYWORDS = frozenset(
    {"type", "enum", "format", "minLength", "maxLength", "minItems", "maxItems", "uniqueItems"}
    | {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"}
    | {"minProperties", "maxProperties", "title", "description"}
)
_BODY_NAMES = {"rawMessageBody": "text"}
_ATTACHMENT_NAMES = {"id": "uploadDestinationId"}


@attrs.frozen
class ActionSchema:
    """What an order's schema says of an action; ``json`` is the cleaned schema in wire names.

    Its limits are those in force for this order.
    """

    json: Mapping[str, Any] = attrs.field(repr=False)
    title: str | None = None
    description: str | None = attrs.field(default=None, repr=False)
    disabled: bool = False
    disabled_reason: str | None = None
    hidden: bool = False

    @classmethod
    def parse(cls, raw: Mapping[str, Any]) -> "ActionSchema":
        """Clean a schema as an order embeds it; wrong parts are left out."""
        payload = raw.get("payload")
        source = payload if isinstance(payload, Mapping) else raw
        return cls(
            json=_renamed(_cleaned(source)),
            title=_text(source.get("title")),
            description=_text(source.get("description")),
            disabled=source.get("disabled") is True,
            disabled_reason=_text(source.get("disabledReason")),
            hidden=source.get("x-ui-hidden") is True,
        )

    def faults(self, body: Mapping[str, Any]) -> tuple[str, ...]:
        """Name every breach of the schema, in wire names with paths; never the values."""
        validator = _prepared(json.dumps(self.json))
        if validator is None:
            return ()
        try:
            errors = list(islice(validator.iter_errors(body), _MOST_FAULTS))
        except RecursionError:  # a body of the caller's own making that is nested without end
            return ("the body is nested too deep",)
        return tuple(sorted(map(_worded, errors)))


@lru_cache(maxsize=256)  # orders embed the same few schemas; compiling one is slow
def _prepared(schema: str) -> "Validator | None":
    from jsonschema import Draft4Validator, FormatChecker, SchemaError  # noqa: PLC0415  # loaded when needed
    from referencing import Registry  # noqa: PLC0415  # comes with jsonschema

    cleaned = json.loads(schema)
    try:
        Draft4Validator.check_schema(cleaned)
    except (SchemaError, RecursionError):
        return None
    checker = FormatChecker(formats=())
    checker.checks("date-time", raises=ValueError)(_is_date_time)
    return Draft4Validator(cleaned, registry=Registry(), format_checker=checker)


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _cleaned(schema: Any, depth: int = 0) -> Any:
    """Keep the keywords that are safe to run; a subschema that is nested too deep allows all."""
    if isinstance(schema, list):
        return [_cleaned(item, depth + 1) for item in schema]
    if not isinstance(schema, Mapping):
        return schema  # `additionalProperties` may be a bool
    if depth > _DEEPEST:
        return {}
    clean: dict[str, Any] = {}
    for keyword, value in schema.items():
        if keyword in _NAMED_SUBSCHEMAS and isinstance(value, Mapping):
            clean[keyword] = {name: _cleaned(sub, depth + 1) for name, sub in value.items()}
        elif keyword in _SUBSCHEMAS:
            clean[keyword] = _cleaned(value, depth + 1)
        elif keyword in _PLAIN_KEYWORDS or (keyword == "required" and value):
            clean[keyword] = value
    return clean


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
    # RFC 3339 §5.6; draft-04 leaves what is no string alone
    return not isinstance(value, str) or datetime.fromisoformat(value).utcoffset() is not None


def _worded(error: "ValidationError") -> str:
    path = error.json_path.removeprefix("$").removeprefix(".") or "the body"
    keyword, limit = error.validator, error.validator_value
    value: Any = error.instance
    if keyword in {"required", "additionalProperties"}:
        return f"{path}: {error.message}"  # these name fields, not values
    if keyword in {"minLength", "maxLength", "minItems", "maxItems"}:
        return f"{path}: {keyword} is {limit}, got {len(value)}"
    if keyword in {"type", "format"}:
        return f"{path}: {keyword} must be {limit}, got {type(value).__name__}"
    return f"{path}: breaks {keyword!r} of the order's schema"
