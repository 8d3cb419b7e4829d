"""Finds text that was read in another encoding than it was written in: ``fÃ¼r``, ``â€™``, U+FFFD.

UTF-8 that was read as cp1252 or Latin-1 has a lead byte and its continuation bytes as characters
of their own. Some such pairs are also written by people, at the end of a word in capitals: "IRMÃ”",
"ÉTÉ…". Those count within small letters only.
"""

from collections.abc import Iterator

from spapi_messaging.content.words import Span, compiled

# What the bytes 80 to BF are in cp1252, and in Latin-1 where they are controls there.
_TYPOGRAPHY = (
    "\u2026\u2019\u2018\u201c\u201d\u2013\u2014\u2122\u203a\u2039\u201e\u201a\u00bb\u00ab\u00a0"
)
_REST = (
    "\u20ac\u0192\u2020\u2021\u02c6\u2030\u0160\u0152\u017d\u2022\u02dc\u0161\u0153\u017e\u0178"
    "\x80-\x9f\u00a1-\u00aa\u00ac-\u00ba\u00bc-\u00bf"
)
_ANY = f"[{_TYPOGRAPHY}{_REST}]"
_SMALL = "a-z\u00df-\u00f6\u00f8-\u00ff"
_LATIN_LEAD = "[\u00c2\u00c3\u00c4\u00c5]"

# A lead and a continuation, or what stands for neither.
HINT = (
    f"[\u00c2-\u00c5\u00ce-\u00d1\u00d7-\u00db\u00e0-\u00ed\u00ef\u00f0]{_ANY}|[\u00c2\u00c3] "
    "|[\u221a\u251c\u7e3a\u7e67\u7e5d\u951f\ufffd]|\u201a[\u00c4\u00c7]|[=%][C-F][0-9A-F][=%]"
)
_MOJIBAKE = (
    f"[\u00c3\u00c4\u00c5][{_REST}]"  # Ã¼, ÄŸ
    "|\u00c2[\x80-\x9f\u00a1-\u00aa\u00ac-\u00ba\u00bc-\u00bf]"  # Â° Â£
    f"|(?<=[{_SMALL}]){_LATIN_LEAD}{_ANY}"  # garÃ™
    f"|(?<![^\\W\\d_]){_LATIN_LEAD}[{_TYPOGRAPHY}](?=[{_SMALL}])(?<!\u2019)(?<!\u00a0)"
    f"|[\u00c3-\u00c5][\u2122\u203a\u201e\u201a\u2018\u201c\u201d](?=[{_SMALL}])"  # PÅ™i
    # A non-breaking blank or guillemet that has an Â, and à without its own.
    "|(?<=[\\d\u00ab\u00bb:;!?\u20ac.,%])\u00c2[ \u00a0\u00ab\u00bb]|\u00c2\u00a0"
    "|(?<![\\w'\u2019\u00ab\"\u201c])\u00c2[\u00ab\u00bb](?=\u00c2|[ \u00a0]?\\w)"
    f"|(?<=[{_SMALL}])\u00c2 |(?<![^\\W\\d_])\u00c3(?:\u00a0| (?=[{_SMALL}]))"
    f"|(?<=[{_SMALL}])\u00c3[ \u00a0]"
    # Greek, Cyrillic, Hebrew and Arabic letters come in rows.
    f"|(?:[\u00ce-\u00d1\u00d7-\u00db]{_ANY}){{2,40}}"
    # Punctuation, signs, India's scripts, China's, Japan's, Korea's, and emoji.
    f"|\u00e2(?:\u20ac{_ANY}?|[\x80-\x9f][\x80-\xbf]?|[\u201a\u201e\u2020\u02c6\u2030\u0152\u0153\u0160\u0178\u02dc\u2022\u2122]{_ANY})"
    f"|(?:\u00e0[\u00a4-\u00bf]{_ANY}[\u20ac\u00ad]?){{2,40}}"
    f"|\u00ef(?:\u00bb\u00bf|\u00bf\u00bd|\u00bc{_ANY})|\u00f0(?:\u0178|\u009f|\u0152){_ANY}{{0,2}}"
    f"|(?:[\u00e3-\u00ed]{_ANY}{_ANY}){{2,40}}"
    f"|[\u00e3-\u00e9][\u00a1-\u00aa\u00ac-\u00b1\u00b4-\u00b8\u00ba\u00bc-\u00be\x80-\x9f](?!\u00b0){_ANY}"
    # UTF-8 that was read as Mac Roman, cp437 or cp850, Shift-JIS and GBK.
    "|(?<=[A-Za-z])\u221a[\u00a7\u2202\u00ba\u00b6\u00a9\u00ae\u2020\u00fc\u2260\u222b\u2265\u2264]|\u201a(?:\u00c4[\u00f4\u00fa\u00f9\u00ec\u00ee\u00b6\u00f2\u00a2]|\u00c7\u00a8)"
    "|\u251c[\u255d\u00f1\u2562\u0192\u2524\u2310\u00ae\u00ac\u00e1\u2551\u00c2\u00bc\u00d1\u00fb]"
    "|(?:[\u7e3a\u7e67\u7e5d](?![\u7e3a\u7e67\u7e5d])[\uff41-\uff9f\u3041-\u30ff\u4e00-\u9fff]"
    "(?:(?![\u7e3a\u7e67\u7e5d])[\uff41-\uff9f\u3041-\u30ff\u4e00-\u9fff])?){2,40}|\u951f\u65a4\u62f7"
    # Bytes that a mail or a link was encoded by.
    "|(?:=[C-F][0-9A-F](?:=[89AB][0-9A-F]){1,3})+|(?:%[C-F][0-9A-F](?:%[89AB][0-9A-F]){1,3})+"
    "|\ufffd+"
)


def mojibake(text: str) -> Iterator[Span]:
    """Return runs of characters that were read in a wrong encoding."""
    if not compiled(HINT).search(text):
        return
    start = end = -1
    for found in compiled(_MOJIBAKE).finditer(text):
        if found.start() != end:
            if end > 0:
                yield start, end
            start = found.start()
        end = found.end()
    if end > 0:
        yield start, end
