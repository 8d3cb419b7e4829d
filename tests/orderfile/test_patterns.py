"""Patterns of names: a file is an order's if what stands in braces is whole in its name."""

import fnmatch
import re

import pytest
from hypothesis import example, given, strategies as st

from spapi_messaging.orderfile.files.file_names import folded, order_ids
from spapi_messaging.orderfile.files.path_glob import words_of
from spapi_messaging.orderfile.files.patterns import Pattern

ORDER = "903-1671087-0812628"
DIGITAL = "D01-1234567-1234567"


def matches(pattern: str, path: str, **values: str) -> bool:
    """Say whether a path is the one of an order."""
    names = [folded(name) for name in path.split("/")]
    wanted = Pattern.parse(pattern).wanted({"order_id": ORDER, **values})
    found = wanted.matches(names)
    if found:
        assert set(wanted.words()) <= words_of(names)
    return found


@pytest.mark.parametrize(
    "path",
    [
        f"{ORDER}.pdf",
        f"INV{ORDER}.pdf",
        f"Invoice_{ORDER}_RE-2026-1.PDF",
        f"2026-11-01-{ORDER}-2.pdf",
        f"{ORDER}_{ORDER}.pdf",
        ORDER.replace("-", "\u2011") + ".pdf",
        ORDER.replace("-", "\u2013") + "\u200b.pdf",
        "\uff19\uff10\uff13-1671087-0812628.pdf",
        "注文 903\u30fc1671087\uff0d0812628.pdf",
    ],
)
def test_an_order_id_is_found_whole_beside_letters_and_other_numbers(path: str) -> None:
    """Letters before, numbers behind hyphens and hyphens of other kinds change no id."""
    assert order_ids(folded(path)) == (ORDER,)
    assert matches("*{order_id}*.pdf", path)


@pytest.mark.parametrize(
    "path",
    [
        f"1{ORDER}.pdf",
        f"{ORDER}9.pdf",
        "903-1671087-081262.pdf",
        "903_1671087_0812628.pdf",
        "90316710870812628.pdf",
        f"{ORDER}.docx",
    ],
)
def test_a_part_of_another_number_is_no_order_id(path: str) -> None:
    """One digit more or less is another order's."""
    assert not matches("*{order_id}*.pdf", path)


def test_ids_of_digital_goods_begin_with_their_letter() -> None:
    """D01 inside of a longer word is no beginning of an id."""
    assert order_ids(folded(f"inv_{DIGITAL}.pdf")) == (DIGITAL.lower(),)
    assert order_ids(folded(f"ABC{DIGITAL}.pdf")) == ()
    assert order_ids(folded(f"1{DIGITAL}.pdf")) == ()
    assert matches("*{order_id}*", f"a-{DIGITAL.lower()}.pdf", order_id=DIGITAL)


@pytest.mark.parametrize(
    ("pattern", "path", "value"),
    [
        ("{invoice_number}.pdf", "RE-1.pdf", "RE-1"),
        ("*{Invoice-Number}*.pdf", "rechnung_re-1_x.pdf", "RE-1"),
        ("*_{invoice_number}.pdf", "2026_12.pdf", "12"),
        ("*{invoice_number}*.pdf", "RE-2026-4711.pdf", "4711"),
        ("INV{invoice_number}.pdf", "inv2026A.pdf", "2026a"),
        ("{invoice_number}.pdf", "[x]*?.pdf", "[x]*?"),
        ("{invoice_number}.pdf", "Gru\u0308n.pdf", "Gr\u00fcn"),
        ("{invoice_number}*.pdf", "請求書1.pdf", "請求書"),
    ],
)
def test_a_field_stands_for_itself(pattern: str, path: str, value: str) -> None:
    """It is no pattern itself, and is told from others by what is beside it."""
    assert matches(pattern, path, invoice_number=value)


@pytest.mark.parametrize(
    ("pattern", "path", "value"),
    [
        ("*{invoice_number}*.pdf", "112.pdf", "12"),
        ("*{invoice_number}*.pdf", "RE-10.pdf", "RE-1"),
        ("*{invoice_number}*.pdf", "CARE-1.pdf", "RE-1"),
        ("?{invoice_number}.pdf", "112.pdf", "12"),
        ("{invoice_number}.pdf", "anything.pdf", "*"),
        ("{invoice_number}.pdf", "x.pdf", "[a-z]"),
    ],
)
def test_a_field_is_not_found_in_a_longer_one(pattern: str, path: str, value: str) -> None:
    """Beside a wildcard a number is the whole number, and a word the whole word."""
    assert not matches(pattern, path, invoice_number=value)


