"""What survives a crash: a row 'sending' before a message's first byte, its outcome after.

A run that is killed at any moment leaves no message unaccounted for: what was not begun has no
row or one that says so, what was answered has its answer, and what is found 'sending' is in
doubt. The price is two commits a message; commits of jobs that run at once are made together
(https://sqlite.org/wal.html, synchronous=FULL: a commit is on the disk when it returns).

A journal holds no secret and no text: a job is known again by its order and action. It belongs to
one run at a time: a lock sees to that, which the operating system drops when the process dies.
"""

import asyncio
import functools
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Self, TypeAlias

from spapi_messaging.bulk.journal import Entry, Found, OfKey, OfOrder, Plan
from spapi_messaging.bulk.sqlite_file import Answer, JournalFile, Request
from spapi_messaging.bulk.waiting import wait_although_cancelled
from spapi_messaging.errors import JournalError

_Waiting: TypeAlias = tuple[Request, "asyncio.Future[Found]"]


class SqliteJournal:
    """A journal in a SQLite file, made if it is missing: ``async with SqliteJournal(path)``.

    Raises JournalError for a file of another kind or of a newer version, for one that another
    run has open, and for one that cannot be written.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)
        self._thread: ThreadPoolExecutor | None = None
        self._file: JournalFile | None = None
        self._waiting: list[_Waiting] = []
        self._committing = False
        self._claimed = False
        self.is_empty = False
        """Whether nothing was ever written to it but plans."""

    async def __aenter__(self) -> Self:
        if self._thread is not None:
            raise RuntimeError("this journal is open already")
        thread = ThreadPoolExecutor(1, thread_name_prefix="journal")
        try:
            await _uninterrupted(asyncio.get_running_loop().run_in_executor(thread, self._open))
        except BaseException:
            await self._leave(thread)
            raise
        self._thread = thread
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._thread is not None:
            self._commit()
            thread, self._thread = self._thread, None
            await self._leave(thread)

    async def _leave(self, thread: ThreadPoolExecutor) -> None:
        closing = asyncio.get_running_loop().run_in_executor(thread, self._close)
        thread.shutdown(wait=False)
        await _uninterrupted(closing)

    def claim(self) -> None:
        """Take it for one run until `release`: of two, neither would see what the other begins."""
        if self._claimed:
            raise JournalError(str(self.path), "another run of this process uses it")
        self._claimed = True

    def release(self) -> None:
        """Hand it back after a run."""
        self._claimed = False

    async def find(self, key: str, /) -> Entry | None:
        """Return the entry of a job, if there is one."""
        found = await self._ask(OfKey(key))
        return found[0] if found else None

    async def of_order(self, order_id: str, /) -> list[Entry]:
        """Return all entries of an order."""
        return await self._ask(OfOrder(order_id))

    async def entries(self) -> list[Entry]:
        """Return all entries, in the order in which they began."""
        file, thread = self._opened
        return await asyncio.get_running_loop().run_in_executor(thread, file.all)

    async def write(self, entry: Entry, /) -> None:
        """Write an entry durably, in one commit with all that wait at the same time.

        A cancelled writer's entry is written all the same.
        """
        self.is_empty = False
        await self._ask(entry)

    async def write_plan(self, plan: Plan, /) -> None:
        """Write a plan durably, in one commit with all that wait at the same time."""
        await self._ask(plan)

    def _ask(self, asked: Request) -> "asyncio.Future[Found]":
        _ = self._opened
        loop = asyncio.get_running_loop()
        done: asyncio.Future[Found] = loop.create_future()
        self._waiting.append((asked, done))
        if not self._committing:
            self._committing = True
            loop.call_soon(self._commit)
        return done

    @property
    def _opened(self) -> "tuple[JournalFile, ThreadPoolExecutor]":
        if self._file is None or self._thread is None:
            raise JournalError(str(self.path), "it is not open")
        return self._file, self._thread

    def _commit(self) -> None:
        """Commit what waits; by callbacks, for a task is something that can be cancelled."""
        batch, self._waiting = self._waiting, []
        self._committing = bool(batch)
        if batch:
            file, thread = self._opened
            loop = asyncio.get_running_loop()
            work = loop.run_in_executor(thread, file.do, [asked for asked, _ in batch])
            work.add_done_callback(functools.partial(self._settle, batch))

    def _settle(self, batch: list[_Waiting], work: "asyncio.Future[list[Answer]]") -> None:
        failure = work.exception()
        for index, (_, done) in enumerate(batch):
            if done.done():
                continue  # its writer was cancelled; what was written is true all the same
            answer = failure or work.result()[index]
            if isinstance(answer, BaseException):
                done.set_exception(_as_journal_error(self.path, answer))
            else:
                done.set_result(answer)
        # After the writers that were just served: what they write next goes into the same commit.
        asyncio.get_running_loop().call_soon(self._commit)

    def _open(self) -> None:
        self._file = JournalFile.open(self.path)
        self.is_empty = self._file.is_empty()

    def _close(self) -> None:
        file, self._file = self._file, None
        if file is not None:
            file.close()


async def _uninterrupted(work: "asyncio.Future[None]") -> None:
    """Wait for work in a thread to its end; its failure counts more than a cancellation."""
    try:
        await wait_although_cancelled([work])
    finally:
        work.result()


def _as_journal_error(path: Path, failure: BaseException) -> JournalError:
    """Make an error for one writer: no two of them raise the same object."""
    if isinstance(failure, JournalError):
        return JournalError(failure.journal, failure.fault)
    return JournalError(str(path), f"{type(failure).__name__}: {failure}")
