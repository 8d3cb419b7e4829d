"""What a run asks of a session, and the answers of orders that serve several jobs."""

import asyncio
import copy
from collections import OrderedDict
from typing import Protocol, TypeAlias

from spapi_messaging.connection import Trail
from spapi_messaging.errors import MessagingError
from spapi_messaging.limits import RateLimits
from spapi_messaging.marketplaces import Marketplace
from spapi_messaging.messages import Job, Message
from spapi_messaging.order import Order
from spapi_messaging.sending import Receipt

_FRESH = 10.0
"""Seconds for which the answer of an order serves all of its jobs."""
_MOST_ORDERS = 1000


class Seller(Protocol):
    """What a job needs of a session."""

    @property
    def seller(self) -> str:
        """The name of the seller's account."""
        ...

    @property
    def name(self) -> str:
        """The name that a journal knows the seller by; new credentials do not change it."""
        ...

    @property
    def marketplace(self) -> Marketplace:
        """The marketplace of orders whose job names none."""
        ...

    @property
    def limits(self) -> RateLimits:
        """The limiters of its operations."""
        ...

    async def order(self, order_id: str, *, marketplace: Marketplace | None = None) -> Order:
        """Ask an order."""
        ...

    async def send(
        self,
        order_id: str,
        message: Message,
        *,
        discover: bool = True,
        marketplace: Marketplace | None = None,
        trail: Trail | None = None,
    ) -> Receipt:
        """Send a message."""
        ...


_Key: TypeAlias = tuple[Seller, str, str]
_Answer: TypeAlias = "asyncio.Future[Order | MessagingError | None]"


class FreshOrders:
    """The answers of orders, asked once for all jobs that come within seconds.

    An answer belongs to the session that asked: its actions send through that one, and another
    session of the same seller may have taken its place.
    """

    def __init__(self) -> None:
        self._asking: dict[_Key, _Answer] = {}
        self._answered: OrderedDict[_Key, tuple[float, Order]] = OrderedDict()

    async def order(self, seller: Seller, job: Job) -> Order:
        """Give the order of a job; raises what asking it raises, to all who wait for it."""
        marketplace = job.marketplace or seller.marketplace
        key = (seller, marketplace.id, job.order_id)
        self._forget_stale()
        while key not in self._answered and key in self._asking:
            found = await asyncio.shield(self._asking[key])
            if isinstance(found, MessagingError):
                raise copy.copy(found)
            if found is not None:
                return found
        if key in self._answered:
            return self._answered[key][1]
        return await self._ask(key, job.order_id, marketplace)

    async def _ask(self, key: _Key, order_id: str, marketplace: Marketplace) -> Order:
        loop = asyncio.get_running_loop()
        answer = self._asking[key] = loop.create_future()
        found: Order | MessagingError | None = None  # cancelled: who waits asks by himself
        try:
            found = order = await key[0].order(order_id, marketplace=marketplace)
        except MessagingError as error:
            found = error
            raise
        finally:
            del self._asking[key]
            answer.set_result(found)
        self._answered[key] = (loop.time(), order)
        self._forget_stale()
        return order

    def _forget_stale(self) -> None:
        """Forget the answers that are too old, or too many; the oldest come first."""
        stale = asyncio.get_running_loop().time() - _FRESH
        while self._answered:
            key, (answered_at, _) = next(iter(self._answered.items()))
            if answered_at > stale and len(self._answered) <= _MOST_ORDERS:
                return
            del self._answered[key]
