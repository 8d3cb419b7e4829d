"""Where the commands that look read from: a journal in a file, or a campaign in PostgreSQL."""

import asyncio
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeAlias

import attrs

from spapi_messaging.bulk import Damage, Entry, Journal, JournalReader, SqliteJournal, undamaged
from spapi_messaging.cli.settings import INVALID, fail
from spapi_messaging.errors import ClaimedError, JournalError

if TYPE_CHECKING:
    from spapi_messaging.distributed import Reader

Settled: TypeAlias = tuple[Entry, Entry]
"""A doubt as it was shown, and what it is to be."""

_AT_ONCE = 500

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

    def counts(self) -> Counter[tuple[str, str]]:
        """Count the entries by operation and state."""
        ...

    def waiting(self) -> tuple[int, int]:
        """Return the batches that are not finished, and the messages in them."""
        ...

    def doubts(self) -> tuple[Iterator[Entry], int]:
        """Return what is in doubt, and how many more may just be under way."""
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

    @_or_leave()
    def counts(self) -> Counter[tuple[str, str]]:
        with JournalReader(self.path) as reader:
            return reader.counts()

    def waiting(self) -> tuple[int, int]:
        return 0, 0

    def doubts(self) -> tuple[Iterator[Entry], int]:
        return self._doubts(), 0

    def _doubts(self) -> Iterator[Entry]:
        with _or_leave(), JournalReader(self.path) as reader:
            yield from reader.doubts()

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

    @_or_leave()
    def counts(self) -> Counter[tuple[str, str]]:
        return self.reader.counts()

    @_or_leave()
    def waiting(self) -> tuple[int, int]:
        return self.reader.waiting()

    @_or_leave()
    def doubts(self) -> tuple[Iterator[Entry], int]:
        before = time.time() - _UNDER_WAY
        return self._doubts(before), self.reader.fresh(before)

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


def source_of(journal: Path | None, database: str | None, campaign: str | None) -> Source:
    """Find what a command is to look at; leaves the program if there is nothing."""
    if journal is not None:
        return _File(journal)
    if database is None:
        fail("give a JOURNAL, or the --database of a distributed campaign", INVALID)
    try:
        from spapi_messaging.distributed import Reader
    except ModuleNotFoundError as error:
        fail(f"it needs {error.name}: pip install 'spapi-messaging[distributed]'", INVALID)
    with _or_leave():
        return _Database(Reader.of(database, campaign))
