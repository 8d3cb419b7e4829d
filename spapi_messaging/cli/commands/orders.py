"""The commands for one order: actions, attributes, send."""

import asyncio
from collections.abc import Coroutine, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from spapi_messaging.api import message_from, operation_of
from spapi_messaging.bulk import ContentPolicy, wait_although_cancelled
from spapi_messaging.cli.content import Places
from spapi_messaging.cli.credentials import DEFAULT_SELLER, Accounts
from spapi_messaging.cli.jobfile import DateReader, field_of
from spapi_messaging.cli.options import (
    ContentOption,
    CredentialsFile,
    DefaultLanguage,
    MarketplaceCode,
    OrderId,
    Static,
    TextFiles,
    TimeZone,
)
from spapi_messaging.cli.settings import (
    IN_DOUBT,
    INVALID,
    STOPPED,
    console,
    fail,
    marketplace_of,
    run,
    say,
    shown,
    tell,
    text_of,
)
from spapi_messaging.errors import InDoubtError
from spapi_messaging.messages import Message
from spapi_messaging.order import Actions
from spapi_messaging.sending import Outgoing, Receipt
from spapi_messaging.session import MessagingSession
from spapi_messaging.transport import Delivery

CoverageStart = Annotated[
    str | None, typer.Option(help="The first day of a cover, such as 2026-12-01.")
]
CoverageEnd = Annotated[
    str | None, typer.Option(help="Its last day, to its end; or a date with a time.")
]


def session_for(code: str, credentials: Path | None, *, static: bool) -> MessagingSession:
    """Open the session of the seller whose credentials stand alone."""
    return MessagingSession(
        Accounts.load(credentials).of(DEFAULT_SELLER),
        marketplace=marketplace_of(code),
        static_sandbox=static,
    )


def actions(
    order_id: OrderId,
    marketplace: MarketplaceCode,
    credentials: CredentialsFile = None,
    static_sandbox: Static = False,
) -> None:
    """Show what an order permits now.

    Example: spapi-messaging actions 903-1671087-0812628 --marketplace DE
    """

    async def look() -> Actions:
        async with session_for(marketplace, credentials, static=static_sandbox) as session:
            return (await session.order(order_id)).actions

    _show(order_id, run(look()))


def attributes(
    order_id: OrderId,
    marketplace: MarketplaceCode,
    credentials: CredentialsFile = None,
    static_sandbox: Static = False,
) -> None:
    """Show the buyer's language of preference.

    Example: spapi-messaging attributes 903-1671087-0812628 --marketplace DE
    """

    async def ask() -> str | None:
        async with session_for(marketplace, credentials, static=static_sandbox) as session:
            return (await session.attributes(order_id)).buyer.locale

    locale = run(ask())
    tell(console(), f"locale: {locale or 'unknown'}")


def send(
    order_id: OrderId,
    action: Annotated[str, typer.Argument(help="The action, such as unexpectedProblem.")],
    marketplace: MarketplaceCode,
    text: Annotated[str | None, typer.Option(help="The text, in the buyer's language.")] = None,
    text_file: TextFiles = None,
    default_language: DefaultLanguage = None,
    attach: Annotated[list[Path] | None, typer.Option(help="A file; may be repeated.")] = None,
    coverage_start: CoverageStart = None,
    coverage_end: CoverageEnd = None,
    time_zone: TimeZone = None,
    content: ContentOption = "warn",
    credentials: CredentialsFile = None,
    static_sandbox: Static = False,
) -> None:
    """Send one message to the buyer of an order, if the order offers it.

    Example: spapi-messaging send 903-1671087-0812628 unexpectedProblem -m DE --text-file text.txt
    """
    if text is not None and text_file:
        fail("give --text or --text-file, not both", INVALID)
    fields = {
        "text": text_of(text_file or (), default_language) if text is None else text,
        "attachments": attach,
        "coverage_start_date": coverage_start,
        "coverage_end_date": coverage_end,
    }
    given = _given(fields, time_zone)
    delivery = Delivery()

    async def deliver() -> Receipt:
        # A fault of the message is told before the order is asked.
        message = _message(order_id, action, given, content)
        async with session_for(marketplace, credentials, static=static_sandbox) as session:
            order = await session.order(order_id)
            offered = order.actions[action]
            _look_for(attach or ())
            return await _delivered(await offered.prepare(message), delivery)

    tell(console(), _sent(_ended(deliver(), delivery, action, order_id)))


