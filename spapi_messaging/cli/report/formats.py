"""How a report writes numbers, the same in every locale."""

from collections.abc import Mapping

from spapi_messaging.cli.moments import seconds

_WHOLE_FROM = 10
"""From here on, a number is written without decimals."""
_WHOLE: Mapping[float, str] = {1: "second", 60: "minute", 3600: "hour", 86_400: "day"}
_MIN_PERCENT, _MAX_PERCENT = 0.1, 99.9


def number(value: float) -> str:
    """Write 12345.6 as 12,346 and 3.14 as 3.1."""
    rounded = round(value, 1) if abs(value) < _WHOLE_FROM else round(value)
    return f"{rounded:,.1f}".removesuffix(".0")


def share(part: float, whole: float) -> str:
    """Write a part of a whole in percent; a little is never written as nothing, nor as all."""
    if not part or part == whole:
        return "100 %" if part else "0 %"
    percent = 100 * part / whole
    if percent < _MIN_PERCENT:
        return f"< {_MIN_PERCENT} %"
    if percent > _MAX_PERCENT:
        return f"> {_MAX_PERCENT} %"
    return f"{percent:.1f} %"


def stretch(value: float) -> str:
    """Name so many seconds as one says it of the busiest: the busiest minute, the busiest 5 min."""
    return _WHOLE.get(value) or seconds(value)


def a_second(rate: float) -> str:
    """Write a rate in words: 2 a second, or 1 in 20 s where that is less than one."""
    return f"{number(rate)} a second" if rate >= 1 else f"1 in {seconds(1 / rate)}"
