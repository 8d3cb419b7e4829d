"""In which encoding a file is written: told by the caller, shown by its bytes, or guessed.

UTF-8 is strict, so what decodes is UTF-8. What does not is taken for what Windows writes where
the file comes from, cp932 in Japan and cp1252 elsewhere, and said to be a guess. But a file
that is UTF-8 save for a bad byte is none of them: each of its umlauts would reach a buyer as two
wrong characters, so it is refused with the place of the byte. The whole file is looked at before
the first row is read; only a piece of it is held.
"""

import codecs
import io
import re
from collections.abc import Iterator
from typing import BinaryIO

import attrs

from spapi_messaging.errors import OrderFileError
from spapi_messaging.orderfile.tables.looks import HEAD, looks_like

_CHUNK = 262_144
_BOMS = (
    (codecs.BOM_UTF8, "utf-8", "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32", "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32", "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16", "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16", "utf-16-be"),
)
_CODEC_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.: -]{0,39}")
# They are text codecs to Python, but no encoding of files: they unescape or refuse.
_NO_FILES = frozenset({"idna", "punycode", "undefined", "unicode_escape", "raw_unicode_escape"})
_SOME = "utf-8, utf-16-le, cp1252, cp1250, cp932, iso8859-15 and mac_roman"
_JAPAN = b"amazon.co.jp"
# What tables hold beside ASCII. In cp1252 a word like NESTLÉ® has bytes that are UTF-8, too, but
# their characters are those of phonetics.
_IN_USE = re.compile(
    "[\u00a0-\u017f\u0218-\u021b\u0370-\u052f\u0590-\u06ff\u0900-\u0eff\u1e00-\u1eff\u2010-\u205e\u20a0-\u2bff"
    "\u3000-\u33ff\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uffef\U0001f000-\U0001faff]"
)
_BAD_BYTE = re.compile("[\udc80-\udcff]")
# What cp932 makes of bytes that stand for nothing: https://www.unicode.org/Public/MAPPINGS/
_STRANGE = re.compile("[\x80\uf8f0-\uf8f3]")
# Kana in UTF-8 begin with E3 81 to E3 83, and those are these rare signs in cp932.
_MISREAD_KANA = re.compile("[\u7e3a\u7e67\u7e5d]")


@attrs.frozen
class Encoding:
    """The name that Python has for an encoding, and whether it was guessed."""

    name: str
    is_guessed: bool


@attrs.define
class _DamagedError(Exception):
    """What cannot be decoded: the line, the byte of it, and where in the file that is."""

    line: int
    byte: int
    cut: int
    """How many bytes there are of a character that the file ends inside of."""


@attrs.define
class _Place:
    """Counts lines, and the bytes of the line at hand, whichever ends the lines have."""

    codec: str
    line: int = 1
    byte: int = 0

    def pass_by(self, text: str) -> None:
        """Go on to the end of a text."""
        ends = text.count("\n")
        if ends:
            self.line += ends
            self.byte = 0
            text = text[text.rindex("\n") + 1 :]
        self.byte += len(text.encode(self.codec, "replace"))


def find_encoding(
    stream: BinaryIO, name: str, *, told: str | None = None, japanese: bool = False
) -> Encoding:
    """Find the encoding of a file that can be read again; ``name`` is how errors call it.

    ``told`` is obeyed; ``japanese`` says what to guess. Raises OrderFileError for what is no
    text, and for what does not decode.
    """
    stream.seek(0)
    head = stream.read(HEAD)
    what = looks_like(head)
    if what is not None:
        raise OrderFileError(name, (what,))
    if told is not None:
        return _as_told(stream, name, told, head)
    for bom, shown, codec in _BOMS:
        if head.startswith(bom):
            _must_decode(stream, name, codec, len(bom))
            return Encoding(shown, is_guessed=False)
    _refuse_bare_utf_16(name, head)
    try:
        _decode(stream, name, "utf-8")
    except _DamagedError as fault:
        codec = _guessed(stream, name, fault, japanese=japanese)
        _must_decode(stream, name, codec, guessed=True)
        return Encoding(codec, is_guessed=True)
    return Encoding("utf-8", is_guessed=False)


def _as_told(stream: BinaryIO, name: str, told: str, head: bytes) -> Encoding:
    codec = _codec(told)
    if codec is None:
        raise OrderFileError(
            name, (f"no encoding of texts is called {told[:40]!a}; some are {_SOME}",)
        )
    skipped = 0
    for bom, shown, marked in _BOMS:
        if head.startswith(bom):
            if codec not in {shown, marked}:
                what = f"it is {shown} by its byte order mark, not {codec}; leave out the encoding"
                raise OrderFileError(name, (what,))
            codec, skipped = marked, len(bom)
            break
    exact = f"{codec}-le" if codec in {"utf-16", "utf-32"} else codec
    _must_decode(stream, name, exact, skipped)
    return Encoding(exact, is_guessed=False)


