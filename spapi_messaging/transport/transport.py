"""One visible loop: token, limiter, aiohttp, and then an answer, another attempt or an error.

The token comes before the limiter's turn, so that nobody holds a turn while Login with Amazon
is asked; it is added to each request by itself, after the URL was compared with the endpoint.
Every attempt costs quota, and a request that was throttled goes first in line again.
"""

import asyncio
import logging
import platform
import sys
from collections.abc import Callable

import aiohttp
import attrs
from aiohttp import hdrs
from multidict import istr
from yarl import URL

from spapi_messaging.api import Endpoint
from spapi_messaging.errors import InDoubtError
from spapi_messaging.quota import Limiter, Limits
from spapi_messaging.redaction import describe_failure
from spapi_messaging.transport.auth import Login
from spapi_messaging.transport.payload import (
    Delivery,
    read_body,
    repeatable_payload,
    tracked_payload,
)
from spapi_messaging.transport.request import NoResponse, Request, Response
from spapi_messaging.transport.retry import TOO_MANY, Retry, RetryPolicy

logger = logging.getLogger("spapi_messaging")

_ACCEPT = "application/hal+json, application/json"
# Looked up in every answer: an istr is put into lower case once.
_REQUEST_ID = istr("x-amzn-RequestId")
_RATE = istr("x-amzn-RateLimit-Limit")
MAX_USER_AGENT = 500
_NO_BODY = ("Content-Type",)
# A presigned URL is signed over the headers it came with; aiohttp's own would be others.
_NOT_SIGNED = ("Accept", "Accept-Encoding", "Content-Type", "User-Agent")
_FIRST = Retry()


@attrs.frozen(kw_only=True)
class RequestEvent:
    """One attempt of one request, as ``on_request`` sees it. It holds no secret and no text.

    ``waited``: seconds for the turn; ``took``: seconds from the turn to the answer;
    ``status``: None if no answer came, and then ``failure`` says why.
    """

    operation: str
    order_id: str | None
    attempt: int
    waited: float
    took: float
    status: int | None
    request_id: str | None
    failure: str | None


def agent_line(application: str) -> str:
    """Return the User-Agent in Amazon's form: ``App/Version (Language=…; Platform=…)``.

    Raises ValueError beyond 500 characters, or for characters that no header can hold.
    """
    language = f"Python/{sys.version_info.major}.{sys.version_info.minor}"
    agent = (
        application
        if "(" in application
        else f"{application} (Language={language}; Platform={platform.system() or 'unknown'})"
    )
    if len(agent) > MAX_USER_AGENT or not agent.isascii() or not agent.isprintable():
        raise ValueError("a user agent has at most 500 printable ASCII characters")
    return agent


