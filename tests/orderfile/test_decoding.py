"""In which encoding a file is: told, shown by its bytes or guessed, and what is refused."""

import codecs
import contextlib
import io

import pytest
from hypothesis import given, strategies as st

from spapi_messaging.errors import OrderFileError
from spapi_messaging.orderfile.tables.decoding import Encoding, find_encoding

GERMAN = "order_id,name\n1,Müller\n2,Groß\n"
JAPANESE = "注文番号,商品名\n1,しゅうまつの表ソース\n2,ポット|能\n"


def found(content: bytes, *, told: str | None = None, japanese: bool = False) -> Encoding:
    return find_encoding(io.BytesIO(content), "o.csv", told=told, japanese=japanese)


def refused(content: bytes, *, told: str | None = None, japanese: bool = False) -> str:
    with pytest.raises(OrderFileError) as caught:
        found(content, told=told, japanese=japanese)
    assert caught.value.subject == "o.csv"
    (fault,) = caught.value.faults
    assert fault.isprintable()
    return fault


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"", "utf-8"),
        (b"\xef\xbb\xbf", "utf-8"),
        (b"plain", "utf-8"),
        (GERMAN.encode(), "utf-8"),
        (GERMAN.encode("utf-8-sig"), "utf-8"),
        (JAPANESE.encode(), "utf-8"),
        (codecs.BOM_UTF16_LE + GERMAN.encode("utf-16-le"), "utf-16"),
        (codecs.BOM_UTF16_BE + GERMAN.encode("utf-16-be"), "utf-16"),
        (codecs.BOM_UTF32_LE + GERMAN.encode("utf-32-le"), "utf-32"),
        (GERMAN.encode() + codecs.BOM_UTF8 + GERMAN.encode(), "utf-8"),
    ],
)
def test_what_the_bytes_show_is_no_guess(content: bytes, name: str) -> None:
    assert found(content) == Encoding(name, is_guessed=False)
    assert found(content, japanese=True) == Encoding(name, is_guessed=False)


def test_what_is_not_utf_8_is_taken_for_what_windows_writes_there() -> None:
    assert found(GERMAN.encode("cp1252")) == Encoding("cp1252", is_guessed=True)
    for text in (JAPANESE, "注文番号\nﾃｽﾄ商品\n", "a\nるこ\n", "a\nゅう。\n"):
        content = text.encode("cp932")
        assert found(content, japanese=True) == Encoding("cp932", is_guessed=True)


def test_the_bytes_may_say_that_a_file_is_of_japan() -> None:
    """The name of the marketplace may lie far in, and across what is read at once."""
    for before in (0, 262_140, 524_280):
        content = b"x" * before + b"\nAmazon.co.jp," + "表示".encode("cp932")
        assert found(content) == Encoding("cp932", is_guessed=True)


@pytest.mark.parametrize(
    "text", ["NESTLÉ® für alle", "L\u2019ÉTÉ\u201d où", "SOCIÉTÉ\u00a0» Müller"]
)
def test_words_in_cp1252_that_hold_a_pair_of_utf_8_are_no_utf_8(text: str) -> None:
    assert found(text.encode("cp1252")).name == "cp1252"


@pytest.mark.parametrize(
    ("told", "name"),
    [
        ("utf8", "utf-8"),
        ("UTF-8-SIG", "utf-8"),
        ("latin-1", "iso8859-1"),
        ("windows-1252", "cp1252"),
        ("cp1250", "cp1250"),
        ("mac_roman", "mac-roman"),
        (" CP850 ", "cp850"),
        ("utf-16-le", "utf-16-le"),
        ("UTF_16_BE", "utf-16-be"),
    ],
)
def test_what_is_told_is_obeyed(told: str, name: str) -> None:
    encoding = found(GERMAN.encode(told.strip()), told=told)
    assert encoding == Encoding(name, is_guessed=False)
    assert GERMAN.encode(told.strip()).decode(encoding.name).removeprefix("\ufeff") == GERMAN


