"""What users write, as their type checkers see it. It is checked, and never run."""

from collections.abc import Iterator
from pathlib import Path
from typing import assert_type

from redis.asyncio import Redis

from spapi_messaging import (
    Action,
    Attachment,
    Credentials,
    File,
    Invoice,
    Job,
    Marketplace,
    MessagingSession,
    Order,
    OrderAttachments,
    RateLimits,
    Receipt,
    SellerPool,
    UnexpectedProblem,
    order_jobs,
    read_orders,
)
from spapi_messaging.api.wire import OrderAttributes
from spapi_messaging.quota.redis import RedisRateLimits


async def asks_and_sends() -> None:
    async with MessagingSession(Credentials.from_env(), marketplace=Marketplace.DE) as session:
        order = await session.order("903-1671087-0812628")
        assert_type(order, Order)
        assert_type(order.actions["invoice"], Action)
        assert_type(await order.actions["invoice"](attachments=[Path("a.pdf")]), Receipt)
        assert_type(await order.actions["new"]({"text": "…"}), Receipt)
        assert_type(await order.send(UnexpectedProblem(text="…")), Receipt)
        assert_type(await order.attributes(), OrderAttributes)
        assert_type(await session.send("903-1671087-0812628", UnexpectedProblem(text="…")), Receipt)


def attaches() -> None:
    Invoice(attachments=[Path("a.pdf"), File(b"PDF", name="b.pdf"), Attachment("id", "c.pdf")])
    UnexpectedProblem("text is a keyword")  # type: ignore[call-arg]  # a type checker sees it
    UnexpectedProblem()  # type: ignore[call-arg]  # a type checker sees it


def shares_quotas(redis: Redis) -> None:
    for limits in (RateLimits(), RedisRateLimits(redis)):
        MessagingSession(Credentials.from_env(), marketplace=Marketplace.DE, limits=limits)
        SellerPool(lambda _: Credentials.from_env(), marketplace=Marketplace.DE, limits=limits)


def reads_orders(path: Path, invoices: OrderAttachments) -> None:
    with read_orders(path, marketplace=Marketplace.DE, where=["quantity>1"], limit=10) as file:
        assert_type(file.rows[0].marketplace, Marketplace | None)
        assert_type([str(fault) for fault in file.faults], list[str])
        assert_type(next(file.orders()).fields["items"], str)
        assert_type(order_jobs(file, UnexpectedProblem(text="$items"), seller="a"), Iterator[Job])
        assert_type(
            order_jobs(file, lambda order: Invoice(attachments=[invoices.of(order.order_id)])),
            Iterator[Job],
        )
    read_orders(b"order-id", where="quantity>1").close()
