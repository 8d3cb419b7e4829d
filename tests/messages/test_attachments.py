"""Attachments of messages: what may be one, how many there may be, and how large."""

import os
from pathlib import Path
from typing import Any

import pytest
from helpers.bodies import UPLOADED, kind_of
from helpers.refused import faults_of

from spapi_messaging.messages import Attachment, File, Invoice, content_type

PDF = Path("a.pdf")


@pytest.mark.parametrize(
    "files",
    ["a.pdf", b"a.pdf", PDF, UPLOADED, File(b"x", name="a.pdf"), 5],
    ids=lambda files: type(files).__name__,
)
def test_one_attachment_instead_of_a_list(files: object) -> None:
    assert faults_of(Invoice, attachments=files) == (
        "attachments must be a list of Path, File or Attachment",
    )


@pytest.mark.parametrize("make", [list, tuple, iter, dict.fromkeys], ids=range(4))
def test_any_iterable_of_attachments_becomes_a_tuple(make: Any) -> None:
    assert Invoice(attachments=make([PDF, UPLOADED])).attachments == (PDF, UPLOADED)


@pytest.mark.parametrize("name", ["ConfirmCustomizationDetails", "DigitalAccessKey"])
def test_none_instead_of_optional_attachments_is_none_of_them(name: str) -> None:
    assert kind_of(name)(text="x", attachments=None).attached == ()


def test_none_instead_of_required_attachments_is_a_fault() -> None:
    assert faults_of(Invoice, attachments=None) != ()


class Opaque(os.PathLike[str]):
    def __fspath__(self) -> str:
        return "folder/no-ending"


@pytest.mark.parametrize(
    ("item", "fault"),
    [
        ("a.pdf", "an attachment is a Path, File or Attachment, not str"),
        (b"a.pdf", "an attachment is a Path, File or Attachment, not bytes"),
        (None, "an attachment is a Path, File or Attachment, not NoneType"),
        ({"id": 1}, "an attachment is a Path, File or Attachment, not dict"),
        (Path("a.exe"), "attachment 'a.exe' is none of the types"),
        (Path("pdf"), "attachment 'pdf' is none of the types"),
        (Path(".pdf"), "attachment '.pdf' is none of the types"),
        (Opaque(), "attachment 'no-ending' is none of the types"),
        (Path("/"), "attachment name '' is not a plain file name"),
        (File(b"x", name="a/"), "attachment name '' is not a plain file name"),
        (File(b"x", name=""), "attachment name '' is not a plain file name"),
        (File(b"", name="a.pdf"), "attachment 'a.pdf' is empty"),
        (Attachment("dest-1", ""), "attachment name '' is not a plain file name"),
        (Attachment("", "a.pdf"), "attachment 'a.pdf' has no upload destination id"),
        # of the wrong type, as a JSON file of jobs may have them
        (Attachment("dest-1", None), "not a plain file name"),
        (Attachment("dest-1", 5), ""),
        (Attachment(5, "a.pdf"), ""),
        (File("text", name="a.txt"), ""),
        (File(None, name="a.txt"), ""),
        (File(b"x", name=Path("a.txt")), ""),
        (File(b"x", name="a.pdf"), "attachment 'a.pdf' looks like .txt by its content"),
    ],
)
def test_attachment_faults(item: object, fault: str) -> None:
    faults = faults_of(Invoice, attachments=[item])
    assert any(fault in reported for reported in faults), faults


@pytest.mark.parametrize(
    ("name", "media_type"),
    [
        ("a.txt", "text/plain"),
        ("a.pdf", "application/pdf"),
        ("a.PDF", "application/pdf"),
        ("a.doc", "application/msword"),
        (
            "a.docx",
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        ),
        ("a.b.jpg", "image/jpeg"),
        ("a.jpeg", "image/jpeg"),
        ("a.gif", "image/gif"),
        ("Übersicht 1.png", "image/png"),
        ("a.exe", None),
        ("a", None),
        ("", None),
    ],
)
def test_content_types(name: str, media_type: str | None) -> None:
    assert content_type(name) == media_type
    if media_type:
        assert Invoice(attachments=[Path(name)]).attached == (Path(name),)


def test_files_together_stay_below_ten_megabytes() -> None:
    half = File(b"%PDF-" + bytes(4_999_995), name="a.pdf")
    below = File(b"%PDF-" + bytes(4_999_994), name="b.pdf")
    assert Invoice(attachments=[half, below]).attached == (half, below)
    assert faults_of(Invoice, attachments=[half, half]) == (
        "attachments have 10000000 bytes; together they must stay below 10000000",
    )
