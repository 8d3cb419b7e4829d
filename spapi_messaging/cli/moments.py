"""Moments and durations as people read them: the same in every locale, in a zone that is named."""

import math
import re
from datetime import UTC, datetime, timedelta, tzinfo

_MINUTE, _HOUR, _DAY = 60, 3600, 86_400
_UNITS = ((_DAY, "d"), (_HOUR, "h"), (_MINUTE, "min"), (1, "s"))
_IN_DAYS_FROM = 2 * _DAY
_MILLISECONDS_UNTIL = 0.0995
_WHOLE_FROM = 10
"""Seconds from which on there are no tenths of them."""


def seconds(value: float) -> str:
    """Write a duration with its two largest units."""
    if value < _MILLISECONDS_UNTIL:
        return f"{value * 1000:.0f} ms"
    if value < _MINUTE:
        return f"{value:.2g} s" if value < _WHOLE_FROM else f"{math.floor(value)} s"
    if value < _HOUR:
        return _two(value, _MINUTE, "min", 1, "s")
    if value < _DAY:
        return _two(value, _HOUR, "h", _MINUTE, "min")
    return _two(value, _DAY, "d", _HOUR, "h")


def _two(value: float, large: int, large_name: str, small: int, small_name: str) -> str:
    whole, rest = divmod(math.floor(value), large)
    more = f" {rest // small} {small_name}" if rest // small else ""
    return f"{whole:,} {large_name}{more}"


def roughly(value: float) -> str:
    """Write a duration with its largest unit, where there is little room."""
    size, name = next(((size, name) for size, name in _UNITS if value >= size), _UNITS[-1])
    return f"{round(value / size):,} {name}"


def stopwatch(value: float) -> str:
    """Write a duration as a stopwatch does, 0:41, 12:05, 2:46:40; one of days as 18 d 3 h."""
    if value >= _IN_DAYS_FROM:
        return seconds(value)
    minutes, rest = divmod(round(value), _MINUTE)
    hours, minutes = divmod(minutes, _MINUTE)
    return f"{hours:,}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def clock(at: float, zone: tzinfo | None, form: str = "%Y-%m-%d %H:%M:%S") -> str:
    """Write a moment, in seconds since the epoch, as a clock of the zone shows it.

    None is this machine's zone, with its summer time where the moment has it.
    """
    try:
        return datetime.fromtimestamp(at, UTC).astimezone(zone).strftime(form)
    except (ValueError, OverflowError, OSError):
        return "unknown"


def zone_name(at: float, zone: tzinfo | None) -> str:
    """Name the zone of a moment with what it is ahead of UTC: ``CET, UTC+1``."""
    try:
        local = datetime.fromtimestamp(at, UTC).astimezone(zone)
    except (ValueError, OverflowError, OSError):
        return "UTC"
    offset = local.utcoffset() or timedelta()
    hours, minutes = divmod(abs(round(offset.total_seconds() / 60)), 60)
    sign = "\N{MINUS SIGN}" if offset < timedelta() else "+"
    ahead = f"UTC{sign}{hours}{f':{minutes:02}' if minutes else ''}" if hours or minutes else "UTC"
    name = local.tzname() or ""
    return f"{name}, {ahead}" if name.isalpha() and name != ahead else ahead


def moment(at: float) -> str:
    """Write a moment on the clock of this machine, as "2026-11-27 08:14:03 CET"."""
    # Where a zone has no letters, its name is its offset.
    return re.sub(r" (?=[+-])", " UTC", clock(at, None, "%Y-%m-%d %H:%M:%S %Z"))
