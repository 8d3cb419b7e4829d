"""What is looked at in the file of a workbook before a library reads it, and what that omits.

The library holds a sheet as one rectangle from its first to its last value: a blank that somebody
left in the last cell of a sheet would take more memory than there is, and end the process. So
the extent is looked up first, and so is the size that the sheets unpack to. Of a cell with an
error, such as #N/A, it gives nothing, which would be an empty cell. In .xlsx files (ECMA-376,
part 1, 18.3.1) both stand in the text of the sheet.
"""

import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import BinaryIO

import attrs

from spapi_messaging.errors import OrderFileError
from spapi_messaging.orderfile.tables.looks import CFB, HEAD, SAVE_AS, ZIP, looks_like

MAX_UNPACKED = 500_000_000
"""Bytes that all of a workbook may unpack to."""
MAX_CELLS = 20_000_000
"""Cells of the rectangle around all values of a sheet, with empty ones; some 600 MB."""
MAX_LIST = 4_000_000
"""Bytes of a member that lists others, and is read as a whole."""
_CHUNK = 1_048_576
_LONGEST_TAG = 4096
# All are bounded by a tag, and by what a tag of a cell has at the most: whoever writes a file that
# is read by a service could else let it search for hours.
_SHEET = re.compile(rb'<(?:\w{1,40}:)?sheet\s[^<>]{0,1000}?\b\w{1,40}:id="([^"<]{1,200})"')
_RELATIONSHIP = re.compile(rb"<(?:\w{1,40}:)?Relationship\s[^<>]*+>")
_ATTRIBUTE = re.compile(rb'\s(Id|Target)="([^"]+)"')
# Cells with a value: those that only have a style are elements that end in themselves. Most
# cells are near to the first, and are not looked at.
_FAR_RIGHT = re.compile(rb' r="([A-Z]{3}|[C-Z][A-Z])[0-9]{1,7}"[^<>/]{0,500}+>')
_FAR_DOWN = re.compile(rb' r="[A-Z]{1,3}([0-9]{6,7})"[^<>/]{0,500}+>')
_NEAR = (99_999, 78)
_PLACE = re.compile(rb' r="([A-Z]{1,3})([0-9]{1,7})"[^<>/]{0,500}+>')
_ERROR = re.compile(
    rb'<(?:\w{1,40}:)?c\s(?=[^<>]{0,500}\bt="e")[^<>]{0,500}?\br="([A-Z]{1,3})([0-9]{1,7})"'
    rb"[^<>]{0,500}+>(?:<(?:\w{1,40}:)?f\b[^<>]*+(?<=/)>|<(?:\w{1,40}:)?f\b[^<>]*+>[^<]*+"
    rb"</(?:\w{1,40}:)?f>)?<(?:\w{1,40}:)?v>([^<]{1,20})<"
)
_ODS_TAG = re.compile(
    rb"<table:(table|table-row|table-cell|covered-table-cell)(?=[\s/>])([^<>]*+)>"
)
_ODS_REPEATED = re.compile(rb'number-(?:rows|columns)-repeated="([0-9]{1,7})"')

Place = tuple[int, int]
"""A cell: its row from 1, and its column from 0."""


@attrs.frozen
class Looked:
    """What a library omits: by the number of a sheet from 0, the errors in its cells."""

    errors: Mapping[int, Mapping[Place, str]]


def look_into(stream: BinaryIO, name: str) -> Looked:
    """Look into a workbook; raises OrderFileError for what is none, or cannot be read."""
    stream.seek(0)
    head = stream.read(HEAD)
    if head.startswith(CFB):
        _look_into_cfb(stream, name)
        return Looked({})
    if not head.startswith(ZIP):
        what = looks_like(head) or f"it is no Excel workbook in spite of its name; {SAVE_AS}"
        raise OrderFileError(name, (what,))
    try:
        with zipfile.ZipFile(stream) as packed:
            return Looked(_look_into_zip(packed, name))
    except OrderFileError:
        raise
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, ValueError, KeyError):
        what = "it is broken, cut off perhaps, and no workbook can be read from it"
    except RuntimeError:  # members of the ZIP file are encrypted
        what = "it has a password"
    raise OrderFileError(name, (f"{what}; open it in Excel and {SAVE_AS}",))


def _look_into_cfb(stream: BinaryIO, name: str) -> None:
    """Refuse a workbook with a password ([MS-OFFCRYPTO] 2.3.4) and what is none."""
    has_workbook = False
    for chunk in _chunks(stream):
        if "EncryptedPackage".encode("utf-16-le") in chunk:
            what = f"it has a password; open it in Excel, take the password off, or {SAVE_AS}"
            raise OrderFileError(name, (what,))
        has_workbook = has_workbook or any(
            f"\0{stream_name}\0".encode("utf-16-le")[1:] in chunk
            for stream_name in ("Workbook", "Book", "WORKBOOK", "BOOK")
        )
    if not has_workbook:
        what = "it is an old file of Microsoft Office, and no workbook"
        raise OrderFileError(name, (what,))


