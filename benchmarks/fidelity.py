"""Sending under a quota that is enforced: throttles, losses, duplicates, share of the optimum.

Ours runs on a virtual clock over real sockets, with 50 to 400 ms of latency; a peer, which has a
clock of its own, in real time and without latency, which is easier.
"""

import asyncio
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs

from benchmarks.figures import Options, Row
from benchmarks.peers import ASYNC, PEERS, installed, run as run_peer
from spapi_messaging import (
    Credentials,
    Job,
    Marketplace,
    MessagingSession,
    Quota,
    RateLimits,
    UnexpectedProblem,
)
from spapi_messaging.sandbox import Sandbox

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from helpers.virtual_time import run

OPERATION = UnexpectedProblem.operation
ACTIONS = ("unexpectedProblem",)
COUNT = 400


@attrs.frozen(kw_only=True)
class Case:
    """A plan, and what is believed of it."""

    what: str
    believed: Quota
    plan: Quota
    announced: bool


CASES = (
    Case(
        what="20/s, burst 5",
        believed=Quota(rate=20, burst=5),
        plan=Quota(rate=20, burst=5),
        announced=True,
    ),
    Case(
        what="10/s where 20/s is believed, unannounced",
        believed=Quota(rate=20, burst=5),
        plan=Quota(rate=10, burst=5),
        announced=False,
    ),
    Case(
        what="20/s where 1/s is believed, announced",
        believed=Quota(rate=1, burst=5),
        plan=Quota(rate=20, burst=5),
        announced=True,
    ),
)


@attrs.frozen(kw_only=True)
class Found:
    """What became of so many messages."""

    throttled: int
    lost: int
    twice: int
    share: float

    def __str__(self) -> str:
        return f"{self.throttled}, {self.lost}, {self.twice}; {self.share:.1%}"


def _jobs(count: int) -> Iterator[Job]:
    for number in range(count):
        yield Job(f"902-{number:07d}-0000000", UnexpectedProblem(text=f"message {number}"))


def _found(sandbox: Sandbox, case: Case, count: int, expected: int) -> Found:
    records = [record for record in sandbox.requests if record.operation == OPERATION]
    times = [record.at for record in records]
    optimum = case.plan.burst + case.plan.rate * (times[-1] - times[0])
    sent = [(message.order_id, str(message.body)) for message in sandbox.messages()]
    return Found(
        throttled=sandbox.throttled(OPERATION),
        lost=expected - len(sent),
        twice=len(sent) - len(set(sent)) if expected == count else 0,
        share=len(sent) / optimum,
    )


async def _ours(case: Case, count: int) -> Found:
    async with Sandbox(
        any_order=ACTIONS,
        rate=case.plan.rate,
        burst=case.plan.burst,
        latency=(0.05, 0.4),
        seed=1,
    ) as sandbox:
        sandbox.announce_rate = case.announced
        async with (
            MessagingSession(
                Credentials.from_env(sandbox.environment),
                marketplace=Marketplace.DE,
                endpoint=sandbox.url,
                token_url=sandbox.token_url,
                limits=RateLimits(default=case.believed),
            ) as session,
            session.bulk(_jobs(count), discover=False) as outcomes,
        ):
            summary = await outcomes.finish()
        found = _found(sandbox, case, count, count)
        assert found.lost == count - summary.total.get("Sent", 0)
        return found


async def _peer(peer: str, python: Path, case: Case, count: int) -> str:
    """Let a peer send, 16 at once with its own limiter; it believes in 1/s, as the model says."""
    async with Sandbox(
        any_order=ACTIONS, rate=case.plan.rate, burst=case.plan.burst, expires_in=36_000
    ) as sandbox:
        sandbox.announce_rate = case.announced
        named: dict[str, Any] = {"count": count, "tasks": 16, "paced": True}
        named["credentials"] = sandbox.environment
        reported = await asyncio.to_thread(
            run_peer, peer, python, sandbox.url, "902-0000001-0000000", **named
        )
        if reported is None:
            return f"{peer}: broke down"
        sent = len(sandbox.messages())
        optimum = case.plan.burst + case.plan.rate * reported["wall"]
        share = min(1.0, sent / optimum)
        return f"{peer} {sandbox.throttled(OPERATION)}, {count - sent}; {share:.0%}"


def measure(options: Options) -> list[Row]:
    """Send 400 messages in each case; peers 80 in theirs, which takes a minute and more."""
    pythons = {} if options.quick else {peer: installed(peer, options) for peer in PEERS}
    found = {peer: python for peer, python in pythons.items() if python and peer in ASYNC}
    return [_row(case, found) for case in CASES]


def _row(case: Case, pythons: dict[str, Path]) -> Row:
    found = run(lambda: _ours(case, COUNT))
    # Peers always believe in 1/s, and have one case.
    able = pythons if case.believed.rate == 1 else {}
    peers = [asyncio.run(_peer(peer, python, case, 80)) for peer, python in able.items()]
    spotless = not (found.throttled or found.lost or found.twice)
    return Row(
        what=f"plan of {case.what}: 429s, lost, twice; of the optimum",
        ours=str(found),
        reference=", ".join(peers),
        goal="0, 0, 0; ≥ 99 %",
        met=spotless and found.share >= 0.99,
    )
