"""Any table: its header decides, and a bad row is a sentence that quotes nothing of it."""

import io
import tracemalloc
from typing import BinaryIO, cast

import pytest
from helpers.order_tables import MIB, ORDER, OTHER, fault_of, file_fault, opened, rows_of

from spapi_messaging.errors import OrderFileError
from spapi_messaging.orderfile.tables.rows import HiddenRows
from spapi_messaging.orderfile.tables.table import open_table

NAMES = ("order-id", "product-name", "quantity")


@pytest.mark.parametrize(
    ("header", "delimiter", "columns"),
    [
        ("order-id\tproduct-name\tquantity", "\t", NAMES),
        ("order-id;product-name;quantity", ";", NAMES),
        ("order-id,product-name,quantity", ",", NAMES),
        ("order-id|product-name|quantity", "|", NAMES),
        ('"order-id";"product-name";"quantity"', ";", NAMES),
        ('"order, id";"a,b,c";"d,e,f"', ";", ("order, id", "a,b,c", "d,e,f")),
        ('"a;b;c;d",e', ",", ("a;b;c;d", "e")),
        ("a; b; c\td\te", "\t", ("a; b; c", "d", "e")),
        ('size 5"\tcolour\tx,y', "\t", ('size 5"', "colour", "x,y")),
        ('size 5",colour', ",", ('size 5"', "colour")),
        ("a;b;", ";", ("a", "b")),
        (";;a;b;;", ";", ("", "", "a", "b")),
        (" a ;\u00a0b\u00a0;\ufeffc\u200b", ";", ("a", "b", "c")),
        ('"Order\nID";"a\r\n b"', ";", ("Order ID", "a b")),
        ("order-id", "", ("order-id",)),
        ('"order; id, x"', "", ("order; id, x",)),
        ("order-id;", ";", ("order-id",)),
        ("注文番号,商品名", ",", ("注文番号", "商品名")),
    ],
)
def test_the_header_says_what_separates_the_cells(
    header: str, delimiter: str, columns: tuple[str, ...]
) -> None:
    table = opened(f"{header}\n1,5;2;3,7;2\n")
    assert (table.delimiter, table.columns) == (delimiter, columns)


@pytest.mark.parametrize(
    ("content", "delimiter"),
    [
        ("a;b,c\n1;2\n1;2,5\n", ";"),
        ("a;b,c\n1,2\n1,2;5\n", ","),
        ("a|b;c\n1|2\n", "|"),
        ('a;b,c\n1,"2\n', ";"),
        ("a;b,c\n", ";"),
    ],
)
def test_between_two_delimiters_that_are_as_good_the_rows_decide(
    content: str, delimiter: str
) -> None:
    assert opened(content).delimiter == delimiter


