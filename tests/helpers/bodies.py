"""Every message type with fields and the body they make, as literal JSON."""

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from spapi_messaging import messages
from spapi_messaging.messages import Attachment, File, Message

UPLOADED = Attachment("dest-1", "a.pdf")
FILES = '"attachments":[{"uploadDestinationId":"dest-1","fileName":"a.pdf"}]'
START, END = datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 2, 3, 4, 5, 6, 789, tzinfo=UTC)
COVERAGE = (
    '"coverageStartDate":"2026-01-01T00:00:00+00:00",'
    '"coverageEndDate":"2027-02-03T04:05:06.000789+00:00"'
)

# type, fields, body; attachments are (UPLOADED,) if the body has some
BODIES: list[tuple[str, dict[str, Any], str]] = [
    ("ConfirmCustomizationDetails", {"text": "Ü"}, '{"text":"Ü"}'),
    ("ConfirmCustomizationDetails", {"attachments": [UPLOADED]}, f"{{{FILES}}}"),
    (
        "ConfirmCustomizationDetails",
        {"text": "x", "attachments": [Path("b.pdf")]},
        f'{{"text":"x",{FILES}}}',
    ),
    ("ConfirmDeliveryDetails", {"text": 'a"b\n\x00'}, r'{"text":"a\"b\n\u0000"}'),
    ("LegalDisclosure", {"attachments": [File(b"%PDF-", name="b.pdf")]}, f"{{{FILES}}}"),
    ("NegativeFeedbackRemoval", {}, "{}"),
    ("ConfirmOrderDetails", {"text": "\N{GRINNING FACE}"}, '{"text":"\N{GRINNING FACE}"}'),
    ("ConfirmServiceDetails", {"text": "x"}, '{"text":"x"}'),
    ("AmazonMotors", {"attachments": [Path("b.pdf")]}, f"{{{FILES}}}"),
    ("Warranty", {"attachments": [Path("b.pdf")]}, f"{{{FILES}}}"),
    (
        "Warranty",
        {"attachments": [UPLOADED], "coverage_start_date": START, "coverage_end_date": END},
        f"{{{FILES},{COVERAGE}}}",
    ),
    (
        "Warranty",
        {
            "attachments": [UPLOADED],
            "coverage_start_date": START.astimezone(timezone(timedelta(hours=-8))),
        },
        f'{{{FILES},"coverageStartDate":"2025-12-31T16:00:00-08:00"}}',
    ),
    ("DigitalAccessKey", {"text": "x"}, '{"text":"x"}'),
    ("UnexpectedProblem", {"text": "x"}, '{"text":"x"}'),
    ("Invoice", {"attachments": [Path("b.pdf"), UPLOADED]}, f"{{{FILES}}}"),
]


def kind_of(name: str) -> type[Message]:
    """Return the message type of a name."""
    kind = getattr(messages, name)
    assert issubclass(kind, Message)
    return kind
