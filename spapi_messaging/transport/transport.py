"""One visible loop: token, limiter, aiohttp, and then an answer, another attempt or an error.

The token comes before the limiter's turn, so that nobody holds a turn while Login with Amazon
is asked; it is added to each request by itself, after the URL was compared with the endpoint.
Every attempt costs quota, and a request that was throttled goes first in line again, twice. What
is to be done when it has its turn, such as a journal's commit, may take long: a turn that has
grown too old by then is exchanged for another, so that a stall does not let all out at once.

A presigned URL is not an operation of Amazon's: what goes there gets neither a token nor a turn.
"""

import asyncio
import functools
import logging
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from typing import Any, TypeAlias

import aiohttp
import attrs

from spapi_messaging.api import Endpoint
from spapi_messaging.errors import InDoubtError, NotSentError
from spapi_messaging.quota import Limits
from spapi_messaging.transport.access_token import Token
from spapi_messaging.transport.auth import Login
from spapi_messaging.transport.events import RequestEvent
from spapi_messaging.transport.exchange import Exchange
from spapi_messaging.transport.request import (
    SESSION_CLOSED,
    SUCCESSES,
    Delivery,
    NoResponse,
    Request,
    Response,
)
from spapi_messaging.transport.retry import Retry, RetryPolicy
from spapi_messaging.transport.turns import Turns

logger = logging.getLogger("spapi_messaging")

_AMAZONS_YES = (b"{}", b"")
_FIRST = Retry()
"""Nothing went before the first attempt."""

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
    _exchange: Exchange = attrs.field(init=False, repr=False)
    _storage: Exchange = attrs.field(init=False, repr=False)
    """With the storage: it proves nothing of how Amazon's endpoint treats connections."""
    _under_way: "dict[asyncio.Task[Any] | None, Delivery]" = attrs.field(
        factory=dict, init=False, repr=False
    )
    _given_up: "set[asyncio.Task[Any] | None]" = attrs.field(factory=set, init=False, repr=False)
    _closed: bool = attrs.field(default=False, init=False)
    _turns: dict[str, Turns] = attrs.field(factory=dict, init=False, repr=False)
    """By operation."""

    @_exchange.default
    @_storage.default
    def _make_exchange(self) -> Exchange:
        return Exchange(http=self.http, user_agent=self.user_agent)

    def close(self) -> None:
        """Give up what has not left: its callers get a NotSentError.

        What has left ends with its connection, and is in doubt if that is closed before its answer.
        """
        self._closed = True
        self._exchange.close()
        self._storage.close()
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
        delivery, task = delivery or Delivery(), asyncio.current_task()
        self._under_way[task] = delivery
        try:
            attempt = await self._in_turn(request, delivery, 1, _FIRST)
            answer = attempt[1]
            if isinstance(answer, Response) and _is_plain_yes(request, answer, delivery):
                return answer  # as nearly all are; nothing is left to decide
            # A function of its own here would make cells of what each call that waits holds.
            again = functools.partial(self._in_turn, request, delivery)
            return await self._until_answered(request, delivery, attempt, again)
        except asyncio.CancelledError:
            if not self._gave_up():
                if delivery.known is None and not request.repeatable:
                    logger.warning("%s", _doubt_of_cancelled(request))
                raise
        finally:
            del self._under_way[task]
            if self._given_up:  # it may have ended by another error: nothing of it stays
                self._gave_up()
        raise _closed_error(request)

    async def put(self, request: Request, headers: Mapping[str, str]) -> Response:
        """Send a request to a presigned URL, with the headers that it was signed over."""
        delivery = Delivery()

        async def again(_number: int, _retry: Retry) -> _Attempt:
            return None, await self._storage.make(request, headers, delivery)

        attempt = await again(1, _FIRST)
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
            policy.token = token
            if self.http.closed:
                self.close()  # its owner has closed it: nobody else need wait to find out
            decision = _decided(policy, result, clock())
            if isinstance(decision, Response):
                return decision
            if self._closed:
                raise _closed_error(request)
            if decision.new_token and token is not None:
                self.login.reject(token)
            delivery.begin_attempt()
            if decision.pause:
                await asyncio.sleep(decision.pause)
            number += 1
            attempt = await again(number, decision)

    async def _in_turn(
        self, request: Request, delivery: Delivery, number: int, retry: Retry
    ) -> _Attempt:
        """Send a request when it is its turn, with the token of that moment."""
        if self.login.fresh is None:
            await self.login.token()
        turns = self._turns.get(request.operation) or self._turns_of(request.operation)
        waited = 0.0 if turns.take() else await turns.wait(first=retry.first)
        clock = asyncio.get_running_loop().time
        result: Response | NoResponse | None = None
        try:
            token = self.login.latest if waited else self.login.at_hand
            if token is None or delivery.before_send is not None:
                token, again = await self._prepared(turns, delivery)
                waited += again
            started = clock()
            result = await self._exchange.make(request, token, delivery)
        finally:
            turns.answered(result, delivery)
        if turns.is_shared:
            await turns.limiter.publish()
        if self.on_request is not None or logger.isEnabledFor(logging.DEBUG):
            took = clock() - started
            self._report(RequestEvent.of(request, result, attempt=number, waited=waited, took=took))
        return token, result

    def _turns_of(self, operation: str) -> Turns:
        turns = Turns.at(self.limits.limiter(self.account, operation))
        return self._turns.setdefault(operation, turns)

    async def _prepared(self, turns: Turns, delivery: Delivery) -> tuple[Token, float]:
        """Do what is due before a request's first byte, and see to it that its turn is good then.

        Return the token, and the seconds that another turn took.
        """
        clock = asyncio.get_running_loop().time
        prepare, waited = delivery.before_send, 0.0
        while True:
            taken_at = clock()
            token = self.login.latest or await self.login.token()
            if prepare is not None:
                await prepare()
            again = await turns.renew(taken_at)
            if not again:
                return token, waited
            prepare, waited = None, waited + again  # but the token may be another by now

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


def _is_plain_yes(request: Request, answer: Response, delivery: Delivery) -> bool:
    """Say whether an answer is a yes at first sight; a page leaves the status open."""
    if answer.gap is not None or answer.status not in SUCCESSES:
        return False
    if request.repeatable:
        return b"errors" not in answer.body
    return answer.body in _AMAZONS_YES and delivery.status is not None


def _doubt_of_cancelled(request: Request) -> InDoubtError:
    return InDoubtError(request.operation, "cancelled when it had left", request.order_id)


def _closed_error(request: Request) -> NotSentError:
    error = NotSentError(request.operation, SESSION_CLOSED, request.order_id)
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
