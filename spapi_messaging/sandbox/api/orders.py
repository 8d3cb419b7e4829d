"""An order of the sandbox, and the HAL document that says what it permits.

Documents are built once per shape and then filled with the order's id, so that a hundred
thousand orders cost a hundred thousand small objects and no documents.
"""

import json
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, Literal

import attrs

from spapi_messaging.api import operation_of
from spapi_messaging.marketplaces import Marketplace
from spapi_messaging.sandbox.api.catalog import ONCE_PER_ORDER, RULES, schema_of
from spapi_messaging.sandbox.api.languages import LOCALES
from spapi_messaging.sandbox.api.names import UnknownNameError, action_named, is_new_action
from spapi_messaging.sandbox.api.records import AcceptedMessage
from spapi_messaging.sandbox.api.responses import as_json

Shape = Literal["embedded", "payload", "link", "none"]
"""Where a discovery answer has its schemas: embedded flat as seen live, embedded under
``payload`` as the model says, only as links, or nowhere (and no ``_embedded`` either)."""

ORDER_ID_FORM = r"(?:\d{3}|D\d{2})-\d{7}-\d{7}"
"""3-7-7 digits; those that begin with D are orders of digital goods."""
MAX_ACTIONS = 100
"""Actions of one order."""

_MAX_CUSTOM = 4096
_ORDER, _MARKETPLACE = "\ue000", "\ue001"  # private-use characters: no text of an order has them


@lru_cache(maxsize=512)
def segment_of(action: str) -> str:
    """Return the path segment of the operation behind an offered name; a new name is its own."""
    operation = operation_of(action)
    return operation.tail.rpartition("/")[2] if operation else action


def _named_actions(order: "SandboxOrder", _: Any, value: Iterable[str]) -> tuple[str, ...]:
    names = tuple(action_named(name, order.custom) for name in value)
    if len(names) > MAX_ACTIONS:
        raise ValueError(f"an order offers {MAX_ACTIONS} actions at most, not {len(names)}")
    names = tuple(dict.fromkeys(names))
    return value if isinstance(value, tuple) and names == value else names  # one for many orders


def _named_disabled(
    order: "SandboxOrder", _: Any, value: Mapping[str, str | None]
) -> dict[str, str | None]:
    return {_offered_name(order, name): reason for name, reason in value.items()}


def _named_custom(
    _order: "SandboxOrder", _: Any, value: Mapping[str, Mapping[str, Any]]
) -> dict[str, Mapping[str, Any]]:
    return {
        name if is_new_action(name) else action_named(name): members
        for name, members in value.items()
    }


def _offered_name(order: "SandboxOrder", name: str) -> str:
    """Return the name an order offers an action by, whichever of its names is given."""
    wanted = segment_of(action_named(name, order.custom))
    for offered in order.actions:
        if segment_of(offered) == wanted:
            return offered
    listed = ", ".join(order.actions) or "nothing"
    raise UnknownNameError(f"the order does not offer {name!r}; it offers {listed}")


