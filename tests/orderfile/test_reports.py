"""Amazon's reports are told by their names, and their rows by what they say of an order."""

import random

import pytest
from helpers.order_reports import COUNTRIES, KINDS, ORDERS, Sale, header, row

from spapi_messaging import Marketplace
from spapi_messaging.orderfile.order_row import LeftOut, OrderRow, RowFault
from spapi_messaging.orderfile.report_kinds import is_flat, kind_of
from spapi_messaging.orderfile.reports import RowReader

ORDER = ORDERS[0]
PLACES = [(kind, country) for kind in KINDS for country in COUNTRIES]


def of_row(columns: list[str], *cells: str) -> OrderRow | LeftOut | RowFault:
    return RowReader.of(columns).read(2, list(cells))


def fault(columns: list[str], *cells: str) -> str:
    found = of_row(columns, *cells)
    assert isinstance(found, RowFault)
    return found.reason


def left_out(columns: list[str], *cells: str) -> str:
    found = of_row(columns, *cells)
    assert isinstance(found, LeftOut)
    return found.reason


def spellings(name: str) -> set[str]:
    words = name.replace("-", " ").split()
    capital = [word.title() for word in words]
    joined = "".join(capital)
    return {name, " ".join(capital), "_".join(words).upper(), joined[0].lower() + joined[1:]}


@pytest.mark.parametrize(("kind", "country"), PLACES)
def test_a_report_is_told_by_its_names_in_any_order(kind: str, country: str) -> None:
    columns = list(header(kind, country))
    for seed in range(3):
        random.Random(seed).shuffle(columns)
        assert str(kind_of(columns) and kind_of(columns).name) == kind
        assert is_flat(columns) is (kind != "VAT calculation (VCS) tax report")


@pytest.mark.parametrize(("kind", "country"), PLACES)
def test_a_row_of_a_report_has_its_order_and_where_it_was_placed(kind: str, country: str) -> None:
    has_place = kind not in {"unshipped orders report", "new orders report"}
    for order_id in ORDERS:
        reader = RowReader.of(header(kind, country))
        found = reader.read(7, row(kind, country, Sale(order_id)))
        assert isinstance(found, OrderRow)
        assert (found.line, found.order_id) == (7, order_id)
        assert found.marketplace is (Marketplace[country] if has_place else None)
        assert all(found.fields.values())
        assert reader.kind is not None


@pytest.mark.parametrize("kind", KINDS)
def test_a_report_is_told_with_columns_added_and_missing(kind: str) -> None:
    columns = [*header(kind), "Note", "Ansprechpartner"]
    needed = {"amazon-order-id", "order-id", "order-item-id", "Order ID", "Transaction Type"}
    needed |= {
        "transaction-type",
        "promise-date",
        "days-past-promise",
        "shipping-id",
        "invoice-number",
    }
    for seed in range(30):
        dice = random.Random(seed)
        kept = [column for column in columns if column in needed or dice.random() < 0.7]
        found = kind_of(kept)
        assert found is not None
        assert found.name == kind


@pytest.mark.parametrize("kind", KINDS)
def test_a_report_is_told_in_other_spellings(kind: str) -> None:
    for pick in range(4):
        columns = [
            sorted(spellings(column))[pick % len(spellings(column))] for column in header(kind)
        ]
        found = kind_of(columns)
        assert found is not None
        assert found.name == kind


@pytest.mark.parametrize(
    "columns",
    [
        ["order-id"],
        ["order_id", "action", "text"],
        ["Order ID", "First Name", "sku"],
        ["order-id", "product-name", "quantity-purchased"],
        ["amazon-order-id", "first_name", "carrier"],
    ],
)
def test_a_person_s_own_table_is_no_report_and_is_read_all_the_same(columns: list[str]) -> None:
    assert kind_of(columns) is None
    assert not is_flat(columns)
    found = of_row(columns, ORDER, *["x"] * (len(columns) - 1))
    assert isinstance(found, OrderRow)


@pytest.mark.parametrize("kind", ["VAT invoice data report", "VAT calculation (VCS) tax report"])
@pytest.mark.parametrize("transaction", ["REFUND", "RETURN", "CANCEL", "Refund", ""])
def test_only_goods_that_went_out_are_orders(kind: str, transaction: str) -> None:
    reader = RowReader.of(header(kind))
    found = reader.read(2, row(kind, "DE", Sale(transaction=transaction)))
    column = "Transaction Type" if kind.endswith("tax report") else "transaction-type"
    assert found == LeftOut(f"{column} {transaction or '(empty)'} is not SHIPMENT")
    assert isinstance(reader.read(2, row(kind, "DE", Sale(transaction="Shipment"))), OrderRow)


