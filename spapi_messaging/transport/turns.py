"""The turns of one operation, at a limiter of ours or at a user's own, which may do less."""

from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Final

import attrs

from spapi_messaging.quota import Limiter
from spapi_messaging.transport.request import Delivery, NoResponse, Response

_THROTTLED: Final = int(HTTPStatus.TOO_MANY_REQUESTS)


def _never() -> bool:
    return False


async def _never_too_old(_taken_at: float) -> float:
    return 0.0


@attrs.frozen
class Turns:
    """Where the requests of one operation take their turns, and say what became of them."""

    limiter: Limiter
    is_shared: bool
    """Whether other processes are to be told what the answers changed."""
    take: Callable[[], bool] = attrs.field(repr=False)
    """Take a turn if one is at hand; where it says no, `wait` is awaited."""
    wait: Callable[..., Awaitable[float]] = attrs.field(repr=False)
    """Wait for a turn, ``first`` in line or not; returns the seconds it took."""
    renew: Callable[[float], Awaitable[float]] = attrs.field(repr=False)
    """Exchange a turn that is too old by now; returns the seconds it took."""

    @classmethod
    def at(cls, limiter: Limiter) -> "Turns":
        """Find out what a limiter can do beyond what each can."""
        takes = hasattr(limiter, "take") and hasattr(limiter, "wait")
        return cls(
            limiter,
            getattr(limiter, "is_shared", True),
            limiter.take if takes else _never,
            limiter.wait if takes else limiter.acquire,
            getattr(limiter, "renew", _never_too_old),
        )

    def answered(self, result: Response | NoResponse | None, delivery: Delivery) -> None:
        """Return a turn, with what the answer says about the quota."""
        if not isinstance(result, Response):
            self.limiter.answered()
        elif result.status != _THROTTLED:
            self.limiter.answered(succeeded=True, announced=result.rate)
        elif not delivery.throttled:
            delivery.throttled = True
            self.limiter.answered(throttled=True, announced=result.rate)
        else:
            self.limiter.answered(throttled=True, repeated=True, announced=result.rate)
