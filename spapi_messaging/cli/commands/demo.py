"""The demonstration: 60 messages of six kinds to a sandbox on this machine."""

from collections import Counter
from pathlib import Path

import attrs
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from spapi_messaging.bulk import Job, Outcome
from spapi_messaging.cli.jobfile import JobFile
from spapi_messaging.cli.settings import console, run, tell
from spapi_messaging.cli.words import OUTCOME_NAMES, reason_of
from spapi_messaging.marketplaces import Marketplace
from spapi_messaging.quota import Quota, RateLimits
from spapi_messaging.sandbox import Sandbox
from spapi_messaging.session import MessagingSession
from spapi_messaging.transport import Credentials

DATA = Path(__file__).parent / "demo_data"
QUOTA = Quota(rate=10, burst=10)
"""Ten times Amazon's default, so that the demonstration takes seconds, not a minute."""

_UNKNOWN_ORDER = 57
_CLOSED = {8, 30}
_DISABLED = {13: "Available after the delivery"}
_NOT_OFFERED = {34}


def demo() -> None:
    """Send 60 messages of six kinds to a local sandbox; nothing leaves this machine.

    Example: spapi-messaging demo
    """
    run(_demonstrate(console()))


@attrs.define
class _Tally:
    """What became of the messages, by action."""

    outcomes: Counter[tuple[str, str]] = attrs.field(factory=Counter)
    reasons: list[str] = attrs.field(factory=list)

    def count(self, outcome: Outcome) -> None:
        """Count one."""
        self.outcomes[outcome.job.message.segment, OUTCOME_NAMES[type(outcome)]] += 1
        reason = reason_of(outcome)
        if reason:
            self.reasons.append(reason)


def demo_jobs() -> list[Job]:
    """Read the jobs that come with the package."""
    source = JobFile(DATA / "jobs.jsonl")
    return [job for job in source.read() if isinstance(job, Job)]


async def _demonstrate(screen: Console) -> None:
    """Start a sandbox, send all jobs at once under its quota, and show what became of them."""
    jobs = demo_jobs()
    async with Sandbox(rate=QUOTA.rate, burst=QUOTA.burst, latency=(0.02, 0.08)) as sandbox:
        _prepare(sandbox, jobs)
        screen.print(
            f"A sandbox of the Selling Partner API runs on this machine. {len(jobs)} messages to "
            f"{len({job.order_id for job in jobs})} orders, at {QUOTA.rate:g} requests a second "
            f"and operation.\n"
        )
        tally = await _send_all(screen, sandbox, jobs)
        accepted = len(sandbox.messages())
        throttled = sandbox.throttled()
    _show(screen, tally)
    screen.print(
        f"\nThe sandbox accepted {accepted} messages and throttled {throttled} requests.\n"
        f"Nothing left this machine. To write to your own orders:\n"
        f"  1. set LWA_APP_ID, LWA_CLIENT_SECRET and SP_API_REFRESH_TOKEN "
        f"(role: Buyer Communication)\n"
        f"  2. spapi-messaging actions ORDER --marketplace DE\n"
        f"  3. spapi-messaging send ORDER unexpectedProblem --marketplace DE --text-file FILE",
        highlight=False,
    )


def _prepare(sandbox: Sandbox, jobs: list[Job]) -> None:
    for index, job in enumerate(jobs):
        if index == _UNKNOWN_ORDER:
            continue
        action = job.message.segment
        disabled = {action: _DISABLED[index]} if index in _DISABLED else {}
        offered = "confirmOrderDetails" if index in _NOT_OFFERED else action
        sandbox.add_order(
            job.order_id, actions=(offered,), disabled=disabled, closed=index in _CLOSED
        )


async def _send_all(screen: Console, sandbox: Sandbox, jobs: list[Job]) -> _Tally:
    tally = _Tally()
    columns = (TextColumn("Sending"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    async with MessagingSession(
        Credentials.from_env(sandbox.environment),
        marketplace=Marketplace.DE,
        endpoint=sandbox.url,
        token_url=sandbox.token_url,
        limits=RateLimits(default=QUOTA),
    ) as session:
        with Progress(*columns, console=screen) as progress:
            bar = progress.add_task("Sending", total=len(jobs))
            async with session.bulk(jobs) as outcomes:
                async for outcome in outcomes:
                    tally.count(outcome)
                    progress.advance(bar)
    return tally


def _show(screen: Console, tally: _Tally) -> None:
    kinds = ("sent", "refused", "not sent", "in doubt")
    counts = tally.outcomes
    totals = Counter[str]()
    for (_, kind), count in counts.items():
        totals[kind] += count
    table = Table("action", *kinds, title="Outcomes", title_justify="left")
    for action in sorted({action for action, _ in counts}):
        table.add_row(action, *(str(counts[action, kind] or "-") for kind in kinds))
    table.add_section()
    table.add_row("all", *(str(totals[kind] or "-") for kind in kinds))
    screen.print(table)
    for reason in tally.reasons:
        tell(screen, f"  {reason}")
