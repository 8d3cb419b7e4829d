"""What the benchmarks' server answers: actions as links alone, or with their schemas.

The texts are made up; names, shapes and sizes are those of real answers: 1.6 KB of links, and
7.5 KB with the embedded schemas. No two answers are the same: each has its order's id and a
number, so that nobody is flattered by having seen one before.
"""

import itertools
import json
from collections.abc import Iterator
from typing import Any

MARKETPLACE = "A1PA6795UKMFR9"
PLAIN, EMBEDDED = "902", "903"
"""How the ids begin of orders that answer with links alone, and with schemas."""
PLAIN_ORDER = f"{PLAIN}-1671087-0812628"
EMBEDDED_ORDER = f"{EMBEDDED}-1671087-0812628"

_SOME_ORDER = "000-0000000-0000000"
_SOME_NUMBER = "#######"

_TEXTS = {
    "confirmCustomizationDetails": 800,
    "confirmDeliveryDetails": 2000,
    "confirmOrderDetails": 2000,
    "confirmServiceDetails": 2000,
    "digitalAccessKey": 400,
    "unexpectedProblem": 2000,
}
_FILES = ("legalDisclosure", "amazonMotors", "warranty", "sendInvoice")
_TITLE = f"A message {_SOME_NUMBER}"
ACTIONS = (*_TEXTS, *_FILES, "updateFeedback")


def _path(order_id: str, action: str) -> str:
    return f"/messaging/v1/orders/{order_id}/messages/{action}"


def _href(order_id: str, action: str) -> str:
    return f"{_path(order_id, action)}?marketplaceIds={MARKETPLACE}"


def _schema(order_id: str, action: str) -> dict[str, Any]:
    properties: dict[str, Any] = {}
    if action in _TEXTS:
        properties["rawMessageBody"] = {
            "type": "string",
            "title": "Your text",
            "minLength": 1,
            "maxLength": _TEXTS[action],
        }
    if action in _FILES:
        item = {"type": "object", "required": [], "properties": {"id": {"type": "string"}}}
        properties["attachments"] = {"type": "array", "items": item, "minItems": 1, "maxItems": 5}
    return {
        "_links": {"self": {"href": f"{_path(order_id, action)}/schema", "name": action}},
        "type": "object",
        "name": action,
        "title": "A message",
        "description": f"Write to the buyer. No HTML, no link, no phone, no e-mail. {_SOME_NUMBER}",
        "disabled": False,
        "disabledReason": None,
        "properties": properties,
        "required": list(properties),
        "$schema": "http://json-schema.org/draft-04/schema#",
        "x-ui-hidden": False,
    }


def _embedded(order_id: str, action: str) -> dict[str, Any]:
    links = {
        "schema": {"href": f"{_path(order_id, action)}/schema", "name": action},
        "self": {"href": _href(order_id, action), "name": action},
    }
    schema = _schema(order_id, action)
    return {"_links": links, "_embedded": {"schema": schema}, "name": action, "title": _TITLE}


def _discovery(order_id: str, *, embedded: bool) -> bytes:
    """Return the answer of an order: eleven links, or seven with what is embedded for them."""
    actions = ACTIONS[:7] if embedded else ACTIONS
    links = [{"href": _href(order_id, action), "name": action} for action in actions]
    own = {"href": f"/messaging/v1/orders/{order_id}?marketplaceIds={MARKETPLACE}"}
    document: dict[str, Any] = {"_links": {"actions": links, "self": own}}
    if embedded:
        document["_embedded"] = {"actions": [_embedded(order_id, action) for action in actions]}
    return json.dumps(document, separators=(",", ":")).encode()


def _answer(status: str, body: bytes, rate: float) -> bytes:
    head = (
        f"HTTP/1.1 {status}\r\nDate: Wed, 02 Sep 2026 10:00:00 GMT\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        f"x-amzn-RequestId: 2e3a4a8b-6c1f-4d0e-9b7a-0d5f3{_SOME_NUMBER}\r\n"
        f"x-amzn-RateLimit-Limit: {rate:.1f}\r\n\r\n"
    )
    return head.encode() + body


class Answers:
    """Answers that announce a rate. They are written once; only ids and numbers are put in."""

    def __init__(self, rate: float) -> None:
        self._orders = {
            prefix.encode(): _answer("200 OK", _discovery(_SOME_ORDER, embedded=embedded), rate)
            for prefix, embedded in ((PLAIN, False), (EMBEDDED, True))
        }
        self._created = _answer("201 Created", b"{}", rate)
        self._rate = rate
        self._numbers = map(b"%07d".__mod__, itertools.count())

    def order(self, order_id: bytes) -> bytes:
        """Return what an order answers."""
        answer = self._orders.get(order_id[:3]) or self._orders[PLAIN.encode()]
        return self._numbered(answer.replace(_SOME_ORDER.encode(), order_id))

    def created(self) -> bytes:
        """Return the answer to a message."""
        return self._numbered(self._created)

    def destination(self, host: str) -> bytes:
        """Return where a file goes: to the same host."""
        payload = {
            "uploadDestinationId": f"d-{_SOME_NUMBER}",
            "url": f"http://{host}/bucket/{_SOME_NUMBER}?X-Amz-Signature={'0' * 64}",
            "headers": {"Content-Type": "application/pdf"},
        }
        body = json.dumps({"payload": payload}).encode()
        return self._numbered(_answer("201 Created", body, self._rate))

    def _numbered(self, answer: bytes) -> bytes:
        return answer.replace(_SOME_NUMBER.encode(), next(self._numbers))


def order_ids(prefix: str) -> Iterator[str]:
    """Count up the ids of orders that answer alike."""
    return (f"{prefix}-{number:07d}-0812628" for number in itertools.count())
