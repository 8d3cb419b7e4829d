"""URI templates (RFC 6570) and relative references (RFC 3986 §5), checked before and after.

The order is: expand, check the characters, join. ``uritemplate`` returns a malformed template
as it is, expands 0 and False to nothing in a query, and takes a missing variable for an empty
one, so that ``/orders/{id}`` becomes ``/orders/``; ``urljoin`` drops TAB, CR and LF and accepts
blanks and backslashes. So the template, its variables and the outcome are looked at here.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias
from urllib.parse import urljoin

from spapi_messaging.errors import TemplateError, UntrustedLinkError
from spapi_messaging.redaction import safe_url

Scalar: TypeAlias = str | int | float | None
Value: TypeAlias = Scalar | Sequence[Scalar] | Mapping[str, Scalar]
"""What a variable of a template may hold; None leaves it out."""

# https://datatracker.ietf.org/doc/html/rfc6570#section-2
_NAME = r"(?:\w|%[0-9A-Fa-f]{2})+(?:\.(?:\w|%[0-9A-Fa-f]{2})+)*"
_SPEC = rf"{_NAME}(?::[1-9][0-9]{{0,3}}|\*)?"
_EXPRESSION = re.compile(rf"\{{([+#./;?&]?)({_SPEC}(?:,{_SPEC})*)\}}", re.ASCII)
_PATH = re.compile(r"[^?#]*")
_SEGMENT_END = re.compile(r"\Z|[/?#]|\{[/?#;&]")
_UNSAFE = re.compile(r"[^\x21-\x7e]|\\")
# An origin, and a path from the root that has no dots and no empty segments.
_QUICK_ORIGIN = re.compile(r"https?://[A-Za-z0-9.-]+(?::[0-9]+)?(?=/)")
_QUICK_PATH = re.compile(r"(?:/[A-Za-z0-9-]+)+(?:\?[A-Za-z0-9=&-]+)?")


def variables(template: str) -> tuple[str, ...]:
    """List a template's variables in their order; raises TemplateError if it is malformed."""
    specs = (spec for match in _expressions(template) for spec in match[2].split(","))
    return tuple(dict.fromkeys(spec.partition(":")[0].rstrip("*") for spec in specs))


def expand(template: str, given: Mapping[str, Value]) -> str:
    """Expand a template; raises TemplateError unless exactly its variables are given.

    A value that leaves a whole segment of the path empty, or makes it a dot segment, is
    refused too: the URL would be that of another resource.
    """
    import uritemplate

    names = variables(template)
    _check_names(template, names, given)
    values: dict[str, Any] = {name: _value(template, name, given[name]) for name in names}
    try:
        for segment in _whole_segments(template):
            if uritemplate.expand(segment, values) in {"", ".", ".."}:
                raise TemplateError(template, f"{segment} would be no segment of the path")
        return uritemplate.expand(template, values)
    except UnicodeEncodeError:
        raise TemplateError(template, "a value is no Unicode text") from None


def _check_names(template: str, names: Sequence[str], given: Iterable[str]) -> None:
    missing = [name for name in names if name not in given]
    unknown = [name for name in given if name not in names]
    faults = {"missing": missing, "unknown": unknown}
    named = [f"{fault} {', '.join(those)}" for fault, those in faults.items() if those]
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


def _whole_segments(template: str) -> Iterable[str]:
    """Return the expressions that make up a segment of the path, such as ``/{id}/``."""
    path = _PATH.match(template)
    end = path.end() if path else 0
    for match in _EXPRESSION.finditer(template, 0, end):
        starts = template[match.start() - 1 : match.start()] in {"", "/"}
        if match[1] in {"", "+"} and starts and _SEGMENT_END.match(template, match.end()):
            yield match[0]


def _value(template: str, name: str, value: Value) -> str | list[str] | dict[str, str] | None:
    """Write numbers and booleans as JSON does, and leave out what RFC 6570 calls undefined."""
    if isinstance(value, Mapping):
        return {str(k): _scalar(template, name, v) for k, v in value.items() if v is not None}
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return [_scalar(template, name, v) for v in value if v is not None]
    return None if value is None else _scalar(template, name, value)


def _scalar(template: str, name: str, value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, str | int | float):
        raise TemplateError(template, f"{name} is a {type(value).__name__}")
    return str(value)
