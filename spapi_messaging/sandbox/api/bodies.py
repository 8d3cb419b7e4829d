"""Checks the body of a message against its rule, by its own lights.

A key that no such message has is refused as well: the API may be more patient, but a misspelt
wire name shall not pass here unseen.
"""

import json
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from spapi_messaging.sandbox.api.catalog import MAX_FILES, Rule
from spapi_messaging.sandbox.api.responses import NOT_JSON, RefusedError, invalid

_MOMENT = re.compile(
    r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)", re.ASCII
)  # RFC 3339 §5.6, as draft-04 says of date-time


def read_body(body: bytes, headers: Mapping[str, str]) -> dict[str, Any] | None:
    """Read a JSON object; None where there is no body at all."""
    if not body:
        return None
    media_type = headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != "application/json":
        raise RefusedError(NOT_JSON)
    try:
        value = json.loads(body.decode())
        if b"\\u" in body:  # a lone surrogate has no form in UTF-8
            json.dumps(value, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as wrong:
        raise RefusedError(invalid(details="The body is not JSON in UTF-8.")) from wrong
    if not isinstance(value, dict):
        raise RefusedError(invalid(details="The body is not a JSON object."))
    return value


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
    unknown = sorted(set(body) - rule.keys)
    if unknown:
        yield f"unknown: {', '.join(unknown)}"
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
        named = isinstance(item, dict) and set(item) == {"uploadDestinationId", "fileName"}
        if not named or not all(isinstance(value, str) and value for value in item.values()):
            yield "an attachment is not exactly uploadDestinationId and fileName"


def _is_moment(value: Any) -> bool:
    if not isinstance(value, str) or not _MOMENT.fullmatch(value):
        return False
    try:
        datetime.fromisoformat(value.upper())
    except ValueError:
        return False
    return True
