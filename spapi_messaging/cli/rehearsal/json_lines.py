"""A rehearsal as JSON Lines: an object for each job as it is decided, and one that sums up."""

import sys

from spapi_messaging.bulk import Outcome, Sent, Skipped
from spapi_messaging.cli.rehearsal.forecast import Forecast
from spapi_messaging.cli.view import json_line, print_json
from spapi_messaging.cli.words import OUTCOME_NAMES, action_name, reason_of


def print_outcome(outcome: Outcome) -> None:
    """Write what would become of a job."""
    language = outcome.receipt.language if isinstance(outcome, Sent) else None
    more: dict[str, object] = {"language": language, "reason": reason_of(outcome)}
    print_json(json_line({"would_be": OUTCOME_NAMES[type(outcome)]}, outcome, more))


def print_summary(forecast: Forecast, *, is_stopped: bool) -> None:
    """Write the numbers; ``stopped``: they are of what is known so far."""
    counts = {OUTCOME_NAMES[kind]: reasons.count for kind, reasons in forecast.reasons.items()}
    print_json(
        {
            "summary": {
                "jobs": forecast.jobs,
                "done": forecast.done,
                "stopped": is_stopped,
                OUTCOME_NAMES[Sent]: forecast.sent,
                **counts,
                OUTCOME_NAMES[Skipped]: forecast.skipped.total() - forecast.skipped["changed"],
                "skipped_as": {state: count for state, count in forecast.skipped.items() if count},
                "actions": {
                    action_name(operation): counted.total()
                    for operation, counted in sorted(forecast.by_action.items())
                },
                "seconds": round(forecast.seconds, 3),
            }
        }
    )
    sys.stdout.flush()
