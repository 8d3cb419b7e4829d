"""Reads what Login with Amazon is asked: a form, or the same as JSON, as Amazon's SDKs send it."""

import json
from collections.abc import Iterator, Mapping
from urllib.parse import parse_qsl

from spapi_messaging.sandbox.api.bodies import media_type_of
from spapi_messaging.sandbox.api.routes import unusual

FORM = "application/x-www-form-urlencoded"
MAX_FORM = 16 * 1024
"""Bytes of a token request; a larger one is none."""
_REQUIRED = frozenset({"grant_type", "client_id", "client_secret"})


def read_form(body: bytes, headers: Mapping[str, str]) -> Mapping[str, str] | None:
    """Read the parameters of a token request; None where it is neither a form nor that JSON."""
    media_type = media_type_of(headers)
    if len(body) > MAX_FORM:
        return None
    if media_type in {FORM, ""}:
        return dict(parse_qsl(body.decode("latin-1")))
    if media_type != "application/json":
        return None
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return None
    if not isinstance(value, dict) or not value.keys() >= _REQUIRED:
        return None
    return {name: text for name, text in value.items() if isinstance(text, str)}


def form_notes(headers: Mapping[str, str]) -> Iterator[str]:
    """Say what is unusual about a token request that could be read."""
    media_type = media_type_of(headers)
    if media_type != FORM:
        yield unusual(f"a token request as {media_type or 'nothing that it says'}")
