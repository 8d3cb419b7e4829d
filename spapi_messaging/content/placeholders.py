"""Finds what another tool was to fill in: ``{{first_name}}``, ``%NAME%``, ``[Name]``.

Buyers' texts have brackets, per cent signs and ASCII guillemets of their own. So a form that only
programs write is one with anything in it; in a form that people write, too, what is inside must be
a name that tools have, or one that only tools spell so: ``first_name``, ``firstName``.
"""

import re
from collections.abc import Iterator

from spapi_messaging.content.field_names import FIELD_NAMES
from spapi_messaging.content.values import GREETED, MAX_CONTEXT
from spapi_messaging.content.words import Span, compiled

_MAX = 60  # characters of a name, so that a lone bracket costs no look at all of the text

_HINT = (
    r"\{|\[|<[<%?\w]|%[^\W\d]|%[%(]|%1\$|#[^\W\d]|##|@[@{]|\*\||\$[A-Za-z]|__|_name|_id|_number|_date"
    r"|_NAME|_ID|_NUMBER|_DATE|lorem|Lorem|LOREM|FNAME|LNAME|\u00ab|\uff5b|\uff3b|\u25cb|\u3007|\u25ef"
)
# What only programs write, whatever is inside.
_SURE = (
    rf"\{{{{2,3}}[^{{}}\n]{{0,{_MAX}}}\}}{{2,3}}"  # {{first name}}
    rf"|\{{%[^%\n]{{1,{_MAX}}}%\}}"  # {% if x %}
    rf"|[$#@%]\{{[^{{}}\n]{{0,{_MAX}}}\}}"  # ${first name} #{name} @{name} %{name}
    rf"|\{{[$!@#][^{{}}\n]{{1,{_MAX}}}\}}"  # {$name} {!Contact.Name}
    r"|(?<![A-Za-z0-9\\)\]])\{\d?\}"  # {0} {}
    rf"|\{{[A-Za-z][\w. ]{{0,30}}\|[^{{}}\n]{{0,{_MAX}}}\}}"  # {name|there}
    r"|\{ ?MERGEFIELD\b[^{}\n]{0,60}\}?"
    rf"|\[\[[^\[\]\n]{{1,{_MAX}}}\]\]|\[%[^%\n]{{1,{_MAX}}}%\]"  # [[name]] [%name%]
    rf"|<%[^%\n]{{1,{_MAX}}}%>|<\?(?:php\b|=)"  # <%= name %>
    rf"|%%=[^%\n]{{1,{_MAX}}}=%%|%%[A-Za-z_][\w. -]{{0,{_MAX}}}%%"
    r"|%\(\w{1,40}\)[-+ 0]{0,3}\d{0,3}[sdifr]"  # %(name)s
    r"|(?<![A-Za-z0-9_%])%(?:\d\$)?[sd](?![A-Za-z0-9_%])"  # %s
    r"|\[(?i:insert|insér|insertar|inserte|inseri|insira|wstaw|infoga)\w*\b[^\[\]\n]{1,40}\]"
    r"|\[[^\[\]\n]{1,40}(?i:einfügen|einsetzen|invoegen|eintragen)\]"
    rf"|\*\|[^|\n]{{1,{_MAX}}}\|\*"  # *|FNAME|*
    r"|(?<![\w@])@@[A-Za-z]\w{0,40}@@|(?<![\w#])##[A-Za-z]\w{0,40}##(?!#)"
    r"|\u00ab[A-Za-z][A-Za-z0-9]{0,30}(?:_[A-Za-z0-9]{1,30}){1,4}\u00bb"  # Word's «First_Name»
    r"|(?<![A-Za-z0-9_])(?:FNAME|LNAME|(?i:first|last|customer|buyer|recipient|order|product)"
    r"_(?i:name|id|number|date))(?![A-Za-z0-9_])"
    r"|(?i:\blorem ipsum dolor\b)"
    r"|[\u25cb\u3007\u25ef]{2,9}[ \u3000]?(?:\u69d8|\u3055\u307e|\u3055\u3093|\u6bbf)"
)
_NAME = "[^\\W\\d][\\w.\u2019' \u0900-\u0dff-]{0,40}"  # the signs of India's vowels are no \\w
# Letters of other scripts may stand beside it without a blank.
_NOT_BEHIND, _NOT_BEFORE = "(?<![A-Za-z0-9_%#$])", "(?![A-Za-z0-9_%#$])"
# What people write, too: the name decides.
_MAYBE = (
    rf"[{{\uff5b]({_NAME})[}}\uff5d]|[\[\uff3b]({_NAME})[\]\uff3d]|<<[ ]?({_NAME}?)[ ]?>>"
    rf"|<([^\W\d]\w{{0,40}})>"
    rf"|\u00ab({_NAME})\u00bb"
    rf"|{_NOT_BEHIND}%([^\W\d][^\W\d.]{{1,40}}(?:\.\w{{1,40}})?)%(?![A-Za-z0-9\\])"
    rf"|{_NOT_BEHIND}__([^\W_]\w{{0,40}}?)__{_NOT_BEFORE}"
    rf"|{_NOT_BEHIND}#([^\W\d]\w{{0,40}})#{_NOT_BEFORE}"
    rf"|{_NOT_BEHIND}\$([A-Za-z]\w{{0,40}}+)\$?"
)
_BLANKS = "[\\s_.\u2019'-]+"
# first_name, order.id and firstName, but no GUID: its letters end at f.
_SPELT_BY_TOOLS = r"[A-Za-z]{2,}\d?(?:[_.][A-Za-z]{2,}\d*)+|[a-z]{2,}(?:[A-Z][a-z]+){1,4}"
# Of Windows; "copy it to %APPDATA%" is what a key's buyer may be told.
_ENVIRONMENT = frozenset(
    (
        *("appdata", "localappdata", "programfiles", "programdata", "userprofile", "temp", "tmp"),
        *("windir", "systemroot", "systemdrive", "homepath", "homedrive", "path", "public"),
    )
)
_A_BYTE = "[0-9A-F]{2}"  # of a link, as %C3%BC


