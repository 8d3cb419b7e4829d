"""One job of a bulk run: looked up, discovered, sent, written down, and judged.

What the journal knows comes before anything is asked of Amazon. The row 'sending' is committed
when the message has its turn and before its first byte, the outcome after the answer. A job that
is cancelled is written down as far as it came.
"""

import asyncio
import functools
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Literal, TypeAlias

import attrs

from spapi_messaging.api import DISCOVERY
from spapi_messaging.bulk.content_policy import ContentCheck
from spapi_messaging.bulk.identity import Identity, Once
from spapi_messaging.bulk.job import Job
from spapi_messaging.bulk.journal import Entry, Journal
from spapi_messaging.bulk.lookup import Known, known_of
from spapi_messaging.bulk.outage import Outage, away_in
from spapi_messaging.bulk.outcomes import (
    InDoubt,
    NotSent,
    Outcome,
    Refused,
    Sent,
    Skipped,
    outcome_of,
)
from spapi_messaging.bulk.plans import PlanNotes
from spapi_messaging.bulk.reasons import reason_for, reason_in_words
from spapi_messaging.bulk.record import Record, Subject, request_id
from spapi_messaging.bulk.repeats import Repeats
from spapi_messaging.bulk.seller import OrderCache, Seller
from spapi_messaging.errors import ClaimedError, InDoubtError, JournalError, MessagingError
from spapi_messaging.quota import Limiter
from spapi_messaging.redaction import cut
from spapi_messaging.sending import Outgoing, Receipt
from spapi_messaging.transport import Delivery

OnDoubt: TypeAlias = Literal["report", "resend", "rediscover"]

MAX_REASON = 200
_EARLIER = "an earlier run"

Checkout: TypeAlias = Callable[[Job], AbstractAsyncContextManager[Seller]]
"""Checks out the session of a job's seller."""


@attrs.frozen(kw_only=True)
class Again:
    """What of an earlier run is tried again. A run never tries again what was sent as it is."""

    on_doubt: OnDoubt = "report"
    refused: bool = False
    changed: bool = False
    """What was sent with other content: the buyer gets a second message."""


