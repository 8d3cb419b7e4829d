"""What arguments stand for: marketplaces, and the texts of files."""

import codecs
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from spapi_messaging.cli.countries import marketplace_meant
from spapi_messaging.cli.settings.ends import INVALID, fail
from spapi_messaging.errors import InvalidMessageError
from spapi_messaging.marketplaces import Marketplace, marketplace_named
from spapi_messaging.messages import LocalizedText, Text
from spapi_messaging.orderfile import meant_instead, shown

MAX_TEXT = 1_048_576
"""Bytes that are read of a file; a message's text is a hundredth of it."""


class UnreadableError(Exception):
    """A file cannot be read as what it must be; the text names it and says why."""


_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_DOCUMENTS = (b"{\\rtf", b"%PDF-", b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
"""RTF and PDF, which begin like text, and Word's two kinds of files."""


def marketplace_of(code: str) -> Marketplace:
    """Find a marketplace by its country code, id or domain; leaves the program if there is none."""
    found = marketplace_named(code)
    if found is None:
        meant = marketplace_meant(code)
        known = ", ".join(Marketplace.__members__)
        hint = f"did you mean {meant.name}?" if meant else f"there are {known}"
        fail(f"no marketplace is called {shown(code)}; {hint}", INVALID)
    return found


def read_text(path: Path) -> str:
    """Read a UTF-8 file, with or without BOM; leaves the program for what is none."""
    try:
        return load_text(path)
    except UnreadableError as error:
        fail(str(error), INVALID)


def load_text(path: Path) -> str:
    """Read a UTF-8 file, with or without BOM; raises UnreadableError for what is none."""
    content = _load_bytes(path)
    if content.startswith(_DOCUMENTS):
        raise UnreadableError(f"{path} is a document, and no plain text; save it as text in UTF-8")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = None
    is_utf_16 = content.startswith(_UTF_16) or (text is not None and "\0" in text)
    if text is None or is_utf_16:
        what = " but UTF-16" if is_utf_16 else ""
        how = "save it as UTF-8, which editors offer as its encoding"
        raise UnreadableError(f"{path} is not UTF-8{what}; {how}")
    return text.strip()


def read_bytes(path: Path) -> bytes:
    """Read a small file; leaves the program if it cannot, or if it has no end."""
    try:
        return _load_bytes(path)
    except UnreadableError as error:
        fail(str(error), INVALID)


def _load_bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(MAX_TEXT + 1)
    except OSError as error:
        raise UnreadableError(f"{path}: {error.strerror}{meant_instead(path)}") from None
    except ValueError:  # a NUL in its name
        raise UnreadableError(f"{path} is no file's name") from None
    if len(content) > MAX_TEXT:
        raise UnreadableError(f"{path} is longer than 1 MiB")
    return content


def text_of(files: Sequence[Path], default: str | None) -> Text | None:
    """Read the text of a file, or of several: ``text.de.txt`` and ``text.en.txt`` are one text.

    Leaves the program for languages that are missing, unknown or twice.
    """
    if len(files) > 1:
        return _localized(files, default)
    if default is not None:
        fail("--default-language is for a text in several languages", INVALID)
    return read_text(files[0]) if files else None


def _localized(files: Sequence[Path], default: str | None) -> LocalizedText:
    tags = [_tag_of(file) for file in files]
    twice = [tag for tag, times in Counter(tags).items() if times > 1]
    if twice:
        fail(f"two files are in {', '.join(twice)}", INVALID)
    texts = dict(zip(tags, map(read_text, files), strict=True))
    try:
        return LocalizedText(texts, default=default)
    except InvalidMessageError as error:
        fail(f"{', '.join(map(str, files))}: {'; '.join(error.faults)}", INVALID)


def _tag_of(file: Path) -> str:
    tag = file.with_suffix("").suffix.removeprefix(".")
    if not tag:
        fail(f"{file}: name its language, as in {file.stem}.de{file.suffix}", INVALID)
    return tag
