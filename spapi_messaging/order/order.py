"""What an order permits now, as callable actions.

An action knows both the link that the order offers and the operation that Amazon documents,
whose names differ at times (``sendInvoice`` is offered for ``…/messages/invoice``). Whether
the offered link answers a POST is not documented, so the operation's path is used, and
``follow="offered"`` on the session is the explicit other choice. An action that we have no
operation for is followed as offered and called with plain values.

``attributes`` may stand among the actions; it is a GET and not a message.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Literal, overload
from urllib.parse import urlsplit

import attrs

from spapi_messaging.api import (
    ATTRIBUTES,
    DISCOVERY,
    ActionSchema,
    OfferedAction,
    OfferedActions,
    Operation,
    OrderAttributes,
    decode_answer,
    message_from,
)
from spapi_messaging.errors import (
    ActionDisabledError,
    ActionNotOfferedError,
    DecodeError,
    HalError,
    InvalidMessageError,
)
from spapi_messaging.hal import Document, Link
from spapi_messaging.messages import Message
from spapi_messaging.sending import Content, Outgoing, Receipt, Sender

Follow = Literal["operation", "offered"]


@attrs.frozen(kw_only=True, eq=False)
class Action:
    """One action that an order offers. Call it to send: ``await action(text="…")``."""

    order_id: str
    name: str
    """The name under which the order offers it."""
    operation: Operation | None
    """The documented operation behind it; None for one that this package does not know."""
    title: str | None
    description: str | None
    schema: ActionSchema | None
    """The schema that the order embeds; a linked one is fetched when the action is called."""
    disabled: bool
    disabled_reason: str | None
    href: str
    """The link as offered."""
    _link: Link = attrs.field(repr=False)
    _schema_link: Link | None = attrs.field(repr=False)
    _sender: Sender = attrs.field(repr=False)
    _follow: Follow = attrs.field(repr=False)

    @property
    def message_type(self) -> type[Message] | None:
        """The class of its messages; None for one that takes plain values, or no message."""
        return self.operation.message_type if self.operation else None

    @overload
    async def __call__(self, message: Message | Mapping[str, Any], /) -> Receipt: ...
    @overload
    async def __call__(self, /, **fields: Any) -> Receipt: ...
    async def __call__(
        self, message: Message | Mapping[str, Any] | None = None, /, **fields: Any
    ) -> Receipt:
        """Send a message: a typed one, plain values in wire names, or the fields as keywords.

        Raises ActionDisabledError, InvalidMessageError (limits, the order's schema, files),
        UntrustedLinkError and UploadError before anything is sent, NotSentError, ApiError
        if Amazon refuses it, and InDoubtError if nobody knows.
        """
        if message is not None and fields:
            raise TypeError("give a message or its fields, not both")
        return await self.send(fields if message is None else message)

    async def send(self, message: Message | Mapping[str, Any]) -> Receipt:
        """Send a typed message or plain values in wire names; raises what calling raises."""
        outgoing = await self.prepare(message)
        return await outgoing.send()

    async def prepare(self, message: Message | Mapping[str, Any]) -> Outgoing:
        """Check a message against all that is known, and address it; nothing is sent."""
        content = self._content(message)
        if self.disabled:
            raise ActionDisabledError(self.order_id, self.name, self.disabled_reason)
        name = self.operation.name if self.operation else self.name
        content, language = await self._sender.in_buyers_language(content, self.order_id, name)
        outgoing = self._addressed(content, language)
        schema = await self._schema_in_force()
        if schema is not None and schema.disabled:
            raise ActionDisabledError(self.order_id, self.name, schema.disabled_reason)
        outgoing.check(schema)
        return outgoing

    def _content(self, message: Content) -> Content:
        kind = self.message_type
        if self.operation is ATTRIBUTES:
            fault = "it is no message; await order.attributes() instead"
            raise InvalidMessageError(self.name, (fault,), self.order_id)
        if isinstance(message, Message):
            if kind is not None and type(message) is not kind:
                fault = f"it takes a {kind.__name__}, not a {type(message).__name__}"
                raise InvalidMessageError(self.name, (fault,), self.order_id)
            if kind is None:
                fault = "no message type is known for it; give a mapping in wire names"
                raise InvalidMessageError(self.name, (fault,), self.order_id)
            return message
        return message if kind is None else message_from(kind, message)

    def _addressed(self, content: Content, language: str | None) -> Outgoing:
        operation = self.operation
        path = operation.path(self.order_id) if operation else ""
        url = self._sender.at(path)
        is_ours = operation is not None and self.href == self._sender.target(path)
        # Letter for letter our own: nothing is left to resolve, to warn of or to check.
        if not is_ours or self._link.deprecation is not None:
            offered = self._link.url()
            self._sender.transport.endpoint.check(offered, self.order_id)
            if operation is None or self._follow == "offered":
                path, url = path or urlsplit(offered).path, offered
        return self._sender.outgoing(
            order_id=self.order_id,
            operation=operation.name if operation else self.name,
            url=url,
            path=path,
            content=content,
            language=language,
        )

    async def _schema_in_force(self) -> ActionSchema | None:
        if self.schema or self._schema_link is None:
            return self.schema
        return await self._sender.schema(self._schema_link.url(), self.order_id)


class Actions(Mapping[str, Action]):
    """The actions of an order by the names they are offered under.

    Looking one up also finds it by its operation's name, path segment or alias:
    ``actions["invoice"]`` is ``actions["sendInvoice"]``. A missing one raises
    ActionNotOfferedError, which lists what there is. An action is made when it is looked up:
    an order may offer a dozen, and most callers want one.
    """

    def __init__(
        self, order_id: str, offered: OfferedActions, *, sender: Sender, follow: Follow
    ) -> None:
        # Not the Order: a cycle would leave each answer to the garbage collector.
        self._order_id = order_id
        self._offered = offered
        self._sender = sender
        self._follow = follow
        self._made: dict[str, Action] = {}

    def find(self, name: str) -> Action | None:
        """Return the action of that name or alias, or None."""
        if name not in self._made:
            offer = self._offered.find(name)
            if offer is None:
                return None
            self._made[name] = self._made.get(offer.name) or self._make(offer)
            self._made[offer.name] = self._made[name]
        return self._made[name]

    def _make(self, offer: OfferedAction) -> Action:
        schema = offer.schema
        return Action(
            order_id=self._order_id,
            name=offer.name,
            operation=offer.operation,
            title=offer.title,
            description=schema.description if schema else None,
            schema=schema,
            disabled=schema is not None and schema.disabled,
            disabled_reason=schema.disabled_reason if schema else None,
            href=offer.link.href,
            link=offer.link,
            schema_link=offer.schema_link,
            sender=self._sender,
            follow=self._follow,
        )

    def __getitem__(self, name: str) -> Action:
        action = self.find(name)
        if action is None:
            raise ActionNotOfferedError(self._order_id, name, tuple(self._offered))
        return action

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and self.find(name) is not None

    def get(self, name: str, default: Any = None) -> Any:  # its errors are no KeyErrors
        """Return the action of that name or alias, or ``default``."""
        return self.find(name) or default

    def __iter__(self) -> Iterator[str]:
        return iter(self._offered)

    def __len__(self) -> int:
        return len(self._offered)

    def __repr__(self) -> str:
        return f"<Actions of {self._order_id}: {', '.join(self._offered) or 'none'}>"


@attrs.define(kw_only=True, eq=False)
class Order:
    """An order, with what it permitted at the moment it was asked.

    Ask again before long: what is offered depends on the messages already sent, and an
    order that offers nothing one day has been seen to offer messages the next.
    """

    order_id: str
    document: Document = attrs.field(repr=False)
    """The HAL document that the order answered."""
    _sender: Sender = attrs.field(repr=False)
    _follow: Follow = attrs.field(repr=False)
    _actions: Actions | None = attrs.field(default=None, init=False, repr=False)

    @property
    def actions(self) -> Actions:
        """What the order offers, by name."""
        if self._actions is None:
            self._actions = Actions(
                self.order_id,
                OfferedActions(self.document),
                sender=self._sender,
                follow=self._follow,
            )
        return self._actions

    async def send(self, message: Message) -> Receipt:
        """Send a typed message, if the order offers it; raises what calling an action raises."""
        return await self.actions[message.operation].send(message)

    async def prepare(self, message: Message) -> Outgoing:
        """Check a typed message and address it, if the order offers it; nothing is sent."""
        return await self.actions[message.operation].prepare(message)

    async def attributes(self) -> OrderAttributes:
        """Ask for the buyer's language of preference."""
        return await self._sender.attributes(self.order_id)


async def discover(sender: Sender, order_id: str, follow: Follow) -> Order:
    """Ask an order which messages it permits now (getMessagingActionsForOrder)."""
    answer = await sender.get(DISCOVERY.name, sender.url(DISCOVERY, order_id), order_id)
    value = decode_answer(answer.body, operation=DISCOVERY.name, order_id=order_id)
    try:
        document = Document.parse(value, url=answer.url)
    except HalError as error:
        raise DecodeError(DISCOVERY.name, "$", str(error), order_id) from None
    return Order(order_id=order_id, document=document, sender=sender, follow=follow)
