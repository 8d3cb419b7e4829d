"""Checks of values that come from outside: from the sandbox's own API and from files.

A check takes a value and the name of its place, and returns the value to go on with or raises
`WrongValueError` with one sentence that names the place.
"""

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from spapi_messaging.marketplaces import Marketplace
from spapi_messaging.quota import Quota
from spapi_messaging.sandbox.api.names import UnknownNameError, action_named, operation_named
from spapi_messaging.sandbox.api.orders import ORDER_ID_FORM
from spapi_messaging.sandbox.api.static import STATIC_ORDERS

Check = Callable[[Any, str], Any]

MAX_SECONDS = 3600.0
MAX_RATE = 1e9
"""Requests per second; more is no limit."""
MAX_COUNT = 10**9
"""Of whatever is counted."""


class WrongValueError(ValueError):
    """A value is not what its place needs."""


def known_keys(checks: Mapping[str, Check]) -> Check:
    """Make a check of an object that has these keys and no others."""

    def check(value: Any, where: str) -> dict[str, Any]:
        if not isinstance(value, Mapping):
            raise WrongValueError(f"{where or 'the value'} must be an object")
        inside = f"{where}." if where else ""
        for name in value:
            if name not in checks:
                known = ", ".join(checks)
                raise WrongValueError(f"{inside}{name} is unknown; there is {known}")
        given = [name for name in checks if name in value]
        return {name: checks[name](value[name], f"{inside}{name}") for name in given}

    return check


def text(pattern: str, words: str) -> Check:
    """Make a check of a string of a form; ``words`` describe it."""
    form = re.compile(pattern, re.ASCII | re.DOTALL)

    def check(value: Any, where: str) -> str:
        if isinstance(value, str) and form.fullmatch(value):
            return value
        raise WrongValueError(f"{where} must be {words}")

    return check


def whole(low: int, high: int) -> Check:
    """Make a check of a whole number."""

    def check(value: Any, where: str) -> int:
        if isinstance(value, int) and not isinstance(value, bool) and low <= value <= high:
            return value
        raise WrongValueError(f"{where} must be a whole number from {low} to {high}")

    return check


def flag(value: Any, where: str) -> bool:
    """Check true or false."""
    if isinstance(value, bool):
        return value
    raise WrongValueError(f"{where} must be true or false")


def one_of(*words: str) -> Check:
    """Make a check of a word among few."""

    def check(value: Any, where: str) -> str:
        if isinstance(value, str) and value in words:
            return value
        raise WrongValueError(f"{where} must be one of {', '.join(words)}")

    return check


def optional(inner: Check) -> Check:
    """Make a check that lets null pass."""
    return lambda value, where: None if value is None else inner(value, where)


def list_of(inner: Check, most: int) -> Check:
    """Make a check of an array."""

    def check(value: Any, where: str) -> tuple[Any, ...]:
        if not _is_array(value):
            raise WrongValueError(f"{where} must be an array")
        if len(value) > most:
            raise WrongValueError(f"{where} has {len(value)} entries, and {most} is the most")
        return tuple(inner(item, f"{where}[{index}]") for index, item in enumerate(value))

    return check


def mapping_of(name: Check, inner: Check) -> Check:
    """Make a check of an object with names of a form."""

    def check(value: Any, where: str) -> dict[str, Any]:
        if not isinstance(value, Mapping):
            raise WrongValueError(f"{where} must be an object")
        return {
            name(key, f"the key {key!r} of {where}"): inner(item, f"{where}.{key}")
            for key, item in value.items()
        }

    return check


def json_object(value: Any, where: str) -> Mapping[str, Any]:
    """Check an object that JSON can write: no dates of TOML, no infinities."""
    if not isinstance(value, Mapping):
        raise WrongValueError(f"{where} must be an object")
    try:
        json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
    except (TypeError, ValueError, RecursionError) as wrong:
        raise WrongValueError(f"{where} must be what JSON can write") from wrong
    return value


