"""Where the commands that look read from: a journal in a file, or a campaign in PostgreSQL."""

import asyncio
import math
import os
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeAlias

import attrs

from spapi_messaging.bulk import (
    Damage,
    Entry,
    Journal,
    JournalReader,
    Plan,
    SqliteJournal,
    is_journal,
    undamaged,
)
from spapi_messaging.cli.journal_names import journal_of
from spapi_messaging.cli.journal_standing import JournalStanding, by_outcome
from spapi_messaging.cli.settings import INVALID, fail
from spapi_messaging.cli.words import path_word
from spapi_messaging.errors import ClaimedError, JournalError

if TYPE_CHECKING:
    from spapi_messaging.distributed import Reader

Settled: TypeAlias = tuple[Entry, Entry]
"""A doubt as it was shown, and what it is to be."""

_AT_ONCE = 500

DATABASE_VARIABLE = "SPAPI_MESSAGING_DATABASE"
_UNDER_WAY = 300.0
"""Seconds for which a message may still be under way on some worker, and clocks be wrong."""


class Source(Protocol):
    """What a run has written down."""

    @property
    def name(self) -> str:
        """How it is called."""
        ...

    def entries(self, damage: Damage | None = None) -> Iterator[Entry]:
        """Yield all entries, in the order in which they began.

        Leaves the program for one that is damaged; with ``damage`` it is noted there instead.
        """
        ...

    def standing(self) -> JournalStanding:
        """Count what it has, and say when it was written."""
        ...

    def plans(self) -> list[Plan]:
        """Return the quotas of its runs, as far as it tells them."""
        ...

    def doubts(self) -> tuple[Iterator[Entry], int]:
        """Return what is in doubt, and how many more may just be under way."""
        ...

    @property
    def words(self) -> tuple[str, ...]:
        """The words of a command line that name it."""
        ...

    @property
    def in_use(self) -> bool:
        """Whether a run has it for itself, so that nothing can be settled."""
        ...

    @property
    def moving_since(self) -> float | None:
        """From when on what began and has no end may be under way; None if no run is going on."""
        ...

    def loss(self) -> str | None:
        """Say what of it is missing, if something is: then all else is incomplete."""
        ...

    async def settle(self, settled: Sequence[Settled]) -> list[Settled]:
        """Write over what is in doubt as it was shown, and return what no longer was."""
        ...


@contextmanager
def _or_leave() -> Iterator[None]:
    """Leave the program for a journal that cannot be read."""
    try:
        yield
    except JournalError as error:
        fail(f"{error.journal}: {error.fault}", INVALID)


@attrs.frozen
class _File:
    path: Path

    @property
    def name(self) -> str:
        return self.path.name

    def entries(self, damage: Damage | None = None) -> Iterator[Entry]:
        with _or_leave(), JournalReader(self.path) as reader:
            yield from reader.entries(damage=damage)

    @property
    def words(self) -> tuple[str, ...]:
        return (path_word(self.path),)

    @property
    @_or_leave()
    def in_use(self) -> bool:
        with JournalReader(self.path) as reader:
            return reader.in_use

    @property
    def moving_since(self) -> float | None:
        return time.time() - _UNDER_WAY if self.in_use else None

    @_or_leave()
    def plans(self) -> list[Plan]:
        with JournalReader(self.path) as reader:
            return reader.plans()

    @_or_leave()
    def standing(self) -> JournalStanding:
        with JournalReader(self.path) as reader:
            in_use = reader.in_use  # asked once: the run may end meanwhile
            moving = reader.under_way(time.time() - _UNDER_WAY) if in_use else Counter()
            return JournalStanding(
                counts=by_outcome(reader.counts(), moving),
                times=reader.times(),
                reasons=reader.reasons(),
                is_going_on=in_use,
            )

    @_or_leave()
    def doubts(self) -> tuple[Iterator[Entry], int]:
        before = time.time() - _UNDER_WAY
        with JournalReader(self.path) as reader:
            reader.counts()  # refuses a state that cannot be, which may have been a doubt
            if not reader.in_use:
                return self._doubts(math.inf), 0
            return self._doubts(before), reader.under_way(before).total()

    def _doubts(self, before: float) -> Iterator[Entry]:
        with _or_leave(), JournalReader(self.path) as reader:
            for entry in reader.doubts():
                if entry.began_at < before or entry.ended_at is not None:
                    yield entry

    @_or_leave()
    def loss(self) -> str | None:
        with JournalReader(self.path) as reader:
            return reader.loss

    async def settle(self, settled: Sequence[Settled]) -> list[Settled]:
        with _or_leave():
            async with SqliteJournal(self.path) as journal:
                return await _settle(journal, settled)


