"""A bulk run that shares its quota through Redis, as a program of its own.

``python shared_run.py NUMBER REDIS_URL NAMESPACE RATE BURST PROCESSES SECONDS`` with the sandbox
in the environment. It says that it is ready, waits for a line, sends for so long, and then
prints how many outcomes there were of each kind.
"""

import asyncio
import collections
import itertools
import json
import sys
from collections.abc import AsyncIterator

from redis.asyncio import Redis

from spapi_messaging import (
    Credentials,
    Job,
    Marketplace,
    MessagingSession,
    Quota,
    UnexpectedProblem,
)
from spapi_messaging.quota.redis import RedisRateLimits

WINDOW = 8
"""Enough to wait in line at any time, and soon sent when the time is over."""


def order_id(process: int, number: int) -> str:
    return f"90{process}-{number:07}-0812628"


async def jobs(process: int, seconds: float) -> AsyncIterator[Job]:
    """Return jobs until the time is over."""
    clock = asyncio.get_running_loop().time
    began = clock()
    for number in itertools.count():
        if clock() - began > seconds:
            return
        yield Job(order_id(process, number), UnexpectedProblem(text=f"{number}"))


async def main(process: int, url: str, namespace: str, quota: Quota, rest: list[str]) -> None:
    processes, seconds = int(rest[0]), float(rest[1])
    redis = Redis.from_url(url)
    limits = RedisRateLimits(redis, default=quota, namespace=namespace, processes=processes)
    total: collections.Counter[str] = collections.Counter()
    async with MessagingSession(
        Credentials.from_env(), marketplace=Marketplace.DE, limits=limits
    ) as session:
        await session.login()
        print("ready", flush=True)
        await asyncio.to_thread(sys.stdin.readline)
        async with session.bulk(jobs(process, seconds), window=WINDOW, discover=False) as outcomes:
            async for outcome in outcomes:
                total[type(outcome).__name__] += 1
    await redis.aclose()
    left = asyncio.all_tasks() - {asyncio.current_task()}
    print(json.dumps({"outcomes": total, "tasks left": len(left)}), flush=True)


if __name__ == "__main__":
    number, url, namespace, rate, burst, *rest = sys.argv[1:]
    quota = Quota(rate=float(rate), burst=int(burst))
    asyncio.run(main(int(number), url, namespace, quota, rest))
