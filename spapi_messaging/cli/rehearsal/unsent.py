"""Messages that stop where their first byte would leave, and what they would have been."""

import asyncio
import functools
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import attrs

from spapi_messaging.bulk import Entry, JournalLookup, Seller
from spapi_messaging.marketplaces import Marketplace
from spapi_messaging.messages import Attachment, Message
from spapi_messaging.order import Order
from spapi_messaging.sending import Content, FileSeen, Outgoing, Receipt, look_closely
from spapi_messaging.transport import Delivery


@attrs.frozen(kw_only=True)
class Rehearsed(Receipt):
    """What would have been sent: ``content`` in the buyer's language, and its files as read."""

    account: str
    marketplace: Marketplace
    content: Content = attrs.field(repr=False)
    files: Sequence[FileSeen | Attachment]

    @property
    def message(self) -> Message:
        """The message; a run sends no plain values."""
        if not isinstance(self.content, Message):
            raise TypeError("a run sends messages")
        return self.content


@attrs.frozen
class Unwritten:
    """A journal that is read, and takes nothing."""

    reader: JournalLookup

    async def find(self, key: str, /) -> Entry | None:
        """Find an entry by its key."""
        return self.reader.find(key)

    async def of_order(self, order_id: str, /) -> Sequence[Entry]:
        """Find the entries of an order."""
        return self.reader.of_order(order_id)

    async def write(self, entry: Entry, /) -> None:
        """Write nothing."""


@attrs.frozen
class Rehearsing:
    """A session whose messages are prepared and do not go out; ``asked`` counts by account."""

    session: Seller
    asked: Counter[str] = attrs.field(eq=False)

    @property
    def account(self) -> str:
        """The seller's account, which the quotas are kept under."""
        return self.session.account

    @property
    def seller(self) -> str:
        """The name that a journal knows the seller by."""
        return self.session.seller

    @property
    def marketplace(self) -> Marketplace:
        """The marketplace of orders whose job names none."""
        return self.session.marketplace

    @property
    def limits(self) -> Any:
        """The limiters of its operations."""
        return self.session.limits

    @property
    def patience(self) -> float:
        """Seconds for which its jobs wait while Amazon is away."""
        return self.session.patience

    async def order(self, order_id: str, *, marketplace: Marketplace | None = None) -> Any:
        """Ask an order."""
        self.asked[self.account] += 1
        try:
            order = await self.session.order(order_id, marketplace=marketplace)
        except asyncio.CancelledError:
            self.asked[self.account] -= 1
            raise
        return _RehearsedOrder(order, self.account, marketplace or self.marketplace)

    async def address(
        self, order_id: str, message: Message, *, marketplace: Marketplace | None = None
    ) -> Outgoing:
        """Address a message that will not go out."""
        outgoing = await self.session.address(order_id, message, marketplace=marketplace)
        return _kept(outgoing, self.account, marketplace or self.marketplace)


@attrs.frozen
class _RehearsedOrder:
    """An order, of which a run knows only what is here."""

    order: Order
    account: str
    marketplace: Marketplace

    @property
    def actions(self) -> Any:
        return self.order.actions

    async def prepare(self, message: Message) -> Outgoing:
        return _kept(await self.order.prepare(message), self.account, self.marketplace)


def _kept(outgoing: Outgoing, account: str, marketplace: Marketplace) -> Outgoing:
    """Return a message that stops before its first byte."""
    deliver = functools.partial(_not_delivered, account=account, marketplace=marketplace)
    return attrs.evolve(outgoing, deliver=deliver)


async def _not_delivered(
    outgoing: Outgoing, _: Delivery, *, account: str, marketplace: Marketplace
) -> Receipt:
    return Rehearsed(
        order_id=outgoing.order_id,
        operation=outgoing.operation,
        request_id=None,
        sent_at=datetime.now(UTC),
        language=outgoing.language,
        account=account,
        marketplace=marketplace,
        content=outgoing.content,
        files=await look_closely(outgoing.attached, outgoing.order_id),
    )
