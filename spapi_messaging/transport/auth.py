"""Login with Amazon: one access token, refreshed once for all callers that wait.

A token is renewed in the background shortly before it expires, so that a stream of requests
never halts for it; only when none is left does a caller wait. Whoever waits shares one
request and its failure. The refresh belongs to the Login, not to the caller that happened to
need it first: a cancelled caller takes nothing from the others, and ``close`` ends it.

Nobody is hammered. What may pass (no network, 5xx, 429) is asked again after pauses that grow, and
goes on from where the last caller's ended; a refusal is kept for a minute, and told to all who
ask meanwhile: it is the same credentials that would be refused again.

Source: https://developer-docs.amazon.com/sp-api/docs/connect-to-the-selling-partner-api
"""

import asyncio
import copy
from collections.abc import Callable

import aiohttp

from spapi_messaging.api import Endpoint
from spapi_messaging.errors import AuthorizationError
from spapi_messaging.redaction import describe_failure
from spapi_messaging.transport.access_token import Token, answer_of, may_pass
from spapi_messaging.transport.backoff import Backoff
from spapi_messaging.transport.credentials import Credentials, refresh_form
from spapi_messaging.transport.pauses import asked_pause
from spapi_messaging.transport.payload import read_body

TOKEN_URL = "https://api.amazon.com/auth/o2/token"  # noqa: S105  # an address, no secret

_TRIES = 3
_REFUSED_FOR = 60.0
"""Seconds for which a refusal is kept: Amazon may take back one that was its own mistake."""
_FORM = {"Content-Type": "application/x-www-form-urlencoded"}


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
        self.at_hand: Token | None = None
        self._refresh: asyncio.Task[Token | AuthorizationError] | None = None
        self._backoff = Backoff()
        self._refusal: AuthorizationError | None = None
        self._refused_until = 0.0
        self._closed = False

    @property
    def latest(self) -> Token | None:
        """The token at hand, while it is good."""
        token_at_hand = self.at_hand
        return token_at_hand if token_at_hand and self._clock() < token_at_hand.dead_at else None

    @property
    def fresh(self) -> Token | None:
        """The token at hand, while it need not be renewed."""
        token_at_hand = self.at_hand
        return token_at_hand if token_at_hand and self._clock() < token_at_hand.renew_at else None

    async def token(self) -> Token:
        """Return a good token, a new one if need be; raises AuthorizationError."""
        at_hand = self.latest
        if at_hand is None:
            answer = await self._answer()
        else:
            answer = at_hand
            if self.fresh is None and not self._refused and not self._closed:
                self._refresh = self._refreshing()
        if isinstance(answer, AuthorizationError):
            # Each waiter gets an error of its own: a shared one would collect all tracebacks.
            raise copy.copy(answer)
        return answer

    def reject(self, token: Token) -> None:
        """Forget a token that Amazon rejected, unless a newer one is already here."""
        if self.at_hand is token:
            self.at_hand = None

    async def close(self) -> None:
        """End a refresh that is still under way; whoever asks from now on is told so."""
        self._closed = True
        refresh = self._refresh
        if refresh:
            refresh.cancel()
            await asyncio.wait([refresh])

    @property
    def _refused(self) -> AuthorizationError | None:
        """The refusal that still stands."""
        if self._refusal and asyncio.get_running_loop().time() >= self._refused_until:
            self._refusal = None
        return self._refusal

    async def _answer(self) -> Token | AuthorizationError:
        """Wait for the refresh under way, and return what came of it."""
        closed = AuthorizationError("closed", "the session was closed meanwhile")
        if self._closed or self._refused:
            return self._refused or closed
        refresh = self._refreshing()
        try:
            return await asyncio.shield(refresh)
        except asyncio.CancelledError:
            me = asyncio.current_task()
            if not refresh.cancelled() or (me and me.cancelling()):
                raise
        return closed

    def _refreshing(self) -> asyncio.Task[Token | AuthorizationError]:
        if self._refresh is None:
            self._refresh = asyncio.get_running_loop().create_task(self._renew())
            self._refresh.add_done_callback(self._refreshed)
        return self._refresh

    def _refreshed(self, _: object) -> None:
        self._refresh = None  # a failed renewal ahead of time is met again when it matters

    async def _renew(self) -> Token | AuthorizationError:
        """Ask until there is a token, a refusal, or enough of it."""
        clock = asyncio.get_running_loop().time
        answer: Token | AuthorizationError = may_pass("unreachable")
        # Who comes after a failure asks once: it is known to be away.
        for _ in range(1 if self._backoff.failures else _TRIES):
            await asyncio.sleep(self._backoff.left(clock()))
            answer, asked = await self._ask()
            if isinstance(answer, Token):
                self._backoff.succeeded()
                self.at_hand = answer
                break
            if not answer.passing:
                self._refusal, self._refused_until = answer, clock() + _REFUSED_FOR
                break
            self._backoff.failed(clock(), asked)
            if answer.error != "unreachable":
                break
        return answer

    async def _ask(self) -> tuple[Token | AuthorizationError, float]:
        """Ask once; return the answer, and the seconds for which it asks to be left alone."""
        asked_at = self._clock()
        try:
            async with self._http.post(
                self._url,
                data=refresh_form(self._credentials),
                headers=_FORM,
                allow_redirects=False,
            ) as response:
                body, gap = await read_body(response)
                status, asked = response.status, asked_pause(response.headers)
        except Exception as error:  # noqa: BLE001  # whatever the client raises, there is no token
            if self._http.closed:
                return AuthorizationError("closed", "the aiohttp session was closed"), 0.0
            return may_pass("unreachable", describe_failure(error)), 0.0
        # Not an error raised in this frame: its traceback would hold the body.
        return answer_of(status, body, gap, self._credentials, asked_at), asked
