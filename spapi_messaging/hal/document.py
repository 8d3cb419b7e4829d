"""HAL, the Hypertext Application Language: documents, their links and what they embed.

Source: draft-kelly-json-hal, https://datatracker.ietf.org/doc/html/draft-kelly-json-hal
("draft" below). The law that this module keeps:

- A link may be an object or an array of them (draft §4.1.1), and so may an embedded resource
  (§4.1.2); both shapes give the same view. Of several, none is chosen silently.
- Servers err. A malformed part is left out and recorded in ``issues``, and only a root that
  is not an object is an error. What is unknown is carried.
- A relative URL resolves against the final URL of the answer, in embedded resources too.
- Only ``true`` makes an href a template (§5.2); any other href is used as it stands.
- What is embedded is taken before a link is fetched (§8.3); ``link(…)`` gives the link all
  the same, for a fresh copy.

Nothing is read before it is asked for.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from typing import Any, TypeVar

import attrs

from spapi_messaging.errors import AmbiguousLinkError, HalError, MissingRelError
from spapi_messaging.hal.links import (
    Issue,
    Link,
    absolute_or_none,
    curie_fault,
    kind_of,
    link_issues,
    read_link,
)
from spapi_messaging.redaction import printable

_T = TypeVar("_T")
MAX_DEPTH = 100


# Compared by identity: two answers of one resource are two documents.
@attrs.frozen(slots=False, eq=False)
class Document:
    """A HAL resource: the root of an answer, or what it embeds (draft §4)."""

    url: str
    """The final URL of the answer, which relative URLs resolve against."""
    _raw: dict[str, Any] = attrs.field(repr=False)
    parent: "Document | None" = attrs.field(default=None, repr=False)
    """The resource that embeds this one; None for the root."""
    _seen: dict[str, tuple[Link, ...]] = attrs.field(factory=dict, init=False, repr=False)

    @classmethod
    def parse(cls, value: Any, *, url: str) -> "Document":
        """View decoded JSON, the answer of ``url``; raises HalError if it is not an object."""
        if not isinstance(value, dict):
            raise HalError(f"{url} answered {kind_of(value)}, which is no HAL document")
        return cls(url, value)

    @cached_property
    def state(self) -> dict[str, Any]:
        """The resource's own properties: all but ``_links`` and ``_embedded``."""
        return {k: value for k, value in self._raw.items() if k not in {"_links", "_embedded"}}

    @property
    def rels(self) -> tuple[str, ...]:
        """The link relations there are; one with an empty array counts."""
        return tuple(self._linked)

    @property
    def embedded_rels(self) -> tuple[str, ...]:
        """The relations under which resources are embedded; one with an empty array counts."""
        return tuple(self._contained)

    @cached_property
    def self_url(self) -> str | None:
        """The absolute URL of the one ``self`` link (draft §8.1); None if none is usable."""
        links = self._own("self")
        return absolute_or_none(links[0]) if len(links) == 1 else None

    @cached_property
    def curies(self) -> dict[str, Link]:
        """The usable curies of this resource by their names, without those around it."""
        links = [link for link in self._own("curies") if not curie_fault(link)]
        return {link.name or "": link for link in reversed(links)}  # the first of a name wins

    @cached_property
    def issues(self) -> tuple[Issue, ...]:
        """What is malformed, here and in all that is embedded. No value is quoted."""
        return tuple(_document_issues(self._raw, "", MAX_DEPTH))

    def links(self, rel: str) -> tuple[Link, ...]:
        """Return the links of a relation, which may be named by its curie or its full URL.

        Raises MissingRelError if the relation is absent; an empty array gives ``()``.
        """
        if rel not in self._seen:
            items = self._linked[self._key(rel, self._linked)]
            links = (read_link(item, self.url) for item in items)
            self._seen[rel] = tuple(link for link in links if link)
        return self._seen[rel]

    def link(self, rel: str, *, name: str | None = None, index: int | None = None) -> Link:
        """Return one link: the only one, or that of a name (draft §5.5) or a position, or both.

        Raises AmbiguousLinkError, which lists them, if several are left to choose from, and
        MissingRelError, which lists what there is instead, if none is.
        """
        links = [(link.name, link.name or link.href, link) for link in self.links(rel)]
        return self._chosen(rel, links, name, index)

    def embedded(self, rel: str) -> tuple["Document", ...]:
        """Return the resources embedded under a relation; raises MissingRelError if absent."""
        return self._children[self._key(rel, self._contained)]

    def raw_links(self, rel: str) -> Sequence[Any]:
        """Return a relation's links as they stand, for callers that look for one among many."""
        return _items(self._raw.get("_links"), rel, (dict, list, str))

    def raw_embedded(self, rel: str, *, of: dict[str, Any] | None = None) -> Sequence[Any]:
        """Return what is embedded under a relation as it stands, here or in one of those."""
        return _items((self._raw if of is None else of).get("_embedded"), rel, (dict, list))

    def read(self, item: Any) -> Link | None:
        """Read one of ``raw_links``; None if it is not a link."""
        return read_link(item, self.url)

    def within(self, item: dict[str, Any]) -> "Document":
        """View one of ``raw_embedded`` that is an object."""
        return Document(self.url, item, self)

    def resolve(
        self, rel: str, *, name: str | None = None, index: int | None = None
    ) -> "Document | Link":
        """Return the embedded resource that a link leads to, or the link if it is not embedded.

        Source: the hypertext cache pattern, draft §8.3. They belong together if their names
        agree or, where one has none, their URLs; or if both are the only ones of the relation.
        What is embedded without a link is chosen as a link is. Raises as ``link`` does.
        """
        copies = self.embedded(rel) if self._find(rel, self._contained) is not None else ()
        links = self.links(rel) if not copies or self._find(rel, self._linked) is not None else ()
        if not links:
            named = [(_name(copy), _name(copy) or str(copy.self_url), copy) for copy in copies]
            return self._chosen(rel, named, name, index)
        link = self.link(rel, name=name, index=index)
        if len(copies) == len(links) == 1:
            return copies[0]
        return next((copy for copy in copies if _is_copy(copy, link)), link)

    def expand(self, rel: str) -> str:
        """Return the documentation URL of a curie such as ``acme:widgets`` (draft §8.2).

        An embedded resource's own curies win over those around it. A relation that is not
        a curie, or whose prefix is unknown, is returned as it is.
        """
        prefix, _, reference = rel.partition(":")
        document: Document | None = None if reference.startswith("//") else self
        while document is not None:
            if prefix in document.curies:
                return absolute_or_none(document.curies[prefix], rel=reference) or rel
            document = document.parent
        return rel

    @cached_property
    def _linked(self) -> dict[str, list[Any]]:
        return _members(self._raw, "_links", (dict, list, str))

    @cached_property
    def _contained(self) -> dict[str, list[Any]]:
        return _members(self._raw, "_embedded", (dict, list))

    @cached_property
    def _children(self) -> dict[str, tuple["Document", ...]]:
        return {
            rel: tuple(Document(self.url, item, self) for item in items if isinstance(item, dict))
            for rel, items in self._contained.items()
        }

    def _own(self, rel: str) -> tuple[Link, ...]:
        return self.links(rel) if rel in self._linked else ()

    def _find(self, rel: str, rels: Iterable[str]) -> str | None:
        if rel in rels or ":" not in rel:
            return rel if rel in rels else None
        meaning = self.expand(rel)
        return next((other for other in rels if self.expand(other) == meaning), None)

    def _key(self, rel: str, rels: Iterable[str]) -> str:
        key = self._find(rel, rels)
        if key is None:
            raise MissingRelError(self.url, printable(rel), tuple(map(printable, rels)))
        return key

    def _chosen(
        self,
        rel: str,
        options: list[tuple[str | None, str, _T]],
        name: str | None,
        index: int | None,
    ) -> _T:
        named = [option for option in options if name in {None, option[0]}]
        left = [option for i, option in enumerate(named) if index in {None, i}]
        if len(left) == 1:
            return left[0][2]
        if left:
            raise AmbiguousLinkError(self.url, rel, _labels(left))
        wanted = "".join(f"[{key!r}]" for key in (name, index) if key is not None)
        raise MissingRelError(self.url, f"{rel}{wanted}", _labels(options))


