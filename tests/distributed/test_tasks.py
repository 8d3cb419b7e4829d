"""Campaigns over Procrastinate: one writer per seller, batches that come back, texts in no log."""

import asyncio
import logging
import os
import sys
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from typing import Any

import procrastinate
import psycopg
import pytest
from helpers.campaign_worker import queue_app, worker_app
from helpers.campaigns import job, order_id
from helpers.paths import README
from procrastinate.testing import InMemoryConnector
from psycopg import sql

from spapi_messaging import (
    InvalidMessageError,
    Job,
    UnexpectedProblem,
)
from spapi_messaging.distributed import Enqueued, PostgresJournal, enqueue, resume
from spapi_messaging.distributed.table import Reader
from spapi_messaging.sandbox import DEFAULT_ACTIONS, Sandbox

QUICK: dict[str, Any] = {
    "rate": 500.0,
    "burst": 100,
    "bulk": {"discover": False, "stalled_after": 1.0, "check_every": 1},
    "worker": {
        "install_signal_handlers": False,
        "fetch_job_polling_interval": 0.05,
        "update_heartbeat_interval": 0.2,
        "stalled_worker_timeout": 1.0,
    },
}


@pytest.fixture
async def sandbox(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Sandbox]:
    async with Sandbox(rate=float("inf"), any_order=DEFAULT_ACTIONS, seed=1) as sandbox:
        for name, value in sandbox.environment.items():
            monkeypatch.setenv(name, value)
        yield sandbox


@pytest.fixture
async def queue(database_url: str) -> AsyncIterator[procrastinate.App]:
    app = queue_app(database_url)
    async with app.open_async():
        await app.schema_manager.apply_schema_async()
        yield app


@asynccontextmanager
async def working(database: str, **changes: Any) -> AsyncIterator[procrastinate.App]:
    """Run a worker until the block is left."""
    app = worker_app(database, **(QUICK | changes))
    async with app.open_async():
        worker = asyncio.create_task(app.run_worker_async())
        try:
            yield app
        finally:
            worker.cancel()
            await asyncio.wait([worker])


async def statuses(app: procrastinate.App) -> Counter[str]:
    """Count the batches by what Procrastinate says of them."""
    tasks = await app.job_manager.list_jobs_async(task="spapi_messaging:send_batch")
    return Counter(str(task.status) for task in tasks)


async def come_true(condition: Callable[[], Awaitable[bool]]) -> None:
    """Ask a database until it says so: it notifies nobody."""
    async with asyncio.timeout(30):
        while True:
            if await condition():
                return
            await asyncio.sleep(0.02)


async def until(app: procrastinate.App, **wanted: int) -> None:
    """Wait until no batch is waiting or running, and no others are there than wanted."""

    async def come() -> bool:
        return await statuses(app) == Counter(wanted)

    await come_true(come)


def stored(database: str, what: str) -> str:
    with psycopg.connect(database) as connection:
        query = sql.SQL("SELECT {} FROM {}")
        column, _, table = what.partition(" of ")
        chosen = sql.SQL("*") if column == "all" else sql.Identifier(column)
        rows = connection.execute(query.format(chosen, sql.Identifier(table)))
        return repr(rows.fetchall())


async def states(database: str) -> Counter[tuple[str, str]]:
    entries = await asyncio.to_thread(Reader.of(database, "default").entries)
    return Counter((entry.seller, entry.state) for entry in entries)


async def test_a_campaign_is_sent_once(
    database_url: str, queue: procrastinate.App, sandbox: Sandbox
) -> None:
    jobs = [job(number, f"shop-{number % 3}") for number in range(60)]
    assert await enqueue(queue, jobs, size=8) == Enqueued(jobs=60, batches=9)
    assert (await asyncio.to_thread(Reader.of(database_url).waiting)) == (9, 60)
    async with working(database_url):
        await until(queue)
        assert await enqueue(queue, iter(jobs)) == Enqueued(jobs=60, batches=3)
        await until(queue)
    posted = Counter((message.order_id, message.seller) for message in sandbox.messages())
    assert len(posted) == sandbox.count(operation=UnexpectedProblem.operation) == 60
    assert {seller.rpartition("-shop-")[2] for _, seller in posted} == {"0", "1", "2"}
    assert await states(database_url) == {(f"shop-{number}", "sent"): 20 for number in range(3)}
    assert Reader.of(database_url).waiting() == (0, 0)


