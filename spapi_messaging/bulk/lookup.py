"""What a journal knows of a job, whoever wrote the journal.

A store of a user's own may fail in any way. What it raises is no failure of the network or of the
message: it is turned into JournalError, after which nothing goes out that is not written down.
"""

import asyncio
from collections.abc import Sequence
from typing import Any

import attrs

from spapi_messaging.bulk.identity import Identity
from spapi_messaging.bulk.journal import (
    Entry,
    Journal,
    OrderJournal,
    Plan,
    PlanJournal,
    finds_by_order,
)
from spapi_messaging.errors import JournalError
from spapi_messaging.redaction import describe_failure


@attrs.frozen(kw_only=True)
class Known:
    """What a journal knows of a job."""

    entry: Entry | None = None
    """What says most about it."""
    key: str
    """Under which it is written down."""
    standing: Entry | None = None
    """What stands there already."""

    @property
    def is_doubt(self) -> bool:
        """Whether an earlier run may have sent it: then no failure is proof that not."""
        return self.entry is not None and self.entry.state == "sending"


async def known_of(journal: Journal | None, identity: Identity) -> Known:
    """Find what a journal knows of a job.

    Raises InvalidMessageError if the job's key is that of another order or operation.
    """
    entries = [] if journal is None else await _entries(journal, identity)
    entry = identity.known_as(entries)
    key = identity.key_beside(entry)
    standing = next((each for each in entries if each.key == key), None)
    return Known(entry=entry, key=key, standing=standing)


async def _entries(journal: Journal, identity: Identity) -> Sequence[Entry]:
    if not finds_by_order(journal):
        found = await journal.find(identity.key)
        return [found] if found else []
    if not identity.is_given:
        return await journal.of_order(identity.order_id)
    # At once: a store that does what is asked at the same time together does these together.
    both = (journal.of_order(identity.order_id), journal.find(identity.key))
    of_order, of_key = await asyncio.gather(*both, return_exceptions=True)
    if isinstance(of_order, BaseException):
        raise of_order
    if isinstance(of_key, BaseException):
        raise of_key
    return [*of_order, *([of_key] if of_key else [])]


def guarded(journal: Journal) -> Journal:
    """Wrap a journal so that it raises nothing but JournalError."""
    return (_GuardedOrders if isinstance(journal, OrderJournal) else _Guarded)(journal)


@attrs.frozen
class _Guarded:
    """A journal of whatever kind."""

    _journal: Any

    async def find(self, key: str, /) -> Entry | None:
        found: Entry | None = await self._asked("find", key)
        if not isinstance(found, Entry | None):
            raise self._error("find", f"it found a {type(found).__name__}, not an Entry")
        return found

    async def write(self, entry: Entry, /) -> None:
        await self._asked("write", entry)

    async def write_plan(self, plan: Plan, /) -> None:
        if isinstance(self._journal, PlanJournal):
            await self._asked("write_plan", plan)

    async def _asked(self, method: str, subject: object) -> Any:
        try:
            return await getattr(self._journal, method)(subject)
        except JournalError:
            raise
        except Exception as error:
            raise self._error(method, describe_failure(error)) from error

    def _error(self, method: str, fault: str) -> JournalError:
        return JournalError(type(self._journal).__name__, f"{method}: {fault}")


class _GuardedOrders(_Guarded):
    """One that also finds by order."""

    async def of_order(self, order_id: str, /) -> Sequence[Entry]:
        found = await self._asked("of_order", order_id)
        if not isinstance(found, Sequence) or not all(isinstance(each, Entry) for each in found):
            raise self._error("of_order", "it did not find a sequence of Entry")
        return found
