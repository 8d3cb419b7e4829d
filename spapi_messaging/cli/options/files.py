"""What the file of a run is, and what of it is to be sent."""

from pathlib import Path
from typing import Annotated

import typer

from spapi_messaging.cli.jobfile import Format
from spapi_messaging.cli.options import panels
from spapi_messaging.cli.options.completion import actions, marketplaces, time_zones

FileMarketplace = Annotated[
    str | None,
    typer.Option(
        "--marketplace",
        "-m",
        metavar="COUNTRY",
        envvar="SPAPI_MESSAGING_MARKETPLACE",
        autocompletion=marketplaces,
        rich_help_panel=panels.FILE,
        help="Where the orders were placed, such as DE, if the file does not say it of each.",
    ),
]
JobPath = Annotated[
    Path,
    typer.Argument(
        metavar="FILE",
        help="A report of Amazon's, a table, an Excel workbook or JSON; with --action also a "
        "folder of files that are named by order ids. - is standard input.",
    ),
]
FileFormat = Annotated[
    Format | None,
    typer.Option(
        "--format",
        metavar="FORMAT",
        rich_help_panel=panels.FILE,
        help="csv (any table), json or jsonl; by default the file itself tells.",
    ),
]
Encoding = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        rich_help_panel=panels.FILE,
        help="In which encoding the file is written, such as cp1252; by default it is found out.",
    ),
]
Action = Annotated[
    str | None,
    typer.Option(
        metavar="ACTION",
        autocompletion=actions,
        rich_help_panel=panels.MESSAGE,
        help="What to send to every order of a file that says none, such as "
        "confirmDeliveryDetails: one message to each order.",
    ),
]
Attach = Annotated[
    list[str] | None,
    typer.Option(
        metavar="PATTERN",
        rich_help_panel=panels.MESSAGE,
        help="The file that goes to each order, as 'invoices/*{order_id}*.pdf': each order has to "
        "have exactly one.",
    ),
]
Where = Annotated[
    list[str] | None,
    typer.Option(
        metavar="CONDITION",
        rich_help_panel=panels.FILE,
        help="Only rows for which it holds: 'order-status=Shipped', 'item-status!=Cancelled', "
        "'purchase-date>=2026-11-01'. Where there are several, all have to hold.",
    ),
]
Limit = Annotated[
    int | None,
    typer.Option(
        min=1,
        metavar="N",
        rich_help_panel=panels.REHEARSAL,
        help="Only the first N messages, as a trial.",
    ),
]
TimeZone = Annotated[
    str | None,
    typer.Option(
        metavar="ZONE",
        autocompletion=time_zones,
        rich_help_panel=panels.MESSAGE,
        help="The time zone of dates that name none, such as Europe/Berlin.",
    ),
]
