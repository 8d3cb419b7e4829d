"""A file that was wrong, or away, and is right when the run is started again."""

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from helpers.resumed_runs import ORDER, opened, outcome_of
from helpers.virtual_time import virtual

from spapi_messaging import InvalidMessageError, Invoice, Job, NotSent, Outcome, Refused, Sent
from spapi_messaging.errors import UploadError

PDF = b"%PDF-1.4 an invoice"


def is_empty(path: Path) -> None:
    path.write_bytes(b"")


def is_a_page(path: Path) -> None:
    path.write_bytes(b"<!DOCTYPE html><html>404</html>")


def is_too_large(path: Path) -> None:
    path.write_bytes(PDF + bytes(10_000_000))


def is_gone(path: Path) -> None:
    path.unlink(missing_ok=True)


def is_on_a_share_that_is_away(path: Path) -> None:
    path.unlink(missing_ok=True)
    path.symlink_to(path)  # ELOOP: there is a name, and no way to what it names
    with pytest.raises(OSError, match=os.strerror(errno.ELOOP)):
        path.stat()


@pytest.mark.parametrize(
    ("becomes", "kind", "error"),
    [
        (is_empty, Refused, InvalidMessageError),
        (is_a_page, Refused, InvalidMessageError),
        (is_too_large, Refused, InvalidMessageError),
        (is_gone, NotSent, UploadError),
        (is_on_a_share_that_is_away, NotSent, UploadError),
    ],
)
@virtual
async def test_the_next_run_sends_the_file_that_is_right_by_then(
    tmp_path: Path,
    becomes: Callable[[Path], None],
    kind: type[Outcome],
    error: type[Exception],
) -> None:
    """Its name is the same, and so is the job."""
    path, journal = tmp_path / "invoice.pdf", tmp_path / "run.db"
    becomes(path)
    async with opened() as (sandbox, session):
        for _ in range(2):
            outcome = await outcome_of(session, Job(ORDER, Invoice(attachments=[path])), journal)
            assert type(outcome) is kind
            assert isinstance(outcome, Refused | NotSent)
            assert isinstance(outcome.error, error)
        path.unlink(missing_ok=True)
        path.write_bytes(PDF)
        assert sandbox.messages() == []
        for expected in (1, 1):
            job = Job(ORDER, Invoice(attachments=[path]))
            outcome = await outcome_of(session, job, journal)
            assert len(sandbox.messages()) == expected
        assert not isinstance(outcome, Sent)
