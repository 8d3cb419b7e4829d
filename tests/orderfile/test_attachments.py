"""Each order gets the one file that is certainly its own, or a sentence that says why not."""

import os
import socket
import unicodedata
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings, strategies as st

from spapi_messaging.errors import InvalidMessageError, OrderFileError
from spapi_messaging.orderfile.files import listing
from spapi_messaging.orderfile.files.attachments import OrderAttachments

ORDER = "903-1671087-0812628"
OTHER = "111-2222222-3333333"
DIGITAL = "D01-1234567-1234567"


def put(folder: Path, *names: str) -> None:
    """Write files."""
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"%PDF-1.7")


def fault_of(files: OrderAttachments, order_id: str = ORDER, **fields: str) -> str:
    """Return why an order has no file."""
    with pytest.raises(InvalidMessageError) as caught:
        files.of(order_id, fields)
    assert caught.value.order_id == order_id
    (fault,) = caught.value.faults
    return fault


def refused(pattern: str, folder: Path) -> str:
    """Return why a pattern is of no use."""
    with pytest.raises(OrderFileError) as caught:
        OrderAttachments.find(pattern, folder=folder)
    return str(caught.value)


@pytest.mark.parametrize(
    ("pattern", "name"),
    [
        ("invoices/*{order_id}*.pdf", f"invoices/Invoice_{ORDER}.PDF"),
        ("INVOICES/*{Order ID}*.PDF", f"invoices/Invoice_{ORDER}.pdf"),
        ("invoices/{order_id}/*.pdf", f"invoices/{ORDER}/a.pdf"),
        ("**/*{order_id}*", f"a/b/c/{ORDER}.pdf"),
        ("*/{order_id}.pdf", f"2026/{ORDER}.pdf"),
        ("*{order_id}*", ORDER.replace("-", "\u2011") + ".pdf"),
        ("Größe/{order_id}.pdf", unicodedata.normalize("NFD", f"Größe/{ORDER}.pdf")),
        ("Größe*{order_id}.pdf", unicodedata.normalize("NFD", f"größe-{ORDER}.pdf")),
        ("./{order_id}.pdf", f"{ORDER}.pdf"),
    ],
)
def test_an_order_has_the_one_file_with_its_id(tmp_path: Path, pattern: str, name: str) -> None:
    """Case, accents and hyphens make no difference, and other orders' files none either."""
    put(tmp_path, name, name.replace(ORDER, OTHER) if ORDER in name else f"{OTHER}.pdf")
    files = OrderAttachments.find(pattern, folder=tmp_path)
    assert files.of(ORDER).samefile(tmp_path / name)


