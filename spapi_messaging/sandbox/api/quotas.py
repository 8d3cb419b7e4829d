"""Token buckets per seller and operation, as Amazon's usage plans have them.

A bucket starts full, holds at most ``burst``, and gains ``rate`` each second. Time is handed
in. Source: https://developer-docs.amazon.com/sp-api/docs/usage-plans-and-rate-limits.
"""

from collections import Counter

import attrs

from spapi_messaging.api import UPLOAD_DESTINATION
from spapi_messaging.quota import MESSAGING_QUOTA, UPLOADS_QUOTA, Quota

MAX_BUCKETS = 100_000
"""Buckets that are remembered; the oldest are forgotten and then are full again."""
_ROUNDING = 1e-9


@attrs.define
class Bucket:
    """What one seller has left for one operation."""

    tokens: float
    updated: float
    throttled: int = 0

    def left(self, quota: Quota, now: float) -> float:
        """Say how many tokens there are now."""
        gained = max(0.0, now - self.updated) * quota.rate
        return min(quota.burst, self.tokens + gained)

    def take(self, quota: Quota, now: float) -> bool:
        """Take one token if there is one."""
        self.tokens, self.updated = self.left(quota, now), now
        if self.tokens < 1 - _ROUNDING:
            self.throttled += 1
            return False
        self.tokens -= 1
        return True


@attrs.define
class Quotas:
    """All plans and buckets. A plan of None is not enforced."""

    default: Quota | None = MESSAGING_QUOTA
    plans: dict[str, Quota | None] = attrs.field(
        factory=lambda: {UPLOAD_DESTINATION: UPLOADS_QUOTA}
    )
    throttled: Counter[str] = attrs.field(factory=Counter)
    """Refused requests by operation."""
    buckets: dict[tuple[str, str], Bucket] = attrs.field(factory=dict, repr=False)

    def plan(self, operation: str) -> Quota | None:
        """Return the plan of an operation."""
        return self.plans.get(operation, self.default)

    def set(self, operation: str | None, plan: Quota | None) -> None:
        """Change the plan of one operation, or of all; its buckets keep what they hold."""
        if operation is None:
            self.default = plan
            self.plans.clear()
        else:
            self.plans[operation] = plan

    def take(self, seller: str, operation: str, now: float) -> bool:
        """Take one token of a seller's bucket, or count a throttled request."""
        plan = self.plan(operation)
        if plan is None:
            return True
        key = (seller, operation)
        bucket = self.buckets.get(key)
        if bucket is None:
            bucket = self.buckets[key] = Bucket(plan.burst, now)
            if len(self.buckets) > MAX_BUCKETS:
                del self.buckets[next(iter(self.buckets))]
        if bucket.take(plan, now):
            return True
        self.throttled[operation] += 1
        return False
