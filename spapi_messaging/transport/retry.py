"""What follows an attempt: an answer, another attempt, or an error.

The law of sending: a message is sent (2xx), refused (Amazon answered 4xx), not sent (no byte
of it left) or in doubt (everything else), and what is in doubt is never sent again. Amazon
has no idempotency key and no way to read messages back, so a repeated POST may be a second
message to the buyer. 429 and a rejected token are answered before a request is processed and
are safe to repeat; so is everything that says nothing to a buyer (``repeatable``). A 2xx that
is not Amazon's own yes is a doubt, and no answer to a question.

Nobody is hammered: what is repeated waits for its limiter's turn or, where no limiter paces it,
for a pause that grows; and always for as long as the server asks, up to a minute.
"""

from collections.abc import Callable
from http import HTTPStatus
from random import SystemRandom

import attrs

from spapi_messaging.api import api_error, doubt_about, has_errors
from spapi_messaging.errors import (
    ApiError,
    DecodeError,
    InDoubtError,
    MessagingError,
    NotSentError,
    ServerError,
    ThrottledError,
    TokenRejectedError,
    UntrustedLinkError,
)
from spapi_messaging.redaction import clipped, safe_url
from spapi_messaging.transport.access_token import Token
from spapi_messaging.transport.request import NoResponse, Request, Response, is_success

FIRST_PAUSE = 0.5
MAX_PAUSE = 20.0
THROTTLES_AT_THE_FRONT = 2
"""429s after which a request goes first in line again; then it may be its order's own, and waits
behind the others, who shall not be held up by it."""
_SLOW_DOWN = "SlowDown"
"""S3's code for too many requests, which it answers with 503."""
_MAX_CODE = 60

_NOT_PROCESSED = frozenset(
    {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.MISDIRECTED_REQUEST, HTTPStatus.TOO_EARLY}
)
"""The server did not look at the request: asked another time, it may."""

_draw = SystemRandom().random
"""Spreads the pauses of many, which the random module would do as well."""


@attrs.frozen(kw_only=True)
class Retry:
    """Try again after ``pause`` seconds, first in line if the request had its turn before."""

    pause: float = 0.0
    first: bool = False
    new_token: bool = False


def _always() -> bool:
    return True


@attrs.define(kw_only=True)
class RetryPolicy:
    """The attempts of one request, and what follows each."""

    request: Request
    patience: float
    """Seconds for which 429s are waited out, from the first one on."""
    may_retry: Callable[[], bool] = _always
    """Asked before each further attempt; where it says no, the error of the last one is raised."""
    token: Token | None = attrs.field(default=None, init=False)
    """That of the attempt that is decided on."""
    paced: bool = True
    """Whether a limiter makes what was throttled wait."""
    max_attempts: int = 4
    """Attempts that may fail for another reason than the quota."""
    draw: Callable[[], float] = _draw
    _failed: int = attrs.field(default=0, init=False)
    _throttles: int = attrs.field(default=0, init=False)
    _throttled_since: float | None = attrs.field(default=None, init=False)
    _token_renewed: bool = attrs.field(default=False, init=False)

    def decide(self, result: Response | NoResponse, now: float) -> Response | Retry:
        """Return the answer if it is one, or the way to try again; raises what cannot be helped."""
        if isinstance(result, NoResponse):
            return self._after_loss(result)
        if is_success(result.status):
            return self._after_success(result)
        if result.status < HTTPStatus.BAD_REQUEST:
            raise self._redirect_error(result)
        return self._after_error(result, now)

    def _after_loss(self, failure: NoResponse) -> Retry:
        request = self.request
        if failure.head_sent and not request.repeatable:
            raise InDoubtError(request.operation, failure.cause, request.order_id)
        retry = None if failure.lasting else self._after_failure()
        if retry is None:
            error = NotSentError(request.operation, failure.cause, request.order_id)
            error.passing = not failure.lasting
            raise error
        return retry

    def _after_success(self, answer: Response) -> Response | Retry:
        request = self.request
        if not request.repeatable:
            self._doubt(answer)
            return answer
        if answer.gap is None:
            if has_errors(answer.body):
                raise self._api_error(answer)
            return answer
        retry = self._after_failure()
        if retry is None:
            raise DecodeError(request.operation, "the body", answer.gap, request.order_id)
        return retry

    def _doubt(self, answer: Response) -> None:
        """Raise InDoubtError unless a 2xx is Amazon's yes to a message."""
        request = self.request
        doubt = doubt_about(
            answer.body,
            request_id=answer.request_id,
            media_type=answer.media_type,
            is_whole=answer.gap is None,
        )
        if doubt is not None:
            error = self._api_error(answer)
            code = f", {clipped(error.code, _MAX_CODE)}" if error.code else ""
            cause = f"answered {answer.status} with {doubt}{code}"
            raise InDoubtError(request.operation, cause, request.order_id, answer.request_id) from (
                error if error.code else None
            )

    def _redirect_error(self, answer: Response) -> MessagingError:
        request = self.request
        if not request.repeatable:
            # A server may well answer so after it has processed the message.
            cause = f"answered {answer.status}, a redirect, which is not followed"
            return InDoubtError(request.operation, cause, request.order_id, answer.request_id)
        fault = f"it is where {request.operation} was redirected to ({answer.status})"
        return UntrustedLinkError(safe_url(answer.location or ""), fault, request.order_id)

    def _after_error(self, answer: Response, now: float) -> Retry:
        request, error = self.request, self._api_error(answer)
        retry: Retry | None = None
        if isinstance(error, ThrottledError) or (not self.paced and error.code == _SLOW_DOWN):
            retry = self._after_throttle(now, answer.asked_pause)
        elif isinstance(error, TokenRejectedError) and self.paced:
            retry = self._after_rejected_token()
        elif isinstance(error, ServerError):
            if not request.repeatable:
                doubt = f"answered {answer.status}"
                raise InDoubtError(
                    request.operation, doubt, request.order_id, answer.request_id
                ) from error
            retry = self._after_failure(answer.asked_pause)
        elif request.repeatable and answer.status in _NOT_PROCESSED:
            retry = self._after_failure(answer.asked_pause)
        if retry is None:
            raise error
        return retry

    def _api_error(self, answer: Response) -> ApiError:
        return api_error(
            answer.status,
            answer.body,
            operation=self.request.operation,
            order_id=self.request.order_id,
            request_id=answer.request_id,
            said=self.request.body,
            token=self.token.value if self.token else None,
        )

    def _after_throttle(self, now: float, asked: float) -> Retry | None:
        if self._throttled_since is None:
            self._throttled_since = now
        self._throttles += 1
        patient = now - self._throttled_since + asked < self.patience
        if not patient or not self.may_retry():
            return None
        at_the_back = self._throttles - (THROTTLES_AT_THE_FRONT if self.paced else 0)
        own = self._backoff(at_the_back) if at_the_back > 0 else 0.0
        return Retry(pause=asked + own, first=at_the_back <= 0)

    def _after_rejected_token(self) -> Retry | None:
        if self._token_renewed or not self.may_retry():
            return None
        self._token_renewed = True
        return Retry(first=True, new_token=True)

    def _after_failure(self, asked: float = 0.0) -> Retry | None:
        self._failed += 1
        if self._failed >= self.max_attempts or not self.may_retry():
            return None
        return Retry(pause=max(self._backoff(self._failed), min(asked, self.patience)))

    def _backoff(self, number: int) -> float:
        pause = min(FIRST_PAUSE * 2.0 ** min(number - 1, 10), MAX_PAUSE)
        return pause * (0.5 + self.draw() / 2)
