"""How a report writes numbers, times and what a journal says, the same in every locale."""

import math
from datetime import UTC, datetime, tzinfo

_MINUTE, _HOUR, _DAY = 60, 3600, 86_400
_ROUNDED_TO_A_SECOND = 0.9995
"""From here on, milliseconds would be written as 1000."""
_WHOLE_FROM = 10
"""From here on, a number is written without decimals."""
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


def seconds(value: float) -> str:
    """Write a duration with its two largest units."""
    if value < _ROUNDED_TO_A_SECOND:
        return f"{value * 1000:.0f} ms"
    if value < _MINUTE:
        return f"{value:.3g} s"
    if value < _HOUR:
        return _two(value, _MINUTE, "min", 1, "s")
    if value < _DAY:
        return _two(value, _HOUR, "h", _MINUTE, "min")
    return _two(value, _DAY, "d", _HOUR, "h")


def _two(value: float, large: int, large_name: str, small: int, small_name: str) -> str:
    whole, rest = divmod(math.floor(value), large)
    more = f" {rest // small} {small_name}" if rest // small else ""
    return f"{whole:,} {large_name}{more}"


def clock(at: float, zone: tzinfo | None, form: str = "%Y-%m-%d %H:%M:%S") -> str:
    """Write a moment, in seconds since the epoch, as a clock of the zone shows it."""
    try:
        return datetime.fromtimestamp(at, UTC).astimezone(zone or UTC).strftime(form)
    except (ValueError, OverflowError, OSError):
        return "unknown"
