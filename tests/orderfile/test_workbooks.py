"""Workbooks: cells as the values that they have, and what cannot be read by its name."""

import datetime as dt
import io
import subprocess
import sys
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from openpyxl import Workbook as NewWorkbook
from openpyxl.styles import Font

from spapi_messaging.errors import OrderFileError
from spapi_messaging.orderfile.tables.excel import Workbook, open_workbook
from spapi_messaging.orderfile.tables.rows import TableRow

ORDER = "305-1671087-0812628"
CFB = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(504)


def has_orders(columns: Sequence[str]) -> bool:
    return "order-id" in columns


def opened(content: bytes) -> Workbook:
    return open_workbook(io.BytesIO(content), "o.xlsx", has_orders=has_orders)


def refused(content: bytes) -> str:
    with pytest.raises(OrderFileError) as caught:
        opened(content)
    assert caught.value.subject == "o.xlsx"
    (fault,) = caught.value.faults
    return fault


def saved(book: NewWorkbook) -> bytes:
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def workbook(rows: Sequence[Sequence[object]], *, row: int = 1, column: int = 1) -> NewWorkbook:
    """A workbook with the rows in its only sheet, from a cell on."""
    book = NewWorkbook()
    for down, values in enumerate(rows):
        for right, value in enumerate(values):
            book.worksheets[0].cell(row + down, column + right, value)
    return book


def rows_of(rows: Sequence[Sequence[object]]) -> list[TableRow]:
    return list(opened(saved(workbook(rows))).rows())