def placeholders(text: str) -> Iterator[Span]:
    """Return the placeholders in a text that were to be filled, each of them once."""
    if not compiled(_HINT).search(text):
        return
    end = 0
    found = [one.span() for one in compiled(_SURE).finditer(text)]
    found += [one.span() for one in compiled(_MAYBE).finditer(text) if _is_a_field(one)]
    for span in sorted(found, key=lambda span: (span[0], -span[1])):
        if span[0] >= end:
            yield span
            end = span[1]


def _is_a_field(found: re.Match[str]) -> bool:
    name, sign = (found[found.lastindex or 0] or "").strip(), found[0][0]
    if not _may_be_a_field(sign, name, found):
        return False
    if compiled(_SPELT_BY_TOOLS).fullmatch(name):
        return True
    if sign == "%" and name.isupper() and name.isascii():
        return True
    if found[0].startswith("<<") and name in {"x", "y", "z"}:
        return True
    # The dot that a Turkish \u0130 leaves when it is folded.
    plain = compiled(_BLANKS).sub("", name.casefold().replace("\u0307", ""))
    return plain in FIELD_NAMES


def _may_be_a_field(sign: str, name: str, found: re.Match[str]) -> bool:
    if sign == "%":
        return name.lower() not in _ENVIRONMENT and not compiled(_A_BYTE).fullmatch(name)
    if sign == "$":  # $AUD; a currency is no field
        return not name.isupper() or "_" in name
    if sign == "\u00ab":  # else it is a word of the text's own
        before = found.string[max(0, found.start() - MAX_CONTEXT) : found.start()]
        return compiled(GREETED).search(before) is not None
    return True
