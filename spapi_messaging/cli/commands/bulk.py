"""The commands that send many messages: bulk and resume."""

import asyncio
from pathlib import Path
from typing import Annotated, Literal, NoReturn, TypeAlias

import typer
from rich.console import Console

from spapi_messaging.bulk import ContentPolicy, Job, OnDoubt
from spapi_messaging.cli.campaign import Campaign, rehearse_all
from spapi_messaging.cli.content import Places
from spapi_messaging.cli.credentials import Accounts
from spapi_messaging.cli.jobfile import Checked, JobFile, JobFileError
from spapi_messaging.cli.options import (
    ContentOption,
    CredentialsFile,
    DefaultLanguage,
    MarketplaceCode,
    Static,
    TextFiles,
)
from spapi_messaging.cli.settings import INVALID, fail, run, say, text_of
from spapi_messaging.cli.view import View, exit_code, view_for
from spapi_messaging.messages import Text
from spapi_messaging.quota import MESSAGING_QUOTA, Quota

_REDRAWN_EVERY = 0.15

Format: TypeAlias = Literal["jsonl", "csv"]

JobPath = Annotated[
    Path, typer.Argument(metavar="FILE", help="Jobs, as JSON Lines or CSV; - is standard input.")
]
FileFormat = Annotated[
    Format | None, typer.Option("--format", help="jsonl or csv; by default by the file's ending.")
]
JournalOption = Annotated[
    Path | None,
    typer.Option("--journal", help="Where to keep the journal; by default FILE.journal."),
]
OnDoubtOption = Annotated[
    OnDoubt,
    typer.Option(
        "--on-doubt",
        help="For what the journal has as being sent: report it, resend it (the buyer may get it "
        "twice), or rediscover: ask the order.",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object per outcome, and no view.")]
SkipInvalid = Annotated[
    bool, typer.Option("--skip-invalid", help="Send the valid lines though others are not.")
]
Rate = Annotated[
    float, typer.Option(min=0.001, help="Requests per second of your plan, for each operation.")
]
Burst = Annotated[int, typer.Option(min=1, help="Requests at once of your plan.")]
Window = Annotated[int, typer.Option(min=1, help="Jobs in progress at a time.")]
NoDiscover = Annotated[
    bool, typer.Option("--no-discover", help="Do not ask the orders first what they permit.")
]


def bulk(
    file: JobPath,
    marketplace: MarketplaceCode,
    file_format: FileFormat = None,
    credentials: CredentialsFile = None,
    journal: JournalOption = None,
    text_file: TextFiles = None,
    default_language: DefaultLanguage = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Ask the orders and check everything; send nothing.")
    ] = False,
    content: ContentOption = "warn",
    skip_invalid: SkipInvalid = False,
    as_json: AsJson = False,
    on_doubt: OnDoubtOption = "report",
    no_discover: NoDiscover = False,
    window: Window = 100,
    rate: Rate = MESSAGING_QUOTA.rate,
    burst: Burst = MESSAGING_QUOTA.burst,
    static_sandbox: Static = False,
) -> None:
    """Send the messages of a file, each at most once; the same file goes on where it stopped.

    The whole file is checked before the first message goes out.

    Example: spapi-messaging bulk jobs.csv --marketplace DE --text-file text.txt
    """
    piped = str(file) == "-"
    if piped and journal is None and not dry_run:
        fail("jobs from standard input need --journal PATH", INVALID)
    text = text_of(text_file or (), default_language)
    with _opened(None if piped else file, file_format, text, odd=static_sandbox) as source:
        campaign = Campaign(
            source=source,
            name="-" if piped else str(file),
            accounts=Accounts.load(credentials),
            marketplace=marketplace,
            journal=journal or file.with_name(f"{file.name}.journal"),
            quota=Quota(rate=rate, burst=burst),
            window=window,
            on_doubt=on_doubt,
            discover=not no_discover,
            static=static_sandbox,
            content=content,
            as_json=as_json,
        )
        checked = _checked(source, content, skip_invalid=skip_invalid)
        if dry_run:
            raise typer.Exit(run(rehearse_all(campaign, checked)))
        raise typer.Exit(run(_send(campaign, checked)))


def resume(
    file: JobPath,
    marketplace: MarketplaceCode,
    file_format: FileFormat = None,
    credentials: CredentialsFile = None,
    journal: JournalOption = None,
    text_file: TextFiles = None,
    default_language: DefaultLanguage = None,
    content: ContentOption = "warn",
    skip_invalid: SkipInvalid = False,
    as_json: AsJson = False,
    on_doubt: OnDoubtOption = "report",
    no_discover: NoDiscover = False,
    window: Window = 100,
    rate: Rate = MESSAGING_QUOTA.rate,
    burst: Burst = MESSAGING_QUOTA.burst,
    static_sandbox: Static = False,
) -> None:
    """Go on with a file whose run was stopped; bulk does the same, and begins where none is.

    Example: spapi-messaging resume jobs.csv --marketplace DE --text-file text.txt
    """
    kept = journal or file.with_name(f"{file.name}.journal")
    if not kept.is_file():
        fail(f"there is no journal {kept}; begin with: spapi-messaging bulk {file}", INVALID)
    bulk(
        file,
        marketplace,
        file_format=file_format,
        credentials=credentials,
        journal=kept,
        text_file=text_file,
        default_language=default_language,
        content=content,
        skip_invalid=skip_invalid,
        as_json=as_json,
        on_doubt=on_doubt,
        no_discover=no_discover,
        window=window,
        rate=rate,
        burst=burst,
        static_sandbox=static_sandbox,
    )


def _opened(
    path: Path | None, file_format: Format | None, text: Text | None, *, odd: bool
) -> JobFile:
    try:
        return JobFile(path, file_format, text, odd_order_ids=odd)
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
    for told in places.lines():
        say(told)
    for fault in checked.faults:
        say(f"line {fault.line}: {fault.reason}")
    if checked.fault_count > len(checked.faults):
        say(f"… and {checked.fault_count - len(checked.faults)} more")
    if checked.fault_count and not skip_invalid:
        records = checked.fault_count + checked.jobs
        _nothing(f"{checked.fault_count} of {records} jobs are invalid")
    if not checked.jobs:
        _nothing("no job in it is valid")
    if source.unused_columns:
        say(f"note: nothing uses {', '.join(source.unused_columns)}")
    return checked


def _nothing(why: str) -> NoReturn:
    fail(f"nothing was sent: {why}", INVALID)


async def _send(campaign: Campaign, checked: Checked) -> int:
    console = Console(stderr=campaign.as_json)
    try:
        async with (
            campaign.pool() as pool,
            pool.bulk(
                campaign.jobs(),
                window=campaign.window,
                journal=campaign.journal,
                on_doubt=campaign.on_doubt,
                discover=campaign.discover,
                content=campaign.content,
            ) as outcomes,
        ):
            with view_for(
                console, lambda: outcomes.summary, total=checked.jobs, as_json=campaign.as_json
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
        say(f"stopped; go on with: spapi-messaging resume {campaign.name}")
        raise


async def _keep_drawing(view: View) -> None:
    while True:
        view.redraw()
        await asyncio.sleep(_REDRAWN_EVERY)