def test_a_table_with_a_column_called_so_leaves_nothing_out() -> None:
    assert isinstance(of_row(["order_id", "transaction"], ORDER, "REFUND"), OrderRow)


@pytest.mark.parametrize(
    "channel",
    [
        *("Non-Amazon", "Non-Amazon DE", "non-amazon us", "NON_AMAZON", "Non\u2011Amazon"),
        *("SI US Prod Marketplace", "SI Prod UK Marketplace", "MCF", "Multi-Channel"),
    ],
)
def test_what_was_not_sold_on_amazon_is_left_out(channel: str) -> None:
    """Whatever its id is; also where a person has added a marketplace."""
    expected = f"not sold on Amazon (sales-channel {channel})"
    for order_id in (ORDER, "S01-1234567-1234567", "4711", ""):
        assert left_out(["order-id", "sales-channel"], order_id, channel) == expected
    columns = ["amazon-order-id", "marketplace", "sales-channel"]
    assert left_out(columns, ORDER, "DE", channel) == expected
    assert left_out(["order-id", "marketplace"], ORDER, channel).startswith("not sold on Amazon")


@pytest.mark.parametrize("order_id", ["S01-1234567-1234567", "s02-1234567-1234567", "S1-5"])
def test_ids_that_begin_with_s_are_left_out(order_id: str) -> None:
    reason = "order ids that begin with S are not Amazon's"
    assert left_out(["order-id"], order_id) == reason
    assert left_out(["order-id", "sales-channel"], order_id, "Amazon.de") == reason
    assert left_out(["order-id"], order_id.replace("-", "\u2011")) == reason


@pytest.mark.parametrize(
    ("channel", "said"),
    [
        ("Amazon.dee", "sales-channel 'Amazon.dee' is no marketplace; did you mean Amazon.de?"),
        ("Ebay", "sales-channel 'Ebay' is no marketplace; write a code, as DE, or a domain"),
        ("Amazon.cn", "sales-channel 'Amazon.cn' is no marketplace"),
        ("Amazon", "sales-channel 'Amazon' is no marketplace; write a code"),
        ("\u0410mazon.de", "is no marketplace"),
        ("Dear Zoë, your parcel <3", "sales-channel <24 characters> is no marketplace"),
        ("DE\x1b[2J", "sales-channel <6 characters> is no marketplace"),
        ("x" * 1000, "sales-channel <1000 characters> is no marketplace; write a code"),
    ],
)
def test_an_unknown_channel_is_a_fault(channel: str, said: str) -> None:
    found = fault(["order-id", "sales-channel"], ORDER, channel)
    assert said in found
    assert found.isprintable()


def test_the_marketplace_is_that_of_the_column_to_be_trusted_most() -> None:
    columns = ["sales-channel", "order-id", "marketplace-id", "marketplace"]
    for cells, expected in (
        (("Amazon.co.uk", ORDER, "A1F83G8C2ARO7P", "gb"), Marketplace.UK),
        (("Amazon.de", ORDER, "A1PA6795UKMFR9", ""), Marketplace.DE),
        (("Amazon.xx", ORDER, "", "JP"), Marketplace.JP),
    ):
        found = of_row(columns, *cells)
        assert isinstance(found, OrderRow)
        assert found.marketplace is expected


@pytest.mark.parametrize(
    "name",
    [
        *("order_id", "order-id", "Order ID", "orderId", "OrderID", "ORDER_ID", "\ufeffOrder ID"),
        *("amazon-order-id", "AmazonOrderId", "Amazon Order ID", "order number", "Order No."),
        *("Bestellnummer", "Bestell-Nr.", "Amazon-Bestellnummer", "Numéro de commande"),
        *("N° de commande", "NUMERO DE COMMANDE", "Numero d'ordine", "Número de pedido"),
        *("Nº de pedido", "Ordernummer", "Bestelnummer", "Numer zamówienia"),
        *("Sipariş numaras\u0131", "注文番号", "Amazon注文番号", "注文ID", "订单编号"),
    ],
)
def test_the_order_s_id_is_found_in_many_languages(name: str) -> None:
    found = of_row(["merchant-order-id", "Name", name, "sku"], "M-1", "x", ORDER, "x")
    assert isinstance(found, OrderRow)
    assert found.order_id == ORDER


def test_amazon_s_id_comes_before_any_other() -> None:
    for others in (["order-id"], ["Order Number"], ["merchant-order-id", "Bestellnummer"]):
        columns = [*others, "amazon-order-id"]
        found = of_row(columns, *["4711"] * len(others), ORDER)
        assert isinstance(found, OrderRow)
        assert found.order_id == ORDER
    found = of_row(["Bestellnummer", "Amazon-Bestellnummer"], "4711", ORDER)
    assert isinstance(found, OrderRow)


