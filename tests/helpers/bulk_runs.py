"""What the tests of bulk runs share: jobs, sessions at a sandbox, and a seller without HTTP."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime
from typing import Any

import attrs

from spapi_messaging import (
    ConfirmOrderDetails,
    Credentials,
    Job,
    Marketplace,
    Message,
    MessagingSession,
    Outcome,
    Quota,
    RateLimits,
    Receipt,
    UnexpectedProblem,
)
from spapi_messaging.bulk.run import BulkRun
from spapi_messaging.sandbox import DEFAULT_ACTIONS, Sandbox
from spapi_messaging.transport import Delivery

DISCOVERY = "getMessagingActionsForOrder"
PROBLEM = UnexpectedProblem.operation
DETAILS = ConfirmOrderDetails.operation
QUICK = Quota(rate=1000, burst=100)


def order_id(number: int) -> str:
    return f"902-{number:07d}-0000000"


def number_of(job: Job) -> int:
    return int(job.order_id[4:11])


def job(number: int, message: Message | None = None, **options: Any) -> Job:
    """Return a job; its text is like no other's."""
    return Job(order_id(number), message or UnexpectedProblem(text=f"job {number}"), **options)


def jobs(count: int) -> list[Job]:
    return [job(number) for number in range(count)]


@asynccontextmanager
async def opened(
    *, limits: RateLimits | None = None, plan: dict[str, Any] | None = None, **options: Any
) -> AsyncIterator[tuple[Sandbox, MessagingSession]]:
    """Open a session at a sandbox that knows any order; quotas are out of the way by default."""
    sandbox_options = {"rate": float("inf"), "any_order": DEFAULT_ACTIONS, "seed": 1}
    async with Sandbox(**sandbox_options | (plan or {})) as sandbox:
        options = {"endpoint": sandbox.url, "token_url": sandbox.token_url} | options
        options["limits"] = limits or RateLimits(default=QUICK)
        options.setdefault("marketplace", Marketplace.DE)
        async with MessagingSession(
            Credentials.from_env(sandbox.environment), **options
        ) as session:
            yield sandbox, session


async def outcomes_of(run: BulkRun) -> list[Outcome]:
    async with run as outcomes:
        return [outcome async for outcome in outcomes]


def named(outcomes: list[Outcome]) -> dict[int, str]:
    """Return the outcomes' names by number of the job; each job has one."""
    found = {number_of(outcome.job): type(outcome).__name__ for outcome in outcomes}
    assert len(found) == len(outcomes)
    return found


def own_tasks() -> set["asyncio.Task[Any]"]:
    """Return all tasks but those that serve the sandbox's connections, and the caller's."""
    return {
        task
        for task in asyncio.all_tasks()
        if not task.get_coro().__qualname__.startswith("RequestHandler.")
        and task is not asyncio.current_task()
    }


@contextmanager
def no_task_left() -> Iterator[None]:
    before = own_tasks()
    yield
    assert own_tasks() - before == set()


class Stub:
    """A seller who sends by calling ``sending``, and asks no order."""

    account = seller = "stub"
    marketplace = Marketplace.DE
    patience = 300.0

    def __init__(
        self, sending: Callable[[str], Awaitable[object]] | None = None, *, head_sent: bool = True
    ) -> None:
        self.limits = RateLimits()
        self._sending = sending
        self._head_sent = head_sent

    async def order(self, order_id: str, **_: Any) -> Any:
        raise NotImplementedError(order_id)

    async def address(self, order_id: str, message: Message, **_: Any) -> "StubOutgoing":
        return StubOutgoing(self, order_id, message)

    async def send(self, order_id: str, message: Message, delivery: Delivery) -> Receipt:
        if self._sending is not None:
            delivery.head_sent = self._head_sent
            await self._sending(order_id)
        return Receipt(
            order_id=order_id,
            operation=message.operation,
            request_id=None,
            sent_at=datetime.now(UTC),
        )

    @asynccontextmanager
    async def checkout(self, _job: Job) -> AsyncIterator[Any]:
        yield self


@attrs.frozen
class StubOutgoing:
    """A message of a stub's, on its way."""

    stub: Stub
    order_id: str
    message: Message
    language: str | None = None

    async def deliver(self, delivery: Delivery) -> Receipt:
        return await self.stub.send(self.order_id, self.message, delivery)


def stub_run(
    source: Any,
    sending: Callable[[str], Awaitable[object]] | None = None,
    *,
    head_sent: bool = True,
    **options: Any,
) -> BulkRun:
    """Make a run of a stub, without discovery and journal."""
    checkout = Stub(sending, head_sent=head_sent).checkout
    options = {"discover": False, "checkout": checkout, "clock": lambda: 0.0} | options
    return BulkRun(source, **options)
