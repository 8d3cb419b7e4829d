"""The rows of one order are one order: items joined, quantities summed, all else the same."""

from decimal import Decimal

import pytest
from helpers.order_reports import COUNTRIES, KINDS, Sale, header, row
from hypothesis import given, strategies as st

from spapi_messaging import Marketplace
from spapi_messaging.orderfile.joining import FileOrder, join
from spapi_messaging.orderfile.numbers import read_number, shown_number
from spapi_messaging.orderfile.order_row import OrderRow
from spapi_messaging.orderfile.reports import RowReader

ORDER = "903-1671087-0812628"


def order(*rows: dict[str, str], names: set[str] | None = None) -> FileOrder:
    """Join rows that stand in the lines from 2 on."""
    made = [OrderRow(line, ORDER, None, fields) for line, fields in enumerate(rows, start=2)]
    return join(made, names=names)


def test_one_row_is_an_order_with_one_item() -> None:
    found = order({"product_name": "Lamp", "quantity": "2.0"})
    expected = {"product_name": "Lamp", "quantity": "2.0", "items": "1"}
    assert found == FileOrder(ORDER, None, (2,), expected, {})


def test_items_are_joined_in_order_and_equal_ones_once() -> None:
    rows = [{"product_name": name} for name in ("Lamp", "Chair", "Lamp")]
    found = order(*rows)
    assert found.fields == {"product_name": "Lamp, Chair", "items": "3"}
    assert found.lines == (2, 3, 4)


@pytest.mark.parametrize(
    "name",
    [
        *("product_name", "product", "item", "item_name", "title", "article", "artikel", "sku"),
        *("seller_sku", "asin", "order_item_id", "amazon_order_item_id", "shipment_item_id"),
        *(
            "tracking_number",
            "carrier",
            "invoice_number",
            "shipment_id",
            "商品名",
            "お問い合わせ伝票番号",
            "artikelname",
        ),
        *("nom_du_produit", "shipping_id", "vat_invoice_number", "merchant_order_item_id"),
    ],
)
def test_fields_of_an_item_are_joined(name: str) -> None:
    assert order({name: "b"}, {name: "a"}, {}).fields[name] == "b, a"


@pytest.mark.parametrize("name", ["quantity", "quantity_purchased", "qty", "menge", "quantité"])
@pytest.mark.parametrize(
    ("values", "total"),
    [
        (("1", "2"), "3"),
        (("1", "1"), "2"),
        (("1.0", "2"), "3"),
        (("10", "10", "80"), "100"),
        (("0,5", "1.25"), "1.75"),
        (("2", ""), "2"),
        (("0", "0"), "0"),
        (("1.234,50", "1"), "1235.5"),
    ],
)
def test_quantities_are_summed(name: str, values: tuple[str, ...], total: str) -> None:
    found = order(*({name: value} if value else {} for value in values))
    assert found.fields[name] == total


@pytest.mark.parametrize("values", [("1", "two"), ("1,234", "1"), ("1", "007"), ("1", "1E5")])
def test_a_quantity_that_is_no_number_is_not_summed(values: tuple[str, str]) -> None:
    found = order(*({"quantity": value} for value in values))
    assert "quantity" not in found.fields
    why = "its quantities are no numbers in lines 2 and 3, and one message can hold only one"
    assert found.differing == {"quantity": why}


def test_what_is_the_same_everywhere_is_kept_and_what_differs_is_named() -> None:
    rows = [{"buyer": "Zoë", "city": f"city {number}", "unit": "kg"} for number in range(3)]
    found = order(*rows, {"unit": "kg"})
    assert found.fields == {"buyer": "Zoë", "unit": "kg", "items": "4"}
    why = "it is not the same in lines 2, 3 and 4, and one message can hold only one"
    assert found.differing == {"city": why}


def test_many_lines_are_not_all_named() -> None:
    found = order(*({"city": str(number)} for number in range(99)))
    assert found.differing["city"].startswith("it is not the same in lines 2, 3, 4, 5, 6 and more,")


def test_only_what_is_used_is_joined_where_that_is_known() -> None:
    rows = [{"product_name": "Lamp", "city": "a"}, {"product_name": "Chair", "city": "b"}]
    found = order(*rows, names={"product_name"})
    assert (found.fields, found.differing) == ({"product_name": "Lamp, Chair"}, {})
    assert order(*rows, names={"items"}).fields == {"items": "2"}
    assert list(order(*rows, names={"city"}).differing) == ["city"]
    assert order(rows[0], names={"items", "city"}).fields == {"items": "1", "city": "a"}
    assert order(rows[0], names={"city"}).fields == {"city": "a"}


def test_items_are_counted_by_amazon_s_number_of_them_where_every_row_has_one() -> None:
    parcels = [{"order_item_id": item, "tracking_number": item} for item in ("1", "2", "1")]
    assert order(*parcels).fields["items"] == "2"
    assert order(*parcels, {"tracking_number": "4"}).fields["items"] == "4"


