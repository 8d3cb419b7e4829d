"""The rules that a text's content is judged by: each returns the spans that break it.

Every pattern starts at a boundary or has a bounded reach, so that the time grows with the
length of the text and not with its square.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache

from spapi_messaging.content.words import (
    ACRONYMS,
    CARRIERS,
    LATIN,
    MARKETING,
    PURPOSE,
    TAGS,
    TLDS,
    UNRELATED_HOSTS,
    Span,
    compiled,
)

_TAG = (
    rf"(?i)<!--|<!doctype\b|</?(?:{'|'.join(sorted(TAGS))})(?:\s[^<>]{{0,999}}|\s*/)?>"
    r"|<\w{1,30}\s\w{1,30}=[\"'][^<>]{0,999}>"
)
_ENTITY = r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|([A-Za-z][A-Za-z0-9]{1,31}));"

_DOMAIN = rf"(?:[{LATIN}-]{{1,63}}\.){{1,8}}[A-Za-z]{{2,24}}"
_EMAIL = (
    rf"(?i)(?<![{LATIN}._%+-])[{LATIN}._%+-]{{1,64}}"
    rf"(?:[@\uff20]|\s?[(\[{{]\s?(?:at|ät|arroba|chez)\s?[)\]}}]\s?)"
    rf"(?:{_DOMAIN}|[{LATIN}-]{{1,63}}\s?[(\[{{]\s?(?:dot|punkt|punto|point)\s?[)\]}}]\s?"
    rf"[A-Za-z]{{2,24}})"
)

_AN_AT = r"[@\uff20]|[(\[{]\s?(?i:at|ät|arroba|chez)"

_A_DOT = r"\.[A-Za-z]|://"
_LINK = (
    rf"(?:(?<=\.\.)|(?<![{LATIN}@._-]))(?:"
    rf"(?i:[a-z][a-z0-9+.-]{{1,30}}://|www\.)[!-;=?-~\u00c0-\u024f]{{1,2000}}+"
    rf"|(?P<bare>(?:[{LATIN}][{LATIN}-]{{0,62}}\.){{1,8}}(?:{'|'.join(sorted(TLDS))}|COM|ORG))"
    rf"(?![{LATIN}_@-]|\.[{LATIN}])(?P<path>(?::[0-9]{{2,5}})?"
    rf"(?:[/?#][!-;=?-~\u00c0-\u024f]{{0,2000}}+)?))"
)
_BEHIND_A_LINK = ".,;:!?)]}'\"*_"
_HAS_LETTER = r"[^\W\d_]"
_STORE_NAME = r"(?i)amazon\.[a-z.]{2,6}"
_WORD_OF_A_LINK = r"[^\W_]+(?:_[^\W_]+)*"

_DASH = "[-\u2010-\u2015\u2212\ufe58\ufe63\uff0d]"
# Word processors put other dashes in its place, and Japanese keyboards other digits.
_ORDER_ID = rf"(?<![^\W_])(?:\d|[Dd])\d\d{_DASH}\d{{7}}{_DASH}\d{{7}}(?![^\W_])"

_WORD = r"[^\W_]+(?:['\u2019\-/&][^\W_]+)*+"
MIN_SHOUTED = 10  # letters
# Two letters that are neither small nor of a script without capitals.
_CAPITAL = (
    "[^\\W\\d_a-z\u00df-\u00f6\u00f8-\u00ff\u0600-\u06ff\u0900-\u0dff\u3041-\u30ff\u3400-\u9fff"
    "\uac00-\ud7a3]"
)
_CAPITALS = f"{_CAPITAL}['\u2019]?{_CAPITAL}"
_IN_A_SHOUT = " \t\n\r\u00a0\u202f!,\u00a1"

_LINES = "\n\t"
_SEEN = frozenset(map(chr, (9, 10, *range(32, 127), *range(0xA0, 0xAD), *range(0xAE, 0x250))))
_NEVER_SEEN = "\u115f\u1160\u3164\uffa0\u034f"
_VISIBLE_FORMAT = frozenset("\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u08e2")
_JOINERS, _MARKS = "\u200c\u200d", "\u200e\u200f\u061c"
_JOINED = "[\u0600-\u06ff\u0750-\u077f\u08a0-\u08ff\u0900-\u0dff\ufb50-\ufdff\ufe70-\ufefc]"
_PICTURE = "[\u00a9\u00ae\u2190-\u2bff\u3030\u303d\ufe0f\U0001f000-\U0001fbff]"
_RIGHT_TO_LEFT = "[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]"
_FLAG = "\U0001f3f4[\U000e0020-\U000e007e]{1,16}\U000e007f"


def html(text: str) -> Iterator[Span]:
    """Return tags and entities; a bare ``<`` or ``&`` is neither."""
    yield from (tag.span() for tag in compiled(_TAG).finditer(text))
    for entity in compiled(_ENTITY).finditer(text):
        if entity[1] is None or _is_entity(entity[1]):
            yield entity.span()


def _is_entity(name: str) -> bool:
    from html.entities import html5

    return f"{name};" in html5


def emails(text: str) -> Iterator[Span]:
    """Return e-mail addresses, also those with "(at)" in brackets."""
    if not compiled(_AN_AT).search(text):
        return
    yield from (email.span() for email in compiled(_EMAIL).finditer(text))


def links(text: str, *, beside: Iterable[Span] = ()) -> Iterator[Span]:
    """Return links, but none that lies in a span of ``beside``, such as the host of an e-mail."""
    if not compiled(_A_DOT).search(text):
        return
    taken = {at for span in beside for at in range(*span)}
    for link in compiled(_LINK).finditer(text):
        if link.start() not in taken and not _is_plain_word(link):
            end = link.end() - len(link[0]) + len(link[0].rstrip(_BEHIND_A_LINK))
            yield link.start(), end


def _is_plain_word(link: re.Match[str]) -> bool:
    bare = link["bare"]
    if bare is None or link["path"]:
        return False
    # "S.A.de", "p.m.in" and "24.12.in" lack a blank; Amazon.de is also the name of the store.
    label = bare.split(".")[-2]
    no_label = len(label) == 1 and bare.lower() not in UNRELATED_HOSTS
    return (
        no_label
        or not compiled(_HAS_LETTER).search(label)
        or bool(compiled(_STORE_NAME).fullmatch(bare))
    )


def unrelated(link: str, operation: str) -> bool:
    """Tell whether a link leads away from the operation's purpose, as far as it shows."""
    address = link.split("://", 1)[-1].lower()
    host, _, rest = re.sub(r"[/?#]", " ", address, count=1).partition(" ")
    host = host.split("@")[-1].split(":")[0].removeprefix("www.")
    labels = host.split(".")
    if any(".".join(labels[first:]) in UNRELATED_HOSTS for first in range(len(labels))):
        return True
    purpose = PURPOSE.get(operation, frozenset())
    words = {
        *compiled(_WORD_OF_A_LINK).findall(rest),
        *(part for label in labels for part in label.split("-")),
    }
    if words & (MARKETING - purpose):
        return True
    return not rest and not words & purpose and not CARRIERS.intersection(labels)


