"""One job of a bulk run: looked up, discovered, sent, written down, and judged.

The row 'sending' is committed when the message has its turn and before its first byte, the
outcome after the answer. A job that is cancelled is written down as far as it came.
"""

import asyncio
import functools
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, suppress
from typing import Literal, TypeAlias

import attrs

from spapi_messaging.bulk.content_policy import ContentCheck
from spapi_messaging.bulk.job import Job
from spapi_messaging.bulk.journal import ClaimedError, Entry, Journal, State, key_of
from spapi_messaging.bulk.outcomes import (
    InDoubt,
    NotSent,
    Outcome,
    Refused,
    Sent,
    Skipped,
    outcome_of,
)
from spapi_messaging.bulk.seller import OrderCache, Seller
from spapi_messaging.errors import ApiError, InDoubtError, JournalError, MessagingError
from spapi_messaging.sending import Receipt
from spapi_messaging.transport import Delivery

OnDoubt: TypeAlias = Literal["report", "resend", "rediscover"]

MAX_REASON = 200

Checkout: TypeAlias = Callable[[Job], AbstractAsyncContextManager[Seller]]
"""Lends the session of a job's seller."""


@attrs.define
class _Record:
    """What the journal says of one job."""

    journal: Journal | None
    clock: Callable[[], float]
    entry: Entry
    written: bool = False
    doubted: bool = False
    """Whether an earlier run may have sent it: then nothing of this one is proof that not."""

    async def sending(self, delivery: Delivery) -> None:
        """Commit that the message goes out now, once."""
        if self.journal is not None and not self.written:
            self.entry = attrs.evolve(
                self.entry, began_at=self.clock(), state="sending", language=delivery.language
            )
            self.written = True
            await self.journal.write(self.entry)

    async def ended(
        self,
        state: State,
        *,
        request_id: str | None = None,
        reason: str | None = None,
        evidence: str | None = None,
    ) -> None:
        """Commit how it ended."""
        if self.journal is not None:
            self.entry = attrs.evolve(
                self.entry,
                state="sending" if self.doubted and state == "not sent" else state,
                request_id=request_id,
                reason=reason,
                evidence=evidence,
                ended_at=self.clock(),
            )
            with suppress(ClaimedError):  # another run has it by now, and says how it ended
                await self.journal.write(self.entry)


