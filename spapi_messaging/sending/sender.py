"""What both doors share, the session and an order's actions: ask about an order, and send.

A message is validated, its files are uploaded, and only then it is sent, so that a fault
costs no quota and an upload that fails means that nothing was sent.
"""

from collections.abc import Coroutine, Mapping
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeAlias

import attrs

from spapi_messaging.api import (
    ATTRIBUTES,
    OPERATIONS,
    SCHEMA,
    ActionSchema,
    Operation,
    OrderAttributes,
    decode_answer,
    structure,
)
from spapi_messaging.errors import ApiError, InvalidMessageError
from spapi_messaging.marketplaces import Marketplace
from spapi_messaging.messages import LocalizedText, Message
from spapi_messaging.redaction import cut
from spapi_messaging.sending.cache import SingleFlightCache
from spapi_messaging.sending.outgoing import Content, Outgoing, Receipt
from spapi_messaging.transport import Delivery, Request, Response, Transport

if TYPE_CHECKING:
    from spapi_messaging.sending.message_with_files import MessageWithFiles
    from spapi_messaging.sending.uploads import Uploads

Locales: TypeAlias = SingleFlightCache[tuple[str, str], str | None]
"""The buyers' locales by marketplace and order."""

MAX_LOCALE = 35


def is_in_languages(content: Content) -> bool:
    """Say whether there is a language to choose for a message."""
    text = content.text_or_none if isinstance(content, Message) else content.get("text")
    return isinstance(text, LocalizedText)


@attrs.frozen(kw_only=True)
class Sender:
    """Asks and sends through one transport, for the orders of one marketplace."""

    transport: Transport
    marketplace: Marketplace
    locales: Locales
    origin: str = attrs.field(init=False)
    """What each URL begins with, and each path follows."""
    query: str = attrs.field(init=False)
    """What follows each path."""

    @origin.default
    def _make_origin(self) -> str:
        return str(self.transport.endpoint)

    @query.default
    def _make_query(self) -> str:
        return f"?marketplaceIds={self.marketplace.id}"

    @cached_property
    def uploads(self) -> "Uploads":
        """What uploads the files of its messages; most services send none."""
        from spapi_messaging.sending.uploads import Uploads

        return Uploads(transport=self.transport)

    def url(self, operation: Operation, order_id: str) -> str:
        """Return the URL of an operation for an order."""
        return f"{self.origin}{operation.path(order_id)}{self.query}"

    def get(self, operation: str, url: str, order_id: str) -> Coroutine[Any, Any, Response]:
        """Fetch something about an order."""
        request = Request(
            operation=operation, method="GET", url=url, order_id=order_id, repeatable=True
        )
        return self.transport.call(request)

    async def attributes(self, order_id: str) -> OrderAttributes:
        """Ask for the buyer's language of preference (GetAttributes)."""
        answer = await self.get(ATTRIBUTES.name, self.url(ATTRIBUTES, order_id), order_id)
        return structure(answer.body, OrderAttributes, operation=ATTRIBUTES.name, order_id=order_id)

    async def try_upload_destination(self, order_id: str, kind: type[Message]) -> None:
        """Make an upload destination for a message; raises the error that Amazon answers."""
        await self.uploads.try_destination(
            order_id=order_id,
            marketplace_id=self.marketplace.id,
            resource=OPERATIONS[kind.operation].path(order_id),
        )

    async def in_buyers_language(
        self, content: Content, order_id: str, operation: str
    ) -> tuple[Content, str | None]:
        """Choose from a text in several languages, and say which; others stay as they are.

        The buyer's locale is asked for where there is a choice, once for an order. Raises
        InvalidMessageError where the buyer reads none of them and there is no default.
        """
        text = content.text_or_none if isinstance(content, Message) else content.get("text")
        if not isinstance(text, LocalizedText):
            return content, None
        language = await self._language(text, order_id, operation)
        chosen = text.variants[language]
        if isinstance(content, Message):
            return content.with_text(chosen), language
        return {**content, "text": chosen}, language

    async def _language(self, text: LocalizedText, order_id: str, operation: str) -> str:
        if len(text.languages) == 1:
            return text.languages[0]

        async def ask() -> str | None:
            return (await self.attributes(order_id)).buyer.locale

        locale = await self.locales.get((self.marketplace.id, order_id), ask)
        best = text.best_for(locale)
        if best is None:
            reads = f"the buyer's locale is {cut(locale or 'unknown', MAX_LOCALE)!r}"
            fault = f"{reads}, the text is in {', '.join(text.languages)}; add one, or a default"
            error = InvalidMessageError(operation, (fault,), order_id)
            error.passing = locale is None  # Amazon may know it another day
            raise error
        return best

    async def schema(self, url: str, order_id: str) -> ActionSchema | None:
        """Fetch a linked schema; None where there is none to be had.

        No model has an operation for it, and it only narrows what is checked anyway: an
        error answer means that there is no schema.
        """
        self.transport.endpoint.check(url, order_id)
        try:
            answer = await self.get(SCHEMA, url, order_id)
        except ApiError:
            return None
        raw = decode_answer(answer.body, operation=SCHEMA, order_id=order_id)
        return ActionSchema.parse(raw) if isinstance(raw, Mapping) else None

    async def address(self, message: Message, order_id: str) -> Outgoing:
        """Address a message to its operation's path, without asking the order."""
        operation = OPERATIONS[message.operation]
        content, language = await self.in_buyers_language(message, order_id, operation.name)
        return Outgoing(
            order_id=order_id,
            operation=operation.name,
            url=self.url(operation, order_id),
            resource=operation.path(order_id).lstrip("/"),
            content=content,
            language=language,
            deliver=self.deliver,
        )

    async def deliver(self, outgoing: Outgoing, delivery: Delivery) -> Receipt:
        """Upload the files of a message and send it, at most once."""
        if outgoing.has_nothing_to_upload or not outgoing.attached:
            answer = await self.transport.call(outgoing.request(()), delivery)
        else:
            answer = await self._with_files(outgoing, delivery).post()
        return Receipt(
            order_id=outgoing.order_id,
            operation=outgoing.operation,
            request_id=answer.request_id,
            sent_at=datetime.now(UTC),
            language=outgoing.language,
        )

    def _with_files(self, outgoing: Outgoing, delivery: Delivery) -> "MessageWithFiles":
        from spapi_messaging.sending.message_with_files import MessageWithFiles

        return MessageWithFiles(
            outgoing=outgoing,
            delivery=delivery,
            transport=self.transport,
            uploads=self.uploads,
            marketplace_id=self.marketplace.id,
        )
