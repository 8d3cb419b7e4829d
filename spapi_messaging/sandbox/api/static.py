"""The cases of Amazon's static sandbox: fixed order ids with fixed answers.

Source: ``x-amzn-api-sandbox`` in the Messaging API v1 model of 2025-07-30.
"""

from spapi_messaging.sandbox.api.responses import Response, invalid, ok

GOOD_ORDER = "123-1234567-1234567"
BAD_ORDERS = frozenset({"123-1234567-0000000", "badOrderId"})
STATIC_ORDERS = BAD_ORDERS | {GOOD_ORDER}

BAD_INPUT = invalid()
LOCALE = "en-US"
ATTRIBUTES = ok({"buyer": {"locale": LOCALE}})

_ROOT = f"/messaging/v1/orders/{GOOD_ORDER}"
_QUERY = "?marketplaceIds=ATVPDKIKX0DER"
_SEGMENTS = (
    "confirmCustomizationDetails",
    "confirmDeliveryDetails",
    "legalDisclosure",
    "negativeFeedbackRemoval",
    "confirmOrderDetails",
    "confirmServiceDetails",
    "amazonMotors",
    "digitalAccessKey",
    "unexpectedProblem",
    "warranty",
)


def _link(tail: str) -> dict[str, str]:
    return {"href": f"{_ROOT}{tail}{_QUERY}", "name": tail.rpartition("/")[2]}


DISCOVERY: Response = ok(
    {
        "_links": {
            "actions": [*(_link(f"/messages/{name}") for name in _SEGMENTS), _link("/attributes")],
            "self": {"href": f"{_ROOT}{_QUERY}"},
        }
    }
)
"""It names no invoice and embeds nothing; both are the model's."""