async def test_once_is_of_whoever_enqueues(
    database_url: str, queue: procrastinate.App, sandbox: Sandbox
) -> None:
    """And by default of the worker, whose default is the action."""
    async with working(database_url):
        for text, once, sent in (
            ("late", None, 1),
            ("very late", None, 1),
            ("very late", "content", 2),
            ("lost", "order", 2),
        ):
            await enqueue(queue, [job(1, text=text)], once=once)
            await until(queue)
            assert len(sandbox.messages()) == sent, (text, once)
        await enqueue(queue, [job(1, text="found")], resend_changed=True)
        await until(queue)
        assert len(sandbox.messages()) == 3
    unknown: Any = "seller"
    with pytest.raises(ValueError, match="once is action, order, content, not 'seller'"):
        await enqueue(queue, [], once=unknown)


async def test_the_readme_enqueues(
    database_url: str, queue: procrastinate.App, sandbox: Sandbox
) -> None:
    """Its program puts a batch into the queue, and a worker sends it."""
    text = await asyncio.to_thread(README.read_text, "utf-8")
    program = text.partition("```python\n# enqueue.py\n")[2].partition("```")[0]
    done = await asyncio.create_subprocess_exec(
        *(sys.executable, "-W", "error", "-c", program),
        env=os.environ | {"SPAPI_MESSAGING_DATABASE": database_url},
    )
    assert await done.wait() == 0
    assert (await asyncio.to_thread(Reader.of(database_url, "late-parcels").waiting)) == (1, 1)
    async with working(database_url):
        await until(queue)
    assert [message.order_id for message in sandbox.messages()] == ["903-1671087-0812628"]


