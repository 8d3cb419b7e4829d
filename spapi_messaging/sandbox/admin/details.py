"""One request with all that was said in it, for the inbox.

Access tokens, credentials, signatures of upload URLs and files are in none of it: the headers and
parameters that are shown are listed here, and of the others there is the name alone.
"""

import codecs
import re
from collections.abc import Iterator, Mapping
from typing import Any

from spapi_messaging.sandbox.admin.reasons import reason_of
from spapi_messaging.sandbox.admin.views import request_view
from spapi_messaging.sandbox.api.names import PUT_UPLOAD, TOKEN
from spapi_messaging.sandbox.api.records import Exchange, RequestRecord

_HEADERS = frozenset(
    {
        "accept",
        "accept-encoding",
        "accept-language",
        "content-encoding",
        "content-length",
        "content-md5",
        "content-type",
        "date",
        "expect",
        "host",
        "transfer-encoding",
        "user-agent",
        "x-amz-date",
        "x-amz-server-side-encryption",
    }
)
_PARAMETERS = frozenset({"marketplaceIds", "contentMD5", "contentType"})
_SIGNATURE = re.compile(r"\?X-Amz-[^\"'\s<>\\]*")
_MIN_TOKEN = 8
"""Characters of what is taken out of every text; a shorter token would be found in any."""
_SIGNED = "?(signature not shown)"
_NOT_SHOWN = "not shown"


def request_detail(record: RequestRecord) -> dict[str, Any]:
    """Show a request with its headers and both bodies."""
    exchange = record.exchange or Exchange()
    shown = request_view(record) | {
        "reason": reason_of(record),
        "query": _query(record),
        "headers": [
            {"name": name, "value": value if name in _HEADERS else _NOT_SHOWN}
            for name, value in record.headers.items()
        ],
        "body": _body(exchange.body, record.body_size, _why_no_body(record, exchange)),
        "answer": _body(exchange.answer, exchange.answer_size, _why_no_answer(record, exchange))
        | {"type": exchange.answer_type},
    }
    return {name: _without_secrets(value, record) for name, value in shown.items()}


def _query(record: RequestRecord) -> list[dict[str, str]]:
    known = frozenset[str]() if record.operation in {TOKEN, PUT_UPLOAD} else _PARAMETERS
    return [
        {"name": name, "value": value if name in known else _NOT_SHOWN}
        for name, values in record.query.items()
        for value in values
    ]


def _body(content: bytes | None, size: int, why: str) -> dict[str, Any]:
    cut = content is not None and len(content) < size
    if not content:
        return {"text": None, "size": size, "cut": False, "why": why if size else None}
    try:
        # The last character of a beginning may be cut in two: it is left out.
        text = codecs.getincrementaldecoder("utf-8")().decode(content, final=not cut)
    except UnicodeDecodeError:
        return {"text": None, "size": size, "cut": False, "why": "It is no text."}
    return {"text": text, "size": size, "cut": cut, "why": None}


def _why_no_body(record: RequestRecord, exchange: Exchange) -> str:
    if record.operation == TOKEN:
        return "It holds credentials, which are not shown."
    if record.operation == PUT_UPLOAD:
        return "It is a file; a message that has it attached shows it."
    return "It is no longer kept." if exchange.forgotten else "It was not kept."


def _why_no_answer(record: RequestRecord, exchange: Exchange) -> str:
    if record.operation == TOKEN and not exchange.forgotten:
        return "It holds an access token, which is not shown."
    return "It is no longer kept."


def _without_secrets(value: Any, record: RequestRecord) -> Any:
    if isinstance(value, str):
        for secret in _secrets(record.headers):
            value = value.replace(secret, f"({_NOT_SHOWN})")
        return _SIGNATURE.sub(_SIGNED, value)
    if isinstance(value, Mapping):
        return {name: _without_secrets(item, record) for name, item in value.items()}
    return [_without_secrets(item, record) for item in value] if isinstance(value, list) else value


def _secrets(headers: Mapping[str, str]) -> Iterator[str]:
    for name in ("x-amz-access-token", "authorization"):
        if len(headers.get(name, "")) >= _MIN_TOKEN:
            yield headers[name]