def test_a_pattern_may_be_absolute_or_begin_at_home(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only a relative pattern begins in the folder that is given."""
    put(tmp_path, f"{ORDER}.pdf")
    monkeypatch.setenv("HOME", str(tmp_path))
    for pattern in (f"{tmp_path}/{{order_id}}.pdf", "~/{order_id}.pdf"):
        files = OrderAttachments.find(pattern, folder=tmp_path / "elsewhere")
        assert files.of(ORDER) == tmp_path / f"{ORDER}.pdf"


def test_no_file_is_said_with_what_is_nearest(tmp_path: Path) -> None:
    """The sentence names the pattern, and a name with a slip in it."""
    put(tmp_path, "903-1671087-0812638_x.pdf", "112-2222222-3333333.pdf", "D01-1234567-123456.pdf")
    put(tmp_path, f"{OTHER}.docx", "444_5555555_6666666.pdf")
    files = OrderAttachments.find("*{order_id}*.pdf", folder=tmp_path)
    none = "no file matches '*{order_id}*.pdf'"
    assert fault_of(files) == f"{none}; the nearest name is '903-1671087-0812638_x.pdf'"
    nearest = f"{none}; the nearest name is 'D01-1234567-123456.pdf'"
    assert fault_of(files, DIGITAL) == nearest
    assert fault_of(files, OTHER) == f"{none}; '{OTHER}.docx' has its id, but another name"
    nearest = f"{none}; the nearest name is '444_5555555_6666666.pdf'"
    assert fault_of(files, "444-5555555-6666666") == nearest
    assert fault_of(files, "777-7777777-7777777") == none


def test_several_files_are_named_and_none_is_taken(tmp_path: Path) -> None:
    """Nobody can say which of them is meant, not even by their endings."""
    put(tmp_path, *(f"{n}_{ORDER}.pdf" for n in "abcde"), f"{OTHER}.pdf", f"{OTHER}.PDF.pdf")
    files = OrderAttachments.find("*{order_id}*.pdf", folder=tmp_path)
    first = ", ".join(f"'{n}_{ORDER}.pdf'" for n in "abc")
    assert fault_of(files) == f"5 files match '*{{order_id}}*.pdf': {first} and 2 more"
    assert fault_of(files, OTHER).startswith("2 files match")


def test_a_file_of_two_orders_is_nobodys(tmp_path: Path) -> None:
    """Two ids in a path leave open whose file it is."""
    put(tmp_path, f"{ORDER}_{OTHER}.pdf", f"{DIGITAL}/RE-1.pdf", f"re-2_{OTHER}.pdf")
    files = OrderAttachments.find("*{order_id}*.pdf", folder=tmp_path)
    assert f"has the id of another order ({OTHER})" in fault_of(files)
    assert f"has the id of another order ({ORDER})" in fault_of(files, OTHER, x="1").replace(
        f"2 files match '*{{order_id}}*.pdf': '{ORDER}_{OTHER}.pdf', 're-2_{OTHER}.pdf'",
        f"has the id of another order ({ORDER})",
    )
    by_number = OrderAttachments.find("**/{nr}*.pdf", folder=tmp_path)
    assert f"another order ({DIGITAL})" in fault_of(by_number, nr="RE-1")
    assert by_number.of(DIGITAL, {"nr": "RE-1"}) == tmp_path / DIGITAL / "RE-1.pdf"


def test_one_file_for_two_orders_is_a_fault_that_names_both(tmp_path: Path) -> None:
    """An invoice number that two orders have is that of one of them."""
    put(tmp_path, "RE-1.pdf")
    files = OrderAttachments.find("{invoice_number}.pdf", folder=tmp_path)
    assert files.of(ORDER, {"Invoice-Number": "re-1"}) == tmp_path / "RE-1.pdf"
    assert files.of(ORDER, {"invoice_number": "RE-1 "}) == tmp_path / "RE-1.pdf"
    fault = fault_of(files, OTHER, invoice_number="RE-1")
    assert fault.startswith(f"'RE-1.pdf' is the file of two orders, {ORDER} and {OTHER}")


def test_a_field_that_an_order_has_not_is_a_fault(tmp_path: Path) -> None:
    """A missing field, an empty one and a path are named, and nothing is looked up."""
    put(tmp_path, "a/x.pdf", ".pdf", "x.pdf")
    files = OrderAttachments.find("a/{invoice_number}.pdf", folder=tmp_path)
    missing = "the order has no field 'invoice_number' for 'a/{invoice_number}.pdf'"
    assert fault_of(files) == missing
    assert fault_of(files, invoice_no="1") == f"{missing}; did you mean 'invoice_no'?"
    assert fault_of(files, invoice_number=" ") == "the order's field 'invoice_number' is empty"
    for value in ("../x", "..", "/x", "..\\x"):
        assert "cannot be in a file's name" in fault_of(files, invoice_number=value)
    none = "no file matches 'a/{invoice_number}.pdf' for invoice_number 'RE-7'"
    assert fault_of(files, invoice_number="RE-7") == none
    assert "Anna" not in fault_of(files, invoice_number="Dear Anna, your lamp")


def test_a_file_for_all_orders_must_be_there(tmp_path: Path) -> None:
    """A pattern that is a plain name is the same file for everybody."""
    put(tmp_path, "terms.pdf", "Conditions.PDF", f"{OTHER}.pdf")
    for pattern, name in (("terms.pdf", "terms.pdf"), ("conditions.pdf", "Conditions.PDF")):
        files = OrderAttachments.find(pattern, folder=tmp_path)
        assert files.of(ORDER) == files.of(OTHER) == tmp_path / name
        assert files.unused().count == 0
    assert "there is no such file" in refused("term.pdf", tmp_path)
    of_one = OrderAttachments.find(f"{OTHER}.pdf", folder=tmp_path)
    assert of_one.of(OTHER) == tmp_path / f"{OTHER}.pdf"
    assert f"another order ({OTHER})" in fault_of(of_one)


def test_a_pattern_or_folder_of_no_use_says_so(tmp_path: Path) -> None:
    """A wildcard alone tells no order's file, and a folder must be there."""
    put(tmp_path, "a.pdf")
    assert "add {order_id}" in refused("*.pdf", tmp_path)
    assert "there is no such folder" in refused("invoices/{order_id}.pdf", tmp_path)
    assert refused("a.pdf/{order_id}.pdf", tmp_path).endswith("Not a directory")
    assert "~nobody-of-that-name" in refused("~nobody-of-that-name/{order_id}", tmp_path)


def test_hidden_files_and_what_is_no_file_are_not_seen(tmp_path: Path) -> None:
    """Side files of macOS, Office and Windows, folders, pipes and sockets are nobody's."""
    put(tmp_path, f"x_{ORDER}.pdf", f"._x_{ORDER}.pdf", f"~$x_{ORDER}.pdf", f".git/{ORDER}.pdf")
    put(tmp_path, f"__MACOSX/{ORDER}.pdf", "Thumbs.db", "desktop.ini", ".DS_Store")
    (tmp_path / f"{ORDER}.pdf").mkdir()
    os.mkfifo(tmp_path / f"{ORDER}.fifo")
    (tmp_path / f"{ORDER}.link").symlink_to("nowhere")
    (tmp_path / f"{ORDER}.loop").symlink_to(f"{ORDER}.loop")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / f"{ORDER}.sock"))
    files = OrderAttachments.find("**/*{order_id}*", folder=tmp_path)
    assert files.of(ORDER) == tmp_path / f"x_{ORDER}.pdf"
    assert files.unused().count == 0


