"""Files of office programs, made by hand: compound files and ZIP packages."""

import io
import zipfile

MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
SECTOR = 512


def compound(*streams: str, directory_at: int = 1, main_sector: int = 0, fib: bytes = b"") -> bytes:
    """Make a compound file whose directory, with these names, begins in some sector."""
    header = MAGIC + bytes(22) + b"\x09\0" + bytes(16)
    header += directory_at.to_bytes(4, "little")
    sectors = fib.ljust(SECTOR, b"\0") + bytes(SECTOR * (directory_at - 1))
    directory = b"".join(_entry(name, main_sector) for name in ("Root Entry", *streams))
    size = -len(directory) % SECTOR
    return header.ljust(SECTOR, b"\xff") + sectors + directory + bytes(size)


def _entry(name: str, sector: int) -> bytes:
    return name.encode("utf-16-le").ljust(116, b"\0") + sector.to_bytes(4, "little") + bytes(8)


def packed(*names: str, stored: bytes | None = None) -> bytes:
    """Make a ZIP archive of files with these names; ``stored``: what is in each as it is."""
    buffer = io.BytesIO()
    how = zipfile.ZIP_DEFLATED if stored is None else zipfile.ZIP_STORED
    with zipfile.ZipFile(buffer, "w", how) as archive:
        for name in names:
            # Without a date of its own it has today's, and two runs collect other tests.
            entry = zipfile.ZipInfo(name)
            entry.compress_type = how
            archive.writestr(entry, stored or b"<x/>" * 50)
    return buffer.getvalue()


DOCX = packed("[Content_Types].xml", "_rels/.rels", "word/document.xml", "docProps/app.xml")
XLSX = packed("[Content_Types].xml", "_rels/.rels", "xl/workbook.xml")
OLD_DOC = compound("1Table", "WordDocument", directory_at=20)
LOCKED_DOCX = compound("\x06DataSpaces", "EncryptionInfo", "EncryptedPackage")
LOCKED_DOC = compound("WordDocument", fib=b"\xec\xa5\xc1\0" + bytes(7) + b"\x01")
XLS = compound("Workbook", directory_at=10)
