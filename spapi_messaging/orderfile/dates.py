"""Dates as reports and people write them, and never another day than was meant.

What can be read in two ways (``12/01/2026`` is a day in December or one in January) is refused,
as is a year of two digits, a day that there is not, and a spreadsheet's number for a day. An hour
that a zone's clocks leave out does not exist, so the zone is likely the wrong one; of an hour
that comes twice it is the first (PEP 495). Forms: ISO 8601, RFC 3339 and those of Amazon's reports.
"""

import re
import unicodedata
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

import attrs

from spapi_messaging.orderfile.date_words import MONTHS, ZONES
from spapi_messaging.orderfile.names import nearest
from spapi_messaging.redaction import printable, size_only

_MAX = 60
_FIRST_YEAR, _LAST_YEAR = 1990, 2100
_MONTHS_IN_A_YEAR = 12
_NOON = 12
_REMEMBERED = 2048
_OTHER_YEAR = "has a year that cannot be right; write 2026-12-01"
_NO_DATE = "is no date; write 2026-12-01 or 01.12.2026"

_HOURS = r"[+-](?:[01]\d|2[0-3]|\d)(?::?[0-5]\d)?"
_TIME = (
    r"(?P<hour>\d{1,2})[:.](?P<minute>\d\d)(?:[:.](?P<second>\d\d)(?:[.,](?P<part>\d{1,9}))?)?"
    r"(?:\s*(?P<half>[AaPp])\.?[Mm]\.?(?![A-Za-z]))?(?:\s*(?:Uhr|h))?"
)
_BEHIND = (
    rf"(?:(?:[Tt]|,?\s+(?:um\s+|at\s+)?){_TIME})?"
    rf"(?:\s*\(?(?:(?:UTC|GMT)?(?P<offset>{_HOURS})|(?P<zone>[A-Za-z]{{1,4}}))\)?)?"
    r"(?:\[[\w/+-]{1,40}\])?"
)
_YEAR = r"(?P<y>\d{4}|\d\d)"
_ORDINAL = r"(?:\.|er|o|st|nd|rd|th)?"
_WEEKDAY = r"(?:[^\W\d_]{2,10}\.?,?\s)?"
_WORD = r"(?P<month>[^\W\d_]{3,10})\.?"
_FORMS = tuple(
    re.compile(form + _BEHIND, re.ASCII if r"\W" not in form else 0)
    for form in (
        r"(?P<y>\d{4})(?P<sep>[-/.])(?P<m>\d{1,2})(?P=sep)(?P<d>\d{1,2})",
        r"(?P<y>\d{4})(?P<m>\d\d)(?P<d>\d\d)",
        r"(?P<y>\d{4})\u5e74(?P<m>\d{1,2})\u6708(?P<d>\d{1,2})\u65e5",
        r"(?P<d>\d{1,2})\.\s?(?P<m>\d{1,2})\.\s?" + _YEAR,
        r"(?P<one>\d{1,2})(?P<sep>[-/])(?P<two>\d{1,2})(?P=sep)" + _YEAR,
        rf"{_WEEKDAY}(?P<d>\d{{1,2}}){_ORDINAL}[\s-]?(?:de\s)?{_WORD}[\s-]?(?:de\s)?{_YEAR}",
        rf"{_WEEKDAY}{_WORD}\s?(?P<d>\d{{1,2}}){_ORDINAL},?\s{_YEAR}",
    )
)
_AS_IN_REPORTS = re.compile(
    r"\d{4}-\d\d-\d\dT(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d[+-](?:[01]\d|2[0-3]):[0-5]\d", re.ASCII
)
_IS_OFFSET = re.compile(rf"(?:UTC|GMT)?({_HOURS})", re.ASCII)
_SERIAL = re.compile(r"[2-7]\d{4}(?:[.,]\d{1,12})?", re.ASCII)
_SHOWN = re.compile(r"[\w .,:/+#'()\u2212-]{1,40}")
_WORDS = re.compile(r"[^\W\d_]+")
_DASHES = str.maketrans("\u2010\u2011\u2012\u2013\u2212", "-----")


class AmbiguousDateError(ValueError):
    """A date that can be read in two ways."""


@attrs.frozen
class Moment:
    """A point in time, or a day as it begins; without a zone where the text has none."""

    value: datetime
    is_day: bool


def read_date(text: str, zone: tzinfo | None) -> Moment:
    """Read a date; what says no zone or offset is in ``zone``, or has none.

    Raises ValueError, in a sentence, for what is no date or may be two.
    """
    bare = text.strip()
    if not bare:
        raise ValueError("the date is missing")
    if len(bare) > _MAX:
        raise ValueError(f"{size_only(bare)} {_NO_DATE}")
    try:
        return _read(bare, zone)
    except ValueError as wrong:
        raise type(wrong)(f"{shown_date(bare)} {wrong}") from None


def shown_date(text: str) -> str:
    """Quote what looks like a date or a number; of all else, which may be a text, say the size."""
    known = {"t", "z", "am", "pm", "e", "um", "uhr", "at", "de", "h", "utc", "gmt"}
    words = {word.lower() for word in _WORDS.findall(text[:_MAX])}
    has_digit = any(map(str.isdigit, text[:_MAX]))
    is_known = words <= known | MONTHS.keys() | {name.lower() for name in ZONES}
    return repr(text) if has_digit and is_known and _SHOWN.fullmatch(text) else size_only(text)