def changed(content: bytes, change: Callable[[str, bytes], bytes]) -> bytes:
    """A ZIP file in which each member is another."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(stream, "w") as new:
        for name in old.namelist():
            new.writestr(name, change(name, old.read(name)))
    return stream.getvalue()


def packed(**members: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as file:
        for name, content in members.items():
            file.writestr(name.replace("__", "/").replace("_xml", ".xml"), content)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("value", "read"),
    [
        (ORDER, ORDER),
        ("a\nb", "a\nb"),
        ("007", "007"),
        (3, "3"),
        (3.0, "3"),
        (-0.0, "0"),
        (49.99, "49.99"),
        (0.1 + 0.2, "0.3"),
        (0.000001, "0.000001"),
        (4.05e15, "4050000000000000"),
        (30516710870812628, "30516710870812600"),
        (1e16, "10000000000000000"),
        (True, "TRUE"),
        (False, "FALSE"),
        (dt.date(2026, 12, 1), "2026-12-01"),
        (dt.datetime.fromisoformat("2026-12-01T00:00:00"), "2026-12-01"),
        (dt.datetime.fromisoformat("2026-12-01T08:00:00"), "2026-12-01T08:00:00"),
        (dt.datetime.fromisoformat("2026-12-01T07:59:59"), "2026-12-01T07:59:59"),
        (dt.time(8, 30), "08:30:00"),
        (dt.timedelta(hours=30, minutes=5), "30:05:00"),
        ("2026-12-01T08:00:00+09:00", "2026-12-01T08:00:00+09:00"),
        ("06-Dec-2025 UTC", "06-Dec-2025 UTC"),
        ("#N/A", "#N/A"),
        ("#REF!", "#REF!"),
        ("#DIV/0!", "#DIV/0!"),
    ],
)
def test_a_cell_is_read_as_the_value_that_it_has(value: object, read: str) -> None:
    assert rows_of([["order-id", "x"], [ORDER, value]]) == [(2, [ORDER, read])]


def test_every_second_of_a_day_is_read_as_itself() -> None:
    """A moment is a fraction of a day in the file, and may be a little before its second."""
    start = dt.datetime.fromisoformat("2026-12-01T00:00:01")
    moments = [start + dt.timedelta(seconds=n * 37) for n in range(2000)]
    read = rows_of([["order-id"], *([moment] for moment in moments)])
    assert [cells for _, cells in read] == [[moment.isoformat()] for moment in moments]


def test_a_formula_has_the_value_that_was_saved_with_it() -> None:
    def with_values(_name: str, content: bytes) -> bytes:
        kept = content.replace(b"<f>1+1</f><v />", b"<f>1+1</f><v>2</v>")
        return kept.replace(b"<f>1+1</f><v></v>", b"<f>1+1</f><v>2</v>")

    content = saved(workbook([["order-id", "n"], [ORDER, "=1+1"]]))
    assert list(opened(changed(content, with_values)).rows()) == [(2, [ORDER, "2"])]


def test_an_error_of_a_formula_is_shown() -> None:
    def with_error(_name: str, content: bytes) -> bytes:
        cell = b'<c r="B2" t="e"><f>VLOOKUP(A2,X!A:B,2)</f><v>#N/A</v></c>'
        return content.replace(b'<c r="B2"><v>7</v></c>', cell).replace(
            b'<c r="B2" t="n"><v>7</v></c>', cell
        )

    content = saved(workbook([["order-id", "n"], [ORDER, 7]]))
    assert list(opened(changed(content, with_error)).rows()) == [(2, [ORDER, "#N/A"])]


def test_a_table_may_begin_anywhere_below_a_title() -> None:
    rows = [
        ["Orders of November"],
        [],
        [None, "order-id", " Product\nName "],
        [None, ORDER, "Lamp"],
    ]
    rows += [[], [None, " "], [None, "2", None], []]
    table = opened(saved(workbook(rows, row=4, column=3)))
    assert table.columns == ("", "order-id", "Product Name")
    assert list(table.rows()) == [(7, ["", ORDER, "Lamp"]), (10, ["", "2", ""])]
    assert list(table.rows()) == list(table.rows())


def test_a_row_that_does_not_fit_says_why() -> None:
    rows = [["order-id", "", "b", None], [ORDER, 1, 2], [ORDER, None, 2, 3], [ORDER, None, 2]]
    assert rows_of(rows) == [
        (2, "cell 2 has a value, and its column has no name"),
        (3, "cell 4 has a value, and its column has no name"),
        (4, [ORDER, "", "2"]),
    ]


def test_a_merged_cell_has_its_value_in_the_first_row_only() -> None:
    book = workbook([["order-id", "sku"], [ORDER, "a"], [None, "b"]])
    book.worksheets[0].merge_cells("A2:A3")
    assert list(opened(saved(book)).rows()) == [(2, [ORDER, "a"]), (3, ["", "b"])]


def test_the_sheet_with_the_orders_is_read() -> None:
    book = workbook([["Notes"], ["x"]])
    book.create_sheet("Orders").append(["order-id"])
    book.worksheets[1].append([ORDER])
    table = opened(saved(book))
    assert (table.sheet, table.encoding, table.delimiter) == ("Orders", None, None)
    assert list(table.rows()) == [(2, [ORDER])]


def test_a_hidden_sheet_comes_last() -> None:
    book = workbook([["order-id"], ["old"]])
    book.create_sheet("Empty")
    book.create_sheet("Seen").append(["order-id"])
    book.worksheets[2].append([ORDER])
    book.worksheets[0].sheet_state = "hidden"
    assert opened(saved(book)).sheet == "Seen"
    book.worksheets[2]["A1"] = "id"
    assert opened(saved(book)).sheet == "Sheet"
    book.worksheets[0]["A1"] = "id"
    assert opened(saved(book)).sheet == "Seen"


def test_what_a_sheet_says_of_its_size_is_not_believed() -> None:
    def vast(_name: str, content: bytes) -> bytes:
        return content.replace(b'<dimension ref="A1:A2"', b'<dimension ref="A1:XFD1048576"')

    content = saved(workbook([["order-id"], [ORDER]]))
    assert b"XFD1048576" in zipfile.ZipFile(io.BytesIO(changed(content, vast))).read(
        "xl/worksheets/sheet1.xml"
    )
    assert list(opened(changed(content, vast)).rows()) == [(2, [ORDER])]


def test_a_cell_far_away_is_refused_only_if_it_has_a_value() -> None:
    """The library would ask for the memory of all cells between, and end the process."""
    book = workbook([["order-id"], [ORDER]])
    book.worksheets[0]["XFD1048576"].font = Font(bold=True)
    assert list(opened(saved(book)).rows()) == [(2, [ORDER])]
    book.worksheets[0]["XFD1048576"] = " "
    assert "a sheet goes to row 1048576, over 16384 columns; delete" in refused(saved(book))
    book = workbook([["order-id"], [ORDER]])
    book.worksheets[0]["J1048576"] = "end"
    assert len(opened(saved(book)).columns) == 1


def test_a_list_of_sheets_that_is_vast_is_not_read() -> None:
    """It unpacks to less than all may, and would stand in memory as a whole."""

    def vast(name: str, content: bytes) -> bytes:
        return content + b" " * 5_000_000 if name == "xl/workbook.xml" else content

    assert "it is broken" in refused(changed(saved(workbook([["order-id"], [ORDER]])), vast))


@pytest.mark.parametrize("tag", [' r="AAA1000000"', '<c t="e" r="A1"><f>'])
def test_a_sheet_of_broken_tags_is_looked_into_at_once(tag: str) -> None:
    """Whoever writes the file could else keep a service that reads it busy for hours."""

    def broken(_name: str, content: bytes) -> bytes:
        return content.replace(b"<sheetData>", tag.encode() * 60_000 + b"<sheetData>")

    content = changed(saved(workbook([["order-id"], [ORDER]])), broken)
    assert opened(content).columns == ("order-id",)


def test_a_header_may_have_2000_columns() -> None:
    rows = [["order-id", *(f"c{n}" for n in range(1999))]]
    assert len(opened(saved(workbook(rows))).columns) == 2000
    rows[0].append("x")
    assert refused(saved(workbook(rows))) == "its header has 2001 columns; 2000 are the most"


def test_a_workbook_without_a_value_has_no_header() -> None:
    assert refused(saved(workbook([]))) == "it has no header: its sheets are empty"


ODS = (
    '<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body>'
    '<office:spreadsheet><table:table table:name="Orders">{}</table:table>'
    "</office:spreadsheet></office:body></office:document-content>"
)
ODS_CELL = '<table:table-cell office:value-type="string"><text:p>{}</text:p></table:table-cell>'
ODS_ROW = "<table:table-row>{}</table:table-row>"


def ods(*rows: str, manifest: bytes = b"<manifest/>") -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as file:
        file.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        file.writestr("META-INF/manifest.xml", manifest)
        file.writestr("content.xml", ODS.format("".join(rows)))
    return stream.getvalue()


def test_a_workbook_of_libreoffice_is_read() -> None:
    far = '<table:table-cell table:number-columns-repeated="16383"/>'
    rows = [ODS_ROW.format(ODS_CELL.format(text) + far) for text in ("order-id", ORDER)]
    rows += [f'<table:table-row table:number-rows-repeated="1048574">{far}</table:table-row>']
    table = opened(ods(*rows))
    assert (table.sheet, list(table.rows())) == ("Orders", [(2, [ORDER])])
    assert "it has a password" in refused(ods(*rows, manifest=b"<encryption-data/>"))
    last = ODS_ROW.format(far + ODS_CELL.format("x"))
    assert "goes to row 1048577, over 16384 columns" in refused(ods(*rows, last))


def encrypted() -> bytes:
    return CFB + "EncryptedPackage".encode("utf-16-le") + bytes(2000)


@pytest.mark.parametrize(
    ("content", "reported"),
    [
        (b"order-id,x\n1,2\n", "it is no Excel workbook in spite of its name"),
        ("order-id\tx\n".encode("utf-16"), "it is no Excel workbook in spite of its name"),
        (b"", "it is no Excel workbook in spite of its name"),
        (b"<html><table><tr><td>order-id", "it is a web page (HTML or XML) in spite of its name"),
        (b"<?xml version='1.0'?><Workbook>", "it is a web page (HTML or XML)"),
        (b"%PDF-1.4", "it is a PDF"),
        (encrypted(), "it has a password"),
        (CFB + "\0WordDocument\0".encode("utf-16-le"), "no workbook"),
        (CFB + "\0Workbook\0".encode("utf-16-le") + bytes(4000), "it is broken"),
        (b"PK\x03\x04" + bytes(100), "it is broken"),
        (packed(word__document_xml=b""), "it is a Word document, and no workbook"),
        (packed(a_xml=b""), "it is a ZIP file, and no workbook"),
        (packed(xl__workbook_xml=b"x"), "it is broken"),
        (packed(**{"xl/workbook.bin": b"x"}), "it is a binary workbook (.xlsb)"),
    ],
)
def test_what_cannot_be_read_is_called_by_its_name(content: bytes, reported: str) -> None:
    fault = refused(content)
    assert reported in fault
    assert reported == "no workbook" or "PDF" in fault or "CSV UTF-8" in fault


def test_a_workbook_that_was_cut_off_or_damaged_is_broken() -> None:
    content = saved(workbook([["order-id"], *[[f"{n}"] for n in range(2000)]]))
    for end in range(5, len(content), len(content) // 50):
        assert "it is broken" in refused(content[:end])
    broken = changed(content, lambda name, old: old[: len(old) // 2] if "sheet1" in name else old)
    assert "it is broken" in refused(broken)


def test_what_unpacks_to_more_than_500_mb_is_refused() -> None:
    stream = io.BytesIO(saved(workbook([["order-id"], [ORDER]])))
    with zipfile.ZipFile(stream, "a", zipfile.ZIP_DEFLATED) as file:
        for number in range(6):
            with file.open(f"xl/media/{number}.bin", "w", force_zip64=True) as member:
                for _ in range(100):
                    member.write(bytes(1_000_000))
    assert len(stream.getvalue()) < 2_000_000
    assert "it unpacks to more than 500 MB" in refused(stream.getvalue())


def test_a_file_is_told_by_its_content(tmp_path: Path) -> None:
    for ending in ("csv", "xls", "txt"):
        path = tmp_path / f"orders.{ending}"
        path.write_bytes(saved(workbook([["order-id"], [ORDER]])))
        table = open_workbook(path, str(path), has_orders=has_orders)
        assert list(table.rows()) == [(2, [ORDER])]


def test_without_the_extra_it_says_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "orders.xlsx"
    path.write_bytes(saved(workbook([["order-id"], [ORDER]])))
    code = (
        "import sys; from pathlib import Path; sys.modules['python_calamine'] = None\n"
        "from spapi_messaging.orderfile.tables.excel import open_workbook\n"
        "try: open_workbook(Path(sys.argv[1]), 'orders.xlsx', has_orders=bool)\n"
        "except Exception as error: print(type(error).__name__, error)"
    )
    command = [sys.executable, "-c", code, str(path)]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert said.startswith("OrderFileError orders.xlsx: it is an Excel workbook: ")
    assert "pip install 'spapi-messaging[excel]', or save it as CSV UTF-8 (File >" in said
