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
from spapi_messaging.bulk.journal import Entry, Journal, State, key_of
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
from spapi_messaging.errors import (
    ApiError,
    ClaimedError,
    InDoubtError,
    JournalError,
    MessagingError,
)
from spapi_messaging.redaction import cut
from spapi_messaging.sending import Outgoing
from spapi_messaging.transport import Delivery

OnDoubt: TypeAlias = Literal["report", "resend", "rediscover"]

MAX_REASON = 200

Checkout: TypeAlias = Callable[[Job], AbstractAsyncContextManager[Seller]]
"""Checks out the session of a job's seller."""


@attrs.define
class _Record:
    """What the journal says of one job."""

    journal: Journal
    clock: Callable[[], float]
    entry: Entry
    written: bool = False
    doubted: bool = False
    """Whether an earlier run may have sent it: then nothing of this one is proof that not."""

    async def sending(self, language: str | None) -> None:
        """Commit that the message goes out now, once."""
        if not self.written:
            self.entry = attrs.evolve(
                self.entry, began_at=self.clock(), state="sending", language=language
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
    """The rates in force, by account and operation, of what was sent."""
    _orders: OrderCache = attrs.field(factory=OrderCache, init=False)
    _active: set[str] = attrs.field(factory=set, init=False)

    async def do(self, job: Job, delivery: Delivery) -> Outcome:
        """Do a job and return its outcome; raises JournalError, after which nothing may go out."""
        try:
            async with self.checkout(job) as session:
                self._note_limiter(job, session)
                if self.journal is None:
                    refused = await self._apply_policy(job)
                    return refused or await self._send(job, session, delivery, None)
                return await self._do_once(job, session, delivery, self.journal)
        except ClaimedError:
            return Skipped(job, "repeated")
        except JournalError:
            raise
        except MessagingError as error:  # of the checkout: a seller without credentials
            return outcome_of(job, error)

    def _note_limiter(self, job: Job, session: Seller) -> None:
        operation = job.message.operation
        limiter = session.limits.limiter(session.account, operation)
        self.limiters[session.account, operation] = lambda: limiter.quota.rate

    async def _do_once(
        self, job: Job, session: Seller, delivery: Delivery, journal: Journal
    ) -> Outcome:
        """Do a job that no equal one of this run is being done with."""
        marketplace = (job.marketplace or session.marketplace).id
        key = key_of(job, seller=session.seller, marketplace=marketplace)
        if key in self._active:
            return Skipped(job, "repeated")
        self._active.add(key)
        outcome: Outcome | None = None
        try:
            found = await journal.find(key)
            record = self._record(job, session, journal, key)
            outcome = await self._look_up(job, session, found, record)
            # What a policy refuses is not written down: it may be another one tomorrow.
            outcome = outcome or await self._apply_policy(job)
            outcome = outcome or await self._send(job, session, delivery, record)
            return outcome
        finally:
            # What is in doubt is not for an equal job of this run to find, and to send again.
            if not isinstance(outcome, InDoubt):
                self._active.discard(key)

    def _record(self, job: Job, session: Seller, journal: Journal, key: str) -> _Record:
        entry = Entry(
            key=key,
            seller=session.seller,
            marketplace=(job.marketplace or session.marketplace).id,
            order_id=job.order_id,
            operation=job.message.operation,
            state="not sent",
            began_at=self.clock(),
        )
        return _Record(journal, self.clock, entry)

    async def _apply_policy(self, job: Job) -> Refused | None:
        """Refuse a job for what its text contains, if the run is told to."""
        error = await self.content_check.refusal(job)
        return Refused(job, error) if error else None

    async def _look_up(
        self, job: Job, session: Seller, found: Entry | None, record: _Record
    ) -> Outcome | None:
        """Say what the journal knows; None if the message is to be sent."""
        if found is None or found.state == "not sent":
            return None
        if found.state in {"sent", "refused"}:
            return Skipped(job, found.state, found.evidence)
        record.doubted = True
        if self.on_doubt == "resend":
            return None
        if self.on_doubt == "rediscover":
            evidence = await self._evidence(job, session)
            if evidence:
                record.entry = attrs.evolve(record.entry, began_at=found.began_at)
                await record.ended("sent", evidence=evidence)
                return Skipped(job, "sent", evidence)
        cause = "the journal has it as being sent, and no answer"
        return InDoubt(
            job, InDoubtError(job.message.operation, cause, job.order_id, found.request_id)
        )

    async def _evidence(self, job: Job, session: Seller) -> str | None:
        try:
            order = await self._orders.order(session, job)
        except MessagingError:
            return None  # an order that cannot be asked gives no evidence
        action = order.actions.find(job.message.operation)
        if action is None:
            return "the order no longer offers the action"
        if action.disabled:
            reason = cut(action.disabled_reason or "no reason", MAX_REASON)
            return f"the order has disabled the action ({reason})"
        return None

    async def _send(
        self, job: Job, session: Seller, delivery: Delivery, record: _Record | None
    ) -> Outcome:
        """Send the message, and write down what became of it."""
        outcome: Outcome
        try:
            outgoing = await self._prepare(job, session)
            if record is not None:
                delivery.before_send = functools.partial(record.sending, outgoing.language)
            outcome = Sent(job, await outgoing.deliver(delivery))
        except JournalError:
            raise
        except MessagingError as error:
            outcome = outcome_of(job, error)
            if isinstance(outcome, NotSent) and record is not None and record.doubted:
                outcome = _doubted_still(job, error)
        except asyncio.CancelledError:
            # What nobody knows stays 'sending'.
            if record is not None and record.written and delivery.known is not None:
                await record.ended(delivery.known, reason="stopped")
            raise
        if record is not None:
            await _ended(record, outcome)
        return outcome

    async def _prepare(self, job: Job, session: Seller) -> Outgoing:
        if self.discover:
            order = await self._orders.order(session, job)
            return await order.prepare(job.rendered)
        return await session.address(job.order_id, job.rendered, marketplace=job.marketplace)


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


def _request_id(error: MessagingError) -> str | None:
    return error.request_id if isinstance(error, ApiError) else None


def _reason(error: MessagingError) -> str:
    """Name an error without its text, which may hold what a buyer wrote or a file is called."""
    code = f" {error.status} {error.code}" if isinstance(error, ApiError) else ""
    return f"{type(error).__name__}{code}"