def test_links_to_files_and_folders_are_followed_but_not_in_circles(tmp_path: Path) -> None:
    """A share of invoices may well be a link."""
    put(tmp_path, f"store/{ORDER}.pdf")
    (tmp_path / "invoices").symlink_to("store")
    (tmp_path / "store" / "up").symlink_to("..")
    (tmp_path / f"{OTHER}.pdf").symlink_to(f"store/{ORDER}.pdf")
    by_link = OrderAttachments.find("invoices/{order_id}.pdf", folder=tmp_path)
    assert by_link.of(ORDER) == tmp_path / "invoices" / f"{ORDER}.pdf"
    deep = OrderAttachments.find("**/{order_id}.pdf", folder=tmp_path)
    assert deep.of(ORDER) == tmp_path / "store" / f"{ORDER}.pdf"
    assert deep.of(OTHER) == tmp_path / f"{OTHER}.pdf"


def test_files_of_no_order_are_counted_and_named(tmp_path: Path) -> None:
    """Only what the pattern is about is named, and not what an order asked for in vain."""
    put(tmp_path, f"{ORDER}.pdf", f"a_{OTHER}.pdf", f"b_{OTHER}.pdf", "notes.txt")
    put(tmp_path, *(f"44{n}-5555555-6666666.pdf" for n in range(6)), "scan.pdf")
    files = OrderAttachments.find("*{order_id}*.pdf", folder=tmp_path)
    files.of(ORDER)
    fault_of(files, OTHER)
    unused = files.unused()
    assert unused.count == 7
    assert unused.names == tuple(f"'44{n}-5555555-6666666.pdf'" for n in range(5))


