"""What the journal is told of one job: that its message goes out now, and how it ended."""

import os
from collections.abc import Callable, Iterable
from contextlib import suppress

import attrs

from spapi_messaging.bulk.journal import Entry, Journal, Plan, State, keeps_plans
from spapi_messaging.bulk.outcomes import InDoubt, NotSent, Outcome, Refused, Sent
from spapi_messaging.bulk.reasons import reason_for
from spapi_messaging.errors import ApiError, ClaimedError, InvalidMessageError, MessagingError


@attrs.frozen(kw_only=True)
class Subject:
    """What all entries of one job are about; ``began_at``: when the job began."""

    key: str
    seller: str
    marketplace: str
    order_id: str
    operation: str
    content: str | None
    began_at: float


@attrs.define
class Record:
    """What the journal says of one job."""

    journal: Journal
    clock: Callable[[], float]
    subject: Subject
    known: Entry | None = None
    """What stood under its key before. What was sent, or may have been, stays so, whatever
    becomes of another try: the buyer has it."""
    plans: Callable[[], Iterable[Plan]] = tuple
    """What the journal does not know yet of the quotas."""
    written: bool = False
    _language: str | None = None
    _sent_since: float | None = None
    """When it was first written that it is sent: by that a store knows whose the entry is."""

    async def sending(self, language: str | None) -> None:
        """Commit that the message goes out now, once."""
        if not self.written:
            if self._sent_since is None:
                self._sent_since = self.clock()
            if keeps_plans(self.journal):
                for plan in self.plans():
                    await self.journal.write_plan(plan)
            self._language = language
            self.written = True
            await self.journal.write(self._entry("sending"))

    async def ended(
        self, state: State, *, request_id: str | None = None, reason: str | None = None
    ) -> None:
        """Commit how it ended."""
        if state in {"not sent", "refused"} and self._buyer_may_have_another:
            await self._restore()
            return
        ended_at = self.clock()
        await self._write(
            self._entry(state, ended_at=ended_at, request_id=request_id, reason=reason)
        )

    async def settled(self, doubt: Entry, evidence: str) -> None:
        """Commit that a doubt of an earlier run was sent, under whatever key it stands."""
        ended_at = self.clock()
        await self._write(
            attrs.evolve(
                doubt,
                state="sent",
                request_id=None,
                reason=None,
                evidence=evidence,
                ended_at=ended_at,
            )
        )

    def _entry(
        self,
        state: State,
        *,
        ended_at: float | None = None,
        request_id: str | None = None,
        reason: str | None = None,
    ) -> Entry:
        subject = self.subject
        return Entry(
            key=subject.key,
            seller=subject.seller,
            marketplace=subject.marketplace,
            order_id=subject.order_id,
            operation=subject.operation,
            state=state,
            began_at=self._began_at,
            ended_at=ended_at,
            request_id=request_id,
            reason=reason,
            language=self._language,
            content=subject.content,
        )

    @property
    def _began_at(self) -> float:
        return self.subject.began_at if self._sent_since is None else self._sent_since

    @property
    def _buyer_may_have_another(self) -> bool:
        return self.known is not None and self.known.state in {"sent", "sending"}

    async def _restore(self) -> None:
        """Write back what was there before, if something was written over it."""
        if self.known is not None and self.written:
            # It began when it was last written: by that a store knows that it is still ours.
            await self._write(attrs.evolve(self.known, began_at=self._began_at))

    async def _write(self, entry: Entry) -> None:
        with suppress(ClaimedError):  # another run has it by now, and says how it ended
            await self.journal.write(entry)

    async def judged(self, outcome: Outcome) -> None:
        """Commit what became of it."""
        match outcome:
            case Sent(receipt=receipt):
                await self.ended("sent", request_id=receipt.request_id)
            case Refused(error=error) | NotSent(error=error):
                state = _state_of(outcome)
                reason = reason_for(error, outcome.job)
                await self.ended(state, request_id=request_id(error), reason=reason)
            case InDoubt(error=error):
                await self.ended("sending", request_id=error.request_id, reason=error.cause)
            case _:
                pass


def _state_of(outcome: Refused | NotSent) -> State:
    """Say what is written down: a file that is wrong may be mended under the same name."""
    carries_paths = any(isinstance(item, os.PathLike) for item in outcome.job.message.attached)
    is_about_files = isinstance(outcome.error, InvalidMessageError) and carries_paths
    return "refused" if isinstance(outcome, Refused) and not is_about_files else "not sent"


def request_id(error: MessagingError) -> str | None:
    """Return the id of the request that was answered with an error, if it was."""
    return error.request_id if isinstance(error, ApiError) else None
