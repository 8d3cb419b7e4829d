"""What an order offers: the links of its actions and what is embedded for them, by name.

An order may offer a dozen actions, with a schema each, and most callers want one: the answer is
gone through for names, and an offer is read when it is asked for. The law: however an action is
looked up, in whatever order, the same one is found. In this order:

1. the offer of that very name, linked or only embedded, of two the first;
2. the first offer under another name of the same operation;
3. the first offer whose path says that it is this operation, though its name is new.

Names are Amazon's words and are shown, so they are clean here (``redaction``).
"""

from collections.abc import Iterator
from functools import cached_property
from typing import Any, TypeAlias, cast
from urllib.parse import urlsplit

import attrs

from spapi_messaging.api.operations import ACTION_NAMES, NAMES_OF, Operation, operation_of
from spapi_messaging.api.schema import ActionSchema
from spapi_messaging.hal import Document, Link
from spapi_messaging.redaction import printable

_Copy: TypeAlias = dict[str, Any] | None
_Read: TypeAlias = tuple[Link, _Copy]
"""An offer's link, and what is embedded for it."""


# No slots: cached_property writes to the __dict__.
@attrs.frozen(slots=False)
class OfferedAction:
    """What an order says of an action: its link, and what is embedded for it."""

    name: str
    """The name under which the order offers it."""
    operation: Operation | None
    """The documented operation behind it; None for a new one."""
    _linked: Link | dict[str, Any] = attrs.field(repr=False, eq=False)
    _copy: _Copy = attrs.field(repr=False)
    _document: Document = attrs.field(repr=False)

    @cached_property
    def link(self) -> Link:
        """Its link."""
        own = self._linked
        return own if isinstance(own, Link) else cast("Link", self._document.read(own))

    def leads_to(self, target: str) -> bool:
        """Say that its link is this path, letter for letter; False says nothing, and it is read."""
        own = self._linked
        return type(own) is dict and own.get("href") == target and "deprecation" not in own

    @property
    def title(self) -> str | None:
        """Its title: its own, its schema's or its link's."""
        own, schema = self._copy and self._copy.get("title"), self.schema
        titles = (own, schema and schema.title, self.link.title)
        title = next((each for each in titles if isinstance(each, str)), None)
        return title if title is None or title.isprintable() else printable(title)

    @property
    def schema(self) -> ActionSchema | None:
        """The schema that is embedded for it."""
        if self._copy is None:
            return None
        for raw in self._document.raw_embedded("schema", of=self._copy):
            if isinstance(raw, dict):
                return ActionSchema.parse(raw)
        return None

    @property
    def schema_link(self) -> Link | None:
        """Where the schema is, if it is not embedded."""
        if self._copy is None or self.schema is not None:
            return None
        return _first(self._document.within(self._copy), "schema")


class OfferedActions:
    """The offers of an order's answer: those with a link in its order, then the embedded ones."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._all: dict[str, _Read] | None = None

    def __iter__(self) -> Iterator[str]:
        return iter(self._found)

    def __len__(self) -> int:
        return len(self._found)

    def find(self, action: str) -> OfferedAction | None:
        """Read the offer of an action that is meant by its name or an alias; None without one."""
        if action not in ACTION_NAMES:
            action = printable(str(action))
        operation = operation_of(action)
        if operation is not None and self._all is None:
            quick = _quick_find(self._document, action, NAMES_OF[operation.name])
            if quick is not None:
                return OfferedAction(quick[0], operation, *quick[1], self._document)
        found = self._find(action, operation)
        if found is None:
            return None
        name, (link, copy) = found
        return OfferedAction(name, _operation(name, link), link, copy, self._document)

    @property
    def _found(self) -> dict[str, _Read]:
        if self._all is None:
            self._all = _all_offers(self._document)
        return self._all

    def _find(self, action: str, operation: Operation | None) -> tuple[str, _Read] | None:
        if action in self._found:
            return action, self._found[action]
        if operation is None:
            return None
        alike = [
            (name, found)
            for name, found in self._found.items()
            if _operation(name, found[0]) is operation
        ]
        named = (each for each in alike if operation_of(each[0]) is operation)
        return next(named, alike[0] if alike else None)


def _quick_find(
    document: Document, action: str, aliases: frozenset[str]
) -> tuple[str, tuple[dict[str, Any], _Copy]] | None:
    """Find an offer by the names alone; None says nothing, and ``OfferedActions._find`` decides.

    Only where each link and each copy has a name that is known, which needs no link to be read.
    """
    try:  # the first of a name wins
        links = {link["name"]: link for link in reversed(document.raw_links("actions"))}
        copies = {copy["name"]: copy for copy in reversed(document.raw_embedded("actions"))}
    except (KeyError, TypeError):
        return None
    if not (ACTION_NAMES.issuperset(links) and ACTION_NAMES.issuperset(copies)):
        return None
    names = {action} if action in links else aliases.intersection(links)
    if len(names) != 1 or (action in copies and action not in links):
        return None  # an alias of several, or a name that is embedded and may be an offer too
    (name,) = names
    own = links[name]
    return (name, (own, copies.get(name))) if type(own.get("href")) is str else None


def _all_offers(document: Document) -> dict[str, _Read]:
    copies: dict[str, dict[str, Any]] = {}
    for copy in document.raw_embedded("actions"):
        if isinstance(copy, dict):
            copies.setdefault(printable(_embedded_name(document, copy)), copy)
    offered: dict[str, _Read] = {}
    for link in _links(document, "actions"):
        name = printable(link.name or _segment(link))
        offered.setdefault(name, (link, copies.get(name)))
    for name, copy in copies.items():
        own = _first(document.within(copy), "self") if name and name not in offered else None
        if own is not None:
            offered[name] = (own, copy)
    return offered


def _embedded_name(document: Document, copy: dict[str, Any]) -> str:
    """Return an action's name: its own, that in its payload (as in the model), or its link's."""
    payload = copy.get("payload")
    for name in (copy.get("name"), payload.get("name") if isinstance(payload, dict) else None):
        if isinstance(name, str) and name:
            return name
    own = _first(document.within(copy), "self")
    return (own.name or _segment(own)) if own else ""


def _links(document: Document, rel: str) -> tuple[Link, ...]:
    return document.links(rel) if rel in document.rels else ()


def _first(document: Document, rel: str) -> Link | None:
    return next(iter(_links(document, rel)), None)


def _operation(name: str, link: Link) -> Operation | None:
    return operation_of(name) or operation_of(_segment(link))


def _segment(link: Link) -> str:
    return urlsplit(link.href).path.rpartition("/")[2]
