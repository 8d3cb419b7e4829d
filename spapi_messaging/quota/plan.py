"""Usage plans: how many requests Amazon allows for each operation.

Source: the usage plans of the models messaging v1 and uploads 2020-11-01.
"""

from collections.abc import Mapping
from numbers import Integral, Real
from types import MappingProxyType

import attrs


@attrs.frozen(kw_only=True)
class Quota:
    """A usage plan: ``rate`` requests per second on average, ``burst`` of them at once.

    ``rate`` is positive and finite, ``burst`` at least 1 and whole. Raises ValueError for others.
    """

    rate: float
    burst: int

    def __attrs_post_init__(self) -> None:
        rate, burst = self.rate, self.burst
        if not (_is_number(rate, Real) and _is_number(burst, Integral)) or not (
            0 < rate < float("inf") and burst >= 1
        ):
            wanted = "a positive rate, not an infinite one, and a whole burst of 1 or more"
            raise ValueError(f"a quota needs {wanted}: {self}")


def _is_number(value: object, kind: type) -> bool:
    return isinstance(value, kind) and not isinstance(value, bool)


MESSAGING_QUOTA = Quota(rate=1, burst=5)
UPLOADS_QUOTA = Quota(rate=10, burst=10)
SANDBOX_QUOTA = Quota(rate=5, burst=15)
"""The plan of every operation in Amazon's static sandbox."""

_NAMES = (
    ("getMessagingActionsForOrder",),
    ("GetAttributes", "attributes"),
    ("confirmCustomizationDetails",),
    ("createConfirmDeliveryDetails", "confirmDeliveryDetails"),
    ("createLegalDisclosure", "legalDisclosure"),
    ("createNegativeFeedbackRemoval", "negativeFeedbackRemoval", "updateFeedback"),
    ("createConfirmOrderDetails", "confirmOrderDetails"),
    ("createConfirmServiceDetails", "confirmServiceDetails"),
    ("CreateAmazonMotors", "amazonMotors"),
    ("CreateWarranty", "warranty"),
    ("createDigitalAccessKey", "digitalAccessKey"),
    ("createUnexpectedProblem", "unexpectedProblem"),
    ("sendInvoice", "invoice"),
    ("createUploadDestinationForResource",),
    ("getActionSchema",),
)
"""All that has a limiter: each operation's name in the model, and what else it is called."""
OPERATION_OF: Mapping[str, str] = MappingProxyType(
    {name: names[0] for names in _NAMES for name in names}
)
"""Under whichever name an operation comes, its name in the model."""

PLANS: Mapping[str, Quota] = MappingProxyType({"createUploadDestinationForResource": UPLOADS_QUOTA})
"""The operations that have a plan of their own."""


def planned_quota(operation: str, *, default: Quota, quotas: Mapping[str, Quota]) -> Quota:
    """Return the quota that is configured for an operation."""
    return quotas.get(operation) or PLANS.get(operation, default)


def by_operation(quotas: Mapping[str, Quota]) -> Mapping[str, Quota]:
    """Return quotas under the operations' names in the model, whichever they came under.

    Raises ValueError for a name that no operation has, and for two of one; TypeError for a value
    that is no Quota.
    """
    found: dict[str, Quota] = {}
    for name, quota in quotas.items():
        operation = OPERATION_OF.get(name)
        if operation is None:
            known = ", ".join(dict.fromkeys(OPERATION_OF.values()))
            raise ValueError(f"a quota for {name!r}, but there are only {known}; see default")
        if operation in found:
            raise ValueError(f"two quotas for {operation}, one of them as {name!r}")
        if not isinstance(quota, Quota):
            raise TypeError(f"the quota for {name!r} is a Quota(rate=…, burst=…), not {quota!r}")
        found[operation] = quota
    return MappingProxyType(found)
