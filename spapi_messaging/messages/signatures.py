"""What a file is, told by its first bytes: kinds of files, and the endings that each may have.

Each signature stands with its source. A signature of letters begins a text, too ("GIF89a is a
format"), so where all of the beginning prints, it is one. Of what only looks alike, as a ZIP
archive and a Word document do, it is said to be something else only where that is certain.
"""

import re
from collections.abc import Iterator

import attrs

HEAD = 4096
"""Bytes from the beginning of a file that tell its type."""
_LATEST_PDF_HEADER = 1024  # ISO 32000-1, annex H, note 13
_COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # [MS-CFB] §2.2
_COMPOUND_HEADER, _ENTRY = 512, 128


@attrs.frozen
class Kind:
    """A kind of file: its own ending, where it has one, in words, and the ``endings`` that fit.

    ``locked``: nobody opens it without a password.
    """

    ending: str | None
    words: str = ""
    endings: frozenset[str] = frozenset()
    locked: bool = False


def _kind(ending: str, words: str = "", *others: str) -> Kind:
    return Kind(ending, words, frozenset({ending, *others}))


def _other(words: str) -> Kind:
    return Kind(None, words)


TEXT = _kind(".txt")
HTML = _kind(".html", "", ".txt")
# Word opens and writes all of these as .doc; their letters make them texts as well.
RTF = _kind(".rtf", "", ".doc", ".txt")
_WORD_XML = _kind(".xml", "", ".doc", ".txt")  # Word 2003 XML and flat OPC
_WORD_HTML = _kind(".html", "", ".doc", ".txt")
_MHTML = _kind(".mht", "", ".doc", ".txt")  # RFC 2557
_PDF = _kind(".pdf")
_GIF = _kind(".gif")
_DOCX = _kind(".docx")
_OLD_WORD = _kind(".doc")
_LOCKED_OLD_WORD = Kind(".doc", endings=frozenset({".doc"}), locked=True)
_LOCKED_WORD = Kind(None, endings=frozenset({".doc", ".docx"}), locked=True)  # [MS-OFFCRYPTO]
OLD_OR_LOCKED_WORD = _kind(".doc", "", ".docx")
_UNKNOWN = _other("")

