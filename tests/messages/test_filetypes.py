"""Files are told by their content, and names are cleaned before a buyer sees them."""

from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from spapi_messaging import Attachment, File, InvalidMessageError, Invoice
from spapi_messaging.messages.attachments import attachment_name
from spapi_messaging.messages.filetypes import clean_name, content_faults

RIGHT = [
    ("a.pdf", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3"),
    ("a.pdf", b"\xef\xbb\xbf\r\n%PDF-1.4"),  # readers take a header that comes late
    ("a.PNG", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"),
    ("a.jpg", b"\xff\xd8\xff\xe0\0\x10JFIF\0"),
    ("a.jpeg", b"\xff\xd8\xff\xe1\0\x10Exif\0"),
    ("a.gif", b"GIF89a\x01\0"),
    ("a.gif", b"GIF87a\x01\0"),
    ("a.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0\0"),
    ("a.docx", b"PK\x03\x04\x14\0\x06\0\x08\0[Content_Types].xml"),
    ("a.txt", "Grüße".encode()),
    ("a.txt", "Grüße".encode("latin-1")),
    ("a.txt", "Grüße".encode("utf-16")),
    ("a.txt", b"<html>an example</html>"),
    ("a.txt", b"MZ is how a letter may begin"),
]
WRONG = [
    ("a.pdf", b"<!DOCTYPE html><title>502 Bad Gateway</title>", ".html"),
    ("a.pdf", b"  <HTML>", ".html"),
    ("a.pdf", b"\x89PNG\r\n\x1a\n", ".png"),
    ("a.pdf", b"x" * 2000 + b"%PDF-1.4", ".txt"),
    ("a.png", b"\xff\xd8\xff\xe0", ".jpg"),
    ("a.jpg", b"RIFF\x10\0\0\0WEBPVP8 ", None),
    ("a.gif", b"GIF88a", ".txt"),
    ("a.doc", b"PK\x03\x04", ".docx"),
    ("a.docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", ".doc"),
    ("a.txt", b"MZ\x90\0\x03\0", None),
    ("a.txt", b"\x7fELF\x02\x01\0", None),
    ("a.txt", b"%PDF-1.4", ".pdf"),
]


@pytest.mark.parametrize(("name", "content"), RIGHT)
def test_what_a_name_says_is_what_is_in_it(name: str, content: bytes) -> None:
    assert list(content_faults(name, content)) == []
    assert Invoice(attachments=[File(content, name=name)]).attached


@pytest.mark.parametrize(("name", "content", "found"), WRONG)
def test_a_file_that_is_something_else_is_refused(
    name: str, content: bytes, found: str | None
) -> None:
    (fault,) = content_faults(name, content)
    looks = f"looks like {found}" if found else "is of another type"
    assert fault.startswith(f"attachment {name!r} {looks} by its content")
    with pytest.raises(InvalidMessageError):
        Invoice(attachments=[File(content, name=name)])


@given(st.binary(min_size=1, max_size=64))
def test_no_content_is_two_things(content: bytes) -> None:
    endings = (".pdf", ".png", ".jpg", ".gif", ".doc", ".docx", ".txt")
    fitting = [ending for ending in endings if not [*content_faults(f"a{ending}", content)]]
    assert len(fitting) <= 1


@pytest.mark.parametrize(
    ("given_name", "name"),
    [
        ("a.pdf", "a.pdf"),
        ("../../etc/a.pdf", "a.pdf"),
        ("C:\\Users\\x\\a.pdf", "a.pdf"),
        ("a\nb\0.pdf", "ab.pdf"),
        (" a.pdf\t", "a.pdf"),
        ("invoice\u202efdp.pdf", "invoicefdp.pdf"),  # an override that shows ".pdf" for another
        ("\ufeffa\u200b.pdf", "a.pdf"),
        ("a\ud800.pdf", "a.pdf"),
        ("Übersicht für Zoë, 2.pdf", "Übersicht für Zoë, 2.pdf"),
        ("スクリーン\u202f10.35.pdf", "スクリーン\u202f10.35.pdf"),
        ("/", ""),
    ],
)
def test_names_that_reach_a_buyer_are_clean(given_name: str, name: str) -> None:
    assert clean_name(given_name) == name
    assert File(b"x", name=given_name).name == name
    assert Attachment("id", given_name).file_name == name


def test_the_name_of_a_path_is_clean_too() -> None:
    assert attachment_name(Path("/srv/files/in\u202evoice\n.pdf")) == "invoice.pdf"
    assert attachment_name(Path("C:\\files\\a.pdf")) == "a.pdf"


@given(st.text())
def test_a_clean_name_stays_as_it_is(name: str) -> None:
    once = clean_name(name)
    assert clean_name(once) == once
    assert not set(once) & set("/\\\n\r\0\u202e")
