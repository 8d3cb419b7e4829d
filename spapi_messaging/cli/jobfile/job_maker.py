"""Plain values become jobs, or sentences that say what is wrong with them.

All faults of a job are named at once, also those that would come up only when it is sent:
missing files, unknown marketplaces, malformed order ids. No sentence quotes a text or a value
that may be one by a slip of columns; only what looks like a name or a number is shown.
"""

import re
from datetime import datetime
from typing import Any

import attrs

from spapi_messaging.api import camel, check_order_id, message_from, operation_of
from spapi_messaging.bulk import Job
from spapi_messaging.cli.jobfile.attached import Look, attachments_of
from spapi_messaging.cli.jobfile.damage import naming_others, spoilt, spreadsheet_fault
from spapi_messaging.cli.jobfile.records import NAME, Values
from spapi_messaging.errors import InvalidMessageError
from spapi_messaging.marketplaces import Marketplace
from spapi_messaging.messages import (
    MESSAGE_TYPES,
    LocalizedText,
    Message,
    Text,
    fields_of,
)
from spapi_messaging.redaction import name_or_size, size_only

_DIGITS = re.compile(r"[0-9-]{1,40}")
_DAMAGED = re.compile(r"[0-9.,/+Ee-]{1,40}|#[^\s]{1,40}")
_LETTERS = re.compile(r"[A-Za-z]{1,40}")
_CODE = re.compile(r"[A-Za-z]{1,14}|A[A-Z0-9]{11,13}")
MAX_LABEL = 200
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


@attrs.frozen(kw_only=True)
class JobMaker:
    """Makes jobs of plain values; ``look`` says what is behind the paths of attachments.

    ``text``: of every job whose message takes one, a template with ``$fields``. ``lenient``:
    fields that a text does not use are no faults; ``used`` has those that one did.
    ``may_name_orders``: a text may name other orders than its own.
    """

    look: Look
    text: Text | None = attrs.field(default=None, repr=size_only)
    odd_order_ids: bool = False
    lenient: bool = False
    may_name_orders: bool = False
    used: set[str] = attrs.field(factory=set, init=False)

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
        faults += spoilt(job)
        if not faults and not self.may_name_orders:  # beside a wrong id all would be another's
            faults += naming_others(job)
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
            damage = spreadsheet_fault(value) if is_text else None
            pattern = _DAMAGED if damage else _DIGITS
            what = name_or_size(value, pattern) if is_text else f"({type(value).__name__})"
            wanted = "letters, digits and hyphens" if self.odd_order_ids else "3-7-7 digits"
            faults.append(f"order_id {what} is not {wanted}{f': {damage}' if damage else ''}")
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
            given["attachments"] = attachments_of(given["attachments"], self.look, faults)
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
