"""The tasks of a worker: it sends a batch, and puts back the batches of workers that died.

A seller's batches have one lock, so that one worker writes for him at a time and the limiters of
that process are exact; they start empty, because another worker may just have used the burst.
Procrastinate retries nothing that was tried: at most once is the journal's business. What it
does is to put batches back that were interrupted, by a worker's end or a database that was away;
their messages that were sent are skipped, and those found as being sent are in doubt.
"""

import asyncio
import functools
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any, Literal

import attrs
import procrastinate
import psycopg
from procrastinate import exceptions, jobs as queued
from procrastinate.app import WorkerOptions

from spapi_messaging.bulk import Entry, Job, NotSent, key_of
from spapi_messaging.distributed import batches
from spapi_messaging.distributed.batches import NAMESPACE, TASK
from spapi_messaging.distributed.journal import PostgresJournal
from spapi_messaging.distributed.packing import unpack
from spapi_messaging.errors import (
    AccessDeniedError,
    AuthorizationError,
    ClaimedError,
    JournalError,
    TokenRejectedError,
)
from spapi_messaging.marketplaces import Marketplace
from spapi_messaging.quota import RateLimits
from spapi_messaging.sellers import SellerPool
from spapi_messaging.transport import Credentials

WORKER_DEFAULTS: WorkerOptions = {
    "concurrency": 50,
    "delete_jobs": "successful",
    "fetch_job_polling_interval": 1.0,
    "listen_notify": False,
    "shutdown_graceful_timeout": 0,
}
"""For ``procrastinate.App(worker_defaults=…)`` of the workers of campaigns.

A worker sends for ``concurrency`` sellers at a time, and spends its time waiting for quotas. A
seller's next batch is found by asking, since the end of the one before notifies nobody; so
nothing is lost by not listening, and no connection that breaks ends the worker. A worker
that is to stop gives its batches back at once, as far as messages are not under way.
"""

_STOPS = (AuthorizationError, AccessDeniedError, TokenRejectedError)
"""What stops a seller: his next message would fare no better."""
_FIRST = 100
_AGAIN = 5.0
MAX_DELAY = 300.0


class NotAllSentError(Exception):
    """Messages of a batch were not sent: `resume` puts it back once the cause is gone."""


class _PutBack(procrastinate.BaseRetryStrategy):
    """Puts back what was interrupted; never what failed."""

    def get_retry_decision(
        self, *, exception: BaseException, job: queued.Job
    ) -> procrastinate.RetryDecision | None:
        if isinstance(exception, asyncio.CancelledError):
            return procrastinate.RetryDecision()
        away = (JournalError, psycopg.OperationalError, exceptions.ConnectorException)
        if isinstance(exception, away):
            seconds = int(min(_AGAIN * (job.attempts + 1), MAX_DELAY))
            return procrastinate.RetryDecision(retry_in={"seconds": seconds})
        return None


@attrs.define
class _SharedJournal:
    journal: PostgresJournal
    opening: asyncio.Lock = attrs.field(factory=asyncio.Lock)
    is_open: bool = False
    users: int = 0


@attrs.define
class _Journals:
    """One journal for all batches of a campaign that run at once: their commits are shared."""

    address: str = attrs.field(repr=False)
    _checked_out: dict[str, _SharedJournal] = attrs.field(factory=dict, init=False)

    @asynccontextmanager
    async def checkout(self, campaign: str) -> AsyncIterator[PostgresJournal]:
        """Lend the journal of a campaign; the last to give it back closes it."""
        shared = self._checked_out.get(campaign)
        if shared is None:
            shared = self._checked_out[campaign] = _SharedJournal(
                PostgresJournal(self.address, campaign=campaign)
            )
        shared.users += 1
        try:
            async with shared.opening:
                if not shared.is_open:
                    await shared.journal.__aenter__()
                    shared.is_open = True
            yield shared.journal
        finally:
            shared.users -= 1
            if not shared.users:
                del self._checked_out[campaign]
                await shared.journal.__aexit__(None, None, None)


