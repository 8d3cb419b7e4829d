"""The options that several commands have, once.

What `bulk` and `resume` share is one class: its fields are their options, and a command made
by `takes` is called with an instance of it. Typer reads a command's signature, and that of a
class is as good as that of a function.
"""

import functools
import inspect
import math
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, TypeVar

import attrs
import typer

from spapi_messaging.bulk import BulkOptions, ContentPolicy, Journal, Once, OnDoubt
from spapi_messaging.cli.jobfile import Format
from spapi_messaging.quota import MESSAGING_QUOTA, Quota

T = TypeVar("T")

OrderId = Annotated[str, typer.Argument(metavar="ORDER", help="The order's id, 3-7-7 digits.")]
MarketplaceCode = Annotated[
    str,
    typer.Option(
        "--marketplace",
        "-m",
        envvar="SPAPI_MESSAGING_MARKETPLACE",
        help="Country code or id of the order's marketplace, such as DE.",
    ),
]
CredentialsFile = Annotated[
    Path | None,
    typer.Option(
        "--credentials",
        envvar="SPAPI_MESSAGING_CREDENTIALS",
        help="TOML file with client_id, client_secret, refresh_token; else the environment.",
    ),
]
Static = Annotated[
    bool, typer.Option("--static-sandbox", help="Use Amazon's static sandbox and its odd ids.")
]
JournalPath = Annotated[
    Path | None,
    typer.Argument(metavar="[JOURNAL]", help="The journal of a run, such as jobs.csv.journal."),
]
Database = Annotated[
    str | None,
    typer.Option(
        metavar="URL",
        envvar="SPAPI_MESSAGING_DATABASE",
        help="Without JOURNAL: the PostgreSQL database of a distributed campaign. Leave its "
        "password to PGPASSWORD or ~/.pgpass: other users of the machine see a command's options.",
    ),
]
CampaignName = Annotated[
    str | None, typer.Option("--campaign", help="Which campaign, where a database has several.")
]
TextFiles = Annotated[
    list[Path] | None,
    typer.Option(
        "--text-file",
        help="A UTF-8 text; several, as text.de.txt and text.en.txt, are one in the buyer's "
        "language.",
    ),
]
DefaultLanguage = Annotated[
    str | None,
    typer.Option(help="The language for buyers who read none of a text in several, such as en."),
]
ContentOption = Annotated[
    ContentPolicy,
    typer.Option(
        "--content",
        help="For texts with HTML, addresses, shouting and the like: warn, refuse them, or off.",
    ),
]
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
DryRun = Annotated[
    bool,
    typer.Option(
        "--dry-run",
        help="Ask the orders, check everything, look into the journal; send nothing.",
    ),
]
SkipInvalid = Annotated[
    bool, typer.Option("--skip-invalid", help="Send the valid lines though others are not.")
]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object per outcome, and no view.")]
OnDoubtOption = Annotated[
    OnDoubt,
    typer.Option(
        "--on-doubt",
        help="For what the journal has as being sent: report it, resend it (the buyer may get it "
        "twice), or rediscover: ask the order.",
    ),
]
OnceOption = Annotated[
    Once,
    typer.Option(
        "--once",
        help="What is sent once: an action to an order, one message of any kind to an order, or "
        "an action with the same content.",
    ),
]
ResendChanged = Annotated[
    bool,
    typer.Option(
        "--resend-changed",
        help="Send what was sent with another content again: the buyers get a second message.",
    ),
]
RetryRefused = Annotated[
    bool,
    typer.Option("--retry-refused", help="Try again what an earlier run has as refused."),
]
NoDiscover = Annotated[
    bool, typer.Option("--no-discover", help="Do not ask the orders first what they permit.")
]
MAX_WINDOW, MAX_RATE, MAX_BURST = 10_000, 10_000, 100_000
"""Far beyond Amazon's plans: what is greater is a slip, and would not be a limit."""


def is_number(value: float | None) -> float | None:
    """Refuse what is no number (``nan``), which no limit holds back."""
    if value is not None and math.isnan(value):
        raise typer.BadParameter("it is no number")
    return value


Window = Annotated[int, typer.Option(min=1, max=MAX_WINDOW, help="Jobs in progress at a time.")]
Rate = Annotated[
    float,
    typer.Option(
        min=0.001,
        max=MAX_RATE,
        callback=is_number,
        help="Requests per second of your plan, for each operation.",
    ),
]
Burst = Annotated[int, typer.Option(min=1, max=MAX_BURST, help="Requests at once of your plan.")]


@attrs.frozen(kw_only=True)
class CampaignOptions:
    """What a file's jobs are sent by, in the order in which the help lists it."""

    file: JobPath
    marketplace: MarketplaceCode
    file_format: FileFormat = None
    credentials: CredentialsFile = None
    journal: JournalOption = None
    text_file: TextFiles = None
    default_language: DefaultLanguage = None
    dry_run: DryRun = False
    content: ContentOption = "warn"
    skip_invalid: SkipInvalid = False
    as_json: AsJson = False
    once: OnceOption = "action"
    resend_changed: ResendChanged = False
    retry_refused: RetryRefused = False
    on_doubt: OnDoubtOption = "report"
    no_discover: NoDiscover = False
    window: Window = 100
    rate: Rate = MESSAGING_QUOTA.rate
    burst: Burst = MESSAGING_QUOTA.burst
    static_sandbox: Static = False

    @property
    def piped(self) -> bool:
        """Whether the jobs come from standard input."""
        return str(self.file) == "-"

    @property
    def journal_path(self) -> Path:
        """Where the journal is kept."""
        return self.journal or Path(f"{self.file}.journal")

    @property
    def has_journal_path(self) -> bool:
        """Whether it is known where the journal is kept: standard input has no name."""
        return self.journal is not None or not self.piped

    @property
    def quota(self) -> Quota:
        """The plan of each operation."""
        return Quota(rate=self.rate, burst=self.burst)

    def for_bulk(self, journal: Journal | Path) -> BulkOptions:
        """Return the options of a run with a journal."""
        return BulkOptions(
            journal=journal,
            window=self.window,
            once=self.once,
            on_doubt=self.on_doubt,
            resend_changed=self.resend_changed,
            retry_refused=self.retry_refused,
            discover=not self.no_discover,
            content=self.content,
        )


def takes(
    options: Callable[..., T], *, without: str | None = None
) -> Callable[[Callable[[T], None]], Callable[..., None]]:
    """Make a command of a function that takes ``options``, without the one of a name."""

    def decorate(function: Callable[[T], None]) -> Callable[..., None]:
        @functools.wraps(function)
        def command(**given: Any) -> None:
            function(options(**given))

        signature = inspect.signature(options)
        kept = [each for name, each in signature.parameters.items() if name != without]
        vars(command)["__signature__"] = signature.replace(parameters=kept)
        return command

    return decorate
