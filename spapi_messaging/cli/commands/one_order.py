"""What the commands for one order share: whose order it is, and the session for it."""

from collections.abc import Iterator
from pathlib import Path

import attrs

from spapi_messaging.cli.credentials import DEFAULT_SELLER, Accounts
from spapi_messaging.cli.settings import marketplace_of
from spapi_messaging.session import MessagingSession


@attrs.frozen
class Account:
    """Where an order was placed, and with whose credentials it is asked."""

    marketplace: str
    credentials: Path | None
    static_sandbox: bool

    def words(self) -> Iterator[str]:
        """Return the same options for a command that a user is told to type."""
        yield from ("--marketplace", self.marketplace)
        if self.credentials is not None:
            yield from ("--credentials", str(self.credentials))
        if self.static_sandbox:
            yield "--static-sandbox"


def session_for(account: Account) -> MessagingSession:
    """Open the session of the seller whose credentials stand alone."""
    return MessagingSession(
        Accounts.load(account.credentials).of(DEFAULT_SELLER),
        marketplace=marketplace_of(account.marketplace),
        static_sandbox=account.static_sandbox,
    )
