"""Plans and the operations they are for: what is wrong is said when it is made."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

import pytest
from redis.asyncio import Redis

from spapi_messaging.api.operations import (
    ACTION_NAMES,
    NAMES_OF,
    OPERATIONS,
    SCHEMA,
    UPLOAD_DESTINATION,
    operation_of,
)
from spapi_messaging.quota.limiter import RateLimits
from spapi_messaging.quota.plan import OPERATION_OF, Quota
from spapi_messaging.quota.redis import RedisRateLimits

PLAN = Quota(rate=2, burst=10)

Make = Callable[[Mapping[str, Any]], Any]
DOORS: dict[str, Make] = {
    "RateLimits": lambda quotas: RateLimits(quotas=quotas),
    "RedisRateLimits": lambda quotas: RedisRateLimits(Redis(), quotas=quotas),
}
at_each_door = pytest.mark.parametrize("door", DOORS.values(), ids=DOORS)


def test_the_names_are_those_of_all_operations() -> None:
    """They are written down a second time, since the operations are a room above."""
    named = {name: operation.name for name, operation in OPERATIONS.items()}
    for operation, names in NAMES_OF.items():
        named |= dict.fromkeys(names, operation)
    for name in ACTION_NAMES:
        found = operation_of(name)
        assert found is not None
        named[name] = found.name
    assert named | {name: name for name in (UPLOAD_DESTINATION, SCHEMA)} == OPERATION_OF


@at_each_door
@pytest.mark.parametrize("name", OPERATION_OF)
def test_a_quota_is_in_force_under_whichever_name_it_came(door: Make, name: str) -> None:
    limits = door({name: PLAN})
    limiter = limits.limiter("A", OPERATION_OF[name])
    assert limiter.configured == PLAN
    assert limits.limiter("A", name) is limiter, "it is the same operation's"


@at_each_door
@pytest.mark.parametrize(
    "name", ["Warranty", "createwarranty", "unexpectedproblem", "warranty ", "", "*", None]
)
def test_a_quota_for_a_name_that_no_operation_has_is_refused(door: Make, name: Any) -> None:
    """It would be without effect. The error lists what there is."""
    with pytest.raises(ValueError, match=r"there are only get.*CreateWarranty") as raised:
        door({name: PLAN})
    assert repr(name) in str(raised.value)
    assert UPLOAD_DESTINATION in str(raised.value)


@at_each_door
def test_two_quotas_for_one_operation_are_refused(door: Make) -> None:
    with pytest.raises(ValueError, match="two quotas for CreateWarranty"):
        door({"warranty": PLAN, "CreateWarranty": Quota(rate=1, burst=1)})


@at_each_door
@pytest.mark.parametrize("value", [2, None, {"rate": 2, "burst": 10}, (2, 10)])
def test_a_value_that_is_no_quota_is_refused(door: Make, value: object) -> None:
    with pytest.raises(TypeError, match="'warranty' is a Quota"):
        door({"warranty": value})


def test_a_quota_that_comes_later_is_refused_rather_than_ignored() -> None:
    limits: Any = RateLimits(quotas={"warranty": PLAN})
    with pytest.raises(TypeError):
        limits.quotas["invoice"] = PLAN
    limits.quotas = {"invoice": PLAN}
    assert limits.limiter("A", "sendInvoice").configured == PLAN


@pytest.mark.parametrize("rate", [0, -1, float("nan"), float("inf"), True, "1", None, Decimal(1)])
def test_a_rate_that_is_none_is_refused_when_it_is_made(rate: Any) -> None:
    with pytest.raises(ValueError, match="a quota needs a positive rate"):
        Quota(rate=rate, burst=5)


@pytest.mark.parametrize("burst", [0, -5, 1.5, 5.0, float("nan"), float("inf"), True, "5", None])
def test_a_burst_that_is_none_is_refused_when_it_is_made(burst: Any) -> None:
    with pytest.raises(ValueError, match="a whole burst of 1 or more"):
        Quota(rate=1, burst=burst)
