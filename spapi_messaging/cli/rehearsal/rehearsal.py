"""The rehearsal of a run: the same run with the journal as it is, in which no message goes out.

It is a bulk run whose orders are asked as ever, and whose messages stop where their first byte
would leave. What it says of skipped, repeated, refused and doubtful jobs is what the run's own
code decides, so the numbers are those that the run then has, as far as Amazon stays as it is.
To ask ten thousand orders takes hours; who stops it is told what is known so far.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, nullcontext

import attrs

from spapi_messaging.bulk import BulkRun, Job, JournalLookup, Outcome, Seller, Summary
from spapi_messaging.cli.campaign import Campaign
from spapi_messaging.cli.ending import REHEARSING
from spapi_messaging.cli.hints import command
from spapi_messaging.cli.jobfile import Checked
from spapi_messaging.cli.options import CampaignOptions
from spapi_messaging.cli.rehearsal.forecast import Forecast
from spapi_messaging.cli.rehearsal.json_lines import print_outcome, print_summary
from spapi_messaging.cli.rehearsal.plan_file import PlanWriter, plan_file, tell_plan
from spapi_messaging.cli.rehearsal.progress import Progress
from spapi_messaging.cli.rehearsal.unsent import Rehearsing, Unwritten
from spapi_messaging.cli.settings import Stop, console, offer, tell
from spapi_messaging.cli.view import Activity, exit_code
from spapi_messaging.sellers import SellerPool


async def rehearse_all(campaign: Campaign, checked: Checked, stop: Stop) -> int:
    """Say what a run would do now, without sending; return the exit code that it would have."""
    options = campaign.options
    forecast = Forecast(jobs=checked.jobs, quota=options.quota)
    with _plan_of(campaign) as plan, campaign.journal() as reader:
        rehearsal = _Rehearsal(campaign, forecast, plan)
        try:
            summary = await rehearsal.run(reader)
        except asyncio.CancelledError:
            _tell(campaign, forecast, is_stopped=True)
            tell_plan(options, None)
            stop.is_told = not options.as_json
            raise
    _tell(campaign, forecast)
    tell_plan(options, forecast.sent)
    if forecast.sent and options.plan is None and not options.as_json and options.has_journal_path:
        _tell_how_to_send(options)
    return exit_code(summary)


@contextmanager
def _plan_of(campaign: Campaign) -> Iterator[PlanWriter | None]:
    path = campaign.options.plan
    with nullcontext() if path is None else plan_file(path, campaign.options) as plan:
        yield plan


def _tell(campaign: Campaign, forecast: Forecast, *, is_stopped: bool = False) -> None:
    if campaign.options.as_json:
        print_summary(forecast, is_stopped=is_stopped)
        return
    screen = console()
    for line in forecast.lines(screen, is_stopped=is_stopped):
        tell(screen, line)


def _tell_how_to_send(options: CampaignOptions) -> None:
    screen = console()
    tell(screen, "")
    again = ", with the same input again" if options.piped else ""
    tell(screen, f"To send what would be sent{again}:")
    offer(screen, command("bulk", options, without=REHEARSING))


@attrs.define
class _Rehearsal:
    """One rehearsal: numbers the jobs as they come, and takes what would become of them."""

    campaign: Campaign
    forecast: Forecast
    plan: PlanWriter | None
    _numbers: dict[int, tuple[int, Job]] = attrs.field(factory=dict, init=False)
    """By the identity of a job that is on its way; the job is held, so that it stays its own."""

    async def run(self, reader: JournalLookup) -> Summary:
        activity = Activity(jobs=self.forecast.jobs, discovers=True)
        pool = self.campaign.pool(activity.note)
        outcomes = self._begun(pool, reader)
        try:
            with Progress(
                lambda: activity.standing(outcomes.summary, pool.has_tokens),
                as_json=self.campaign.options.as_json,
            ) as progress:
                await self._show(pool, outcomes, progress)
        finally:
            for outcome in outcomes.rest():
                self._see(outcome)
        return outcomes.summary

    async def _show(self, pool: SellerPool, run: BulkRun, progress: Progress) -> None:
        async with pool, run as outcomes:
            drawing = asyncio.create_task(progress.keep_drawing())
            try:
                async for outcome in outcomes:
                    self._see(outcome)
            finally:
                drawing.cancel()
                await asyncio.wait([drawing])

    def _see(self, outcome: Outcome) -> None:
        number, _ = self._numbers.pop(id(outcome.job))
        self.forecast.see(number, outcome)
        if self.plan is not None:
            self.plan.add(number, outcome)
        if self.campaign.options.as_json:
            print_outcome(outcome)

    def _jobs(self) -> Iterator[Job]:
        for number, job in enumerate(self.campaign.jobs()):
            self._numbers[id(job)] = (number, job)
            yield job

    def _begun(self, pool: SellerPool, reader: JournalLookup) -> BulkRun:
        @asynccontextmanager
        async def checkout(job: Job) -> AsyncIterator[Seller]:
            async with pool.session(str(job.seller)) as session:
                yield Rehearsing(session, self.forecast.asked)

        return BulkRun(
            self._jobs(),
            checkout=checkout,
            clock=time.time,
            **self.campaign.options.for_bulk(Unwritten(reader)),
        )
