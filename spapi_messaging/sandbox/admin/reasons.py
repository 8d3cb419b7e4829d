"""Why a request was not carried out, in words that name the cause and not its status."""

import json
import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from spapi_messaging.sandbox.api import responses
from spapi_messaging.sandbox.api.names import shown_name
from spapi_messaging.sandbox.api.records import RequestRecord

_KNOWN: Mapping[bytes, str] = {
    responses.TOKEN_MISSING.body: "It carries no access token (the header x-amz-access-token).",
    responses.TOKEN_EXPIRED.body: "Its access token has expired; a client asks for a new one.",
    responses.TOKEN_INVALID.body: "Its access token was revoked, or not given out by this sandbox.",
    responses.ROLE_MISSING.body: "The application lacks the role that this needs.",
    responses.NOT_PERMITTED.body: (
        "The order does not permit this: it is closed, it does not offer the action (any more), "
        "it has the action disabled, or it is another seller's."
    ),
    responses.BAD_MARKETPLACE.body: (
        "marketplaceIds is missing, is there twice, or is not the marketplace of the order."
    ),
    responses.NOT_FOUND.body: (
        "There is no such order here, or no such path: orders are those that were added, "
        "unless the sandbox was told to know every order id."
    ),
    responses.BAD_METHOD.body: "This path takes another method.",
    responses.TOO_LARGE.body: "The request is larger than this sandbox accepts.",
    responses.NOT_JSON.body: "The body is not announced as application/json.",
}


def reason_of(record: RequestRecord) -> str | None:
    """Say why a request has no answer, or a bad one; None where it was carried out."""
    if record.status is None:
        return _without_answer(record)
    if record.fault:
        after = "" if record.message_seq is None else ", though the message was accepted"
        return f"A fault was ordered for it: it was answered {record.status}{after}."
    return None if record.status < HTTPStatus.BAD_REQUEST else _refusal(record)


def _without_answer(record: RequestRecord) -> str:
    if not record.fault:
        return "It has no answer yet, or its client left before there was one."
    accepted = record.message_seq is not None
    after = "after the message was accepted" if accepted else "before anything was done"
    return f"A fault was ordered for it, and it got no whole answer, {after}."


def _refusal(record: RequestRecord) -> str:
    if record.status == HTTPStatus.TOO_MANY_REQUESTS:
        return f"The quota of {shown_name(record.operation)} was used up when it came."
    answer = record.exchange.answer if record.exchange else None
    if answer is None:
        return "Why is no longer kept."
    return _KNOWN.get(answer) or _said(answer)


def _said(answer: bytes) -> str:
    """Return what the answer itself says, in Amazon's, Login with Amazon's or S3's form."""
    try:
        value = json.loads(answer)
    except ValueError:
        code, message = (
            re.search(f"<{tag}>(.*?)</{tag}>", answer.decode(errors="replace"))
            for tag in ("Code", "Message")
        )
        return " — ".join(match[1] for match in (code, message) if match) or "It says no reason."
    match value:
        case {"errors": [dict(first), *_]}:
            return _joined(first, "message", "details")
        case dict():
            return _joined(value, "error_description", "error")
        case _:
            return "It says no reason."


def _joined(value: Mapping[str, Any], *names: str) -> str:
    said = [str(value[name]) for name in names if value.get(name)]
    return " — ".join(said) or "It says no reason."