@attrs.frozen
class _Database:
    reader: "Reader"

    @property
    def name(self) -> str:
        return self.reader.campaign

    def entries(self, damage: Damage | None = None) -> Iterator[Entry]:
        with _or_leave():
            for entry in self.reader.entries():
                yield damage.mended(entry) if damage else undamaged(self.name, entry)

    @property
    def words(self) -> tuple[str, ...]:
        # The address may hold a password: it is not repeated.
        where = () if os.environ.get(DATABASE_VARIABLE) else ("--database", "URL")
        return (*where, "--campaign", self.reader.campaign)

    @property
    def in_use(self) -> bool:
        return False

    @property
    def moving_since(self) -> float | None:
        return time.time() - _UNDER_WAY

    def plans(self) -> list[Plan]:
        return []  # no table of it in PostgreSQL keeps them

    @_or_leave()
    def standing(self) -> JournalStanding:
        batches, waiting = self.reader.waiting()
        moving = self.reader.under_way(time.time() - _UNDER_WAY)
        return JournalStanding(
            counts=by_outcome(self.reader.counts(), moving),
            times=self.reader.times(),
            reasons=self.reader.reasons(),
            is_going_on=bool(moving),
            batches=batches,
            waiting=waiting,
        )

    @_or_leave()
    def doubts(self) -> tuple[Iterator[Entry], int]:
        before = time.time() - _UNDER_WAY
        return self._doubts(before), self.reader.under_way(before).total()

    def _doubts(self, before: float) -> Iterator[Entry]:
        with _or_leave():
            for entry in self.reader.doubts(before):
                yield undamaged(self.name, entry)

    def loss(self) -> str | None:
        return None

    async def settle(self, settled: Sequence[Settled]) -> list[Settled]:
        from spapi_messaging.distributed import PostgresJournal

        address = self.reader.address.conninfo
        with _or_leave():
            async with PostgresJournal(address, campaign=self.reader.campaign) as journal:
                return await _settle(journal, settled)


async def _settle(journal: Journal, settled: Sequence[Settled]) -> list[Settled]:
    """Settle what is still as it was shown; what a run has written meanwhile stays.

    A file is locked by who has it open. In a database a run may come in between yet: there the
    entry that was found is named as it is written over, and any other is left.
    """

    async def is_settled(shown: Entry, new: Entry) -> bool:
        if await journal.find(shown.key) != shown:
            return False
        try:
            await journal.write(new)
        except ClaimedError:
            return False
        return True

    changed: list[Settled] = []
    for first in range(0, len(settled), _AT_ONCE):  # each time in few commits
        some = settled[first : first + _AT_ONCE]
        done = await asyncio.gather(*(is_settled(*item) for item in some))
        changed += [item for item, is_done in zip(some, done, strict=True) if not is_done]
    return changed


def tell_loss(source: Source, loss: str | None) -> None:
    """Leave the program if what was shown of a source is not all there was."""
    if loss is not None:
        fail(f"{source.name} is not complete: {loss}", INVALID)


def source_of(journal: Path | None, database: str | None, campaign: str | None) -> Source:
    """Find what a command is to look at; leaves the program if there is nothing."""
    if journal is not None:
        if is_journal(own := journal_of(journal)) and not is_journal(journal):
            fail(f"{journal} is no journal; its journal is {own}", INVALID)
        return _File(journal)
    if database is None:
        fail("give a JOURNAL, such as jobs.csv.journal, or the --database of a campaign", INVALID)
    try:
        from spapi_messaging.distributed import Reader
    except ModuleNotFoundError as error:
        fail(f"it needs {error.name}: pip install 'spapi-messaging[distributed]'", INVALID)
    with _or_leave():
        return _Database(Reader.of(database, campaign))
