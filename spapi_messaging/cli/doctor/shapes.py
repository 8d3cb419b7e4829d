"""What can be seen of credentials without asking anybody, said without a letter of them.

What is surely wrong (it came with its quotes, it is another's value, a placeholder) is told apart
from what merely looks unusual, since Amazon may change how its credentials begin: that never
keeps anybody from being asked for a token.
"""

import re
from collections.abc import Iterator
from typing import Any

import attrs

from spapi_messaging.transport import VARIABLES

_BEGINNINGS = {
    "client_id": "amzn1.application-oa2-client.",
    "client_secret": "amzn1.oa2-cs.v1.",
    "refresh_token": "Atzr|",
}
_KINDS = {
    "amzn1.application-oa2-client.": "a client id",
    "amzn1.oa2-cs.v1.": "a client secret",
    "Atzr|": "a refresh token",
    "Atza|": "an access token, which is good for an hour,",
    "Atna|": "an access token, which is good for an hour,",
    "amzn1.sp.solution.": "an application's id",
    "AKIA": "an AWS key, which the API no longer uses,",
}
_CALLED = {
    "client_id": "a client id",
    "client_secret": "a client secret",
    "refresh_token": "a refresh token",
}
# Before 2023 a secret was 64 hexadecimal digits.
_OLD_SECRET = re.compile(r"[0-9a-f]{64}")
_QUOTES = (
    "\"'`\u00b4\u2018\u2019\u201a\u201b\u201c\u201d\u201e\u201f\u00ab\u00bb\u2039\u203a\uff02\uff07"
)
_INVISIBLE = "\ufeff\u200b\u200c\u200d\u2060\u00ad\u200e\u200f"
_NAMED = re.compile(r"(?:export +|set +|\$env:)?[A-Za-z_]{3,40} *[=:] *", re.ASCII)
_BEARER = re.compile(r"bearer[ :]+", re.IGNORECASE)
_PLACEHOLDER = re.compile(
    r"\.\.\.|\u2026|EXAMPLE|[xX]{5}|^<.*>$|^\[.*\]$|^\{.*\}$|^\$|^%.*%$|^[xX*.\u2022\u25cf-]+$"
    r"|^(?:your|my|the|enter|insert|paste|put)[-_ ]"
    r"|^(?:change[-_ ]?me|to[-_ ]?do|none|null|undefined|secret|test)$",
    re.DOTALL,
)
_SHORT = 100
"""A placeholder is shorter; a refresh token may hold any letters."""
_LAYERS = 6


@attrs.frozen
class Fault:
    """What is wrong with a value, and what to do; neither shows any of it."""

    sentence: str
    advice: str


def sure_faults(field: str, value: Any, name: str) -> list[Fault]:
    """Return what is surely wrong with a value; ``name``: what people know it by."""
    if value is None:
        return [Fault(f"{name} is missing", f"set it: it is {_CALLED[field]}")]
    if not isinstance(value, str):
        return [Fault(f"{name} is no text", "put it between double quotes")]
    core, worn = _undressed(value)
    if not core:
        return [Fault(f"{name} is empty", f"set it: it is {_CALLED[field]}")]
    dress = [Fault(f"{name} comes with {_listed(worn)}", _how_to_set(name))] if worn else []
    return [*dress, *_core_faults(field, core, name)]


def odd_look(field: str, value: str, name: str) -> Fault | None:
    """Say of a value that nothing is surely wrong with what is unusual about it."""
    usual = _BEGINNINGS[field]
    if value.startswith(usual) or (field == "client_secret" and _OLD_SECRET.fullmatch(value)):
        return None
    what = f"{name} looks unusual: {_CALLED[field]} of Amazon begins with {usual}"
    return Fault(what, "compare it with Seller Central")


def equal_fields(fields: dict[str, Any], names: dict[str, str]) -> Fault | None:
    """Say which fields hold the same."""
    for one, other in (
        ("client_id", "client_secret"),
        ("client_secret", "refresh_token"),
        ("client_id", "refresh_token"),
    ):
        if fields[one] and fields[one] == fields[other]:
            both = f"{names[one]} and {names[other]} hold the same"
            return Fault(both, "copy each from its own place")
    return None


def _undressed(value: str) -> tuple[str, list[str]]:
    """Return a value without what it must not come with, and what that is."""
    core, worn = value, dict[str, None]()
    for _ in range(_LAYERS):
        before = core
        for ends, what in ((_INVISIBLE, "signs that do not show"), (_QUOTES, "quotes")):
            if core.strip(ends) != core:
                core, worn[what] = core.strip(ends), None
        stripped = core.strip()
        if stripped != core:
            has_end = "\n" in core or "\r" in core
            core, worn["a line end" if has_end else "blanks"] = stripped, None
        for pattern, what in ((_BEARER, "the word Bearer"), (_NAMED, "a name before it")):
            match = pattern.match(core)
            if match and (what != "a name before it" or _is_known_name(match[0])):
                core, worn[what] = core[match.end() :], None
        if core == before:
            break
    return core, list(worn)


def _is_known_name(words: str) -> bool:
    known = {*VARIABLES, *(variable.lower() for variable in VARIABLES.values())}
    return words.rstrip(" =:").split()[-1].removeprefix("$env:").lower() in known


def _core_faults(field: str, core: str, name: str) -> Iterator[Fault]:
    """Return what is surely wrong with a value itself."""
    if len(core) <= _SHORT and _PLACEHOLDER.search(core):
        yield Fault(f"{name} is a placeholder", f"put {_CALLED[field]} in its place")
        return
    if core in {"Atzr", "Atza"}:
        yield Fault(f"{name} ends before its |", "put it between single quotes in a shell")
    for beginning, kind in _KINDS.items():
        if core.startswith(beginning) and beginning != _BEGINNINGS[field]:
            place = f"a value that begins with {_BEGINNINGS[field]} belongs there"
            yield Fault(f"{name} holds {kind} and not {_CALLED[field]}", place)
    if any(c.isspace() for c in core):
        yield Fault(f"{name} has a blank or a line end within", "copy it again, in one piece")
    elif not (core.isascii() and core.isprintable()):
        yield Fault(f"{name} has signs that no credentials have", "copy it again, as plain text")


def _how_to_set(name: str) -> str:
    if name.isupper():
        return f"set it to the value alone: in a shell as {name}='...', in a .env without quotes"
    return 'write the value alone, between one pair of straight double quotes: "..."'


def _listed(words: list[str]) -> str:
    return " and ".join(filter(None, (", ".join(words[:-1]), words[-1])))
