"""What Word writes and opens is taken; what a buyer may be unable to open is refused or said."""

import pytest
from helpers.word_files import (
    DOCX,
    LOCKED_DOC,
    LOCKED_DOCX,
    MAGIC,
    OLD_DOC,
    XLS,
    XLSX,
    compound,
    packed,
)

from spapi_messaging import File, Invoice
from spapi_messaging.messages import HEAD, content_faults, content_warnings

RTF = b"{\\rtf1\\ansi\\deff0 {\\fonttbl} Rechnung\\par}"
WORD_XML = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\r\n'
    '<?mso-application progid="Word.Document"?>\r\n<w:wordDocument xmlns:w="x">'
)
FLAT_OPC = '<?xml version="1.0"?><?mso-application progid="Word.Document"?><pkg:package>'
MHTML = b"Date: Mon, 2 Nov 2026\r\nMIME-Version: 1.0\r\nContent-Type: multipart/related; x=y\r\n"
WORD_HTML = b'<html xmlns:w="urn:schemas-microsoft-com:office:word"><body>Rechnung'
HTML = b"<!DOCTYPE html><html><title>Sign in</title>"
EXCEL_XML = b'<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?><Workbook>'


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.doc", RTF),
        ("a.doc", b"{\\rtf\\ansi x}"),
        ("a.DOC", WORD_XML.encode()),
        ("a.doc", b"\xef\xbb\xbf" + WORD_XML.encode()),
        ("a.doc", WORD_XML.encode("utf-16")),
        ("a.doc", FLAT_OPC.encode()),
        ("a.doc", MHTML),
        ("a.doc", WORD_HTML),
        ("a.doc", OLD_DOC),
        ("a.doc", compound("Contents")),
        ("a.doc", compound("Contents", fib=b"no name: " + "Workbook\0".encode("utf-16-le"))),
        ("a.docx", DOCX),
        ("a.docx", packed("word/document.xml", "[Content_Types].xml")),
        ("a.docx", packed("docProps/thumbnail.jpeg", "word/media/image1.png")),
        ("a.docx", DOCX[:20]),
        ("a.txt", WORD_XML.encode()),
        ("a.txt", HTML),
    ],
)
def test_what_word_writes_is_taken_without_a_word(name: str, content: bytes) -> None:
    """Rich text, XML and web archives are .doc to Word, by their heads as well as whole."""
    for part in (content, content[:HEAD]):
        assert [*content_faults(name, part), *content_warnings(name, part)] == []
    assert Invoice(attachments=[File(content, name=name)]).attached


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.docx", RTF, "looks like .rtf by its content"),
        ("a.pdf", RTF, "looks like .rtf by its content"),
        ("a.docx", OLD_DOC, "looks like .doc by its content"),
        ("a.docx", OLD_DOC, "name it .doc"),
        ("a.docx", LOCKED_DOC, "looks like .doc by its content"),
        ("a.doc", DOCX, "looks like .docx by its content"),
        ("a.doc", DOCX, "name it .docx"),
        ("a.docx", XLSX, "is of another type by its content (an Excel workbook)"),
        ("a.doc", XLS, "is of another type by its content (an Excel workbook)"),
        ("a.docx", XLS, "(an Excel workbook)"),
        ("a.doc", compound("PowerPoint Document"), "(a PowerPoint presentation)"),
        ("a.doc", compound("__properties_version1.0"), "(an Outlook message)"),
        ("a.docx", packed("ppt/presentation.xml"), "(a PowerPoint presentation)"),
        ("a.docx", packed("rechnung.pdf"), "(a ZIP archive of files)"),
        ("a.docx", packed("rechnungen/1.pdf"), "(a ZIP archive of files)"),
        (
            "a.docx",
            packed("mimetype", stored=b"application/vnd.oasis.opendocument.text"),
            "(an OpenDocument text)",
        ),
        ("a.doc", HTML, "looks like .html by its content"),
        ("a.doc", EXCEL_XML, "looks like .txt by its content"),
        ("a.doc", b"Dear buyer", "looks like .txt by its content"),
        ("a.pdf", LOCKED_DOCX, "is of another type by its content"),
        ("a.docx", MAGIC, "looks like .doc by its content"),
    ],
)
def test_what_is_no_word_file_is_refused_by_its_name(name: str, content: bytes, said: str) -> None:
    """A workbook, an archive or an old document under another ending is named as what it is."""
    (fault,) = content_faults(name, content)
    assert said in fault
    assert fault.startswith(f"attachment {name!r} ")
    assert "a buyer could not open it" in fault
    assert list(content_warnings(name, content)) == []


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.docx", LOCKED_DOCX, "has a password"),
        ("a.doc", LOCKED_DOCX, "has a password"),
        ("a.doc", LOCKED_DOC, "has a password"),
        ("a.docx", OLD_DOC[:HEAD], "has a password or is an old .doc"),
        ("a.docx", compound("Contents"), "has a password or is an old .doc"),
        ("a.txt", RTF, "is RTF by its content"),
    ],
)
def test_what_a_buyer_may_not_be_able_to_read_is_said(name: str, content: bytes, said: str) -> None:
    """It is what its name says, so it is taken."""
    assert list(content_faults(name, content)) == []
    (warning,) = content_warnings(name, content)
    assert warning.startswith(f"attachment {name!r} {said}")
    assert Invoice(attachments=[File(content, name=name)]).attached


@pytest.mark.parametrize("name", ["a.txt", "a.exe", "a"])
def test_nothing_is_said_of_no_content_and_of_other_endings(name: str) -> None:
    """Other faults name an empty file and a type that Amazon does not take."""
    assert [*content_faults(name, b""), *content_warnings(name, b"")] == []
    if name != "a.txt":
        assert [*content_faults(name, OLD_DOC), *content_warnings(name, LOCKED_DOCX)] == []


def test_a_file_of_many_comments_is_told_at_once() -> None:
    """A text may begin with as many as its head has room for, and be no web page after all."""
    content = b"<!---->" * 500 + b"no page"
    assert [*content_faults("notes.txt", content)] == []
    assert "a buyer could not open it" in next(content_faults("page.pdf", content + b"<html>"))
