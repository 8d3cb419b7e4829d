"""A file of jobs with all that says how to send them, and its rehearsal."""

import asyncio
import sys
from collections import Counter
from collections.abc import Iterator

import attrs
from rich.console import Console

from spapi_messaging.bulk import Job
from spapi_messaging.cli.credentials import DEFAULT_SELLER, Accounts
from spapi_messaging.cli.jobfile import Checked, JobFile, LineFault
from spapi_messaging.cli.options import CampaignOptions
from spapi_messaging.cli.settings import DONE, REFUSED, marketplace_of
from spapi_messaging.errors import MessagingError
from spapi_messaging.quota import RateLimits
from spapi_messaging.sellers import SellerPool


@attrs.frozen(kw_only=True)
class Campaign:
    """A file of jobs, and how they are to be sent."""

    source: JobFile
    accounts: Accounts
    options: CampaignOptions

    def pool(self) -> SellerPool:
        """Open sessions for the sellers of the file."""
        return SellerPool(
            self.accounts.of,
            marketplace=marketplace_of(self.options.marketplace),
            limits=RateLimits(default=self.options.quota),
            static_sandbox=self.options.static_sandbox,
        )

    def jobs(self) -> Iterator[Job]:
        """Read the valid jobs; those of no seller are the default one's."""
        for item in self.source.read():
            if not isinstance(item, LineFault):
                yield item if item.seller else attrs.evolve(item, seller=DEFAULT_SELLER)


async def rehearse_all(campaign: Campaign, checked: Checked) -> int:
    """Ask each order and check its message against it, without sending."""
    refused: list[tuple[Job, MessagingError]] = []
    places = asyncio.Semaphore(campaign.options.window)
    well: Counter[str] = Counter()

    async with campaign.pool() as pool:

        async def rehearse(job: Job) -> None:
            try:
                async with pool.session(str(job.seller)) as session:
                    if not campaign.options.no_discover:
                        order = await session.order(job.order_id, marketplace=job.marketplace)
                        await order.actions[job.message.operation].prepare(job.rendered)
            except MessagingError as error:
                refused.append((job, error))
            else:
                well[job.message.operation] += 1
            finally:
                places.release()

        async with asyncio.TaskGroup() as group:
            for job in campaign.jobs():
                await places.acquire()
                group.create_task(rehearse(job))
    _tell_rehearsal(campaign, checked, well, refused)
    return REFUSED if refused else DONE


def _tell_rehearsal(
    campaign: Campaign,
    checked: Checked,
    well: Counter[str],
    refused: list[tuple[Job, MessagingError]],
) -> None:
    console = Console(width=None if sys.stdout.isatty() else 200)

    def line(text: str) -> None:
        console.print(text, markup=False, highlight=False, soft_wrap=True)

    line(f"Nothing was sent. {well.total()} of {checked.jobs} messages would be sent:")
    for operation, count in sorted(well.items()):
        line(f"  {operation}: {count}")
    if refused:
        line(f"{len(refused)} would be refused:")
    for _, error in refused:
        line(f"  {error}")
    discoveries = 0 if campaign.options.no_discover else well.total()
    slowest = max([*well.values(), discoveries])
    quota = campaign.options.quota
    seconds = max(slowest - quota.burst, 0) / quota.rate
    line(f"At {quota.rate:g} requests a second it would take about {seconds:.0f} s.")
