"""Checks the body of a message against its rule, by its own lights.

A member that no such message has passes, since Amazon is not known to refuse it, but not unseen:
there is a note of it in the log.
"""

import json
import re
import zlib
from collections.abc import Iterator, Mapping
from datetime import datetime
from math import isinf
from typing import Any

from spapi_messaging.sandbox.api.catalog import MAX_FILES, Rule
from spapi_messaging.sandbox.api.leniency import unknown_notes
from spapi_messaging.sandbox.api.responses import NOT_JSON, RefusedError, invalid
from spapi_messaging.sandbox.api.routes import Call, unusual

MAX_UNPACKED = 1024 * 1024
"""Bytes of a body that came in gzip."""
MAX_DEPTH = 100
"""Levels of a body; what is nested deeper is no message."""

_ATTACHMENT = frozenset({"uploadDestinationId", "fileName"})
_VALUE_BYTES = 80
_GZIP = 31  # zlib's number for a gzip header

_MOMENT = re.compile(
    r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)", re.ASCII
)  # RFC 3339 §5.6, as draft-04 says of date-time


def media_type_of(headers: Mapping[str, str]) -> str:
    """Return the media type of a body, without parameters; empty where none is said."""
    return headers.get("content-type", "").partition(";")[0].strip().lower()


def read_body(call: Call, rule: Rule | None) -> dict[str, Any] | None:
    """Read a JSON object; None where there is no body at all, or none is wanted."""
    if not call.body:
        return None
    media_type = media_type_of(call.headers)
    if not media_type:
        call.note(unusual("a body without Content-Type"))
    elif media_type != "application/json":
        if not re.fullmatch(r"text/json|application/[\w.-]+\+json", media_type, re.ASCII):
            raise RefusedError(NOT_JSON)
        call.note(unusual(f"a body as {media_type}"))
    value = _json(_unpacked(call))
    if rule is not None and not rule.keys:
        if value != {}:
            call.note(unusual("a body where there is none to send"))
        return value if isinstance(value, dict) else None
    if not isinstance(value, dict):
        raise RefusedError(invalid(details="The body is not a JSON object."))
    return value


def _unpacked(call: Call) -> bytes:
    coding = call.headers.get("content-encoding", "identity").strip().lower()
    body = call.body or b""
    if coding == "identity":
        return body
    if coding != "gzip":
        raise RefusedError(NOT_JSON)
    call.note(unusual("a body in gzip"))
    try:
        return zlib.decompressobj(_GZIP).decompress(body, MAX_UNPACKED)
    except zlib.error as wrong:
        raise RefusedError(invalid(details="The body is not in gzip.")) from wrong


def _json(body: bytes) -> Any:
    try:
        value = json.loads(body.decode("utf-8-sig"), parse_constant=_refuse, parse_float=_finite)
        if b"\\u" in body:  # a lone surrogate has no form in UTF-8
            json.dumps(value, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as wrong:
        raise RefusedError(invalid(details="The body is not JSON in UTF-8.")) from wrong
    return value


def _refuse(name: str) -> Any:
    raise ValueError(name)


def _finite(digits: str) -> float:
    value = float(digits)
    if isinf(value):  # RFC 8259 §6 lets a reader set limits, and JSON could not show it again
        raise ValueError(digits)
    return value


def room_of_body(body: Mapping[str, Any], size: int) -> int:
    """Say how many bytes a body takes, about; a plain message takes what came."""
    if all(isinstance(value, str) for value in body.values()):
        return size
    count, level = 0, [body]
    for _ in range(MAX_DEPTH):
        level = [item for value in level for item in _inside(value)]
        count += len(level)
        if not level:
            return size + count * _VALUE_BYTES
    raise RefusedError(invalid(details=f"The body is nested deeper than {MAX_DEPTH} levels."))


def _inside(value: Any) -> Iterator[Any]:
    if isinstance(value, Mapping):
        yield from value.values()
    elif isinstance(value, list):
        yield from value


def body_notes(rule: Rule, body: Mapping[str, Any] | None) -> Iterator[str]:
    """Say which members of a body nothing describes."""
    if not body or not rule.keys:
        return
    yield from unknown_notes("member", body.keys() - rule.keys, "in the body")
    if rule.min_files is not None:
        names = {name for item in body.get("attachments", ()) for name in item}
        yield from unknown_notes("member", names - _ATTACHMENT, "of an attachment")


def check_body(rule: Rule, body: Mapping[str, Any] | None) -> None:
    """Refuse a body that breaks its rule, and say how in the details."""
    faults = list(_faults(rule, body))
    if faults:
        raise RefusedError(invalid(details="; ".join(faults)))


def _faults(rule: Rule, body: Mapping[str, Any] | None) -> Iterator[str]:
    if body is None:
        if rule.keys:
            yield "the body is missing"
        return
    if rule.keys and not body:
        yield "the message is empty"
    if rule.max_length:
        yield from _text_faults(rule, body)
    if rule.min_files is not None:
        yield from _attachment_faults(rule.min_files, body)
    for name in ("coverageStartDate", "coverageEndDate") if rule.dated else ():
        if name in body and not _is_moment(body[name]):
            yield f"{name} is no date-time"


def _text_faults(rule: Rule, body: Mapping[str, Any]) -> Iterator[str]:
    if "text" not in body:
        if rule.text_required:
            yield "text is missing"
    elif not isinstance(body["text"], str):
        yield "text is no string"
    elif not 1 <= len(body["text"]) <= (rule.max_length or 0):
        yield f"text has {len(body['text'])} characters, not 1 to {rule.max_length}"


def _attachment_faults(min_files: int, body: Mapping[str, Any]) -> Iterator[str]:
    attachments = body.get("attachments", [])
    if not isinstance(attachments, list):
        yield "attachments is no array"
        return
    if not min_files <= len(attachments) <= MAX_FILES:
        yield f"{len(attachments)} attachments, not {min_files} to {MAX_FILES}"
    for item in attachments:
        named = [item.get(name) for name in _ATTACHMENT] if isinstance(item, dict) else [None]
        if not all(isinstance(value, str) and value for value in named):
            yield "an attachment has no uploadDestinationId and fileName"


def _is_moment(value: Any) -> bool:
    if not isinstance(value, str) or not _MOMENT.fullmatch(value):
        return False
    try:
        datetime.fromisoformat(value.upper())
    except ValueError:
        return False
    return True
