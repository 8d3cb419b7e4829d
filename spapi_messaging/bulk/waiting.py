"""Waiting for what has to come to its end: a commit, a file that is closed, a job under way."""

import asyncio
from collections.abc import Iterable
from typing import Any


async def wait_although_cancelled(tasks: Iterable["asyncio.Future[Any]"]) -> None:
    """Wait until all are done, however often the waiter is cancelled; be cancelled only then.

    What a task raises stays in the task: ``task.result()`` raises it.
    """
    pending = set(tasks)
    cancelled: asyncio.CancelledError | None = None
    while pending:
        try:
            _, pending = await asyncio.wait(pending)
        except asyncio.CancelledError as error:
            cancelled = error
    if cancelled is not None:
        raise cancelled
