"""The commands that send many messages: bulk and resume."""

import asyncio
from typing import NoReturn

import typer
from rich.console import Console

from spapi_messaging.bulk import ContentPolicy, Job
from spapi_messaging.cli.campaign import Campaign, rehearse_all
from spapi_messaging.cli.content import Places
from spapi_messaging.cli.credentials import Accounts
from spapi_messaging.cli.jobfile import Checked, JobFile, JobFileError
from spapi_messaging.cli.options import CampaignOptions, takes
from spapi_messaging.cli.settings import INVALID, fail, run, say, text_of
from spapi_messaging.cli.view import View, exit_code, view_for

_REDRAWN_EVERY = 0.15


@takes(CampaignOptions)
def bulk(options: CampaignOptions) -> None:
    """Send the messages of a file, each at most once; the same file goes on where it stopped.

    The whole file is checked before the first message goes out.

    Example: spapi-messaging bulk jobs.csv --marketplace DE --text-file text.txt
    """
    if options.piped and options.journal is None and not options.dry_run:
        fail("jobs from standard input need --journal PATH", INVALID)
    _begin(options)


@takes(CampaignOptions, without="dry_run")
def resume(options: CampaignOptions) -> None:
    """Go on with a file whose run was stopped; bulk does the same, and begins where none is.

    Example: spapi-messaging resume jobs.csv --marketplace DE --text-file text.txt
    """
    kept = options.journal_path
    if not kept.is_file():
        hint = f"begin with: spapi-messaging bulk {options.file}"
        fail(f"there is no journal {kept}; {hint}", INVALID)
    _begin(options)


def _begin(options: CampaignOptions) -> NoReturn:
    """Check the whole file and send it, or only rehearse; leaves the program in the end."""
    with _opened(options) as source:
        campaign = Campaign(
            source=source, accounts=Accounts.load(options.credentials), options=options
        )
        checked = _checked(source, options.content, skip_invalid=options.skip_invalid)
        work = rehearse_all if options.dry_run else _send
        raise typer.Exit(run(work(campaign, checked)))


def _opened(options: CampaignOptions) -> JobFile:
    text = text_of(options.text_file or (), options.default_language)
    try:
        return JobFile(
            None if options.piped else options.file,
            options.file_format,
            text,
            odd_order_ids=options.static_sandbox,
        )
    except JobFileError as error:
        fail(str(error), INVALID)


def _checked(source: JobFile, content: ContentPolicy, *, skip_invalid: bool) -> Checked:
    """Check the whole file; leaves the program for faults, unless they are to be skipped."""
    places = Places()

    def look(line: int, job: Job) -> str | None:
        if content == "off":
            return None
        is_serious = places.look(f"line {line}: ", job.rendered, job)
        return "its text is refused" if is_serious and content == "refuse" else None

    try:
        checked = source.check(look)
    except JobFileError as error:
        fail(str(error), INVALID)
    for line in places.lines():
        say(line)
    for fault in checked.faults:
        say(f"line {fault.line}: {fault.reason}")
    if checked.fault_count > len(checked.faults):
        say(f"… and {checked.fault_count - len(checked.faults)} more")
    if checked.fault_count and not skip_invalid:
        records = checked.fault_count + checked.jobs
        _nothing_sent(f"{checked.fault_count} of {records} jobs are invalid")
    if not checked.jobs:
        _nothing_sent("no job in it is valid")
    if source.unused_columns:
        say(f"note: nothing uses {', '.join(source.unused_columns)}")
    return checked


def _nothing_sent(why: str) -> NoReturn:
    fail(f"nothing was sent: {why}", INVALID)


async def _send(campaign: Campaign, checked: Checked) -> int:
    options = campaign.options
    console = Console(stderr=options.as_json)
    try:
        async with (
            campaign.pool() as pool,
            pool.bulk(
                campaign.jobs(),
                window=options.window,
                journal=options.journal_path,
                on_doubt=options.on_doubt,
                discover=not options.no_discover,
                content=options.content,
            ) as outcomes,
        ):
            with view_for(
                console, lambda: outcomes.summary, total=checked.jobs, as_json=options.as_json
            ) as view:
                drawing = asyncio.create_task(_keep_drawing(view))
                try:
                    async for outcome in outcomes:
                        view.see(outcome)
                finally:
                    drawing.cancel()
                    await asyncio.wait([drawing])
            return exit_code(outcomes.summary)
    except asyncio.CancelledError:
        say(f"stopped; go on with: spapi-messaging resume {options.file}")
        raise


async def _keep_drawing(view: View) -> None:
    while True:
        view.redraw()
        await asyncio.sleep(_REDRAWN_EVERY)
