"""The commands. Secrets come from the environment, never from an argument."""

import asyncio
import os
import sys
from collections.abc import Coroutine
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from spapi_messaging import wire
from spapi_messaging.auth import Credentials
from spapi_messaging.cli.demo import run_demo
from spapi_messaging.errors import InDoubtError, InvalidMessageError, MessagingError
from spapi_messaging.marketplaces import Marketplace
from spapi_messaging.operations import operation_of
from spapi_messaging.order import Actions
from spapi_messaging.sending import Receipt
from spapi_messaging.session import MessagingSession

app = typer.Typer(
    help="Write to Amazon buyers: ask what an order permits, and send at most once.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

REFUSED, INVALID, IN_DOUBT, STOPPED = 1, 2, 3, 130

OrderId = Annotated[str, typer.Argument(metavar="ORDER", help="The order's id, 3-7-7 digits.")]
MarketplaceCode = Annotated[
    str,
    typer.Option(
        "--marketplace",
        envvar="SPAPI_MESSAGING_MARKETPLACE",
        help="Country code or id of the order's marketplace, such as DE.",
    ),
]
Static = Annotated[
    bool, typer.Option("--static-sandbox", help="Use Amazon's static sandbox and its odd ids.")
]


@app.command()
def actions(
    order_id: OrderId, marketplace: MarketplaceCode, static_sandbox: Static = False
) -> None:
    """Show what an order permits now.

    Example: spapi-messaging actions 903-1671087-0812628 --marketplace DE
    """

    async def look() -> Actions:
        async with _session(marketplace, static_sandbox) as session:
            return (await session.order(order_id)).actions

    _show_actions(order_id, _run(look()))


@app.command()
def send(
    order_id: OrderId,
    action: Annotated[str, typer.Argument(help="The action, such as unexpectedProblem.")],
    marketplace: MarketplaceCode,
    text: Annotated[str | None, typer.Option(help="The text, in the buyer's language.")] = None,
    text_file: Annotated[Path | None, typer.Option(help="A UTF-8 file with the text.")] = None,
    attach: Annotated[list[Path] | None, typer.Option(help="A file; may be repeated.")] = None,
    coverage_start: Annotated[str | None, typer.Option(help="ISO 8601 with a time zone.")] = None,
    coverage_end: Annotated[str | None, typer.Option(help="ISO 8601 with a time zone.")] = None,
    static_sandbox: Static = False,
) -> None:
    """Send one message to the buyer of an order, if the order offers it.

    Example: spapi-messaging send 903-1671087-0812628 unexpectedProblem --marketplace DE
    --text-file message.txt
    """
    if text is not None and text_file is not None:
        _fail("give --text or --text-file, not both", INVALID)
    fields = {
        "text": _read(text_file) if text_file else text,
        "attachments": attach,
        "coverage_start_date": coverage_start,
        "coverage_end_date": coverage_end,
    }
    given = {name: value for name, value in fields.items() if value is not None}

    async def deliver() -> Receipt:
        operation = operation_of(action)
        # A fault of the message is told before the order is asked.
        message = (
            wire.message_from(operation.message_type, given)
            if operation and operation.message_type
            else given
        )
        async with _session(marketplace, static_sandbox) as session:
            order = await session.order(order_id)
            return await order.actions[action].send(message)

    receipt = _run(deliver())
    Console().print(
        f"Sent: order {receipt.order_id}, {receipt.operation}, at "
        f"{receipt.sent_at:%Y-%m-%d %H:%M:%S} UTC, request id {receipt.request_id or 'unknown'}",
        highlight=False,
        soft_wrap=True,
    )


@app.command()
def demo() -> None:
    """Send 60 messages of six kinds to a local sandbox; nothing leaves this machine.

    Example: spapi-messaging demo
    """
    _run(run_demo(Console()))


def _session(code: str, static_sandbox: bool) -> MessagingSession:
    return MessagingSession(
        Credentials.from_env(), marketplace=_marketplace(code), static_sandbox=static_sandbox
    )


def _marketplace(code: str) -> Marketplace:
    by_name = Marketplace.__members__.get(code.upper())
    if by_name is not None:
        return by_name
    try:
        return Marketplace(code)
    except ValueError:
        known = ", ".join(Marketplace.__members__)
        _fail(f"no marketplace is called {code!r}; there are {known}", INVALID)


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8-sig").strip()
    except OSError as error:
        _fail(f"{path}: {error.strerror}", INVALID)
    except UnicodeDecodeError:
        _fail(f"{path} is not UTF-8", INVALID)


def _run(work: Coroutine[Any, Any, Any]) -> Any:
    """Run to the end, or say what happened and leave with the exit code for it."""
    try:
        return asyncio.run(work)
    except KeyboardInterrupt:
        _fail("stopped", STOPPED)
    except InvalidMessageError as error:
        _fail(str(error), INVALID)
    except InDoubtError as error:
        _fail(str(error), IN_DOUBT)
    except MessagingError as error:
        _fail(str(error), REFUSED)


def _fail(message: str, code: int) -> NoReturn:
    print(f"spapi-messaging: {message}", file=sys.stderr)  # noqa: T201  # it is a command line
    raise typer.Exit(code)


def _show_actions(order_id: str, actions: Actions) -> None:
    console = Console(width=None if sys.stdout.isatty() else int(os.environ.get("COLUMNS", "120")))
    if not actions:
        console.print(f"Order {order_id} permits no message now. Ask again another day.")
        return
    table = Table(title=f"What order {order_id} permits now", title_justify="left")
    for column in ("action", "message type", "title", "state"):
        table.add_column(column, overflow="fold")
    for action in actions.values():
        kind = action.message_type
        reason = action.disabled_reason or "Amazon gives no reason"
        table.add_row(
            escape(action.name),
            kind.__name__ if kind else "(plain values)",
            escape(action.title or ""),
            escape(f"disabled: {reason}") if action.disabled else "permitted",
        )
    console.print(table)
