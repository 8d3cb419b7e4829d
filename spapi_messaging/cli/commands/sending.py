"""The run of a file's messages: shown while it goes on, and summed up at its end."""

import asyncio

from spapi_messaging.bulk import BulkRun
from spapi_messaging.cli.campaign import Campaign
from spapi_messaging.cli.ending import Ending
from spapi_messaging.cli.jobfile import Checked
from spapi_messaging.cli.settings import Stop, console
from spapi_messaging.cli.view import Activity, View, exit_code, kept_drawn, view_for
from spapi_messaging.errors import MessagingError
from spapi_messaging.sellers import SellerPool


async def send_all(campaign: Campaign, checked: Checked, stop: Stop) -> int:
    """Send the messages of a file, show how, and return the exit code."""
    options = campaign.options
    activity = Activity(jobs=checked.jobs, discovers=not options.no_discover)
    pool = campaign.pool(activity.note)
    ending = Ending(
        options=options,
        jobs=checked.jobs,
        invalid=checked.fault_count if options.skip_invalid else 0,
    )
    screen = console(stderr=options.as_json)
    outcomes = pool.bulk(campaign.jobs(), **options.for_bulk(options.journal_path))
    try:
        with view_for(
            screen,
            lambda: activity.standing(outcomes.summary, pool.has_tokens),
            as_json=options.as_json,
        ) as view:
            try:
                await _show(pool, outcomes, view, ending, stop)
            finally:
                for outcome in outcomes.rest():
                    ending.see(outcome)
                    view.see(outcome)
    except (asyncio.CancelledError, MessagingError) as error:
        stop.is_told = isinstance(error, asyncio.CancelledError)
        if stop.is_told or outcomes.summary.total:
            ending.tell_stopped(outcomes.summary, by=error)
        raise
    ending.tell(outcomes.summary)
    return exit_code(outcomes.summary)


async def _show(pool: SellerPool, run: BulkRun, view: View, ending: Ending, stop: Stop) -> None:
    async with kept_drawn(view), pool, run as outcomes:
        try:
            async for outcome in outcomes:
                ending.see(outcome)
                view.see(outcome)
        except asyncio.CancelledError:
            # Nothing comes between this and the run's own end: as many are waited for.
            stop.tell_under_way(outcomes.summary.under_way, outcomes.grace)
            raise
