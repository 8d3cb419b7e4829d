"""The commands that send many messages: bulk and resume."""

import asyncio
from collections.abc import Coroutine
from typing import Any, NoReturn

import typer

from spapi_messaging.bulk import BulkRun, Job, JournalLookup, Summary
from spapi_messaging.cli.campaign import Campaign, known_key_fault
from spapi_messaging.cli.content import Places
from spapi_messaging.cli.credentials import Accounts
from spapi_messaging.cli.hints import PROGRAM, command, quoted
from spapi_messaging.cli.jobfile import Checked, JobFile, JobFileError, Repeated
from spapi_messaging.cli.neighbours import ask_neighbours
from spapi_messaging.cli.options import CampaignOptions, takes
from spapi_messaging.cli.rehearsal import rehearse_all
from spapi_messaging.cli.settings import INVALID, STOPPED, console, fail, run, say, text_of
from spapi_messaging.cli.skipped import SkippedOnes
from spapi_messaging.cli.view import View, exit_code, view_for
from spapi_messaging.sellers import SellerPool

_REDRAWN_EVERY = 0.15
_KNOWN_BY = {
    "action": "an order and action",
    "order": "an order",
    "content": "an order, action and content",
}


@takes(CampaignOptions)
def bulk(options: CampaignOptions) -> None:
    """Send the messages of a file, each at most once; the same file goes on where it stopped.

    The whole file is checked before the first message goes out.

    Example: spapi-messaging bulk jobs.csv --marketplace DE --text-file text.txt
    """
    _begin(options)


@takes(CampaignOptions, without="dry_run")
def resume(options: CampaignOptions) -> None:
    """Go on with a file whose run was stopped; bulk does the same, and begins where none is.

    Example: spapi-messaging resume jobs.csv --marketplace DE --text-file text.txt
    """
    if options.has_journal_path and not options.journal_path.is_file():
        hint = f"begin with: {command('bulk', options)}"
        fail(f"there is no journal {options.journal_path}; {hint}", INVALID)
    _begin(options)


def _begin(options: CampaignOptions) -> NoReturn:
    """Check the whole file and send it, or only rehearse; leaves the program in the end."""
    if not options.has_journal_path and not options.dry_run:
        fail("jobs from standard input need --journal PATH", INVALID)
    try:
        with _opened(options) as source:
            campaign = Campaign(
                source=source, accounts=Accounts.load(options.credentials), options=options
            )
            with campaign.journal() as reader:
                checked = _checked(campaign, reader)
            ask_neighbours(campaign, checked.jobs)
            work = rehearse_all if options.dry_run else _send
            code = run(_in_one_line(work(campaign, checked)))
            if source.was_changed:
                say(f"{source.name} was changed during the run; what was sent is what was checked")
    except KeyboardInterrupt:
        fail("stopped; nothing was sent", STOPPED)
    raise typer.Exit(code)


async def _in_one_line(work: Coroutine[Any, Any, int]) -> int:
    """End with one line where the jobs can be read no further; what was under way is done."""
    try:
        return await work
    except JobFileError as error:
        say(str(error))
        return INVALID


def _opened(options: CampaignOptions) -> JobFile:
    text = text_of(options.text_file or (), options.default_language)
    try:
        return JobFile(
            None if options.piped else options.file,
            options.file_format,
            text,
            odd_order_ids=options.static_sandbox,
            may_name_orders=options.content == "off",
        )
    except JobFileError as error:
        fail(str(error), INVALID)


