"""Many sellers in one process: a session for each, one pool of connections, one RateLimits."""

import asyncio
import inspect
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import Any, Self, Unpack

import aiohttp
import attrs

from spapi_messaging.bulk import BulkOptions, BulkRun, Job, Jobs, Seller
from spapi_messaging.errors import (
    AuthorizationError,
    InvalidMessageError,
    MessagingError,
    NotSentError,
)
from spapi_messaging.marketplaces import Marketplace
from spapi_messaging.quota import Limits, RateLimits
from spapi_messaging.session import MessagingSession
from spapi_messaging.transport import Credentials

_IDLE = 300.0
_CONNECTIONS = 128


@attrs.define
class _CheckedOut:
    opening: asyncio.Lock = attrs.field(factory=asyncio.Lock)
    session: MessagingSession | None = None
    users: int = 0
    used_at: float = 0.0


@attrs.define
class _Checkout(AbstractAsyncContextManager[MessagingSession]):
    """The use of a seller's session; a generator would be three objects for each job that waits."""

    _seller: str
    _take: Callable[[str], Awaitable[tuple[_CheckedOut, MessagingSession]]]
    _give_back: Callable[[str, _CheckedOut], Awaitable[None]]
    _taken: _CheckedOut | None = None

    async def __aenter__(self) -> MessagingSession:
        self._taken, session = await self._take(self._seller)
        return session

    async def __aexit__(self, *_: object) -> None:
        if self._taken is not None:
            await self._give_back(self._seller, self._taken)


class SellerPool:
    """Sessions of many sellers, opened when a job needs one and closed when none does.

    ``credentials``: called with a seller's name (``Job.seller``), returns the Credentials or an
    awaitable of them; what it raises as a MessagingError becomes the outcome of the job.
    ``idle``: seconds after which a session that nobody uses is closed, when any other is given
    back. Everything else is an option of every ``MessagingSession``; a job's marketplace wins
    over ``marketplace``.
    """

    def __init__(
        self,
        credentials: Callable[[str], Credentials | Awaitable[Credentials]],
        *,
        marketplace: Marketplace,
        limits: Limits | None = None,
        http: aiohttp.ClientSession | None = None,
        idle: float = _IDLE,
        clock: Callable[[], float] = time.time,
        **options: Any,
    ) -> None:
        self._credentials = credentials
        self._shared_http = http
        self._limits = limits or RateLimits()
        self._idle = idle
        self._clock = clock
        self._options = options | {"marketplace": marketplace, "clock": clock}
        self._http: aiohttp.ClientSession | None = None
        self._left = False
        self._checked_out: dict[str, _CheckedOut] = {}
        self._unused: OrderedDict[str, None] = OrderedDict()
        """Those that nobody uses, the longest unused first."""

    @property
    def limits(self) -> Limits:
        """The limiters of all sellers."""
        return self._limits

    @property
    def has_tokens(self) -> tuple[bool, ...]:
        """For each session in use, whether it has an access token."""
        sessions = (entry.session for entry in self._checked_out.values() if entry.users)
        return tuple(session is not None and session.has_token for session in sessions)

    async def __aenter__(self) -> Self:
        if self._http is not None:
            raise RuntimeError("this pool is open already")
        self._http = self._shared_http or aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=_CONNECTIONS)
        )
        self._left = False
        return self

    async def __aexit__(self, *_: object) -> None:
        http, self._http = self._http, None
        self._left = True
        try:
            self._unused.clear()
            while self._checked_out:
                await _close(self._checked_out.popitem()[1])
        finally:
            if http is not None and http is not self._shared_http:
                await http.close()

    def session(self, seller: str) -> AbstractAsyncContextManager[MessagingSession]:
        """Check a seller's session out; it stays open at least until the block is left."""
        return _Checkout(seller, self._take, self._give_back)

    def bulk(self, jobs: Jobs, **options: Unpack[BulkOptions]) -> BulkRun:
        """Send the messages of many sellers, with the options of ``MessagingSession.bulk``.

        The window is shared: sellers whose jobs are mixed are served at once, each at its quota.
        """
        return BulkRun(jobs, checkout=self._checkout, clock=self._clock, **options)

    def _checkout(self, job: Job) -> AbstractAsyncContextManager[Seller]:
        if job.seller is None:
            raise InvalidMessageError("the job", ("it names no seller",), job.order_id)
        if self._left:
            error = NotSentError(job.message.operation, "the pool was closed", job.order_id)
            error.passing = False
            raise error
        return self.session(job.seller)

    async def _take(self, seller: str) -> tuple[_CheckedOut, MessagingSession]:
        if self._http is None:
            raise RuntimeError("open the pool first: async with SellerPool(…) as pool")
        entry, http = self._taken(seller), self._http
        try:
            session = entry.session
            if session is None:
                async with entry.opening:
                    session = entry.session = entry.session or await self._opened(seller, http)
        except BaseException:
            await self._give_back(seller, entry)
            raise
        return entry, session

    async def _opened(self, seller: str, http: aiohttp.ClientSession) -> MessagingSession:
        credentials = await self._found(seller)
        session = MessagingSession(
            credentials, seller=seller, http=http, limits=self._limits, **self._options
        )
        if http is self._http and not http.closed:
            return await session.__aenter__()
        await session.__aexit__(None, None, None)  # the pool was left meanwhile: nothing is sent
        return session

    async def _found(self, seller: str) -> Credentials:
        try:
            found: object = self._credentials(seller)
            if inspect.isawaitable(found):
                found = await found
        except MessagingError:
            raise
        except Exception as error:  # one seller's fault must not stop the others
            fault = f"the credentials of {seller} are not to be had ({type(error).__name__})"
            raise AuthorizationError("missing_credentials", fault) from error
        if isinstance(found, Credentials):
            return found
        kind, found = type(found).__name__, None  # an error's frame must not hold the secrets
        fault = f"for {seller} there is a {kind} instead of Credentials"
        raise AuthorizationError("missing_credentials", fault)

    def _taken(self, seller: str) -> _CheckedOut:
        entry = self._checked_out.get(seller) or self._checked_out.setdefault(seller, _CheckedOut())
        entry.users += 1
        self._unused.pop(seller, None)
        return entry

    async def _give_back(self, seller: str, entry: _CheckedOut) -> None:
        """Close it if the pool is closed, and all that nobody has used for long."""
        entry.users -= 1
        entry.used_at = asyncio.get_running_loop().time()
        if self._checked_out.get(seller) is not entry:
            if not entry.users:
                await _close(entry)
        elif not entry.users:
            self._unused[seller] = None
        while self._unused:
            unused_longest = next(iter(self._unused))
            if self._checked_out[unused_longest].used_at > entry.used_at - self._idle:
                return
            del self._unused[unused_longest]
            await _close(self._checked_out.pop(unused_longest))


async def _close(entry: _CheckedOut) -> None:
    session, entry.session = entry.session, None
    if session is not None:
        await session.__aexit__(None, None, None)
