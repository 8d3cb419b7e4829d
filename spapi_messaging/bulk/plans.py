"""What a run's quotas are, for the journal: only by them can a report say what was allowed.

A plan is written once for each operation of a seller, before its first message, and again if
Amazon announces a higher rate, which the limiter then takes. A rate that answers lowered is none.
"""

from collections.abc import Callable, Iterator

import attrs

from spapi_messaging.bulk.journal import Plan
from spapi_messaging.bulk.seller import Seller
from spapi_messaging.quota import Limiter, Quota


@attrs.define
class PlanNotes:
    """Remembers the plans that a run has written into its journal."""

    clock: Callable[[], float]
    """Wall time in seconds, for the journal."""
    _noted: dict[tuple[str, str], float] = attrs.field(factory=dict, init=False)
    """The rates that are written, by seller and operation."""

    def news(self, session: Seller, operations: tuple[str, ...]) -> Iterator[Plan]:
        """Yield what is new of the plans of a seller's operations."""
        for operation in operations:
            quota = _planned(session.limits.limiter(session.account, operation))
            name = (session.seller, operation)
            if quota.rate > self._noted.get(name, 0):
                self._noted[name] = quota.rate
                yield Plan(
                    began_at=self.clock(),
                    seller=session.seller,
                    operation=operation,
                    rate=quota.rate,
                    burst=quota.burst,
                )


def _planned(limiter: Limiter) -> Quota:
    """Return what was configured, or what is in force by now if that is more.

    A limiter of the user's own may tell what is in force alone.
    """
    in_force = limiter.quota
    configured: Quota = getattr(limiter, "configured", in_force)
    return configured if configured.rate >= in_force.rate else in_force
