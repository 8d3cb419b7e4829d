"""Login with Amazon: one access token, refreshed once for all callers that wait.

A token is renewed in the background shortly before it expires, so that a stream of requests
never halts for it; only when none is left does a caller wait. Whoever waits shares one
request and its failure. The refresh belongs to the Login, not to the caller that happened to
need it first: a cancelled caller takes nothing from the others, and ``close`` ends it.

Source: https://developer-docs.amazon.com/sp-api/docs/connect-to-the-selling-partner-api
"""

import asyncio
import copy
import hashlib
import os
from collections.abc import Callable, Mapping
from http import HTTPStatus

import aiohttp
import attrs

from spapi_messaging.api import AccessToken, Endpoint, access_token, token_refusal
from spapi_messaging.errors import AuthorizationError, DecodeError
from spapi_messaging.redaction import describe_failure
from spapi_messaging.transport.payload import read_body

TOKEN_URL = "https://api.amazon.com/auth/o2/token"  # noqa: S105  # an address, no secret

_RENEW_AHEAD = 300.0
"""Seconds before expiry from which a token is renewed in the background."""
_TOO_OLD = 30.0
"""Seconds before expiry from which a token is no longer used."""
_TRIES = 3


@attrs.frozen
class Credentials:
    """An application's client id and secret, and a seller's refresh token."""

    client_id: str
    client_secret: str = attrs.field(repr=False)
    refresh_token: str = attrs.field(repr=False)

    @classmethod
    def from_env(cls, environ: Mapping[str, str] | None = None) -> "Credentials":
        """Read LWA_APP_ID, LWA_CLIENT_SECRET and SP_API_REFRESH_TOKEN.

        These are the names of the most used Python client. Raises AuthorizationError that
        names the missing ones.
        """
        environ = os.environ if environ is None else environ
        names = ("LWA_APP_ID", "LWA_CLIENT_SECRET", "SP_API_REFRESH_TOKEN")
        missing = [name for name in names if not environ.get(name)]
        if missing:
            fault = f"set {', '.join(missing)} in the environment"
            raise AuthorizationError("missing_credentials", fault)
        return cls(*(environ[name] for name in names))

    @property
    def account(self) -> str:
        """A name for the seller's account that tells nothing: quotas are kept under it."""
        secret = f"{self.client_id}\n{self.refresh_token}".encode()
        return hashlib.sha256(secret).hexdigest()[:16]


@attrs.frozen
class _Token:
    value: str = attrs.field(repr=False)
    renew_at: float
    dead_at: float


class Login:
    """Holds the access token of one seller; ``clock`` is wall time in seconds."""

    def __init__(
        self,
        credentials: Credentials,
        *,
        http: aiohttp.ClientSession,
        clock: Callable[[], float],
        token_url: str = TOKEN_URL,
    ) -> None:
        Endpoint.of(token_url)
        self._credentials = credentials
        self._http = http
        self._clock = clock
        self._url = token_url
        self._token: _Token | None = None
        self._refresh: asyncio.Task[str] | None = None

    @property
    def latest(self) -> str | None:
        """The token at hand, while it is good."""
        token_at_hand = self._token
        return (
            token_at_hand.value if token_at_hand and self._clock() < token_at_hand.dead_at else None
        )

    @property
    def fresh(self) -> str | None:
        """The token at hand, while it need not be renewed."""
        token_at_hand = self._token
        return (
            token_at_hand.value
            if token_at_hand and self._clock() < token_at_hand.renew_at
            else None
        )

    async def token(self) -> str:
        """Return a good token, a new one if need be; raises AuthorizationError."""
        token_at_hand = self._token
        now = self._clock()
        if token_at_hand and now < token_at_hand.renew_at:
            return token_at_hand.value
        refresh = self._refreshing()
        if token_at_hand and now < token_at_hand.dead_at:
            return token_at_hand.value
        try:
            return await asyncio.shield(refresh)
        except AuthorizationError as error:
            # Each waiter gets an error of its own: a shared one would collect all tracebacks.
            raise copy.copy(error) from None
        except asyncio.CancelledError:
            me = asyncio.current_task()
            if not refresh.cancelled() or (me and me.cancelling()):
                raise
        raise AuthorizationError("closed", "the session was closed meanwhile")

    def reject(self, token: str) -> None:
        """Forget a token that Amazon rejected, unless a newer one is already here."""
        if self._token and self._token.value == token:
            self._token = None

    async def close(self) -> None:
        """End a refresh that is still under way."""
        refresh = self._refresh
        if refresh:
            refresh.cancel()
            await asyncio.wait([refresh])

    def _refreshing(self) -> asyncio.Task[str]:
        if self._refresh is None:
            self._refresh = asyncio.get_running_loop().create_task(self._renew())
            self._refresh.add_done_callback(self._refreshed)
        return self._refresh

    def _refreshed(self, refresh: asyncio.Task[str]) -> None:
        self._refresh = None
        if not refresh.cancelled():
            refresh.exception()  # a failed renewal ahead of time is met again when it matters

    async def _renew(self) -> str:
        asked_at = self._clock()
        token = await self._ask()
        lifetime = max(token.expires_in, 1.0)
        self._token = _Token(
            token.access_token,
            renew_at=asked_at + lifetime - min(_RENEW_AHEAD, lifetime / 4),
            dead_at=asked_at + lifetime - min(_TOO_OLD, lifetime / 8),
        )
        return token.access_token

    async def _ask(self) -> AccessToken:
        failure = AuthorizationError("unreachable")
        for attempt in range(_TRIES):
            await asyncio.sleep(attempt * 0.5)
            try:
                status, body = await self._post()
            except (aiohttp.ClientError, TimeoutError, OSError) as error:
                failure = AuthorizationError("unreachable", describe_failure(error))
                continue
            if status == HTTPStatus.OK:
                return _granted(body)
            refusal = token_refusal(body)
            failure = AuthorizationError(
                refusal.error, refusal.error_description or f"status {status}"
            )
            if status < HTTPStatus.INTERNAL_SERVER_ERROR and status != HTTPStatus.TOO_MANY_REQUESTS:
                break
        raise failure

    async def _post(self) -> tuple[int, bytes]:
        form = {
            "grant_type": "refresh_token",
            "refresh_token": self._credentials.refresh_token,
            "client_id": self._credentials.client_id,
            "client_secret": self._credentials.client_secret,
        }
        async with self._http.post(self._url, data=form, allow_redirects=False) as response:
            body, _ = await read_body(response)
            return response.status, body


def _granted(body: bytes) -> AccessToken:
    try:
        return access_token(body)
    except DecodeError as error:
        failure = AuthorizationError("invalid_answer", f"{error.fault} at {error.path}")
    raise failure