@attrs.define(kw_only=True)
class Transport:
    """Sends the requests of one seller to one endpoint."""

    http: aiohttp.ClientSession
    login: Login
    endpoint: Endpoint
    limits: Limits
    account: str
    user_agent: str
    patience: float
    on_request: Callable[[RequestEvent], object] | None

    async def call(self, request: Request, delivery: Delivery | None = None) -> Response:
        """Send a request until it is answered or cannot be helped.

        ``delivery`` tells, after a cancellation too, how far the last attempt came. Raises what
        ``retries`` raises, UntrustedLinkError and AuthorizationError.
        """
        if request.headers is None:
            self.endpoint.check(request.url)
        tries: RetryPolicy | None = None
        delivery = delivery or Delivery()
        again, attempt = _FIRST, 0
        while True:
            attempt += 1
            if request.headers is None:
                token, result = await self._in_turn(request, delivery, attempt, first=again.first)
            else:
                token, result = "", await self._exchange(request, request.headers, delivery)
            if isinstance(result, Response) and result.succeeded:
                return result  # as nearly all do; nothing is left to judge
            if tries is None:
                tries = RetryPolicy(request=request, patience=self.patience)
            verdict = self._decided(tries, result, asyncio.get_running_loop().time())
            if isinstance(verdict, Response):
                return verdict
            again = verdict
            delivery.restart()
            if again.new_token:
                self.login.reject(token)
            if again.pause:
                await asyncio.sleep(again.pause)

    async def _in_turn(
        self, request: Request, delivery: Delivery, attempt: int, *, first: bool
    ) -> tuple[str, Response | NoResponse]:
        """Send a request when it is its turn, with the token of that moment."""
        if self.login.fresh is None:
            await self.login.token()
        limiter = self.limits.limiter(self.account, request.operation)
        waited = await limiter.acquire(first=first)
        clock = asyncio.get_running_loop().time
        result: Response | NoResponse | None = None
        try:
            token = self.login.latest or await self.login.token()
            if delivery.before_send is not None:
                await delivery.before_send()
            started = clock()
            result = await self._exchange(request, self._headers(request, token), delivery)
        finally:
            _tell(limiter, result)
        await limiter.publish()
        if self.on_request is not None or logger.isEnabledFor(logging.DEBUG):
            self._report(request, result, attempt, waited, clock() - started)
        return token, result

    async def _exchange(
        self, request: Request, headers: dict[str, str], delivery: Delivery
    ) -> Response | NoResponse:
        """Send one request once and read what comes back."""
        unwanted: tuple[str, ...] | None = None
        if request.headers is not None:
            unwanted = _NOT_SIGNED
        elif request.body is None and request.method != "GET":
            unwanted = _NO_BODY
        try:
            async with self.http.request(
                request.method,
                URL(request.url, encoded=True),
                data=(
                    repeatable_payload(request.body)
                    if request.repeatable
                    else tracked_payload(request.body or b"", delivery)
                ),
                headers=headers,
                skip_auto_headers=unwanted,
                allow_redirects=False,
            ) as response:
                delivery.status = response.status
                body, gap = await read_body(response)
                return Response(
                    status=response.status,
                    body=body,
                    url=request.url,
                    request_id=response.headers.get(_REQUEST_ID),
                    rate=response.headers.get(_RATE),
                    location=response.headers.get(hdrs.LOCATION),
                    gap=gap,
                )
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            # Not raised from here: its context would carry aiohttp's objects and our headers.
            return NoResponse(describe_failure(error), delivery.head_sent)

    def _headers(self, request: Request, token: str) -> dict[str, str]:
        headers = {
            "x-amz-access-token": token,
            "User-Agent": self.user_agent,
            "Accept": _ACCEPT,
        }
        if request.body is not None:
            headers["Content-Type"] = "application/json"
        return headers

    def _decided(
        self, tries: RetryPolicy, result: Response | NoResponse, now: float
    ) -> Response | Retry:
        try:
            verdict = tries.decide(result, now)
        except InDoubtError as doubt:
            logger.warning("%s", doubt)
            raise
        if isinstance(verdict, Retry) and isinstance(result, Response):
            request = tries.request
            logger.log(
                logging.WARNING if result.status == TOO_MANY else logging.INFO,
                "%s of order %s was answered %d and is sent again",
                *(request.operation, request.order_id, result.status),
            )
        return verdict

    def _report(
        self,
        request: Request,
        result: Response | NoResponse,
        attempt: int,
        waited: float,
        took: float,
    ) -> None:
        answer = result if isinstance(result, Response) else None
        event = RequestEvent(
            operation=request.operation,
            order_id=request.order_id,
            attempt=attempt,
            waited=waited,
            took=took,
            status=answer.status if answer else None,
            request_id=answer.request_id if answer else None,
            failure=None if isinstance(result, Response) else result.cause,
        )
        logger.debug("%s", event)
        if self.on_request is not None:
            try:
                self.on_request(event)
            except Exception:
                logger.exception("on_request failed; the request is not affected")


def _tell(limiter: Limiter, result: Response | NoResponse | None) -> None:
    """Return the limiter its turn back, with what the answer says about the quota."""
    if isinstance(result, Response):
        throttled = result.status == TOO_MANY
        limiter.answered(succeeded=not throttled, throttled=throttled, announced=result.rate)
    else:
        limiter.answered()