@pytest.mark.parametrize("said", ["sep=;", "SEP=;", '"sep=;"', "\ufeffsep=;", "sep=;;;", "\nsep=;"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_line_that_says_the_delimiter_is_obeyed(said: str, end: str) -> None:
    said = said.replace("\n", end)
    table = opened(f"{said}{end}a,b;c,d,e{end}1,5;2{end}")
    assert (table.delimiter, table.columns) == (";", ("a,b", "c,d,e"))
    line = 3 + said.count(end)
    assert list(table.rows()) == [(line, ["1,5", "2"])]


@pytest.mark.parametrize("delimiter", ["\t", "|", ":", "^", "~", ","])
def test_any_delimiter_may_be_said(delimiter: str) -> None:
    content = f"sep={delimiter}\r\na{delimiter}b;c;d\r\n1{delimiter}2\r\n"
    assert rows_of(content) == [(3, ["1", "2"])]


def test_blank_lines_and_empty_rows_are_no_rows() -> None:
    content = "\n \n;;;\n" + '"";\n' + "a;b;;\n\n1;2;;\n;;;\n  ; ;;\n\n3;4;;\n\n;;;\n"
    assert rows_of(content) == [(7, ["1", "2"]), (11, ["3", "4"])]


def test_a_header_twice_is_a_row_like_others() -> None:
    assert rows_of("a,b\n1,2\na,b\n") == [(2, ["1", "2"]), (3, ["a", "b"])]


def test_a_byte_order_mark_where_two_files_were_joined_is_dropped() -> None:
    content = '\ufeffa,b\n1,2\n\ufeff"x, y",b\n'
    assert rows_of(content) == [(2, ["1", "2"]), (3, ["x, y", "b"])]


def test_a_byte_of_a_japanese_character_is_no_delimiter() -> None:
    """In cp932 the second byte of some is that of a bar, of others that of a backslash."""
    content = "注文番号|ポ能|表ソ\nポ|能表|\\\n".encode("cp932")
    table = opened(content, japanese=True)
    assert table.columns == ("注文番号", "ポ能", "表ソ")
    assert list(table.rows()) == [(2, ["ポ", "能表", "\\"])]


def test_separators_of_unicode_end_no_line() -> None:
    odd = "a\x0bb\x0cc\x1cd\x85e\u2028f\u2029g"
    assert rows_of(f"x,y\n{odd},2\n") == [(2, [odd, "2"])]


def test_line_ends_written_twice_over_are_one() -> None:
    assert rows_of("a;b\r\r\n1;2\r\r\n3;4\r\r\n") == [(2, ["1", "2"]), (3, ["3", "4"])]


def test_a_quote_inside_of_a_cell_is_a_character() -> None:
    for delimiter in "\t;,|":
        content = f'a{delimiter}b\n5" pipe{delimiter}x"\n'
        assert rows_of(content) == [(2, ['5" pipe', 'x"'])]


@pytest.mark.parametrize(
    ("row", "reported"),
    [
        ("1,2", "it has 2 cells; the header has 3"),
        ("1,2,3,4", "it has 4 cells; the header has 3"),
        ("1,2,3,,x,", "it has 5 cells; the header has 3"),
        ('1,2,"a"b', "a quote is not closed, or not doubled inside of quotes"),
        ('1,2,"a', "a quote is not closed, or not doubled inside of quotes"),
        ('1,2,"a\nb', "a quote is not closed, or not doubled inside of quotes"),
        ('1,2,"a\nb', "(the record goes on to line 3)"),
        ("1,2,a\rb", "a carriage return stands alone; end lines with LF or CRLF"),
        (f"1,2,{'x' * 131_073}", "a cell is longer than 131072 characters"),
        (f"1,2,{'x' * MIB}", "it is longer than 1 MiB"),
    ],
)
def test_a_wrong_row_says_what_is_wrong(row: str, reported: str) -> None:
    assert reported in fault_of(f"a,b,c\n{row}\n")


def test_a_value_under_no_name_is_a_fault() -> None:
    assert rows_of("a,,b,,\n1,,2,,\n1, ,2\n") == [(2, ["1", "", "2"]), (3, ["1", " ", "2"])]
    assert fault_of("a,,b,,\n1,x,2,,\n") == "cell 2 has a value, and its column has no name"
    assert fault_of("a,,b,,\n1,,2,,x\n") == "cell 5 has a value, and its column has no name"
    assert fault_of("a,,b,,\n1,,2,,,x\n") == "it has 6 cells; the header has 3"


@pytest.mark.parametrize(
    "bad",
    ['1,2,"a"b\n', f"1,2,{'x' * 140_000}\n", f"1,2,{'x' * MIB}\n", "1\n", f"{'ü' * 3 * MIB}\n"],
)
@pytest.mark.parametrize("flat", [False, True])
def test_after_a_wrong_row_the_next_is_read(bad: str, flat: bool) -> None:
    content = f"a,b,c\n{bad}4,5,6\n7,8,9\n"
    if flat:
        content = content.replace(",", "\t").replace("1\n", "1\t2\t3\t4\n")
    fault, *rows = rows_of(content, flat=flat)
    assert fault[0] == 2
    assert flat or isinstance(fault[1], str)
    assert rows == [(3, ["4", "5", "6"]), (4, ["7", "8", "9"])]


def test_a_record_of_more_than_1_mib_over_several_lines_is_a_fault() -> None:
    cell = '"' + "x" * 90_000 + '\n",'
    first, *_ = rows_of(f"a,b,c\n{cell * 12}\n1,2,3\n")
    assert first == (2, "it is longer than 1 MiB (the record goes on to line 13)")
    assert isinstance(first[1], HiddenRows)


HIDING = [
    f'{ORDER},Lamp,"x\n{OTHER},Chair,"y"\n',
    f'"{ORDER}","Lamp","x\n"{OTHER}","Chair","y"\n',
    f'{ORDER},Lamp,"x\n{ORDER},Chair,3\n{OTHER},Desk,"\n',
    f'{ORDER},Lamp,"x\nb,{ORDER},3\n"\n',
    f'{ORDER},Lamp,"x\nwarranty,{ORDER}\n"\n',
    f'{ORDER},Lamp,"x\nD01-1234567-1234567 is yours"\n',
]


@pytest.mark.parametrize("rows", HIDING)
def test_a_quote_that_is_not_closed_hides_no_row(rows: str) -> None:
    """A buyer would read of another's order, and that order would get nothing."""
    (_line, fault), *_ = rows_of(f"order_id,item,text\n{rows}")
    assert isinstance(fault, HiddenRows)
    assert ORDER not in fault


@pytest.mark.parametrize(
    "cell",
    [
        f"Hello,\nyour order {ORDER} is here,\nBye",
        f"Hello,\n{ORDER}\nBye",
        "a\nb,c,d\n",
        "1\n2,3,4",
    ],
)
def test_a_text_over_several_lines_is_a_text(cell: str) -> None:
    assert rows_of(f'order_id,item,text\n{ORDER},Lamp,"{cell}"\n') == [(2, [ORDER, "Lamp", cell])]


@pytest.mark.parametrize("content", ["", "\n", " \r\n\r\n", "\ufeff", ";;;\n", "sep=;\n", '""\n'])
def test_a_file_without_a_header_is_of_no_use(content: str) -> None:
    assert file_fault(content) == "it has no header: it is empty"


@pytest.mark.parametrize(
    "content", ['"a;b\n1;2\n', '"a"b;c\n', 'x;"a\n', '"a";"b\n' * 40_000, '"' + "x\n" * MIB]
)
def test_a_header_that_cannot_be_read_is_an_error(content: str) -> None:
    assert file_fault(content).startswith("its header cannot be read: a quote is not closed")


def test_a_header_may_have_2000_columns_and_1_mib() -> None:
    assert len(opened(";".join(f"c{n}" for n in range(2000))).columns) == 2000
    for header in (";".join("c" * 2001), "\t".join("c" * 2001)):
        assert file_fault(header) == "its header has 2001 columns; 2000 are the most"
    for header in ("x" * (MIB + 1), "\n\n\na\t" + "x" * MIB):
        assert file_fault(header) == "its header is longer than 1 MiB"


def test_no_sentence_quotes_the_file() -> None:
    secret = "Liebe Frau SECRET"
    for row in (secret, f"{secret},{secret},,{secret},", f'{secret},"{secret}"{secret}'):
        assert "SECRET" not in str(rows_of(f"a,b,c\n{row}\n"))
    assert "SECRET" not in file_fault(f'"{secret};{secret}\n')
    assert "SECRET" not in repr(opened(f"{secret},b\n1,2\n"))


def test_a_table_is_read_again_and_by_two_at_once() -> None:
    table = opened("a,b\n" + "".join(f"{n},x\n" for n in range(20_000)))
    first, second = table.rows(), table.rows()
    pairs = [(next(first), next(second)) for _ in range(20_000)]
    assert all(one == other for one, other in pairs)
    assert next(first, None) is next(second, None) is None
    assert next(table.rows()) == (2, ["0", "x"])


class Failing(io.BytesIO):
    """A file on a disk that fails behind the header."""

    fails = False

    def read(self, size: int | None = -1, /) -> bytes:
        if self.fails:
            raise OSError(5, "Input/output error")
        return super().read(size)


def test_a_disk_that_fails_is_an_error_that_says_the_line() -> None:
    stream = Failing(b"a,b\n" + b"1,2\n" * 100_000)
    table = open_table(stream, "o.csv", is_flat=lambda _columns: False)
    rows = table.rows()
    assert next(rows) == (2, ["1", "2"])
    stream.fails = True
    with pytest.raises(OrderFileError, match=r"line \d+: Input/output error"):
        list(rows)


def test_a_file_that_is_changed_while_it_is_read_is_an_error() -> None:
    stream = io.BytesIO(b"a,b\n" + b"1,2\n" * 100_000)
    rows = open_table(stream, "o.csv", is_flat=lambda _columns: False).rows()
    next(rows)
    stream.seek(300_000)
    stream.write(b"\xff" * 10)
    with pytest.raises(OrderFileError, match="it was changed while it was read"):
        list(rows)


class Generated(io.RawIOBase):
    """A file of 200 MB that is nowhere."""

    row = b"305-1671087-0812628;M\xfcller;Lampe;1\n" + b"x;" * 400 + b"\n"
    size = 200_000_000
    place = 0

    def seek(self, place: int, _whence: int = 0, /) -> int:
        self.place = place
        return place

    def read(self, size: int = -1, /) -> bytes:
        size = min(size, self.size - self.place)
        start = self.place % len(self.row)
        self.place += size
        return (self.row * (size // len(self.row) + 2))[start : start + size]


def test_memory_is_flat_whatever_the_file_is() -> None:
    stream = cast("BinaryIO", Generated())
    tracemalloc.start()
    try:
        table = open_table(stream, "o.csv", is_flat=lambda _columns: False)
        rows = sum(1 for _, _row in zip(range(20_000), table.rows(), strict=False))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert rows == 20_000
    assert table.encoding.name == "cp1252"
    assert peak < 8 * MIB


def test_a_first_line_of_nothing_but_tabs_is_read_at_once() -> None:
    """What looks like the line of a delimiter, and is none in the end, is as long as a record."""
    tabs = "\t" * 300_000
    with pytest.raises(OrderFileError, match="2000 are the most"):
        opened(f"sep={tabs}x\norder-id\n")
