"""What was given for one message becomes that message, or the program ends and says why.

A fault of the message is told in the words of the command line: a field by the option that gives
it, whoever found the fault: a message type, or the schema that an order embeds.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, NoReturn

import attrs

from spapi_messaging.api import camel, message_from
from spapi_messaging.bulk import ContentPolicy
from spapi_messaging.cli.content import Places
from spapi_messaging.cli.jobfile import DateReader, field_of
from spapi_messaging.cli.settings import INVALID, fail, say
from spapi_messaging.errors import InvalidMessageError
from spapi_messaging.messages import Message

_OPTIONS = {
    "text": "--text",
    "attachments": "--attach",
    "coverage_start_date": "--coverage-start",
    "coverage_end_date": "--coverage-end",
}
"""What gives each field of a message."""
_WRITTEN = {
    written: option
    for name, option in _OPTIONS.items()
    if "_" in name
    for written in (name, camel(name))
}
"""Those fields whose names are no words, as Python and as Amazon writes them."""
_FIELD = re.compile(rf"\b(?:{'|'.join(_WRITTEN)})\b")
_MISSING = {
    "text is missing": "it needs a text: give --text or --text-file",
    "attachments is missing": "it needs a file: give --attach",
    "it says nothing; give it a text or an attachment": "it says nothing: give --text, "
    "--text-file or --attach",
}


def given_fields(*, time_zone: str | None, **fields: Any) -> dict[str, Any]:
    """Return what was given, dates as moments; leaves the program for what is none."""
    given = {name: value for name, value in fields.items() if value is not None}
    faults: list[str] = []
    try:
        DateReader.of(time_zone).read_all(given, faults)
    except ValueError as error:
        fail(f"--time-zone: {error}", INVALID)
    if faults:
        refuse(faults)
    return given


def refuse(faults: Iterable[str]) -> NoReturn:
    """Leave the program for faults, in which the fields have the names of their options."""
    said = (
        _MISSING.get(fault) or _FIELD.sub(lambda found: _WRITTEN[found[0]], fault)
        for fault in faults
    )
    fail(f"nothing was sent: {'; '.join(said)}", INVALID)


def message_of(
    order_id: str, kind: type[Message] | None, given: Mapping[str, Any], content: ContentPolicy
) -> Message | dict[str, Any]:
    """Make the message of an action; leaves the program for what it does not take or allow.

    An action without a type gets plain values.
    """
    if kind is None:
        return _plain_values(given)
    fields = attrs.fields_dict(kind)
    unused = [_OPTIONS[name] for name in given if name not in fields]
    if unused:
        refuse([f"{kind.segment} takes no {', no '.join(unused)}"])
    try:
        message = message_from(kind, given)
    except InvalidMessageError as error:
        refuse(error.faults)
    _look(order_id, message, content)
    return message


def _plain_values(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was given in the wire's names and forms, for an action without a type."""
    return {
        camel(name): value.isoformat() if isinstance(value, datetime) else value
        for name, value in given.items()
    }


def _look(order_id: str, message: Message, content: ContentPolicy) -> None:
    """Show what is to be said of a text; leaves the program if it is to be refused."""
    field = field_of(message.text_or_none) if content != "off" else None
    if field is not None:
        what = f"the field {field} of the text has no value: bulk fills them, send does not"
        fail(f"nothing was sent: {what}; with --content off it goes out as it stands", INVALID)
    places = Places()
    is_serious = content != "off" and places.look("", message, order_id=order_id)
    for line in places.lines():
        say(line)
    if is_serious and content == "refuse":
        fail("nothing was sent: the text is refused", INVALID)


def look_for(files: Sequence[Path]) -> None:
    """Leave the program if a file is not there: its name may be mistyped."""
    for file in files:
        try:
            file.stat()
        except OSError as error:
            fail(f"{file}: {error.strerror}", INVALID)
