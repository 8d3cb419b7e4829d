"""What a journal holds: an entry for each job, under a key by which the job is known again."""

import functools
from collections.abc import Sequence
from typing import Any, Literal, Protocol, TypeAlias, TypeGuard, runtime_checkable

import attrs

State = Literal["sending", "sent", "refused", "not sent"]


@attrs.frozen(kw_only=True)
class Entry:
    """One job in a journal. Times are seconds since the epoch, by this machine's clock.

    ``reason`` is the class of the error, Amazon's code and sentence, never a text of the buyer's;
    ``language`` is the one that was chosen of a text in several.
    """

    key: str
    seller: str
    marketplace: str
    order_id: str
    operation: str
    state: State
    began_at: float
    ended_at: float | None = None
    request_id: str | None = None
    reason: str | None = None
    evidence: str | None = None
    language: str | None = None
    content: str | None = None
    """A digest of what the message says and carries; None where version 2 wrote the entry."""


@attrs.frozen(kw_only=True)
class Plan:
    """The quota that a run counts on for a seller's operation, from a moment on.

    ``began_at``: seconds since the epoch; ``rate``: requests a second, what was configured or what
    Amazon announced if that is more; ``burst``: requests at once.
    """

    began_at: float
    seller: str
    operation: str
    rate: float
    burst: int


@attrs.frozen(kw_only=True)
class Times:
    """When a journal was written, in seconds since the epoch; None where nothing was.

    ``last``: the last sign of life; ``first_sent`` and ``last_sent``: when messages were answered
    as sent; ``tens``: in how many tens of seconds of the clock some were.
    """

    began: float | None
    last: float | None
    first_sent: float | None
    last_sent: float | None
    tens: int


@attrs.frozen
class ReasonCount:
    """How many were refused, or not sent, for one reason as a journal has it; one of the orders."""

    state: str
    reason: str
    count: int
    order_id: str


class Journal(Protocol):
    """Where a bulk run writes what it does; another store can stand behind it.

    ``write`` returns when the entry would survive a crash, and raises JournalError if it
    would not: then the message is not sent. A store that several runs use at once lets one of
    them write 'sending', and raises ClaimedError to the others.
    """

    async def find(self, key: str, /) -> Entry | None:
        """Return the entry of a job, if there is one."""
        ...

    async def write(self, entry: Entry, /) -> None:
        """Write an entry over the job's last one, durably."""
        ...


@runtime_checkable
class OrderJournal(Journal, Protocol):
    """A journal that also finds what was written to an order, under whatever key.

    In one that does not, a job is known by its key alone: to a run with ``once="order"`` what one
    with ``once="action"`` has sent is unknown.
    """

    async def of_order(self, order_id: str, /) -> Sequence[Entry]:
        """Return all entries of an order."""
        ...


@runtime_checkable
class PlanJournal(Journal, Protocol):
    """A journal that also keeps its runs' plans, by which a report tells what was allowed."""

    async def write_plan(self, plan: Plan, /) -> None:
        """Write a plan, durably, unless it is the one in force already."""
        ...


@functools.lru_cache(maxsize=64)  # to look through a class takes longer than to look a job up
def _can_do(kind: type, what: Any) -> bool:
    return issubclass(kind, what)


def finds_by_order(journal: Journal) -> TypeGuard[OrderJournal]:
    """Say whether a journal is an OrderJournal."""
    return _can_do(type(journal), OrderJournal)


def keeps_plans(journal: Journal) -> TypeGuard[PlanJournal]:
    """Say whether a journal is a PlanJournal."""
    return _can_do(type(journal), PlanJournal)


@attrs.frozen
class OfKey:
    """Asks for the entry of a key."""

    key: str


@attrs.frozen
class OfOrder:
    """Asks for the entries of an order."""

    order_id: str


Asked: TypeAlias = Entry | OfKey | OfOrder
"""What a store that does many things at once is asked: to write an entry, or to look for some."""
Found: TypeAlias = list[Entry]
"""The entries that were looked for; none for what was written."""
