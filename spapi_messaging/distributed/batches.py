"""Batches: a stream of jobs, split by seller, and put into Procrastinate's queue.

The buyers' texts wait in a table of their own, `spapi_messaging_batches`, and the arguments of the
task name its row: Procrastinate logs the arguments of every task, at INFO, and texts are for no
log. A row is deleted when its batch is done; until then the queue is the campaign's storage, and
a reader of that database reads what buyers are going to read. Row and task are one transaction.
"""

import json
import zlib
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import aclosing, asynccontextmanager
from typing import Any, get_args

import attrs
import procrastinate
import psycopg
from psycopg.rows import tuple_row

from spapi_messaging.bulk import Job, Jobs, Once, each_job
from spapi_messaging.distributed.packing import pack
from spapi_messaging.distributed.statements import DEFAULT_CAMPAIGN, SCHEMA_LOCK

NAMESPACE = "spapi_messaging"
"""Of the tasks, where ``app.add_tasks_from`` is not told another; and the queue's name."""
TASK = "send_batch"

MAX_BATCH_BYTES = 8 * 1024 * 1024
"""Of one batch, as text; one whose files are large is sent off before it is full."""
MAX_OPEN_BYTES = 64 * 1024 * 1024

_CREATE = """
CREATE TABLE IF NOT EXISTS spapi_messaging_batches (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    campaign text NOT NULL,
    seller text NOT NULL,
    size integer NOT NULL,
    jobs bytea NOT NULL
)
"""
_INSERT = """
INSERT INTO spapi_messaging_batches (campaign, seller, size, jobs) VALUES (%s, %s, %s, %s)
RETURNING id
"""


@attrs.frozen(kw_only=True)
class Enqueued:
    """What was put into the queue."""

    jobs: int
    batches: int


@attrs.define
class _Batch:
    seller: str
    jobs: list[str] = attrs.field(factory=list)
    bytes: int = 0


@attrs.define
class Splitter:
    """Gathers the jobs of each seller until they are a batch.

    ``size``: jobs of a full batch. ``max_open_bytes``: of what is not full; beyond it the
    largest goes as it is, so that memory does not grow with the number of sellers or jobs.
    """

    size: int
    max_open_bytes: int = MAX_OPEN_BYTES
    _open: dict[str, _Batch] = attrs.field(factory=dict, init=False)
    _bytes: int = attrs.field(default=0, init=False)

    def add(self, job: Job) -> Iterator[_Batch]:
        """Take a job, and return the batches that it is time for."""
        packed, seller = pack(job), job.seller or ""
        batch = self._open.setdefault(seller, _Batch(seller))
        batch.jobs.append(packed)
        batch.bytes += len(packed)
        self._bytes += len(packed)
        if len(batch.jobs) >= self.size or batch.bytes >= MAX_BATCH_BYTES:
            yield self._closed(batch)
        while self._bytes > self.max_open_bytes:
            yield self._closed(max(self._open.values(), key=lambda each: each.bytes))

    def rest(self) -> Iterator[_Batch]:
        """Return what is left."""
        while self._open:
            yield self._closed(next(iter(self._open.values())))

    def _closed(self, batch: _Batch) -> _Batch:
        self._bytes -= batch.bytes
        return self._open.pop(batch.seller)


@attrs.define
class _Queue:
    """Where the batches go, and how much went there."""

    app: procrastinate.App
    campaign: str
    task: str
    options: dict[str, Any]
    bulk: dict[str, Any]
    """The options of the runs that send the batches, as far as the enqueuer chose them."""
    jobs: int = 0
    batches: int = 0

    async def put(self, batches: Iterable[_Batch]) -> None:
        for batch in batches:
            await self._store(batch)
            self.jobs += len(batch.jobs)
            self.batches += 1

    async def _store(self, batch: _Batch) -> None:
        packed = zlib.compress(f"[{','.join(batch.jobs)}]".encode())
        async with connected(self.app) as connection:
            cursor = connection.cursor(row_factory=tuple_row)
            await cursor.execute(_INSERT, [self.campaign, batch.seller, len(batch.jobs), packed])
            (number,) = await cursor.fetchone() or (None,)
            # Of batches with one lock Procrastinate runs one at a time, the oldest first.
            task = self.app.configure_task(
                self.task, lock=f"{NAMESPACE}:{batch.seller}", connection=connection, **self.options
            )
            await task.defer_async(
                batch=number, seller=batch.seller, campaign=self.campaign, **self.bulk
            )


