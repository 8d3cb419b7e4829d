"""One batch: sent through a pool of its own, and its outcomes counted.

A seller's limiters start empty, because another worker may just have used the burst. What stops a
seller ends the batch, and what never had its turn is written down as not sent.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, Unpack

import attrs

from spapi_messaging.bulk import BulkOptions, Entry, Identity, Job, NotSent, Once, known_of
from spapi_messaging.distributed.campaign_journals import CampaignJournals
from spapi_messaging.distributed.journal import PostgresJournal
from spapi_messaging.errors import (
    AccessDeniedError,
    AuthorizationError,
    ClaimedError,
    InvalidMessageError,
    TokenRejectedError,
)
from spapi_messaging.marketplaces import Marketplace
from spapi_messaging.quota import RateLimits
from spapi_messaging.sellers import SellerPool
from spapi_messaging.transport import Credentials

_STOPS = (AuthorizationError, AccessDeniedError, TokenRejectedError)
"""What stops a seller: the next message would fare no better."""


class NotAllSentError(Exception):
    """Messages of a batch were not sent: `resume` puts it back once the cause is gone."""


@attrs.frozen(kw_only=True)
class BatchSender:
    """Sends the batches of one worker."""

    credentials: Callable[[str], Credentials | Awaitable[Credentials]] = attrs.field(repr=False)
    marketplace: Marketplace
    journals: CampaignJournals
    limits: Callable[[], RateLimits]
    bulk: BulkOptions
    session: dict[str, Any]

    async def send(
        self, jobs: list[Job], *, seller: str, campaign: str, **chosen: Unpack[BulkOptions]
    ) -> dict[str, int]:
        """Send a batch and count its outcomes; ``chosen``: by whoever enqueued it.

        Raises NotAllSentError.
        """
        counts: Counter[str] = Counter()
        fault: NotSent | None = None
        pool = SellerPool(
            self.credentials, marketplace=self.marketplace, limits=self.limits(), **self.session
        )
        async with self.journals.checkout(campaign) as journal, pool:
            options: BulkOptions = {**self.bulk, **chosen, "journal": journal}
            async with pool.bulk(jobs, **options) as outcomes:
                async for outcome in outcomes:
                    counts[type(outcome).__name__] += 1
                    if isinstance(outcome, NotSent):
                        fault = fault or outcome
                        if isinstance(outcome.error, _STOPS):
                            break
            if fault is not None:
                reason = type(fault.error).__name__
                once = options.get("once", "action")
                left = await self._note(journal, jobs, seller, reason, once)
                raise NotAllSentError(f"{left} of {len(jobs)} were not sent ({reason})")
        return dict(counts)

    async def _note(
        self, journal: PostgresJournal, jobs: list[Job], seller: str, reason: str, once: Once
    ) -> int:
        """Count the jobs that are not sent, and write down those that never came so far."""
        now, left = time.time(), 0
        found = await asyncio.gather(*(_known(journal, job, once) for job in jobs))
        for job, (identity, known) in zip(jobs, found, strict=True):
            if identity is None:
                continue  # refused, as the run said
            left += known is None or known.state == "not sent"
            if known is None:
                with suppress(ClaimedError):
                    await journal.write(self._entry(job, identity, seller, reason, now))
        return left

    def _entry(self, job: Job, identity: Identity, seller: str, reason: str, now: float) -> Entry:
        return Entry(
            key=identity.key,
            seller=seller,
            marketplace=(job.marketplace or self.marketplace).id,
            order_id=job.order_id,
            operation=job.message.operation,
            state="not sent",
            began_at=now,
            ended_at=now,
            reason=reason,
            content=identity.content,
        )


async def _known(
    journal: PostgresJournal, job: Job, once: Once
) -> tuple[Identity | None, Entry | None]:
    """Find what a run would find of a job, under whatever key."""
    try:
        identity = Identity.of(job, once)
        return identity, (await known_of(journal, identity)).entry
    except InvalidMessageError:
        return None, None
