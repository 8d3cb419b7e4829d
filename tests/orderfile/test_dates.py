"""Dates are read as people and reports write them, and none is taken for another day."""

from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, strategies as st

from spapi_messaging.orderfile.dates import read_date, shown_date, zone_named

BERLIN = ZoneInfo("Europe/Berlin")
DAY = "2026-12-01"
AT_1430 = "2026-12-01T14:30:00"


@pytest.mark.parametrize(
    "text",
    [
        *("2026-12-01", " 2026-12-01\u00a0", "2026/12/01", "2026.12.01", "2026-12-1", "20261201"),
        *("01.12.2026", "1.12.2026", "1. 12. 2026", "31\u201112\u20112026"),
        *("1. Dezember 2026", "1 Dec 2026", "01-Dec-2026", "01-DEC-2026", "Dec 1, 2026"),
        *("December 1st, 2026", "Tuesday, December 1, 2026", "1er d\u00e9cembre 2026"),
        *("1 de diciembre de 2026", "1 dicembre 2026", "2026\u5e7412\u67081\u65e5"),
        *("\uff12\uff10\uff12\uff16\u5e7412\u67081\u65e5", "1. Dez. 2026"),
    ],
    ids=ascii,
)
def test_a_day_in_many_forms(text: str) -> None:
    found = read_date(text, None)
    expected = "2026-12-31" if "31" in text else "2026-12-01"
    assert (found.value, found.is_day) == (datetime.fromisoformat(expected), True)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-12-01T14:30:00", AT_1430),
        ("2026-12-01 14:30", AT_1430),
        ("1.12.2026 14:30", AT_1430),
        ("01.12.2026, 14:30 Uhr", AT_1430),
        ("01.12.2026 um 14.30 Uhr", AT_1430),
        ("31/12/2026 14:30:00", "2026-12-31T14:30:00"),
        ("Dec 1, 2026 2:30:00 PM", AT_1430),
        ("12/31/2026 12:05 a.m.", "2026-12-31T00:05:00"),
        ("2026-12-01T14:30:00Z", f"{AT_1430}+00:00"),
        ("2025-11-01T23:30:00+00:00", "2025-11-01T23:30:00+00:00"),
        ("2026-12-01T14:30:00-0700", f"{AT_1430}-07:00"),
        ("2026-12-01T14:30:00.123456789+05:30", "2026-12-01T14:30:00.123456+05:30"),
        ("2026-12-01T14:30:00\u221207:00", f"{AT_1430}-07:00"),
        ("2026-12-01 14:30:00 UTC", f"{AT_1430}+00:00"),
        ("2025/11/01 12:00:00 JST", "2025-11-01T12:00:00+09:00"),
        ("1 Dec 2026 14:30:00 GMT+01:00", f"{AT_1430}+01:00"),
        ("01.12.2026 14:30:00 GMT-7", f"{AT_1430}-07:00"),
        ("Dec 1, 2026 2:30:00 PM PST", f"{AT_1430}-08:00"),
        ("2026-07-01 14:30 PDT", "2026-07-01T14:30:00-07:00"),
        ("2026-07-01 14:30 EDT", "2026-07-01T14:30:00-04:00"),
        ("2026-12-01 14:30 est", f"{AT_1430}-05:00"),
        ("2026-12-01 14:30 CET", f"{AT_1430}+01:00"),
        ("2026-07-01 14:30 CEST", "2026-07-01T14:30:00+02:00"),
        ("2026-12-01 14:30 MET", f"{AT_1430}+01:00"),
        ("2026-07-01 14:30 MEST", "2026-07-01T14:30:00+02:00"),
        ("2026-07-01 14:30 MESZ", "2026-07-01T14:30:00+02:00"),
        ("2026-07-01 14:30 BST", "2026-07-01T14:30:00+01:00"),
        ("2026-12-01T14:30:00+01:00[Europe/Berlin]", f"{AT_1430}+01:00"),
    ],
    ids=ascii,
)
def test_a_time_in_many_forms(text: str, expected: str) -> None:
    found = read_date(text, None)
    assert (found.value, found.is_day) == (datetime.fromisoformat(expected), False)
    assert (found.value.tzinfo is None) == (datetime.fromisoformat(expected).tzinfo is None)


@pytest.mark.parametrize("text", ["06-Dec-2025 UTC", "2025-12-06Z", "2025-12-06+00:00"])
def test_a_day_may_have_a_zone(text: str) -> None:
    found = read_date(text, BERLIN)
    assert (found.value, found.is_day) == (datetime(2025, 12, 6, tzinfo=UTC), True)


