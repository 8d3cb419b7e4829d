"""A rehearsal as JSON Lines: an object for each job as it is decided, and one that sums up."""

import json
import sys
from typing import Any

from spapi_messaging.bulk import InDoubt, NotSent, Outcome, Refused, Sent, Skipped
from spapi_messaging.cli.rehearsal.forecast import Forecast
from spapi_messaging.cli.view import reason_of

_WOULD = {
    Sent: "send",
    Refused: "refuse",
    NotSent: "not send",
    InDoubt: "leave in doubt",
    Skipped: "skip",
}


def print_outcome(outcome: Outcome) -> None:
    """Write what would become of a job."""
    job = outcome.job
    line: dict[str, Any] = {
        "would": _WOULD[type(outcome)],
        "order_id": job.order_id,
        "action": job.message.segment,
        "seller": job.seller,
        "key": job.key,
        "language": outcome.receipt.language if isinstance(outcome, Sent) else None,
        "reason": reason_of(outcome),
    }
    if isinstance(outcome, Skipped):
        line |= {"state": outcome.state, "changed": outcome.changed}
    _print(line)


def print_summary(forecast: Forecast, *, is_stopped: bool) -> None:
    """Write the numbers; ``stopped``: they are of what is known so far."""
    counts = {_WOULD[kind]: reasons.count for kind, reasons in forecast.reasons.items()}
    _print(
        {
            "summary": {
                "jobs": forecast.jobs,
                "done": forecast.done,
                "stopped": is_stopped,
                "send": forecast.sent,
                **counts,
                "skip": forecast.skipped.total() - forecast.skipped["changed"],
                "skipped": {state: count for state, count in forecast.skipped.items() if count},
                "actions": {
                    operation: counted.total()
                    for operation, counted in sorted(forecast.by_action.items())
                },
                "seconds": round(forecast.seconds, 3),
            }
        }
    )
    sys.stdout.flush()


def _print(line: dict[str, Any]) -> None:
    # DEL is the one control that JSON need not escape.
    print(json.dumps(line).replace("\x7f", "\\u007f"), flush=True)
