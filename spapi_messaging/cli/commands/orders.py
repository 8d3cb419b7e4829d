"""The commands that look at one order: actions and attributes."""

from collections.abc import Iterator

import attrs
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from spapi_messaging.api import ATTRIBUTES
from spapi_messaging.cli.commands.one_order import Account, session_for
from spapi_messaging.cli.hints import program_command
from spapi_messaging.cli.needs import example_options, needs_of
from spapi_messaging.cli.options import CredentialsFile, MarketplaceCode, OrderId, Static
from spapi_messaging.cli.settings import console, offer, run, shown, tell
from spapi_messaging.cli.words import action_name
from spapi_messaging.order import Action, Actions

_WIDE = 110
"""Columns from which on a table has room for all that is told of an action."""


def actions(
    order_id: OrderId,
    marketplace: MarketplaceCode,
    credentials: CredentialsFile = None,
    static_sandbox: Static = False,
) -> None:
    """Show what an order permits now.

    Each action with what its message needs, and with Amazon's title; and the command that sends
    the first that is permitted.

    Example: spapi-messaging actions 903-1671087-0812628 --marketplace DE
    """
    account = Account(marketplace, credentials, static_sandbox)

    async def look() -> Actions:
        async with session_for(account) as session:
            return (await session.order(order_id)).actions

    _show(order_id, run(look()), account)


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
        async with session_for(Account(marketplace, credentials, static_sandbox)) as session:
            return (await session.attributes(order_id)).buyer.locale

    locale = run(ask())
    tell(console(), f"locale: {locale or 'unknown'}")


@attrs.frozen
class _Row:
    """An action as it is shown."""

    name: str
    title: str
    needs: str
    state: str
    is_permitted: bool

    @classmethod
    def of(cls, action: Action) -> "_Row":
        """Describe an action; one that no documentation has keeps Amazon's name."""
        kind = action.message_type
        reason = action.disabled_reason or "Amazon gives no reason"
        return cls(
            name=action_name(action.name),
            title=action.title or "",
            needs=needs_of(kind)
            if kind
            else "plain values: it is new at Amazon, and has no form here",
            state=f"disabled: {reason}" if action.disabled else "permitted",
            is_permitted=not action.disabled,
        )


def _show(order_id: str, permitted: Actions, account: Account) -> None:
    screen = console()
    messages = [one for one in permitted.values() if one.operation is not ATTRIBUTES]
    if not messages:
        tell(screen, f"Order {order_id} permits no message now. Ask again another day.")
        return
    rows = [_Row.of(one) for one in messages]
    print_rows = _print_table if screen.width >= _WIDE else _print_list
    screen.print(shown(f"What order {order_id} permits now:"))
    print_rows(screen, rows)
    first = next((one for one in messages if not one.disabled), None)
    if first is None:
        tell(screen, "All of it is disabled. Ask again another day.")
        return
    words = [order_id, action_name(first.name), *account.words()]
    tell(screen, "Send the first that is permitted:")
    offer(screen, program_command("send", *words, *example_options(first.message_type)))


def _print_table(screen: Console, rows: list[_Row]) -> None:
    table = Table("action", "title", "needs", "state")
    for column in table.columns:
        column.overflow = "fold"
    table.columns[0].no_wrap = True
    for row in rows:
        table.add_row(*map(shown, (row.name, row.title, row.needs)), _coloured(row))
    screen.print(table)


def _print_list(screen: Console, rows: list[_Row]) -> None:
    """Show the rows of a table one below the other, where they have no room side by side."""
    for row in rows:
        screen.print(Padding(Text.assemble((row.name, "bold")), (1, 0, 0, 2), expand=False))
        for words in _said(row):
            words.overflow = "fold"
            screen.print(Padding(words, (0, 0, 0, 4), expand=False))
    screen.print()


def _said(row: _Row) -> Iterator[Text]:
    if row.title:
        yield shown(row.title)
    yield shown(f"needs {row.needs}")
    yield _coloured(row)


def _coloured(row: _Row) -> Text:
    words = shown(row.state)
    words.stylize("green" if row.is_permitted else "yellow")
    return words
