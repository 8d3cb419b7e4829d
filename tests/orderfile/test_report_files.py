"""A report goes from its bytes to its orders, with columns, quotes and encoding as they come."""

import io

import pytest
from helpers.order_reports import COUNTRIES, KINDS, ORDERS, Sale, report

from spapi_messaging import Marketplace
from spapi_messaging.orderfile.joining import FileOrder, join
from spapi_messaging.orderfile.order_row import LeftOut, OrderRow
from spapi_messaging.orderfile.report_kinds import is_flat
from spapi_messaging.orderfile.reports import RowReader
from spapi_messaging.orderfile.tables.table import open_table
from spapi_messaging.orderfile.where import Condition

SALES = [
    Sale(product='5" pipe', item_id="1"),
    Sale(product="Lamp, blue", quantity=2, item_id="2"),
    Sale(ORDERS[2], product="E-book", item_id="3", purchased="2026-11-02T00:30:00+00:00"),
]


def rows_of(content: bytes, country: str) -> list[object]:
    table = open_table(io.BytesIO(content), "report.txt", japanese=country == "JP", is_flat=is_flat)
    reader = RowReader.of(table.columns)
    return [reader.read(line, cells) for line, cells in table.rows() if isinstance(cells, list)]


def orders_of(content: bytes, country: str) -> list[FileOrder]:
    rows = [row for row in rows_of(content, country) if isinstance(row, OrderRow)]
    ids = dict.fromkeys(row.order_id for row in rows)
    return [join([row for row in rows if row.order_id == order_id]) for order_id in ids]


@pytest.mark.parametrize("quoted", [False, True], ids=["bare", "quoted"])
@pytest.mark.parametrize("country", COUNTRIES)
@pytest.mark.parametrize("kind", KINDS)
def test_a_report_s_bytes_are_its_orders(kind: str, country: str, quoted: bool) -> None:
    first, second = orders_of(report(kind, country, SALES, quoted=quoted), country)
    assert (first.order_id, first.lines, second.order_id) == (ORDERS[0], (2, 3), ORDERS[2])
    name = "sku" if kind.endswith("tax report") else "product_name"
    prefix = "SKU-" if name == "sku" else ""
    assert first.fields[name] == f'{prefix}5" pipe, {prefix}Lamp, blue'
    city = first.fields.get("ship_city") or first.fields["ship_to_city"]
    assert city == COUNTRIES[country].city
    has_place = kind not in {"unshipped orders report", "new orders report"}
    assert first.marketplace is (Marketplace[country] if has_place else None)
    assert first.differing == {}


@pytest.mark.parametrize("kind", ["all-orders report", "fulfilled shipments report"])
def test_what_was_sold_elsewhere_is_left_out(kind: str) -> None:
    sales = [Sale(), Sale("S01-1234567-1234567", channel="Non-Amazon"), Sale(channel="Non-Amazon")]
    found = rows_of(report(kind, "US", sales), "US")
    expected = LeftOut("not sold on Amazon (sales-channel Non-Amazon)")
    assert found[1:] == [expected, expected]


def test_a_condition_finds_the_rows_of_a_day_where_it_is_that_day() -> None:
    """Amazon writes UTC; a person's day begins earlier or later."""
    rows = rows_of(report("all-orders report", "JP", SALES), "JP")
    columns = rows[0].fields if isinstance(rows[0], OrderRow) else ()
    condition = Condition.parse("purchase-date>=2026-11-02", columns)
    held = [condition.holds(row.fields) for row in rows if isinstance(row, OrderRow)]
    assert held == [False, False, True]
