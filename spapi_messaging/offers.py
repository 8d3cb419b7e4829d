"""What an order offers: the links of its actions and what is embedded for them, by name.

An order may offer a dozen actions, with a schema each, and most callers want one: the answer is
gone through for names, and an offer is read when it is asked for.
"""

from collections.abc import Iterator, Sequence
from typing import Any, TypeAlias
from urllib.parse import urlsplit

import attrs

from spapi_messaging.hal import Document, Link
from spapi_messaging.operations import ACTION_NAMES, NAMES_OF, Operation, operation_of
from spapi_messaging.schemas import ActionSchema

_Found: TypeAlias = tuple[Any, dict[str, Any] | None]
"""An offer as it stands in the answer: its link, read or not, and what is embedded for it."""


@attrs.frozen
class Offer:
    """What an order says of an action: its link, and what is embedded for it."""

    name: str
    """The name under which the order offers it."""
    link: Link
    operation: Operation | None
    title: str | None
    schema: ActionSchema | None
    schema_link: Link | None
    """Where the schema is, if it is not embedded."""


class Offers:
    """The offers of an order's answer, in its order; of two with one name the first counts."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._found = _plain(document) or _of_any_shape(document)

    def __iter__(self) -> Iterator[str]:
        return iter(self._found)

    def __len__(self) -> int:
        return len(self._found)

    def name_of(self, action: str) -> str | None:
        """Give the name under which an action is offered that is meant by a name or an alias."""
        if action in self._found:
            return action
        operation = operation_of(action)
        if operation is None:
            return None
        if self._found.keys() <= ACTION_NAMES:  # no link has to be read to know them all
            meant = NAMES_OF[operation.name]
            names = [name for name in self._found if name in meant]
        else:
            names = [name for name in self._found if self._operation(name) is operation]
        return names[0] if names else None

    def offer(self, name: str) -> Offer:
        """Read the offer of that name."""
        copy = self._found[name][1]
        schema, document = None, None
        if copy is not None:
            document = self._document.within(copy)
            raw = (raw for raw in document.raw_embedded("schema") if isinstance(raw, dict))
            schema = next(map(ActionSchema.parse, raw), None)
        link = self._link(name)
        titles = (copy and copy.get("title"), schema and schema.title, link.title)
        return Offer(
            name=name,
            link=link,
            operation=self._operation(name),
            title=next((title for title in titles if isinstance(title, str)), None),
            schema=schema,
            schema_link=_first(document, "schema") if document and schema is None else None,
        )

    def _link(self, name: str) -> Link:
        item = self._found[name][0]
        link = item if isinstance(item, Link) else self._document.read(item)
        if link is None:
            raise AssertionError("what is no link has no name, and is not offered")
        return link

    def _operation(self, name: str) -> Operation | None:
        return operation_of(name) or operation_of(_segment(self._link(name)))


def _plain(document: Document) -> dict[str, _Found] | None:
    """Find the offers of an answer in which each has one name, and one link."""
    links = _by_name(document.raw_links("actions"), "href")
    copies = _by_name(document.raw_embedded("actions"), "name")
    if links is None or copies is None or not copies.keys() <= links.keys():
        return None
    return {name: (item, copies.get(name)) for name, item in links.items()}


def _by_name(items: Sequence[Any], needed: str) -> dict[str, dict[str, Any]] | None:
    """Put objects by their names, if all are objects and have one of their own."""
    try:
        named = {item["name"]: item for item in items}
        texts = {type(item[needed]) for item in items}
    except (KeyError, TypeError):
        return None
    right = texts | {*map(type, named)} <= {str} and {*map(type, items)} <= {dict}
    return named if right and len(named) == len(items) and "" not in named else None


def _of_any_shape(document: Document) -> dict[str, _Found]:
    copies: dict[str, dict[str, Any]] = {}
    for copy in document.raw_embedded("actions"):
        if isinstance(copy, dict):
            copies.setdefault(_embedded_name(document, copy), copy)
    offers: dict[str, _Found] = {}
    for link in _links(document, "actions"):
        name = link.name or _segment(link)
        offers.setdefault(name, (link, copies.get(name)))
    for name, copy in copies.items():
        own = _first(document.within(copy), "self") if name and name not in offers else None
        if own is not None:
            offers[name] = (own, copy)
    return offers


def _embedded_name(document: Document, copy: dict[str, Any]) -> str:
    """Give an action's name: its own, that in its payload (as in the model), or its link's."""
    payload = copy.get("payload")
    for said in (copy.get("name"), payload.get("name") if isinstance(payload, dict) else None):
        if isinstance(said, str) and said:
            return said
    own = _first(document.within(copy), "self")
    return (own.name or _segment(own)) if own else ""


def _links(document: Document, rel: str) -> tuple[Link, ...]:
    return document.links(rel) if rel in document.rels else ()


def _first(document: Document, rel: str) -> Link | None:
    return next(iter(_links(document, rel)), None)


def _segment(link: Link) -> str:
    return urlsplit(link.href).path.rpartition("/")[2]
