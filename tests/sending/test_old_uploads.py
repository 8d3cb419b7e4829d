"""An upload that is older than its URL when its message's turn comes is made anew."""

import asyncio
from pathlib import Path

import pytest
from helpers.bulk_runs import opened, order_id, outcomes_of
from helpers.virtual_time import virtual

from spapi_messaging import (
    File,
    InvalidMessageError,
    Invoice,
    Job,
    NotSent,
    Quota,
    RateLimits,
    Refused,
    Sent,
    UploadError,
)
from spapi_messaging.bulk.sqlite_file import read_journal
from spapi_messaging.sandbox import Sandbox

UPLOAD = "createUploadDestinationForResource"
INVOICE = Invoice.operation
SLOW = Quota(rate=0.05, burst=2)


def limits() -> RateLimits:
    return RateLimits(default=Quota(rate=1000, burst=100), quotas={INVOICE: SLOW})


def invoice(number: int) -> Job:
    file = File(b"%%PDF-1.4 invoice %02d" % number, name="invoice.pdf")
    return Job(order_id(number), Invoice(attachments=[file]))


def times(sandbox: Sandbox, operation: str, order: str) -> list[float]:
    found = [r for r in sandbox.requests if (r.operation, r.order_id) == (operation, order)]
    return [record.at for record in found]


@virtual
async def test_no_message_names_an_upload_that_is_older_than_its_url(tmp_path: Path) -> None:
    """At 0.05/s the last of sixty waits twenty minutes; it is uploaded in its turn, and is sent."""
    journal = tmp_path / "run.db"
    async with opened(limits=limits()) as (sandbox, session):
        sandbox.set_quota(INVOICE, rate=SLOW.rate, burst=SLOW.burst)
        jobs = [invoice(number) for number in range(60)]
        outcomes = await outcomes_of(session.bulk(jobs, journal=journal))
        assert [type(outcome) for outcome in outcomes] == [Sent] * 60
        renewed = 0
        for number in range(60):
            (posted,) = times(sandbox, INVOICE, order_id(number))
            made = times(sandbox, UPLOAD, order_id(number))
            assert posted - made[-1] < 900
            assert len(made) == 1 + (posted - made[0] > 840)
            renewed += len(made) - 1
            (message,) = sandbox.messages(order_id(number))
            assert message.attachments[0].content == b"%%PDF-1.4 invoice %02d" % number
        assert renewed >= 15
        assert sandbox.throttled() == 0
        posts = [record.at for record in sandbox.requests if record.operation == INVOICE]
        assert posts[-1] - posts[0] <= 61 / 0.05, "no turn was lost"
    assert {entry.state for entry in read_journal(journal)} == {"sent"}


@virtual
async def test_a_renewal_that_fails_sends_nothing(tmp_path: Path) -> None:
    """The row is not written as being sent, either: nobody has to ask whether the buyer has it."""
    journal = tmp_path / "run.db"
    async with opened(limits=limits()) as (sandbox, session):
        jobs = [invoice(number) for number in range(50)]
        fault = {"operation": UPLOAD, "order_id": order_id(49), "times": 9, "after": 1}
        sandbox.fail_next(status=403, **fault)
        outcomes = await outcomes_of(session.bulk(jobs, journal=journal))
        (failed,) = [outcome for outcome in outcomes if not isinstance(outcome, Sent)]
        assert isinstance(failed, NotSent)
        assert isinstance(failed.error, UploadError)
        assert failed.job == jobs[49]
        assert sandbox.messages(order_id(49)) == []
        assert sandbox.count(order_id(49), INVOICE) == 0
    states = {entry.order_id: entry.state for entry in read_journal(journal)}
    assert states.pop(order_id(49)) == "not sent"
    assert set(states.values()) == {"sent"}


@virtual
async def test_a_file_that_changed_before_its_renewal_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "invoice.pdf"
    path.write_bytes(b"%PDF-1.4 of the right buyer")
    job = Job(order_id(99), Invoice(attachments=[path]))
    async with opened(limits=limits()) as (sandbox, session):
        jobs = [*(invoice(number) for number in range(50)), job]
        async with session.bulk(jobs, discover=False) as outcomes:
            found = {}
            async for outcome in outcomes:
                found[outcome.job.order_id] = outcome
                # Not before all are uploaded: a busy thread may read a file late in virtual time.
                if sandbox.count(operation="putUpload") > 50:
                    path.write_bytes(b"%PDF-1.4 of another buyer")
        refused = found[order_id(99)]
        assert isinstance(refused, Refused)
        assert isinstance(refused.error, InvalidMessageError)
        assert sandbox.messages(order_id(99)) == []


@pytest.mark.parametrize(("waited", "uploads"), [(500, 1), (590, 1), (700, 2)])
@virtual
async def test_an_upload_serves_another_message_while_it_is_young(
    waited: float, uploads: int
) -> None:
    async with opened() as (sandbox, session):
        message = Invoice(attachments=[File(b"%PDF-1.4", name="a.pdf")])
        await session.send(order_id(1), message, discover=False)
        await asyncio.sleep(waited)
        await session.send(order_id(1), message, discover=False)
        assert sandbox.count(operation=UPLOAD) == uploads
        assert len(sandbox.messages()) == 2