def test_the_cleaned_id_is_the_one_in_the_fields() -> None:
    found = of_row(["Order ID", " First  Name ", "x"], f'="{ORDER}"', " Zoë ", " ")
    assert isinstance(found, OrderRow)
    assert found.fields == {"order_id": ORDER, "first_name": "Zoë"}


@pytest.mark.parametrize(
    ("order_id", "said"),
    [
        ("", "amazon-order-id is missing"),
        ("9.03E+16", "amazon-order-id '9.03E+16' is not 3-7-7 digits: a spreadsheet has turned"),
        (
            "903-1671087-08126",
            "amazon-order-id '903-1671087-08126' is not 3-7-7 digits (of",
        ),
        ("Dear Zoë", "amazon-order-id <8 characters> is not 3-7-7 digits"),
    ],
)
def test_a_wrong_id_is_a_fault_that_names_its_column(order_id: str, said: str) -> None:
    assert fault(["amazon-order-id"], order_id).startswith(said)


def test_all_faults_of_a_row_are_named() -> None:
    found = fault(["order-id", "marketplace"], "42", "Ebay")
    assert found.startswith("order-id '42' is not")
    assert "; marketplace 'Ebay' is no marketplace" in found


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        (
            ["merchant-order-id", "sku"],
            "no column order_id, nor amazon-order-id, Order ID, Bestell",
        ),
        (["merchant-order-id", "sku"], " (its columns are 'merchant-order-id', 'sku')"),
        (
            ["ordr_id", "sku"],
            "no column order_id; did you mean 'ordr_id'? (its columns are",
        ),
        (["order-item-id", "order-date"], "no column order_id, nor"),
        ([f"c{number}" for number in range(60)], "'c19' and 40 more"),
        ([ORDER, "x"], "the first line seems to be a row; put a line with the columns' names"),
        (["order_id", "a", "a"], "the header has 'a' twice"),
        (["order_id", "Order ID"], "has 'order_id' and 'Order ID', which are one name"),
        (["Bestellnummer", "Order Number"], "'Bestellnummer' and 'Order Number', and either may"),
        ([], "no column order_id"),
        (["Dear Zoë, <b>\x1b[2J", "y"], "its columns are <17 characters>, 'y'"),
    ],
)
def test_a_header_that_cannot_be_read_is_an_error(columns: list[str], said: str) -> None:
    with pytest.raises(ValueError, match="the header has") as caught:
        RowReader.of(columns)
    assert said in str(caught.value)


def test_columns_without_a_name_are_no_fields() -> None:
    found = of_row(["", "order-id", "", " "], "a", ORDER, "b", "c")
    assert isinstance(found, OrderRow)
    assert found.fields == {"order_id": ORDER}


def test_the_static_sandbox_s_ids_are_read_where_they_are_asked_for() -> None:
    found = RowReader.of(["order_id"], odd=True).read(2, ["badOrderId"])
    assert isinstance(found, OrderRow)
    assert found.order_id == "badOrderId"


def test_json_records_are_read_by_their_own_names() -> None:
    reader = RowReader.of(["order_id", "x"])
    values = {"AmazonOrderId": ORDER, "SalesChannel": "Amazon.de", "quantity": 2, "rate": 1.5}
    more = {"prime": True, "price": 20.0, "none": None, "empty": "", "nested": {"a": 1}}
    found = reader.read_values(3, values | more)
    assert found == OrderRow(
        3,
        ORDER,
        Marketplace.DE,
        {
            "amazon_order_id": ORDER,
            "sales_channel": "Amazon.de",
            "quantity": "2",
            "rate": "1.5",
            "prime": "true",
            "price": "20",
        },
    )
    for wrong, said in (
        ({"x": 1}, "no column order_id"),
        ({"order_id": 90316710870812628}, "order_id (a number) is not 3-7-7 digits"),
        ({"order_id": None}, "order_id is missing"),
        ({"order_id": ORDER, "order-id": ORDER}, "which are one name"),
    ):
        refused = reader.read_values(4, wrong)
        assert isinstance(refused, RowFault)
        assert said in refused.reason


def test_no_more_headers_are_remembered_than_a_file_may_have() -> None:
    reader = RowReader.of(["order_id"])
    for number in range(500):
        assert isinstance(reader.read_values(1, {"order_id": ORDER, f"c{number}": "x"}), OrderRow)
    assert len(reader._others) <= 64
