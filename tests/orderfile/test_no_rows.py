"""What stands among the rows of a table and is none: headers, totals, frames, titles."""

import pytest
from helpers.order_reports import KINDS, ORDERS, Sale, report

from spapi_messaging import ConfirmDeliveryDetails, OrderFileError
from spapi_messaging.orderfile import OrderFile, order_jobs, read_orders

ONE, TWO = ORDERS[:2]
TEXT = ConfirmDeliveryDetails(text="When?")


def read(*lines: str) -> OrderFile:
    return read_orders("\n".join(lines).encode())


def ids(file: OrderFile) -> list[str]:
    return [order.order_id for order in file.orders()]


@pytest.mark.parametrize("kind", KINDS)
def test_a_report_twice_in_a_file_is_read_as_once(kind: str) -> None:
    """Two items that look alike stay two."""
    sales = [
        Sale(quantity=2),
        Sale(product="Chair", item_id="60000000000002"),
        Sale(TWO),
        Sale(TWO),
    ]
    once = report(kind, sales=sales)
    with read_orders(once) as expected, read_orders(once + once) as file:
        assert file.left_out == {"the header again": 1}
        assert not file.fault_count
        assert list(file.orders()) == list(expected.orders())
        assert len(file.rows) == 2 * len(expected.rows)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("other", KINDS)
def test_no_row_is_read_by_the_names_of_another_report(kind: str, other: str) -> None:
    if kind == other:
        return
    file = read_orders(report(kind) + report(other, sales=[Sale(TWO)]))
    with file:
        assert ids(file) == [ONE]
        assert file.fault_count
        with pytest.raises(OrderFileError):
            list(order_jobs(file, TEXT))


def test_what_stands_below_another_header_cannot_be_skipped() -> None:
    with read("order_id,a,b", f"{ONE},x,y", "b,Order ID,a", f"x,{TWO},{ONE}", f"{TWO},x,y") as file:
        assert ids(file) == [ONE]
        assert file.hiding == 3
        assert file.fault_lines[-1] == "line 5: it stands below another header, on line 3"
        with pytest.raises(OrderFileError, match="may hold other rows"):
            list(order_jobs(file, TEXT, skip_invalid=True))


def test_below_the_first_header_again_rows_are_read() -> None:
    first = "order_id,a,b"
    with read(first, f"{ONE},x,y", "Order ID,b,a", f"{ONE},x,y", first, f"{TWO},x,y") as file:
        assert ids(file) == [ONE, TWO]


@pytest.mark.parametrize(
    "row",
    [
        *("Summe;;7", "Gesamtergebnis;7", ";Total:;3", "Grand Total;;1.234,00 €", "合計;;3"),
        *(f"{ONE} Ergebnis;;2", f"{ONE} Total;;2", "Total général;2;3"),
    ],
)
def test_a_row_of_totals_is_left_out_and_counted(row: str) -> None:
    with read("order_id;product;quantity", f"{ONE};Lamp;3", row, f"{TWO};Desk;4") as file:
        assert ids(file) == [ONE, TWO]
        assert file.left_out == {"a row of totals": 1}


def test_a_row_that_names_a_product_is_no_total() -> None:
    with read("order_id;product;quantity", ";Total;Lamp", "Total;Lamp;1") as file:
        assert file.fault_count == 2


@pytest.mark.parametrize(
    "frame",
    [
        (
            " order_id            | marketplace | x ",
            "---------------------+-------------+---",
            f" {ONE} | DE          | 1",
            f" {TWO} | FR          | 2",
            "(2 rows)",
            "",
        ),
        (
            "+---------------------+-------------+---+",
            "| order_id            | marketplace | x |",
            "+---------------------+-------------+---+",
            f"| {ONE} | DE          | 1 |",
            f"| {TWO} | FR          | 2 |",
            "+---------------------+-------------+---+",
            "2 rows in set (0.00 sec)",
        ),
        (
            "| order_id | marketplace | x |",
            "|:---------|:-----------:|--:|",
            f"| {ONE} | DE | 1 |",
            f"| {TWO} | FR | 2 |",
        ),
        (
            "order_id           ,marketplace,x",
            "-------------------,-----------,-",
            f"{ONE},DE         ,1",
            f"{TWO},FR         ,2",
            "",
            "(2 rows affected)",
        ),
        (",order_id,marketplace,x", f"0,{ONE},DE,1", f"1,{TWO},FR,2"),
        ('"";"order_id";"marketplace";"x"', f'"1";"{ONE}";"DE";1', f'"2";"{TWO}";"FR";2'),
    ],
)
def test_what_sql_clients_and_pandas_write_around_rows_is_none(frame: tuple[str, ...]) -> None:
    with read(*frame) as file:
        assert not file.fault_count
        assert not file.left_out
        orders = list(file.orders())
        assert [order.order_id for order in orders] == [ONE, TWO]
        assert [order.marketplace and order.marketplace.name for order in orders] == ["DE", "FR"]
        assert [order.fields["x"] for order in orders] == ["1", "2"]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize(
    "title",
    [
        ("All orders November 2026", ""),
        ("Alle Bestellungen{0}{0}{0}", "{0}{0}{0}", "vom{0}01.11.2026"),
        ("Report, made by Ann; for Bob",),
    ],
)
def test_a_header_is_found_below_a_title(delimiter: str, title: tuple[str, ...]) -> None:
    table = ("Bestellnummer{0}Produkt{0}Menge", ONE + "{0}Lamp{0}1")
    with read(*(line.format(delimiter) for line in (*title, *table))) as file:
        assert file.columns == ("bestellnummer", "produkt", "menge")
        assert file.delimiter == delimiter
        (order,) = file.orders()
        assert (order.lines, order.fields["menge"]) == ((len(title) + 2,), "1")


@pytest.mark.parametrize("kind", KINDS)
def test_a_report_is_found_below_a_title(kind: str) -> None:
    with read_orders(b"Report of November\r\n\r\n" + report(kind)) as file:
        assert file.kind == kind
        assert ids(file) == [ONE]


def test_a_table_without_orders_is_judged_by_its_first_line() -> None:
    with pytest.raises(OrderFileError, match="columns are 'sku', 'title'"):
        read("sku,title", *(["1,2"] * 30), "order_id,x")


@pytest.mark.parametrize("delimiter", [",", ";", "|", "\t"])
def test_blanks_before_quotes_are_no_part_of_a_cell(delimiter: str) -> None:
    """Otherwise a buyer would read the quotes, and a delimiter inside of them would be one."""
    lines = ('"order_id"{0} "product"{0} "x"', f'"{ONE}"{{0}} "Lamp{{0}} ""big"""{{0}} "1"')
    with read(*(line.format(delimiter) for line in lines)) as file:
        (order,) = file.orders()
        assert order.fields["product"] == f'Lamp{delimiter} "big"'
        assert order.fields["x"] == "1"


def test_a_limit_below_nothing_is_an_error_and_not_all() -> None:
    with pytest.raises(ValueError, match="limit -1"):
        read_orders(f"order_id\n{ONE}\n".encode(), limit=-1)