def _labels(options: Iterable[tuple[str | None, str, Any]]) -> tuple[str, ...]:
    return tuple(printable(label) for _, label, _ in options)


def _items(members: Any, rel: str, shapes: tuple[type, ...]) -> list[Any]:
    value = members.get(rel) if isinstance(members, dict) else None
    if isinstance(value, list):
        return value
    return [value] if isinstance(value, shapes) else []


def _members(raw: dict[str, Any], key: str, shapes: tuple[type, ...]) -> dict[str, list[Any]]:
    members = raw.get(key)
    if not isinstance(members, dict):
        return {}
    return {
        rel: value if isinstance(value, list) else [value]
        for rel, value in members.items()
        if isinstance(value, shapes)
    }


def _name(document: Document) -> str | None:
    links = document.links("self") if "self" in document.rels else ()
    names = (document.state.get("name"), *(link.name for link in links))
    return next((name for name in names if isinstance(name, str)), None)


def _is_copy(document: Document, link: Link) -> bool:
    if link.name is not None and _name(document) is not None:
        return link.name == _name(document)
    return document.self_url is not None and document.self_url == absolute_or_none(link)


def _document_issues(raw: dict[str, Any], path: str, levels: int) -> Iterator[Issue]:
    if not levels:
        yield Issue(path, "nested too deeply; not looked at")
        return
    for key in ("_links", "_embedded"):
        members = raw.get(key, {})
        if not isinstance(members, dict):
            yield Issue(f"{path}/{key}", f"{kind_of(members)}, not an object; left out")
            continue
        for rel, value in members.items():
            place = f"{path}/{key}/{rel.replace('~', '~0').replace('/', '~1')}"
            items = enumerate(value) if isinstance(value, list) else ((None, value),)
            for i, item in items:
                spot = place if i is None else f"{place}/{i}"
                if key == "_links":
                    yield from link_issues(item, spot, is_curie=rel == "curies")
                elif isinstance(item, dict):
                    yield from _document_issues(item, spot, levels - 1)
                else:
                    yield Issue(spot, f"{kind_of(item)}, not an object; left out")
