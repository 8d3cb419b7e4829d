"""What the tests against raw faults share: a session at the fault server, and one message."""

from typing import Any

from helpers.fault_server import (
    FaultServer,
)

from spapi_messaging import (
    Credentials,
    Marketplace,
    MessagingError,
    MessagingSession,
    Quota,
    RateLimits,
    Receipt,
    UnexpectedProblem,
)
from spapi_messaging.transport import Delivery

ORDER = "902-1845936-5435065"


CREDENTIALS = Credentials("amzn1.app", "client-secret", "Atzr|refresh-secret")


TEXT = "The parcel was damaged; we send another one."


FAST = Quota(rate=1000, burst=100)


def session_at(server: FaultServer, **options: Any) -> MessagingSession:
    own = {"endpoint": server.url, "token_url": server.token_url}
    # Limits of its own: what a 429 teaches them is not for the next test.
    usual = {"marketplace": Marketplace.DE, "limits": RateLimits(default=FAST)}
    return MessagingSession(CREDENTIALS, **own | usual | options)


async def deliver(session: MessagingSession, delivery: Delivery) -> Receipt:
    outgoing = await session.address(ORDER, UnexpectedProblem(text=TEXT))
    return await outgoing.deliver(delivery)


async def send(session: MessagingSession) -> Receipt:
    return await session.send(ORDER, UnexpectedProblem(text=TEXT), discover=False)


async def outcome(server: FaultServer, **options: Any) -> Receipt | MessagingError:
    async with session_at(server, **options) as session:
        try:
            return await send(session)
        except MessagingError as error:
            return error


def error_body(code: str, message: str, details: str = "") -> bytes:
    return (
        f'{{"errors":[{{"code":"{code}","message":"{message}","details":"{details}"}}]}}'
    ).encode()


DENIED = error_body("Unauthorized", "Access to requested resource is denied.")
EXPIRED = error_body("Unauthorized", "Access denied", "The access token you provided has expired.")
QUOTA = error_body("QuotaExceeded", "You exceeded your quota.")
