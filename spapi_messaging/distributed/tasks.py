"""The tasks of a worker: it sends a batch, and puts back the batches of workers that died.

A seller's batches have one lock, so that one worker at a time sends for the seller and the limiters
of that process are exact; they start empty: another worker may just have used the burst.
Procrastinate retries nothing that was tried: at most once is the journal's business. What it
does is to put batches back that were interrupted, by a worker's end or a database that was away;
their messages that were sent are skipped, and those whose answer nobody knows are in doubt.
"""

import asyncio
import functools
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import procrastinate
import psycopg
from procrastinate import exceptions, jobs as queued
from procrastinate.app import WorkerOptions

from spapi_messaging.bulk import BulkOptions, Once
from spapi_messaging.distributed import batches
from spapi_messaging.distributed.batch_sender import BatchSender
from spapi_messaging.distributed.batches import NAMESPACE, TASK
from spapi_messaging.distributed.campaign_journals import CampaignJournals
from spapi_messaging.distributed.packing import unpack
from spapi_messaging.errors import JournalError
from spapi_messaging.marketplaces import Marketplace
from spapi_messaging.quota import RateLimits
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

PUT_BACK_PRIORITY = 100
RETRY_DELAY = 5.0
"""Seconds, times the attempts so far, up to `MAX_DELAY`."""
MAX_DELAY = 300.0
_PUT_BACK_DELAY = timedelta(seconds=1)


class _PutBack(procrastinate.BaseRetryStrategy):
    """Puts back what was interrupted; never what failed."""

    def get_retry_decision(
        self, *, exception: BaseException, job: queued.Job
    ) -> procrastinate.RetryDecision | None:
        if isinstance(exception, asyncio.CancelledError):
            return procrastinate.RetryDecision()
        away = (JournalError, psycopg.OperationalError, exceptions.ConnectorException)
        if isinstance(exception, away):
            seconds = int(min(RETRY_DELAY * (job.attempts + 1), MAX_DELAY))
            return procrastinate.RetryDecision(retry_in={"seconds": seconds})
        return None


def messaging_blueprint(
    credentials: Callable[[str], Credentials | Awaitable[Credentials]],
    *,
    marketplace: Marketplace,
    journal: str,
    limits: Callable[[], RateLimits] | None = None,
    window: int = 50,
    discover: bool = True,
    on_doubt: Literal["report", "rediscover"] = "report",
    once: Once = "action",
    stalled_after: float = 30.0,
    check_every: int = 10,
    **options: Any,
) -> procrastinate.Blueprint:
    """Return the tasks of a worker, for ``app.add_tasks_from(…, namespace="spapi_messaging")``.

    ``credentials``: called with a seller's name on the worker; no secret is in the queue.
    ``journal``: the address of the database of the `PostgresJournal`. ``limits``: makes the limits
    of a batch; they have to start empty, or be shared by all workers. ``window``, ``discover``,
    ``on_doubt`` and ``once`` are those of ``SellerPool.bulk``. ``stalled_after``: seconds without
    a heartbeat after which a worker is dead, no less than its ``stalled_worker_timeout``; its
    batches are put back by any worker alive, each of which looks every ``check_every`` seconds,
    1 to 59. Everything else is an option of every ``MessagingSession``.
    """
    # What is under way when a worker stops has ended before it can be taken for dead.
    grace = stalled_after / 2
    sender = BatchSender(
        credentials=credentials,
        marketplace=marketplace,
        journals=CampaignJournals(journal),
        limits=limits or functools.partial(RateLimits, starts_empty=True),
        bulk=BulkOptions(
            window=window, discover=discover, on_doubt=on_doubt, once=once, grace=grace
        ),
        session=options,
    )
    blueprint = procrastinate.Blueprint()
    _add_send_batch(blueprint, sender)
    _add_put_back(blueprint, stalled_after, check_every)
    return blueprint


def _add_send_batch(blueprint: procrastinate.Blueprint, sender: BatchSender) -> None:
    @blueprint.task(name=TASK, queue=NAMESPACE, pass_context=True, retry=_PutBack())
    async def send_batch(
        context: procrastinate.JobContext, /, *, batch: int, seller: str, campaign: str, **bulk: Any
    ) -> dict[str, int]:
        packed = await batches.load(context.app, batch)
        if packed is None:  # done; its worker died before it could say so
            return {}
        jobs = unpack(packed, seller=seller)
        counts = await sender.send(jobs, seller=seller, campaign=campaign, **bulk)
        await batches.forget(context.app, batch)
        return counts


def _add_put_back(
    blueprint: procrastinate.Blueprint, stalled_after: float, check_every: int
) -> None:
    @blueprint.periodic(cron=f"* * * * * */{check_every}")
    @blueprint.task(
        name="put_back",
        queue=NAMESPACE,
        pass_context=True,
        priority=PUT_BACK_PRIORITY,
        # Without a lock, which a worker that is killed meanwhile would hold for ever.
        queueing_lock=f"{NAMESPACE} put_back",
    )
    async def put_back(
        context: procrastinate.JobContext,
        timestamp: int,  # noqa: ARG001  # Procrastinate passes it, by this name
    ) -> int:
        namespace = context.task.name.rpartition(":")[0]
        return await _put_back(context.app, f"{namespace}:{TASK}", stalled_after)


async def _put_back(app: procrastinate.App, task: str, stalled_after: float) -> int:
    """Put the batches of dead workers back, and return their number.

    They wait a moment, in which another worker that has found them too is told that they are back.
    """
    stalled = await app.job_manager.get_stalled_jobs(
        task_name=task, seconds_since_heartbeat=stalled_after
    )
    count = 0
    for job in stalled:
        with suppress(exceptions.ConnectorException):  # it ended meanwhile, or is back
            await app.job_manager.retry_job(job, datetime.now(UTC) + _PUT_BACK_DELAY)
            count += 1
    return count
