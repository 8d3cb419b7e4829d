"""What became of the jobs of a bulk run: one honest outcome each, and their summary."""

import re
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Literal, TypeAlias

import attrs

from spapi_messaging.bulk.job import Job
from spapi_messaging.bulk.meter import Meter
from spapi_messaging.errors import (
    ActionNotPermittedError,
    BadRequestError,
    InDoubtError,
    InvalidMessageError,
    MessagingError,
    NotFoundError,
    PayloadTooLargeError,
    UnsupportedMediaTypeError,
)
from spapi_messaging.sending import Receipt


@attrs.frozen
class Sent:
    """Amazon accepted the message."""

    job: Job
    receipt: Receipt


@attrs.frozen
class Refused:
    """The message was refused, here or by Amazon, and would be again; the buyer has nothing."""

    job: Job
    error: MessagingError


@attrs.frozen
class NotSent:
    """The message did not go out, for a reason that may pass; the buyer has nothing."""

    job: Job
    error: MessagingError


@attrs.frozen
class InDoubt:
    """Nobody knows whether the buyer has the message."""

    job: Job
    error: InDoubtError


@attrs.frozen
class Skipped:
    """The job was done before, by the journal or by an equal job of this run or of another.

    ``state`` is ``sent``, ``refused`` or ``repeated``. ``evidence`` is set where the journal was
    in doubt and the order was asked again: a sign that the message was sent, not a proof.
    ``changed``: it had other content then; the buyer has that, and not this. ``reason``: the
    journal's, of what was refused.
    """

    job: Job
    state: str
    evidence: str | None = None
    changed: bool = attrs.field(default=False, kw_only=True)
    reason: str | None = attrs.field(default=None, kw_only=True, eq=False)


Outcome: TypeAlias = Sent | Refused | NotSent | InDoubt | Skipped
_NO_ATTACHMENT = re.compile(r"attachment\b.*\bdoes not exist", re.IGNORECASE | re.DOTALL)

_PASSING_CODES = frozenset(
    {
        *("QuotaExceeded", "TooManyRequests", "Throttling", "ThrottlingException", "SlowDown"),
        *("InternalFailure", "InternalError", "ServiceUnavailable", "RequestTimeout"),
    }
)
"""What says nothing against the message, though it comes with a 400."""

OUTCOMES: tuple[type[Outcome], ...] = (Sent, Refused, NotSent, InDoubt, Skipped)

_REFUSALS = (
    *(BadRequestError, ActionNotPermittedError, NotFoundError),
    *(PayloadTooLargeError, UnsupportedMediaTypeError),
)
"""Amazon's answers to a message that it would refuse again."""


def outcome_of(job: Job, error: MessagingError) -> Outcome:
    """Judge what an error means for its job.

    Refused is what is wrong with the message itself, by Amazon's word or by ours. What the
    account, the network, the order's offer of today or a file that cannot be read had against
    it may pass, and the next run tries it again.
    """
    if isinstance(error, InDoubtError):
        return InDoubt(job, error)
    refused = isinstance(error, InvalidMessageError) or (
        isinstance(error, _REFUSALS)
        and not (isinstance(error, BadRequestError) and error.code in _PASSING_CODES)
        and not _NO_ATTACHMENT.search(error.message)
    )
    return Refused(job, error) if refused and not error.passing else NotSent(job, error)


def broken_off(job: Job, known: Literal["sent", "not sent"] | None) -> Outcome | None:
    """Say what became of a job that was broken off; None if nothing of it left."""
    operation = job.message.operation
    if known is None:
        cause = "the run was stopped before an answer came"
        return InDoubt(job, InDoubtError(operation, cause, job.order_id))
    if known == "not sent":
        return None
    # Its answer had begun, and was not read.
    now = datetime.now(UTC)
    return Sent(
        job, Receipt(order_id=job.order_id, operation=operation, request_id=None, sent_at=now)
    )


@attrs.frozen(kw_only=True)
class Summary:
    """How a bulk run stands.

    ``counts``: outcomes by operation and by outcome's name. ``rates``: messages sent per second
    and operation, the burst aside, of those where enough were sent to say so; ``pace``: jobs done
    per second in the last minute, skipped ones aside, None while it is not known; ``allowed``:
    what the quotas in force allow, of all sellers together. ``remaining``: jobs that are left,
    None where ``jobs`` has no length. ``elapsed``: seconds from the beginning until now, or until
    the last outcome. ``warnings``: of how many jobs ``check_text`` said what, by its codes.
    ``skipped``: by state, and how many of them had other content before (``changed``). ``away``:
    the sellers whose jobs wait because Amazon cannot be reached. ``under_way``: messages that have
    left and have no answer yet, of the ``in_progress``.
    """

    counts: Mapping[str, Mapping[str, int]]
    rates: Mapping[str, float]
    allowed: Mapping[str, float]
    elapsed: float
    in_progress: int
    remaining: int | None
    warnings: Mapping[str, int]
    pace: float | None = None
    skipped: Mapping[str, int] = attrs.field(factory=dict)
    away: tuple[str, ...] = ()
    under_way: int = 0

    @property
    def total(self) -> Mapping[str, int]:
        """Outcomes by name, over all operations."""
        total: Counter[str] = Counter()
        for counts in self.counts.values():
            total.update(counts)
        return total

    @property
    def seconds_left(self) -> float | None:
        """The time that the remaining jobs take; None where it is not known."""
        return None if self.remaining is None else self.seconds_for(self.remaining)

    def seconds_for(self, jobs: int) -> float | None:
        """Return the time that so many jobs take, at the pace or the quotas, which is slower."""
        if not jobs or self.pace is None:
            return None if jobs else 0.0
        allowed = sum(self.allowed.values())
        return jobs / (min(self.pace, allowed) if allowed else self.pace)


@attrs.define
class Tally:
    """Counts outcomes as they come; ``now`` is the loop's time."""

    started: float
    _counts: dict[str, Counter[str]] = attrs.field(factory=dict, init=False)
    _sent: dict[str, Meter] = attrs.field(factory=dict, init=False)
    _done: Meter = attrs.field(factory=Meter, init=False)
    _skipped: Counter[str] = attrs.field(factory=Counter, init=False)

    def count(self, outcome: Outcome, now: float) -> None:
        """Count one."""
        operation = outcome.job.message.operation
        self._counts.setdefault(operation, Counter())[type(outcome).__name__] += 1
        if isinstance(outcome, Skipped):
            self._skipped[outcome.state] += 1
            self._skipped["changed"] += outcome.changed
            return
        self._done.count(now)
        if isinstance(outcome, Sent):
            self._sent.setdefault(operation, Meter()).count(now)

    def summary(
        self,
        now: float,
        *,
        allowed: Mapping[str, float],
        in_progress: int,
        under_way: int,
        length: int | None,
        warnings: Mapping[str, int],
        away: tuple[str, ...] = (),
    ) -> Summary:
        """Sum up; ``length`` is the number of all jobs, if it is known."""
        counts = {operation: dict(counted) for operation, counted in self._counts.items()}
        done = sum(sum(counted.values()) for counted in counts.values())
        remaining = None if length is None else max(length - done, 0)
        rates = {operation: meter.mean(now) for operation, meter in self._sent.items()}
        return Summary(
            counts=counts,
            rates={operation: rate for operation, rate in rates.items() if rate is not None},
            pace=self._done.recent(now),
            allowed=allowed,
            elapsed=now - self.started,
            in_progress=in_progress,
            remaining=remaining,
            warnings=warnings,
            under_way=under_way,
            skipped={state: count for state, count in self._skipped.items() if count},
            away=away,
        )
