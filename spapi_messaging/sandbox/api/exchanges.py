"""What of a request's body and of its answer may be kept, to be looked at.

Never credentials, access tokens and files; of anything else the beginning.
"""

from spapi_messaging.sandbox.api.records import Exchange
from spapi_messaging.sandbox.api.responses import Response, is_success
from spapi_messaging.sandbox.api.routes import Call

MAX_SHOWN = 16 * 1024
"""Bytes of one body."""
MAX_STRANGER_ANSWER = 1000
"""Bytes of an answer to a stranger."""

_NOT_KEPT = frozenset({"token", "put", "unknown"})
"""Kinds of requests with secrets, a file or anything at all in their bodies."""


def exchange_of(call: Call, answer: Response | None) -> Exchange:
    """Return what is kept of a call and its answer; without an answer there was none."""
    body = None if call.route.kind in _NOT_KEPT else call.body
    if answer is None:
        return Exchange(body=body and body[:MAX_SHOWN])
    secret = call.route.kind == "token" and is_success(answer.status)
    most = MAX_STRANGER_ANSWER if call.record.stranger else MAX_SHOWN
    return Exchange(
        body=body and body[:MAX_SHOWN],
        answer=None if secret else answer.body[:most],
        answer_size=len(answer.body),
        answer_type=answer.content_type,
    )
