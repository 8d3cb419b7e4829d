"""Usage plans: how many requests Amazon allows for each operation.

Source: the usage plans of the models messaging v1 and uploads 2020-11-01.
"""

from collections.abc import Mapping
from types import MappingProxyType

import attrs


@attrs.frozen(kw_only=True)
class Quota:
    """A usage plan: ``rate`` requests per second on average, ``burst`` of them at once.

    ``rate`` is positive and finite, ``burst`` at least 1.
    """

    rate: float
    burst: int

    def __attrs_post_init__(self) -> None:
        if not 0 < self.rate < float("inf") or self.burst < 1:
            raise ValueError(f"a quota needs a positive rate and a burst of 1 or more, not {self}")


MESSAGING_QUOTA = Quota(rate=1, burst=5)
UPLOADS_QUOTA = Quota(rate=10, burst=10)
SANDBOX_QUOTA = Quota(rate=5, burst=15)
"""The plan of every operation in Amazon's static sandbox."""

PLANS: Mapping[str, Quota] = MappingProxyType({"createUploadDestinationForResource": UPLOADS_QUOTA})
"""The operations that have a plan of their own."""


def planned_quota(operation: str, *, default: Quota, quotas: Mapping[str, Quota]) -> Quota:
    """Return the quota that is configured for an operation."""
    return quotas.get(operation) or PLANS.get(operation, default)
