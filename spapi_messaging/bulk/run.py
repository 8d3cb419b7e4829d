"""A bulk run: many jobs through one window, an outcome for each, and nothing left behind.

It is a context manager and not an async generator: a generator that is left early lets its work go
on until it is collected (PEP 789). A job takes a place in the window when it is pulled and frees
it when its outcome is taken, so memory does not grow with the number of jobs, and a slow
consumer slows the run. Each job is a task of the run, which waits for its turn at each
operation's own limiter; so discovery, uploads and the operations overlap, and the slowest
quota alone sets the pace.
"""

import asyncio
import os
from collections import defaultdict, deque
from collections.abc import AsyncIterator, Callable, Iterator, Sized
from contextlib import AsyncExitStack, aclosing
from contextvars import copy_context
from typing import Self, TypeAlias, TypedDict, Unpack, get_args

from spapi_messaging.bulk.content_policy import ContentCheck, ContentPolicy
from spapi_messaging.bulk.identity import Once
from spapi_messaging.bulk.job import Job
from spapi_messaging.bulk.jobs_stream import Jobs, each_job
from spapi_messaging.bulk.journal import Journal, OrderJournal
from spapi_messaging.bulk.lookup import guarded
from spapi_messaging.bulk.outcomes import Outcome, Summary, Tally, broken_off
from spapi_messaging.bulk.sqlite_journal import SqliteJournal
from spapi_messaging.bulk.waiting import wait_although_cancelled
from spapi_messaging.bulk.worker import Again, Checkout, JobWorker, OnDoubt
from spapi_messaging.errors import JournalError
from spapi_messaging.transport import Delivery

JournalLike: TypeAlias = Journal | str | os.PathLike[str]
"""An open journal, or the path of one that the run opens and closes."""


class BulkOptions(TypedDict, total=False):
    """How a bulk run is done: the options of ``MessagingSession.bulk`` and ``SellerPool.bulk``."""

    window: int
    """Jobs in progress at a time, 100 by default."""
    once: Once
    """By what a job is known to be done: "action" (the default): this action to this order;
    "order": any message to this order; "content": this action with this content."""
    journal: JournalLike | None
    """Where it is written down what was sent, so that the same jobs with the same journal go on
    where a run ended: an open journal, or the path of one that the run opens and closes; None
    by default."""
    on_doubt: OnDoubt
    """For what a journal has in doubt: "report" it (the default), "resend" it (the buyer may get
    it twice), or "rediscover": ask the order, where an action that is gone is evidence."""
    resend_changed: bool
    """Whether what was sent with other content is sent again: the buyer gets a second message."""
    retry_refused: bool
    """Whether what an earlier run has as refused is tried again."""
    discover: bool
    """Whether orders are asked first, as by default; otherwise an operation's quota is the only
    bound."""
    content: ContentPolicy
    """For what ``check_text`` says of a text: "warn" (the default; in the log and in the summary),
    "refuse" it, or "off"."""
    grace: float
    """Seconds for what is under way when the block is left early, 30 by default."""


_DEFAULTS = BulkOptions(
    window=100,
    once="action",
    journal=None,
    on_doubt="report",
    resend_changed=False,
    retry_refused=False,
    discover=True,
    content="warn",
    grace=30.0,
)
_CHOICES = {"once": Once, "on_doubt": OnDoubt, "content": ContentPolicy}


def _completed(options: BulkOptions) -> BulkOptions:
    """Return all options, with their defaults; raises TypeError and ValueError for wrong ones."""
    unknown = options.keys() - _DEFAULTS.keys()
    if unknown:
        raise TypeError(f"a bulk run has no option {', '.join(sorted(unknown))}")
    chosen = _DEFAULTS | options
    if chosen["window"] < 1:
        raise ValueError(f"the window holds at least one job, not {chosen['window']}")
    for name, choices in _CHOICES.items():
        if chosen.get(name) not in get_args(choices):
            *some, last = (f'"{choice}"' for choice in get_args(choices))
            raise ValueError(f"{name} is {', '.join(some)} or {last}, not {chosen.get(name)!r}")
    return chosen


