"""A bulk run as a process of its own, which the tests kill.

The sandbox is in its environment; it prints a line for each outcome, and one at the end.
"""

import asyncio
from collections.abc import Iterator

from spapi_messaging import (
    ConfirmDeliveryDetails,
    ConfirmOrderDetails,
    Credentials,
    Job,
    Marketplace,
    MessagingSession,
    NegativeFeedbackRemoval,
    Quota,
    RateLimits,
    UnexpectedProblem,
)

MESSAGES = (
    UnexpectedProblem(text="There is a problem."),
    ConfirmOrderDetails(text="Which colour?"),
    ConfirmDeliveryDetails(text="When?"),
    NegativeFeedbackRemoval(),
)
WINDOW = 20
RATE, BURST = 1000.0, 50


def order_id(number: int) -> str:
    return f"903-{number:07}-0812628"


def jobs(count: int) -> Iterator[Job]:
    """Return the same jobs in every process."""
    for number in range(count):
        yield Job(order_id(number), MESSAGES[number % len(MESSAGES)])


async def main(journal: str, count: int) -> None:
    async with MessagingSession(
        Credentials.from_env(),
        marketplace=Marketplace.DE,
        limits=RateLimits(default=Quota(rate=RATE, burst=BURST)),
    ) as session:
        bulk = session.bulk(jobs(count), journal=journal, window=WINDOW, discover=False)
        async with bulk as outcomes:
            async for outcome in outcomes:
                state = getattr(outcome, "state", "")
                print(outcome.job.order_id, type(outcome).__name__, state, flush=True)
    print("end", flush=True)


def run(journal: str, count: int) -> None:
    asyncio.run(main(journal, count))
