"""A run for programs: an object a line."""

import json
import sys
from collections.abc import Mapping
from typing import Self

from spapi_messaging.bulk import Outcome, Sent, Skipped
from spapi_messaging.cli.words import OUTCOME_NAMES, reason_of


def json_line(
    said: dict[str, object], outcome: Outcome, more: dict[str, object]
) -> dict[str, object]:
    """Return what is ``said`` of a job, which job it is, ``more``, and why one was skipped."""
    job = outcome.job
    line = said | {
        "order_id": job.order_id,
        "action": job.message.segment,
        "seller": job.seller,
        "key": job.key,
    }
    if isinstance(outcome, Skipped):
        more = more | {"state": outcome.state, "changed": outcome.changed}
    return line | more


def as_json(line: Mapping[str, object]) -> str:
    """Write an object in one line that clears no screen."""
    # DEL is the one control that JSON need not escape.
    return json.dumps(line).replace("\x7f", "\\u007f")


def print_json(line: Mapping[str, object]) -> None:
    """Print an object as a line of its own."""
    print(as_json(line), flush=True)


class JsonView:
    """One JSON object a line on standard output, and nothing else there."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        sys.stdout.flush()

    def see(self, outcome: Outcome) -> None:
        """Write an outcome."""
        more: dict[str, object] = {}
        if isinstance(outcome, Sent):
            more["request_id"] = outcome.receipt.request_id
            more["sent_at"] = outcome.receipt.sent_at.isoformat()
            more["language"] = outcome.receipt.language
        else:
            more["reason"] = reason_of(outcome)
        print_json(json_line({"outcome": OUTCOME_NAMES[type(outcome)]}, outcome, more))

    def redraw(self) -> None:
        """Do nothing: there are only outcomes."""
