"""The jobs of a run as they come, from whatever holds or makes them."""

from collections.abc import AsyncGenerator, AsyncIterable, Iterable
from typing import Any, TypeAlias

from spapi_messaging.bulk.job import Job

Jobs: TypeAlias = Iterable[Job] | AsyncIterable[Job]


async def each_job(jobs: Jobs) -> AsyncGenerator[Job, None]:
    """Take the jobs one at a time; close an asynchronous source when it is left.

    Raises TypeError for what is not a Job.
    """
    if isinstance(jobs, AsyncIterable):
        source: Any = aiter(jobs)
        try:
            async for job in source:
                yield _checked(job)
        finally:
            if hasattr(source, "aclose"):
                await source.aclose()
    else:
        for job in jobs:
            yield _checked(job)


def _checked(job: object) -> Job:
    if not isinstance(job, Job):
        raise TypeError(f"jobs are Job, not {type(job).__name__}")
    return job