class BulkRun:
    """The outcomes of many jobs as they come: ``async with … as outcomes``, ``async for``.

    ``checkout``: checks out the session of a job's seller; ``clock``: wall time for the journal.
    Leaving the block early sends nothing more: what waits is given up, what is under way gets
    ``grace`` seconds to be answered and is journalled as far as it came; `rest` has its outcomes.
    """

    def __init__(
        self,
        jobs: Jobs,
        *,
        checkout: Checkout,
        clock: Callable[[], float],
        **options: Unpack[BulkOptions],
    ) -> None:
        chosen = _completed(options)
        self._jobs = jobs
        self._worker = JobWorker(
            checkout=checkout,
            journal=None,
            again=Again(
                on_doubt=chosen["on_doubt"],
                refused=chosen["retry_refused"],
                changed=chosen["resend_changed"],
            ),
            once=chosen["once"],
            discover=chosen["discover"],
            clock=clock,
            content_check=ContentCheck(chosen["content"]),
        )
        self._journal = chosen["journal"]
        self._stack = AsyncExitStack()
        self.grace = chosen["grace"]
        self._places = asyncio.Semaphore(chosen["window"])
        self._tasks: dict[asyncio.Task[None], Delivery] = {}
        self._ready: deque[Outcome] = deque()
        self._news = asyncio.Event()
        self._failure: BaseException | None = None
        self._feeder: asyncio.Task[None] | None = None
        self._tally = Tally(0.0)
        self._stopped = False
        self._left = False
        self._ended_at: float | None = None

    async def __aenter__(self) -> Self:
        if self._feeder is not None:
            raise RuntimeError("a bulk run runs once")
        try:
            await self._open()
        except BaseException:
            await self._stack.aclose()
            raise
        loop = asyncio.get_running_loop()
        self._tally = Tally(loop.time())
        self._feeder = loop.create_task(self._feed())
        self._feeder.add_done_callback(self._fed)
        return self

    async def _open(self) -> None:
        journal = self._journal
        if isinstance(journal, str | os.PathLike):
            journal = await self._stack.enter_async_context(SqliteJournal(journal))
        if isinstance(journal, SqliteJournal):
            journal.claim()
            self._stack.callback(journal.release)
            self._worker.is_new = journal.is_empty
        elif journal is not None:
            journal = guarded(journal)
        self._worker.journal = journal
        self._worker.repeats.counts_all = isinstance(journal, OrderJournal)
        self._stack.enter_context(self._worker.repeats)

    async def __aexit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._left = True
        async with self._stack:
            self._stop()
            try:
                await asyncio.wait(self._alive, timeout=self.grace)
            finally:
                for task in self._tasks:
                    _cancel_once(task)
                await wait_although_cancelled(self._alive)
        if kind is None and isinstance(self._failure, JournalError):
            raise self._failure  # what went out last could not be written down

    @property
    def _alive(self) -> set[asyncio.Task[None]]:
        return {*self._tasks, *([self._feeder] if self._feeder else [])}

    def __aiter__(self) -> AsyncIterator[Outcome]:
        return self

    async def __anext__(self) -> Outcome:
        if self._feeder is None or self._left:
            raise RuntimeError("iterate inside the block: async with session.bulk(…) as outcomes")
        while not self._ready:
            if self._feeder.done() and not self._tasks:
                if self._failure is not None:
                    raise self._failure
                raise StopAsyncIteration
            self._news.clear()
            await self._news.wait()
        self._places.release()
        return self._ready.popleft()

    def rest(self) -> Iterator[Outcome]:
        """Take the outcomes of what was under way when the block was left, once it is."""
        while self._left and self._ready:
            yield self._ready.popleft()

    async def finish(self) -> Summary:
        """Run to the end without looking at single outcomes, and sum up."""
        async for _ in self:
            pass
        return self.summary

    @property
    def summary(self) -> Summary:
        """How the run stands now."""
        allowed: dict[str, float] = defaultdict(float)
        for (_, operation), limiter in self._worker.limiters.items():
            allowed[operation] += limiter.quota.rate
        return self._tally.summary(
            self._now,
            allowed=dict(allowed),
            in_progress=len(self._tasks),
            under_way=sum(delivery.is_under_way for delivery in self._tasks.values()),
            length=len(self._jobs) if isinstance(self._jobs, Sized) else None,
            warnings=dict(self._worker.content_check.counts),
            away=self._worker.away,
        )

    @property
    def _now(self) -> float:
        """The loop's time for the summary: of a run that has not begun, its beginning."""
        if self._feeder is None:
            return self._tally.started
        return asyncio.get_running_loop().time() if self._ended_at is None else self._ended_at

    async def _feed(self) -> None:
        """Pull jobs as the window frees."""
        loop, done, context = asyncio.get_running_loop(), self._done, copy_context()
        async with aclosing(each_job(self._jobs)) as jobs:
            while True:
                await self._places.acquire()
                job = await anext(jobs, None)
                if job is None or self._stopped:  # an iterator may outlive its cancellation
                    return
                delivery = Delivery()
                task = loop.create_task(self._do(job, delivery))
                self._tasks[task] = delivery
                task.add_done_callback(done, context=context)  # one for all of them

    async def _do(self, job: Job, delivery: Delivery) -> None:
        try:
            outcome = await self._worker.do(job, delivery)
        except asyncio.CancelledError:
            outcome_so_far = broken_off(job, delivery.known)
            if outcome_so_far is not None:
                self._take(outcome_so_far)
            raise
        self._take(outcome)

    def _take(self, outcome: Outcome) -> None:
        self._tally.count(outcome, asyncio.get_running_loop().time())
        self._ready.append(outcome)

    def _fed(self, feeder: asyncio.Task[None]) -> None:
        """Take notice that no more jobs come; those that were pulled are finished."""
        self._note(self._failure_of(feeder, "the jobs' iterator was cancelled"))

    def _done(self, task: asyncio.Task[None]) -> None:
        """Take notice of a job's end; a failure, such as a full disk, stops the run."""
        del self._tasks[task]
        failure = self._failure_of(task, "a job was cancelled from outside")
        if failure is not None:
            self._stop()
        self._note(failure)

    def _failure_of(self, task: asyncio.Task[None], cancelled: str) -> BaseException | None:
        if task.cancelled():
            return None if self._stopped else RuntimeError(cancelled)
        return task.exception()

    def _note(self, failure: BaseException | None) -> None:
        self._failure = self._failure or failure
        if not self._tasks and self._feeder is not None and self._feeder.done():
            self._ended_at = asyncio.get_running_loop().time()
        self._news.set()

    def _stop(self) -> None:
        """Send nothing more: give up all that is not under way."""
        self._stopped = True
        if self._feeder is not None:
            _cancel_once(self._feeder)
        for task, delivery in self._tasks.items():
            delivery.is_last = True
            if not delivery.head_sent:
                _cancel_once(task)


def _cancel_once(task: asyncio.Task[None]) -> None:
    # A second time would break off what a cancelled job has yet to write down.
    if not task.cancelling():
        task.cancel()
