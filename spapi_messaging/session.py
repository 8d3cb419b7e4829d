"""The door: a session of one seller, which asks orders and sends to them."""

import os
import time
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, nullcontext
from types import TracebackType
from typing import TYPE_CHECKING, Self, Unpack, get_args

import aiohttp
import attrs

from spapi_messaging.api import Endpoint, OrderAttributes, check_order_id
from spapi_messaging.errors import InvalidMessageError, NotSentError
from spapi_messaging.marketplaces import Marketplace
from spapi_messaging.messages import Message
from spapi_messaging.order import Follow, Order, discover as _discover
from spapi_messaging.quota import MESSAGING_QUOTA, SANDBOX_QUOTA, Limits, RateLimits
from spapi_messaging.sending import Locales, Outgoing, Receipt, Sender, SingleFlightCache
from spapi_messaging.transport import (
    DEFAULT_TIMEOUT,
    TOKEN_URL,
    Credentials,
    Login,
    RequestEvent,
    Transport,
    agent_line,
    client_timeout,
    open_http,
)

if TYPE_CHECKING:
    from spapi_messaging.bulk import BulkOptions, BulkRun, Job, Jobs, Seller

_CONNECTIONS = 128
"""Connections at once: more than a bulk run's window, so that none waits for another."""
_LOCALE_TTL = 3600.0
MAX_LOCALES = 10_000
"""Buyers' locales that are remembered, so that an order is asked once for many messages."""


@attrs.frozen(kw_only=True)
class _Servers:
    """Where a session's requests go."""

    endpoint: Endpoint
    token_url: str
    is_amazon: bool
    """Whether it is Amazon's endpoint for the marketplace's region, which serves no other."""

    @classmethod
    def of(
        cls, marketplace: Marketplace, *, endpoint: str | None, token_url: str | None, static: bool
    ) -> Self:
        """Take what is given, what the environment has, or Amazon's servers, in this order."""
        region, environ = marketplace.region, os.environ
        amazon = region.sandbox_endpoint if static else region.endpoint
        parsed = Endpoint.parse(endpoint or environ.get("SPAPI_MESSAGING_ENDPOINT") or amazon)
        token_url = token_url or environ.get("SPAPI_MESSAGING_TOKEN_URL") or TOKEN_URL
        Endpoint.of(token_url)
        return cls(endpoint=parsed, token_url=token_url, is_amazon=str(parsed) == amazon)


@attrs.frozen(kw_only=True)
class _Opened:
    http: aiohttp.ClientSession
    login: Login
    transport: Transport
    locales: Locales = attrs.field(
        factory=lambda: SingleFlightCache(ttl=_LOCALE_TTL, maxsize=MAX_LOCALES)
    )
    senders: dict[Marketplace, Sender] = attrs.field(factory=dict)


