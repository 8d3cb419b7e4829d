"""The command that sends one message."""

import asyncio
from collections.abc import Coroutine, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from spapi_messaging.api import ATTRIBUTES, operation_of
from spapi_messaging.bulk import wait_although_cancelled
from spapi_messaging.cli.commands.one_message import (
    given_fields,
    look_for,
    message_of,
    refuse,
)
from spapi_messaging.cli.commands.one_order import Account, session_for
from spapi_messaging.cli.hints import program_command
from spapi_messaging.cli.jobfile import SEGMENTS, message_type
from spapi_messaging.cli.moments import moment
from spapi_messaging.cli.options import (
    ContentOption,
    CredentialsFile,
    DefaultLanguage,
    MarketplaceCode,
    OrderId,
    Static,
    TextFiles,
    TimeZone,
    actions,
    panels,
)
from spapi_messaging.cli.settings import (
    IN_DOUBT,
    INVALID,
    STOPPED,
    console,
    fail,
    run,
    say,
    tell,
    text_of,
)
from spapi_messaging.cli.words import action_name, messages_of, told
from spapi_messaging.errors import ActionNotOfferedError, InDoubtError, InvalidMessageError
from spapi_messaging.messages import Message, Text
from spapi_messaging.order import Action
from spapi_messaging.orderfile import nearest, nearest_words, shown
from spapi_messaging.sending import Outgoing, Receipt
from spapi_messaging.session import MessagingSession
from spapi_messaging.transport import Delivery

ActionName = Annotated[
    str,
    typer.Argument(
        metavar="ACTION",
        autocompletion=actions,
        help="What to send, such as unexpectedProblem; the command actions says what the order "
        "permits.",
    ),
]
TextOption = Annotated[
    str | None,
    typer.Option(
        metavar="TEXT", rich_help_panel=panels.MESSAGE, help="The text, in the buyer's language."
    ),
]
AttachOption = Annotated[
    list[Path] | None,
    typer.Option(
        metavar="FILE", rich_help_panel=panels.MESSAGE, help="A file that goes with it, up to 5."
    ),
]
CoverageStart = Annotated[
    str | None,
    typer.Option(
        metavar="DATE",
        rich_help_panel=panels.MESSAGE,
        help="Of a warranty: the first day of its cover, such as 2026-12-01.",
    ),
]
CoverageEnd = Annotated[
    str | None,
    typer.Option(
        metavar="DATE",
        rich_help_panel=panels.MESSAGE,
        help="Of a warranty: the last day of its cover, to its end; or a date with a time.",
    ),
]


def send(
    order_id: OrderId,
    action: ActionName,
    marketplace: MarketplaceCode,
    text: TextOption = None,
    text_file: TextFiles = None,
    default_language: DefaultLanguage = None,
    attach: AttachOption = None,
    coverage_start: CoverageStart = None,
    coverage_end: CoverageEnd = None,
    time_zone: TimeZone = None,
    content: ContentOption = "warn",
    credentials: CredentialsFile = None,
    static_sandbox: Static = False,
) -> None:
    """Send one message to the buyer of an order, if the order offers it.

    Example: spapi-messaging send 903-1671087-0812628 unexpectedProblem -m DE --text-file text.txt

    Example: spapi-messaging send 903-1671087-0812628 invoice -m DE --attach invoice.pdf
    """
    account = Account(marketplace, credentials, static_sandbox)
    kind = _kind(action, order_id, account)
    given = given_fields(
        text=_text(text, text_file or (), default_language),
        attachments=attach,
        coverage_start_date=coverage_start,
        coverage_end_date=coverage_end,
        time_zone=time_zone,
    )
    # A fault of the message is told before the order is asked.
    message = message_of(order_id, kind, given, content)
    delivery = Delivery()

    async def deliver() -> Receipt:
        async with session_for(account) as session:
            offered = await _offered(session, order_id, action, kind)
            return await _delivered(await _prepared(offered, message, attach or ()), delivery)

    tell(console(), _sent(_ended(deliver(), delivery, action, order_id)))


def _text(text: str | None, files: Sequence[Path], default: str | None) -> Text | None:
    """Return the text; leaves the program where it is given twice."""
    if text is not None and files:
        fail("give --text or --text-file, not both", INVALID)
    return text_of(files, default) if text is None else text


def _kind(action: str, order_id: str, account: Account) -> type[Message] | None:
    """Find an action's message type, in any spelling of its name; None for one that is new."""
    if operation_of(action) is ATTRIBUTES:
        instead = program_command("attributes", order_id, *account.words())
        fail(f"attributes is no message; it is asked: {instead}", INVALID)
    kind = message_type(action)
    return None if isinstance(kind, str) else kind


async def _offered(
    session: MessagingSession, order_id: str, action: str, kind: type[Message] | None
) -> Action:
    """Ask the order for an action; leaves the program for a name that nothing has."""
    order = await session.order(order_id)
    found = order.actions.find(kind.operation if kind else action)
    if found is None and kind is not None:
        raise ActionNotOfferedError(order_id, kind.segment, tuple(order.actions))
    if found is None:
        names = messages_of(order.actions)
        near = nearest(action, names) or nearest(action, SEGMENTS)
        what = f"no action is called {shown(action)}{nearest_words(near, names)}"
        fail(f"nothing was sent: {what}", INVALID)
    return found


async def _prepared(
    offered: Action, message: Message | dict[str, Any], files: Sequence[Path]
) -> Outgoing:
    """Check a message against what the order says; leaves the program for faults."""
    look_for(files)
    try:
        return await offered.prepare(message)
    except InvalidMessageError as error:
        refuse(error.faults)


def _ended(
    work: Coroutine[Any, Any, Receipt], delivery: Delivery, action: str, order_id: str
) -> Receipt:
    """Run to the end; leaves the program with a doubt where it was stopped after bytes left."""
    try:
        return run(work)
    except typer.Exit as end:
        if end.exit_code == STOPPED and delivery.known is None:
            doubt = InDoubtError(action, "the program was stopped", order_id)
            fail(told(doubt), IN_DOUBT)
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


def _sent(receipt: Receipt) -> str:
    return (
        f"Sent: order {receipt.order_id}, {action_name(receipt.operation)}, "
        f"at {moment(receipt.sent_at.timestamp())}, "
        f"request id {receipt.request_id or 'unknown'}"
        f"{f', in {receipt.language}' if receipt.language else ''}"
    )
