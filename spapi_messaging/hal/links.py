"""HAL links: read leniently, with what is wrong with them, and resolved strictly.

Source: draft-kelly-json-hal §5 and §8.2 (``document`` has the address and the law).
"""

import logging
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

import attrs

from spapi_messaging.errors import TemplateError, UntrustedLinkError
from spapi_messaging.hal import uris

_LOG = logging.getLogger(__name__)
_TEXTS = ("name", "title", "type", "deprecation", "profile", "hreflang")
_ANY_BASE = "https://host.invalid/"
_NO_HREF = "it has no string as its href; left out"
_KINDS: dict[type, str] = {
    dict: "an object",
    list: "an array",
    str: "a string",
    bool: "a boolean",
    type(None): "null",
}


@attrs.frozen
class Issue:
    """A malformed part of a document: a JSON pointer (RFC 6901) to it, and what is wrong."""

    path: str
    fault: str


# No slots: cached_property writes to the __dict__.
@attrs.frozen(kw_only=True, slots=False)
class Link:
    """A link (draft §5). ``extra`` carries the properties that the draft does not know."""

    href: str
    """As the document has it; ``url()`` makes it absolute."""
    name: str | None = None
    title: str | None = None
    type: str | None = None
    templated: bool = False
    deprecation: str | None = None
    """Where the deprecation is explained, or an empty string; None if it is not deprecated."""
    profile: str | None = None
    hreflang: str | None = None
    base: str = attrs.field(default="", repr=False)
    """The URL that a relative href resolves against."""
    extra: Mapping[str, Any] = attrs.field(factory=dict, eq=False, repr=False)

    @property
    def variables(self) -> tuple[str, ...]:
        """The template's variables in their order; raises TemplateError if it is malformed."""
        return uris.variables(self.href) if self.templated else ()

    def url(self, /, **variables: uris.Value) -> str:
        """Return the absolute URL to follow, and warn (once) if the link is deprecated.

        A template takes all variables of its path; those of its query may be missing, and None
        leaves any out. Raises TemplateError for missing and unknown ones, for values that cannot
        be expanded, and for those that leave a whole segment of the path empty or a dot:
        ``/orders/{id}`` without its id would be another resource.
        Raises UntrustedLinkError for blanks, control and non-ASCII characters
        and backslashes, which URL parsers disagree about. Sources: RFC 6570, RFC 3986 §5.
        """
        url = absolute(self, variables)
        if self.deprecation is not None:
            _ = self._deprecation_warned
        return url

    @cached_property
    def _deprecation_warned(self) -> bool:
        _LOG.warning("The link %r is deprecated: %r", self.href, self.deprecation)
        return True


def read_link(item: Any, base: str) -> Link | None:
    """Read a link as leniently as it can be; ``link_issues`` says what was wrong with it."""
    raw = {"href": item} if isinstance(item, str) else item
    if not isinstance(raw, dict):
        return None
    href = raw.get("href")
    # A self link has been seen in the wild whose href is a list of one string.
    if isinstance(href, list) and len(href) == 1:
        href = href[0]
    if not isinstance(href, str):
        return None
    known: dict[str, Any] = {}
    extra = {}
    for key, value in raw.items():
        if key in _TEXTS:
            if isinstance(value, str):
                known[key] = value
        elif key not in {"href", "templated"}:
            extra[key] = value
    # "Its presence indicates that the link is to be deprecated" (draft §5.4).
    if "deprecation" not in known and raw.get("deprecation") not in (None, False):
        known["deprecation"] = ""
    return Link(href=href, base=base, templated=raw.get("templated") is True, extra=extra, **known)


def absolute(link: Link, given: Mapping[str, uris.Value]) -> str:
    """Resolve a link without following it; raises what ``Link.url`` raises."""
    if given and not link.templated:
        raise TemplateError(link.href, f"it is no template; unknown {', '.join(given)}")
    return uris.join(link.base, uris.expand(link.href, given) if link.templated else link.href)


def absolute_or_none(link: Link, **given: str) -> str | None:
    """Return the same, or None for a link that cannot be resolved."""
    try:
        return absolute(link, given)
    except (TemplateError, UntrustedLinkError):
        return None


def link_issues(item: Any, place: str, *, is_curie: bool) -> Iterator[Issue]:
    """Say what is wrong with a link; ``place`` is the pointer to it."""
    link = read_link(item, "")
    if link is None:
        bare = not isinstance(item, dict)
        yield Issue(place, f"{kind_of(item)}, not an object; left out" if bare else _NO_HREF)
        return
    if isinstance(item, str):
        yield Issue(place, "a string, not an object; taken as the href")
    else:
        yield from _property_issues(item, place)
    fault = _href_fault(link)
    if fault:
        yield Issue(f"{place}/href", fault)
    unusable = curie_fault(link) if is_curie else None
    if unusable:
        yield Issue(place, unusable)


def _property_issues(item: dict[str, Any], place: str) -> Iterator[Issue]:
    if isinstance(item["href"], list):
        yield Issue(f"{place}/href", "an array of one string; taken as that string")
    for key in (*_TEXTS, "templated"):
        value, wanted = item.get(key), bool if key == "templated" else str
        if value is not None and not isinstance(value, wanted):
            yield Issue(f"{place}/{key}", f"{kind_of(value)}, not {_KINDS[wanted]}; left out")


def _href_fault(link: Link) -> str | None:
    """Say why an href cannot be followed, or that it looks like a template and is not one."""
    try:
        _ = link.variables if link.templated else uris.join(_ANY_BASE, link.href)
    except (TemplateError, UntrustedLinkError) as error:
        return error.fault
    looks = not link.templated and ("{" in link.href or "}" in link.href)
    return "it has braces, but is not templated; used as it stands" if looks else None


def curie_fault(link: Link) -> str | None:
    """Say why a curie is unusable: it has a name, and a template of ``rel`` (draft §8.2)."""
    if not link.name or not link.templated:
        return "a curie needs a name and a template; not used"
    named = not _href_fault(link) and link.variables == ("rel",)
    return None if named else "a curie is a template of rel alone; not used"


def kind_of(value: Any) -> str:
    """Name a JSON value's type."""
    return _KINDS.get(type(value), "a number")
