"""URI templates (RFC 6570) and relative references (RFC 3986 §5), checked before and after.

The law: what RFC 6570 calls undefined (§2.3, §3.2.1: not given, None, an empty list or mapping)
expands to nothing, as the RFC has it, but for a variable of the path. ``/orders/{id}`` without
its id would be another resource, so each of the path has to be given (None says outright that one
is to be left out), and none may leave a segment empty. What the template does not know is an
error everywhere: it is a slip of the pen. Numbers are written as they are and booleans as
``true`` and ``false``: RFC 6570 knows strings alone, and JSON writes them so.

The order is: expand, check the characters, join. ``uritemplate`` returns a malformed template
as it is, expands 0 and False to nothing in a query, takes an empty list for an empty string at
times, sorts a mapping, and takes a missing variable for an empty one; ``urljoin`` drops TAB, CR
and LF and accepts blanks and backslashes. So the template, its variables and the outcome are
looked at here.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias
from urllib.parse import urljoin

from spapi_messaging.errors import TemplateError, UntrustedLinkError
from spapi_messaging.redaction import printable, safe_url

Scalar: TypeAlias = str | int | float | None
Value: TypeAlias = Scalar | Sequence[Scalar] | Mapping[str, Scalar]
"""What a variable of a template may hold; None leaves it out."""

# https://datatracker.ietf.org/doc/html/rfc6570#section-2
_NAME = r"(?:\w|%[0-9A-Fa-f]{2})+(?:\.(?:\w|%[0-9A-Fa-f]{2})+)*"
_SPEC = rf"{_NAME}(?::[1-9][0-9]{{0,3}}|\*)?"
_EXPRESSION = re.compile(rf"\{{([+#./;?&]?)({_SPEC}(?:,{_SPEC})*)\}}", re.ASCII)
_PATH_END = re.compile(r"\{?[?#]|\Z")
_SLASH = re.compile(r"/(?![^{}]*\})|(?=\{/)")  # one of the template, or where {/x} brings its own
_UNSAFE = re.compile(r"[^\x21-\x7e]|\\")
# An origin, and a path from the root that has no dots and no empty segments.
_QUICK_ORIGIN = re.compile(r"https?://[A-Za-z0-9.-]+(?::[0-9]+)?(?=/)")
_QUICK_PATH = re.compile(r"(?:/[A-Za-z0-9-]+)+(?:\?[A-Za-z0-9=&-]+)?")


def variables(template: str) -> tuple[str, ...]:
    """List a template's variables in their order; raises TemplateError if it is malformed."""
    return tuple(dict.fromkeys(name for each in _expressions(template) for name in _names(each)))


def expand(template: str, given: Mapping[str, Value]) -> str:
    """Expand a template; raises TemplateError for what its path misses, and for unknown names.

    Values that leave a whole segment of the path empty, or make it a dot segment, are refused
    too: the URL would be that of another resource.
    """
    import uritemplate

    _check_names(template, given)
    values: dict[str, Any] = {name: _value(template, name, value) for name, value in given.items()}
    try:
        for segment in _open_segments(template):
            written = uritemplate.expand(segment, values)
            parts = written.split("/") if segment.startswith("{/") else [written or "."]
            if not {".", ".."}.isdisjoint(parts):
                place = printable(segment)
                raise TemplateError(template, f"{place} would be no segment of the path")
        return uritemplate.expand(template, values)
    except UnicodeEncodeError:
        raise TemplateError(template, "a value is no Unicode text") from None


def _check_names(template: str, given: Iterable[str]) -> None:
    known = variables(template)
    path = template[: _path_end(template)]
    needed = (name for each in _expressions(path) if each[1] != "&" for name in _names(each))
    missing = [name for name in dict.fromkeys(needed) if name not in given]
    unknown = [name for name in given if name not in known]
    faults = {"missing": missing, "unknown": unknown}
    named = [f"{fault} {printable(', '.join(those))}" for fault, those in faults.items() if those]
    if named:
        raise TemplateError(template, "; ".join(named))


def join(base: str, reference: str) -> str:
    """Resolve a reference; raises UntrustedLinkError where URL parsers would disagree."""
    return _quick_join(base, reference) or _join(base, reference)


def _quick_join(base: str, reference: str) -> str | None:
    """Join a plain path and an origin; None says nothing, and ``_join`` decides."""
    origin = _QUICK_ORIGIN.match(base) if _QUICK_PATH.fullmatch(reference) else None
    return f"{origin[0]}{reference}" if origin else None


def _join(base: str, reference: str) -> str:
    if _UNSAFE.search(reference):
        fault = "it holds blanks, control or non-ASCII characters, or backslashes"
        raise UntrustedLinkError(safe_url(reference), fault)
    try:
        return urljoin(base, reference)
    except ValueError:
        raise UntrustedLinkError(safe_url(reference), "it is no URL") from None


def _expressions(template: str) -> list[re.Match[str]]:
    literals = _EXPRESSION.sub("", template)
    if "{" in literals or "}" in literals:
        raise TemplateError(template, "it is malformed")
    return list(_EXPRESSION.finditer(template))


def _names(expression: re.Match[str]) -> Iterable[str]:
    return (spec.partition(":")[0].rstrip("*") for spec in expression[2].split(","))


def _path_end(template: str) -> int:
    """Return where the query or the fragment begins, which both may be left out."""
    end = _PATH_END.search(template)
    return end.start() if end else len(template)


def _open_segments(template: str) -> Iterable[str]:
    """Return the segments of the path that hold variables, such as the second of ``/a/{id}``."""
    segments = _SLASH.split(template[: _path_end(template)])
    return (segment for segment in segments if "{" in segment)


def _value(
    template: str, name: str, value: Value
) -> str | list[str] | list[tuple[str, str]] | None:
    """Write numbers and booleans as JSON does; None is what RFC 6570 calls undefined.

    A mapping becomes pairs, whose order ``uritemplate`` keeps.
    """
    if isinstance(value, Mapping):
        return [
            (_scalar(template, name, k), _scalar(template, name, v))
            for k, v in value.items()
            if v is not None
        ] or None
    if isinstance(value, Sequence) and not isinstance(value, str | bytes | bytearray):
        return [_scalar(template, name, v) for v in value if v is not None] or None
    return None if value is None else _scalar(template, name, value)


def _scalar(template: str, name: str, value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, str | int | float):
        raise TemplateError(template, f"{name} is a {type(value).__name__}")
    return str.__str__(value) if isinstance(value, str) else str(value)
