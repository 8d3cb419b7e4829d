"""How long to leave a server alone that did not serve: longer each time, up to a cap.

Source: https://docs.aws.amazon.com/general/latest/gr/api-retries.html (backoff with jitter)
"""

from collections.abc import Callable
from random import SystemRandom

import attrs

from spapi_messaging.transport.retry import FIRST_PAUSE, MAX_PAUSE

_STEPS = 10
"""Doublings after which the pause is beyond its cap."""

_draw = SystemRandom().random


@attrs.define
class Backoff:
    """The failures in a row, and the time before which nobody asks again; ``now`` is loop time."""

    failures: int = 0
    not_before: float = 0.0
    draw: Callable[[], float] = attrs.field(default=_draw, kw_only=True, repr=False)

    def failed(self, now: float, asked: float = 0.0) -> None:
        """Note a failure; ``asked``: seconds for which the server asks to be left alone."""
        pause = min(FIRST_PAUSE * 2 ** min(self.failures, _STEPS), MAX_PAUSE)
        self.failures += 1
        self.not_before = now + max(pause * (0.5 + self.draw() / 2), asked)

    def succeeded(self) -> None:
        """Note that it serves again."""
        self.failures, self.not_before = 0, 0.0

    def left(self, now: float) -> float:
        """Return the seconds that are left to wait."""
        return max(self.not_before - now, 0.0)
