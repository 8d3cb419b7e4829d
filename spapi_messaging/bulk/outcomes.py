"""What became of the jobs of a bulk run: one honest outcome each, and their summary."""

from collections import Counter
from collections.abc import Mapping
from typing import TypeAlias

import attrs

from spapi_messaging.bulk.job import Job
from spapi_messaging.errors import (
    AccessDeniedError,
    ActionDisabledError,
    ActionNotOfferedError,
    ApiError,
    InDoubtError,
    InvalidMessageError,
    MessagingError,
    ServerError,
    ThrottledError,
    TokenRejectedError,
    UntrustedLinkError,
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
    """

    job: Job
    state: str
    evidence: str | None = None


Outcome: TypeAlias = Sent | Refused | NotSent | InDoubt | Skipped
OUTCOMES: tuple[type[Outcome], ...] = (Sent, Refused, NotSent, InDoubt, Skipped)

_FINAL = (InvalidMessageError, ActionNotOfferedError, ActionDisabledError, UntrustedLinkError)
_PASSING = (AccessDeniedError, TokenRejectedError, ThrottledError, ServerError)
"""Answers that say nothing against the message: the account or the moment was wrong."""


def outcome_of(job: Job, error: MessagingError) -> Outcome:
    """Judge what an error means for its job."""
    if isinstance(error, InDoubtError):
        return InDoubt(job, error)
    refused = isinstance(error, ApiError) and not isinstance(error, _PASSING)
    return Refused(job, error) if refused or isinstance(error, _FINAL) else NotSent(job, error)


@attrs.frozen(kw_only=True)
class Summary:
    """How a bulk run stands.

    ``counts``: outcomes by operation and by outcome's name. ``rates``: messages sent per second
    and operation since the first one; ``allowed``: what the quotas in force allow, of all sellers
    together. ``remaining``: jobs that are left, None where ``jobs`` has no length;
    ``seconds_left``: the time they take at the rate of the run, None where it is not known.
    ``elapsed``: seconds from the beginning until now, or until the last outcome. ``warnings``: of
    how many jobs ``check_text`` said what, by its codes.
    """

    counts: Mapping[str, Mapping[str, int]]
    rates: Mapping[str, float]
    allowed: Mapping[str, float]
    elapsed: float
    in_progress: int
    remaining: int | None
    seconds_left: float | None
    warnings: Mapping[str, int]

    @property
    def total(self) -> Mapping[str, int]:
        """Outcomes by name, over all operations."""
        total: Counter[str] = Counter()
        for counts in self.counts.values():
            total.update(counts)
        return total


@attrs.define
class Tally:
    """Counts outcomes as they come; ``now`` is the loop's time."""

    started: float
    _counts: dict[str, Counter[str]] = attrs.field(factory=dict, init=False)
    _sent: Counter[str] = attrs.field(factory=Counter, init=False)
    _first: dict[str, float] = attrs.field(factory=dict, init=False)

    def count(self, outcome: Outcome, now: float) -> None:
        """Count one."""
        operation = outcome.job.message.operation
        self._counts.setdefault(operation, Counter())[type(outcome).__name__] += 1
        if isinstance(outcome, Sent):
            self._first.setdefault(operation, now)
            self._sent[operation] += 1

    def summary(
        self,
        now: float,
        *,
        allowed: Mapping[str, float],
        in_progress: int,
        length: int | None,
        warnings: Mapping[str, int],
    ) -> Summary:
        """Sum up; ``length`` is the number of all jobs, if it is known."""
        counts = {operation: dict(counted) for operation, counted in self._counts.items()}
        done = sum(sum(counted.values()) for counted in counts.values())
        remaining = None if length is None else max(length - done, 0)
        elapsed = now - self.started
        rates = {
            operation: (sent - 1) / (now - self._first[operation])
            for operation, sent in self._sent.items()
            if now > self._first[operation]
        }
        left = remaining * elapsed / done if remaining is not None and done else None
        return Summary(
            counts=counts,
            rates=rates,
            allowed=allowed,
            elapsed=elapsed,
            in_progress=in_progress,
            remaining=remaining,
            seconds_left=left,
            warnings=warnings,
        )