def _codec(told: str) -> str | None:
    """Return the name of an encoding of texts as Python has it; None if it is none."""
    told = told.strip()
    if not _CODEC_NAME.fullmatch(told):
        return None
    try:
        b"a".decode(told)  # refuses what is no encoding of texts, such as base64
        found = codecs.lookup(told)
    except UnicodeError:  # two bytes a character
        found = codecs.lookup(told)
    except (LookupError, ValueError):
        return None
    codec = found.name.replace("_", "-") if found.name.startswith("utf") else found.name
    if codec.replace("-", "_") in _NO_FILES or found.incrementaldecoder is None:
        return None
    return "utf-8" if codec == "utf-8-sig" else codec


def _refuse_bare_utf_16(name: str, head: bytes) -> None:
    """Refuse UTF-16 without its mark: a half of its bytes are NUL, the even or the odd ones."""
    first, second = head[0::2].count(0), head[1::2].count(0)
    if max(first, second) > max(1, len(head) // 8) and max(first, second) > 4 * min(first, second):
        codec = "utf-16-le" if second > first else "utf-16-be"
        what = "it looks like UTF-16 without a byte order mark"
        raise OrderFileError(
            name, (f"{what}; say that its encoding is {codec}, or save it as UTF-8",)
        )


def _guessed(stream: BinaryIO, name: str, fault: _DamagedError, *, japanese: bool) -> str:
    """Return what a file that is not UTF-8 is written in; raises for UTF-8 that was damaged."""
    valid = bad = 0
    rest = b""
    for chunk in _chunks(stream):
        japanese = japanese or _JAPAN in (rest + chunk).lower()
        rest = chunk[-len(_JAPAN) :]
    decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
    for chunk in _chunks(stream):
        text = decoder.decode(chunk, final=not chunk)
        if not text.isascii():
            bad += len(_BAD_BYTE.findall(text))
            valid += len(_IN_USE.findall(text))
    codec = "cp932" if japanese else "cp1252"
    # By chance, pairs of bytes in cp932 are UTF-8, too: every fourth or so.
    is_utf_8 = valid > 4 * bad or _is_misread(stream) if japanese else valid > 0
    if not is_utf_8 and not 1 < fault.cut == bad:
        return codec
    where = f"line {fault.line}, byte {fault.byte} of it"
    if fault.cut:
        raise OrderFileError(
            name, (f"it ends inside of a character ({where}), cut off perhaps; export it again",)
        )
    what = f"it is UTF-8, but for {where}; mend that line and save it as UTF-8, or say"
    raise OrderFileError(name, (f"{what} which encoding it is in, as {codec}",))


def _is_misread(stream: BinaryIO) -> bool:
    """Say whether what cp932 makes of a file are the signs that kana in UTF-8 become."""
    decoder = codecs.getincrementaldecoder("cp932")("replace")
    signs = wide = 0
    for chunk in _chunks(stream):
        text = decoder.decode(chunk, final=not chunk)
        signs += len(_MISREAD_KANA.findall(text))
        wide += sum(map("\x7f".__lt__, text)) if not text.isascii() else 0
    return signs * 5 > wide


def _must_decode(
    stream: BinaryIO, name: str, codec: str, skipped: int = 0, *, guessed: bool = False
) -> None:
    try:
        _decode(stream, name, codec, skipped)
    except _DamagedError as fault:
        where = f"line {fault.line}, byte {fault.byte} of it"
    else:
        return
    if guessed:
        what = f"it is neither UTF-8 nor {codec} ({where}); say its encoding"
    elif codec == "shift_jis":
        what = f"it is not {codec} ({where}); that of Windows is called cp932"
    else:
        what = f"it is not {codec} ({where}); save it as UTF-8, or say its encoding"
    raise OrderFileError(name, (f"{what}; some encodings are {_SOME}" if guessed else what,))


def _decode(stream: BinaryIO, name: str, codec: str, skipped: int = 0) -> None:
    """Decode a whole file, and drop it; raises _DamagedError, and OrderFileError for a NUL."""
    place = _Place(codec, byte=skipped)
    decoder = io.IncrementalNewlineDecoder(codecs.getincrementaldecoder(codec)(), translate=True)
    for chunk in _chunks(stream, skipped):
        try:
            text = decoder.decode(chunk, final=not chunk)
        except UnicodeDecodeError as error:
            good, cut = error.object[: error.start], error.object[error.start :]
            left = 0 if chunk else len(cut)
        except UnicodeError:
            good, left = b"", 0
        else:
            strange = _STRANGE.search(text) if codec == "cp932" and not text.isascii() else None
            if strange is not None:
                place.pass_by(text[: strange.start()])
                raise _DamagedError(place.line, place.byte + 1, 0)
            if "\0" in text:
                place.pass_by(text[: text.index("\0")])
                raise OrderFileError(
                    name, (f"it has a NUL byte on line {place.line}, as no table of text has",)
                )
            place.pass_by(text)
            continue
        text = good.decode(codec, "replace")
        place.pass_by(text.replace("\r\n", "\n").replace("\r", "\n"))
        raise _DamagedError(place.line, place.byte + 1, left)


def _chunks(stream: BinaryIO, skipped: int = 0) -> Iterator[bytes]:
    """Read a file in pieces, and an empty one at the end."""
    stream.seek(skipped)
    while chunk := stream.read(_CHUNK):
        yield chunk
    yield b""
