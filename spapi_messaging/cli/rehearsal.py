"""The rehearsal of a run: the same run with the journal as it is, in which no message goes out.

It is a bulk run whose orders are asked as ever, and whose messages stop where their first byte
would leave. What it says of skipped, repeated, refused and doubtful jobs is what the run's own
code decides, so the numbers are those that the run then has, as far as Amazon stays as it is.
"""

import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import attrs

from spapi_messaging.bulk import (
    BulkRun,
    Entry,
    InDoubt,
    Job,
    JournalLookup,
    NotSent,
    Outcome,
    Refused,
    Seller,
    Sent,
    Skipped,
    Summary,
)
from spapi_messaging.cli.campaign import Campaign
from spapi_messaging.cli.jobfile import Checked
from spapi_messaging.cli.settings import console, tell
from spapi_messaging.cli.skipped import SkippedOnes
from spapi_messaging.cli.view import exit_code, reason_of
from spapi_messaging.marketplaces import Marketplace
from spapi_messaging.messages import Message
from spapi_messaging.order import Order
from spapi_messaging.quota import Quota
from spapi_messaging.sellers import SellerPool
from spapi_messaging.sending import Outgoing, Receipt
from spapi_messaging.transport import Delivery

_WOULD = {Refused: "would be refused", NotSent: "would not be sent", InDoubt: "in doubt"}


async def rehearse_all(campaign: Campaign, checked: Checked) -> int:
    """Say what a run would do now, without sending; return the exit code that it would have."""
    options, skipped = campaign.options, SkippedOnes()
    screen = console()

    def see(outcome: Outcome) -> None:
        skipped.see(outcome)
        if not isinstance(outcome, Sent | Skipped):
            tell(screen, f"{_WOULD[type(outcome)]}: {reason_of(outcome)}")

    with campaign.journal() as reader:
        async with campaign.pool() as pool, _rehearsed(campaign, pool, reader) as outcomes:
            async for outcome in outcomes:
                see(outcome)
    summary = outcomes.summary
    for text in _forecast(summary, checked, options.quota, asks=not options.no_discover):
        tell(screen, text)
    for text in skipped.lines():
        tell(screen, text)
    return exit_code(summary)


def _rehearsed(campaign: Campaign, pool: SellerPool, reader: JournalLookup) -> BulkRun:
    @asynccontextmanager
    async def checkout(job: Job) -> AsyncIterator[Seller]:
        async with pool.session(str(job.seller)) as session:
            yield _Rehearsing(session)

    return BulkRun(
        campaign.jobs(),
        checkout=checkout,
        clock=time.time,
        **campaign.options.for_bulk(_Unwritten(reader)),
    )


def _forecast(summary: Summary, checked: Checked, quota: Quota, *, asks: bool) -> list[str]:
    sent, asked = Counter[str](), 0
    for operation, counts in summary.counts.items():
        sent[operation] = counts.get("Sent", 0)
        asked += sum(counts.get(kind, 0) for kind in ("Sent", "Refused", "NotSent"))
    which = ":" if sent.total() else "."
    lines = [f"Nothing was sent. {sent.total()} of {checked.jobs} messages would be sent{which}"]
    lines += [f"  {operation}: {count}" for operation, count in sorted(sent.items()) if count]
    total = summary.total
    told = {said: total.get(kind.__name__) for kind, said in _WOULD.items()}
    lines += [f"{count} {said}" for said, count in told.items() if count]
    if summary.skipped.get("sent"):
        lines.append(f"{summary.skipped['sent']} would be skipped as sent before")
    slowest = max([0, *sent.values(), asked if asks else 0])
    seconds = max(slowest - quota.burst, 0) / quota.rate
    lines.append(f"At {quota.rate:g} requests a second it would take about {seconds:.0f} s.")
    return lines


@attrs.frozen
class _Unwritten:
    """A journal that is read, and takes nothing."""

    reader: JournalLookup

    async def find(self, key: str, /) -> Entry | None:
        return self.reader.find(key)

    async def of_order(self, order_id: str, /) -> Sequence[Entry]:
        return self.reader.of_order(order_id)

    async def write(self, entry: Entry, /) -> None:
        pass


@attrs.frozen
class _Rehearsing:
    """A session whose messages are prepared and do not go out."""

    session: Seller

    @property
    def account(self) -> str:
        return self.session.account

    @property
    def seller(self) -> str:
        return self.session.seller

    @property
    def marketplace(self) -> Marketplace:
        return self.session.marketplace

    @property
    def limits(self) -> Any:
        return self.session.limits

    @property
    def patience(self) -> float:
        return self.session.patience

    async def order(self, order_id: str, *, marketplace: Marketplace | None = None) -> Any:
        return _RehearsedOrder(await self.session.order(order_id, marketplace=marketplace))

    async def address(
        self, order_id: str, message: Message, *, marketplace: Marketplace | None = None
    ) -> Outgoing:
        return _kept(await self.session.address(order_id, message, marketplace=marketplace))


@attrs.frozen
class _RehearsedOrder:
    """An order, of which a run knows only what is here."""

    order: Order

    @property
    def actions(self) -> Any:
        return self.order.actions

    async def prepare(self, message: Message) -> Outgoing:
        return _kept(await self.order.prepare(message))


def _kept(outgoing: Outgoing) -> Outgoing:
    """Return a message that stops before its first byte."""
    return attrs.evolve(outgoing, deliver=_not_delivered)


async def _not_delivered(outgoing: Outgoing, _: Delivery) -> Receipt:
    return Receipt(
        order_id=outgoing.order_id,
        operation=outgoing.operation,
        request_id=None,
        sent_at=datetime.now(UTC),
        language=outgoing.language,
    )
