"""Every row of a file is somewhere, once; and orders are the same however the rows stand."""

import random

import pytest
from helpers.order_reports import KINDS, Sale, report
from hypothesis import given, settings, strategies as st

from spapi_messaging.orderfile import FILTERED, FileOrder, OrderFile, read_orders

ROWS = st.lists(
    st.tuples(
        st.sampled_from(
            [
                *("903-1671087-0812628", "305-4419035-2250747", "D01-1671087-0812629"),
                *("S01-1234567-1234567", "4711", "", "9.03E+16", "NULL", "Summe", "Order ID"),
            ]
        ),
        st.sampled_from(["DE", "Amazon.fr", "", "Non-Amazon", "Ebay", "nan", "Marketplace"]),
        st.sampled_from(["1", "2", "", "1,5", "x"]),
        st.sampled_from(["Lamp", "Chair", "", '"', "Total"]),
    ),
    max_size=12,
)
HEADER = ("Order ID", "Marketplace", "Quantity", "Product Name")


def read(rows: list[tuple[str, ...]], **options: object) -> OrderFile:
    lines = ["\t".join(cells) for cells in (HEADER, *rows)]
    text = "".join(f"{line}\n" for line in lines).replace('"', '""""')
    return read_orders(text.encode(), **options)


@settings(deadline=None)
@given(ROWS)
def test_every_row_is_an_order_s_or_left_out_or_at_fault(rows: list[tuple[str, ...]]) -> None:
    given_rows = [cells for cells in rows if any(cells)]
    with read(rows) as file:
        counted = len(file.rows) + sum(file.left_out.values()) + file.fault_count
        assert counted == len(given_rows)
        assert sum(fault.count for fault in file.faults) == file.fault_count
        lines = sorted(line for order in file.orders() for line in order.lines)
        assert len(lines) == len(set(lines))
        told, kept = {row.order_id for row in file.rows}, {one.order_id for one in file.orders()}
        assert kept <= told, "those of which another row is at fault are left out"
        assert file.fault_count or kept == told
    with read(rows, where=["quantity=1"]) as filtered:
        all_rows = len(filtered.rows) + sum(filtered.left_out.values()) + filtered.fault_count
        assert all_rows == len(given_rows)
        assert filtered.left_out.get(FILTERED, 0) <= len(file.rows)


def said(order: FileOrder) -> object:
    """What an order's message can hold, but for the order of the rows."""
    fields = sorted((name, sorted(value.split(", "))) for name, value in order.fields.items())
    return order.order_id, order.marketplace, fields, sorted(order.differing)


@settings(deadline=None)
@given(ROWS, st.randoms(use_true_random=False))
def test_orders_are_the_same_in_whatever_order_the_rows_stand(
    rows: list[tuple[str, ...]], chance: random.Random
) -> None:
    rows = [cells for cells in rows if cells[0] != "Order ID"]
    mixed = chance.sample(rows, len(rows))
    with read(rows) as one, read(mixed) as other:
        assert sorted(map(repr, map(said, one.orders()))) == sorted(
            map(repr, map(said, other.orders()))
        )
        assert one.left_out == other.left_out
        assert one.fault_count == other.fault_count


@pytest.mark.parametrize("kind", KINDS)
def test_columns_may_stand_in_any_order(kind: str) -> None:
    sales = [Sale(), Sale(product="Chair", item_id="60000000000002"), Sale(product="Desk")]
    as_it_comes = report(kind, sales=sales, encoding="utf-8").decode().splitlines()
    delimiter = "," if kind.endswith("tax report") else "\t"
    table = [line.split(delimiter) for line in as_it_comes]
    places = random.Random(7).sample(range(len(table[0])), len(table[0]))
    moved = "\r\n".join(delimiter.join(cells[at] for at in places) for cells in table)
    with (
        read_orders("\r\n".join(as_it_comes).encode()) as one,
        read_orders(moved.encode()) as other,
    ):
        assert list(map(said, one.orders())) == list(map(said, other.orders()))
