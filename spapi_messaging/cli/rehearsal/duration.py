"""How long a run takes at a plan, and how people say it."""

from collections import Counter
from collections.abc import Iterator, Mapping

from spapi_messaging.quota import Quota

_MINUTE, _HOUR, _DAY = 60, 3600, 86_400
_EXACT_FOR = 10 * _MINUTE
"""Seconds up to which seconds are said."""


def seconds_at(
    quota: Quota, sent: Mapping[tuple[str, str], int], asked: Mapping[str, int]
) -> float:
    """Return how long the slowest takes: discovery, or an operation, of one account.

    They overlap, and each seller's quota is the seller's own. ``sent``: messages by account and
    operation; ``asked``: orders that are asked, by account.
    """
    return max((_seconds(quota, n) for n in (*sent.values(), *asked.values())), default=0.0)


def _seconds(quota: Quota, requests: int) -> float:
    return max(requests - quota.burst, 0) / quota.rate


def in_words(seconds: float) -> str:
    """Say a duration as people do: "about 2 hours 47 minutes"."""
    if seconds < 1:
        return "less than a second"
    if round(seconds) < _EXACT_FOR:
        units = ((_MINUTE, "minute"), (1, "second"))
    elif round(seconds / _MINUTE) < 2 * _DAY / _MINUTE:
        seconds = round(seconds / _MINUTE) * _MINUTE
        units = ((_HOUR, "hour"), (_MINUTE, "minute"))
    else:
        seconds = round(seconds / _HOUR) * _HOUR
        units = ((_DAY, "day"), (_HOUR, "hour"))
    return f"about {' '.join(_parts(round(seconds), units))}"


def _parts(seconds: int, units: tuple[tuple[int, str], ...]) -> Iterator[str]:
    for size, name in units:
        count, seconds = divmod(seconds, size)
        if count:
            yield f"{count} {name}{'' if count == 1 else 's'}"


def at_plan(quota: Quota) -> str:
    """Name a plan: "1 request a second, burst 5"."""
    many = "" if quota.rate == 1 else "s"
    return f"{quota.rate:g} request{many} a second, burst {quota.burst}"


def accounts_of(sent: Mapping[tuple[str, str], int]) -> int:
    """Count the accounts that something would be sent for."""
    return len(Counter(account for account, _ in sent))
