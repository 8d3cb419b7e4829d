"""Plain values become jobs, or sentences that say what is wrong with them.

All faults of a job are named at once, also those that would come up only when it is sent:
missing files, unknown marketplaces, malformed order ids. No sentence quotes a text or a value
that may be one by a slip of columns; only what looks like a name or a number is shown.
"""

import re
import stat
from collections.abc import Callable
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import attrs

from spapi_messaging.api import camel, check_order_id, message_from, operation_of
from spapi_messaging.bulk import Job
from spapi_messaging.cli.jobfile.records import NAME, Values
from spapi_messaging.errors import InvalidMessageError
from spapi_messaging.marketplaces import Marketplace
from spapi_messaging.messages import (
    CONTENT_TYPES,
    HEAD,
    MAX_ATTACHMENTS,
    MESSAGE_TYPES,
    Attachment,
    LocalizedText,
    Message,
    Text,
    content_faults,
    content_type,
    fields_of,
    size_faults,
)
from spapi_messaging.redaction import name_or_size, size_only

_DIGITS = re.compile(r"[0-9-]{1,40}")
_LETTERS = re.compile(r"[A-Za-z]{1,40}")
_CODE = re.compile(r"[A-Za-z]{1,14}|A[A-Z0-9]{11,13}")
MAX_LABEL = 200
MAX_PATH = 4096
_LOOKED_AT = 1024
MAX_FAULTS = 10
MAX_FAULT = 300

_MARKETPLACES = {name: each for each in Marketplace for name in (each.name, each.id)}
_FIELDS = {
    kind: frozenset(
        name for field in attrs.fields(kind) for name in (field.name, camel(field.name))
    )
    for kind in MESSAGE_TYPES
}
_DATES = ("coverage_start_date", "coverageStartDate", "coverage_end_date", "coverageEndDate")
_STAND_IN = Attachment("stand-in", "stand-in.txt")
"""Stands for an attachment that has its fault already, so that the rest can be judged."""


@attrs.frozen
class _Seen:
    """What a path was when it was looked at."""

    path: Path
    size: int = 0
    fault: str | None = None


@attrs.frozen(kw_only=True)
class JobMaker:
    """Makes jobs of plain values; ``folder`` is where relative paths of attachments start.

    ``text``: of every job whose message takes one, a template with ``$fields``. ``lenient``:
    fields that a text does not use are no faults; ``used`` has those that one did. Of files only
    the beginning is read; the last 1,024 are remembered for the maker's lifetime.
    """

    folder: Path
    text: Text | None = attrs.field(default=None, repr=size_only)
    odd_order_ids: bool = False
    lenient: bool = False
    used: set[str] = attrs.field(factory=set, init=False)
    _look: Callable[[str], _Seen] = attrs.field(init=False, repr=False, eq=False)

    def __attrs_post_init__(self) -> None:
        look = lru_cache(maxsize=_LOOKED_AT)(lambda item: _look_at(self.folder, item))
        object.__setattr__(self, "_look", look)

    def make(self, values: Values) -> Job | str:
        """Make the job, or say in one line all that is wrong with it. Null is absent."""
        given = {name: value for name, value in values.items() if value is not None}
        faults: list[str] = []
        order_id = self._order_id(given.pop("order_id", None), faults)
        kind = _message_type(given.pop("action", None), faults)
        marketplace = _marketplace(given.pop("marketplace", None), faults)
        seller, key = (_label(name, given.pop(name, None), faults) for name in ("seller", "key"))
        fields = given.pop("fields", {})
        if not isinstance(fields, dict):
            faults.append("fields must be an object")
            fields = {}
        message = self._message(kind, given, faults)
        if message is None:
            return _joined(faults)
        try:
            job = Job(
                order_id,
                message,
                key=key,
                marketplace=marketplace,
                seller=seller,
                fields=self._fields(message.text_or_none, fields, order_id),
            )
        except InvalidMessageError as error:
            return _joined([*faults, *error.faults])
        return _joined(faults) if faults else job

    def _fields(self, text: Text | None, given: Values, order_id: str) -> Values | None:
        """Return what fills a text; None for one that is not a template."""
        names = fields_of(text) if text is not None else ()
        self.used.update(names)
        own = {"order_id": order_id} if "order_id" in names else {}
        fields = own | {
            name: value
            for name, value in given.items()
            if value is not None and (name in names or not self.lenient)
        }
        return fields if fields or (text is not None and text is self.text) else None

    def _order_id(self, value: Any, faults: list[str]) -> str:
        if value is None or value == "":
            faults.append("order_id is missing")
            return ""
        try:
            check_order_id(value, odd=self.odd_order_ids)
        except InvalidMessageError:
            is_text = isinstance(value, str)
            what = name_or_size(value, _DIGITS) if is_text else f"({type(value).__name__})"
            wanted = "letters, digits and hyphens" if self.odd_order_ids else "3-7-7 digits"
            faults.append(f"order_id {what} is not {wanted}")
        return str(value)

    def _message(
        self, kind: type[Message] | None, given: Values, faults: list[str]
    ) -> Message | None:
        if kind is None:
            return None
        _read_text(given, faults)
        _drop_unknown(kind, given, faults)
        if "text" in _FIELDS[kind]:
            self._put_in_text(given, faults)
        _read_dates(given, faults)
        if isinstance(given.get("attachments"), list):
            given["attachments"] = self._attachments(given["attachments"], faults)
        try:
            return message_from(kind, given)
        except InvalidMessageError as error:
            faults += error.faults
        return None

    def _put_in_text(self, given: Values, faults: list[str]) -> None:
        if self.text is None:
            return
        if "text" in given:
            faults.append("text is given, and a text template as well")
        else:
            given["text"] = self.text

    def _attachments(self, items: list[Any], faults: list[str]) -> list[Any]:
        if len(items) > MAX_ATTACHMENTS:
            return [_STAND_IN] * len(items)
        total, attachments = 0, []
        for number, item in enumerate(items, start=1):
            attachment: Any = item
            fault = None
            if isinstance(item, dict):
                fault = _object_fault(item)
            elif isinstance(item, str):
                seen = self._look(item) if len(item) <= MAX_PATH else _TOO_LONG
                attachment, fault = seen.path, seen.fault
                total += seen.size
            if fault:
                faults.append(f"attachment {number} {fault}")
            attachments.append(_STAND_IN if fault else attachment)
        faults += size_faults(total)
        return attachments