def _checked(campaign: Campaign, reader: JournalLookup) -> Checked:
    """Check the whole file; leaves the program for faults, unless they are to be skipped."""
    places, content, source = Places(), campaign.options.content, campaign.source

    def look(line: int, job: Job) -> str | None:
        fault = known_key_fault(reader, job, campaign.options.once)
        if fault is not None or content == "off":
            return fault
        is_serious = places.look(f"line {line}: ", job.rendered, job)
        return "its text is refused" if is_serious and content == "refuse" else None

    try:
        checked = source.check(look, once=campaign.options.once)
    except JobFileError as error:
        fail(str(error), INVALID)
    for line in places.lines():
        say(line)
    _tell_faults(checked, skip_invalid=campaign.options.skip_invalid)
    _tell_repeated(checked, _KNOWN_BY[campaign.options.once])
    if source.unused_columns:
        say(f"note: nothing uses {', '.join(source.unused_columns)}")
    return checked


def _tell_faults(checked: Checked, *, skip_invalid: bool) -> None:
    for fault in checked.faults:
        say(f"line {fault.line}: {fault.reason}")
    if checked.fault_count > len(checked.faults):
        say(f"… and {checked.fault_count - len(checked.faults)} more")
    if checked.fault_count and not skip_invalid:
        records = checked.fault_count + checked.jobs
        _nothing_sent(f"{checked.fault_count} of {records} jobs are invalid")
    if checked.hiding is not None:
        _nothing_sent(
            f"what begins on line {checked.hiding} may hold other rows, which would be lost "
            f"if it were skipped; mend it first"
        )
    if not checked.jobs:
        _nothing_sent("no job in it is valid")


def _tell_repeated(checked: Checked, known_by: str) -> None:
    """Say which rows are one message with an earlier one."""
    repeated, changed = checked.repeated, checked.changed
    if repeated.count:
        other = f"; {_on_lines(changed)} with other content: the first is sent"
        say(
            f"{repeated.count} of {checked.jobs} rows name {known_by} that an earlier row has "
            f"({_on_lines(repeated)}): one message each{other if changed.count else ''}"
        )


def _on_lines(repeated: Repeated) -> str:
    many = "s" if repeated.count > 1 else ""
    more = "" if repeated.count == len(repeated.lines) else ", …"
    return f"line{many} {', '.join(map(str, repeated.lines))}{more}"


def _nothing_sent(why: str) -> NoReturn:
    fail(f"nothing was sent: {why}", INVALID)


async def _send(campaign: Campaign, checked: Checked) -> int:
    options, skipped = campaign.options, SkippedOnes()
    screen = console(stderr=options.as_json)
    pool = campaign.pool()
    outcomes = pool.bulk(campaign.jobs(), **options.for_bulk(options.journal_path))
    try:
        with view_for(
            screen, lambda: outcomes.summary, total=checked.jobs, as_json=options.as_json
        ) as view:
            try:
                await _show(pool, outcomes, view, skipped)
            finally:
                for outcome in outcomes.rest():
                    view.see(outcome)
    except asyncio.CancelledError:
        _tell_how_to_go_on(options, outcomes.summary)
        raise
    for line in skipped.lines():
        say(line)
    return exit_code(outcomes.summary)


async def _show(pool: SellerPool, run: BulkRun, view: View, skipped: SkippedOnes) -> None:
    async with pool, run as outcomes:
        drawing = asyncio.create_task(_keep_drawing(view))
        try:
            async for outcome in outcomes:
                skipped.see(outcome)
                view.see(outcome)
        finally:
            drawing.cancel()
            await asyncio.wait([drawing])


def _tell_how_to_go_on(options: CampaignOptions, summary: Summary) -> None:
    """Say what is in doubt, and what to type next: the same, with all of its options."""
    doubts = summary.total.get("InDoubt")
    if doubts:
        look = quoted([PROGRAM, "doubts", str(options.journal_path)])
        say(f"{doubts} in doubt, which may have arrived: {look}")
    name = "resume" if options.journal_path.is_file() else "bulk"
    same = "give it the same input again, and go on with" if options.piped else "go on with"
    say(f"stopped; {same}: {command(name, options, without=frozenset({'dry_run'}))}")


async def _keep_drawing(view: View) -> None:
    while True:
        view.redraw()
        await asyncio.sleep(_REDRAWN_EVERY)