def test_a_row_that_is_there_twice_counts_once_where_amazon_s_number_tells() -> None:
    twice = {"amazon_order_item_id": "1", "quantity": "2"}
    other = {"amazon_order_item_id": "1", "quantity": "1"}
    assert order(twice, twice, other).fields["quantity"] == "3"
    assert order({"sku": "a", "quantity": "2"}, {"sku": "a", "quantity": "2"}).fields == {
        "sku": "a",
        "quantity": "4",
        "items": "2",
    }


def test_a_file_s_own_column_items_stays() -> None:
    assert order({"items": "Lamp"}).fields == {"items": "Lamp"}
    assert order({"items": "Lamp"}, {"items": "Chair"}).fields == {"items": "Lamp, Chair"}


def test_an_order_has_one_marketplace() -> None:
    def at(*places: Marketplace | None) -> FileOrder:
        rows = enumerate(places, start=2)
        cells = [{"sales_channel": place.domain if place else "?"} for place in places]
        return join([OrderRow(line, ORDER, place, cells[line - 2]) for line, place in rows])

    assert at(Marketplace.DE, Marketplace.DE).marketplace is Marketplace.DE
    assert at(None, None).marketplace is None
    assert at(None, Marketplace.FR).marketplace is Marketplace.FR
    found = at(Marketplace.DE, Marketplace.FR)
    assert found.marketplace is None
    why = "it is not the same in lines 2 and 3 (DE, FR): an order has one"
    assert found.differing["marketplace"] == why


def test_a_marketplace_that_is_spelled_in_two_ways_is_one() -> None:
    rows = [OrderRow(2, ORDER, Marketplace.DE, {"marketplace": "DE"})]
    rows += [OrderRow(3, ORDER, Marketplace.DE, {"marketplace": "Amazon.de"})]
    found = join(rows)
    assert (found.marketplace, found.differing) == (Marketplace.DE, {})


def test_rows_of_several_orders_are_not_joined() -> None:
    rows = [OrderRow(2, ORDER, None, {}), OrderRow(3, "903-1671087-0812629", None, {})]
    with pytest.raises(ValueError, match="several orders"):
        join(rows)


def test_no_value_is_quoted_where_it_differs() -> None:
    found = order({"note": "SECRET a"}, {"note": "SECRET b"})
    assert "SECRET" not in str(found.differing)


@pytest.mark.parametrize("country", COUNTRIES)
@pytest.mark.parametrize("kind", KINDS)
def test_the_rows_of_a_report_are_one_order(kind: str, country: str) -> None:
    reader = RowReader.of(header(kind, country))
    sales = [Sale(product="Lamp", item_id="1"), Sale(product="Chair", quantity=2, item_id="2")]
    rows = [reader.read(line, row(kind, country, sale)) for line, sale in enumerate(sales, 2)]
    found = join([one for one in rows if isinstance(one, OrderRow)])
    assert found.differing == {}
    assert found.fields["sku"] == "SKU-Lamp, SKU-Chair"
    assert found.fields["items"] == "2"
    assert next(found.fields[name] for name in found.fields if name.startswith("quantity")) == "3"


@given(st.lists(st.decimals(0, 9999, places=2), min_size=2, max_size=6))
def test_a_sum_is_exact(numbers: list[Decimal]) -> None:
    found = order(*({"quantity": str(number)} for number in numbers))
    assert Decimal(found.fields["quantity"]) == sum(numbers)
    assert found.fields["quantity"] == shown_number(sum(numbers, Decimal()))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        *(("0", "0"), ("12", "12"), ("-5", "-5"), ("\u22125", "-5"), ("12,5", "12.5")),
        *(("1,234.50", "1234.5"), ("1.234,50", "1234.5"), ("1,234,567", "1234567")),
        *(("1 234,50", "1234.5"), ("1\u202f234", "1234"), ("1'234.5", "1234.5")),
        *(("1,99,999.00", "199999"), ("0.123", "0.123"), ("1234.567", "1234.567")),
    ],
)
def test_numbers_are_read_in_the_forms_of_many_countries(text: str, value: str) -> None:
    number = read_number(text)
    assert number is not None
    assert (number.value, number.ambiguous) == (Decimal(value), None)


@pytest.mark.parametrize("text", ["1,234", "1.234", "999.999", "-1,234"])
def test_thousands_or_parts_is_ambiguous(text: str) -> None:
    number = read_number(text)
    assert number is not None
    assert number.ambiguous in {",", "."}


@pytest.mark.parametrize(
    "text",
    [
        "",
        " 1",
        "007",
        "1E5",
        "1.2.3",
        "1.12.2026",
        "12,34,5",
        "x",
        "--1",
        "1,",
        "٣",
        "1.234.5",
        "9" * 99,
    ],
)
def test_what_is_no_number(text: str) -> None:
    assert read_number(text) is None
