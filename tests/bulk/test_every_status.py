"""Every status that a server can answer, through a run, the next run, and at the buyer's."""

from pathlib import Path

import pytest
from helpers.resumed_runs import HELLO, OPERATION, opened, outcomes_of
from helpers.virtual_time import virtual

from spapi_messaging import InDoubt, Job, NotSent, Outcome, Refused, Sent, Skipped
from spapi_messaging.sandbox import Sandbox

DISCOVERY = "getMessagingActionsForOrder"
STATUSES = range(300, 600)
REFUSED_FOR_GOOD = {400, 404, 413, 415}
"""What says something against this message; and the 403 that has Amazon's sentence for it."""


NOT_PROCESSED = {408, 421, 425}
"""What a server says that did not look at the request: a question is asked again."""


def order_of(status: int) -> str:
    return f"903-0000{status}-0812628"


def first_outcome(operation: str, status: int) -> type[Outcome]:
    """Say what DESIGN's law of sending makes of a status."""
    if status in REFUSED_FOR_GOOD:
        return Refused
    if operation == OPERATION and (status < 400 or status >= 500):
        return InDoubt
    return NotSent


def failing(sandbox: Sandbox, operation: str) -> list[Job]:
    for status in STATUSES:
        sandbox.add_order(order_of(status))
        # As often as it may be repeated; and then the server is well again.
        asked_again = operation == DISCOVERY and (status >= 500 or status in NOT_PROCESSED)
        times = 4 if asked_again else 2 if status == 401 else 1
        sandbox.fail_next(status, operation=operation, order_id=order_of(status), times=times)
    return [Job(order_of(status), HELLO) for status in STATUSES]


@pytest.mark.parametrize("operation", [DISCOVERY, OPERATION])
@virtual
async def test_what_is_refused_for_good_what_passes_and_what_nobody_knows(
    tmp_path: Path, operation: str
) -> None:
    """The buyer has one message of what was sent, and none of what was refused or not sent."""
    path = tmp_path / "run.db"
    async with opened(patience=0) as (sandbox, session):
        jobs = failing(sandbox, operation)
        first = {o.job: o for o in await outcomes_of(session, jobs, path)}
        expected = {status: first_outcome(operation, status) for status in STATUSES}
        assert {
            status: type(first[job]) for status, job in zip(STATUSES, jobs, strict=True)
        } == expected
        assert sandbox.messages() == []
        sandbox.clear_faults()
        second = {o.job: o for o in await outcomes_of(session, jobs, path)}
        for status, job in zip(STATUSES, jobs, strict=True):
            outcome = second[job]
            match expected[status].__name__:
                case "Refused":
                    assert outcome == Skipped(job, "refused"), status
                case "InDoubt":
                    assert isinstance(outcome, InDoubt), status
                case _:
                    assert isinstance(outcome, Sent), status
            assert len(sandbox.messages(job.order_id)) == isinstance(outcome, Sent), status
