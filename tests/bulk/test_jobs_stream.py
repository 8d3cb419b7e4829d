"""Where jobs come from: an iterable or an async one, looked at as they come."""

from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any

import pytest
from helpers.bulk_runs import jobs

from spapi_messaging import Job
from spapi_messaging.bulk import each_job


class Source:
    """An async source that knows whether it was closed."""

    def __init__(self, items: list[Any]) -> None:
        self.items = items
        self.is_closed = False

    async def __aiter__(self) -> AsyncIterator[Job]:
        try:
            for item in self.items:
                yield item
        finally:
            self.is_closed = True


async def test_jobs_come_in_their_order_from_either_kind() -> None:
    wanted = jobs(5)
    assert [job async for job in each_job(iter(wanted))] == wanted
    assert [job async for job in each_job(Source(wanted))] == wanted


async def test_a_source_that_is_left_is_closed() -> None:
    source = Source(jobs(5))
    async with aclosing(each_job(source)) as each:
        assert await anext(each) == jobs(1)[0]
        assert not source.is_closed
    assert source.is_closed


async def test_what_is_not_a_job_is_refused_and_its_source_closed() -> None:
    source = Source([*jobs(1), "a job"])
    each = each_job(source)
    assert await anext(each) == jobs(1)[0]
    with pytest.raises(TypeError, match="jobs are Job, not str"):
        await anext(each)
    assert source.is_closed
    wrong: Any = [None]
    with pytest.raises(TypeError, match="jobs are Job, not NoneType"):
        await anext(each_job(wrong))
