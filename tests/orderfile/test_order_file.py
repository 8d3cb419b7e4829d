"""A file of orders as a service reads it: rows, orders, what is left out, and jobs."""

import gc
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from spapi_messaging import ConfirmDeliveryDetails, Invoice, Job, Marketplace, OrderFileError
from spapi_messaging.messages import attachment_name
from spapi_messaging.orderfile import FileOrder, OrderFile, order_jobs, read_orders

ONE, TWO, THREE = "903-1671087-0812628", "303-0000002-0000002", "D01-0000003-0000003"
TABLE = f"""\
Order ID;First Name;Product;Quantity;Sales Channel;Status
{ONE};Zoë;Lamp;1;Amazon.de;shipped
{TWO};Max;Desk;1;amazon.FR;pending
{ONE};Zoë;Chair;2;Amazon.de;shipped
S01-0000009-0000009;Eve;Bag;1;Non-Amazon;shipped
{THREE};Ann;Film;1;GB;Shipped
"""
TEXT = ConfirmDeliveryDetails(text="Hello $FirstName: $product ($quantity, $items)?")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "orders.txt"
    file.write_text(TABLE, "utf-8")
    return file


def read(text: str, **options: Any) -> OrderFile:
    return read_orders(text.encode(), **options)


def texts(jobs: Iterator[Job]) -> list[object]:
    return [job.rendered.text_or_none for job in jobs]


def test_rows_have_their_lines_orders_marketplaces_and_fields(path: Path) -> None:
    with read_orders(path) as file:
        assert [(row.line, row.order_id, row.marketplace) for row in file.rows] == [
            (2, ONE, Marketplace.DE),
            (3, TWO, Marketplace.FR),
            (4, ONE, Marketplace.DE),
            (6, THREE, Marketplace.UK),
        ]
        assert file.rows[1].fields["first_name"] == "Max"
        assert file.rows[-1] == list(file.rows)[3] == file.rows[1:][2]
        assert len(file.rows) == 4
        assert file.order_count == 3
        with pytest.raises(IndexError):
            file.rows[4]


def test_what_is_no_order_of_amazons_is_left_out_and_counted(path: Path) -> None:
    with read_orders(path) as file:
        assert sum(file.left_out.values()) == 1
        assert file.fault_count == 0


def test_the_file_says_how_it_was_read(path: Path) -> None:
    path.write_bytes(TABLE.encode("cp1252"))
    with read_orders(path) as file:
        assert (file.encoding, file.encoding_is_guessed, file.delimiter) == ("cp1252", True, ";")
        assert file.kind is None
        assert file.columns[:2] == ("order_id", "first_name")
        assert file.rows[0].fields["first_name"] == "Zoë"


def test_rows_of_one_order_are_one_order_wherever_they_stand(path: Path) -> None:
    with read_orders(path) as file:
        orders = list(file.orders())
    assert [order.order_id for order in orders] == [ONE, TWO, THREE]
    assert orders[0].lines == (2, 4)
    assert orders[0].fields["product"] == "Lamp, Chair"


def test_each_order_becomes_one_job(path: Path) -> None:
    with read_orders(path) as file:
        jobs = list(order_jobs(file, TEXT, seller="shop"))
    assert [(job.order_id, job.marketplace, job.seller) for job in jobs] == [
        (ONE, Marketplace.DE, "shop"),
        (TWO, Marketplace.FR, "shop"),
        (THREE, Marketplace.UK, "shop"),
    ]
    assert texts(iter(jobs)) == [
        "Hello Zoë: Lamp, Chair (3, 2)?",
        "Hello Max: Desk (1, 1)?",
        "Hello Ann: Film (1, 1)?",
    ]


def test_a_function_makes_the_message_of_each_order(path: Path, tmp_path: Path) -> None:
    for order_id in (ONE, TWO, THREE):
        (tmp_path / f"{order_id}.pdf").write_bytes(b"%PDF-1.7 " + order_id.encode())

    def invoice(order: FileOrder) -> Invoice:
        return Invoice(attachments=[tmp_path / f"{order.order_id}.pdf"])

    with read_orders(path) as file:
        jobs = list(order_jobs(file, invoice))
    names = [attachment_name(job.rendered.attached[0]) for job in jobs]
    assert names == [f"{order_id}.pdf" for order_id in (ONE, TWO, THREE)]


def test_conditions_and_the_limit_choose(path: Path) -> None:
    with read_orders(path, where=["status=SHIPPED", "product!=Film"], limit=1) as file:
        assert [order.lines for order in file.orders()] == [(2, 4)]
        assert file.left_out["left out by a condition"] == 2


def test_the_limit_counts_orders_and_not_rows(path: Path) -> None:
    """A row that comes late still belongs to an order that came early."""
    with read_orders(path, limit=2) as file:
        assert [order.lines for order in file.orders()] == [(2, 4), (3,)]


def test_a_marketplace_is_given_to_rows_that_name_none() -> None:
    with read(f"order-id,x\n{ONE},1\n", marketplace=Marketplace.IT) as file:
        assert file.rows[0].marketplace is Marketplace.IT
    with read(f"order-id,x\n{ONE},1\n") as file:
        assert file.rows[0].marketplace is None


