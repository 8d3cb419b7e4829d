"""Conditions say which rows are wanted, by what cells mean."""

from contextlib import suppress
from datetime import date, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, strategies as st

from spapi_messaging.orderfile import read_orders
from spapi_messaging.orderfile.where import Condition

BERLIN, TOKYO = ZoneInfo("Europe/Berlin"), ZoneInfo("Asia/Tokyo")
COLUMNS = ["order-id", "c", "Order Status", "purchase-date", "is-business-order", "note"]
NIGHT = "2025-11-01T23:30:00+00:00"


def holds(condition: str, cell: str, zone: ZoneInfo | None = None) -> bool:
    """Judge a cell of the column that the condition names."""
    made = Condition.parse(condition, COLUMNS, zone)
    return made.holds({made.name: cell} if cell else {})


def fault(condition: str, cell: str, zone: ZoneInfo | None = None) -> str:
    made = Condition.parse(condition, COLUMNS, zone)
    with pytest.raises(ValueError, match=r".") as caught:
        made.holds({made.name: cell})
    return str(caught.value)


@pytest.mark.parametrize(
    ("condition", "column", "sign", "value"),
    [
        ("c=x", "c", "=", "x"),
        (" c = x y ", "c", "=", "x y"),
        ("c!=x", "c", "!=", "x"),
        ("c>=5", "c", ">=", "5"),
        ("c > 5", "c", ">", "5"),
        ("c<=5", "c", "<=", "5"),
        ("c<5", "c", "<", "5"),
        ("c=a=b", "c", "=", "a=b"),
        ("c=a>=b", "c", "=", "a>=b"),
        ("c!=a=b", "c", "!=", "a=b"),
        ("c= =a", "c", "=", "=a"),
        ("c=", "c", "=", ""),
        ("c!=", "c", "!=", ""),
        ('c=""', "c", "=", ""),
        ('c=" x "', "c", "=", "x"),
        ("ORDER_STATUS=x", "Order Status", "=", "x"),
        ("orderStatus=x", "Order Status", "=", "x"),
        ("order id=903", "order-id", "=", "903"),
        ("Order ID=\u200b903\u20111671087\u20110812628", "order-id", "=", "903-1671087-0812628"),
    ],
)
def test_a_condition_is_a_column_a_sign_and_a_value(
    condition: str, column: str, sign: str, value: str
) -> None:
    made = Condition.parse(condition, COLUMNS)
    assert (made.column, made.sign, made.value) == (column, sign, value)


@pytest.mark.parametrize(
    ("condition", "said"),
    [
        ("c", "'c' is no condition; write COL=VALUE, COL!=VALUE or COL>=VALUE"),
        ("", "is no condition"),
        ("order-stats=x", "no column is called 'order-stats'; did you mean Order Status?"),
        ("zzz=x", "no column is called 'zzz'; there are order-id, c, Order Status, purchase-date"),
        ("=x", "no column is called"),
        ("c==x", "write = for ==, or a blank before the value"),
        ("c=>5", "write >= for =>"),
        ("c=<5", "write <= for =<"),
        ("c<>5", "write != for <>"),
        ("c>=abc", "c is compared by >= with <3 characters>, which is no number and no date"),
        ("c>", "which is no number and no date"),
        ("c>=12/01/2026", "with '12/01/2026', which may be two dates; write a number, or a date"),
        ("c>=46357.", "is no number and no date"),
    ],
)
def test_what_is_no_condition_is_said_with_what_to_write(condition: str, said: str) -> None:
    with pytest.raises(ValueError, match=r".") as caught:
        Condition.parse(condition, COLUMNS)
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        *(("Shipped", "shipped"), ("SHIPPED", "Shipped"), ("stra\u00dfe", "STRASSE")),
        *(("true", "TRUE"), ("true", "True"), ("Zoe\u0308", "zo\u00eb"), ("a  b", "a  b")),
        *(("1,234.50", "1234.5"), ("1.234,50", "1,234.50"), ("12,5", "12.5"), ("2", "2.0")),
        *(("1,234", "1,234"), ("2025-11-01", "01.11.2025"), ("1.11.2025", NIGHT)),
        *((NIGHT, "2025-11-02T08:30:00 JST"), ("12/01/2026", "12/01/2026"), ("", "")),
        *(("DE", "de"), ("01067", "01067")),
    ],
)
def test_equal_values(value: str, cell: str) -> None:
    assert holds(f"c={value}", cell)
    assert not holds(f"c!={value}", cell)


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        *(("true", "Yes"), ("true", "1"), ("Shipped", ""), ("", "Shipped"), ("0", "")),
        *(("1,234", "1234"), ("1234", "1.234"), ("1067", "01067"), ("12/01/2026", "11/02/2026")),
        *(("2025-11-01", "2025-11-02"), ("2025-11-01", "Pending"), ("5", "x"), ("a b", "a  b")),
        *(("2025-11-01", ""), ("A", "\u0410")),
    ],
)
def test_unequal_values(value: str, cell: str) -> None:
    assert not holds(f"c={value}", cell)
    assert holds(f"c!={value}", cell)


