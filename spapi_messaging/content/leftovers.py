r"""Finds what programs and spreadsheets leave in the place of a value: ``None``, ``#N/A``, ``\n``.

Errors of spreadsheets, escapes and printed objects are no words of any language. ``nan``,
``None``, ``null`` and ``undefined`` are ("null Uhr", "None of the parts", your nan): those count
only where a value stood, and ``values.py`` tells where that is.
"""

from collections.abc import Iterator

from spapi_messaging.content.values import WORDS, stands_for_a_value
from spapi_messaging.content.words import Span, compiled

# Each begins with a letter of its own, so that the letters are looked for at once.
_HINT = (
    r"#[^a-z0-9\s]|\\|\[object|<[a-zNA]|na[nN]|Na[NT]|NAN|None|null|NULL|undefined|N/A|n/a"
    r"|xxx|XX[X]|e\+|E\+|Err:|dtype|Decimal\(|Timestamp\(|UUID\(|datetime"
)
# Excel's and LibreOffice's, in the languages of the marketplaces. A list and no pattern: "#SALE!".
_CRIES = (
    "REF VALUE NUM NULL DIV/0 SPILL CALC FIELD BLOCKED CONNECT UNKNOWN BUSY PYTHON EXTERNAL "
    "BEZUG WERT ZAHL ÜBERLAUF FELD KALK BLOCKIERT UNBEKANNT VERBINDEN "
    "VALEUR NOMBRE NUL EPARS PROPAGATION CALCUL CHAMP DÉPASSEMENT "
    "VALOR NULO NÚM NUMERO DESBORDAMIENTO CÁLCULO CAMPO DESPEJAR DESPEJO TRANSBORDAR "
    "RIF VALORE NULLO ESPANSIONE CALCOLO VERW WAARDE GETAL LEEG DEEL/0 OVERLOOP VELD "
    "REFERENS VÄRDEFEL OGILTIGT SKÄRNING DIVISION/0 REFERENCE VÆRDI VERDI OVERLØB NUL/DIV "
    "ADR ARG LICZBA DZIEL/0 ZERO ROZLANIE N/D OBL POLE ODKAZ HODNOTA DĚLENÍ_NULOU ČÍSLO "
    "BAŞV DEĞER SAYI/0 SAYI BOŞ TAŞMA HESAPLA ALAN BAĞ SAKNAS"
).replace(" ", "|")
_QUESTIONS = "NAME|NOM|NOMBRE|NOME|NAAM|NAMN|NAZWA|AD|NAVN|NÁZEV|NIMI"
_PLAIN = r"N/[ADB]|NV|I/T|YOK|GETTING_DATA|NENÍ_K_DISPOZICI|VEREINBARUNG"
_SPREADSHEET = (
    rf"(?<![A-Za-z0-9_#&])#(?:[\u00a1\u00bf]?(?:{_CRIES})!|[\u00bf]?(?:{_QUESTIONS})\?"
    rf"|(?:{_PLAIN})(?![A-Za-z0-9_-]))"
    r"|\bErr:5\d\d\b"
    # A long number, as Excel shows it: 1.23457E+15. "1E5" and "2E10" are names of things.
    r"|(?<![A-Za-z0-9_.,-])-?\d{1,3}(?:[.,]\d{1,20})?[eE]\+\d{2,3}(?![A-Za-z0-9_])"
)
_PRINTED = (
    r"\[object \w{1,40}\]|<(?:NA|nan|None|null|NULL|undefined)>"
    r"|<(?:class|function|bound method|generator|module|built-in) [^<>\n]{1,99}>"
    r"|<[\w. ]{1,80} (?:object )?at 0x[0-9a-fA-F]{6,16}>|\bdtype: ?\w+"
    r"|\b(?:Decimal|Timestamp|UUID|datetime\.\w{4,8})\(['\"\d][^()\n]{0,60}\)"
    r"|(?<=[a-z]):\\/\\/"
)
_ESCAPES = (
    r"(?P<code>\\u[0-9a-fA-F]{4}|\\x[89a-fA-F][0-9a-fA-F]|\\r\\n|\\n\\n)"
    r"|(?P<end>\\[nrt])|(?P<quote>\\[\"'\u201c\u201d])"
)
_WIDTHS = r"#{4,99}"
_MAX_REACH = 80
_PATH = r"[^\s]*?(?:[A-Za-z]:\\|\\\\[A-Za-z0-9?.])|[~%.\w-]{0,30}\\[A-Za-z]{3,}\\|\.{1,2}\\"
_UNBROKEN = r"\S*$"
_BEHIND_A_SENTENCE = r"(?:^|[.,;:!?\u2026)\u3002\uff0c\uff01\uff1f\u3001\u060c\u061f\u0964-])$"
_NEW_LINE = r"$|[\s\\]|[^a-z0-9_\\]"


def leftovers(text: str) -> Iterator[Span]:
    """Return what a program or a spreadsheet left in a text."""
    if not compiled(_HINT).search(text):
        return
    yield from (found.span() for found in compiled(f"{_SPREADSHEET}|{_PRINTED}").finditer(text))
    for found in compiled(WORDS).finditer(text):
        if stands_for_a_value(text, *found.span()):
            yield found.span()
    if "\\" in text:
        yield from _escapes(text)
    if "####" in text:
        yield from _too_narrow(text)


def _escapes(text: str) -> Iterator[Span]:
    for found in compiled(_ESCAPES).finditer(text):
        start, end = found.span()
        before = text[max(0, start - _MAX_REACH) : start]
        after = text[end : end + 1]
        unbroken = compiled(_UNBROKEN).search(before)
        begun = (unbroken[0] if unbroken else "") + text[start : end + _MAX_REACH].split(
            maxsplit=1
        )[0]
        if compiled(_PATH).match(begun) or before[-1:] in {"[", "^", "|", "\\"}:
            continue
        is_quoted = before[-1:] in {'"', "'", "`"} and after in {'"', "'", "`"}
        if not is_quoted and _is_escape(found.lastgroup, before, after):
            yield start, end


def _is_escape(kind: str | None, before: str, after: str) -> bool:
    if kind == "end":
        behind = compiled(_BEHIND_A_SENTENCE).search(before)
        return bool(behind or compiled(_NEW_LINE).match(after))
    # Between small letters it is an apostrophe; else it opens or closes what is quoted.
    return True


def _too_narrow(text: str) -> Iterator[Span]:
    """Return numbers that a column was too narrow for; a line that they decorate has more."""
    is_all = len(text) < _MAX_REACH and not text.strip(" #\n")
    for found in compiled(_WIDTHS).finditer(text):
        start, end = found.span()
        before = text[max(0, start - _MAX_REACH) : start].rpartition("\n")[2]
        after = text[end : end + _MAX_REACH].partition("\n")[0]
        is_decoration = "#" in before + after or not before.strip()
        if is_all or not is_decoration:
            yield start, end
