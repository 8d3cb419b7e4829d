"""What the benchmarks' server answers: eleven actions, as links alone or with their schemas.

The texts are made up; names, shapes and sizes are those of real answers: 1.6 KB of links, and
7.5 KB with the embedded schemas.
"""

import json
from typing import Any

MARKETPLACE = "A1PA6795UKMFR9"
PLAIN_ORDER = "902-1671087-0812628"
EMBEDDED_ORDER = "903-1671087-0812628"

_TEXTS = {
    "confirmCustomizationDetails": 800,
    "confirmDeliveryDetails": 2000,
    "confirmOrderDetails": 2000,
    "confirmServiceDetails": 2000,
    "digitalAccessKey": 400,
    "unexpectedProblem": 2000,
}
_FILES = ("legalDisclosure", "amazonMotors", "warranty", "sendInvoice")
ACTIONS = (*_TEXTS, *_FILES, "updateFeedback")


def _href(order_id: str, action: str) -> str:
    return f"/messaging/v1/orders/{order_id}/messages/{action}?marketplaceIds={MARKETPLACE}"


def _schema(action: str) -> dict[str, Any]:
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
        "type": "object",
        "name": action,
        "title": f"Send {action}",
        "description": "No HTML.",
        "disabled": False,
        "disabledReason": None,
        "properties": properties,
        "required": list(properties),
        "$schema": "http://json-schema.org/draft-04/schema#",
        "x-ui-hidden": False,
    }


def _embedded(order_id: str, action: str) -> dict[str, Any]:
    own = {"self": {"href": _href(order_id, action), "name": action}}
    schema = _schema(action)
    return {"_links": own, "_embedded": {"schema": schema}, "name": action, "title": "A message"}


def discovery(order_id: str, *, embedded: bool) -> bytes:
    """Give the answer of an order."""
    links = [{"href": _href(order_id, action), "name": action} for action in ACTIONS]
    own = {"href": f"/messaging/v1/orders/{order_id}?marketplaceIds={MARKETPLACE}"}
    document: dict[str, Any] = {"_links": {"actions": links, "self": own}}
    if embedded:
        document["_embedded"] = {"actions": [_embedded(order_id, action) for action in ACTIONS]}
    return json.dumps(document, separators=(",", ":")).encode()