@pytest.mark.parametrize("value", ["", "  ", "\u200b", "a/b", "..", ".", "../x", "a\\b", "a\0"])
def test_a_field_leads_to_no_other_folder(value: str) -> None:
    """What cannot be a part of a name is a fault, and never a path."""
    with pytest.raises(ValueError, match="'invoice_number'"):
        Pattern.parse("a/{invoice_number}.pdf").wanted({"invoice_number": value})


@pytest.mark.parametrize(
    ("pattern", "path", "fits"),
    [
        ("{order_id}/*.pdf", f"{ORDER}/a.pdf", True),
        ("{order_id}/*.pdf", f"{ORDER}/b/a.pdf", False),
        ("**/{order_id}.pdf", f"{ORDER}.pdf", True),
        ("**/{order_id}.pdf", f"a/b/{ORDER}.pdf", True),
        ("*/**/{order_id}.pdf", f"{ORDER}.pdf", False),
        ("{order_id}/**", f"{ORDER}/a/b.pdf", True),
        ("[a-c]?_{order_id}.pdf", f"B1_{ORDER}.pdf", True),
        ("[!a-c]_{order_id}.pdf", f"b_{ORDER}.pdf", False),
        ("[{]{order_id}[}].pdf", f"{{{ORDER}}}.pdf", True),
        ("[{order_id}.pdf", f"[{ORDER}.pdf", True),
        ("[{order_id}].pdf", f"[{ORDER}].pdf", True),
    ],
)
def test_wildcards_are_those_of_the_shell(pattern: str, path: str, *, fits: bool) -> None:
    """One star stays within a name, two are folders, and brackets are one of some characters."""
    assert matches(pattern, path) == fits


@pytest.mark.parametrize(
    ("pattern", "base", "names"),
    [
        ("invoices/*{order_id}*.pdf", "invoices", ("order_id",)),
        ("/srv/x/{Order ID}/*.pdf", "/srv/x", ("order_id",)),
        ("/{amazon-order-id}.pdf", "/", ("order_id",)),
        ("../a/{order_id}-{invoice number}.pdf", "../a", ("order_id", "invoice_number")),
        ("{order_id}.pdf", ".", ("order_id",)),
        ("terms.pdf", ".", ()),
    ],
)
def test_a_pattern_begins_in_a_folder(pattern: str, base: str, names: tuple[str, ...]) -> None:
    """The folder is what stands before the first wildcard or field."""
    parsed = Pattern.parse(pattern)
    assert (parsed.base, parsed.names) == (base, names)


@pytest.mark.parametrize(
    ("pattern", "fault"),
    [
        ("", "no path"),
        ("a\0{order_id}", "no path"),
        ("invoices/", "names a folder"),
        (".", "names a folder"),
        ("*.pdf", "add {order_id}"),
        ("**/terms.pdf", "add {order_id}"),
        ("a?.pdf", "add {order_id}"),
        ("{order_id.pdf", "brace"),
        ("order_id}.pdf", "brace"),
        ("{}.pdf", "without a name"),
        ("{order_id}/../x.pdf", "goes up"),
    ],
)
def test_a_pattern_that_tells_no_file_is_refused(pattern: str, fault: str) -> None:
    """It says what is wrong with it before a folder is listed."""
    with pytest.raises(ValueError, match=re.escape(fault)):
        Pattern.parse(pattern)


NAMES = st.text("ab1-_.*?[]!", min_size=1, max_size=8).filter(lambda name: name.strip("."))


@given(NAMES, NAMES)
@example("a[!]b].b", "axb.b")
@example("*a*ab", "aab")
def test_names_match_as_in_the_standard_library(glob: str, name: str) -> None:
    """Beside its fields a pattern is one of fnmatch."""
    expected = fnmatch.fnmatchcase(f"{name}_{ORDER}", f"{glob}_{ORDER}")
    assert matches(f"{glob}_{{order_id}}", f"{name}_{ORDER}") == expected


@given(st.text("0123456789-dD_ .aA", max_size=12), st.text("0123456789-_ .aA", max_size=12))
def test_a_name_that_matches_has_the_whole_id(before: str, after: str) -> None:
    """Whatever is around it, a digit is never beside the id that was found."""
    path = f"{before}{ORDER}{after}"
    if matches("*{order_id}*", path):
        assert re.search(rf"(?<![0-9]){ORDER}(?![0-9])", path)
        assert ORDER in order_ids(folded(path))
