"""The open journals of a worker: one for each campaign, shared by the batches that run at once."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import attrs

from spapi_messaging.distributed.journal import PostgresJournal


@attrs.define
class _SharedJournal:
    """A journal and the number of its users: the first opens it, the last closes it."""

    journal: PostgresJournal
    users: int = 0
    is_open: bool = False
    _opening: asyncio.Lock = attrs.field(factory=asyncio.Lock, init=False)

    async def open(self) -> None:
        """Open it, or wait for the user that is opening it."""
        async with self._opening:
            if not self.is_open:
                await self.journal.__aenter__()
                self.is_open = True

    async def close(self) -> None:
        await self.journal.__aexit__(None, None, None)


@attrs.define
class CampaignJournals:
    """One journal for all batches of a campaign that run at once: their commits are shared."""

    address: str = attrs.field(repr=False)
    _in_use: dict[str, _SharedJournal] = attrs.field(factory=dict, init=False)

    @asynccontextmanager
    async def checkout(self, campaign: str) -> AsyncIterator[PostgresJournal]:
        """Use the journal of a campaign, which is open until its last user leaves."""
        shared = self._in_use.get(campaign)
        if shared is None:
            journal = PostgresJournal(self.address, campaign=campaign)
            shared = self._in_use[campaign] = _SharedJournal(journal)
        shared.users += 1
        try:
            await shared.open()
            yield shared.journal
        finally:
            shared.users -= 1
            if not shared.users:
                del self._in_use[campaign]
                await shared.close()
