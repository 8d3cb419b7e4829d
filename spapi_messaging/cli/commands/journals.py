"""The commands that look at what a run wrote down: status, doubts, export, report."""

import csv
import itertools
import json
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal, NoReturn

import attrs
import typer
from rich.console import Console
from rich.table import Table

from spapi_messaging.bulk import Damage, Entry
from spapi_messaging.cli.options import MAX_RATE, CampaignName, Database, JournalPath, is_number
from spapi_messaging.cli.settings import (
    DONE,
    IN_DOUBT,
    INVALID,
    REFUSED,
    STOPPED,
    console,
    fail,
    is_lost,
    opened,
    refuse_journals,
    run,
    say,
    shown,
    tell,
)
from spapi_messaging.cli.sources import Settled, Source, source_of
from spapi_messaging.redaction import csv_cell, printable

_COLUMNS = {
    "sent": "sent",
    "refused": "refused",
    "not sent": "not sent",
    "sending": "in doubt or under way",
}
_CODES = {"sent": DONE, "refused": REFUSED, "not sent": REFUSED, "sending": IN_DOUBT}
"""A run has the worst of its messages: DONE < REFUSED < IN_DOUBT."""
_ANSWERS = ("sent", "resend", "leave")


def status(
    journal: JournalPath = None, database: Database = None, campaign: CampaignName = None
) -> None:
    """Show how a run stands, or how it ended; it may still be going on.

    Example: spapi-messaging status jobs.csv.journal
    """
    source = source_of(journal, database, campaign)
    counts = source.counts()
    screen = console()
    screen.print(_table(source.name, counts))
    batches, messages = source.waiting()
    if batches:
        tell(screen, f"{batches} batches of {messages} messages in all are not finished.")
    _tell_loss(source)
    _leave(max((_CODES[state] for _, state in counts), default=DONE))


def doubts(
    journal: JournalPath = None,
    database: Database = None,
    campaign: CampaignName = None,
    settle: Annotated[
        Literal["ask", "sent", "resend"] | None,
        typer.Option(help="Settle each: ask for each one, or take all as sent, or resend all."),
    ] = None,
) -> None:
    """List the messages of which nobody knows whether they arrived, and settle them.

    Look each order up in Seller Central first. What is settled as sent is skipped from now on; what
    is settled as resend goes out with the next run.

    Example: spapi-messaging doubts jobs.csv.journal --settle ask
    """
    screen = console()
    source = source_of(journal, database, campaign)
    pending, fresh = source.doubts()
    listed, count = [], 0
    for entry in pending:
        tell(screen, _doubt(entry))
        count += 1
        if settle is not None:
            listed.append(entry)
    if fresh:
        tell(screen, f"{fresh} more began less than five minutes ago, and may be under way.")
    if not count:
        tell(screen, "Nothing is in doubt.")
    _tell_loss(source)
    if settle is None or not count:
        _leave(IN_DOUBT if count else DONE)
    if is_lost():
        fail("nothing is settled: nobody has seen the list", REFUSED)
    _leave(_settle(source, listed, settle, screen))


def export(
    journal: JournalPath = None,
    database: Database = None,
    campaign: CampaignName = None,
    file_format: Annotated[Literal["csv", "json"], typer.Option("--format")] = "csv",
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="A file; else standard output.")
    ] = None,
) -> None:
    """Write all outcomes as CSV or as JSON Lines.

    Example: spapi-messaging export jobs.csv.journal --format json -o outcomes.jsonl
    """
    refuse_journals(output, journal)
    source, damage = source_of(journal, database, campaign), Damage()
    read = source.entries(damage)
    # What cannot be read at all leaves the output as it is.
    entries = itertools.chain([first] if (first := next(read, None)) else [], read)
    with opened(output) as file:
        if file_format == "json":
            for entry in entries:
                # DEL is the one control that JSON need not escape.
                file.write(json.dumps(_exported(entry)).replace("\x7f", "\\u007f") + "\n")
        else:
            names = [field.name for field in attrs.fields(Entry)]
            writer = csv.DictWriter(file, names, lineterminator="\n")
            writer.writeheader()
            for entry in entries:
                cells = _exported(entry).items()
                writer.writerow({name: csv_cell(value) for name, value in cells})
    if damage.fault is not None:
        fail(f"{source.name}: {damage.fault}; what could be read of it is written", INVALID)
    _tell_loss(source)
    _leave(DONE)