@lru_cache(maxsize=_REMEMBERED)
def _read(text: str, zone: tzinfo | None) -> Moment:
    if _AS_IN_REPORTS.fullmatch(text):
        return _read_iso(text)
    parts = _parts(text)
    day = _day(parts)
    own = _own_zone(parts)
    if parts["hour"] is None:
        return Moment(datetime.combine(day, time(), own or zone), is_day=True)
    value = datetime.combine(day, _time(parts), own or zone)
    if own is None and zone is not None and _is_left_out(value):
        raise ValueError(f"is no time in {zone}: its clocks leave it out on that day")
    return Moment(value, is_day=False)


def _read_iso(text: str) -> Moment:
    """Read what most cells of a report are, and fast."""
    try:
        value = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError("is no day of the calendar; write 2026-12-01") from None
    if not _FIRST_YEAR <= value.year <= _LAST_YEAR:
        raise ValueError(_OTHER_YEAR)
    return Moment(value, is_day=False)


def _parts(text: str) -> dict[str, str | None]:
    plain = text if text.isascii() else unicodedata.normalize("NFKC", text).translate(_DASHES)
    for form in _FORMS:
        found = form.fullmatch(plain)
        if found is not None:
            parts = found.groupdict()
            # 2026-12-01-05 is no day with an offset.
            if parts["hour"] is not None or ":" in (parts["offset"] or ":"):
                return parts
    if _SERIAL.fullmatch(text):
        raise ValueError("looks like a spreadsheet's number for a day; write 2026-12-01")
    raise ValueError(_NO_DATE)


def _day(parts: dict[str, str | None]) -> date:
    year = parts["y"] or ""
    if len(year) != len("2026"):
        raise ValueError("has a year of two digits; write the year in full: 2026-12-01")
    if not _FIRST_YEAR <= int(year) <= _LAST_YEAR:
        raise ValueError(_OTHER_YEAR)
    month, day = _month_and_day(parts)
    try:
        return date(int(year), month, day)
    except ValueError:
        raise ValueError("is no day of the calendar; write 2026-12-01") from None


def _month_and_day(parts: dict[str, str | None]) -> tuple[int, int]:
    word = parts.get("month")
    if word is not None:
        month = MONTHS.get(word.lower())
        if month is None:
            raise ValueError(_NO_DATE)
        return month, int(parts["d"] or 0)
    if parts.get("one") is None:
        return int(parts["m"] or 0), int(parts["d"] or 0)
    return _month_first(int(parts["one"] or 0), int(parts["two"] or 0), parts["y"] or "")


def _month_first(one: int, two: int, year: str) -> tuple[int, int]:
    """Return which of two numbers is the month, if only one can be."""
    if one > _MONTHS_IN_A_YEAR:
        return two, one
    if two > _MONTHS_IN_A_YEAR or one == two or 0 in {one, two}:
        return one, two
    first, other = (f"{year}-{month:02}-{day:02}" for month, day in ((one, two), (two, one)))
    raise AmbiguousDateError(f"is ambiguous; write {first} or {other}")


def _time(parts: dict[str, str | None]) -> time:
    hour, half = int(parts["hour"] or 0), (parts["half"] or "").lower()
    if half:
        hour = hour % _NOON + (_NOON if half == "p" else 0) if 1 <= hour <= _NOON else 99
    part = (parts["part"] or "")[:6].ljust(6, "0")
    try:
        return time(hour, int(parts["minute"] or 0), int(parts["second"] or 0), int(part))
    except ValueError:
        raise ValueError("has no time of day; write 2026-12-01 14:30") from None


def _own_zone(parts: dict[str, str | None]) -> tzinfo | None:
    if parts["offset"]:
        return _fixed(parts["offset"])
    name = (parts["zone"] or "").upper()
    if name and name not in ZONES:
        raise ValueError("has a zone of time that is unknown, or several; write +01:00 or the like")
    return ZONES.get(name)


def _fixed(offset: str) -> timezone:
    digits = offset[1:].replace(":", "")
    hours, minutes = (digits[:-2], digits[-2:]) if len(digits) > len("01") else (digits, "0")
    ahead = timedelta(hours=int(hours), minutes=int(minutes))
    return timezone(-ahead if offset[0] == "-" else ahead)


def _is_left_out(value: datetime) -> bool:
    """Say whether a zone's clocks go over a time: then it does not come back as it went."""
    back = value.astimezone(UTC).astimezone(value.tzinfo)
    return back.replace(tzinfo=None) != value.replace(tzinfo=None)


def zone_named(name: str) -> tzinfo:
    """Return a zone of time by its name, ``Europe/Berlin``, or an offset, ``+01:00``.

    Raises ValueError, in a sentence, for one that there is not.
    """
    wanted = name.strip().translate(_DASHES)
    offset = _IS_OFFSET.fullmatch(wanted.upper())
    if offset is not None:
        return _fixed(offset[1])
    if wanted.upper() in {"UTC", "GMT", "Z"}:
        return UTC
    try:
        return ZoneInfo(wanted)
    except (LookupError, OSError, ValueError):
        pass
    known = available_timezones()
    by_key = {each.lower(): each for each in known}
    found = by_key.get(wanted.replace(" ", "_").lower())
    if found is not None:
        return ZoneInfo(found)
    if wanted.upper() in ZONES:
        return ZONES[wanted.upper()]
    return _no_zone(wanted, known)


def _no_zone(wanted: str, known: set[str]) -> tzinfo:
    shown = repr(printable(wanted[:40]))
    if not known:
        raise ValueError(
            f"no zone of time can be looked up here, {shown} neither: pip install tzdata, or write "
            "an offset, as in +01:00"
        )
    likely = nearest(wanted, sorted(known)) if len(wanted) <= _MAX else None
    meant = f"did you mean {likely}?" if likely else "write one such as Europe/Berlin, or +01:00"
    raise ValueError(f"no zone of time is called {shown}; {meant}")
