"""Sending under a quota that is enforced: throttles, losses, duplicates, share of the optimum.

Ours runs on a virtual clock over real sockets, with 50 to 400 ms of latency, once for each of 16
seeds: medians, and the worst. A peer, which has a clock of its own, runs once, in real time and
without latency, which is easier.
"""

import asyncio
import functools
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs

from benchmarks.figures import Options, Row, median
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
from spapi_messaging.sandbox import REFRESH_TOKEN, Sandbox

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from helpers.virtual_time import run

OPERATION = UnexpectedProblem.operation
ACTIONS = ("unexpectedProblem",)
COUNT = 400
SEEDS = 16


@attrs.frozen(kw_only=True)
class Case:
    """A plan, what is believed of it, and what is wanted: at most so many 429s, and that share."""

    what: str
    believed: Quota
    plan: Quota
    header: str | None
    """What the answers say of the rate."""
    is_empty: bool = False
    """Whether another has just used up the burst."""
    throttled: float | None = None
    share: float | None = None

    @property
    def goal(self) -> str:
        """What is wanted, in words."""
        throttled = "said" if self.throttled is None else f"≤ {self.throttled:.0f}"
        return f"{throttled}, 0, 0" + (f"; ≥ {self.share:.1%}" if self.share else "")


def plan_at(rate: float) -> Quota:
    """Return a plan of so many a second, with Amazon's burst."""
    return Quota(rate=rate, burst=5)


CASES = (
    Case(
        what="20/s, burst 5",
        believed=plan_at(20),
        plan=plan_at(20),
        header="20.0",
        throttled=0,
        share=0.99,
    ),
    Case(
        what="10/s where 20/s is believed, unannounced",
        believed=plan_at(20),
        plan=plan_at(10),
        header=None,
        throttled=4,
        share=0.985,
    ),
    Case(
        what="5/s where 20/s is believed, unannounced",
        believed=plan_at(20),
        plan=plan_at(5),
        header=None,
    ),
    Case(
        what="20/s where 1/s is believed, announced",
        believed=plan_at(1),
        plan=plan_at(20),
        header="20.0",
        throttled=0,
        share=0.985,
    ),
    Case(what="1/s, announced as 20/s", believed=plan_at(1), plan=plan_at(1), header="20.0"),
    Case(what="20/s, announced as 400/s", believed=plan_at(20), plan=plan_at(20), header="400.0"),
    Case(
        what="20/s, burst 5, just used up",
        believed=plan_at(20),
        plan=plan_at(20),
        header="20.0",
        is_empty=True,
        throttled=1,
    ),
    Case(
        what="1/s, burst 5, just used up",
        believed=plan_at(1),
        plan=plan_at(1),
        header="1.0",
        is_empty=True,
        throttled=1,
    ),
)


@attrs.frozen(kw_only=True)
class Found:
    """What became of so many messages."""

    throttled: int
    lost: int
    twice: int
    share: float


def _jobs(count: int) -> Iterator[Job]:
    for number in range(count):
        yield Job(f"902-{number:07d}-0000000", UnexpectedProblem(text=f"message {number}"))


def _found(sandbox: Sandbox, case: Case, count: int) -> Found:
    times = [record.at for record in sandbox.requests if record.operation == OPERATION]
    burst = 0 if case.is_empty else case.plan.burst
    sent = [(message.order_id, str(message.body)) for message in sandbox.messages()]
    return Found(
        throttled=sandbox.throttled(OPERATION),
        lost=count - len(set(sent)),
        twice=len(sent) - len(set(sent)),
        share=len(sent) / (burst + case.plan.rate * (times[-1] - times[0])),
    )


def _announce(sandbox: Sandbox, header: str | None) -> None:
    sandbox.announce_rate, sandbox.header_override = header is not None, header


def _use_up(sandbox: Sandbox) -> None:
    """Take all that the seller's bucket holds, as another process of the same seller would."""
    quotas, now = sandbox.backend.quotas, asyncio.get_running_loop().time()
    while quotas.take(REFRESH_TOKEN, OPERATION, now):
        pass
    quotas.throttled.clear()


async def ours(case: Case, count: int, seed: int) -> Found:
    """Send so many messages, in a loop with a virtual clock."""
    async with Sandbox(
        any_order=ACTIONS,
        rate=case.plan.rate,
        burst=case.plan.burst,
        latency=(0.05, 0.4),
        seed=seed,
    ) as sandbox:
        _announce(sandbox, case.header)
        async with MessagingSession(
            Credentials.from_env(sandbox.environment),
            marketplace=Marketplace.DE,
            endpoint=sandbox.url,
            token_url=sandbox.token_url,
            limits=RateLimits(default=case.believed),
        ) as session:
            if case.is_empty:
                await session.order("902-0000000-0000000")  # logged in, so that it stays empty
                _use_up(sandbox)
            async with session.bulk(_jobs(count), discover=False) as outcomes:
                summary = await outcomes.finish()
        found = _found(sandbox, case, count)
        assert found.lost == count - summary.total.get("Sent", 0)
        return found


async def _peer(peer: str, python: Path, case: Case, count: int) -> str:
    """Let a peer send, 16 at once with its own limiter; it believes in 1/s, as the model says."""
    async with Sandbox(
        any_order=ACTIONS, rate=case.plan.rate, burst=case.plan.burst, expires_in=36_000
    ) as sandbox:
        _announce(sandbox, case.header)
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
    return [_row(case, found, seeds=3 if options.quick else SEEDS) for case in CASES]


def _row(case: Case, pythons: dict[str, Path], *, seeds: int) -> Row:
    runs = [run(functools.partial(ours, case, COUNT, seed)) for seed in range(seeds)]
    throttled, share = [found.throttled for found in runs], [found.share for found in runs]
    lost, twice = sum(found.lost for found in runs), sum(found.twice for found in runs)
    # Peers always believe in 1/s, and have one case.
    able = pythons if (case.believed.rate, case.plan.rate) == (1, 20) else {}
    peers = [asyncio.run(_peer(peer, python, case, 80)) for peer, python in able.items()]
    met = not (lost or twice)
    if case.throttled is not None:
        met &= median(throttled) <= case.throttled
    if case.share is not None:
        met &= median(share) >= case.share
    return Row(
        what=f"plan of {case.what}: 429s, lost, twice; of the optimum",
        ours=f"{median(throttled):g} (≤ {max(throttled)}), {lost}, {twice}; "
        f"{median(share):.1%} (≥ {min(share):.1%})",
        reference=", ".join(peers),
        goal=case.goal,
        met=met,
    )
