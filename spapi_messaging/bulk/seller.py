"""What a run asks of a session, and the answers of orders that serve several jobs."""

from collections.abc import Coroutine
from typing import Any, Protocol, TypeAlias

from spapi_messaging.bulk.job import Job
from spapi_messaging.marketplaces import Marketplace
from spapi_messaging.messages import Message
from spapi_messaging.order import Order
from spapi_messaging.quota import Limits
from spapi_messaging.sending import Outgoing, SingleFlightCache

_ORDER_TTL = 10.0
"""Seconds for which the answer of an order serves all of its jobs."""
MAX_ORDERS = 1000


class Seller(Protocol):
    """What a job needs of a session."""

    @property
    def account(self) -> str:
        """The seller's account, which the quotas are kept under."""
        ...

    @property
    def seller(self) -> str:
        """The name that a journal knows the seller by; new credentials do not change it."""
        ...

    @property
    def marketplace(self) -> Marketplace:
        """The marketplace of orders whose job names none."""
        ...

    @property
    def limits(self) -> Limits:
        """The limiters of its operations."""
        ...

    @property
    def patience(self) -> float:
        """Seconds for which its jobs wait while Amazon is away."""
        ...

    async def order(self, order_id: str, *, marketplace: Marketplace | None = None) -> Order:
        """Ask an order."""
        ...

    async def address(
        self, order_id: str, message: Message, *, marketplace: Marketplace | None = None
    ) -> Outgoing:
        """Address a message without asking the order."""
        ...


_Key: TypeAlias = tuple[Seller, str, str]


class OrderCache:
    """The answers of orders, asked once for all jobs that come within seconds.

    An answer belongs to the session that asked: its actions send through that one, and another
    session of the same seller may have taken its place.
    """

    def __init__(self) -> None:
        self._answers: SingleFlightCache[_Key, Order] = SingleFlightCache(
            ttl=_ORDER_TTL, maxsize=MAX_ORDERS
        )

    def order(self, session: Seller, job: Job) -> Coroutine[Any, Any, Order]:
        """Return the order of a job; raises what asking it raises, to all that wait."""
        marketplace = job.marketplace or session.marketplace
        return self._answers.get(
            (session, marketplace.id, job.order_id),
            lambda: session.order(job.order_id, marketplace=marketplace),
        )
