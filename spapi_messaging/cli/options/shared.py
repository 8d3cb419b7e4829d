"""The options that several commands have, once."""

import math
from pathlib import Path
from typing import Annotated

import typer

from spapi_messaging.api import ORDER_ID_FORM
from spapi_messaging.bulk import ContentPolicy

OrderId = Annotated[str, typer.Argument(metavar="ORDER", help=f"The order's id, {ORDER_ID_FORM}.")]
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
MAX_WINDOW, MAX_RATE, MAX_BURST = 10_000, 10_000, 100_000
"""Far beyond Amazon's plans: what is greater is a slip, and would not be a limit."""


def is_number(value: float | None) -> float | None:
    """Refuse what is no number (``nan``), which no limit holds back."""
    if value is not None and math.isnan(value):
        raise typer.BadParameter("it is no number")
    return value
