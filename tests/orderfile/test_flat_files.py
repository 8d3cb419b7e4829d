"""Amazon's TAB files: they know no quotes, so a line is a row and a quote is a character."""

import pytest
from helpers.order_tables import MIB, fault_of, opened, rows_of
from hypothesis import given, strategies as st

from spapi_messaging.orderfile.tables.header import unwrapped

HEADER = "order-id\tproduct-name\tquantity\n"


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ('5" pipe', '5" pipe'),
        ('"5" pipe"', '5" pipe'),
        ('"5"" pipe"', '5" pipe'),
        ('"Best" lamp', '"Best" lamp'),
        ('lamp "Best"', 'lamp "Best"'),
        ('"Best" and "New"', '"Best" and "New"'),
        ('"lamp"', "lamp"),
        ('"a, b; c|d"', "a, b; c|d"),
        ('""', ""),
        ('"', '"'),
        ('""""', '"'),
        ('"lamp', '"lamp'),
        ('lamp"', 'lamp"'),
        ("O'Neill", "O'Neill"),
        ("a\\b", "a\\b"),
        (' "x" ', ' "x" '),
    ],
)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_cell_loses_the_quotes_around_it_and_no_others(written: str, read: str, end: str) -> None:
    content = f"order-id\tproduct-name\tquantity\n1\t{written}\t2\n{written}\t5\t{written}\n3\t4\t5"
    assert rows_of(content.replace("\n", end), flat=True) == [
        (2, ["1", read, "2"]),
        (3, [read, "5", read]),
        (4, ["3", "4", "5"]),
    ]


CELLS = st.text(st.sampled_from('ab" ,;|ü'), max_size=6)


@given(rows=st.lists(st.lists(CELLS, min_size=3, max_size=3).filter(lambda r: "".join(r).strip())))
def test_no_quote_takes_the_next_row_in(rows: list[list[str]]) -> None:
    content = HEADER + "".join("\t".join(row) + "\n" for row in rows)
    expected = [list(map(unwrapped, row)) for row in rows]
    read = rows_of(content, flat=True)
    assert [line for line, _ in read] == [
        n for n, row in enumerate(expected, start=2) if "".join(row).strip()
    ]
    assert [cells for _, cells in read] == [row for row in expected if "".join(row).strip()]


def test_the_names_may_be_wrapped_too() -> None:
    table = opened('"order-id"\t"product-name"\t"quantity"\t\n"1"\t"2"\t"3"\t\n', flat=True)
    assert table.columns == ("order-id", "product-name", "quantity")
    assert table.is_flat
    assert list(table.rows()) == [(2, ["1", "2", "3"])]


def test_only_a_file_with_tabs_is_asked_for() -> None:
    assert not opened("order-id,quantity\n", flat=True).is_flat
    assert not opened("sep=,\norder-id,quantity\tx\n", flat=True).is_flat
    assert not opened("order-id\n", flat=True).is_flat
    assert opened("sep=\t\norder-id\tquantity\n", flat=True).is_flat


def test_cells_that_are_missing_at_the_end_are_empty() -> None:
    content = HEADER + "1\n2\tLamp\n3\tDesk\t1\t\t\n\t\t\n\n"
    assert rows_of(content, flat=True) == [
        (2, ["1", "", ""]),
        (3, ["2", "Lamp", ""]),
        (4, ["3", "Desk", "1"]),
    ]


def test_what_a_spreadsheet_has_saved_again_is_read_with_its_quotes() -> None:
    """It wraps a cell that holds a TAB; where that gives the right cells, that is what it was."""
    assert rows_of(f'{HEADER}1\t"a\tb ""x"""\t2\n', flat=True) == [(2, ["1", 'a\tb "x"', "2"])]
    assert fault_of(f'{HEADER}1\t"a\tb\t2\n', flat=True) == "it has 4 cells; the header has 3"


@pytest.mark.parametrize(
    ("row", "reported"),
    [
        ("1\t2\t3\t4", "it has 4 cells; the header has 3"),
        ("1\ta\rb\t3", "a carriage return stands alone"),
        ('1\t"Lamp,', "its last cell begins with a quote, and the line ends inside of it"),
        ("1\t" + "x" * MIB, "it is longer than 1 MiB"),
    ],
)
def test_a_wrong_line_says_what_is_wrong(row: str, reported: str) -> None:
    assert reported in fault_of(f"{HEADER}{row}\n", flat=True)


def test_a_file_that_was_cut_off_has_no_last_row() -> None:
    """What is left of a cell would be another name, or another parcel's number."""
    assert fault_of(f"{HEADER}1\tLam", flat=True) == (
        "the file ends inside of this row; export it again"
    )


def test_lines_may_end_as_on_an_old_mac() -> None:
    content = HEADER.replace("\n", "\r") + '1\t5" pipe\t2\r\r2\tLamp\t1'
    assert rows_of(content, flat=True) == [(2, ["1", '5" pipe', "2"]), (4, ["2", "Lamp", "1"])]


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "cp932"])
def test_it_is_the_same_in_every_encoding(codec: str) -> None:
    content = "注文番号\tポ能\n1\t表\n".encode(codec)
    table = opened(content, flat=True, japanese=True)
    assert table.columns == ("注文番号", "ポ能")
    assert list(table.rows()) == [(2, ["1", "表"])]
