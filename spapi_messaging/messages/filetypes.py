"""The files that Amazon takes as attachments, told by their content, and names for buyers.

An ending alone proves nothing: an export that is an error page in HTML would reach the buyer
as a broken PDF. Each signature stands with its source. A ZIP archive counts as a Word document,
which is one; a text has no signature, and no NUL either unless a byte order mark says UTF-16.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from pathlib import PurePath
from typing import Any

# "text files, PDFs, Word documents, and these image file types: .jpg, .gif, and .png":
# the description of `attachments` in the schemas that orders embed.
CONTENT_TYPES: Mapping[str, str] = {
    ".txt": "text/plain",
    ".pdf": "application/pdf",
    ".doc": "application/msword",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".gif": "image/gif",
    ".png": "image/png",
}

HEAD = 1024
"""Bytes from the beginning of a file that tell its type."""
_SIGNATURES = (
    (b"%PDF-", ".pdf"),  # ISO 32000-1 §7.5.2
    (b"\x89PNG\r\n\x1a\n", ".png"),  # https://www.w3.org/TR/png-3/#3PNGsignature
    (b"\xff\xd8\xff", ".jpg"),  # ITU-T T.81 §B.1.1.3: SOI, and the first byte of a marker
    (b"GIF87a", ".gif"),  # https://www.w3.org/Graphics/GIF/spec-gif89a.txt §17
    (b"GIF89a", ".gif"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", ".doc"),  # [MS-CFB] §2.2
    (b"PK\x03\x04", ".docx"),  # APPNOTE §4.3.7; ECMA-376 part 2 packs documents so
)
_HTML = (b"<!doctype html", b"<html")
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_SAME = {".jpeg": ".jpg"}
# Controls, direction overrides, surrogates and private letters, but not the odd blanks of macOS.
_DROPPED = frozenset({"Cc", "Cf", "Cs", "Co"})


def _ending(name: str) -> str:
    return PurePath(name).suffix.lower()


def content_type(name: str) -> str | None:
    """Return the media type for a file name, or None where Amazon does not take such files."""
    return CONTENT_TYPES.get(_ending(name))


def clean_name(name: Any) -> Any:
    """Make a name that may reach a buyer: without folders, control characters and outer blanks.

    What is not a str is left to be named as a fault.
    """
    if not isinstance(name, str):
        return name
    last = re.split(r"[/\\]", name)[-1]
    return "".join(c for c in last if unicodedata.category(c) not in _DROPPED).strip()


def content_faults(name: str, head: bytes) -> Iterator[str]:
    """Say that a file is not what its ending says; ``head`` is its first 1,024 bytes or more."""
    ending = _ending(name)
    wanted = _SAME.get(ending, ending)
    if not head or wanted not in CONTENT_TYPES:
        return  # other faults say that it is empty, or of no type that Amazon takes
    found = _found(head[:HEAD])
    if found != wanted and (found, wanted) != (".html", ".txt"):
        looks = f"looks like {found}" if found else "is of another type"
        yield f"attachment {name!r} {looks} by its content; a buyer could not open it"


def _found(head: bytes) -> str | None:
    """Return the ending that a file's content calls for, or None if that is unknown."""
    for signature, ending in _SIGNATURES:
        # Readers take a PDF whose header comes late (ISO 32000-1, annex H, note 13).
        if head.startswith(signature) or (ending == ".pdf" and signature in head):
            return ending
    if b"\0" in head and not head.startswith(_UTF_16):
        return None
    return ".html" if head.lstrip().lower().startswith(_HTML) else ".txt"