def test_faults_come_together_and_stop_the_jobs() -> None:
    lines = "".join(f"903-1,{line}\n" for line in range(2, 22))
    with read(f"order-id,x\n{lines}{ONE},Zoë\n") as file:
        assert file.fault_count == 20
        assert [fault.lines for fault in file.faults] == ["2\N{EN DASH}21"]
        with pytest.raises(OrderFileError, match="lines 2\N{EN DASH}21: ") as error:
            order_jobs(file, ConfirmDeliveryDetails(text="Hello $x?"))
        assert error.value.subject == "the content"
        jobs = order_jobs(file, ConfirmDeliveryDetails(text="Hello $x?"), skip_invalid=True)
        assert texts(jobs) == ["Hello Zoë?"]


@pytest.mark.parametrize(
    ("bad", "where"),
    [(f"{ONE},Chair,Mars,1", []), (f"{ONE},Chair,DE,many", ["number>0"])],
    ids=["marketplace", "condition"],
)
@pytest.mark.parametrize("comes_first", [True, False])
def test_an_order_of_which_a_row_is_at_fault_is_skipped_whole(
    bad: str, where: list[str], *, comes_first: bool
) -> None:
    """What is left of it would be another message."""
    rows = [bad, f"{ONE},Lamp,DE,1"] if comes_first else [f"{ONE},Lamp,DE,1", bad]
    table = "\n".join(["order-id,product,marketplace,number", *rows, f"{TWO},Desk,DE,1"])
    message = ConfirmDeliveryDetails(text="$product?")
    with read(table, where=where) as file:
        assert file.fault_count == 1
        assert texts(order_jobs(file, message, skip_invalid=True)) == ["Desk?"]


def test_a_field_that_differs_is_a_fault_where_it_is_used() -> None:
    text = f"order-id,first name,nick\n{ONE},Zoë,Z\n{ONE},Max,Z\n"
    with read(text) as file:
        with pytest.raises(OrderFileError, match=r"line 2: .*first_name") as error:
            order_jobs(file, ConfirmDeliveryDetails(text="Hello $first_name?"))
        assert "Zoë" not in str(error.value)
        assert texts(order_jobs(file, ConfirmDeliveryDetails(text="Hello $nick?"))) == ["Hello Z?"]


def test_an_order_in_two_marketplaces_is_a_fault() -> None:
    with (
        read(f"order-id,marketplace\n{ONE},DE\n{ONE},FR\n") as file,
        pytest.raises(OrderFileError, match="marketplace"),
    ):
        order_jobs(file, ConfirmDeliveryDetails(text="Hello?"))


def test_a_field_that_is_missing_is_a_fault() -> None:
    with (
        read(f"order-id,name\n{ONE},\n") as file,
        pytest.raises(OrderFileError, match=r"line 2: .*name"),
    ):
        order_jobs(file, ConfirmDeliveryDetails(text="Hello $name?"))


@pytest.mark.parametrize(
    ("content", "options", "fault"),
    [
        ("", {}, "empty"),
        ("name,product\nZoë,Lamp\n", {}, "order"),
        (f"order-id,x\n{ONE},1\n", {"where": ["y=1"]}, "y"),
        (f"order-id,x\n{ONE},1\n", {"where": ["x"]}, "x"),
        (f"order-id,x\n{ONE},1\n", {"time_zone": "Europe/Berlyn"}, "Europe/Berlin"),
        (f"order-id,x\n{ONE},1\n", {"encoding": "utf-99"}, "utf-99"),
    ],
)
def test_a_file_of_no_use_says_why(content: str, options: dict[str, object], fault: str) -> None:
    with pytest.raises(OrderFileError, match=fault):
        read(content, **options)


def test_a_path_that_is_no_file_says_so(tmp_path: Path) -> None:
    with pytest.raises(OrderFileError, match="No such file"):
        read_orders(tmp_path / "none.txt")
    with pytest.raises(OrderFileError, match="directory"):
        read_orders(tmp_path)


def test_the_orders_stay_what_they_were_when_the_file_is_gone(path: Path) -> None:
    with read_orders(str(path)) as file:
        os.truncate(path, 0)
        path.unlink()
        assert len(list(file.rows)) == len(file.rows) == 4


def test_a_closed_file_says_so(path: Path) -> None:
    file = read_orders(path)
    file.close()
    with pytest.raises(OrderFileError, match="closed"):
        list(file.orders())


def test_nothing_of_a_row_is_in_a_repr(path: Path) -> None:
    """Rows hold what is known of buyers."""
    with read_orders(path) as file:
        assert "Zoë" not in repr(file) + repr(file.rows[0]) + repr(next(file.orders()))


def test_rows_are_read_as_long_as_they_are_held() -> None:
    """A caller may keep the rows of a file, and forget the file."""
    rows = read_orders(f"order-id\n{ONE}\n".encode()).rows
    gc.collect()
    assert [row.order_id for row in rows] == [ONE]


def test_reasons_that_name_a_cell_are_not_one_for_each_row() -> None:
    """Memory would grow with the file, and nobody reads a hundred reasons."""
    rows = "".join(f"{ONE},Non-Amazon {number}\n" for number in range(100))
    with read_orders(f"order-id,sales-channel\n{rows}".encode()) as file:
        assert (sum(file.left_out.values()), len(file.left_out)) == (100, 21)
        assert file.left_out["other reasons"] == 80