_STARTS = (
    (b"\x89PNG\r\n\x1a\n", _kind(".png")),  # https://www.w3.org/TR/png-3/#3PNGsignature
    (b"\xff\xd8\xff", _kind(".jpg")),  # ITU-T T.81 §B.1.1.3: SOI, and the first byte of a marker
    (b"II*\0", _other("a TIFF image")),
    (b"MM\0*", _other("a TIFF image")),
    (b"Rar!\x1a\x07", _other("a RAR archive")),
    (b"7z\xbc\xaf\x27\x1c", _other("a 7z archive")),
    (b"\x1f\x8b\x08", _other("a gzip archive")),
)
_BRANDS = {b"avif": "an AVIF image", b"avis": "an AVIF image"} | dict.fromkeys(
    # ISO/IEC 23008-12, annex B; what iPhones take photos in
    (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"),
    "a HEIC image, as iPhones take them: save it as JPEG",
)
_GIF_STARTS = (b"GIF87a", b"GIF89a")  # https://www.w3.org/Graphics/GIF/spec-gif89a.txt §17
_CONTROL = re.compile(rb"[\0-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_PDF_HEADER = re.compile(rb"(?:\xef\xbb\xbf)?\s*%PDF-")  # ISO 32000-1 §7.5.2
_PDF_OBJECT = re.compile(rb"[0-9] obj\b")  # §7.3.10
_HTML = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*+(?:<\?xml[^>]*+>\s*+|<!--(?:(?!-->).)*+-->\s*+)*+"
    rb"<(?:!doctype html|html)\b",
    re.DOTALL | re.IGNORECASE,
)
_OF_WORD = re.compile(
    rb"urn:schemas-microsoft-com:office:word|content=[\"']?word\.document", re.IGNORECASE
)
_XML_OF_WORD = re.compile(
    r"\s*<\?xml\b.*(?:progid=[\"']Word\.Document|<w:wordDocument\b)", re.DOTALL
)
_MIME = re.compile(rb"(?:^|\n)mime-version:", re.IGNORECASE)
_RELATED = re.compile(rb"(?:^|\n)content-type:\s*multipart/related", re.IGNORECASE)
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_LFS = b"version https://git-lfs.github.com/spec/"  # https://git-lfs.com/spec


def is_compound(head: bytes) -> bool:
    """Say whether a file is one of those whose kind stands anywhere in them, not in the head."""
    return head.startswith(_COMPOUND)


def kind_of(content: bytes) -> Kind:
    """Return what a file is; ``content`` is its first 4,096 bytes or more.

    More of it is looked at only if it ``is_compound``.
    """
    if is_compound(content):
        return _compound(content)
    head = content[:HEAD]
    if head.startswith(b"PK\x03\x04"):  # APPNOTE §4.3.7; ECMA-376 part 2 packs documents so
        return _packed(head)
    for signature, kind in _STARTS:
        if head.startswith(signature):
            return kind
    if head.startswith(_GIF_STARTS) and (len(head) == len(_GIF_STARTS[0]) or not _prints(head)):
        return _GIF
    if _is_pdf(head):
        return _PDF
    return _media(head) or (_text(head) if _is_text(head) else _UNKNOWN)


def _prints(head: bytes) -> bool:
    return _CONTROL.search(head) is None


def _is_pdf(head: bytes) -> bool:
    """Say whether it begins as a PDF, or late as one, as readers take it; a text may mention it."""
    if _PDF_HEADER.match(head):
        return True
    if b"%PDF-" not in head[:_LATEST_PDF_HEADER] or _HTML.match(head):
        return False
    return not _prints(head) or _PDF_OBJECT.search(head) is not None


def _media(head: bytes) -> Kind | None:
    if head[4:8] == b"ftyp" and not _prints(head[:4]):
        return _other(_BRANDS.get(head[8:12], "a video or an image"))
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return _other("a WebP image: save it as JPEG or PNG")
    if head.startswith(b"BM") and not _prints(head[:16]):
        return _other("a BMP image")
    if not head.strip(b"\0"):
        return _other("nothing but zeros: it was not copied or downloaded to its end")
    return _other("a pointer of Git LFS, not the file itself") if head.startswith(_LFS) else None


def _is_text(head: bytes) -> bool:
    return b"\0" not in head or head.startswith(_UTF_16)


def _text(head: bytes) -> Kind:
    if re.match(rb"\{\\rtf[0-9]?\b", head):
        return RTF
    decoded = head.decode("utf-16" if head.startswith(_UTF_16) else "utf-8-sig", "ignore")
    if _XML_OF_WORD.match(decoded):
        return _WORD_XML
    if _MIME.search(head) and _RELATED.search(head):
        return _MHTML
    if _HTML.match(head):
        return _WORD_HTML if _OF_WORD.search(head) else HTML
    return TEXT


def _compound(content: bytes) -> Kind:
    """Tell the programs apart whose files are compound files, by the names of the streams."""
    if len(content) < _COMPOUND_HEADER:
        return _OLD_WORD  # and broken
    if (entry := _stream(content, "WordDocument")) is not None:
        return _LOCKED_OLD_WORD if _is_locked(content, entry) else _OLD_WORD
    for name, kind in _STREAMS:
        if _stream(content, name) is not None:
            return kind
    return OLD_OR_LOCKED_WORD


_EXCEL = _other("an Excel workbook")
_STREAMS = (
    ("EncryptedPackage", _LOCKED_WORD),
    ("EncryptionInfo", _LOCKED_WORD),
    ("Workbook", _EXCEL),
    ("Book", _EXCEL),
    ("PowerPoint Document", _other("a PowerPoint presentation")),
    ("__properties_version1.0", _other("an Outlook message")),
)


def _stream(content: bytes, name: str) -> int | None:
    """Return where the directory has an entry of that name; entries have 128 bytes."""
    wanted = name.encode("utf-16-le") + b"\0\0"
    at = content.find(wanted, _COMPOUND_HEADER)
    while at >= 0 and at % _ENTRY:
        at = content.find(wanted, at + 1)
    return at if at >= 0 else None


def _is_locked(content: bytes, entry: int) -> bool:
    """Say whether a Word document has a password: fEncrypted of [MS-DOC] §2.5.2 FibBase."""
    sector = int.from_bytes(content[entry + 116 : entry + 120], "little")
    at = (sector + 1) << min(int.from_bytes(content[30:32], "little"), 12)
    magic, flags = content[at : at + 2], content[at + 11 : at + 12]
    return magic == b"\xec\xa5" and bool(flags) and bool(flags[0] & 1)


_OF_PACKAGES = ("[content_types].xml", "_rels/", "docprops/", "customxml/", "docmetadata/")
_OF_OTHERS = (("xl/", _EXCEL), ("ppt/", _other("a PowerPoint presentation")))
_PARTS = (".xml", ".rels", ".bin", "/")


def _packed(head: bytes) -> Kind:
    names = [name.lower() for name in _packed_names(head)]
    for folder, kind in _OF_OTHERS:
        if any(name.startswith(folder) for name in names):
            return kind
    first = names[0] if names else ""
    if first == "mimetype":  # OpenDocument 1.2, part 3, §3.3
        return _other("an OpenDocument text" if b"opendocument.text" in head else "no Word file")
    is_foreign = not first.startswith((*_OF_PACKAGES, "word/")) and not first.endswith(_PARTS)
    return _other("a ZIP archive of files") if first and is_foreign else _DOCX


def _packed_names(head: bytes) -> Iterator[str]:
    """Return the names of an archive's first files, those that are whole."""
    for found in re.finditer(rb"PK\x03\x04", head):
        at = found.start() + 30
        name = head[at : at + int.from_bytes(head[at - 4 : at - 2], "little")]
        if name and len(name) == int.from_bytes(head[at - 4 : at - 2], "little"):
            yield name.decode("utf-8", "replace")
