"""What each message type takes, written down a second time.

The client has these limits in its message classes. They are not imported from there: a limit
that is wrong in the client must not be wrong here in the same way. Lengths count characters.
Source: the request schemas of the Messaging API v1, model of 2025-07-30.
"""

from collections.abc import Mapping
from typing import Any

import attrs

MAX_FILES = 5


@attrs.frozen(kw_only=True)
class Rule:
    """What the body of one message type holds, and the words the sandbox offers it with."""

    title: str
    max_length: int | None = None
    """Characters of its text; None where it takes no text."""
    text_required: bool = False
    min_files: int | None = None
    """Attachments at least, of five at most; None where it takes none."""
    dated: bool = False
    hidden: bool = False

    @property
    def keys(self) -> frozenset[str]:
        """The wire names a body may have."""
        return frozenset(
            (["text"] if self.max_length else [])
            + (["attachments"] if self.min_files is not None else [])
            + (["coverageStartDate", "coverageEndDate"] if self.dated else [])
        )


def _text(title: str, max_length: int = 2000) -> Rule:
    return Rule(title=title, max_length=max_length, text_required=True)


RULES: Mapping[str, Rule] = {
    "confirmCustomizationDetails": Rule(
        title="Ask about the customization", max_length=800, min_files=0
    ),
    "confirmDeliveryDetails": _text("Arrange the delivery"),
    "legalDisclosure": Rule(title="Send a legal document", min_files=0),
    "negativeFeedbackRemoval": Rule(title="Ask to reconsider feedback", hidden=True),
    "confirmOrderDetails": _text("Ask about the order"),
    "confirmServiceDetails": _text("Arrange the service call"),
    "amazonMotors": Rule(title="Send vehicle documents", min_files=0),
    "warranty": Rule(title="Send the warranty", min_files=1, dated=True),
    "digitalAccessKey": Rule(title="Send an access key", max_length=400, min_files=0),
    "unexpectedProblem": _text("Report a problem with the order"),
    "invoice": Rule(title="Send the invoice", min_files=1),
}
"""The eleven message types by the last segment of their path."""

DEFAULT_ACTIONS = tuple(
    {"invoice": "sendInvoice", "negativeFeedbackRemoval": "updateFeedback"}.get(segment, segment)
    for segment in RULES
)
"""All eleven messages under the names that orders offer them with."""

ONCE_PER_ORDER = frozenset({"negativeFeedbackRemoval"})


def schema_of(rule: Rule | None) -> dict[str, Any]:
    """Return the schema that an order embeds: flat draft-04, with names no body has.

    It says ``rawMessageBody`` where the body says ``text``, ``id`` where the body says
    ``uploadDestinationId``, and ``"required": []``, which draft-04 forbids. All of it is real.
    """
    properties: dict[str, Any] = {}
    required = []
    if rule and rule.max_length:
        properties["rawMessageBody"] = {
            "type": "string",
            "title": "Your message",
            "description": f"Up to {rule.max_length} characters, plain text.",
            "x-ui-field-type": "text",
            "minLength": 1,
            "maxLength": rule.max_length,
        }
        required += ["rawMessageBody"] if rule.text_required else []
    if rule and rule.min_files is not None:
        properties["attachments"] = _attachments_schema(rule.min_files)
        required += ["attachments"] if rule.min_files else []
    if rule and rule.dated:
        for name in ("coverageStartDate", "coverageEndDate"):
            properties[name] = {"type": "string", "format": "date-time", "title": name}
    return {
        "type": "object",
        "title": rule.title if rule else "Another message",
        "description": "An action of the local sandbox.",
        "disabled": False,
        "disabledReason": None,
        "properties": properties,
        "required": required,
        "$schema": "http://json-schema.org/draft-04/schema#",
        "x-ui-hidden": bool(rule and rule.hidden),
    }


def _attachments_schema(min_files: int) -> dict[str, Any]:
    return {
        "type": "array",
        "items": {
            "type": "object",
            "required": [],
            "properties": {"fileName": {"type": "string"}, "id": {"type": "string"}},
        },
        "title": "Files",
        "description": "Up to five files, below 10 MB together.",
        "x-ui-field-type": "attachments",
        "minItems": min_files,
        "maxItems": MAX_FILES,
    }
