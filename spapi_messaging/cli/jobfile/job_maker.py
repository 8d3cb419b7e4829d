"""Plain values become jobs, or sentences that say what is wrong with them.

All faults of a job are named at once, also those that would come up only when it is sent:
missing files, unknown marketplaces, malformed order ids. No sentence quotes a text or a value
that may be one by a slip of columns; only what looks like a name or a number is shown.
"""

from collections.abc import Mapping
from typing import Any

import attrs

from spapi_messaging.api import camel, message_from
from spapi_messaging.bulk import Job
from spapi_messaging.cli.jobfile.attached import STAND_IN, ForOrders, Look, attachments_of
from spapi_messaging.cli.jobfile.damage import naming_others, spoilt
from spapi_messaging.cli.jobfile.records import FaultList, Values, listed
from spapi_messaging.cli.jobfile.texts import read_text
from spapi_messaging.cli.jobfile.values import (
    DateReader,
    Suggestions,
    label_of,
    marketplace_of,
    message_type,
    message_type_of,
    order_id_of,
)
from spapi_messaging.errors import InvalidMessageError
from spapi_messaging.marketplaces import Marketplace
from spapi_messaging.messages import MESSAGE_TYPES, LocalizedText, Message, Text
from spapi_messaging.orderfile import (
    Template,
    is_order_id,
    nearest,
    nearest_words,
    shown,
    template,
)
from spapi_messaging.redaction import size_only

_REMEMBERED = 64
"""Messages that have nothing of a row; a file has a few of them, or one for each row."""

_FIELDS = {
    kind: frozenset(
        name for field in attrs.fields(kind) for name in (field.name, camel(field.name))
    )
    for kind in MESSAGE_TYPES
}
_OF_OTHERS = frozenset[str]().union(*_FIELDS.values())
_GIVEN_BY = {
    "text is missing": "; give it by --text-file, or in a column of its own",
    "attachments is missing": "; give each order its file by --attach",
}
"""How people give what the library finds missing."""
_OF_AN_ORDER = frozenset({"order_id", "action", "marketplace", "fields", "differing"})
_TEXTS = (str, LocalizedText)
_NOTHING: dict[str, Any] = {}