_TOO_LONG = _Seen(Path(), fault=f"is a path of more than {MAX_PATH} characters")


def _look_at(folder: Path, item: str) -> _Seen:
    path = folder / item
    if content_type(item) is None:
        return _Seen(path, fault=f"is none of the types {' '.join(CONTENT_TYPES)}")
    name = repr(item if len(item) <= MAX_LABEL else f"…{item[-MAX_LABEL:]}")
    try:
        found = path.stat()
        if not stat.S_ISREG(found.st_mode):
            return _Seen(path, fault=f"({name}) is no file")
        with path.open("rb") as file:
            head = file.read(HEAD)
    except OSError as error:
        return _Seen(path, fault=f"({name}): {error.strerror}")
    except ValueError:  # a NUL or a lone surrogate, which no file's name has
        return _Seen(path, fault=f"({name}) is no path")
    fault = f"({name}) is empty" if not head else next(content_faults(path.name, head), None)
    return _Seen(path, found.st_size, fault and fault.removeprefix("attachment "))


def _object_fault(item: Values) -> str | None:
    if item.keys() == {"uploadDestinationId", "fileName"}:
        return None  # the message judges what is in them
    return "is an object with other names than uploadDestinationId and fileName"


def _message_type(action: Any, faults: list[str]) -> type[Message] | None:
    if action is None or action == "":
        faults.append("action is missing")
        return None
    operation = operation_of(action) if isinstance(action, str) else None
    kind = operation.message_type if operation else None
    if kind is None:
        name = (
            name_or_size(action, _LETTERS)
            if isinstance(action, str)
            else f"a {type(action).__name__}"
        )
        faults.append(f"no message is called {name}")
    return kind


def _marketplace(value: Any, faults: list[str]) -> Marketplace | None:
    if value is None:
        return None
    found = _MARKETPLACES.get(value.upper()) if isinstance(value, str) else None
    if found is None:
        name = name_or_size(value, _CODE) if isinstance(value, str) else f"a {type(value).__name__}"
        faults.append(f"no marketplace is called {name}")
    return found


def _label(name: str, value: Any, faults: list[str]) -> str | None:
    if value is None:
        return None
    if isinstance(value, str) and 1 <= len(value) <= MAX_LABEL and value.isprintable():
        return value
    faults.append(f"{name} must be a string of 1 to {MAX_LABEL} printable characters")
    return None


def _drop_unknown(kind: type[Message], given: Values, faults: list[str]) -> None:
    for name in [name for name in given if name not in _FIELDS[kind]]:
        faults.append(f"{name_or_size(name, NAME)} is not one of its fields")
        del given[name]


def _read_text(given: Values, faults: list[str]) -> None:
    """Make one text of an object that has it in several languages."""
    default = given.pop("default_language", None)
    if isinstance(given.get("text"), dict):
        try:
            given["text"] = LocalizedText(given["text"], default=default)
        except InvalidMessageError as error:
            faults += [f"text: {fault}" for fault in error.faults]
            given["text"] = "-"  # so that the rest can be judged
    elif default is not None:
        faults.append("default_language is for a text in several languages")


def _read_dates(given: Values, faults: list[str]) -> None:
    for name in _DATES:
        if isinstance(given.get(name), str):
            try:
                given[name] = datetime.fromisoformat(given[name])
            except ValueError:
                faults.append(f"{name} is not a date and time as in ISO 8601")
                del given[name]


def _joined(faults: list[str]) -> str:
    named = [
        fault if len(fault) <= MAX_FAULT else f"{fault[:MAX_FAULT]}…"
        for fault in faults[:MAX_FAULTS]
    ]
    more = len(faults) - len(named)
    return "; ".join(named) + (f"; and {more} more" if more else "")