async def enqueue(
    app: procrastinate.App,
    jobs: Jobs,
    *,
    campaign: str = DEFAULT_CAMPAIGN,
    once: Once | None = None,
    resend_changed: bool = False,
    retry_refused: bool = False,
    size: int = 200,
    priority: int = 0,
    queue: str = NAMESPACE,
    namespace: str = NAMESPACE,
) -> Enqueued:
    """Put jobs into the queue, in batches of ``size`` of one seller each.

    ``jobs``: any iterable or async iterable, taken as it comes; every job names its seller. A
    stream that is sorted by seller makes the fewest batches. Jobs that were enqueued before are
    skipped when their turn comes, so after an interruption enqueue again from the start. ``once``
    (by default the worker's), ``resend_changed`` and ``retry_refused`` are those of
    ``SellerPool.bulk``, for these batches.
    The process needs neither the blueprint nor credentials; ``app`` is open, on a
    PsycopgConnector. Raises InvalidMessageError for a job without a seller, with files in memory
    of more than a megabyte, or with a key of more than 500 characters; what came before it is in
    the queue by then.
    """
    if size < 1:
        raise ValueError(f"a batch holds at least one job, not {size}")
    bulk = _chosen(once=once, resend_changed=resend_changed, retry_refused=retry_refused)
    async with connected(app) as connection:
        await _create(connection)
    splitter = Splitter(size)
    options: dict[str, Any] = {"queue": queue, "priority": priority}
    queued = _Queue(app, campaign, f"{namespace}:{TASK}", options, bulk)
    async with aclosing(each_job(jobs)) as each:
        async for job in each:
            await queued.put(splitter.add(job))
    await queued.put(splitter.rest())
    return Enqueued(jobs=queued.jobs, batches=queued.batches)


def _chosen(*, once: Once | None, **choices: bool) -> dict[str, Any]:
    if once not in {None, *get_args(Once)}:
        raise ValueError(f"once is {', '.join(get_args(Once))}, not {once!r}")
    chosen: dict[str, Any] = {"once": once, **choices}
    return {name: value for name, value in chosen.items() if value}


async def resume(
    app: procrastinate.App,
    *,
    seller: str | None = None,
    campaign: str | None = None,
    namespace: str = NAMESPACE,
) -> int:
    """Put the batches back that ended with messages not sent, and return their number.

    For one ``seller``, whose credentials are good again, or for one ``campaign``, or for all.
    What was sent, refused or in doubt is skipped.
    """
    failed = await app.job_manager.list_jobs_async(task=f"{namespace}:{TASK}", status="failed")
    count = 0
    for job in failed:
        names = (job.task_kwargs.get("seller"), job.task_kwargs.get("campaign"))
        if names[0] == (seller or names[0]) and names[1] == (campaign or names[1]):
            await app.job_manager.retry_job(job)
            count += 1
    return count


async def load(app: procrastinate.App, batch: int) -> list[dict[str, Any]] | None:
    """Return the packed jobs of a batch; None if it is done."""
    async with connected(app) as connection:
        cursor = connection.cursor(row_factory=tuple_row)
        await cursor.execute("SELECT jobs FROM spapi_messaging_batches WHERE id = %s", [batch])
        row = await cursor.fetchone()
    return json.loads(zlib.decompress(row[0])) if row else None


async def forget(app: procrastinate.App, batch: int) -> None:
    """Delete the texts of a batch that is done."""
    async with connected(app) as connection:
        await connection.execute("DELETE FROM spapi_messaging_batches WHERE id = %s", [batch])


async def _create(connection: psycopg.AsyncConnection[Any]) -> None:
    await connection.execute("SELECT pg_advisory_xact_lock(%s)", [SCHEMA_LOCK])
    found = await connection.execute("SELECT to_regclass('spapi_messaging_batches') IS NULL AS x")
    if tuple(await found.fetchone() or ()) != (False,):
        await connection.execute(_CREATE)


@asynccontextmanager
async def connected(app: procrastinate.App) -> AsyncIterator[psycopg.AsyncConnection[Any]]:
    """Take a connection of the app's for one transaction."""
    if not isinstance(app.connector, procrastinate.PsycopgConnector):
        kind = type(app.connector).__name__
        raise TypeError(f"the app's connector has to be a PsycopgConnector, not a {kind}")
    async with app.connector.pool.connection() as connection, connection.transaction():
        yield connection
