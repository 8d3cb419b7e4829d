"""Files are told by their content, and names are cleaned before a buyer sees them."""

from pathlib import Path

import pytest
from hypothesis import example, given, strategies as st

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
    ("a.txt", b"BM is how a letter may begin"),
    ("a.txt", b"GIF89a is a format of images, as GIF87a was"),
    ("a.txt", b"GIF89a ist gro\xdf"),
    ("a.txt", b"A file that begins with %PDF-1.7 is a PDF"),
    ("a.txt", b"PDF\n%PDF-1.4 or so"),
    ("a.txt", b"{\\rtfm} is a command"),
    ("a.txt", b"\xef\xbb\xbfGr\xc3\xbc\xc3\x9fe"),
    ("a.txt", "%PDF-1.4".encode("utf-16")),
    ("a.txt", b"x"),
    ("a.pdf", b"Junk: of a server\r\n\r\n%PDF-1.4\r\n1 0 obj\r\n"),
    ("a.pdf", b"Junk: of a server\r\n\r\n%PDF-1.4\r\n%\xe2\xe3\0\x01"),
    ("a.pdf", b"%PDF-"),
    ("a.JPG", b"\xff\xd8\xff\xdb"),
    ("a.gif", b"GIF89a"),
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
    ("a.txt", b"%PDF-", ".pdf"),
    ("a.txt", b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<</Type/Catalog>>", ".pdf"),
    ("a.txt", b"%PDF-1.4\n1 0 obj\n<</Type/Catalog>>\nendobj", ".pdf"),
    ("a.txt", b"GIF89a\x01\0\x01\0\x80", ".gif"),
    ("a.png", b"A file that mentions %PDF-1.4", ".txt"),
    ("a.pdf", b"A file that mentions %PDF-1.4", ".txt"),
    ("a.jpg", b"%PDF-1.4\n1 0 obj", ".pdf"),
    ("a.gif", b"GIF89a is a format", ".txt"),
    ("a.pdf", b"\xef\xbb\xbf\n<!-- x --><html>%PDF-1.4", ".html"),
    ("a.pdf", b"<?xml version='1.0'?>\n<!DOCTYPE html><p>%PDF-</p>", ".html"),
    ("a.pdf", b"\x89PNG\r\n\x1a\n a picture of %PDF-", ".png"),
    ("a.pdf", b"x", ".txt"),
    ("a.jpg", b"\xff", ".txt"),
    ("a.png", b"\0", None),
]
NAMED = [
    ("a.jpg", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "a HEIC image, as iPhones take them"),
    ("a.jpg", b"\0\0\0\x1cftypavif\0\0\0\0", "an AVIF image"),
    ("a.jpg", b"RIFF\x10\0\0\0WEBPVP8 ", "a WebP image"),
    ("a.png", b"II*\0\x08\0\0\0", "a TIFF image"),
    ("a.png", b"BM\x36\0\0\0\0\0\0\0", "a BMP image"),
    ("a.pdf", b"\0\0\0\x18ftypmp42", "a video or an image"),
    ("a.pdf", b"\0" * 5000, "nothing but zeros"),
    ("a.txt", b"\0", "nothing but zeros"),
    ("a.pdf", b"version https://git-lfs.github.com/spec/v1\noid sha256:0", "a pointer of Git LFS"),
    ("a.txt", b"version https://git-lfs.github.com/spec/v1\noid sha256:0", "a pointer of Git LFS"),
    ("a.docx", b"Rar!\x1a\x07\0", "a RAR archive"),
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


@pytest.mark.parametrize(("name", "content", "words"), NAMED)
def test_what_no_ending_stands_for_is_named_in_words(name: str, content: bytes, words: str) -> None:
    """Who sees that a photo is HEIC, or that a download is not complete, can mend it."""
    (fault,) = content_faults(name, content)
    assert fault.startswith(f"attachment {name!r} is of another type by its content ({words}")


LETTERS = st.text(st.characters(exclude_categories=["Cc", "Cs"]) | st.just("\n"))


@given(LETTERS, LETTERS)
def test_a_text_is_a_text_though_it_mentions_a_pdf(before: str, after: str) -> None:
    """Only what goes on as a PDF does is one whose header comes late."""
    content = f"Dear buyer, {before}%PDF-1.{after}".encode()
    assert list(content_faults("a.txt", content)) == []
    assert list(content_faults("a.pdf", content)) != []


@given(st.binary(min_size=1, max_size=64))
@example(b"{\\rtf")
@example(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
def test_no_content_is_two_things(content: bytes) -> None:
    """Except for what Word writes in letters: as it stands it is a text as well."""
    endings = (".pdf", ".png", ".jpg", ".gif", ".doc", ".docx", ".txt")
    fitting = [ending for ending in endings if not [*content_faults(f"a{ending}", content)]]
    assert len(fitting) <= 1 or fitting == [".doc", ".txt"]


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