@attrs.define(kw_only=True, eq=False)
class SandboxOrder:
    """An order. All of it can be changed while the sandbox runs.

    An action may be named as the name resolver allows; another one than the documented ones
    must be declared in ``custom``, with or without members of its schema.
    """

    order_id: str
    actions: tuple[str, ...] = attrs.field(on_setattr=_named_actions)
    """Offered names, in order."""
    locale: str | None = None
    """The buyer's; None is that of the marketplace."""
    disabled: dict[str, str | None] = attrs.field(factory=dict, on_setattr=_named_disabled)
    """Reasons by offered name."""
    closed: bool = False
    """Whether even asking is answered with 403."""
    schemas: Shape = "embedded"
    marketplace: Marketplace | None = None
    """The only marketplace it is found in, or None for all."""
    seller: str | None = None
    """The refresh token of its only seller, or None for all."""
    custom: dict[str, Mapping[str, Any]] = attrs.field(factory=dict, on_setattr=_named_custom)
    """Schema members by offered name; they replace those of the usual schema."""
    document: Mapping[str, Any] | bytes | None = attrs.field(default=None, repr=False)
    """Answered to discovery instead of anything else, bytes as they are."""
    max_messages: int | None = None
    messages: list[AcceptedMessage] = attrs.field(factory=list, repr=False)
    accepted: int = 0
    requests: dict[str, int] = attrs.field(factory=dict, repr=False)
    """Requests that arrived, by operation, refused ones included."""
    spent: frozenset[str] = frozenset()
    """Segments that were accepted and cannot be a second time."""

    def __attrs_post_init__(self) -> None:
        self.custom = self.custom
        self.actions = self.actions
        self.disabled = self.disabled
        self.custom = {_offered_name(self, name): self.custom[name] for name in self.custom}

    @property
    def room(self) -> int:
        """The bytes that its document and its schemas take, about."""
        document = self.document or b""
        size = len(document if isinstance(document, bytes) else as_json(document))
        return size + (len(as_json(self.custom)) if self.custom else 0)

    def locale_in(self, marketplace_id: str) -> str:
        """Return the locale of its buyer, who reads the marketplace's language by default."""
        return self.locale or LOCALES[self.marketplace or Marketplace(marketplace_id)]

    def adds(self, name: str) -> bool:
        """Say whether an action is one that no model has, and that this order declares."""
        return name in self.custom and is_new_action(name)

    def offered(self) -> tuple[str, ...]:
        """Return the names it offers now."""
        if self.max_messages is not None and self.accepted >= self.max_messages:
            return tuple(name for name in self.actions if name == "attributes")
        if not self.spent:
            return self.actions
        return tuple(name for name in self.actions if segment_of(name) not in self.spent)

    def permits(self, segment: str) -> bool:
        """Say whether a message may be posted to this segment now."""
        return not self.closed and any(
            segment_of(name) == segment and name not in self.disabled
            for name in self.offered()
            if name != "attributes"
        )

    def accept(self, message: AcceptedMessage, segment: str) -> None:
        """Note an accepted message."""
        self.messages.append(message)
        self.accepted += 1
        if segment in ONCE_PER_ORDER:
            self.spent |= {segment}

    def forget(self) -> None:
        """Forget what happened to it."""
        self.messages.clear()
        self.requests.clear()
        self.spent = frozenset()
        self.accepted = 0

    def discovery(self, marketplace: str) -> bytes:
        """Write the discovery answer."""
        if isinstance(self.document, bytes):
            return self.document
        if self.document is not None:
            return as_json(self.document)
        custom = json.dumps(self.custom) if self.custom else "{}"
        write = _template if len(custom) <= _MAX_CUSTOM else _template.__wrapped__
        template = write(self.offered(), tuple(self.disabled.items()), self.schemas, custom)
        return template.replace(_ORDER.encode(), self.order_id.encode()).replace(
            _MARKETPLACE.encode(), marketplace.encode()
        )

    def schema(self, name: str) -> bytes | None:
        """Write the schema of an offered action; None where there is none to fetch."""
        if self.schemas == "none" or name not in self.offered():
            return None
        schema = as_json(_schema(name, self.disabled, self.custom))
        return schema.replace(_ORDER.encode(), self.order_id.encode())


@lru_cache(maxsize=256)
def _template(
    names: tuple[str, ...],
    disabled: tuple[tuple[str, str | None], ...],
    shape: Shape,
    custom: str,
) -> bytes:
    root = f"/messaging/v1/orders/{_ORDER}"
    query = f"?marketplaceIds={_MARKETPLACE}"
    links = [{"href": f"{root}{_tail(name)}{query}", "name": name} for name in names]
    document: dict[str, Any] = {"_links": {"actions": links, "self": {"href": f"{root}{query}"}}}
    if shape != "none":
        schemas = {name: _schema(name, dict(disabled), json.loads(custom)) for name in names}
        document["_embedded"] = {
            "actions": [
                _embedded(link, schemas[link["name"]], shape)
                for link in links
                if link["name"] != "attributes"
            ]
        }
    return as_json(document)


def _tail(name: str) -> str:
    return "/attributes" if name == "attributes" else f"/messages/{name}"


def _embedded(link: dict[str, str], schema: dict[str, Any], shape: Shape) -> dict[str, Any]:
    action: dict[str, Any] = {"_links": {"schema": schema["_links"]["self"], "self": link}}
    if shape == "embedded":
        action["_embedded"] = {"schema": schema}
        action["name"], action["title"] = link["name"], schema.get("title")
    elif shape == "payload":
        links = schema.pop("_links")
        action["_embedded"] = {"schema": {"_links": links, "payload": schema}}
        action["payload"] = {"name": link["name"]}
    return action


def _schema(
    name: str, disabled: Mapping[str, str | None], custom: Mapping[str, Mapping[str, Any]]
) -> dict[str, Any]:
    href = f"/messaging/v1/orders/{_ORDER}/messages/{name}/schema"
    schema: dict[str, Any] = {"_links": {"self": {"href": href, "name": name}}, "name": name}
    schema.update(schema_of(RULES.get(segment_of(name))))
    if name in disabled:
        schema.update(disabled=True, disabledReason=disabled[name])
    schema.update(custom.get(name, {}))
    return schema
