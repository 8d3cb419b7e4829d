"""Where the commands that look read from: a journal in a file, or a campaign in PostgreSQL."""

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import attrs

from spapi_messaging.bulk import Entry, SqliteJournal, read_journal
from spapi_messaging.cli.settings import INVALID, fail
from spapi_messaging.errors import ClaimedError, JournalError

if TYPE_CHECKING:
    from spapi_messaging.distributed import Reader

_UNDER_WAY = 300.0
"""Seconds for which a message may still be under way on some worker, and clocks be wrong."""


class Source(Protocol):
    """What a run has written down."""

    @property
    def name(self) -> str:
        """How it is called."""
        ...

    def entries(self) -> list[Entry]:
        """Return all entries, in the order in which they began."""
        ...

    def counts(self) -> Counter[tuple[str, str]]:
        """Count the entries by operation and state."""
        ...

    def waiting(self) -> tuple[int, int]:
        """Return the batches that are not finished, and the messages in them."""
        ...

    def doubts(self) -> tuple[list[Entry], int]:
        """Return what is in doubt, and how many more may just be under way."""
        ...

    async def settle(self, entries: list[Entry]) -> int:
        """Write over what is in doubt, and return the number that still was."""
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

    @_or_leave()
    def entries(self) -> list[Entry]:
        return read_journal(self.path)

    def counts(self) -> Counter[tuple[str, str]]:
        return Counter((entry.operation, entry.state) for entry in self.entries())

    def waiting(self) -> tuple[int, int]:
        return 0, 0

    def doubts(self) -> tuple[list[Entry], int]:
        return [entry for entry in self.entries() if entry.state == "sending"], 0

    async def settle(self, entries: list[Entry]) -> int:
        async with SqliteJournal(self.path) as journal:
            for entry in entries:
                await journal.write(entry)
        return len(entries)


@attrs.frozen
class _Database:
    reader: "Reader"

    @property
    def name(self) -> str:
        return self.reader.campaign

    @_or_leave()
    def entries(self) -> list[Entry]:
        return self.reader.entries()

    @_or_leave()
    def counts(self) -> Counter[tuple[str, str]]:
        return self.reader.counts()

    @_or_leave()
    def waiting(self) -> tuple[int, int]:
        return self.reader.waiting()

    def doubts(self) -> tuple[list[Entry], int]:
        sending = [entry for entry in self.entries() if entry.state == "sending"]
        old = [entry for entry in sending if entry.began_at < time.time() - _UNDER_WAY]
        return old, len(sending) - len(old)

    async def settle(self, entries: list[Entry]) -> int:
        from spapi_messaging.distributed import PostgresJournal

        settled = 0
        address = self.reader.address.conninfo
        async with PostgresJournal(address, campaign=self.reader.campaign) as journal:
            for entry in entries:
                known = await journal.find(entry.key)
                if known is None or (known.state, known.began_at) != ("sending", entry.began_at):
                    continue  # its worker has said meanwhile how it ended
                with suppress(ClaimedError):
                    await journal.write(entry)
                    settled += 1
        return settled


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
