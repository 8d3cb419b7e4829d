"""One visible loop: token, limiter, aiohttp, and then an answer, another attempt or an error.

The token comes before the limiter's turn, so that nobody holds a turn while Login with Amazon
is asked; it is added to each request by itself, after the URL was compared with the endpoint.
Every attempt costs quota, and a request that was throttled goes first in line again, twice. What
is to be done when it has its turn, such as a journal's commit, may take long: a turn that has
grown too old by then is exchanged for another, so that a stall does not let all out at once.

A presigned URL is not an operation of Amazon's: what goes there gets neither a token nor a turn.

The token is a plain text in no frame that an error passes: an error tracker keeps the locals of
all of them. Here it is a Token, whose repr hides it, and only the HTTP client sees a header; what
breaks off there is a result, and a cancellation goes on without the client's frames.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from typing import Any, TypeAlias

import aiohttp
import attrs
from aiohttp import hdrs
from multidict import istr
from yarl import URL

from spapi_messaging.api import Endpoint
from spapi_messaging.errors import InDoubtError, NotSentError
from spapi_messaging.quota import Limiter, Limits
from spapi_messaging.redaction import describe_failure
from spapi_messaging.transport.access_token import Token
from spapi_messaging.transport.auth import Login
from spapi_messaging.transport.events import RequestEvent
from spapi_messaging.transport.pauses import asked_pause
from spapi_messaging.transport.payload import read_body, repeatable_payload, tracked_payload
from spapi_messaging.transport.request import Delivery, NoResponse, Request, Response
from spapi_messaging.transport.retry import Retry, RetryPolicy

logger = logging.getLogger("spapi_messaging")

_ACCEPT = "application/hal+json, application/json"
# Looked up in every answer: an istr is put into lower case once.
_REQUEST_ID = istr("x-amzn-RequestId")
_RATE = istr("x-amzn-RateLimit-Limit")
_ERROR = 400
_NO_BODY = ("Content-Type",)
# A presigned URL is signed over the headers it came with; aiohttp's own would be others.
_NOT_SIGNED = ("Accept", "Accept-Encoding", "Content-Type", "User-Agent")

_CLOSED = "the session was closed"

_Attempt: TypeAlias = tuple[Token | None, Response | NoResponse]
"""The token that was used, and what came of it."""


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
    _under_way: "dict[asyncio.Task[Any] | None, Delivery]" = attrs.field(
        factory=dict, init=False, repr=False
    )
    _given_up: "set[asyncio.Task[Any] | None]" = attrs.field(factory=set, init=False, repr=False)
    _closed: bool = attrs.field(default=False, init=False)

    def close(self) -> None:
        """Give up what has not left: its callers get a NotSentError. What has left is awaited."""
        self._closed = True
        for task, delivery in self._under_way.items():
            delivery.is_last = True
            if task not in {None, asyncio.current_task()} and not delivery.head_sent:
                self._given_up.add(task)
                task.cancel()

    async def call(self, request: Request, delivery: Delivery | None = None) -> Response:
        """Send a request to the endpoint until it is answered or cannot be helped.

        ``delivery`` tells, after a cancellation too, how far the last attempt came. Raises what
        ``retry`` raises, UntrustedLinkError and AuthorizationError.
        """
        self.endpoint.check(request.url)
        if self._closed:
            raise _closed_error(request)
        delivery = delivery or Delivery()
        self._under_way[asyncio.current_task()] = delivery
        try:
            attempt = await self._in_turn(request, delivery, 1, first=False)
            if isinstance(attempt[1], Response) and attempt[1].succeeded:
                return attempt[1]  # as nearly all do; nothing is left to decide

            async def again(number: int, retry: Retry) -> _Attempt:
                return await self._in_turn(request, delivery, number, first=retry.first)

            return await self._until_answered(request, delivery, attempt, again)
        except asyncio.CancelledError:
            if not self._gave_up():
                raise
        finally:
            del self._under_way[asyncio.current_task()]
        raise _closed_error(request)

    async def put(self, request: Request, headers: Mapping[str, str]) -> Response:
        """Send a request to a presigned URL, with the headers that it was signed over."""
        delivery = Delivery()

        async def again(_number: int, _retry: Retry) -> _Attempt:
            return None, await self._exchange(request, headers, delivery, _NOT_SIGNED)

        attempt = await again(1, Retry())
        return await self._until_answered(request, delivery, attempt, again, paced=False)

    async def _until_answered(
        self,
        request: Request,
        delivery: Delivery,
        attempt: _Attempt,
        again: Callable[[int, Retry], Awaitable[_Attempt]],
        *,
        paced: bool = True,
    ) -> Response:
        policy = RetryPolicy(
            request=request, patience=self.patience, may_retry=delivery.may_retry, paced=paced
        )
        clock, number = asyncio.get_running_loop().time, 1
        while True:
            token, result = attempt
            decision = _decided(policy, result, clock())
            if isinstance(decision, Response):
                return decision
            if self.http.closed:
                self.close()  # its owner has closed it: nobody else need wait to find out
                raise _closed_error(request)
            if decision.new_token and token is not None:
                self.login.reject(token)
            delivery.begin_attempt()
            if decision.pause:
                await asyncio.sleep(decision.pause)
            number += 1
            attempt = await again(number, decision)

    async def _in_turn(
        self, request: Request, delivery: Delivery, number: int, *, first: bool
    ) -> _Attempt:
        """Send a request when it is its turn, with the token of that moment."""
        if self.login.fresh is None:
            await self.login.token()
        limiter = self.limits.limiter(self.account, request.operation)
        waited = await limiter.acquire(first=first)
        clock = asyncio.get_running_loop().time
        result: Response | NoResponse | None = None
        try:
            token = self.login.latest
            if token is None or delivery.before_send is not None:
                token, again = await self._prepared(limiter, delivery)
                waited += again
            started = clock()
            unwanted = _NO_BODY if request.body is None and request.method != "GET" else None
            result = await self._exchange(request, token, delivery, unwanted)
        finally:
            _answer(limiter, result, delivery)
        if getattr(limiter, "is_shared", True):  # a limiter of the user's own need not say
            await limiter.publish()
        if self.on_request is not None or logger.isEnabledFor(logging.DEBUG):
            took = clock() - started
            self._report(RequestEvent.of(request, result, attempt=number, waited=waited, took=took))
        return token, result

    async def _prepared(self, limiter: Limiter, delivery: Delivery) -> tuple[Token, float]:
        """Do what is due before a request's first byte, and see to it that its turn is good then.

        Return the token, and the seconds that another turn took.
        """
        clock = asyncio.get_running_loop().time
        renew = getattr(limiter, "renew", None)  # a limiter of the user's own may have none
        prepare, waited = delivery.before_send, 0.0
        while True:
            taken_at = clock()
            token = self.login.latest or await self.login.token()
            if prepare is not None:
                await prepare()
            again = await renew(taken_at) if renew is not None else 0.0
            if not again:
                return token, waited
            prepare, waited = None, waited + again  # but the token may be another by now

    async def _exchange(
        self,
        request: Request,
        proof: Token | Mapping[str, str],
        delivery: Delivery,
        unwanted: tuple[str, ...] | None,
    ) -> Response | NoResponse:
        """Send a request once and read what comes back; ``proof``: the token, or signed headers."""
        body = request.body
        try:
            async with self.http.request(
                request.method,
                URL(request.url, encoded=True),
                data=(
                    repeatable_payload(body)
                    if request.repeatable
                    else tracked_payload(body or b"", delivery)
                ),
                headers=self._headers(request, proof) if isinstance(proof, Token) else proof,
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
                    asked_pause=asked_pause(response.headers) if response.status >= _ERROR else 0.0,
                )
        except asyncio.CancelledError as stop:
            _go_on(stop)
            return NoResponse("the connections were closed", delivery.head_sent)
        except Exception as error:  # noqa: BLE001  # of a closed client, RuntimeError
            # Not raised from here: its context would carry aiohttp's objects and our headers.
            return NoResponse(describe_failure(error), delivery.head_sent)

    def _headers(self, request: Request, token: Token) -> dict[str, str]:
        headers = {
            "x-amz-access-token": token.value,
            "User-Agent": self.user_agent,
            "Accept": _ACCEPT,
        }
        if request.body is not None:
            headers["Content-Type"] = "application/json"
        return headers

    def _gave_up(self) -> bool:
        """Say whether a call is cancelled because the session closes, and for nothing else."""
        task = asyncio.current_task()
        if task is None or task not in self._given_up:
            return False
        self._given_up.remove(task)
        return task.uncancel() == 0

    def _report(self, event: RequestEvent) -> None:
        logger.debug("%s", event)
        if self.on_request is not None:
            try:
                self.on_request(event)
            except Exception:
                logger.exception("on_request failed; the request is not affected")


def _go_on(stop: asyncio.CancelledError) -> None:
    """Let a cancellation go on, unless it is only of what aiohttp waited for."""
    task = asyncio.current_task()
    if task is None or task.cancelling():
        raise stop.with_traceback(None) from None  # aiohttp's frames hold our headers


def _closed_error(request: Request) -> NotSentError:
    error = NotSentError(request.operation, _CLOSED, request.order_id)
    error.passing = False
    return error


def _decided(policy: RetryPolicy, result: Response | NoResponse, now: float) -> Response | Retry:
    """Decide what follows, and say so in the log."""
    try:
        decision = policy.decide(result, now)
    except InDoubtError as doubt:
        logger.warning("%s", doubt)
        raise
    if isinstance(decision, Retry) and isinstance(result, Response):
        request, throttled = policy.request, result.status == HTTPStatus.TOO_MANY_REQUESTS
        logger.log(
            logging.WARNING if throttled else logging.INFO,
            "%s of order %s was answered %d and is sent again",
            *(request.operation, request.order_id, result.status),
        )
    return decision


def _answer(limiter: Limiter, result: Response | NoResponse | None, delivery: Delivery) -> None:
    """Return its turn to the limiter, with what the answer says about the quota."""
    if not isinstance(result, Response):
        limiter.answered()
    elif result.status != HTTPStatus.TOO_MANY_REQUESTS:
        limiter.answered(succeeded=True, announced=result.rate)
    elif not delivery.throttled:
        delivery.throttled = True
        limiter.answered(throttled=True, announced=result.rate)
    else:
        limiter.answered(throttled=True, repeated=True, announced=result.rate)
