"""The commands that send many messages: bulk and resume."""

import asyncio
from collections.abc import Coroutine, Iterator
from typing import Any, NoReturn

import attrs
import typer

from spapi_messaging.bulk import BulkRun, Job, JournalLookup, Summary
from spapi_messaging.cli.campaign import (
    Campaign,
    in_its_campaign,
    known_key_fault,
    names_new_journal,
    refuse_lost_campaign,
)
from spapi_messaging.cli.content import Places
from spapi_messaging.cli.credentials import Accounts
from spapi_messaging.cli.hints import PROGRAM, command, quoted
from spapi_messaging.cli.jobfile import (
    Checked,
    JobFile,
    Repeated,
    Selection,
    message_type,
    near_column,
)
from spapi_messaging.cli.neighbours import ask_neighbours
from spapi_messaging.cli.options import CampaignOptions, takes
from spapi_messaging.cli.rehearsal import refuse_plan, rehearse_all
from spapi_messaging.cli.settings import (
    INVALID,
    STOPPED,
    console,
    fail,
    marketplace_of,
    run,
    say,
    text_of,
)
from spapi_messaging.cli.skipped import SkippedOnes
from spapi_messaging.cli.view import View, exit_code, view_for
from spapi_messaging.errors import OrderFileError
from spapi_messaging.messages import Message
from spapi_messaging.orderfile import FILTERED
from spapi_messaging.sellers import SellerPool

_REDRAWN_EVERY = 0.15
_NONE = "no job in it is valid"
_REHEARSING = frozenset({"dry_run", "plan"})
"""The options with which nothing is sent."""


@takes(CampaignOptions)
def bulk(options: CampaignOptions) -> None:
    """Send the messages of a file, each at most once; the same file goes on where it stopped.

    The whole file is checked before the first message goes out. From an order report to a
    message: write a text, in which $product_name is what the report has in that column. With
    --dry-run see what each buyer would read, and without it send.

    Example: spapi-messaging bulk orders.txt --action confirmDeliveryDetails --text-file text.txt
    --where 'item-status!=Cancelled' --dry-run

    Example: spapi-messaging bulk orders.txt --action invoice --attach 'invoices/*{order_id}*.pdf'

    Example: spapi-messaging bulk invoices/ --action invoice --marketplace DE
    """
    _begin(options)


@takes(CampaignOptions, without=_REHEARSING)
def resume(options: CampaignOptions) -> None:
    """Go on with a file whose run was stopped; bulk does the same, and begins where none is.

    Give it the same options as before.

    Example: spapi-messaging resume orders.txt --action confirmDeliveryDetails
    --text-file text.txt --where 'item-status!=Cancelled'
    """
    options = in_its_campaign(options)
    if options.has_journal_path and not options.journal_path.is_file():
        hint = f"begin with: {command('bulk', options)}"
        fail(f"there is no journal {options.journal_path}; {hint}", INVALID)
    _begin(options)


def _begin(options: CampaignOptions) -> NoReturn:
    """Check the whole file and send it, or only rehearse; leaves the program in the end."""
    options = in_its_campaign(options)
    if not options.has_journal_path and not options.is_rehearsal:
        name = "standard input" if options.piped else str(options.file)
        fail(f"jobs from {name} need --journal PATH", INVALID)
    refuse_plan(options)
    try:
        with _opened(options) as source:
            campaign = Campaign(
                source=source, accounts=Accounts.load(options.credentials), options=options
            )
            with campaign.journal() as reader:
                checked = _checked(campaign, reader)
            refuse_lost_campaign(source, options)
            ask_neighbours(campaign, checked.jobs, means_new=names_new_journal(options))
            work = rehearse_all if options.is_rehearsal else _send
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
    except OrderFileError as error:
        say(str(error))
        return INVALID


