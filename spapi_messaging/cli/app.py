"""The commands of ``spapi-messaging`` as one program."""

import typer

from spapi_messaging.cli.commands import COMMANDS

app = typer.Typer(
    help="Write to Amazon buyers: ask what an order permits, and send at most once.",
    epilog="Exit codes: 0 all sent or skipped, 1 some refused or not sent, 2 invalid input, "
    "3 some in doubt, 130 stopped.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

for command in COMMANDS:
    app.command()(command)
