"""Whether this machine's clock agrees with those of the servers.

A token is renewed by the clock, and certificates are valid by it. A server's time is its ``Date``
(RFC 9110 §6.6.1); one that comes from a cache is as old as its ``Age`` says (RFC 9111 §5.1).
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from spapi_messaging.cli.doctor.findings import Finding, bad, good, left, odd
from spapi_messaging.cli.moments import seconds

MAX_OFF = 300.0
"""Seconds by which this machine's clock may be off before tokens are misjudged."""
_MAX_AGE_DIGITS = 9


def look_at_clock(answers: Sequence[Mapping[str, str]], now: datetime) -> Finding:
    """Compare with the answers' headers; the servers come in the order of their weight."""
    offs = [off for headers in answers if (off := off_by(headers, now)) is not None]
    if not answers:
        return left("clock", "not compared: no server answers")
    if not offs:
        return left("clock", "not compared: the servers do not say what time it is")
    least = min(offs, key=abs)
    if abs(least) > MAX_OFF:
        side = "ahead" if least > 0 else "behind"
        hint = "set it by NTP (timedatectl set-ntp true; on Windows: w32tm /resync)"
        return bad("clock", f"this machine's clock is {seconds(abs(least))} {side}", hint)
    if max(map(abs, offs)) > MAX_OFF:
        what = f"{abs(least):.0f} s off by one server, {seconds(max(map(abs, offs)))} by another"
        return odd("clock", what, "a server or something in front of it has a wrong clock")
    return good("clock", f"{abs(least):.0f} s off")


def off_by(headers: Mapping[str, str], now: datetime) -> float | None:
    """Return the seconds that ``now`` is ahead of a server; None if it does not tell its time."""
    try:
        date = parsedate_to_datetime(headers.get("Date", ""))
    except (ValueError, TypeError, OverflowError):
        return None
    # "-0000" is UTC of a clock whose zone is not told (RFC 5322 §3.3).
    date = date if date.tzinfo else date.replace(tzinfo=UTC)
    return (now - date).total_seconds() - _age(headers.get("Age", ""))


def _age(told: str) -> float:
    is_number = told.isascii() and told.isdigit() and len(told) <= _MAX_AGE_DIGITS
    return float(told) if is_number else 0.0
