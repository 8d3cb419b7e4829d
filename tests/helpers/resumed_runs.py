"""What the tests of resuming share: one order, a session at a sandbox, and outcomes."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from spapi_messaging import (
    Credentials,
    Job,
    Marketplace,
    MessagingSession,
    Outcome,
    Quota,
    RateLimits,
    UnexpectedProblem,
)
from spapi_messaging.bulk.journal import State
from spapi_messaging.bulk.sqlite_journal import SqliteJournal
from spapi_messaging.sandbox import Sandbox

ORDER = "903-1671087-0812628"


OPERATION = "createUnexpectedProblem"


HELLO = UnexpectedProblem(text="hello")


@asynccontextmanager
async def opened(**options: Any) -> AsyncIterator[tuple[Sandbox, MessagingSession]]:
    async with Sandbox(rate=float("inf")) as sandbox:
        sandbox.add_order(ORDER)
        async with session_at(sandbox, **options) as session:
            yield sandbox, session


def session_at(sandbox: Sandbox, **options: Any) -> MessagingSession:
    return MessagingSession(
        Credentials.from_env(sandbox.environment),
        marketplace=Marketplace.DE,
        endpoint=sandbox.url,
        token_url=sandbox.token_url,
        limits=RateLimits(default=Quota(rate=1000, burst=100)),
        **options,
    )


async def outcomes_of(
    session: MessagingSession, jobs: Iterable[Job], journal: Any, **options: Any
) -> list[Outcome]:
    async with session.bulk(jobs, journal=journal, **options) as outcomes:
        return [outcome async for outcome in outcomes]


async def outcome_of(session: MessagingSession, job: Job, journal: Any, **options: Any) -> Outcome:
    (outcome,) = await outcomes_of(session, [job], journal, **options)
    return outcome


async def states(path: Path) -> dict[str, State]:
    async with SqliteJournal(path) as journal:
        return {entry.order_id: entry.state for entry in await journal.entries()}
