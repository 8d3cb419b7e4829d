"""The command that looks, one thing after the other, why nothing works."""

from contextlib import nullcontext
from functools import partial
from typing import Annotated

import typer

from spapi_messaging.cli.credentials import DEFAULT_SELLER
from spapi_messaging.cli.doctor import Asked, examine, show, sum_up
from spapi_messaging.cli.options import CredentialsFile, MarketplaceCode, Static
from spapi_messaging.cli.settings import DONE, REFUSED, console, run

SellerName = Annotated[
    str,
    typer.Option(
        "--seller",
        metavar="NAME",
        show_default=False,
        help="Whose account, where the credentials file has several sellers.",
    ),
]
UploadOrder = Annotated[
    str | None,
    typer.Option(
        "--attachments",
        metavar="ORDER",
        help="Also make an upload destination for this order; nothing is uploaded or sent.",
    ),
]


def doctor(
    marketplace: MarketplaceCode = "",
    credentials: CredentialsFile = None,
    seller: SellerName = DEFAULT_SELLER,
    attachments: UploadOrder = None,
    static_sandbox: Static = False,
) -> None:
    """Check marketplace, servers, credentials, network, clock, token and role, one by one.

    Marks: ok, hm (unusual), BAD (with what to do), -- (not checked). Nothing is sent to a buyer.

    Example: spapi-messaging doctor --marketplace DE
    """
    asked = Asked(
        marketplace=marketplace,
        credentials=credentials,
        seller=seller,
        static=static_sandbox,
        attachments=attachments,
    )
    screen = console()
    with screen.status("asking") if screen.is_terminal else nullcontext():
        findings = run(examine(asked, partial(show, screen)))
    raise typer.Exit(DONE if sum_up(screen, findings) else REFUSED)
