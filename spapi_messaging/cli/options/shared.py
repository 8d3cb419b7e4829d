"""The options that several commands have, once."""

import math
from pathlib import Path
from typing import Annotated

import typer

from spapi_messaging.api import ORDER_ID_FORM
from spapi_messaging.bulk import ContentPolicy
from spapi_messaging.cli.options import panels
from spapi_messaging.cli.options.completion import journals, marketplaces

OrderId = Annotated[str, typer.Argument(metavar="ORDER", help=f"The order's id, {ORDER_ID_FORM}.")]
MarketplaceCode = Annotated[
    str,
    typer.Option(
        "--marketplace",
        "-m",
        envvar="SPAPI_MESSAGING_MARKETPLACE",
        metavar="COUNTRY",
        autocompletion=marketplaces,
        rich_help_panel=panels.ACCOUNT,
        help="Where the order was placed: a country such as DE, or a marketplace's id or domain.",
    ),
]
CredentialsFile = Annotated[
    Path | None,
    typer.Option(
        "--credentials",
        metavar="FILE",
        envvar="SPAPI_MESSAGING_CREDENTIALS",
        rich_help_panel=panels.ACCOUNT,
        help="A TOML file with client_id, client_secret and refresh_token; without it they are "
        "taken from LWA_APP_ID, LWA_CLIENT_SECRET and SP_API_REFRESH_TOKEN.",
    ),
]
Static = Annotated[
    bool,
    typer.Option(
        "--static-sandbox",
        rich_help_panel=panels.ACCOUNT,
        help="Use Amazon's static sandbox and its odd ids.",
    ),
]
JournalPath = Annotated[
    Path | None,
    typer.Argument(
        metavar="JOURNAL",
        autocompletion=journals,
        help="The journal of a run, such as jobs.csv.journal.",
    ),
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
    str | None,
    typer.Option(
        "--campaign", metavar="NAME", help="Which campaign, where a database has several."
    ),
]
TextFiles = Annotated[
    list[Path] | None,
    typer.Option(
        "--text-file",
        metavar="FILE",
        rich_help_panel=panels.MESSAGE,
        help="The text, in UTF-8; several files, as text.de.txt and text.en.txt, are one text, "
        "and each buyer gets it in a language that they read.",
    ),
]
DefaultLanguage = Annotated[
    str | None,
    typer.Option(
        metavar="LANGUAGE",
        rich_help_panel=panels.MESSAGE,
        help="The language for buyers who read none of a text in several, such as en.",
    ),
]
ContentOption = Annotated[
    ContentPolicy,
    typer.Option(
        "--content",
        metavar="POLICY",
        rich_help_panel=panels.MESSAGE,
        help="For texts with HTML, addresses, shouting and the like: warn, refuse them, or off.",
    ),
]
MAX_WINDOW, MAX_RATE, MAX_BURST = 10_000, 10_000, 100_000
"""Far beyond Amazon's plans: what is greater is a slip, and would not be a limit."""
_MIN_RATE = 0.001


def read_rate(text: str | float) -> float:
    """Read requests per second: the bounds of an option would say of ``nan`` that it is great."""
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if math.isnan(value):
        raise typer.BadParameter("it must be a number")
    if value < _MIN_RATE:
        raise typer.BadParameter(f"it must be at least {_MIN_RATE}")
    if value > MAX_RATE:
        raise typer.BadParameter(f"it must be at most {MAX_RATE}")
    return value
