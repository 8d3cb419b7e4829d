"""The commands that look at what a run wrote down: status, doubts, export."""

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal

import typer

from spapi_messaging.bulk import Damage, Entry
from spapi_messaging.cli.commands.exported import write_objects, write_table
from spapi_messaging.cli.commands.standing import show_standing
from spapi_messaging.cli.commands.unsettled import (
    list_doubts,
    settle_doubts,
    tell_how_to_settle,
)
from spapi_messaging.cli.journal_standing import IN_DOUBT as DOUBTFUL, UNDER_WAY
from spapi_messaging.cli.options import CampaignName, Database, JournalPath
from spapi_messaging.cli.settings import (
    DONE,
    IN_DOUBT,
    INVALID,
    REFUSED,
    console,
    fail,
    is_lost,
    leave,
    opened,
    output_of,
    refuse_journals,
    tell,
)
from spapi_messaging.cli.sources import source_of, tell_loss

_CODES = {
    "sent": DONE,
    UNDER_WAY: DONE,
    "refused": REFUSED,
    "not sent": REFUSED,
    DOUBTFUL: IN_DOUBT,
}
"""A run has the worst of its messages: DONE < REFUSED < IN_DOUBT."""


def status(
    journal: JournalPath = None, database: Database = None, campaign: CampaignName = None
) -> None:
    """Show how a run stands, or how it ended; it may still be going on.

    Example: spapi-messaging status jobs.csv.journal
    """
    source = source_of(journal, database, campaign)
    standing = source.standing()
    show_standing(console(), source, standing)
    tell_loss(source, source.loss())
    leave(max((_CODES[outcome] for outcome in standing.total), default=DONE))


def doubts(
    journal: JournalPath = None,
    database: Database = None,
    campaign: CampaignName = None,
    settle: Annotated[
        Literal["ask", "sent", "resend"] | None,
        typer.Option(
            metavar="HOW", help="Settle each: ask for each one, or take all as sent, or resend all."
        ),
    ] = None,
) -> None:
    """List the messages of which nobody knows whether they arrived, and settle them.

    Look each order up in Seller Central first. What is settled as sent is skipped from now on; what
    is settled as resend goes out with the next run.

    Example: spapi-messaging doubts jobs.csv.journal --settle ask
    """
    screen = console()
    source = source_of(journal, database, campaign)
    if settle is not None and source.in_use:
        fail(f"{source.name}: another run has it open; settle when it has ended", INVALID)
    pending, moving = source.doubts()
    listed = [] if settle is None else list(pending)
    count = list_doubts(screen, source, listed if settle else pending, settle)
    if moving:
        tell(screen, f"{moving:,} more began less than five minutes ago, and may be under way.")
    tell_loss(source, source.loss())
    if not count:
        leave(DONE)
    if is_lost() and settle is not None:
        fail("nothing is settled: nobody has seen the list", REFUSED)
    if settle is None:
        tell_how_to_settle(source, count)
        leave(IN_DOUBT)
    leave(settle_doubts(screen, source, listed, settle))


def export(
    journal: JournalPath = None,
    database: Database = None,
    campaign: CampaignName = None,
    file_format: Annotated[
        Literal["csv", "json"],
        typer.Option("--format", metavar="FORMAT", help="csv, or json for JSON Lines."),
    ] = "csv",
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", metavar="FILE", help="A file; - is standard output, as without it."
        ),
    ] = None,
) -> None:
    """Write all outcomes as CSV or as JSON Lines.

    An Excel that separates by semicolons, as in German, shows a CSV in one column when it is
    opened by a double click: open it there by Data > From Text/CSV.

    Example: spapi-messaging export jobs.csv.journal --format json -o outcomes.jsonl
    """
    output = output_of(output)
    refuse_journals(output, journal)
    source, damage = source_of(journal, database, campaign), Damage()
    moving_since = source.moving_since  # asked before what it has: the run may end meanwhile
    read = source.entries(damage)
    # What cannot be read at all leaves the output as it is.
    entries: Iterator[Entry] = itertools.chain([first] if (first := next(read, None)) else [], read)
    with opened(output) as file:
        # Whoever reads on no more, as `| head`, waits for no rest.
        entries = itertools.takewhile(lambda _: not is_lost(so_far=True), entries)
        write = write_objects if file_format == "json" else write_table
        write(file, entries, moving_since=moving_since)
    if damage.fault is not None:
        fail(f"{source.name}: {damage.fault}; what could be read of it is written", INVALID)
    tell_loss(source, source.loss())
    if output is not None and output.is_file():
        tell(console(stderr=True), f"Written: {output}")
    leave(DONE)