def report(
    output: Annotated[Path, typer.Option("--output", "-o", help="The HTML file to write.")],
    journal: JournalPath = None,
    database: Database = None,
    campaign: CampaignName = None,
    rate: Annotated[
        float,
        typer.Option(
            min=0.001,
            max=MAX_RATE,
            callback=is_number,
            help="Requests per second that the plan allows, as a line.",
        ),
    ] = 1.0,
) -> None:
    """Write a report as one HTML file, with charts and without network (extra: report).

    Example: spapi-messaging report jobs.csv.journal -o report.html
    """
    from spapi_messaging.cli.report import render_report

    refuse_journals(output, journal)
    source = source_of(journal, database, campaign)
    entries = source.entries()
    try:
        page = render_report(entries, title=source.name, rate=rate, now=datetime.now(UTC))
    except ModuleNotFoundError as error:
        fail(f"it needs {error.name}: pip install 'spapi-messaging[report]'", INVALID)
    with opened(output) as file:
        file.write(page)
    tell(console(), f"Written: {output}")
    _tell_loss(source)
    _leave(DONE)


def _table(name: str, counts: Counter[tuple[str, str]]) -> Table:
    """Return the counts by operation and state."""
    table = Table(title=shown(f"{name}: {counts.total()} jobs"), title_justify="left")
    table.add_column("operation")
    for label in _COLUMNS.values():
        table.add_column(label, justify="right")
    for operation in sorted({operation for operation, _ in counts}):
        table.add_row(
            shown(operation), *(str(counts[operation, state] or "-") for state in _COLUMNS)
        )
    return table


def _tell_loss(source: Source) -> None:
    """Leave the program if what was shown is not all there was."""
    loss = source.loss()
    if loss is not None:
        fail(f"{source.name} is not complete: {loss}", INVALID)


def _leave(code: int) -> NoReturn:
    """Leave with a code, which is no success if what was to be shown got lost."""
    raise typer.Exit(REFUSED if is_lost() else code)


def _settle(source: Source, listed: list[Entry], how: str, screen: Console) -> int:
    """Settle doubts as they are answered, and return the exit code.

    Who stops in the middle has answered what came before, and that is kept.
    """
    if how == "resend":
        typer.confirm(f"Send {len(listed)} again? Some buyers may get it twice.", abort=True)
    settled: list[Settled] = []
    stopped = None
    try:
        for entry in listed:
            new = _settled(entry, how)
            settled += [] if new is None else [(entry, new)]
    except typer.Abort as abort:
        stopped = abort
    changed = run(source.settle(settled)) if settled else []
    for entry, _ in changed:
        tell(
            screen,
            f"Not settled, for a run has written to it since it was shown: {_doubt(entry)}",
        )
    tell(screen, f"{len(settled) - len(changed)} settled.")
    if stopped is not None:
        say("stopped before all were answered")
        return STOPPED if isinstance(stopped.__context__, KeyboardInterrupt) else IN_DOUBT
    return DONE if len(settled) == len(listed) and not changed else IN_DOUBT


def _doubt(entry: Entry) -> str:
    since = datetime.fromtimestamp(entry.began_at, UTC)
    return printable(
        f"order {entry.order_id}, {entry.operation}, seller {entry.seller}, since "
        f"{since:%Y-%m-%d %H:%M:%S} UTC ({entry.reason or 'the run was stopped meanwhile'})"
    )


def _settled(entry: Entry, how: str) -> Entry | None:
    match _asked(entry) if how == "ask" else how:
        case "sent":
            return attrs.evolve(entry, state="sent", evidence="settled by hand")
        case "resend":
            return attrs.evolve(entry, state="not sent", reason="settled by hand: to be sent again")
        case _:
            return None


def _asked(entry: Entry) -> str:
    """Ask for one until the answer is one of those there are, or a beginning of it."""
    which = printable(f"{entry.order_id} {entry.operation}")
    while True:
        given = typer.prompt(f"{which}: sent, resend or leave", default="leave")
        answer = str(given).strip().lower()
        found = [each for each in _ANSWERS if answer and each.startswith(answer)]
        if found:
            return found[0]
        say("answer sent, resend or leave (s, r or l)")


def _exported(entry: Entry) -> dict[str, object]:
    values = attrs.asdict(entry)
    for name in ("began_at", "ended_at"):
        if values[name] is not None:
            values[name] = datetime.fromtimestamp(values[name], UTC).isoformat()
    return values