@pytest.mark.parametrize("column", ["marketplace", "marketplace-id", "Sales Channel"])
def test_a_marketplace_is_known_by_all_its_names(column: str) -> None:
    for value, cell in (("DE", "Amazon.de"), ("amazon.co.uk", "GB"), ("FR", "A13V1IB3VIYZZH")):
        made = Condition.parse(f"{column}={value}", [column])
        assert made.holds({made.name: cell})
        assert not made.holds({made.name: "Amazon.com"})
        assert not made.holds({})


@pytest.mark.parametrize(
    ("condition", "cell", "expected"),
    [
        ("c>=5", "10", True),
        ("c>=5", "5.0", True),
        ("c>5", "5", False),
        ("c<5", "4,9", True),
        ("c<=-1", "-2", True),
        ("c>=1.000,5", "1,000.50", True),
        ("c>1,234", "2,234", True),
        ("c>1,234", "1,000", False),
        ("c<5", "", False),
        ("c>=0", "", False),
        ("c>=20251101", "20251102", True),
        ("c>=20251101", "2025-11-02", True),
    ],
)
def test_numbers_have_an_order(condition: str, cell: str, expected: bool) -> None:
    assert holds(condition, cell) is expected


@pytest.mark.parametrize(
    ("condition", "cell", "said"),
    [
        ("c>=5", "many", "c <4 characters> is no number, as 5 is"),
        ("c>=5", "007", "c '007' is no number, as 5 is"),
        ("c>=5", "1,234", "c: '1,234' is ambiguous: thousands, or parts of one"),
        ("c>=1,234", "5", "c: '1,234' is ambiguous"),
        ("c>=1,234", "1.234", "is ambiguous"),
        ("c>=2025-11-01", "Dear Zoë", "c <8 characters> is no date; write 2026-12-01"),
        ("c>=2025-11-01", "46357", "c '46357' looks like a spreadsheet's number for a day"),
        ("c>=2025-11-01", "12/01/2026", "c '12/01/2026' is ambiguous; write 2026-12-01"),
        ("c=2025-11-01", "12/01/2026", "c '12/01/2026' may be two dates"),
        ("c!=2025-11-01", "12/01/2026", "c '12/01/2026' may be two dates"),
        ("c=12/01/2026", "2026-12-01", "c is compared with '12/01/2026', which may be two dates"),
        ("c>=2025-11-01T10:00", "2025-11-01", "c '2025-11-01' has no time of day to compare"),
        ("c>=2025-11-01T10:00Z", "2025-11-01 11:00", "has no zone of time; say which it is in"),
    ],
)
def test_a_cell_that_cannot_be_compared_is_a_fault(condition: str, cell: str, said: str) -> None:
    assert said in fault(condition, cell)


