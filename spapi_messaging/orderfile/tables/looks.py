"""What a file is by its first bytes, whatever its name says: people rename what will not open.

A ZIP file that holds a workbook and a CFB container are read by ``open_workbook``; none of the
others is a table, and read as one it would be rows of rubbish.
"""

import re
from typing import Final

HEAD: Final = 4096
"""Bytes from which a file is told."""

ZIP = b"PK\x03\x04"
CFB = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""The container of .xls files, and of newer workbooks with a password ([MS-CFB] 2.2)."""
SAVE_AS = "save it as CSV UTF-8 (File > Save As > CSV UTF-8)"

_KINDS = (
    (ZIP, f"it is an Excel workbook, or another ZIP file, and no table of text; {SAVE_AS}"),
    (CFB, f"it is an old Excel workbook, or one with a password; open it and {SAVE_AS}"),
    (b"%PDF-", "it is a PDF, and no table"),
    (b"\x89PNG", "it is a PNG image, and no table"),
    (b"\xff\xd8\xff", "it is a JPEG image, and no table"),
    (b"GIF8", "it is a GIF image, and no table"),
    (b"{\\rtf", "it is an RTF text, and no table"),
    (b"\x1f\x8b", "it is packed with gzip; unpack it first"),
    (b"7z\xbc\xaf\x27\x1c", "it is a 7z archive; unpack it first"),
    (b"Rar!\x1a\x07", "it is a RAR archive; unpack it first"),
    (b"SQLite format 3\0", "it is a SQLite database, and no table of text"),
)
_MARKUP = re.compile(rb"(?i)<(?:!--|(?:!doctype|\?xml|html|head|meta|body|table|style|div)\b)")
_IS_HTML = f"it is a web page (HTML or XML) in spite of its name; open it in Excel and {SAVE_AS}"


def looks_like(head: bytes) -> str | None:
    """Say what a file is if it is no table of text, and what to do; None if it may be one."""
    for start, what in _KINDS:
        if head.startswith(start):
            return what
    # Without the NULs of UTF-16, and without a byte order mark of any kind.
    text = head.replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xfe\xff \t\r\n")
    return _IS_HTML if _MARKUP.match(text) else None


def is_workbook(head: bytes) -> bool:
    """Say whether a file may be a workbook, by what it holds and not by its ending."""
    return head.startswith((ZIP, CFB))
