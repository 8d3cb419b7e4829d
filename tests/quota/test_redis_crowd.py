"""Processes and sessions that share a quota through a real Redis."""

import time
from typing import Any

import pytest
from helpers.bulk_runs import jobs, named, no_task_left, opened, outcomes_of
from helpers.redis_server import RedisServer
from helpers.shared_crowd import Crowd, crowd
from helpers.shared_limiters import QUICK
from redis.asyncio import Redis

from spapi_messaging.quota.redis import RedisRateLimits


async def test_a_session_sends_by_a_shared_quota_and_leaves_no_task(
    url: str, namespace: str
) -> None:
    async with Redis.from_url(url) as redis:
        limits: Any = RedisRateLimits(redis, default=QUICK, namespace=namespace)
        async with opened(limits=limits, plan={"rate": 20, "burst": 5}) as (sandbox, session):
            sandbox.fail_next(429, times=1)
            with no_task_left():
                outcomes = await outcomes_of(session.bulk(jobs(20), discover=False))
            assert named(outcomes) == dict.fromkeys(range(20), "Sent")
            assert len(sandbox.messages()) == 20
            assert await redis.ping()


@pytest.mark.parametrize("option", ["processes", "timeout"])
def test_what_makes_no_sense_is_refused(option: str) -> None:
    with pytest.raises(ValueError, match=option):
        RedisRateLimits(Redis(), **{option: 0})


def complete(done: Crowd) -> bool:
    """Say if each job was sent, and sent once."""
    sent = {"Sent": len(done.arrivals)}
    return done.outcomes == sent and not done.doubled and not done.tasks_left


@pytest.mark.slow
def test_four_processes_use_one_quota_up_in_fair_parts(url: str, namespace: str) -> None:
    """The benchmark ``shared_quota`` does the same for a minute."""
    done = crowd(url, namespace=namespace, rate=20, burst=10, seconds=5)
    assert complete(done)
    assert done.throttled <= 0.001 * done.requests
    assert done.allowance >= 0.98
    assert done.unfairness <= 0.2
    assert done.calls <= 1.5 * len(done.arrivals)


@pytest.mark.slow
def test_redis_killed_and_restarted_loses_and_doubles_no_message(server: RedisServer) -> None:
    def kill_and_restart() -> None:
        time.sleep(2)
        server.kill()
        time.sleep(2)
        server.start()

    done = crowd(
        server.url,
        namespace="test",
        rate=20,
        burst=10,
        seconds=8,
        meanwhile=kill_and_restart,
    )
    assert complete(done)
    assert done.throttled <= 0.01 * done.requests
    assert done.allowance >= 0.85
