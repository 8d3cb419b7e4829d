"""The commands of ``spapi-messaging``."""

import typer
from rich.console import Console

from spapi_messaging.cli.commands import bulk, doctor, journals, orders, sandbox
from spapi_messaging.cli.commands.demo import run_demo
from spapi_messaging.cli.settings import run

app = typer.Typer(
    help="Write to Amazon buyers: ask what an order permits, and send at most once.",
    epilog="Exit codes: 0 all sent or skipped, 1 some refused or not sent, 2 invalid input, "
    "3 some in doubt, 130 stopped.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def demo() -> None:
    """Send 60 messages of six kinds to a local sandbox; nothing leaves this machine.

    Example: spapi-messaging demo
    """
    run(run_demo(Console()))


for command in (
    *(orders.actions, orders.attributes, orders.send),
    *(bulk.bulk, bulk.resume),
    *(journals.status, journals.doubts, journals.export, journals.report),
    *(doctor.doctor, sandbox.sandbox, demo),
):
    app.command()(command)