def test_shift_jis_may_be_told() -> None:
    assert found(JAPANESE.encode("shift_jis"), told="shift_jis").name == "shift_jis"
    assert "that of Windows is called cp932" in refused("①".encode("cp932"), told="Shift_JIS")


def test_a_mark_is_dropped_where_its_encoding_is_told() -> None:
    for told in ("utf-16", "utf-16-le", "utf-16le"):
        assert found(codecs.BOM_UTF16_LE + "aü".encode("utf-16-le"), told=told).name == "utf-16-le"
    assert found(codecs.BOM_UTF16_BE + "aü".encode("utf-16-be"), told="utf-16").name == "utf-16-be"


@pytest.mark.parametrize(
    "told",
    [
        *("base64", "rot13", "hex", "zlib", "bz2", "quopri", "uu", "idna", "punycode"),
        *("undefined", "unicode_escape", "raw-unicode-escape", "klingon", "", " ", "aliases"),
        *("utf-8\0", "a/../b", "ü", "x" * 5000, "__init__", "\ud800"),
    ],
)
def test_what_is_no_encoding_of_texts_cannot_be_told(told: str) -> None:
    fault = refused(b"a,b\n1,2\n", told=told)
    assert fault.startswith("no encoding of texts is called ")
    assert "cp932" in fault
    assert len(fault) < 400


@pytest.mark.parametrize(
    ("content", "told", "reported"),
    [
        ("aü\nbä\n".encode("cp1252"), "utf-8", "it is not utf-8 (line 1, byte 2 of it)"),
        (b"a\r\nb\r\nxy\xe4\r\n", "utf8", "it is not utf-8 (line 3, byte 3 of it)"),
        (b"a\rb\rxy\xe4\r", "utf8", "it is not utf-8 (line 3, byte 3 of it)"),
        ("aü\nbä\n".encode(), "ascii", "it is not ascii (line 1, byte 2 of it)"),
        (b"a\nb\x81\n", "cp1252", "it is not cp1252 (line 2, byte 2 of it)"),
        (b"a\nb\xff", "cp932", "it is not cp932 (line 2, byte 2 of it)"),
        ("a\nbc".encode("utf-16-le") + b"x", "utf-16-le", "(line 2, byte 5 of it)"),
    ],
)
def test_what_is_told_wrong_says_where(content: bytes, told: str, reported: str) -> None:
    assert reported in refused(content, told=told)


def test_a_mark_that_says_something_else_is_not_overruled() -> None:
    for content in (GERMAN.encode("utf-8-sig"), GERMAN.encode("utf-16")):
        fault = refused(content, told="cp1252")
        assert "by its byte order mark, not cp1252; leave out the encoding" in fault


def test_a_file_that_is_utf_8_save_for_a_byte_is_refused_with_its_place() -> None:
    """Read as cp1252 it would have two wrong characters for each umlaut."""
    good = "".join(f"{number},Müller\r\n" for number in range(50_000)).encode()
    fault = refused(good + b"50001,M\xfcller\r\n" + good)
    assert "it is UTF-8, but for line 50001, byte 8 of it;" in fault
    assert "which encoding it is in, as cp1252" in fault
    kana = "ソース,表\n".encode()
    assert "line 2, byte 2 of it" in refused(kana + b"a\xfc\n" + kana, japanese=True)
    assert "line 2, byte 1 of it" in refused("ソース\n".encode() + b"\xb1\n", japanese=True)
    assert "but for line 2, byte 2" in refused("注文\n".encode() + b"a\xfc" + kana)
    assert "line 501, byte 1" in refused("漢字番号\n".encode() * 500 + b"\xfc\n", japanese=True)


@pytest.mark.parametrize(
    ("text", "japanese"),
    [
        ("a\nab€", False),
        ("ä\nabä", False),
        ("表\nab表", False),
        ("a\nab€", True),
        ("か\nabか", True),
    ],
)
def test_a_file_that_ends_inside_of_a_character_was_cut_off(text: str, japanese: bool) -> None:
    fault = refused(text.encode()[:-1], japanese=japanese)
    assert fault.startswith("it ends inside of a character (line 2, byte 3 of it)")


