"""One action that an order offers: what it says of itself, and a call that sends.

An action knows both the link that the order offers and the operation that Amazon documents,
whose names differ at times (``sendInvoice`` is offered for ``…/messages/invoice``). Whether
the offered link answers a POST is not documented, so the operation's path is used, and
``follow="offered"`` on the session is the explicit other choice. An action that we have no
operation for is followed as offered and called with plain values.

``attributes`` may stand among the actions; it is a GET and not a message.
"""

from collections.abc import Mapping
from typing import Any, Literal, overload
from urllib.parse import urlsplit

import attrs

from spapi_messaging.api import (
    ATTRIBUTES,
    ActionSchema,
    OfferedAction,
    Operation,
    message_from,
)
from spapi_messaging.errors import ActionDisabledError, InvalidMessageError
from spapi_messaging.messages import Message
from spapi_messaging.sending import Content, Outgoing, Receipt, Sender, is_in_languages

Follow = Literal["operation", "offered"]


@attrs.frozen(eq=False, repr=False)
class Action:
    """One action that an order offers. Call it to send: ``await action(text="…")``.

    What the order says of it is read when it is asked for: most callers send, and ask for nothing.
    """

    order_id: str
    _offer: OfferedAction
    _sender: Sender
    _follow: Follow

    def __repr__(self) -> str:
        state = " (disabled)" if self.disabled else ""
        return f"<Action {self.name} of order {self.order_id}{state}>"

    @property
    def name(self) -> str:
        """The name under which the order offers it."""
        return self._offer.name

    @property
    def operation(self) -> Operation | None:
        """The documented operation behind it; None for one that this package does not know."""
        return self._offer.operation

    @property
    def title(self) -> str | None:
        """What people call it, in Amazon's words."""
        return self._offer.title

    @property
    def description(self) -> str | None:
        """What it is for, in Amazon's words."""
        return self.schema.description if self.schema else None

    @property
    def schema(self) -> ActionSchema | None:
        """The schema that the order embeds; a linked one is fetched when the action is called."""
        return self._offer.schema

    @property
    def disabled(self) -> bool:
        """Whether the order offers it and does not take it now."""
        return self.schema is not None and self.schema.disabled

    @property
    def disabled_reason(self) -> str | None:
        """Why it is disabled, in Amazon's words."""
        return self.schema.disabled_reason if self.schema else None

    @property
    def href(self) -> str:
        """The link as offered."""
        return self._offer.link.href

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
        schema, language = self._offer.schema, None
        content = self._content(message)
        if schema is not None and schema.disabled:
            raise self._disabled_error(schema)
        if is_in_languages(content):
            operation = self.operation.name if self.operation else self.name
            content, language = await self._sender.in_buyers_language(
                content, self.order_id, operation
            )
        outgoing = self._addressed(content, language)
        linked = self._offer.schema_link if schema is None else None
        if linked is not None:
            schema = await self._sender.schema(linked.url(), self.order_id)
            if schema is not None and schema.disabled:
                raise self._disabled_error(schema)
        outgoing.check(schema)
        return outgoing

    def _content(self, message: Content) -> Content:
        operation = self._offer.operation
        if operation is ATTRIBUTES:
            fault = "it is no message; await order.attributes() instead"
            raise InvalidMessageError(self.name, (fault,), self.order_id)
        kind = operation.message_type if operation else None
        if isinstance(message, Message):
            if kind is not None and type(message) is not kind:
                fault = f"it takes a {kind.__name__}, not a {type(message).__name__}"
                raise InvalidMessageError(self.name, (fault,), self.order_id)
            if kind is None:
                fault = "no message type is known for it; give a mapping in wire names"
                raise InvalidMessageError(self.name, (fault,), self.order_id)
            return message
        return message if kind is None else message_from(kind, message)

    def _disabled_error(self, schema: ActionSchema) -> ActionDisabledError:
        return ActionDisabledError(self.order_id, self.name, schema.disabled_reason)

    def _addressed(self, content: Content, language: str | None) -> Outgoing:
        offer, sender = self._offer, self._sender
        operation = offer.operation
        path = operation.path(self.order_id) if operation else ""
        target = f"{path}{sender.query}"
        url = f"{sender.origin}{target}"
        # Letter for letter our own: nothing is left to resolve, to warn of or to check.
        if operation is None or not offer.leads_to(target):
            link = offer.link.url()
            sender.transport.endpoint.check(link, self.order_id)
            if operation is None or self._follow == "offered":
                path, url = path or urlsplit(link).path, link
        return Outgoing(
            order_id=self.order_id,
            operation=operation.name if operation else offer.name,
            url=url,
            resource=path.lstrip("/"),
            content=content,
            language=language,
            deliver=sender.deliver,
        )
