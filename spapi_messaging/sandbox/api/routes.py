"""Which operation a method and a path ask for."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Literal
from urllib.parse import unquote

import attrs

from spapi_messaging.api import (
    ATTRIBUTES,
    DISCOVERY,
    SCHEMA,
    UPLOAD_DESTINATION,
    UPLOADS,
    operation_of,
)
from spapi_messaging.sandbox.api.cuts import shared
from spapi_messaging.sandbox.api.names import PUT_UPLOAD, TOKEN, UNKNOWN
from spapi_messaging.sandbox.api.records import RequestRecord

Kind = Literal["token", "put", "upload", "discovery", "attributes", "schema", "message", "unknown"]

LOGIN_PATH = "/auth/o2/token"
"""Amazon's pages spell it with a capital O, too."""
PUT_PREFIX = "/s3/"

_METHODS: Mapping[Kind, str] = {
    "token": "POST",
    "put": "PUT",
    "upload": "POST",
    "discovery": "GET",
    "attributes": "GET",
    "schema": "GET",
    "message": "POST",
}
_ORDER = re.compile(
    r"/messaging/v1/orders/(?P<order>[^/]+)"
    r"(?P<tail>|/attributes|/messages/(?P<segment>[^/]+)(?P<schema>/schema)?)"
)


@attrs.frozen(kw_only=True)
class Route:
    """Where a request goes."""

    kind: Kind
    operation: str
    order_id: str | None = None
    segment: str = ""
    """What follows ``/messages/``, as it came."""
    notes: tuple[str, ...] = ()
    """What is unusual about the path."""

    def takes(self, method: str) -> bool:
        """Say whether the resource answers this method."""
        return self.kind == "unknown" or _METHODS[self.kind] == method


@attrs.frozen
class Call:
    """A request on its way through; ``body`` is None where it was too large to read.

    The record of it is kept and therefore cut; this has all of it, and is not kept.
    """

    record: RequestRecord
    route: Route
    body: bytes | None = attrs.field(repr=False)
    query: Mapping[str, list[str]] = attrs.field(repr=False)
    headers: Mapping[str, str] = attrs.field(repr=False)
    """By lower-case name."""
    target: str = attrs.field(repr=False)

    @property
    def order_id(self) -> str:
        """The order it is about; empty where it is about none."""
        return self.record.order_id or ""

    @property
    def seller(self) -> str:
        """Whose access token it carried."""
        return self.record.seller or ""

    def parameter(self, name: str) -> str | None:
        """Return a query parameter that is there exactly once and says something."""
        values = self.query.get(name, [])
        return values[0] if len(values) == 1 and values[0] else None

    def note(self, *notes: str) -> None:
        """Write down what is taken here though it is unusual."""
        self.record.notes += notes


def unusual(what: str) -> str:
    """Make the note of something that no model describes and that is let in."""
    return shared(f"{what}: Amazon is not known to refuse it")


@lru_cache(maxsize=512)
def route(path: str) -> Route:
    """Find the route of a path, its escapes still in it."""
    if path.lower() == LOGIN_PATH:
        return Route(kind="token", operation=TOKEN)
    if path.startswith(PUT_PREFIX):
        return Route(kind="put", operation=PUT_UPLOAD)
    if path.endswith("/") and not path.endswith("//"):
        found = route(path.removesuffix("/"))
        known = found.kind != "unknown"
        return attrs.evolve(found, notes=(unusual("a slash after the path"),)) if known else found
    if path.startswith(f"{UPLOADS}/"):
        return _upload_route(path.removeprefix(UPLOADS))
    match = _ORDER.fullmatch(path)
    if match is None:
        return Route(kind="unknown", operation=UNKNOWN)
    segment = unquote(match["segment"] or "")
    kind, operation = _order_operation(segment, match["tail"], schema=bool(match["schema"]))
    return Route(kind=kind, operation=operation, order_id=unquote(match["order"]), segment=segment)


def _order_operation(segment: str, tail: str, *, schema: bool) -> tuple[Kind, str]:
    if schema:
        return "schema", SCHEMA
    if segment:
        return "message", _message_operation(segment)
    return ("attributes", ATTRIBUTES.name) if tail else ("discovery", DISCOVERY.name)


def _message_operation(segment: str) -> str:
    operation = operation_of(segment)
    return operation.name if operation and operation is not ATTRIBUTES else UNKNOWN


def _upload_route(resource: str) -> Route:
    # The resource keeps its slashes: %2F in their place is another path, and unknown.
    match = _ORDER.fullmatch(resource)
    if match is None or not match["segment"] or match["schema"]:
        return Route(kind="unknown", operation=UPLOAD_DESTINATION)
    return Route(
        kind="upload",
        operation=UPLOAD_DESTINATION,
        order_id=unquote(match["order"]),
        segment=unquote(match["segment"]),
    )