def test_one_byte_at_the_end_is_no_sign_of_a_cut() -> None:
    assert found("a\nRené".encode("cp1252")) == Encoding("cp1252", is_guessed=True)


@pytest.mark.parametrize("byte", [0x81, 0x8D, 0x8F, 0x90, 0x9D])
def test_bytes_that_cp1252_has_no_character_for_are_refused(byte: int) -> None:
    fault = refused(b"a\nM\xfcller " + bytes([byte]) + b"\n")
    assert fault.startswith("it is neither UTF-8 nor cp1252 (line 2, byte 8 of it);")
    assert "say its encoding" in fault


def test_what_is_not_cp932_either_is_refused() -> None:
    fault = refused(b"a\nab\xfc\n", japanese=True)
    assert fault.startswith("it is neither UTF-8 nor cp932 (line 2, byte 3 of it);")


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("text", [GERMAN, "a\n1", "注文番号,order-id\n1,テスト商品\n"])
def test_utf_16_without_its_mark_says_what_to_do(codec: str, text: str) -> None:
    assert f"say that its encoding is {codec}, or save it as UTF-8" in refused(text.encode(codec))
    assert found(text.encode(codec), told=codec).name == codec


@pytest.mark.parametrize(
    "content", [b"a,b\n1,\x002\n", b"a\n\0", b"\xfc\n\0", b"a\r\n" + b"\0" * 9]
)
def test_a_nul_byte_is_in_no_table(content: bytes) -> None:
    assert "it has a NUL byte on line 2" in refused(content)


def test_a_nul_far_in_is_found() -> None:
    assert "NUL byte on line 300001" in refused(b"a\n" * 300_000 + b"\0")


@pytest.mark.parametrize(
    ("content", "reported"),
    [
        (b"PK\x03\x04\x14\0", "an Excel workbook"),
        (codecs.decode("d0cf11e0a1b11ae1", "hex") + bytes(9), "with a password"),
        (b"%PDF-1.7\n\xe2\xe3", "a PDF"),
        (b"\x89PNG\r\n\x1a\n\0", "a PNG image"),
        (b"\xff\xd8\xff\xe0\0", "a JPEG image"),
        (b"\x1f\x8b\x08\0", "gzip"),
        (b"{\\rtf1\\ansi", "an RTF text"),
        (b"SQLite format 3\0", "a SQLite database"),
        (b"\r\n <HTML xmlns:x='a'><table>", "a web page"),
        (b"\xef\xbb\xbf<?xml version='1.0'?>", "a web page"),
        ("<table border=1>".encode("utf-16"), "a web page"),
        (b"<!-- saved from -->", "a web page"),
        (b"<!DOCTYPE html>", "a web page"),
    ],
)
@pytest.mark.parametrize("told", [None, "cp1252"])
def test_what_is_no_table_is_called_by_its_name(
    content: bytes, reported: str, told: str | None
) -> None:
    assert reported in refused(content, told=told)


@given(
    content=st.binary(max_size=40)
    | st.lists(
        st.sampled_from([b"\xef\xbb\xbf", b"\xff\xfe", b"\0", "ü".encode(), b"\xe3\x81"])
    ).map(b"".join),
    told=st.none()
    | st.sampled_from(["utf-8", "cp1252", "cp932", "utf-16", "utf-16-le", "utf-7", "hz", "big5"])
    | st.sampled_from(["utf-32", "iso2022_jp", "euc_jis_2004", "gb18030", "cp037", "utf-8-sig"]),
    japanese=st.booleans(),
)
def test_no_bytes_raise_anything_else_and_what_is_found_decodes(
    content: bytes, told: str | None, japanese: bool
) -> None:
    with contextlib.suppress(OrderFileError):
        encoding = found(content, told=told, japanese=japanese)
        assert "\0" not in content.decode(encoding.name)