def seconds(value: Any, where: str) -> float:
    """Check a number of seconds, an hour at most."""
    if _is_number(value) and 0 <= value <= MAX_SECONDS:
        return float(value)
    raise WrongValueError(f"{where} must be seconds, a number from 0 to 3600")


def latency(value: Any, where: str) -> float | tuple[float, float]:
    """Check seconds, or the range of seconds ``[low, high]``."""
    match value:
        case [first, second]:
            low, high = seconds(first, where), seconds(second, where)
            if low <= high:
                return low, high
        case [*_]:
            pass
        case _:
            return seconds(value, where)
    raise WrongValueError(f"{where} must be seconds or [low, high]")


def rate(value: Any, where: str) -> float:
    """Check requests per second."""
    if _is_number(value) and 0 < value <= MAX_RATE:
        return float(value)
    raise WrongValueError(f"{where} must be a number above 0, up to 1000000000")


burst = whole(1, MAX_COUNT)


def quota(value: Any, where: str) -> Quota | None:
    """Check a plan; ``"unlimited"``, or neither rate nor burst, means no limit."""
    if value == "unlimited":
        return None
    checks = {"rate": optional(rate), "burst": optional(burst)}
    plan = known_keys(checks)(value, where)
    given = {name: item for name, item in plan.items() if item is not None}
    if not given:
        return None
    for name in checks:
        if name not in given:
            raise WrongValueError(f"{where}.{name} is missing: a quota has both".lstrip("."))
    return Quota(**given)


def marketplace(value: Any, where: str) -> Marketplace:
    """Check the id or the name of a marketplace, in any letter case."""
    for member in Marketplace:
        if isinstance(value, str) and value.upper() in {member.name, member.value}:
            return member
    names = ", ".join(member.name for member in Marketplace)
    raise WrongValueError(f"{where} must be a marketplace's id, or its name: {names}")


def operation(value: Any, where: str, custom: Iterable[str] = ()) -> str:
    """Check an operation: any of its names, or a custom action of some order."""
    return _named(operation_named, value, where, custom)


def named_operation(value: Any, where: str) -> str:
    """Check an operation whose sandbox is not known yet: an order there may declare its name."""
    try:
        return operation(value, where)
    except WrongValueError:
        if re.fullmatch(r"[A-Za-z0-9_-]{1,64}", value if isinstance(value, str) else "", re.ASCII):
            return str(value)
        raise


def action(value: Any, where: str, custom: Iterable[str] = ()) -> str:
    """Check the name of an action: any of a documented one, or one that an order declares."""
    return _named(action_named, value, where, custom)


def _named(
    find: Callable[[object, Iterable[str]], str], value: Any, where: str, custom: Iterable[str]
) -> str:
    try:
        return find(value, custom)
    except UnknownNameError as wrong:
        raise WrongValueError(f"{where}: {wrong}" if where else str(wrong)) from wrong


def order_id(value: Any, where: str) -> str:
    """Check the id of an order, or of one of the static sandbox's."""
    if isinstance(value, str) and (value in STATIC_ORDERS or _ORDER_ID.fullmatch(value)):
        return value
    raise WrongValueError(
        f"{where} must be an order id such as 903-1671087-0812628 (3-7-7 digits) "
        "or D01-1671087-0812628"
    )


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_array(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str | bytes)


_ORDER_ID = re.compile(ORDER_ID_FORM, re.ASCII)
action_name = text(r"[A-Za-z0-9_-]{1,64}", "the name of an action")
locale = text(r"[A-Za-z0-9-]{2,35}", "a locale such as de-DE")
header_name = text(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}", "the name of a header")
header_value = text(r"[\t -~]{0,100000}", "printable ASCII")
seller = text(r"sandbox-[ -~]{0,200}", "a refresh token that begins with sandbox-")
