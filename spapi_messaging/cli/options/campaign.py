"""What `bulk` and `resume` share is one class: its fields are their options.

A command made by `takes` is called with an instance of it. Typer reads a command's signature, and
that of a class is as good as that of a function.
"""

import functools
import inspect
import os
from collections.abc import Callable, Container
from pathlib import Path
from typing import Annotated, Any, TypeVar

import attrs
import typer

from spapi_messaging.bulk import BulkOptions, Journal, Once, OnDoubt
from spapi_messaging.cli.journal_names import journal_of
from spapi_messaging.cli.options import panels
from spapi_messaging.cli.options.completion import journals
from spapi_messaging.cli.options.files import (
    Action,
    Attach,
    Encoding,
    FileFormat,
    FileMarketplace,
    JobPath,
    Limit,
    TimeZone,
    Where,
)
from spapi_messaging.cli.options.shared import (
    MAX_BURST,
    MAX_WINDOW,
    ContentOption,
    CredentialsFile,
    DefaultLanguage,
    Static,
    TextFiles,
    read_rate,
)
from spapi_messaging.quota import MESSAGING_QUOTA, Quota

T = TypeVar("T")
_SYSTEM = ("/dev/", "/proc/")
"""Where names stand for what is open: /dev/stdin, /dev/fd/63 of "bulk <(command)"."""

JournalOption = Annotated[
    Path | None,
    typer.Option(
        "--journal",
        metavar="FILE",
        autocompletion=journals,
        rich_help_panel=panels.ONCE,
        help="Where it is written down what was sent; by default in FILE.journal, beside FILE.",
    ),
]
DryRun = Annotated[
    bool,
    typer.Option(
        "--dry-run",
        rich_help_panel=panels.REHEARSAL,
        help="Ask the orders, check everything, look into the journal; send nothing.",
    ),
]
PlanPath = Annotated[
    Path | None,
    typer.Option(
        "--plan",
        metavar="FILE",
        rich_help_panel=panels.REHEARSAL,
        help="Rehearse as --dry-run does, and write what would be sent as a file that bulk takes.",
    ),
]
SkipInvalid = Annotated[
    bool,
    typer.Option(
        "--skip-invalid",
        rich_help_panel=panels.FILE,
        help="Send the valid lines though others are not.",
    ),
]
AsJson = Annotated[
    bool,
    typer.Option(
        "--json",
        rich_help_panel=panels.OUTPUT,
        help="One JSON object per outcome, and no view.",
    ),
]
OnDoubtOption = Annotated[
    OnDoubt,
    typer.Option(
        "--on-doubt",
        metavar="WHAT",
        rich_help_panel=panels.ONCE,
        help="For what is in doubt in the journal: report it, resend it (the buyer may get it "
        "twice), or rediscover: ask the order.",
    ),
]
OnceOption = Annotated[
    Once,
    typer.Option(
        "--once",
        metavar="WHAT",
        rich_help_panel=panels.ONCE,
        help="What is sent once: an action to an order, one message of any kind to an order, or "
        "an action with the same content (action, order, content).",
    ),
]
ResendChanged = Annotated[
    bool,
    typer.Option(
        "--resend-changed",
        rich_help_panel=panels.ONCE,
        help="Send what was sent with another content again: the buyers get a second message.",
    ),
]
RetryRefused = Annotated[
    bool,
    typer.Option(
        "--retry-refused",
        rich_help_panel=panels.ONCE,
        help="Try again what an earlier run has as refused.",
    ),
]
NoDiscover = Annotated[
    bool,
    typer.Option(
        "--no-discover",
        rich_help_panel=panels.PACE,
        help="Do not ask the orders first what they permit.",
    ),
]
Window = Annotated[
    int,
    typer.Option(
        min=1,
        max=MAX_WINDOW,
        metavar="N",
        rich_help_panel=panels.PACE,
        help="Jobs in progress at a time.",
    ),
]
Rate = Annotated[
    float,
    typer.Option(
        parser=read_rate,
        metavar="N",
        rich_help_panel=panels.PACE,
        help="Requests per second of your plan, for each operation; what Amazon announces takes "
        "its place.",
    ),
]
Burst = Annotated[
    int,
    typer.Option(
        min=1,
        max=MAX_BURST,
        metavar="N",
        rich_help_panel=panels.PACE,
        help="Requests at once of your plan.",
    ),
]


@attrs.frozen(kw_only=True)
class CampaignOptions:
    """What a file's jobs are sent by, in the order in which the help lists it."""

    file: JobPath
    marketplace: FileMarketplace = None
    where: Where = None
    file_format: FileFormat = None
    encoding: Encoding = None
    skip_invalid: SkipInvalid = False
    action: Action = None
    text_file: TextFiles = None
    default_language: DefaultLanguage = None
    attach: Attach = None
    time_zone: TimeZone = None
    content: ContentOption = "warn"
    dry_run: DryRun = False
    plan: PlanPath = None
    limit: Limit = None
    journal: JournalOption = None
    once: OnceOption = "action"
    resend_changed: ResendChanged = False
    retry_refused: RetryRefused = False
    on_doubt: OnDoubtOption = "report"
    rate: Rate = MESSAGING_QUOTA.rate
    burst: Burst = MESSAGING_QUOTA.burst
    window: Window = 100
    no_discover: NoDiscover = False
    credentials: CredentialsFile = None
    static_sandbox: Static = False
    as_json: AsJson = False

    @property
    def piped(self) -> bool:
        """Whether the jobs come from standard input."""
        return str(self.file) == "-"

    @property
    def is_rehearsal(self) -> bool:
        """Whether nothing is to be sent."""
        return self.dry_run or self.plan is not None

    @property
    def journal_path(self) -> Path:
        """Where the journal is kept: beside the file or folder, unless it is said."""
        # "." and ".." are no names: what is told by them is named elsewhere.
        named = self.file if self.file.name not in {"", ".."} else Path(os.path.realpath(self.file))
        return self.journal or journal_of(named)

    @property
    def has_journal_path(self) -> bool:
        """Whether it is known where the journal is kept: what is only open has no name."""
        is_open = self.piped or str(self.file.absolute()).startswith(_SYSTEM)
        return self.journal is not None or not is_open

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
    options: Callable[..., T], *, without: Container[str] = ()
) -> Callable[[Callable[[T], None]], Callable[..., None]]:
    """Make a command of a function that takes ``options``, without those of some names."""

    def decorate(function: Callable[[T], None]) -> Callable[..., None]:
        @functools.wraps(function)
        def command(**given: Any) -> None:
            function(options(**given))

        signature = inspect.signature(options)
        kept = [each for name, each in signature.parameters.items() if name not in without]
        vars(command)["__signature__"] = signature.replace(parameters=kept)
        return command

    return decorate
