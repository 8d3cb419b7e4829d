"""Quotas: at most as many requests as the plan allows, first come, first served."""

from spapi_messaging.quota.limiter import RateLimits
from spapi_messaging.quota.plan import MESSAGING_QUOTA, SANDBOX_QUOTA, UPLOADS_QUOTA, Quota
from spapi_messaging.quota.protocols import Limiter, Limits

__all__ = [
    "MESSAGING_QUOTA",
    "SANDBOX_QUOTA",
    "UPLOADS_QUOTA",
    "Limiter",
    "Limits",
    "Quota",
    "RateLimits",
]