@attrs.frozen(kw_only=True)
class _Sender:
    """Sends the batches of one worker."""

    credentials: Callable[[str], Credentials | Awaitable[Credentials]] = attrs.field(repr=False)
    marketplace: Marketplace
    journals: _Journals
    limits: Callable[[], RateLimits]
    bulk: dict[str, Any]
    session: dict[str, Any]

    async def send(self, jobs: list[Job], *, seller: str, campaign: str) -> dict[str, int]:
        """Send a batch and count its outcomes; raises NotAllSentError."""
        counts: Counter[str] = Counter()
        fault: NotSent | None = None
        pool = SellerPool(
            self.credentials, marketplace=self.marketplace, limits=self.limits(), **self.session
        )
        async with self.journals.checkout(campaign) as journal, pool:
            async with pool.bulk(jobs, journal=journal, **self.bulk) as outcomes:
                async for outcome in outcomes:
                    counts[type(outcome).__name__] += 1
                    if isinstance(outcome, NotSent):
                        fault = fault or outcome
                        if isinstance(outcome.error, _STOPS):
                            break
            if fault is not None:
                reason = type(fault.error).__name__
                left = await self._note(journal, jobs, seller, reason)
                raise NotAllSentError(f"{left} of {len(jobs)} were not sent ({reason})")
        return dict(counts)

    async def _note(
        self, journal: PostgresJournal, jobs: list[Job], seller: str, reason: str
    ) -> int:
        """Count the jobs that are not sent, and write down those that never came so far."""
        now, left = time.time(), 0
        blank = [self._entry(job, seller, reason, now) for job in jobs]
        found = await asyncio.gather(*(journal.find(entry.key) for entry in blank))
        for entry, known in zip(blank, found, strict=True):
            left += known is None or known.state == "not sent"
            if known is None:
                with suppress(ClaimedError):
                    await journal.write(entry)
        return left

    def _entry(self, job: Job, seller: str, reason: str, now: float) -> Entry:
        marketplace = (job.marketplace or self.marketplace).id
        return Entry(
            key=key_of(job, seller=seller, marketplace=marketplace),
            seller=seller,
            marketplace=marketplace,
            order_id=job.order_id,
            operation=job.message.operation,
            state="not sent",
            began_at=now,
            ended_at=now,
            reason=reason,
        )


def messaging_blueprint(
    credentials: Callable[[str], Credentials | Awaitable[Credentials]],
    *,
    marketplace: Marketplace,
    journal: str,
    limits: Callable[[], RateLimits] | None = None,
    window: int = 50,
    discover: bool = True,
    on_doubt: Literal["report", "rediscover"] = "report",
    stalled_after: float = 30.0,
    check_every: int = 10,
    **options: Any,
) -> procrastinate.Blueprint:
    """Return the tasks of a worker, for ``app.add_tasks_from(…, namespace="spapi_messaging")``.

    ``credentials``: called with a seller's name on the worker; no secret is in the queue.
    ``journal``: the address of the database of the `PostgresJournal`. ``limits``: makes the limits
    of a batch; they have to start empty, or be shared by all workers. ``window``, ``discover`` and
    ``on_doubt`` are those of ``SellerPool.bulk``. ``stalled_after``: seconds without a heartbeat
    after which a worker is taken for dead, no less than the worker's ``stalled_worker_timeout``;
    its batches are put back by whoever is alive, who looks every ``check_every`` seconds, 1 to 59.
    Everything else is an option of every ``MessagingSession``.
    """
    sender = _Sender(
        credentials=credentials,
        marketplace=marketplace,
        journals=_Journals(journal),
        limits=limits or functools.partial(RateLimits, starts_empty=True),
        # What is under way when a worker stops has ended before he can be taken for dead.
        bulk={
            "window": window,
            "discover": discover,
            "on_doubt": on_doubt,
            "grace": stalled_after / 2,
        },
        session=options,
    )
    blueprint = procrastinate.Blueprint()

    @blueprint.task(name=TASK, queue=NAMESPACE, pass_context=True, retry=_PutBack())
    async def send_batch(
        context: procrastinate.JobContext, *, batch: int, seller: str, campaign: str
    ) -> dict[str, int]:
        packed = await batches.load(context.app, batch)
        if packed is None:  # done; its worker died before it could say so
            return {}
        jobs = unpack(packed, seller=seller)
        counts = await sender.send(jobs, seller=seller, campaign=campaign)
        await batches.forget(context.app, batch)
        return counts

    @blueprint.periodic(cron=f"* * * * * */{check_every}")
    @blueprint.task(
        name="put_back",
        queue=NAMESPACE,
        pass_context=True,
        priority=_FIRST,
        lock=f"{NAMESPACE} put_back",
        queueing_lock=f"{NAMESPACE} put_back",
    )
    async def put_back(context: procrastinate.JobContext, timestamp: int) -> int:  # noqa: ARG001  # it gets one
        namespace = context.task.name.rpartition(":")[0]
        return await _put_back(context.app, f"{namespace}:{TASK}", stalled_after)

    return blueprint


async def _put_back(app: procrastinate.App, task: str, stalled_after: float) -> int:
    """Put the batches of dead workers back, and give their number."""
    stalled = await app.job_manager.get_stalled_jobs(
        task_name=task, seconds_since_heartbeat=stalled_after
    )
    count = 0
    for job in stalled:
        with suppress(exceptions.ConnectorException):  # it ended meanwhile
            await app.job_manager.retry_job(job)
            count += 1
    return count
