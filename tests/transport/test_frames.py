"""No error carries a secret: not in a local of a frame that it passed, nor in one of its causes."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from helpers.fault_server import (
    Response,
    closes,
    created,
    hangs,
    http,
    resets,
    says,
    says_and_closes,
    serving,
)
from helpers.fault_sessions import CREDENTIALS, DENIED, EXPIRED, ORDER, QUOTA, session_at
from helpers.virtual_time import virtual

from spapi_messaging import (
    AuthorizationError,
    File,
    Invoice,
    Job,
    JournalError,
    Marketplace,
    MessagingSession,
    SellerPool,
    UnexpectedProblem,
)
from spapi_messaging.transport import Delivery

SECRETS = ("secret-token", "client-secret", "refresh-secret")
MESSAGE = UnexpectedProblem(text="hello")


def chain(error: BaseException) -> Iterator[BaseException]:
    """Return an error and all that it came from or in the midst of."""
    found, left = set(), [error]
    while left:
        each = left.pop()
        if id(each) in found:
            continue
        found.add(id(each))
        yield each
        left += [other for other in (each.__cause__, each.__context__) if other is not None]
        left += getattr(each, "exceptions", ())


def shown(value: object, depth: int = 4) -> str:
    """Show a value as an error tracker does: texts and containers whole, all else by its repr."""
    if isinstance(value, str):
        return value
    if isinstance(value, dict | tuple | list | set | frozenset) and depth:
        items = value.items() if isinstance(value, dict) else value
        return " ".join(shown(item, depth - 1) for item in items)
    return f"{value!r} {value}"


def leaks(error: BaseException) -> list[str]:
    """Name the frames and errors that show a secret; those of the tests hold the credentials."""
    found = []
    for each in chain(error):
        if any(secret in f"{each!r} {each} {each.args}" for secret in SECRETS):
            found.append(f"{type(each).__name__} itself")
        traceback = each.__traceback__
        while traceback is not None:
            frame = traceback.tb_frame
            for name, value in frame.f_locals.items():
                if any(secret in shown(value) for secret in SECRETS):
                    found.append(f"{type(each).__name__}: {name} in {frame.f_code.co_qualname}")
            traceback = traceback.tb_next
    return found


async def raised(work: Awaitable[object]) -> BaseException:
    try:
        await work
    except (Exception, asyncio.CancelledError) as error:  # noqa: BLE001  # any of them is looked at
        return error
    raise AssertionError("nothing was raised")


def send(session: MessagingSession) -> Awaitable[object]:
    return session.send(ORDER, MESSAGE, discover=False)


def discover(session: MessagingSession) -> Awaitable[object]:
    return session.order(ORDER)


def upload(session: MessagingSession) -> Awaitable[object]:
    invoice = Invoice(attachments=[File(b"%PDF-", name="invoice.pdf")])
    return session.send(ORDER, invoice, discover=False)


def attributes(session: MessagingSession) -> Awaitable[object]:
    return session.attributes(ORDER)


async def refused_by_the_journal(session: MessagingSession) -> None:
    async def fail() -> None:
        raise JournalError("campaign.db", "the disk is full")

    outgoing = await session.address(ORDER, MESSAGE)
    await outgoing.deliver(Delivery(before_send=fail))


async def in_time(session: MessagingSession) -> None:
    async with asyncio.timeout(3):
        await send(session)


async def cancelled(session: MessagingSession) -> None:
    sending = asyncio.ensure_future(send(session))
    await asyncio.sleep(3)
    sending.cancel()
    await sending


Work = Callable[[MessagingSession], Awaitable[object]]
NO_LINKS = says(http("200 OK", b'{"_links":{"self":{"href":"x"},"actions":[]}}'))
ELSEWHERE = json.dumps(
    {"payload": {"uploadDestinationId": "d", "url": "http://evil.example/x", "headers": None}}
).encode()
ERRORS: dict[str, tuple[Work, Response]] = {
    **{
        f"{work.__name__}: {name}": (work, fault)
        for work in (send, discover, upload, attributes)
        for name, fault in {
            "400": says(http("400 Bad", b"{}")),
            "403": says(http("403 Forbidden", DENIED)),
            "403 expired": says(http("403 Forbidden", EXPIRED)),
            "404": says(http("404 Not Found")),
            "429": says(http("429 Too Many", QUOTA)),
            "503": says(http("503 Busy")),
            "302": says(http("302 Found", b"", "Location: https://evil.example/x")),
            "closed": closes,
            "reset": resets,
            "silence": hangs,
            "garbage": says_and_closes(b"\x16\x03\x01 this is no HTTP\r\n\r\n"),
            "half a head": says_and_closes(b"HTTP/1.1 2"),
        }.items()
    },
    "discover: no JSON": (discover, says(http("200 OK", b"<html>"))),
    "not offered": (lambda session: session.send(ORDER, MESSAGE), NO_LINKS),
    "upload: elsewhere": (upload, says(http("201 Created", ELSEWHERE))),
    "the journal": (refused_by_the_journal, created),
    "a timeout of the caller's": (in_time, hangs),
    "cancelled": (cancelled, hangs),
}


@pytest.mark.parametrize(("work", "fault"), ERRORS.values(), ids=ERRORS)
@virtual
async def test_no_error_of_a_request_holds_a_secret(work: Work, fault: Response) -> None:
    async with serving(fault) as server, session_at(server, timeout=20, patience=5) as session:
        await session.login()
        assert leaks(await raised(work(session))) == []


@pytest.mark.parametrize("work", [send, discover, upload])
@virtual
async def test_no_error_of_a_session_that_is_left_holds_a_secret(work: Work) -> None:
    async with serving(hangs) as server:
        async with session_at(server, timeout=20) as session:
            await session.login()
            calls = [asyncio.ensure_future(raised(work(session))) for _ in range(3)]
            await asyncio.sleep(1)
        for call in calls:
            assert leaks(await call) == []
        assert leaks(await raised(work(session))) == []


@asynccontextmanager
async def logging_in_at(answer: bytes | None) -> AsyncIterator[MessagingSession]:
    """Open a session whose Login with Amazon gives one answer, or none."""
    fault = says(answer) if answer is not None else hangs
    async with (
        serving(fault) as login,
        serving(created) as server,
        session_at(server, token_url=f"{login.url}/login", timeout=20) as session,
    ):
        yield session


ECHO = b'{"error":"invalid_grant","error_description":"no: Atzr|refresh-secret client-secret"}'
TOKENS: dict[str, bytes | None] = {
    "refused": http("400 Bad", ECHO),
    "refused, quoted": http("400 Bad", ECHO.replace(b"|", b"%7C")),
    "unavailable": http("503 Busy", ECHO),
    "silence": None,
    "no token": http("200 OK", b'{"access_token": ["secret-token"]}'),
    "no JSON": http("200 OK", b'{"access_token": "secret-token"'),
    "no lifetime": http("200 OK", b'{"access_token": "secret-token", "expires_in": {"a": 1}}'),
    "a control character": http("200 OK", b'{"access_token": "secret-token\\r\\nX: 1"}'),
    "redirected": http("302 Found", b"", "Location: https://evil.example/?client-secret"),
}


@pytest.mark.parametrize("answer", TOKENS.values(), ids=TOKENS)
@pytest.mark.parametrize("work", [send, discover, upload, MessagingSession.login])
@virtual
async def test_no_error_of_the_login_holds_a_secret(answer: bytes | None, work: Work) -> None:
    async with logging_in_at(answer) as session:
        for _ in range(2):
            error = await raised(work(session))
            assert isinstance(error, AuthorizationError)
            assert leaks(error) == []


@pytest.mark.parametrize("many", [False, True], ids=["session", "pool"])
@pytest.mark.parametrize("fault", [closes, says(http("403 Forbidden", EXPIRED)), hangs])
@virtual
async def test_no_error_of_an_outcome_holds_a_secret(fault: Response, many: bool) -> None:
    async with serving(fault) as server:
        own = {"endpoint": server.url, "token_url": server.token_url, "timeout": 20}
        door = (
            SellerPool(lambda _: CREDENTIALS, marketplace=Marketplace.DE, **own)
            if many
            else session_at(server, timeout=20)
        )
        async with door as seller:
            run = seller.bulk([Job(ORDER, MESSAGE, seller="one" if many else None)])
            async with run as outcomes:
                async for outcome in outcomes:
                    assert leaks(outcome.error) == []


@virtual
async def test_credentials_that_are_none_are_named_and_not_shown() -> None:
    """Whoever answers a tuple instead of Credentials does not find it in the error."""
    secrets: Any = ("amzn1.app", "client-secret", "Atzr|refresh-secret")
    async with SellerPool(lambda _: secrets, marketplace=Marketplace.DE) as pool:
        async with pool.bulk([Job(ORDER, MESSAGE, seller="one")]) as outcomes:
            found = [outcome async for outcome in outcomes]
        assert "a tuple instead of Credentials" in str(found[0].error)
        assert leaks(found[0].error) == []
