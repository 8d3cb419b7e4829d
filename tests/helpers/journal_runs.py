"""What the tests of a journal in SQLite and the programs that they run share."""

from spapi_messaging import Credentials, Marketplace, MessagingSession, Quota, RateLimits
from spapi_messaging.bulk.journal import Entry, State
from spapi_messaging.sandbox import Sandbox

QUICK = Quota(rate=1000, burst=100)


def entry(key: str, state: State = "sending", began_at: float = 1.0) -> Entry:
    return Entry(
        key=key,
        seller="seller",
        marketplace="A1PA6795UKMFR9",
        order_id="903-1671087-0812628",
        operation="createUnexpectedProblem",
        state=state,
        began_at=began_at,
    )


def order_id(number: int) -> str:
    return f"903-{number:07}-0812628"


def session_at(sandbox: Sandbox) -> MessagingSession:
    return MessagingSession(
        Credentials.from_env(sandbox.environment),
        marketplace=Marketplace.DE,
        endpoint=sandbox.url,
        token_url=sandbox.token_url,
        limits=RateLimits(default=QUICK),
    )