@attrs.define(kw_only=True)
class JobWorker:
    """Does jobs, one call each."""

    checkout: Checkout
    journal: Journal | None
    again: Again
    once: Once
    is_new: bool = False
    """Whether nothing was written in the journal when the run began."""
    discover: bool
    clock: Callable[[], float]
    """Wall time in seconds, for the journal."""
    content_check: ContentCheck = attrs.field(factory=lambda: ContentCheck("warn"))
    limiters: dict[tuple[str, str], Limiter] = attrs.field(factory=dict)
    """Those of what was sent, by account and operation."""
    repeats: Repeats = attrs.field(factory=Repeats)
    _plans: PlanNotes = attrs.field(init=False)
    _orders: OrderCache = attrs.field(factory=OrderCache, init=False)
    _outages: dict[str, Outage] = attrs.field(factory=dict, init=False)

    @_plans.default
    def _new_plans(self) -> PlanNotes:
        return PlanNotes(self.clock)

    @property
    def away(self) -> tuple[str, ...]:
        """The sellers whose jobs wait because Amazon cannot be reached."""
        return tuple(seller for seller, outage in self._outages.items() if outage.is_on)

    async def do(self, job: Job, delivery: Delivery) -> Outcome:
        """Do a job and return its outcome; raises JournalError, after which nothing may go out."""
        try:
            identity = Identity.of(job, self.once)
            repeated = self.repeats.add(identity)
            if repeated is not None:
                return Skipped(job, "repeated", changed=repeated.changed)
            known = await self._known_of(identity)
            outcome = self._known_outcome(job, identity, known.entry)
        except ClaimedError:
            return Skipped(job, "repeated")
        except JournalError:
            raise
        except MessagingError as error:  # the job itself is at fault
            return outcome_of(job, error)
        return outcome or await self._do_now(job, delivery, identity, known)

    async def _known_of(self, identity: Identity) -> Known:
        """Find what the journal knew of a job before the run; what the run did, it knows itself."""
        return await known_of(None if self.is_new else self.journal, identity)

    def _known_outcome(self, job: Job, identity: Identity, known: Entry | None) -> Outcome | None:
        """Say what follows from what the journal knows; None if there is something to do."""
        if known is None or known.state == "not sent":
            return None
        changed = identity.differs_from(known)
        if known.state == "sent":
            if changed and self.again.changed:
                return None
            return Skipped(job, "sent", known.evidence, changed=changed)
        if known.state == "refused":
            # With other content it is another message than the one that was refused.
            if changed or self.again.refused:
                return None
            return Skipped(job, "refused", known.evidence, reason=known.reason)
        return _doubt(job, known) if self.again.on_doubt == "report" else None

    async def _do_now(
        self, job: Job, delivery: Delivery, identity: Identity, known: Known
    ) -> Outcome:
        try:
            async with self.checkout(job) as session:
                self._note_limiter(job, session)
                record = self._record(job, session, identity, known)
                if known.entry and known.is_doubt and self.again.on_doubt == "rediscover":
                    return await self._asked_again(job, session, record, known.entry)
                outcome = await self._apply_policy(job)
                outcome = outcome or await self._send(job, session, delivery, record)
        except ClaimedError:
            return Skipped(job, "repeated")
        except JournalError:
            raise
        except MessagingError as error:  # of the checkout: a seller without credentials
            outcome = outcome_of(job, error)
        return _doubted_still(outcome) if known.is_doubt else outcome

    def _note_limiter(self, job: Job, session: Seller) -> None:
        key = session.account, job.message.operation
        if key not in self.limiters:
            self.limiters[key] = session.limits.limiter(*key)

    def _record(self, job: Job, session: Seller, identity: Identity, known: Known) -> Record | None:
        if self.journal is None:
            return None
        subject = Subject(
            key=known.key,
            seller=session.seller,
            marketplace=(job.marketplace or session.marketplace).id,
            order_id=job.order_id,
            operation=job.message.operation,
            content=identity.content,
            began_at=self.clock(),
        )
        asked = (DISCOVERY.name,) if self.discover else ()
        plans = functools.partial(self._plans.news, session, (job.message.operation, *asked))
        return Record(self.journal, self.clock, subject, known.standing, plans=plans)

    async def _apply_policy(self, job: Job) -> Outcome | None:
        """Refuse a job for what its text contains, if the run is told to.

        It is not written down: the policy may be another one tomorrow.
        """
        error = await self.content_check.refusal(job)
        return Refused(job, error) if error else None

    async def _asked_again(
        self, job: Job, session: Seller, record: Record | None, known: Entry
    ) -> Outcome:
        """Ask the order for evidence that a message in doubt was sent."""
        evidence = await self._evidence(job, session)
        if evidence is None or record is None:
            return _doubt(job, known)
        await record.settled(known, evidence)
        return Skipped(job, "sent", evidence)

    async def _evidence(self, job: Job, session: Seller) -> str | None:
        try:
            order = await self._orders.order(session, job)
        except MessagingError:
            return None  # an order that cannot be asked gives no evidence
        action = order.actions.find(job.message.operation)
        if not order.actions:
            return None  # an order has been seen to offer nothing one day, and all the next
        if action is None:
            return "the order no longer offers the action"
        if action.disabled:
            reason = cut(action.disabled_reason or "no reason", MAX_REASON)
            return f"the order has disabled the action ({reason})"
        return None

    async def _send(
        self, job: Job, session: Seller, delivery: Delivery, record: Record | None
    ) -> Outcome:
        """Send the message, and write down what became of it."""
        outcome: Outcome
        outage = self._outages.get(session.account) or self._new_outage(session)
        try:
            # With no function of its own, whose cells the garbage collector would look at.
            receipt = await outage.through(
                job.order_id, self._attempt, job, session, delivery, record
            )
            outcome = Sent(job, receipt)
        except JournalError:
            raise
        except MessagingError as error:
            outcome = outcome_of(job, error)
        except asyncio.CancelledError:
            # What nobody knows stays 'sending'.
            if record is not None and record.written and delivery.known is not None:
                await record.ended(delivery.known, reason="stopped")
            raise
        if record is not None:
            await record.judged(outcome)
        return outcome

    def _new_outage(self, session: Seller) -> Outage:
        outage = Outage(session.account, session.patience)
        return self._outages.setdefault(session.account, outage)

    async def _attempt(
        self, job: Job, session: Seller, delivery: Delivery, record: Record | None
    ) -> Receipt:
        delivery.begin_attempt()
        try:
            outgoing = await self._prepare(job, session)
            if record is not None:
                delivery.before_send = functools.partial(record.sending, outgoing.language)
            return await outgoing.deliver(delivery)
        except MessagingError as error:
            # It may wait for long: a process that dies meanwhile leaves no doubt behind.
            if away_in(error) and record is not None and record.written:
                await record.ended("not sent", reason=reason_for(error, job))
                record.written = False
            raise

    async def _prepare(self, job: Job, session: Seller) -> Outgoing:
        if self.discover:
            order = await self._orders.order(session, job)
            return await order.prepare(job.rendered)
        return await session.address(job.order_id, job.rendered, marketplace=job.marketplace)


def _doubt(job: Job, known: Entry) -> InDoubt:
    kept = known.reason or "the run was stopped before an answer came"
    cause = kept if kept.startswith(_EARLIER) else f"{_EARLIER}: {kept}"
    return InDoubt(job, InDoubtError(known.operation, cause, job.order_id, known.request_id))


def _doubted_still(outcome: Outcome) -> Outcome:
    """Keep the doubt that an earlier run left: that this one failed proves nothing of that."""
    if not isinstance(outcome, Refused | NotSent):
        return outcome
    job, error = outcome.job, outcome.error
    why = reason_in_words(reason_for(error, job))
    cause = f"{_EARLIER} may have sent it; this one could not: {why}"
    doubt = InDoubtError(job.message.operation, cause, job.order_id, request_id(error))
    return InDoubt(job, doubt)
