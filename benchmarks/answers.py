"""What the benchmarks' server answers: actions as links alone, or with their schemas.

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
        "description": "Write to the buyer. No HTML, no e-mail address.",
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
    return {"_links": links, "_embedded": {"schema": schema}, "name": action, "title": "A message"}


def discovery(order_id: str, *, embedded: bool) -> bytes:
    """Return the answer of an order: eleven links, or seven with what is embedded for them."""
    actions = ACTIONS[:7] if embedded else ACTIONS
    links = [{"href": _href(order_id, action), "name": action} for action in actions]
    own = {"href": f"/messaging/v1/orders/{order_id}?marketplaceIds={MARKETPLACE}"}
    document: dict[str, Any] = {"_links": {"actions": links, "self": own}}
    if embedded:
        document["_embedded"] = {"actions": [_embedded(order_id, action) for action in actions]}
    return json.dumps(document, separators=(",", ":")).encode()
