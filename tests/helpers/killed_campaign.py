"""A campaign whose workers are killed and whose database is restarted, and what became of it."""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Iterator
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import attrs
import psycopg
from helpers import warm
from helpers.campaign_worker import queue_app, run
from helpers.postgres_server import Server
from helpers.served import served

from spapi_messaging import Job, UnexpectedProblem
from spapi_messaging.distributed import enqueue
from spapi_messaging.distributed.table import Reader
from spapi_messaging.sandbox import DEFAULT_ACTIONS, Sandbox

_TASK = "spapi_messaging:send_batch"


@attrs.frozen(kw_only=True)
class Plan:
    """What is sent, and what happens meanwhile. Times are in seconds."""

    workers: int
    sellers: int
    jobs: int
    rate: float
    burst: int
    kill_every: float
    """Seconds at least between two kills."""
    max_kills: int | None = None
    batch: int
    stalled_after: float
    window: int = 50
    bad_sellers: int = 0
    deadline: float = 60.0
    seed: int = 1

    def made(self) -> Iterator[Job]:
        """Return the jobs, the sellers' mixed; a bad seller has as many as any other."""
        names = [f"shop-{number}" for number in range(self.sellers)]
        names += [f"bad-{number}" for number in range(self.bad_sellers)]
        for number in range(self.jobs // self.sellers * len(names)):
            order = f"905-{number:07}-0000000"
            yield Job(order, UnexpectedProblem(text="Late."), seller=names[number % len(names)])

    def options(self) -> dict[str, Any]:
        """Return the options of a worker."""
        worker = {
            "concurrency": -(-(self.sellers + self.bad_sellers) // self.workers) + 2,
            "delete_jobs": "never",  # its events are looked at
            "fetch_job_polling_interval": 0.1,
            "update_heartbeat_interval": self.stalled_after / 5,
            "stalled_worker_timeout": self.stalled_after,
        }
        bulk = {
            "discover": False,
            "window": self.window,
            "stalled_after": self.stalled_after,
            "check_every": 1,
        }
        return {"rate": self.rate, "burst": self.burst, "bulk": bulk, "worker": worker}


@attrs.frozen(kw_only=True)
class Figures:
    """What became of it."""

    seconds: float
    kills: int
    ended: int
    """Workers that ended by themselves and were started again, as a supervisor would."""
    accepted: int
    twice: int
    throttled: int
    states: Counter[str]
    """By the journal, of the good sellers."""
    bad_states: Counter[str]
    rows: int
    shares: dict[str, float]
    """By seller: what was accepted, of what the quota allowed while a worker sent.

    That is a whole number of messages for each worker that did, from an empty bucket on.
    """


@attrs.define
class _Worker:
    process: BaseProcess
    number: int
    """As Procrastinate has it."""


@attrs.define
class Campaign:
    """A campaign under way."""

    plan: Plan
    server: Server
    url: str
    sandbox: Sandbox
    log: Path
    kills: int = 0
    ended: int = 0
    _died: dict[int, list[float]] = attrs.field(factory=dict)
    """When the workers of a batch were killed, by its number."""
    _workers: list[_Worker] = attrs.field(factory=list)

    def run(self) -> None:
        """Start the workers, give them work, and kill them until all is done."""
        rng = random.Random(self.plan.seed)
        self._workers = [self._started() for _ in range(self.plan.workers)]
        asyncio.run(_enqueue(self.url, self.plan))
        began = killed = time.monotonic()
        restarted = False
        while not self._is_done():
            assert time.monotonic() - began < self.plan.deadline, self.log.read_text()[-3000:]
            time.sleep(0.1)
            self._replace_ended()
            if not restarted and len(self.sandbox.messages()) > self.plan.jobs // 3:
                restarted = True
                self.server.stop()
                self.server.start()
            elif self._may_kill() and time.monotonic() - killed > self.plan.kill_every:
                self._kill(rng.choice(self._workers))
                killed = time.monotonic()
        assert restarted

    def _may_kill(self) -> bool:
        return self.plan.max_kills is None or self.kills < self.plan.max_kills

    def stop(self) -> None:
        """Stop all workers."""
        for worker in self._workers:
            worker.process.kill()
            warm.end(worker.process, 10)

    def _started(self) -> _Worker:
        known = self._numbers()
        environment = self.sandbox.environment
        process = warm.start(
            run, self.url, self.plan.options(), environment=environment, log=self.log
        )
        deadline = time.monotonic() + 30
        while not (new := self._numbers() - known):
            assert time.monotonic() < deadline
            assert process.is_alive(), self.log.read_text()[-3000:]
            time.sleep(0.05)
        return _Worker(process, new.pop())

    def _replace_ended(self) -> None:
        for index, worker in enumerate(self._workers):
            if not worker.process.is_alive():
                self.ended += 1
                self._workers[index] = self._started()

    def _kill(self, worker: _Worker) -> None:
        worker.process.kill()
        at = time.time()
        warm.end(worker.process, 10)
        self.kills += 1
        query = "SELECT id FROM procrastinate_jobs WHERE status = 'doing' AND worker_id = %s"
        with psycopg.connect(self.url) as connection:
            for (number,) in connection.execute(query, [worker.number]):
                self._died.setdefault(number, []).append(at)
        self._workers[self._workers.index(worker)] = self._started()

    def _numbers(self) -> set[int]:
        with psycopg.connect(self.url) as connection:
            return {row[0] for row in connection.execute("SELECT id FROM procrastinate_workers")}

    def _is_done(self) -> bool:
        query = (
            "SELECT count(*) FROM procrastinate_jobs "
            "WHERE task_name = %s AND status NOT IN ('succeeded', 'failed')"
        )
        with psycopg.connect(self.url) as connection:
            return connection.execute(query, [_TASK]).fetchone() == (0,)

    def allowed(self) -> Counter[str]:
        """Return the messages that were allowed while a living worker sent, by seller."""
        query = (
            "SELECT j.id, j.args ->> 'seller', e.type, extract(epoch FROM e.at)::float8 "
            "FROM procrastinate_events e JOIN procrastinate_jobs j ON j.id = e.job_id "
            "WHERE j.task_name = %s ORDER BY e.id"
        )
        allowed: Counter[str] = Counter()
        since: dict[int, float] = {}
        with psycopg.connect(self.url) as connection:
            for number, seller, kind, at in connection.execute(query, [_TASK]):
                if kind == "started":
                    since[number] = at
                elif number in since:
                    began = since.pop(number)
                    died = [t for t in self._died.get(number, []) if began <= t <= at]
                    allowed[seller] += int(self.plan.rate * (min([*died, at]) - began))
        return allowed


async def _prepare(url: str) -> None:
    app = queue_app(url)
    async with app.open_async():
        await app.schema_manager.apply_schema_async()


async def _enqueue(url: str, plan: Plan) -> None:
    app = queue_app(url)
    async with app.open_async():
        await enqueue(app, plan.made(), size=plan.batch)


def run_campaign(plan: Plan, server: Server, url: str, log: Path) -> Figures:
    """Run a campaign to its end."""
    asyncio.run(_prepare(url))
    with served(
        rate=plan.rate,
        burst=plan.burst,
        latency=(0.005, 0.03),
        any_order=DEFAULT_ACTIONS,
        seed=plan.seed,
    ) as sandbox:
        campaign = Campaign(plan, server, url, sandbox, log)
        began = time.monotonic()
        try:
            campaign.run()
        finally:
            campaign.stop()
        took = time.monotonic() - began
        messages = sandbox.messages()
        throttled = sandbox.throttled()
    orders = Counter(message.order_id for message in messages)
    sent = Counter(message.seller.partition("-token-")[2] for message in messages)
    entries = list(Reader.of(url).entries())
    allowed = campaign.allowed()
    return Figures(
        seconds=took,
        kills=campaign.kills,
        ended=campaign.ended,
        accepted=len(messages),
        twice=sum(times > 1 for times in orders.values()),
        throttled=throttled,
        states=Counter(e.state for e in entries if e.seller.startswith("shop")),
        bad_states=Counter(e.state for e in entries if e.seller.startswith("bad")),
        rows=len({entry.order_id for entry in entries}),
        shares={
            seller: sent[seller] / allowed[seller]
            for seller in allowed
            if seller.startswith("shop")
        },
    )
