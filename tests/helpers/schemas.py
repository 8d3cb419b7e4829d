"""Schemas as orders embed them, shortened from a sample of Amazon's (2025)."""

import json
from typing import Any

from spapi_messaging.api import ActionSchema

# Shortened from Amazon's sample of a discovery answer (2025).
PROBLEM = json.loads("""{
  "_links": {"self": {"href": "/messaging/v1/orders/701-6210829-5037842/messages/x/schema"}},
  "type": "object", "name": "unexpectedProblem", "title": "Notify of a problem",
  "description": "Notify your customer there was an unexpected problem.",
  "disabled": false, "disabledReason": null,
  "properties": {"rawMessageBody": {"type": "string", "title": "Explain. ",
    "description": "2000 character limit.", "x-ui-field-type": "text",
    "minLength": 1, "maxLength": 2000}},
  "required": ["rawMessageBody"],
  "$schema": "http://json-schema.org/draft-04/schema#", "x-ui-hidden": false}""")
FEEDBACK = json.loads("""{
  "type": "object", "name": "updateFeedback", "title": "Request to update feedback",
  "disabled": true, "disabledReason": "Already sent.", "properties": {}, "required": [],
  "$schema": "http://json-schema.org/draft-04/schema#", "x-ui-hidden": true}""")
INVOICE = json.loads("""{
  "type": "object", "name": "sendInvoice", "title": "Send Invoice Message Template",
  "properties": {"attachments": {"type": "array", "items": {"type": "object", "required": [],
      "properties": {"fileName": {"type": "string"}, "id": {"type": "string"}}},
    "title": "Add attachment", "x-ui-field-type": "attachments", "minItems": 1, "maxItems": 5}},
  "required": ["attachments"], "$schema": "http://json-schema.org/draft-04/schema#"}""")
FILE = {"uploadDestinationId": "dest-1", "fileName": "a.pdf"}


def faults(raw: dict[str, Any], body: dict[str, Any]) -> tuple[str, ...]:
    return ActionSchema.parse(raw).faults(body)


def text_schema(**keywords: Any) -> dict[str, Any]:
    return {"type": "object", "properties": {"rawMessageBody": keywords}}