class MessagingSession:
    """A session of one seller, for the orders of a marketplace.

    ``endpoint``, ``token_url``: other servers than Amazon's, also taken from
    SPAPI_MESSAGING_ENDPOINT and SPAPI_MESSAGING_TOKEN_URL. ``static_sandbox``: Amazon's static
    sandbox, whose odd order ids are then accepted. ``http``: your aiohttp.ClientSession, whose
    connections are used and which is never closed here. ``limits``: a RateLimits to share with
    other sessions. ``timeout``: seconds for which a server may be silent while it is connected to,
    takes a request or answers, or an aiohttp.ClientTimeout; bytes that flow are no silence.
    ``patience``: seconds for which 429s are waited out before ThrottledError, and for which the
    jobs of a bulk run wait while the network or Login with Amazon is away. ``user_agent``:
    ``App/Version``. ``follow``: "operation" posts to Amazon's documented path, "offered" to the
    link that the order offers. ``on_request``: called with a RequestEvent after each attempt.
    ``seller``: a name for the account whose quota it is, by default made from the credentials.
    ``clock``: wall time in seconds, for the token's expiry.

    Raises UntrustedLinkError for an endpoint that no secret may be sent to.
    """

    def __init__(
        self,
        credentials: Credentials,
        *,
        marketplace: Marketplace,
        endpoint: str | None = None,
        token_url: str | None = None,
        static_sandbox: bool = False,
        http: aiohttp.ClientSession | None = None,
        limits: Limits | None = None,
        timeout: float | aiohttp.ClientTimeout = DEFAULT_TIMEOUT,  # of silence
        user_agent: str | None = None,
        follow: Follow = "operation",
        on_request: Callable[[RequestEvent], object] | None = None,
        patience: float = 300.0,
        seller: str | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        if follow not in get_args(Follow):
            raise ValueError(f'follow is "operation" or "offered", not {follow!r}')
        self._servers = _Servers.of(
            marketplace, endpoint=endpoint, token_url=token_url, static=static_sandbox
        )
        self._credentials = credentials
        self._marketplace = marketplace
        self._odd_order_ids = static_sandbox
        self._shared_http = http
        plan = SANDBOX_QUOTA if static_sandbox else MESSAGING_QUOTA
        self._limits = limits or RateLimits(default=plan)
        self._timeout = client_timeout(timeout)
        self._user_agent = agent_line(user_agent)
        self._follow = follow
        self._on_request = on_request
        self._patience = patience
        self._seller = seller or ""
        self._account = seller or credentials.account
        self._clock = clock
        self._open: _Opened | None = None
        self._left = False

    def __repr__(self) -> str:
        return f"<MessagingSession {self._marketplace.name} at {self._servers.endpoint}>"

    async def __aenter__(self) -> Self:
        if self._open is not None:
            raise RuntimeError("this session is open already")
        http = open_http(self._shared_http, timeout=self._timeout, limit=_CONNECTIONS)
        login = Login(
            self._credentials, http=http, clock=self._clock, token_url=self._servers.token_url
        )
        transport = Transport(
            http=http,
            login=login,
            endpoint=self._servers.endpoint,
            limits=self._limits,
            account=self._account,
            user_agent=self._user_agent,
            patience=self._patience,
            on_request=self._on_request,
        )
        self._open = _Opened(http=http, login=login, transport=transport)
        self._left = False
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        opened, self._open = self._open, None
        self._left = True
        if opened is not None:
            opened.transport.close()
            try:
                await opened.login.close()
            finally:
                await opened.http.close()

    async def order(self, order_id: str, *, marketplace: Marketplace | None = None) -> Order:
        """Ask an order which messages it permits now (getMessagingActionsForOrder)."""
        return await _discover(self._sender(order_id, marketplace), order_id, self._follow)

    async def send(
        self,
        order_id: str,
        message: Message,
        *,
        discover: bool = True,
        marketplace: Marketplace | None = None,
    ) -> Receipt:
        """Ask the order, then send the message if it is offered.

        Without ``discover`` the message goes to its operation's path at once: one request
        less, and neither the order's schema nor its word that it is offered is known. Raises
        what calling an action raises.
        """
        if discover:
            sender = self._sender(order_id, marketplace)
            order = await _discover(sender, order_id, self._follow)
            outgoing = await order.prepare(message)
            del order  # its answer is large, and nobody needs it while the message is sent
        else:
            outgoing = await self.address(order_id, message, marketplace=marketplace)
        return await outgoing.send()

    async def address(
        self, order_id: str, message: Message, *, marketplace: Marketplace | None = None
    ) -> Outgoing:
        """Address a message to its operation's path, without asking the order; nothing is sent."""
        return await self._sender(order_id, marketplace).address(message, order_id)

    def bulk(self, jobs: "Jobs", **options: "Unpack[BulkOptions]") -> "BulkRun":
        """Send many messages: ``async with session.bulk(jobs) as outcomes``, ``async for``.

        ``jobs``: any iterable or async iterable, pulled as the ``window`` frees. The options, with
        their defaults, are those of ``spapi_messaging.bulk.BulkOptions``.
        """
        from spapi_messaging.bulk import BulkRun

        return BulkRun(jobs, checkout=self._checkout, clock=self._clock, **options)

    async def login(self) -> None:
        """Get an access token now, to know that the credentials work; raises AuthorizationError."""
        await self._opened.login.token()

    async def try_upload_destination(self, order_id: str, kind: type[Message]) -> None:
        """Make an upload destination, to know that one may: nothing is uploaded or sent."""
        await self._sender(order_id, None).try_upload_destination(order_id, kind)

    @property
    def has_token(self) -> bool:
        """Whether it has an access token that is good now."""
        return self._open is not None and self._open.login.latest is not None

    @property
    def endpoint(self) -> Endpoint:
        """The server that requests go to."""
        return self._servers.endpoint

    @property
    def account(self) -> str:
        """The seller's account, under which its quotas are kept."""
        return self._account

    @property
    def seller(self) -> str:
        """The name that the seller was given, or empty: what a journal knows it by.

        The one made of the credentials would be another after the seller authorised again, and
        a resumed run would send everything twice.
        """
        return self._seller

    @property
    def marketplace(self) -> Marketplace:
        """The marketplace of orders for which no other is named."""
        return self._marketplace

    @property
    def patience(self) -> float:
        """Seconds for which 429s are waited out, and outages by the jobs of a bulk run."""
        return self._patience

    @property
    def limits(self) -> Limits:
        """The limiters of this session, to share with others."""
        return self._limits

    def _checkout(self, job: "Job") -> "AbstractAsyncContextManager[Seller]":
        if job.seller is not None and job.seller != self._account:
            fault = f"{job.seller!r} is not this session's; use a SellerPool for many sellers"
            raise InvalidMessageError("seller", (fault,), job.order_id)
        return nullcontext(self)

    async def attributes(
        self, order_id: str, *, marketplace: Marketplace | None = None
    ) -> OrderAttributes:
        """Ask for the buyer's language of preference (GetAttributes)."""
        return await self._sender(order_id, marketplace).attributes(order_id)

    @property
    def _opened(self) -> _Opened:
        if self._left:  # by one task while another sends
            closed = NotSentError("the request", "the session was closed")
            closed.passing = False
            raise closed
        if self._open is None:
            raise RuntimeError("open the session first: async with MessagingSession(…) as session")
        return self._open

    def _sender(self, order_id: str, marketplace: Marketplace | None) -> Sender:
        check_order_id(order_id, odd=self._odd_order_ids)
        marketplace, opened = marketplace or self._marketplace, self._opened
        known = opened.senders.get(marketplace)
        if known is not None:
            return known
        if self._servers.is_amazon and marketplace.region is not self._marketplace.region:
            fault = f"{marketplace.name} is not served by {self._servers.endpoint}"
            raise InvalidMessageError("marketplace", (fault,), order_id)
        sender = Sender(transport=opened.transport, marketplace=marketplace, locales=opened.locales)
        opened.senders[marketplace] = sender
        return sender
