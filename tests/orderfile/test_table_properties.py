"""Over delimiters, encodings, quoting and line ends, a table has the same rows."""

import codecs
import contextlib
from typing import Any

from helpers.order_tables import opened, rows_of
from hypothesis import given, settings, strategies as st

from spapi_messaging.errors import OrderFileError
from spapi_messaging.orderfile.tables.table import Table

NAMES = ("order-id", "Product Name", "größe", "city", "Preis, EUR; netto", "x|y", 'a "b"', "qty")
ODD_NAMES = [name for name in NAMES if any(sign in name for sign in "\t;,|")]
CODECS = {
    "utf-8": (b"", None),
    "utf-8-sig": (b"", None),
    "utf-16": (b"", None),
    "utf-16-le": (b"", "utf-16-le"),
    "utf-16-be": (codecs.BOM_UTF16_BE, None),
    "cp1252": (b"", None),
    "cp1250": (b"", "cp1250"),
    "mac_roman": (b"", "mac_roman"),
    "latin-1": (b"", "latin-1"),
}
CHARACTERS = st.sampled_from("abc 019äöüßé,;|\t'.-_/+()") | st.sampled_from('"\n')
CELLS = st.text(CHARACTERS, max_size=10) | st.sampled_from(["1,50", "a;b", '5" pipe', "", "ü"])


@st.composite
def tables(draw: st.DrawFn) -> tuple[list[str], list[list[str]]]:
    names = draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=6, unique=True))
    width = len(names)
    rows = draw(st.lists(st.lists(CELLS, min_size=width, max_size=width), max_size=6))
    # Three hyphens are a line that a program drew, and no row.
    return names, [row for row in rows if any(map(str.strip, row)) and "---" not in "".join(row)]


def written(rows: list[list[str]], *, delimiter: str, end: str, quotes_all: bool = False) -> str:
    """Write rows as in RFC 4180, a cell in quotes where it needs them or all of them.

    A name with a delimiter in it needs them, too: else nobody could tell.
    """

    def cell(text: str) -> str:
        needs = quotes_all or text in ODD_NAMES or any(sign in text for sign in f'{delimiter}"\r\n')
        return '"' + text.replace('"', '""') + '"' if needs else text

    return "".join(delimiter.join(map(cell, row)) + end for row in rows)


MANNERS = st.fixed_dictionaries(
    {
        "delimiter": st.sampled_from("\t;,|"),
        "quotes_all": st.booleans(),
        "end": st.sampled_from(["\n", "\r\n", "\r"]),
    }
)
EDGES = st.fixed_dictionaries(
    {
        "is_said": st.booleans(),
        "has_blank_lines": st.booleans(),
        "is_ended": st.booleans(),
        "trailing": st.integers(0, 2),
    }
)


def document(table: list[list[str]], edges: dict[str, Any], **how: Any) -> str:
    """Write a table as some tool would."""
    if len(table[0]) == 1 and not edges["trailing"]:
        how["quotes_all"] = True  # nothing else tells where such cells end
    lines = [written([row + [""] * edges["trailing"]], **how) for row in table]
    if edges["is_said"]:
        lines.insert(0, f"sep={how['delimiter']}{how['end']}")
    text = (how["end"] if edges["has_blank_lines"] else "").join(lines)
    return text if edges["is_ended"] else text.removesuffix(how["end"])


@settings(max_examples=400, deadline=None)
@given(table=tables(), codec=st.sampled_from([*CODECS]), manners=MANNERS, edges=EDGES)
def test_the_same_rows_are_found_however_a_table_is_written(
    table: tuple[list[str], list[list[str]]],
    codec: str,
    manners: dict[str, Any],
    edges: dict[str, Any],
) -> None:
    names, rows = table
    mark, told = CODECS[codec]
    text = document([names, *rows], edges, **manners)
    found = opened(mark + text.encode(codec), encoding=told)
    assert found.columns == tuple(names)
    assert [row for _, row in found.rows()] == rows
    assert_numbered(found)


def assert_numbered(table: Table) -> None:
    lines = [line for line, _ in table.rows()]
    assert lines == sorted(set(lines))


@given(
    rows=st.lists(st.tuples(st.text("ソ表能ポ|\\ｱ漢,;\t", min_size=1, max_size=5), st.just("x"))),
    delimiter=st.sampled_from("\t;,|"),
    end=st.sampled_from(["\n", "\r\n", "\r"]),
)
def test_the_same_rows_are_found_in_japanese(
    rows: list[tuple[str, str]], delimiter: str, end: str
) -> None:
    text = written([["注文番号", "商品名"], *map(list, rows)], end=end, delimiter=delimiter)
    expected = [list(row) for row in rows]
    for codec in ("cp932", "utf-8", "utf-16"):
        read = rows_of(text.encode(codec), japanese=True)
        assert [row for _, row in read] == expected


SCRAPS = st.lists(
    st.binary(max_size=10)
    | st.sampled_from([b"\n", b"\r", b"\r\n", b'"', b",", b";", b"\t", b"|", b"sep=;\n", b"a,b\n"])
    | st.sampled_from([b"\xef\xbb\xbf", b"\xff\xfe", b"\0", b"305-1671087-0812628", b"\xfc", b" "]),
    max_size=12,
).map(b"".join)


@settings(max_examples=300, deadline=None)
@given(content=SCRAPS, flat=st.booleans(), japanese=st.booleans())
def test_no_bytes_raise_anything_but_an_order_file_error(
    content: bytes, flat: bool, japanese: bool
) -> None:
    with contextlib.suppress(OrderFileError):
        table = opened(content, flat=flat, japanese=japanese)
        assert_numbered(table)
        for _, row in table.rows():
            assert row if isinstance(row, str) else len(row) == len(table.columns)