def _given(fields: dict[str, Any], time_zone: str | None) -> dict[str, Any]:
    """Return what was given, dates as moments; leaves the program for what is none."""
    given = {name: value for name, value in fields.items() if value is not None}
    faults: list[str] = []
    try:
        DateReader.of(time_zone).read_all(given, faults)
    except ValueError as error:
        fail(str(error), INVALID)
    if faults:
        fail(f"nothing was sent: {'; '.join(faults)}", INVALID)
    return given


def _ended(
    work: Coroutine[Any, Any, Receipt], delivery: Delivery, action: str, order_id: str
) -> Receipt:
    """Run to the end; leaves the program with a doubt where it was stopped after bytes left."""
    try:
        return run(work)
    except typer.Exit as end:
        if end.exit_code == STOPPED and delivery.known is None:
            operation = operation_of(action)
            name = operation.name if operation else action
            fail(str(InDoubtError(name, "the program was stopped", order_id)), IN_DOUBT)
        raise


async def _delivered(outgoing: Outgoing, delivery: Delivery) -> Receipt:
    """Send a message; who asks to stop when it has left is told how it ended."""
    sending = asyncio.create_task(outgoing.deliver(delivery))
    try:
        return await asyncio.shield(sending)
    except asyncio.CancelledError:
        delivery.is_last = True
        if not delivery.head_sent:
            sending.cancel()
        else:
            say(
                "it has left, and its answer is waited for; once more stops now, and leaves a doubt"
            )
        await wait_although_cancelled([sending])
        return sending.result()


def _look_for(files: Sequence[Path]) -> None:
    """Leave the program if a file is not there: its name may be mistyped."""
    for file in files:
        try:
            file.stat()
        except OSError as error:
            fail(f"{file}: {error.strerror}", INVALID)


def _message(
    order_id: str, action: str, given: dict[str, Any], content: ContentPolicy
) -> Message | dict[str, Any]:
    """Make the message of an action, or leave plain values where its type is not known."""
    operation = operation_of(action)
    if operation is None or operation.message_type is None:
        return given
    message = message_from(operation.message_type, given)
    _look(order_id, message, content)
    return message


def _sent(receipt: Receipt) -> str:
    return (
        f"Sent: order {receipt.order_id}, {receipt.operation}, at "
        f"{receipt.sent_at:%Y-%m-%d %H:%M:%S} UTC, request id {receipt.request_id or 'unknown'}"
        f"{f', in {receipt.language}' if receipt.language else ''}"
    )


def _look(order_id: str, message: Message, content: ContentPolicy) -> None:
    """Show what is to be said of a text; leaves the program if it is to be refused."""
    field = field_of(message.text_or_none) if content != "off" else None
    if field is not None:
        what = f"the field {field} of the text has no value: bulk fills them, send does not"
        fail(f"nothing was sent: {what}; with --content off it goes out as it stands", INVALID)
    places = Places()
    is_serious = content != "off" and places.look("", message, order_id=order_id)
    for line in places.lines():
        say(line)
    if is_serious and content == "refuse":
        fail("nothing was sent: the text is refused", INVALID)


def _show(order_id: str, offered: Actions) -> None:
    if not offered:
        tell(console(), f"Order {order_id} permits no message now. Ask again another day.")
        return
    table = Table(title=shown(f"What order {order_id} permits now"), title_justify="left")
    for column in ("action", "message type", "title", "state"):
        table.add_column(column, overflow="fold")
    for action in offered.values():
        kind = action.message_type
        reason = action.disabled_reason or "Amazon gives no reason"
        table.add_row(
            shown(action.name),
            kind.__name__ if kind else "(plain values)",
            shown(action.title or ""),
            shown(f"disabled: {reason}") if action.disabled else "permitted",
        )
    console().print(table)