@pytest.mark.parametrize(
    ("condition", "zone", "expected"),
    [
        ("purchase-date=2025-11-01", None, True),
        ("purchase-date=2025-11-01", BERLIN, False),
        ("purchase-date=2025-11-02", BERLIN, True),
        ("purchase-date>=2025-11-02", None, False),
        ("purchase-date>=02.11.2025", TOKYO, True),
        ("purchase-date>2025-11-01", None, False),
        ("purchase-date<=2025-11-01", None, True),
        ("purchase-date<=2025-11-01", TOKYO, False),
        ("purchase-date!=2025-11-01", None, False),
        ("purchase-date>=2025-11-02 JST", None, True),
        ("purchase-date>=2025-11-01T23:30Z", None, True),
        ("purchase-date>2025-11-02T00:30", BERLIN, False),
        ("purchase-date>=2025-11-02T00:30", BERLIN, True),
        ("purchase-date>=2025-11-01 23:00", None, True),
    ],
)
def test_a_day_is_a_day_in_the_zone_given_or_the_cell_s_own(
    condition: str, zone: ZoneInfo | None, expected: bool
) -> None:
    assert holds(condition, NIGHT, zone) is expected


def test_an_empty_date_is_in_no_order() -> None:
    for sign in (">", "<", ">=", "<=", "="):
        assert not holds(f"c{sign}2025-11-01", "")
    assert holds("c!=2025-11-01", "")


def test_a_day_with_a_zone_of_its_own_is_that_day() -> None:
    assert holds("c=2025-12-06", "06-Dec-2025 UTC", TOKYO)


@given(st.dates(date(1991, 1, 1), date(2099, 1, 1)), st.integers(-400, 400), st.sampled_from("-./"))
def test_days_are_in_order_in_any_form(day: date, later: int, between: str) -> None:
    other = day + timedelta(days=later)
    cell = other.strftime(between.join(("%Y", "%m", "%d")) if between != "." else "%d.%m.%Y")
    assert holds(f"c>={day}", cell) is (later >= 0)
    assert holds(f"c<{day}", cell) is (later < 0)
    assert holds(f"c={day}", cell) is (later == 0)
    assert holds(f"c>{day}", f"{other}T23:59:59+14:00") is (later > 0)


@given(st.text(max_size=30), st.text(max_size=30))
def test_equal_and_unequal_are_opposites(value: str, cell: str) -> None:
    made = Condition.parse(f"c= {value}", COLUMNS), Condition.parse(f"c!= {value}", COLUMNS)
    with suppress(ValueError):
        assert made[0].holds({"c": cell}) is not made[1].holds({"c": cell})


@given(st.text(max_size=30))
def test_a_cell_is_equal_to_itself_in_any_case(cell: str) -> None:
    made = Condition.parse(f'c="{cell}"', COLUMNS)
    assert made.holds({"c": cell})
    assert made.holds({"c": cell.casefold()})


@given(st.integers(-(10**9), 10**9), st.integers(-(10**9), 10**9))
def test_numbers_are_in_order(one: int, two: int) -> None:
    assert holds(f"c>={one}", str(two)) is (two >= one)
    assert holds(f"c<{one}.25", f"{two},25") is (Decimal(f"{two}.25") < Decimal(f"{one}.25"))


@given(st.text(max_size=80), st.text(max_size=80))
def test_no_condition_and_no_cell_breaks_it(condition: str, cell: str) -> None:
    for text in (condition, f"c>={condition}", f"{condition}=x"):
        said = ""
        try:
            Condition.parse(text, COLUMNS, BERLIN).holds({"c": cell})
        except ValueError as error:
            said = str(error)
        assert said.isprintable()


def test_a_condition_does_not_show_what_it_compares_with() -> None:
    """It may be what a buyer is called."""
    assert "Zoë" not in repr(Condition.parse("first-name=Zoë", ["first-name"]))


def test_one_condition_needs_no_list() -> None:
    """A text is a sequence of texts, too: each of its letters would be a condition."""
    content = b"order-id,quantity\n903-1671087-0812628,1\n303-0000002-0000002,2\n"
    with read_orders(content, where="quantity>1") as file:
        assert [row.line for row in file.rows] == [3]