async def test_texts_and_secrets_are_where_they_belong(
    database_url: str,
    queue: procrastinate.App,
    sandbox: Sandbox,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Procrastinate logs what a task is called with."""
    secret = sandbox.environment["LWA_CLIENT_SECRET"]
    with caplog.at_level(logging.DEBUG):
        await enqueue(queue, [job(1), job(2, "bad-1")])
        before = stored(database_url, "all of procrastinate_jobs")
        async with working(database_url):
            await until(queue, failed=1)
        after = [
            stored(database_url, f"all of {table}")
            for table in ("procrastinate_jobs", "procrastinate_events", "spapi_messaging_journal")
        ]
    logged = [repr(vars(record)) + record.getMessage() for record in caplog.records]
    told = "\n".join((*logged, caplog.text, before, *after))
    assert any("send_batch" in line for line in logged)
    assert "Dear buyer" not in told
    assert secret not in told
    assert sandbox.environment["SP_API_REFRESH_TOKEN"] not in told
    assert stored(database_url, "seller of spapi_messaging_batches") == "[('bad-1',)]"


async def test_failing_credentials_stop_their_seller_only(
    database_url: str, queue: procrastinate.App, sandbox: Sandbox
) -> None:
    jobs = [job(number, "bad-1" if number % 2 else "shop-1") for number in range(60)]
    await enqueue(queue, jobs, size=10)
    async with working(database_url, bulk=QUICK["bulk"] | {"window": 2}):
        await until(queue, failed=3)
        assert await states(database_url) == {("shop-1", "sent"): 30, ("bad-1", "not sent"): 30}
        assert sandbox.token_requests <= 9  # one or two for a batch: nobody hammers at the door
        assert sandbox.count(operation=UnexpectedProblem.operation) == 30
    entries = await asyncio.to_thread(Reader.of(database_url).entries)
    reasons = {entry.reason for entry in entries if entry.state == "not sent"}
    assert reasons == {"AuthorizationError"}
    assert await resume(queue, seller="shop-1") == 0
    assert await resume(queue, seller="bad-1", campaign="spring") == 0
    sandbox.backend.accounts.prefix = ""  # from now on these credentials are as good as any
    assert await resume(queue, seller="bad-1") == 3
    async with working(database_url):
        await until(queue)
    assert await states(database_url) == {("shop-1", "sent"): 30, ("bad-1", "sent"): 30}
    assert len(sandbox.messages()) == 60


async def test_a_sellers_batches_never_run_at_once_and_never_burst(
    database_url: str, queue: procrastinate.App, sandbox: Sandbox
) -> None:
    """Two workers take turns with one seller, and neither knows what the other has used."""
    sandbox.set_quota(rate=20, burst=6)
    await enqueue(queue, [job(number) for number in range(60)], size=10)
    plan = {"rate": 20.0, "burst": 6}
    async with working(database_url, **plan), working(database_url, **plan):
        await until(queue)
    assert sandbox.throttled() == 0
    assert len(sandbox.messages()) == 60


async def test_limits_start_empty_unless_others_are_given(
    database_url: str, queue: procrastinate.App, sandbox: Sandbox
) -> None:
    """At one a second and five at once: the first message waits for its second."""
    await enqueue(queue, [job(1)])
    async with working(database_url, rate=None):
        await until(queue)
    token, message = sandbox.requests
    assert message.at - token.at > 0.9


async def test_a_worker_that_stops_gives_its_batch_back_at_once(
    database_url: str, queue: procrastinate.App, sandbox: Sandbox
) -> None:
    sandbox.latency = 0.05
    slow = {"rate": 40.0, "burst": 2}
    await enqueue(queue, [job(number) for number in range(60)])
    async with working(database_url, **slow):
        await sandbox.arrived(10, operation=UnexpectedProblem.operation)
    assert await statuses(queue) == {"todo": 1}
    async with working(database_url):
        await until(queue)
    assert await states(database_url) == {("shop-1", "sent"): 60}  # and none in doubt
    assert len(sandbox.messages()) == 60


async def test_a_worker_that_dies_while_it_puts_batches_back_keeps_none_from_it(
    database_url: str, queue: procrastinate.App, sandbox: Sandbox
) -> None:
    """A kill leaves its tasks as they are, with their locks, and nobody ends them."""
    await enqueue(queue, [job(1)])
    app = worker_app(database_url, **QUICK)
    async with app.open_async():
        await app.tasks["spapi_messaging:put_back"].defer_async(timestamp=0)
    with psycopg.connect(database_url, autocommit=True) as admin:
        killed = admin.execute("UPDATE procrastinate_jobs SET status = 'doing'")
        assert killed.rowcount == 2
    async with working(database_url):
        await until(queue)
    assert len(sandbox.messages()) == 1


async def test_a_batch_waits_for_a_journal_that_is_away(
    database_url: str, queue: procrastinate.App, sandbox: Sandbox
) -> None:
    """The journal is of a newer version: nothing is sent, and nothing is lost."""
    async with PostgresJournal(database_url):
        pass
    comment = "COMMENT ON TABLE spapi_messaging_journal IS 'spapi-messaging journal, version {}'"
    with psycopg.connect(database_url, autocommit=True) as admin:
        admin.execute(comment.format(9).encode())
    await enqueue(queue, [job(1)])

    async def attempted() -> bool:
        tasks = await queue.job_manager.list_jobs_async(task="spapi_messaging:send_batch")
        return all(task.attempts for task in tasks)

    async with working(database_url):
        await come_true(attempted)
        assert await statuses(queue) == {"todo": 1}
    assert sandbox.count() == 0


async def test_enqueuing_needs_a_connector_of_psycopg() -> None:
    app = procrastinate.App(connector=InMemoryConnector())
    with pytest.raises(TypeError, match="PsycopgConnector"):
        await enqueue(app, [job(1)])


async def test_a_job_that_cannot_wait_leaves_those_before_it_in_the_queue(
    queue: procrastinate.App,
) -> None:
    def jobs() -> Iterator[Job]:
        yield job(1)
        yield Job(order_id(2), UnexpectedProblem(text="x"))

    with pytest.raises(InvalidMessageError):
        await enqueue(queue, jobs(), size=1)
    assert Counter(await statuses(queue)) == {"todo": 1}
