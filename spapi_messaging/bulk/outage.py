"""While Amazon cannot be reached, a seller's jobs wait instead of being used up.

Not sent is proof, so the job can be done again as a whole. The first that finds nobody, at the
endpoint or at Login with Amazon, begins the outage; from then on one job tries at a time, after
pauses that grow, and the others wait for what it finds. The first that gets through ends it for
all. Once it has lasted for ``patience``, each try that fails is told to all that wait, and ends
their jobs. Credentials that are refused are not tried again in the same run, nor are such whose
fresh tokens are rejected one after the other.

An upload that finds nobody at the storage holds up its own job only: the others may need none.
"""

import asyncio
import copy
import logging
from collections.abc import Awaitable, Callable
from typing import TypeAlias, TypeVar, TypeVarTuple

import attrs

from spapi_messaging.errors import (
    ApiError,
    AuthorizationError,
    MessagingError,
    NotSentError,
    TokenRejectedError,
    UploadError,
)
from spapi_messaging.transport import Backoff

T = TypeVar("T")
Ts = TypeVarTuple("Ts")

MAX_REJECTED = 3
"""Jobs in a row whose fresh tokens were rejected; one alone may be its order's matter."""

logger = logging.getLogger("spapi_messaging")

Away: TypeAlias = NotSentError | AuthorizationError
_Probe: TypeAlias = asyncio.Future[NotSentError | AuthorizationError | None]


def away_in(error: BaseException | None) -> Away | None:
    """Return the error that says that nobody was there for now, which may be another's cause."""
    if isinstance(error, UploadError):
        error = error.__cause__
    is_away = isinstance(error, NotSentError | AuthorizationError) and error.passing
    return error if isinstance(error, NotSentError | AuthorizationError) and is_away else None


@attrs.define
class Outage:
    """The outage of one seller, while there is one; ``patience`` in seconds."""

    seller: str
    patience: float
    _began: float | None = attrs.field(default=None, init=False)
    _backoff: Backoff = attrs.field(factory=Backoff, init=False)
    _probe: _Probe | None = attrs.field(default=None, init=False)
    """Resolved by the job that tries for all: to the error that ends those that wait, or None."""
    _refusal: MessagingError | None = attrs.field(default=None, init=False)
    _rejected: int = attrs.field(default=0, init=False)
    """Fresh tokens that were rejected since something was answered."""

    @property
    def is_on(self) -> bool:
        """Whether its jobs wait now."""
        return self._began is not None and self._refusal is None

    async def through(
        self,
        order_id: str,
        attempt: Callable[[*Ts], Awaitable[T]],
        *given: *Ts,
    ) -> T:
        """Do an attempt at a job, and again while nobody is there; raises what the last raised.

        ``attempt`` is called anew each time, with what is ``given``, and must leave nothing behind
        that sends.
        """
        first_failed: float | None = None
        own: Backoff | None = None
        while True:
            probe = await self._admission(order_id)
            told: Away | None = None
            try:
                result = await attempt(*given)
            except MessagingError as error:
                now = asyncio.get_running_loop().time()
                away = away_in(error)
                if away is None:
                    self._learn(error)
                    raise
                first_failed = now if first_failed is None else first_failed
                own = Backoff() if own is None else own
                if isinstance(error, UploadError):
                    own.failed(now)
                else:
                    self._failed(away, now)
                if now - self._since(first_failed, error) >= self.patience:
                    told = None if isinstance(error, UploadError) else away
                    raise
            else:
                self._rejected = 0
                self._over()
                return result
            finally:
                self._tell(probe, told)
            await asyncio.sleep(own.left(now))

    async def _admission(self, order_id: str) -> _Probe | None:
        """Wait until a job may try; return a probe if it tries for all that wait."""
        loop = asyncio.get_running_loop()
        while self._began is not None and self._refusal is None:
            if self._probe is None:
                probe = self._probe = loop.create_future()
                try:
                    # One that began before the outage may get through meanwhile, and end it.
                    await asyncio.wait([probe], timeout=self._backoff.left(loop.time()))
                except BaseException:
                    self._tell(probe, None)
                    raise
                return probe
            failure = await asyncio.shield(self._probe)
            if failure is not None:
                raise _of_order(failure, order_id)
        if self._refusal is not None:
            raise _of_order(self._refusal, order_id)
        return None

    def _since(self, first_failed: float, error: MessagingError) -> float:
        """Return the time from which on a job has been waiting."""
        if isinstance(error, UploadError) or self._began is None:
            return first_failed
        return min(first_failed, self._began)

    def _failed(self, away: Away, now: float) -> None:
        if self._began is None:
            self._began = now
            cause = away.cause if isinstance(away, NotSentError) else away.description
            logger.warning(
                "Amazon cannot be reached for %s (%s); its jobs wait, up to %g s",
                *(self.seller, cause or "no answer", self.patience),
            )
        if now >= self._backoff.not_before:  # those that failed at the same time count once
            self._backoff.failed(now)

    def _learn(self, error: MessagingError) -> None:
        """Take notice of an error that Amazon answered."""
        if isinstance(error, ApiError):
            self._over()
        self._rejected = self._rejected + 1 if isinstance(error, TokenRejectedError) else 0
        refused = isinstance(error, AuthorizationError) and error.error != "closed"
        if refused or self._rejected >= MAX_REJECTED:
            self._refusal = copy.copy(error)

    def _over(self) -> None:
        if self._began is not None:
            logger.info("Amazon can be reached again for %s", self.seller)
            self._began = None
            self._backoff.succeeded()
            self._tell(self._probe, None)

    def _tell(self, probe: _Probe | None, failure: Away | None) -> None:
        """Tell all that wait for a job what it found."""
        if probe is not None and not probe.done():
            probe.set_result(failure)
        if probe is self._probe:
            self._probe = None


def _of_order(error: MessagingError, order_id: str) -> MessagingError:
    """Make the same error for another order."""
    if isinstance(error, NotSentError | TokenRejectedError):
        return attrs.evolve(error, order_id=order_id)
    return copy.copy(error)
