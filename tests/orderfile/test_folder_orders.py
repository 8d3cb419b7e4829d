"""A folder of files that are named by order ids is a list of orders."""

import os
from pathlib import Path

import pytest

from spapi_messaging.errors import OrderFileError
from spapi_messaging.orderfile.files.folder_orders import FolderOrders
from spapi_messaging.orderfile.order_id import NOT_OF_AMAZON

ORDER = "903-1671087-0812628"
OTHER = "111-2222222-3333333"
DIGITAL = "D01-1234567-1234567"


def put(folder: Path, *names: str) -> None:
    """Write files."""
    for name in names:
        (folder / name).write_bytes(b"%PDF-1.7")


def faults_of(folder: Path) -> tuple[str, ...]:
    """Return why a folder is no list of orders."""
    with pytest.raises(OrderFileError) as caught:
        FolderOrders.read(folder)
    return caught.value.faults


def test_each_file_is_that_of_the_order_in_its_name(tmp_path: Path) -> None:
    """Files come in their natural order, with the id as Amazon writes it."""
    dashes = OTHER.replace("-", "\u2011")
    names = (f"10 {ORDER}.pdf", f"9 {dashes}.PDF", f"inv_{DIGITAL.lower()}_{DIGITAL}.pdf")
    put(tmp_path, *names, f"._{ORDER}.pdf", ".DS_Store", "Thumbs.db")
    orders = FolderOrders.read(os.fspath(tmp_path))
    assert list(orders) == [
        (OTHER, tmp_path / names[1]),
        (ORDER, tmp_path / names[0]),
        (DIGITAL, tmp_path / names[2]),
    ]
    assert len(orders) == 3
    assert (orders.notes, dict(orders.left_out)) == ((), {})


def test_what_is_no_orders_is_left_alone_and_said(tmp_path: Path) -> None:
    """Files without an id, folders, and orders that are not Amazon's."""
    put(tmp_path, f"{ORDER}.pdf", *(f"scan {n}.pdf" for n in range(1, 13)))
    put(tmp_path, "S01-1234567-1234567.pdf", "x_S02-1234567-1234567.pdf", f"1{OTHER}.txt")
    (tmp_path / "old").mkdir()
    put(tmp_path / "old", f"{OTHER}.pdf")
    orders = FolderOrders.read(tmp_path)
    assert [order_id for order_id, _ in orders] == [ORDER]
    names = "'1111-2222222-3333333.txt', 'scan 1.pdf', 'scan 2.pdf', 'scan 3.pdf', 'scan 4.pdf'"
    assert orders.notes == (
        f"13 files without an order id in the name: {names} and 8 more",
        "1 folder not looked into: 'old'",
    )
    assert dict(orders.left_out) == {NOT_OF_AMAZON: 2}


def test_names_that_leave_it_open_are_faults(tmp_path: Path) -> None:
    """Two files of one order, and two orders in one name."""
    put(tmp_path, f"a_{ORDER}.pdf", f"b_{ORDER}.docx", f"{OTHER}_{DIGITAL}.pdf")
    assert faults_of(tmp_path) == (
        f"'{OTHER}_{DIGITAL}.pdf' has the ids of 2 orders in its name",
        f"2 files are of order {ORDER}: 'a_{ORDER}.pdf', 'b_{ORDER}.docx'",
    )


def test_no_more_than_twenty_faults_are_named(tmp_path: Path) -> None:
    """The rest is counted."""
    put(tmp_path, *(f"{n}_{100 + n}-{'0' * 7}-{'1' * 7}{e}" for n in range(25) for e in "ab"))
    faults = faults_of(tmp_path)
    assert len(faults) == 21
    assert faults[-1] == "and 5 more such faults"


def test_a_folder_without_orders_says_what_is_expected(tmp_path: Path) -> None:
    """An empty folder, one of other files, and none at all."""
    expected = "files that are named by order ids, as invoice-903-1671087-0812628.pdf"
    (fault,) = faults_of(tmp_path)
    assert fault == f"it has no files; expected are {expected}"
    put(tmp_path, "scan.pdf")
    (fault,) = faults_of(tmp_path)
    assert fault.startswith("1 file without an order id in the name: 'scan.pdf'; expected are")
    assert faults_of(tmp_path / "none") == ("there is no such folder",)
    assert faults_of(tmp_path / "scan.pdf") == ("Not a directory",)


@pytest.mark.parametrize("target", ["gone.pdf", "903-0000000-0000009.pdf"])
def test_a_link_that_leads_nowhere_is_an_orders_file_and_not_left_out(
    target: str, tmp_path: Path
) -> None:
    """Whoever makes its job says what is wrong; in silence its order would get nothing."""
    (tmp_path / "903-0000000-0000009.pdf").symlink_to(tmp_path / target)
    assert [order_id for order_id, _ in FolderOrders.read(tmp_path)] == ["903-0000000-0000009"]
