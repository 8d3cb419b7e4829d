"""A bulk run with heavy files as a process of its own, which tells how much memory it took.

The sandbox is in its environment; it prints the outcomes' names and the growth of its peak, in MB.
"""

import asyncio
from collections import Counter
from pathlib import Path

from spapi_messaging import (
    Credentials,
    Invoice,
    Job,
    Marketplace,
    MessagingSession,
    Outcome,
    Quota,
    RateLimits,
)


def peak() -> float:
    """Return the most memory that was resident, in MB; not getrusage's, which a parent leaves."""
    status = Path("/proc/self/status").read_text("utf-8")
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


async def main(folder: str, count: int) -> None:
    paths = await asyncio.to_thread(lambda: sorted(Path(folder).iterdir()))
    limits = RateLimits(default=Quota(rate=1000, burst=100))
    async with MessagingSession(
        Credentials.from_env(), marketplace=Marketplace.DE, limits=limits
    ) as session:
        await session.login()
        before = peak()
        jobs = (
            Job(f"903-{number:07}-0812628", Invoice(attachments=paths)) for number in range(count)
        )
        kept: list[Outcome] = []  # with their errors, and whatever hangs on these
        async with session.bulk(jobs, discover=False) as outcomes:
            kept += [outcome async for outcome in outcomes]
    named = Counter(type(outcome).__name__ for outcome in kept)
    print(dict(named), round(peak() - before), flush=True)


def run(folder: str, count: int) -> None:
    asyncio.run(main(folder, count))