def test_a_zone_is_taken_where_the_text_has_none() -> None:
    assert read_date(DAY, BERLIN).value == datetime(2026, 12, 1, tzinfo=BERLIN)
    assert read_date(AT_1430, BERLIN).value.utcoffset() == timedelta(hours=1)
    assert read_date("2026-07-01 14:30", BERLIN).value.utcoffset() == timedelta(hours=2)
    assert read_date(f"{AT_1430}Z", BERLIN).value.utcoffset() == timedelta()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("12/01/2026", "'12/01/2026' is ambiguous; write 2026-12-01 or 2026-01-12"),
        ("01-12-2026", "'01-12-2026' is ambiguous; write 2026-01-12 or 2026-12-01"),
        ("12/01/2026 10:00", "is ambiguous"),
        ("31.02.2026", "'31.02.2026' is no day of the calendar; write 2026-12-01"),
        ("2026-13-01", "is no day of the calendar"),
        ("29.02.2027", "is no day of the calendar"),
        ("32/13/2026", "is no day of the calendar"),
        ("00/00/2026", "is no day of the calendar"),
        ("0000-00-00", "has a year that cannot be right"),
        ("01.12.26", "'01.12.26' has a year of two digits; write the year in full: 2026-12-01"),
        ("12/31/26", "has a year of two digits"),
        ("26-12-01", "has a year of two digits"),
        ("1-Dec-26", "has a year of two digits"),
        ("46357", "'46357' looks like a spreadsheet's number for a day; write 2026-12-01"),
        ("46357.604", "looks like a spreadsheet's number for a day"),
        ("1989-12-31", "has a year that cannot be right"),
        ("2101-01-01", "has a year that cannot be right"),
        ("2026-12-01 25:00", "has no time of day"),
        ("2026-12-01 13:00 PM", "has no time of day"),
        ("2026-12-01 14:30 IST", "has a zone of time that is unknown, or several"),
        ("2026-12", "'2026-12' is no date; write 2026-12-01 or 01.12.2026"),
        ("2026-12-01-05", "is no date"),
        ("12.2026", "is no date"),
        ("1 Foo 2026", "<10 characters> is no date"),
        ("9.03E+16", "'9.03E+16' is no date"),
        ("tomorrow", "<8 characters> is no date"),
        ("Dear Zoë, 2026-12-01", "<20 characters> is no date"),
        ("", "the date is missing"),
        (" ", "the date is missing"),
        ("2026-12-01" * 100, "<1000 characters> is no date"),
    ],
)
def test_what_is_no_one_day_is_refused_with_what_to_write(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=r".") as caught:
        read_date(text, None)
    assert said in str(caught.value)


def test_an_hour_that_clocks_leave_out_is_refused() -> None:
    with pytest.raises(ValueError, match="is no time in Europe/Berlin: its clocks leave it out"):
        read_date("2026-03-29 02:30", BERLIN)
    assert read_date("2026-03-29 02:30Z", BERLIN).value.hour == 2


def test_of_an_hour_that_comes_twice_it_is_the_first() -> None:
    assert read_date("2026-10-25 02:30", BERLIN).value.utcoffset() == timedelta(hours=2)


def test_a_day_may_begin_in_an_hour_that_is_left_out() -> None:
    """Egypt puts its clocks forward at midnight."""
    assert read_date("2026-04-24", ZoneInfo("Africa/Cairo")).is_day


@given(st.dates(date(1990, 1, 1), date(2100, 12, 31)))
def test_all_forms_of_a_day_are_that_day(day: date) -> None:
    forms = [day.isoformat(), f"{day:%d.%m.%Y}", f"{day.day}.{day.month}.{day.year}"]
    forms += [f"{day:%Y/%m/%d}", f"{day.year}\u5e74{day.month}\u6708{day.day}\u65e5"]
    if day.day > 12 or day.day == day.month:
        forms += [f"{day:%d/%m/%Y}", f"{day:%m/%d/%Y}", f"{day:%d-%m-%Y}"]
    assert {read_date(form, None).value.date() for form in forms} == {day}


@given(
    st.datetimes(datetime.fromisoformat("1990-01-02"), datetime.fromisoformat("2100-12-30")),
    st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes))),
)
def test_iso_times_come_back_as_they_went(value: datetime, zone: timezone) -> None:
    aware = value.replace(tzinfo=zone)
    assert read_date(aware.isoformat(), BERLIN).value == aware
    assert read_date(aware.isoformat(" "), None).value.utcoffset() == aware.utcoffset()


@given(st.text(max_size=70))
def test_any_text_is_a_date_or_a_sentence(text: str) -> None:
    said = ""
    try:
        read_date(text, BERLIN)
    except ValueError as error:
        said = str(error)
    assert said.isprintable()


def test_only_what_looks_like_a_date_or_a_number_is_shown() -> None:
    assert shown_date("06-Dec-2025 UTC") == "'06-Dec-2025 UTC'"
    assert shown_date("5 Main Street") == "<13 characters>"
    assert shown_date("Zoe") == "<3 characters>"
    assert shown_date("1\x1b[2J") == "<5 characters>"


@pytest.mark.parametrize(
    ("name", "hours"),
    [
        *(("Europe/Berlin", 1), ("europe/berlin", 1), ("America/New York", -5), ("+01:00", 1)),
        *(("UTC", 0), ("utc", 0), ("Z", 0), ("UTC+9", 9), ("-0700", -7), ("JST", 9), ("PDT", -7)),
    ],
)
def test_a_zone_has_a_name_or_an_offset(name: str, hours: int) -> None:
    winter = datetime(2026, 12, 1, tzinfo=zone_named(name))
    assert winter.utcoffset() == timedelta(hours=hours)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Berlin", "no zone of time is called 'Berlin'; did you mean Europe/Berlin?"),
        ("Europe/Berln", "did you mean Europe/Berlin?"),
        ("xyzzy", "write one such as Europe/Berlin, or +01:00"),
        *(
            (each, "no zone of time is called")
            for each in ("", "../../etc/passwd", "/etc", "Europe")
        ),
        *((each, "no zone of time is called") for each in ("\0", "x" * 1000, "+25:00")),
    ],
)
def test_an_unknown_zone_is_named_with_the_nearest(name: str, said: str) -> None:
    with pytest.raises(ValueError, match=r".") as caught:
        zone_named(name)
    assert said in str(caught.value)
    assert str(caught.value).isprintable()
