"""What a buyer may be unable to open is sent, and logged."""

from pathlib import Path

import pytest
from helpers.bulk_runs import opened, order_id, outcomes_of
from helpers.virtual_time import virtual
from helpers.word_files import LOCKED_DOCX, XLS

from spapi_messaging import File, InvalidMessageError, Invoice, Job, Refused, Sent


@virtual
async def test_a_document_with_a_password_is_logged_once_for_all_orders(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The library says what the command line says, for paths and for files in memory."""
    path = tmp_path / "with a path.docx"
    path.write_bytes(LOCKED_DOCX)
    items = (path, File(LOCKED_DOCX, name="in memory.docx"))
    jobs = [Job(order_id(number), Invoice(attachments=items)) for number in range(5)]
    async with opened() as (_, session):
        outcomes = await outcomes_of(session.bulk(jobs, discover=False))
    assert all(isinstance(outcome, Sent) for outcome in outcomes)
    said = [record.getMessage() for record in caplog.records if "password" in record.getMessage()]
    assert sorted(said) == [
        f"attachment {name!r} has a password; a buyer could not open it without"
        for name in ("in memory.docx", "with a path.docx")
    ]


@virtual
async def test_a_workbook_is_refused_by_what_stands_behind_its_head(tmp_path: Path) -> None:
    """The kind of a compound file may stand at its end."""
    path = tmp_path / "a.docx"
    path.write_bytes(XLS)
    async with opened() as (sandbox, session):
        job = Job(order_id(1), Invoice(attachments=[path]))
        (outcome,) = await outcomes_of(session.bulk([job], discover=False))
        assert sandbox.messages() == []
    assert isinstance(outcome, Refused)
    assert isinstance(outcome.error, InvalidMessageError)
    assert "an Excel workbook" in str(outcome.error)