@attrs.define(kw_only=True)
class JobWorker:
    """Does jobs, one call each."""

    checkout: Checkout
    journal: Journal | None
    on_doubt: OnDoubt
    discover: bool
    clock: Callable[[], float]
    """Wall time in seconds, for the journal."""
    content_check: ContentCheck = attrs.field(factory=lambda: ContentCheck("warn"))
    limiters: dict[tuple[str, str], Callable[[], float]] = attrs.field(factory=dict)
    """The rates in force, by seller and operation, of what was sent."""
    _orders: OrderCache = attrs.field(factory=OrderCache, init=False)
    _active: set[str] = attrs.field(factory=set, init=False)

    async def do(self, job: Job, delivery: Delivery) -> Outcome:
        """Do a job and give its outcome; raises JournalError, after which nothing may go out."""
        try:
            async with self.checkout(job) as seller:
                return await self._once(job, seller, delivery)
        except ClaimedError:
            return Skipped(job, "repeated")
        except JournalError:
            raise
        except MessagingError as error:  # of the lease: a seller whom nobody can write for
            return outcome_of(job, error)

    async def _once(self, job: Job, seller: Seller, delivery: Delivery) -> Outcome:
        limiter = seller.limits.limiter(seller.account, job.message.operation)
        self.limiters[seller.account, job.message.operation] = lambda: limiter.quota.rate
        if self.journal is None:
            return await self._refused(job) or await self._attempt(job, seller, delivery, None)
        marketplace = (job.marketplace or seller.marketplace).id
        key = key_of(job, seller=seller.seller, marketplace=marketplace)
        if key in self._active:
            return Skipped(job, "repeated")
        self._active.add(key)
        outcome: Outcome | None = None
        try:
            found = await self.journal.find(key)
            record = _Record(
                self.journal,
                self.clock,
                Entry(
                    key=key,
                    seller=seller.seller,
                    marketplace=marketplace,
                    order_id=job.order_id,
                    operation=job.message.operation,
                    state="not sent",
                    began_at=self.clock(),
                ),
            )
            known = found and await self._known(job, seller, found, record)
            # What a policy refuses is not written down: it may be another one tomorrow.
            outcome = known or await self._refused(job)
            outcome = outcome or await self._attempt(job, seller, delivery, record)
            return outcome
        finally:
            # What is in doubt is not for an equal job of this run to find, and to send again.
            if not isinstance(outcome, InDoubt):
                self._active.discard(key)

    async def _refused(self, job: Job) -> Refused | None:
        error = await self.content_check.refusal(job)
        return Refused(job, error) if error else None

    async def _known(
        self, job: Job, seller: Seller, found: Entry, record: _Record
    ) -> Outcome | None:
        """Say what the journal knows; None if the message is to be sent."""
        if found.state in {"sent", "refused"}:
            return Skipped(job, found.state, found.evidence)
        if found.state == "not sent":
            return None
        record.doubted = True
        if self.on_doubt == "resend":
            return None
        if self.on_doubt == "rediscover":
            evidence = await self._evidence(job, seller)
            if evidence:
                record.entry = attrs.evolve(record.entry, began_at=found.began_at)
                await record.ended("sent", evidence=evidence)
                return Skipped(job, "sent", evidence)
        cause = "the journal has it as being sent, and no answer"
        return InDoubt(
            job, InDoubtError(job.message.operation, cause, job.order_id, found.request_id)
        )

    async def _evidence(self, job: Job, seller: Seller) -> str | None:
        try:
            order = await self._orders.order(seller, job)
        except MessagingError:
            return None  # who cannot be asked gives no evidence
        action = order.actions.find(job.message.operation)
        if action is None:
            return "the order no longer offers the action"
        if action.disabled:
            reason = (action.disabled_reason or "no reason")[:MAX_REASON]
            return f"the order has disabled the action ({reason})"
        return None

    async def _attempt(
        self, job: Job, seller: Seller, delivery: Delivery, record: _Record | None
    ) -> Outcome:
        if record is not None:
            delivery.before_send = functools.partial(record.sending, delivery)
        outcome: Outcome
        try:
            outcome = Sent(job, await self._send(job, seller, delivery))
        except JournalError:
            raise
        except MessagingError as error:
            outcome = outcome_of(job, error)
            if isinstance(outcome, NotSent) and record is not None and record.doubted:
                outcome = _doubted_still(job, error)
        except asyncio.CancelledError:
            if record is not None and record.written:
                await _ended_by_cancellation(record, delivery)
            raise
        if record is not None:
            await _ended(record, outcome)
        return outcome

    async def _send(self, job: Job, seller: Seller, delivery: Delivery) -> Receipt:
        if self.discover:
            order = await self._orders.order(seller, job)
            return await order.send(job.rendered, delivery=delivery)
        return await seller.send(
            job.order_id,
            job.rendered,
            discover=False,
            marketplace=job.marketplace,
            delivery=delivery,
        )


def _doubted_still(job: Job, error: MessagingError) -> InDoubt:
    cause = f"an earlier run may have sent it; this one could not ({_reason(error)})"
    doubt = InDoubtError(job.message.operation, cause, job.order_id, _request_id(error))
    return InDoubt(job, doubt)


async def _ended(record: _Record, outcome: Outcome) -> None:
    match outcome:
        case Sent(receipt=receipt):
            await record.ended("sent", request_id=receipt.request_id)
        case Refused(error=error):
            await record.ended("refused", request_id=_request_id(error), reason=_reason(error))
        case NotSent(error=error):
            await record.ended("not sent", request_id=_request_id(error), reason=_reason(error))
        case InDoubt(error=error):
            await record.ended("sending", request_id=error.request_id, reason=error.cause)
        case _:
            pass


async def _ended_by_cancellation(record: _Record, delivery: Delivery) -> None:
    """Write down what is known of a message whose sending was broken off."""
    if not delivery.head_sent or (delivery.status is not None and 400 <= delivery.status < 500):  # noqa: PLR2004
        await record.ended("not sent", reason="stopped")
    elif delivery.status is not None and delivery.status < 300:  # noqa: PLR2004
        await record.ended("sent", reason="stopped")


def _request_id(error: MessagingError) -> str | None:
    return error.request_id if isinstance(error, ApiError) else None


def _reason(error: MessagingError) -> str:
    """Name an error without its text, which may hold what a buyer wrote or a file is called."""
    code = f" {error.status} {error.code}" if isinstance(error, ApiError) else ""
    return f"{type(error).__name__}{code}"