def _look_into_zip(packed: zipfile.ZipFile, name: str) -> dict[int, dict[Place, str]]:
    sizes = {member.filename: member.file_size for member in packed.infolist()}
    if sum(sizes.values()) > MAX_UNPACKED:
        most = f"{MAX_UNPACKED // 1_000_000} MB"
        raise OrderFileError(name, (f"it unpacks to more than {most}; {SAVE_AS}",))
    if "xl/workbook.xml" in sizes:
        return _look_into_xlsx(packed, name)
    if "xl/workbook.bin" in sizes:
        what = f"it is a binary workbook (.xlsb); save it as .xlsx, or {SAVE_AS}"
        raise OrderFileError(name, (what,))
    if "content.xml" in sizes and _is_ods(packed):
        if b"encryption-data" in _small(packed, "META-INF/manifest.xml"):
            raise OrderFileError(name, (f"it has a password; take it off, or {SAVE_AS}",))
        _refuse_vast(name, _extent_of_ods(packed))
        return {}
    what = "it is a Word document" if "word/document.xml" in sizes else "it is a ZIP file"
    raise OrderFileError(name, (f"{what}, and no workbook; unpack or {SAVE_AS}",))


def _look_into_xlsx(packed: zipfile.ZipFile, name: str) -> dict[int, dict[Place, str]]:
    found: dict[int, dict[Place, str]] = {}
    for number, member in enumerate(_sheets(packed)):
        if member not in packed.namelist():
            continue
        errors = found.setdefault(number, {})
        rows, columns = _NEAR
        for piece in _pieces(packed, member):
            rows = max(rows, *map(int, _FAR_DOWN.findall(piece)), 0)
            columns = max(columns, *map(_count, set(_FAR_RIGHT.findall(piece))), 0)
            if b't="e"' in piece:
                errors.update(
                    ((int(row), _count(column) - 1), error.decode("ascii", "replace"))
                    for column, row, error in _ERROR.findall(piece)
                )
        if rows * columns > MAX_CELLS:
            _refuse_vast(name, _extent(packed, member))
    return found


def _extent(packed: zipfile.ZipFile, member: str) -> Place:
    """Return the last row with a value, and how many columns lie between the first and last."""
    rows = 0
    letters: set[bytes] = set()
    for piece in _pieces(packed, member):
        for column, row in _PLACE.findall(piece):
            letters.add(column)
            rows = max(rows, int(row))
    columns = [_count(each) for each in letters]
    return rows, max(columns) - min(columns) + 1 if columns else 0


def _sheets(packed: zipfile.ZipFile) -> list[str]:
    """Return the members with the sheets of a workbook, in its order."""
    targets = {}
    for found in _RELATIONSHIP.findall(_small(packed, "xl/_rels/workbook.xml.rels")):
        values = dict(_ATTRIBUTE.findall(found))
        targets[values.get(b"Id")] = values.get(b"Target", b"").decode("utf-8", "replace")
    root = PurePosixPath("/xl")
    ids = _SHEET.findall(_small(packed, "xl/workbook.xml"))
    return [str(root / targets.get(each, "")).removeprefix("/") for each in ids]


def _extent_of_ods(packed: zipfile.ZipFile) -> Place:
    """Return the most rows and columns that values of a sheet reach to (OpenDocument 1.3, 9.1)."""
    row = column = repeated = rows = columns = 0
    for piece in _pieces(packed, "content.xml", overlaps=False):
        for kind, attributes in _ODS_TAG.findall(piece):
            found = _ODS_REPEATED.search(attributes)
            times = int(found[1]) if found else 1
            if kind == b"table":
                row = repeated = 0
            elif kind == b"table-row":
                row, column, repeated = row + repeated, 0, times
            else:
                column += times
                if b"value-type=" in attributes:
                    rows, columns = max(rows, row + repeated), max(columns, column)
    return rows, columns


def _is_ods(packed: zipfile.ZipFile) -> bool:
    return b"opendocument.spreadsheet" in _small(packed, "mimetype")[:200]


def _refuse_vast(name: str, extent: Place) -> None:
    rows, columns = extent
    if rows * columns > MAX_CELLS:
        where = f"to row {rows}, over {columns} columns"
        what = f"a sheet goes {where}; delete what stands far from the table, or {SAVE_AS}"
        raise OrderFileError(name, (what,))


def _count(letters: bytes) -> int:
    """Return the number of a column, from 1, by its letters."""
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _small(packed: zipfile.ZipFile, member: str) -> bytes:
    """Read a member that lists others; raises ValueError for one that cannot be such a list."""
    if packed.getinfo(member).file_size > MAX_LIST:
        raise ValueError(member)
    return packed.read(member)


def _pieces(packed: zipfile.ZipFile, member: str, *, overlaps: bool = True) -> Iterator[bytes]:
    """Read a member in pieces that end behind a tag; by ``overlaps`` with some of the last."""
    rest = b""
    with packed.open(member) as unpacked:
        while chunk := unpacked.read(_CHUNK):
            piece = rest + chunk
            end = piece.rfind(b">") + 1
            yield piece[:end]
            start = max(0, end - _LONGEST_TAG) if overlaps else end
            rest = piece[start:][-_CHUNK:]


def _chunks(stream: BinaryIO) -> Iterator[bytes]:
    """Read a file in pieces, each with the end of the one before it."""
    stream.seek(0)
    rest = b""
    while chunk := stream.read(_CHUNK):
        yield rest + chunk
        rest = chunk[-64:]
