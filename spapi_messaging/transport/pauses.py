"""How long a server asks to be left alone: RFC 9110 §10.2.3, ``Retry-After``."""

import re
import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime

MAX_ASKED = 60.0
"""Seconds; a server that asks for more is asked again after these."""
_SECONDS = re.compile(r"[0-9]{1,9}(?:\.[0-9]{0,9})?")


def asked_pause(headers: Mapping[str, str]) -> float:
    """Return the seconds that an answer asks to wait, between 0 and the most that is granted.

    A date counts from the answer's own ``Date``, since the clocks may differ.
    """
    asked = headers.get("Retry-After", "").strip()
    if _SECONDS.fullmatch(asked):
        return min(float(asked), MAX_ASKED)
    if asked.isascii() and asked.isdigit():
        return MAX_ASKED
    until = _moment(asked)
    if until is None:
        return 0.0
    now = _moment(headers.get("Date", ""))
    return min(max(until - (time.time() if now is None else now), 0.0), MAX_ASKED)


def _moment(date: str) -> float | None:
    try:
        return parsedate_to_datetime(date).timestamp() if date else None
    except (ValueError, TypeError, IndexError, OverflowError, OSError):
        return None
