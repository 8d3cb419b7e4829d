"""The campaign of the demonstration: its jobs, the sandbox that they meet, and how they are sent.

What goes wrong is what goes wrong in a real one: orders that are closed, an action that an order
has disabled or does not offer, an order that nobody knows, and an answer that leaves a doubt.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import attrs

from spapi_messaging.bulk import BulkRun, Job
from spapi_messaging.cli.credentials import DEFAULT_SELLER
from spapi_messaging.cli.jobfile import JobFile
from spapi_messaging.marketplaces import Marketplace
from spapi_messaging.quota import Quota, RateLimits
from spapi_messaging.sellers import SellerPool
from spapi_messaging.testing import ServedSandbox, serve
from spapi_messaging.transport import Credentials, RequestEvent

QUOTA = Quota(rate=10, burst=10)
"""Ten times Amazon's default, so that the demonstration takes seconds, not a minute."""

_DATA = Path(__file__).parent / "demo_data"
_UNKNOWN_ORDER = 57
_CLOSED = {8, 30}
_DISABLED = {13: "Available after the delivery"}
_NOT_OFFERED = {34}
_IN_DOUBT = 29


def demo_jobs() -> list[Job]:
    """Read the jobs that come with the package."""
    source = JobFile(_DATA / "jobs.jsonl")
    jobs = (job for job in source.read() if isinstance(job, Job))
    return [attrs.evolve(job, seller=DEFAULT_SELLER) for job in jobs]


@attrs.frozen
class DemoCampaign:
    """Jobs, a sandbox that knows their orders, and the journal of what was sent to it."""

    jobs: list[Job]
    sandbox: ServedSandbox
    journal: Path

    @property
    def doubtful(self) -> Job:
        """The job whose message is accepted and answered 503."""
        return self.jobs[_IN_DOUBT]

    def pool(self, on_request: Callable[[RequestEvent], object] | None = None) -> SellerPool:
        """Open sessions at the sandbox."""
        credentials = Credentials.from_env(self.sandbox.environment)
        return SellerPool(
            lambda _: credentials,
            marketplace=Marketplace.DE,
            endpoint=self.sandbox.url,
            token_url=self.sandbox.token_url,
            limits=RateLimits(default=QUOTA),
            on_request=on_request,
        )

    def bulk(self, pool: SellerPool) -> BulkRun:
        """Send what the journal does not have as sent."""
        return pool.bulk(self.jobs, journal=self.journal)


@contextmanager
def demo_campaign(folder: Path) -> Iterator[DemoCampaign]:
    """Run a sandbox until the block is left; the journal comes into a folder."""
    with serve(rate=QUOTA.rate, burst=QUOTA.burst, latency=(0.02, 0.08), any_order=None) as sandbox:
        campaign = DemoCampaign(demo_jobs(), sandbox, folder / "demo.journal")
        for index, job in enumerate(campaign.jobs):
            if index == _UNKNOWN_ORDER:
                continue
            action = job.message.segment
            sandbox.add_order(
                job.order_id,
                actions=("confirmOrderDetails" if index in _NOT_OFFERED else action,),
                disabled={action: _DISABLED[index]} if index in _DISABLED else {},
                closed=index in _CLOSED,
            )
        doubtful = campaign.doubtful
        sandbox.fail_next(
            503,
            operation=doubtful.message.operation,
            order_id=doubtful.order_id,
            after_accepting=True,
        )
        yield campaign
