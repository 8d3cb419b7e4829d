"""The commands that send many messages: bulk and resume."""

from collections.abc import Coroutine, Iterator
from contextlib import suppress
from typing import Any, NoReturn

import attrs
import typer

from spapi_messaging.bulk import Job, JournalLookup, JournalReader, is_journal
from spapi_messaging.cli.campaign import (
    Campaign,
    in_its_campaign,
    known_key_fault,
    names_new_journal,
    refuse_lost_campaign,
)
from spapi_messaging.cli.commands.sending import send_all
from spapi_messaging.cli.content import Places
from spapi_messaging.cli.credentials import Accounts
from spapi_messaging.cli.elsewhere import Elsewhere
from spapi_messaging.cli.ending import REHEARSING
from spapi_messaging.cli.hints import command, program_command
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
    Stop,
    console,
    fail,
    marketplace_of,
    offer,
    run,
    say,
    text_of,
)
from spapi_messaging.cli.words import counted, path_word
from spapi_messaging.errors import JournalError, OrderFileError
from spapi_messaging.messages import Message
from spapi_messaging.orderfile import FILTERED

_NONE = "no job in it is valid"


@takes(CampaignOptions)
def bulk(options: CampaignOptions) -> None:
    """Send the messages of a file, each at most once.

    The whole file is checked before the first message goes out, and the same file goes on where it
    stopped. From an order report to a message: write a text, in which $product_name is what the
    report has in that column. With --dry-run see what each buyer would read.

    Example: spapi-messaging bulk orders.txt --action confirmDeliveryDetails --text-file text.txt
    --where 'item-status!=Cancelled' --dry-run

    Example: spapi-messaging bulk orders.txt --action invoice --attach 'invoices/*{order_id}*.pdf'

    Example: spapi-messaging bulk invoices/ --action invoice --marketplace DE
    """
    _begin(options)


@takes(CampaignOptions, without=REHEARSING)
def resume(options: CampaignOptions) -> None:
    """Go on with a file whose run was stopped.

    Give it the same options as before. bulk does the same, and begins where there is no run.

    Example: spapi-messaging resume orders.txt --action confirmDeliveryDetails
    --text-file text.txt --where 'item-status!=Cancelled'
    """
    options = in_its_campaign(options)
    if options.has_journal_path and not options.journal_path.is_file():
        say(f"there is no journal {options.journal_path}; to begin:")
        screen = console(stderr=True)
        offer(screen, command("bulk", options))
        raise typer.Exit(INVALID)
    _begin(options)


def _begin(options: CampaignOptions) -> NoReturn:
    """Check the whole file and send it, or only rehearse; leaves the program in the end."""
    options = in_its_campaign(options)
    if not options.has_journal_path and not options.is_rehearsal:
        name = "standard input" if options.piped else str(options.file)
        fail(f"jobs from {name} need --journal PATH", INVALID)
    refuse_plan(options)
    stopped = "stopped; nothing was sent"
    try:
        with _opened(options) as source:
            _refuse_what_is_going_on(options)
            campaign = Campaign(
                source=source, accounts=Accounts.load(options.credentials), options=options
            )
            with campaign.journal() as reader:
                checked = _checked(campaign, reader)
            refuse_lost_campaign(source, options)
            ask_neighbours(campaign, checked.jobs, means_new=names_new_journal(options))
            work, stop = rehearse_all if options.is_rehearsal else send_all, Stop()
            stopped = "stopped"
            code = run(_in_one_line(work(campaign, checked, stop)), stop)
            if source.was_changed:
                say(f"{source.name} was changed during the run; what was sent is what was checked")
    except KeyboardInterrupt:
        fail(stopped, STOPPED)
    raise typer.Exit(code)


def _refuse_what_is_going_on(options: CampaignOptions) -> None:
    """Leave the program if another run has the journal open, before a view of this one begins."""
    path = options.journal_path if options.has_journal_path else None
    if options.is_rehearsal or path is None or not is_journal(path):
        return
    with suppress(JournalError), JournalReader(path) as reader:  # a fault is told when it is used
        if not reader.in_use:
            return
        say(f"nothing was sent: another run has {path} open; to see how it stands:")
        screen = console(stderr=True)
        offer(screen, program_command("status", path_word(path)))
        raise typer.Exit(INVALID)


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
    elsewhere = Elsewhere.than(campaign.options.marketplace)

    def look(line: int, job: Job) -> str | None:
        elsewhere.see(job)
        fault = known_key_fault(reader, job, campaign.options.once)
        if fault is not None or content == "off":
            return fault
        is_serious = places.look(f"line {line}: ", job.rendered, job)
        return "its text is refused" if is_serious and content == "refuse" else None

    try:
        checked = source.check(look, once=campaign.options.once)
    except OrderFileError as error:
        fail(str(error), INVALID)
    for line in (
        *_what_was_read(source),
        *elsewhere.lines(),
        *places.lines(),
        *source.warnings.lines(),
    ):
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
        reasons = (
            f"{counted(count, 'row')}, {'by --where' if reason == FILTERED else reason}"
            for reason, count in source.left_out.items()
        )
        yield f"left out: {'; '.join(reasons)}"
    unused = source.unused_columns
    meant = {name: near for name in unused if (near := near_column(name)) is not None}
    for name, near in meant.items():
        yield f"note: nothing uses the column {name}; did you mean {near}?"
    others = [name for name in unused if name not in meant]
    if others and source.selection.action is None:
        yield f"note: nothing uses {', '.join(others)}"


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
    return f"no order is left: --where left out {counted(filtered, 'row')}" if filtered else _NONE


def _on_lines(repeated: Repeated) -> str:
    many = "s" if repeated.count > 1 else ""
    more = "" if repeated.count == len(repeated.lines) else ", …"
    return f"line{many} {', '.join(map(str, repeated.lines))}{more}"


def _nothing_sent(why: str) -> NoReturn:
    fail(f"nothing was sent: {why}", INVALID)