_A_DIGIT = re.compile(r"\d")


def order_ids(text: str) -> Iterator[tuple[Span, str]]:
    """Return the order ids in a text, each with its plain form in ASCII."""
    if not _A_DIGIT.search(text):
        return
    for found in compiled(_ORDER_ID).finditer(text):
        digits = unicodedata.normalize("NFKC", compiled(_DASH).sub("-", found[0]))
        yield found.span(), digits.upper()


def shouting(text: str) -> Iterator[Span]:
    """Return runs of words in capitals, or the whole text; acronyms and keys don't count."""
    if not compiled(_CAPITALS).search(text):
        return
    run: list[re.Match[str]] = []
    least = 1 if _is_all_in_capitals(text) else 2
    for token in compiled(_WORD).finditer(text):
        if run and text[run[-1].end() : token.start()].strip(_IN_A_SHOUT):
            yield from _shouted(run, least=least)
            run = []
        if _in_capitals(token[0]):
            run.append(token)
        elif run:
            yield from _shouted(run, least=least)
            run = []
    yield from _shouted(run, least=least)


def _is_all_in_capitals(text: str) -> bool:
    letters = sum(map(str.isalpha, text))
    return text.isupper() and sum(map(str.isupper, text)) * 2 > letters


def _in_capitals(token: str) -> bool:
    # Scripts without case are written on around a word, and str.isupper passes over them.
    return token[0].isupper() and all(letter.isupper() or letter in "ß'\u2019" for letter in token)


def _shouted(run: list[re.Match[str]], *, least: int) -> Iterator[Span]:
    words = [word for word in run if len(word[0]) > 1 and word[0] not in ACRONYMS]
    if len(words) >= least and sum(len(word[0]) for word in words) >= MIN_SHOUTED:
        yield words[0].start(), words[-1].end()


def invisible(text: str) -> Iterator[Span]:
    """Return runs of characters that no one sees, except where a script or an emoji needs them."""
    suspects = {letter for letter in set(text) - _SEEN if _is_suspect(letter)}
    if not suspects:
        return
    flags = {at for flag in compiled(_FLAG).finditer(text) for at in range(*flag.span())}
    right_to_left = bool(compiled(_RIGHT_TO_LEFT).search(text))
    places = (at for at, letter in enumerate(text) if letter in suspects and at not in flags)
    yield from _runs(at for at in places if not _is_needed(text, at, right_to_left=right_to_left))


def _runs(places: Iterable[int]) -> Iterator[Span]:
    start = end = 0
    for at in places:
        if at != end:
            if end:
                yield start, end
            start = at
        end = at + 1
    if end:
        yield start, end


@lru_cache(maxsize=4096)
def _is_suspect(letter: str) -> bool:
    category = unicodedata.category(letter)
    if category == "Cn":
        # Emoji that are younger than Python's tables are not assigned there.
        return not compiled(_PICTURE).match(letter)
    hidden = category[0] == "C" and letter not in _LINES and letter not in _VISIBLE_FORMAT
    return hidden or letter in _NEVER_SEEN or "\U000e0100" <= letter <= "\U000e01ef"


def _is_needed(text: str, at: int, *, right_to_left: bool) -> bool:
    letter, before, after = text[at], text[at - 1 : at], text[at + 1 : at + 2]
    if letter == "\r":
        return after == "\n"
    if letter in _JOINERS:
        pictures = compiled(_PICTURE).match(before) and compiled(_PICTURE).match(after)
        return bool(compiled(_JOINED).match(before) or pictures)
    if letter in _MARKS:
        return right_to_left
    return "\u3400" <= before <= "\u9fff" and letter >= "\U000e0100"