@attrs.frozen(kw_only=True)
class JobMaker:
    """Makes jobs of plain values; ``look`` says what is behind the paths of attachments.

    ``text``: of every job whose message takes one, a template with ``$fields``. ``columns``: those
    of a table, of which a text may use some; None for values that each have fields of their own,
    where one that a text does not use is a fault. ``used`` has those that a text did. ``attach``
    finds the files of an order. ``may_name_orders``: a text may name other orders than its own.
    """

    look: Look
    text: Text | None = attrs.field(default=None, repr=size_only)
    odd_order_ids: bool = False
    columns: tuple[str, ...] | None = None
    may_name_orders: bool = False
    dates: DateReader = attrs.field(factory=DateReader)
    attach: ForOrders | None = None
    marketplace_needed: bool = False
    used: set[str] = attrs.field(factory=set, init=False)
    _suggestions: Suggestions = attrs.field(factory=Suggestions, init=False)
    _messages: dict[tuple[type[Message], Text], Message] = attrs.field(
        factory=dict, init=False, repr=False
    )
    _of_all: dict[object, tuple[Message, Template] | None] = attrs.field(
        factory=dict, init=False, repr=False
    )

    def make(self, values: Values) -> Job | FaultList:
        """Make the job, or say all that is wrong with it. Null is absent."""
        return self._plain(values) or self._made(values)

    def _made(self, values: Values) -> Job | FaultList:
        given = {name: value for name, value in values.items() if value is not None}
        faults: list[str] = []
        place = "column " if self.columns is not None else ""
        order_id = order_id_of(given.pop("order_id", None), faults, odd=self.odd_order_ids)
        kind = message_type_of(given.pop("action", None), faults, place, self._suggestions)
        marketplace = marketplace_of(
            given.pop("marketplace", None),
            faults,
            place,
            self._suggestions,
            is_needed=self.marketplace_needed,
        )
        seller, key = (label_of(name, given.pop(name, None), faults) for name in ("seller", "key"))
        fields = given.pop("fields", _NOTHING)
        differing = given.pop("differing", _NOTHING) if self.columns is not None else _NOTHING
        if not isinstance(fields, dict):
            faults.append("fields must be an object")
            fields = _NOTHING
        if kind is None:
            return listed(faults)
        if self.attach:
            self._attach(self.attach, order_id, kind, given, fields, faults)
        before = len(faults)
        filling = self._filling(kind, given, order_id, fields, differing, faults)
        can_be_filled = len(faults) == before
        message = self._message(kind, given, faults)
        if message is None or not can_be_filled:
            return listed(faults)
        try:
            job = Job(
                order_id, message, key=key, marketplace=marketplace, seller=seller, fields=filling
            )
        except InvalidMessageError as error:
            return listed([*faults, *error.faults])
        return self._judged(job, faults)

    def _plain(self, values: Values) -> Job | None:
        """Make the job of an order that has nothing of its own but what fills the text of all.

        Nearly all orders of a campaign are such. None for any other, and where a fault is to be
        named: that is for ``make``, which looks at everything.
        """
        found = self._for_all(values.get("action")) if self._is_plain(values) else None
        if found is None:
            return None
        order_id, marketplace = values["order_id"], values.get("marketplace")
        message, template_ = found
        filling = template_.values(values["fields"], order_id)
        if len(filling) < len(template_.fields):
            return None
        try:
            job = Job(order_id, message, marketplace=marketplace, fields=filling)
        except InvalidMessageError:
            return None
        judged = self._judged(job, [])
        return judged if isinstance(judged, Job) else None

    def _is_plain(self, values: Values) -> bool:
        if self.columns is None or self.attach or not values.keys() <= _OF_AN_ORDER:
            return False
        marketplace = values.get("marketplace")
        if not isinstance(marketplace, Marketplace) and (
            marketplace is not None or self.marketplace_needed
        ):
            return False
        return is_order_id(values.get("order_id")) and isinstance(values.get("fields"), dict)

    def _for_all(self, action: object) -> tuple[Message, Template] | None:
        """Return the message of all orders with an action, and its template; None at a fault."""
        if action in self._of_all:
            return self._of_all[action]
        kind = message_type(action) if isinstance(action, str) else ""
        if self.text is None or isinstance(kind, str) or "text" not in _FIELDS[kind]:
            return None
        found, faults = self._template(self.text, None), list[str]()
        message = None if found.faults else self._message(kind, {"text": found.text}, faults)
        of_all = None if message is None or faults else (message, found)
        self.used.update(column for _, column in found.fields)
        if len(self._of_all) < _REMEMBERED:
            self._of_all[action] = of_all
        return of_all

    def _judged(self, job: Job, faults: list[str]) -> Job | FaultList:
        """Look at what would be sent, whatever else is wrong with the job."""
        faults += spoilt(job)
        if not faults and not self.may_name_orders:  # beside a wrong id all would be another's
            faults += naming_others(job)
        return listed(faults) if faults else job

    def _filling(
        self,
        kind: type[Message],
        given: Values,
        order_id: str,
        fields: Values,
        differing: Mapping[str, str],
        faults: list[str],
    ) -> Values | None:
        """Put a template in the place of the text, and return what fills it.

        None for a text that is not a template.
        """
        self._put_in_text(kind, given, faults)
        text = given.get("text")
        own = None if self.columns is not None else _present(fields)
        if not isinstance(text, _TEXTS) or "text" not in _FIELDS[kind]:
            return own or None
        found = self._template(text, own)
        faults += found.faults
        given["text"] = found.text
        filling = found.values(fields, order_id)
        if len(filling) < len(found.fields):
            faults += found.open_fields(filling, differing)
        self.used.update(column for _, column in found.fields)
        if own:
            filling |= _beside(own, found)
        return filling if filling or text is self.text else None

    def _put_in_text(self, kind: type[Message], given: Values, faults: list[str]) -> None:
        read_text(given, faults)
        if self.text is None or "text" not in _FIELDS[kind]:
            return
        if "text" in given:
            faults.append("text is given, and a text template as well")
        else:
            given["text"] = self.text

    def _template(self, text: Text, own: Values | None) -> Template:
        columns = self.columns if own is None else tuple(own)
        return template(
            text,
            columns or (),
            may_be_plain=text is not self.text and not own,
            in_table=self.columns is not None,
        )

    def _attach(
        self,
        attach: ForOrders,
        order_id: str,
        kind: type[Message],
        given: Values,
        fields: Values,
        faults: list[str],
    ) -> None:
        """Find the files of an order."""
        if "attachments" not in _FIELDS[kind]:
            faults.append(f"{kind.segment} takes no attachments, and --attach names some")
        elif "attachments" in given:
            faults.append("attachments are given, and --attach names some as well")
        else:
            before = len(faults)
            texts = {name: str(value) for name, value in fields.items()}
            found = attach.of(order_id, texts, faults)
            given["attachments"] = found if len(faults) == before else [STAND_IN]

    def _message(self, kind: type[Message], given: Values, faults: list[str]) -> Message | None:
        text: Any = given.get("text")
        # Only a template is the same for many rows.
        is_plain = self.text is not None and len(given) == 1 and isinstance(text, _TEXTS)
        known = self._messages.get((kind, text)) if is_plain else None
        if known is not None:
            return known
        _drop_unknown(kind, given, faults)
        self.dates.read_all(given, faults)
        if "attachments" in given:
            given["attachments"] = attachments_of(given["attachments"], self.look, faults)
        try:
            message = message_from(kind, given)
        except InvalidMessageError as error:
            faults += (f"{fault}{_GIVEN_BY.get(fault, '')}" for fault in error.faults)
            return None
        if is_plain and message.text_or_none is not None and len(self._messages) < _REMEMBERED:
            self._messages[kind, message.text_or_none] = message
        return message


def _present(fields: Values) -> Values:
    return {name: value for name, value in fields.items() if value is not None}


def _beside(own: Values, found: Template) -> Values:
    """Return the fields of a job that its text does not use: the job will say so."""
    used = {column for _, column in found.fields}
    return {name: value for name, value in own.items() if name not in used}


def _drop_unknown(kind: type[Message], given: Values, faults: list[str]) -> None:
    for name in [name for name in given if name not in _FIELDS[kind]]:
        if name in _OF_OTHERS:
            faults.append(f"{kind.segment} takes no {name}")
        else:
            near = nearest(name, sorted(_FIELDS[kind]))
            faults.append(f"{shown(name)} is not one of its fields{nearest_words(near, ())}")
        del given[name]
