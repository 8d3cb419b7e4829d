"""Plain values to messages: what a mapping, a row or a line of JSON says of them."""

from collections.abc import Collection, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

import attrs

from spapi_messaging.api.wire import camel
from spapi_messaging.errors import InvalidMessageError
from spapi_messaging.messages import Attachment, LocalizedText, Message


def message_from(message_type: type[Message], values: Mapping[str, Any]) -> Message:
    """Make a message from plain values, under Python's or the wire's names.

    Dates may be ISO 8601 strings, attachments the wire's objects, and a text in several
    languages a mapping. Raises InvalidMessageError with every fault named, unknown fields among
    them.
    """
    kind: Any = message_type  # mypy takes no class with a hash of its own for hashable
    names = _field_names(kind)
    faults = [f"{name!r} is not one of its fields" for name in values if name not in names]
    known = {name: value for name, value in values.items() if name in names}
    try:
        arguments = {names[name]: _plain(names[name], value) for name, value in known.items()}
    except InvalidMessageError as error:  # of a text in several languages
        raise InvalidMessageError(message_type.__name__, (*faults, *error.faults)) from None
    faults += _given_twice(arguments, values)
    missing = [f"{name} is missing" for name in _needed(kind) if name not in arguments]
    if not missing:
        try:
            message = message_type(**arguments)
        except InvalidMessageError as error:
            faults += error.faults
        else:
            if not faults:
                return message
    raise InvalidMessageError(message_type.__name__, (*faults, *missing))


@lru_cache(maxsize=64)
def _field_names(message_type: Any) -> Mapping[str, str]:
    """Return the fields of a message type by their names in Python and on the wire."""
    names = [field.name for field in attrs.fields(message_type)]
    return {name: name for name in names} | {camel(name): name for name in names}


def _given_twice(fields: Collection[str], given: Collection[str]) -> list[str]:
    both = [
        name for name in fields if name != camel(name) and name in given and camel(name) in given
    ]
    return [f"{name} is given twice, also as {camel(name)}" for name in both]


@lru_cache(maxsize=64)
def _needed(message_type: Any) -> tuple[str, ...]:
    fields = attrs.fields(message_type)
    return tuple(field.name for field in fields if field.default is attrs.NOTHING)


def _plain(name: str, value: Any) -> Any:
    if name == "attachments" and isinstance(value, list | tuple):
        return [attachment_from(item) for item in value]
    if name == "text" and isinstance(value, Mapping):
        return LocalizedText(value)
    if name.endswith("_date") and isinstance(value, str):
        try:
            return datetime.fromisoformat(value)
        except ValueError:
            return value  # the message names the fault
    return value


def attachment_from(item: Any) -> Any:
    """Make an Attachment of the wire's object, and leave everything else as it is."""
    if isinstance(item, Mapping) and item.keys() == {"uploadDestinationId", "fileName"}:
        return Attachment(item["uploadDestinationId"], item["fileName"])
    return item
