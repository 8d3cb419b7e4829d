"""Quotas that any number of processes share through Redis; needs the extra ``redis``.

*Turns.* In each process one at a time stands at the shared bucket, first come, first served, and
holds one turn given in advance. When it is due, one call to Redis confirms it and takes the turn
of the next in line: one call per request in a queue, and nobody is refused and asks again. One
that waits alone needs a second call, unless the turn was given just before. So processes with a
queue are served in rotation.

*Change.* A 429, and a rate that one process lowered or doubled, void the turns of all; each process
learns of it with its next call, which is before its next request or a quarter of a second later.
A burst of 1 is paced from the answer, as in one process, but another process may have its turn
before that answer.

*Redis away.* Whatever the reason, no caller sees an error: each process goes on alone at its
share, 1/``processes`` of each quota, from an empty bucket, and tries Redis once a second while
somebody waits. One that was alone empties the shared bucket when it is back. If Redis is away for
some processes only, the others do not know it, and together they may send at more than the quota
until the 429s lower the rate.
"""

from collections.abc import Mapping
from functools import partial
from typing import Any

import attrs
from redis.asyncio import Redis

from spapi_messaging.quota.limiter import EndpointLimiter
from spapi_messaging.quota.plan import (
    MESSAGING_QUOTA,
    OPERATION_OF,
    Quota,
    by_operation,
    planned_quota,
)
from spapi_messaging.quota.redis_bucket import SharedBucket
from spapi_messaging.quota.redis_outage import RedisOutage
from spapi_messaging.quota.redis_turns import RedisBucket
from spapi_messaging.quota.served_loop import ServedLoop

__all__ = ["RedisRateLimits"]


def _positive(_: object, attribute: "attrs.Attribute[Any]", value: float) -> None:
    if not value > 0:
        raise ValueError(f"{attribute.name} is more than 0, not {value}")


@attrs.define
class RedisRateLimits:
    """The limiters of all sellers and operations, shared by all processes that use one Redis.

    In place of a RateLimits: ``MessagingSession(…, limits=RedisRateLimits(redis))``. ``redis`` is
    yours: it is never closed here. ``default`` and ``quotas`` are as in RateLimits, and the same in
    all processes. ``namespace`` begins all keys; they hold no name and no secret, and expire.
    ``processes``: how many there are at most; while Redis is away each sends at that part of the
    quota. ``timeout``: seconds that one call to Redis may take.

    Sellers are told apart by the name that the session gives them, which is made from the
    credentials unless ``seller`` names them.
    """

    redis: Redis = attrs.field(repr=False)
    default: Quota = attrs.field(default=MESSAGING_QUOTA, kw_only=True)
    quotas: Mapping[str, Quota] = attrs.field(factory=dict, kw_only=True, converter=by_operation)
    namespace: str = attrs.field(default="spapi-messaging", kw_only=True)
    processes: int = attrs.field(default=10, kw_only=True, validator=_positive)
    timeout: float = attrs.field(default=0.5, kw_only=True, validator=_positive)
    _outage: RedisOutage = attrs.field(init=False, repr=False)
    _served: ServedLoop = attrs.field(factory=ServedLoop, init=False, repr=False)
    """The loop of all limiters: a Redis has connections, which belong to one."""
    _limiters: dict[tuple[str, str], EndpointLimiter] = attrs.field(
        factory=dict, init=False, repr=False
    )

    def __attrs_post_init__(self) -> None:
        self._outage = RedisOutage(timeout=self.timeout, processes=self.processes)

    def limiter(self, account: str, operation: str) -> EndpointLimiter:
        """Return the limiter of a seller's operation: always the same one."""
        limiter = self._limiters.get((account, operation))
        if limiter is None:
            operation = OPERATION_OF.get(operation, operation)
            shared = SharedBucket(
                self.redis, namespace=self.namespace, account=account, operation=operation
            )
            plan = planned_quota(operation, default=self.default, quotas=self.quotas)
            limiter = EndpointLimiter(
                plan,
                new_bucket=partial(RedisBucket, shared=shared, outage=self._outage),
                served=self._served,
            )
            limiter = self._limiters.setdefault((account, operation), limiter)
        return limiter