def _opened(options: CampaignOptions) -> JobFile:
    text = text_of(options.text_file or (), options.default_language)
    place = options.marketplace
    kind = message_type(options.action) if options.action is not None else None
    if isinstance(kind, str):
        fail(f"--action: {kind}", INVALID)
    if kind is not None:
        _refuse_what_it_takes_not(options, kind)
    try:
        return JobFile(
            None if options.piped else options.file,
            options.file_format,
            text,
            selection=Selection(
                action=options.action,
                attach=options.attach or (),
                marketplace=None if place is None else marketplace_of(place),
                where=options.where or (),
                limit=options.limit,
                encoding=options.encoding,
                time_zone=options.time_zone,
            ),
            odd_order_ids=options.static_sandbox,
            may_name_orders=options.content == "off",
            marketplace_needed=place is None,
        )
    except OrderFileError as error:
        fail(str(error), INVALID)


def _refuse_what_it_takes_not(options: CampaignOptions, kind: type[Message]) -> None:
    """Leave the program for a text or files that the message of an action would not have."""
    fields = attrs.fields_dict(kind)
    if options.text_file and "text" not in fields:
        fail(f"--text-file: {kind.segment} takes no text", INVALID)
    if "attachments" in fields:
        return
    if options.attach:
        fail(f"--attach: {kind.segment} takes no attachments", INVALID)
    if not options.piped and options.file.is_dir():
        only = "a folder has nothing else"
        fail(f"--action: {kind.segment} takes no attachments, and {only}", INVALID)


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
    except OrderFileError as error:
        fail(str(error), INVALID)
    for line in (*_what_was_read(source), *places.lines(), *source.warnings.lines()):
        say(line)
    if places.counts["placeholder"]:
        say("what other tools fill in is sent as it stands here: write fields as $first_name")
    _tell_faults(campaign, checked)
    repeated = checked.repeated
    if repeated.count:
        say(
            f"{repeated.count} of {checked.jobs} rows say the same as an earlier one "
            f"({_on_lines(repeated)}): one message each"
        )
    return checked


def _what_was_read(source: JobFile) -> Iterator[str]:
    """Say how a file was read, and what of it is not used."""
    yield from source.said
    if source.left_out:
        counted = (
            f"{_rows(count)}, {'by --where' if reason == FILTERED else reason}"
            for reason, count in source.left_out.items()
        )
        yield f"left out: {'; '.join(counted)}"
    unused = source.unused_columns
    meant = {name: near for name in unused if (near := near_column(name)) is not None}
    for name, near in meant.items():
        yield f"note: nothing uses the column {name}; did you mean {near}?"
    others = [name for name in unused if name not in meant]
    if others and source.selection.action is None:
        yield f"note: nothing uses {', '.join(others)}"


def _rows(count: int) -> str:
    return f"{count} row" if count == 1 else f"{count} rows"


def _tell_faults(campaign: Campaign, checked: Checked) -> None:
    for line in checked.fault_lines:
        say(line)
    if checked.fault_count and not campaign.options.skip_invalid:
        records = checked.fault_count + checked.jobs
        can_skip = checked.jobs and checked.hiding is None and not campaign.is_plan
        rest = "; --skip-invalid sends the others" if can_skip else ""
        _nothing_sent(f"{checked.fault_count} of {records} jobs are invalid{rest}")
    if checked.hiding is not None:
        _nothing_sent(
            f"what begins on line {checked.hiding} may hold other rows, which would be lost "
            f"if it were skipped; mend it first"
        )
    if not checked.jobs:
        _nothing_sent(_why_none(campaign.source) if not checked.fault_count else _NONE)


def _why_none(source: JobFile) -> str:
    """Say why there is nobody to write to, though no row is at fault."""
    filtered = source.left_out.get(FILTERED)
    return f"no order is left: --where left out {_rows(filtered)}" if filtered else _NONE


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
    say(f"stopped; {same}: {command(name, options, without=_REHEARSING)}")


async def _keep_drawing(view: View) -> None:
    while True:
        view.redraw()
        await asyncio.sleep(_REDRAWN_EVERY)
