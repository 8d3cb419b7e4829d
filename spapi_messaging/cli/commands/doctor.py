"""The command that looks, one thing after the other, why nothing works."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import aiohttp
import attrs
import typer
from rich.console import Console

from spapi_messaging.cli.credentials import DEFAULT_SELLER, Accounts
from spapi_messaging.cli.options import CredentialsFile, MarketplaceCode, Static
from spapi_messaging.cli.settings import DONE, REFUSED, console, marketplace_of, run, tell
from spapi_messaging.errors import (
    AccessDeniedError,
    ActionNotPermittedError,
    ApiError,
    AuthorizationError,
    BadRequestError,
    MessagingError,
    NotFoundError,
    TokenRejectedError,
)
from spapi_messaging.redaction import describe_failure
from spapi_messaging.session import MessagingSession

_NO_ORDER = "000-0000000-0000000"
"""A well-formed id that no order has: what Amazon says of it tells about us."""
_CLOCK = 300.0
"""Seconds by which this machine's clock may be off before tokens are misjudged."""


class _ProblemError(Exception):
    """A check failed; its text says what to do."""


@attrs.frozen
class _Checks:
    session: MessagingSession
    http: aiohttp.ClientSession
    accounts: Accounts

    async def credentials(self) -> str:
        return f"all three are set, from {self.accounts.source}"

    async def endpoint(self) -> str:
        await self._date()
        return f"{self.session.endpoint} answers"

    async def clock(self) -> str:
        theirs = await self._date()
        if theirs is None:
            return "not compared: the endpoint does not say what time it is"
        off = abs((datetime.now(UTC) - theirs).total_seconds())
        if off > _CLOCK:
            raise _ProblemError(f"it is {off:.0f} s off; set it by NTP")
        return f"{off:.0f} s off"

    async def token(self) -> str:
        try:
            await self.session.login()
        except AuthorizationError as error:
            raise _ProblemError(f"{error} An application that was moved needs a new one.") from None
        return "Login with Amazon gives one"

    async def role(self) -> str:
        try:
            await self.session.order(_NO_ORDER)
        except AccessDeniedError as error:
            raise _ProblemError(f"it is missing. {error.advice}") from None
        except TokenRejectedError as error:
            raise _ProblemError(f"the token is rejected. {error.advice}") from None
        except (ActionNotPermittedError, BadRequestError, NotFoundError):
            pass
        except ApiError as error:
            raise _ProblemError(str(error)) from None
        return "Buyer Communication is there"

    async def marketplace(self) -> str:
        place = self.session.marketplace
        return f"{place.name} ({place.id}), region {place.region.name}, is served by this endpoint"

    async def _date(self) -> datetime | None:
        try:
            async with self.http.get(str(self.session.endpoint), allow_redirects=False) as response:
                told = response.headers.get("Date", "")
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            fault = f"{self.session.endpoint} cannot be reached ({describe_failure(error)})"
            raise _ProblemError(f"{fault}; check the network, a proxy and TLS") from None
        try:
            date = parsedate_to_datetime(told)
        except (ValueError, TypeError, OverflowError):
            return None
        # "-0000" is UTC of a clock whose zone is not told (RFC 5322 §3.3).
        return date if date.tzinfo else date.replace(tzinfo=UTC)


def doctor(
    marketplace: MarketplaceCode,
    credentials: CredentialsFile = None,
    static_sandbox: Static = False,
) -> None:
    """Check credentials, endpoint, clock, token, role and marketplace, one by one.

    Example: spapi-messaging doctor --marketplace DE
    """
    accounts = Accounts.load(credentials)

    async def examine() -> int:
        session = MessagingSession(
            accounts.of(DEFAULT_SELLER),
            marketplace=marketplace_of(marketplace),
            static_sandbox=static_sandbox,
            timeout=20,
            patience=30,
        )
        timeout = aiohttp.ClientTimeout(total=20)
        async with session, aiohttp.ClientSession(timeout=timeout) as http:
            checks = _Checks(session, http, accounts)
            return await _all(console(), checks)

    raise typer.Exit(run(examine()))


async def _all(screen: Console, checks: _Checks) -> int:
    code = DONE
    todo: dict[str, Callable[[], Awaitable[str]]] = {
        "credentials": checks.credentials,
        "endpoint": checks.endpoint,
        "clock": checks.clock,
        "token": checks.token,
        "role": checks.role,
        "marketplace": checks.marketplace,
    }
    for name, check in todo.items():
        try:
            mark, detail = "ok ", await check()
        except (_ProblemError, MessagingError) as problem:
            mark, detail, code = "BAD", str(problem), REFUSED
        tell(screen, f"{mark} {name}: {detail}")
        if mark == "BAD" and name in {"endpoint", "token"}:
            tell(screen, "    the rest cannot be checked before that")
            break
    return code
