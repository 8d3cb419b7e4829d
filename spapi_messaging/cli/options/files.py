"""What the file of a run is, and what of it is to be sent."""

from pathlib import Path
from typing import Annotated

import typer

from spapi_messaging.cli.jobfile import Format

FileMarketplace = Annotated[
    str | None,
    typer.Option(
        "--marketplace",
        "-m",
        envvar="SPAPI_MESSAGING_MARKETPLACE",
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
        "--format", help="csv (any table), json or jsonl; by default the file itself tells."
    ),
]
Encoding = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        help="In which encoding the file is written, such as cp1252; by default it is found out.",
    ),
]
Action = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        help="What to send to every order of a file that says none, such as "
        "confirmDeliveryDetails: one message to each order.",
    ),
]
Attach = Annotated[
    list[str] | None,
    typer.Option(
        metavar="PATTERN",
        help="The file that goes to each order, as 'invoices/*{order_id}*.pdf': each order has to "
        "have exactly one. May be repeated.",
    ),
]
Where = Annotated[
    list[str] | None,
    typer.Option(
        metavar="CONDITION",
        help="Only rows for which it holds: 'order-status=Shipped', 'item-status!=Cancelled', "
        "'purchase-date>=2026-11-01'. May be repeated: then all have to hold.",
    ),
]
Limit = Annotated[
    int | None, typer.Option(min=1, metavar="N", help="Only the first N messages, as a trial.")
]
TimeZone = Annotated[
    str | None,
    typer.Option(
        metavar="ZONE",
        help="The time zone of dates that name none, such as Europe/Berlin.",
    ),
]