def test_a_name_is_shown_in_one_line_and_cut(tmp_path: Path) -> None:
    """A file's name may clear a screen or turn a line."""
    put(tmp_path, f"a\n\x1b[2J\u202e{ORDER}.pdf", f"b{'x' * 180}{ORDER}.pdf")
    put(tmp_path, os.fsdecode(b"\xff") + f"{OTHER}.pdf")
    files = OrderAttachments.find("*{order_id}*.pdf", folder=tmp_path)
    fault = fault_of(files)
    assert fault.isprintable()
    assert len(fault) < 400
    assert files.of(OTHER).exists()


def test_a_folder_without_bounds_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was not listed could be the second file of an order."""
    put(tmp_path, *(f"{n}/{ORDER}.pdf" for n in range(4)))
    monkeypatch.setattr(listing, "MAX_ENTRIES", 7)
    assert "more than 7 files and folders" in refused("*/{order_id}.pdf", tmp_path)
    monkeypatch.setattr(listing, "MAX_ENTRIES", 8)
    assert "4 files" in fault_of(OrderAttachments.find("*/{order_id}.pdf", folder=tmp_path))


def test_folders_that_cannot_match_are_not_looked_into(tmp_path: Path) -> None:
    """A pattern of one level costs one folder, whatever lies beside the files."""
    put(tmp_path, f"{ORDER}.pdf", f"old/{ORDER}.pdf")
    (tmp_path / "old").chmod(0)
    try:
        files = OrderAttachments.find("*{order_id}*.pdf", folder=tmp_path)
        assert files.of(ORDER) == tmp_path / f"{ORDER}.pdf"
    finally:
        (tmp_path / "old").chmod(0o700)


IDS = st.from_regex(r"[0-9]{3}-[0-9]{7}-[0-9]{7}", fullmatch=True) | st.from_regex(
    r"D[0-9]{2}-[0-9]{7}-[0-9]{7}", fullmatch=True
)
AROUND = st.text("0123456789-_ aDdS.", max_size=6)


def is_whole(order_id: str, name: str) -> bool:
    """Say by hand whether an id is whole in a name."""
    name, order_id = name.lower(), order_id.lower()
    places = [at for at in range(len(name)) if name.startswith(order_id, at)]
    for at in places:
        before, after = name[at - 1 : at] if at else "", name[at + len(order_id) :][:1]
        joins = before.isdigit() or (order_id.startswith("d") and before.isalpha())
        if not joins and not after.isdigit():
            return True
    return False


def listed_as(names: Iterable[str], folder: Path) -> OrderAttachments:
    """Find the files of a folder with these names."""
    put(folder, *names)
    return OrderAttachments.find("*{order_id}*", folder=folder)


def outcome(files: OrderAttachments, order_id: str) -> str:
    """Return the path of an order's file, or why it has none."""
    try:
        return str(files.of(order_id))
    except InvalidMessageError as error:
        return error.faults[0]


@settings(max_examples=60, deadline=None)
@given(IDS, st.lists(st.tuples(AROUND, IDS, AROUND), max_size=6), AROUND, AROUND, st.data())
def test_the_file_that_is_found_has_the_whole_id(
    order_id: str, others: list[tuple[str, str, str]], before: str, after: str, data: st.DataObject
) -> None:
    """For any names: what is found has the id, and a slip in the id finds nothing."""
    names = {f"x{''.join(parts)}x" for parts in (*others, (before, order_id, after))}
    at = data.draw(st.sampled_from([n for n, c in enumerate(order_id) if c.isdigit()]))
    mutated = f"{order_id[:at]}{(int(order_id[at]) + 1) % 10}{order_id[at + 1 :]}"
    with TemporaryDirectory() as folder:
        files = listed_as(names, Path(folder))
        for one in (order_id, mutated):
            whole = [name for name in names if is_whole(one, name)]
            found = outcome(files, one)
            if len(whole) == 1:
                alone = f"/{whole[0]}", "has the id of another order"
                assert found.endswith(alone[0]) or alone[1] in found
            else:
                assert found.startswith(f"{len(whole)} files match" if whole else "no file matches")
