"""Waiting although cancelled: to the end first, and then the cancellation."""

import asyncio

import pytest
from helpers.virtual_time import virtual

from spapi_messaging.bulk import wait_although_cancelled


async def failing() -> None:
    await asyncio.sleep(1)
    raise OSError("full")


@virtual
async def test_it_waits_to_the_end_though_it_is_cancelled_several_times() -> None:
    loop = asyncio.get_running_loop()
    work = [asyncio.create_task(asyncio.sleep(seconds, seconds)) for seconds in (1, 5)]
    waiter = asyncio.create_task(wait_although_cancelled(work))
    for _ in range(3):
        await asyncio.sleep(0.5)
        waiter.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiter
    assert loop.time() == pytest.approx(5)
    assert [task.result() for task in work] == [1, 5]
    assert waiter.cancelled()


@virtual
async def test_nothing_to_wait_for_is_no_wait() -> None:
    done = asyncio.get_running_loop().create_future()
    done.set_result(None)
    await wait_although_cancelled([])
    await wait_although_cancelled([done])
    assert asyncio.get_running_loop().time() == 0


@virtual
async def test_what_the_work_raises_stays_with_the_work() -> None:
    """And work that is cancelled is done, which does not cancel the waiter."""
    work = [asyncio.create_task(failing()), asyncio.create_task(asyncio.sleep(60))]
    asyncio.get_running_loop().call_later(2, work[1].cancel)
    await wait_although_cancelled(work)
    with pytest.raises(OSError, match="full"):
        work[0].result()
    assert work[1].cancelled()


@virtual
async def test_the_waiter_is_cancelled_though_the_work_failed() -> None:
    work = asyncio.create_task(failing())
    waiter = asyncio.create_task(wait_although_cancelled([work]))
    await asyncio.sleep(0.5)
    waiter.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiter
    assert isinstance(work.exception(), OSError)
