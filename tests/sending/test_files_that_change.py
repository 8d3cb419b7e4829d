"""Files are what they were when they were checked, or they are not sent."""

import os
import socket
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from helpers.bulk_runs import opened, order_id, outcomes_of
from helpers.virtual_time import virtual

from spapi_messaging import (
    InvalidMessageError,
    Invoice,
    Job,
    NotSent,
    Outcome,
    Refused,
    Sent,
    UploadError,
)
from spapi_messaging.messages import CheckedPath, FileState
from spapi_messaging.sandbox import Sandbox
from spapi_messaging.sending.files import Survey

PDF = b"%PDF-1.4 the first"
OTHER = b"%PDF-1.4 another"
LONG_AGO = 1_600_000_000


def invoice(path: os.PathLike[str], number: int = 1) -> Job:
    return Job(order_id(number), Invoice(attachments=[path]))


def arrived(sandbox: Sandbox) -> dict[str, bytes | None]:
    return {sent.order_id: sent.attachments[0].content for sent in sandbox.messages()}


async def outcome_of(job: Job) -> tuple[Outcome, dict[str, bytes | None]]:
    async with opened() as (sandbox, session):
        (outcome,) = await outcomes_of(session.bulk([job], discover=False))
        if not isinstance(outcome, Sent):
            assert sandbox.messages() == []
        return outcome, arrived(sandbox)


@pytest.mark.parametrize("discover", [True, False])
@pytest.mark.parametrize("length", [0, 1], ids=["of one size", "of another size"])
@virtual
async def test_nobody_gets_the_invoice_of_another_order(
    length: int, discover: bool, tmp_path: Path
) -> None:
    """A generator writes each order's invoice to one path; the window pulls them all at once."""
    path = tmp_path / "invoice.pdf"

    def content(number: int) -> bytes:
        return b"%%PDF-1.4 invoice %02d" % number + b"!" * number * length

    def each() -> Iterator[Job]:
        for number in range(20):
            path.write_bytes(content(number))
            yield invoice(path, number)

    async with opened() as (sandbox, session):
        outcomes = await outcomes_of(session.bulk(each(), discover=discover))
        got = arrived(sandbox)
        for outcome in outcomes:
            number = int(outcome.job.order_id[4:11])
            if isinstance(outcome, Sent):
                assert got[outcome.job.order_id] == content(number)
            else:
                assert isinstance(outcome.error, InvalidMessageError)
                assert "was changed since" in str(outcome.error)
                assert outcome.job.order_id not in got
        assert len(outcomes) == 20
        assert got[order_id(19)] == content(19), "nothing was written over the last one's"


def rewritten(path: Path) -> None:
    path.write_bytes(OTHER)


def appended(path: Path) -> None:
    with path.open("ab") as file:
        file.write(b"more")


def truncated(path: Path) -> None:
    os.truncate(path, 9)


def replaced(path: Path) -> None:
    fresh = path.with_name("fresh.pdf")
    fresh.write_bytes(PDF.replace(b"first", b"other"))
    times = path.stat()
    os.utime(fresh, ns=(times.st_atime_ns, times.st_mtime_ns))
    fresh.replace(path)


def rewritten_with_its_times(path: Path) -> None:
    times = path.stat()
    path.write_bytes(PDF.replace(b"first", b"other"))
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))


def linked_elsewhere(path: Path) -> None:
    other = path.with_name("other.pdf")
    other.write_bytes(OTHER)
    path.unlink()
    path.symlink_to(other)


CHANGES: list[Callable[[Path], None]] = [
    *(rewritten, appended, truncated, replaced, rewritten_with_its_times, linked_elsewhere),
]


def old(job: Job) -> Job:
    """Return a job as it would be if its file had been old when it was looked at."""
    (item,) = job.rendered.attached
    assert isinstance(item, CheckedPath)
    state = item.state
    aged = FileState(
        size=state.size,
        modified_at=state.modified_at,
        changed_at=state.changed_at,
        inode=state.inode,
    )
    return Job(job.order_id, Invoice(attachments=[CheckedPath(item.path, aged)]))


@pytest.mark.parametrize("age", ["young", "old"])
@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
@virtual
async def test_a_file_that_changed_since_its_job_was_made_is_refused(
    change: Callable[[Path], None], age: str, tmp_path: Path
) -> None:
    path = tmp_path / "invoice.pdf"
    path.write_bytes(PDF)
    job = invoice(path)
    if age == "old":
        job = old(job)
    change(path)
    outcome, _ = await outcome_of(job)
    assert isinstance(outcome, Refused)
    assert isinstance(outcome.error, InvalidMessageError)
    assert "'invoice.pdf' was changed since it was checked" in str(outcome.error)


@pytest.mark.parametrize("discover", [True, False])
@virtual
async def test_a_file_that_did_not_change_is_sent(discover: bool, tmp_path: Path) -> None:
    """Whether it is young or old."""
    path = tmp_path / "invoice.pdf"
    path.write_bytes(PDF)
    jobs = [invoice(path, 1), old(invoice(path, 2))]
    async with opened() as (sandbox, session):
        outcomes = await outcomes_of(session.bulk(jobs, discover=discover))
        assert [type(outcome) for outcome in outcomes] == [Sent, Sent]
        assert set(arrived(sandbox).values()) == {PDF}


def grows_beyond_the_cap(path: Path) -> None:
    with path.open("ab") as file:
        file.truncate(50_000_000)


@pytest.mark.parametrize("change", [rewritten, grows_beyond_the_cap, truncated, replaced])
def test_a_file_that_changes_between_the_look_and_the_reading_is_refused(
    change: Callable[[Path], None], tmp_path: Path
) -> None:
    """Without a job, too; and no more of it is read than was found."""
    path = tmp_path / "invoice.pdf"
    path.write_bytes(PDF)
    survey = Survey.of([path], order_id(1))
    assert survey.size == len(PDF)
    change(path)
    tracemalloc.start()
    try:
        with pytest.raises(InvalidMessageError, match="was changed since it was checked"):
            survey.load()
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()


@virtual
async def test_a_young_file_may_be_touched_or_moved_back(tmp_path: Path) -> None:
    """It is the content that counts where it is known."""
    path = tmp_path / "invoice.pdf"
    path.write_bytes(PDF)
    job = invoice(path)
    path.unlink()
    path.write_bytes(PDF)
    os.utime(path, (LONG_AGO, LONG_AGO))
    outcome, got = await outcome_of(job)
    assert isinstance(outcome, Sent)
    assert [*got.values()] == [PDF]


@virtual
async def test_a_file_that_came_after_its_job_was_made_is_sent(tmp_path: Path) -> None:
    path = tmp_path / "invoice.pdf"
    job = invoice(path)
    path.write_bytes(PDF)
    outcome, got = await outcome_of(job)
    assert isinstance(outcome, Sent)
    assert [*got.values()] == [PDF]


def gone(path: Path) -> None:
    path.unlink()


def folder_gone(path: Path) -> None:
    path.parent.rename(path.parent.with_name("away"))


def in_a_circle(path: Path) -> None:
    path.unlink()
    path.symlink_to(path)


def no_folder_any_more(path: Path) -> None:
    path.unlink()
    path.parent.rmdir()
    path.parent.write_bytes(b"")


@pytest.mark.parametrize("away", [gone, folder_gone, in_a_circle, no_folder_any_more])
@pytest.mark.parametrize("first", ["there", "never there"])
@virtual
async def test_a_file_that_cannot_be_read_is_not_refused_for_good(
    away: Callable[[Path], None], first: str, tmp_path: Path
) -> None:
    """A share that is away for a minute says nothing against the message."""
    path = tmp_path / "share" / "invoice.pdf"
    path.parent.mkdir()
    path.write_bytes(PDF)
    job = invoice(path)
    away(path)
    outcome, _ = await outcome_of(job if first == "there" else invoice(path))
    assert isinstance(outcome, NotSent)
    assert isinstance(outcome.error, UploadError)
    assert outcome.error.file_name == "invoice.pdf"
    assert "it cannot be read: " in outcome.error.fault


@pytest.mark.parametrize("call", ["stat", "open"])
@pytest.mark.parametrize(
    "error",
    [
        OSError(24, "Too many open files"),
        PermissionError(13, "Permission denied"),
        OSError(5, "Input/output error"),
        OSError(116, "Stale file handle"),
        OSError("without a number"),
        TimeoutError(110, "Connection timed out"),
    ],
    ids=str,
)
@virtual
async def test_any_fault_of_the_file_system_passes(
    error: OSError, call: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "invoice.pdf"
    path.write_bytes(PDF)
    message = Invoice(attachments=[path])

    def fails(*_: object, **__: object) -> None:
        raise error

    async with opened() as (sandbox, session):
        with monkeypatch.context() as broken:
            broken.setattr(Path, call, fails)
            with pytest.raises(UploadError) as caught:
                await session.send(order_id(1), message, discover=False)
            assert caught.value.fault == f"it cannot be read: {error.strerror or 'OSError'}"
            assert Job(order_id(1), message).message == message
        assert sandbox.requests == []
        await session.send(order_id(1), message, discover=False)


@virtual
async def test_plain_values_with_an_impossible_path_are_refused_as_such() -> None:
    """They are no message, so nothing has looked at them before."""
    async with opened() as (sandbox, session):
        order = await session.order(order_id(1))
        for path in ("a\0.pdf", "\ud800.pdf"):
            with pytest.raises(InvalidMessageError, match="a path that no file can have"):
                await order.actions["sendInvoice"]({"attachments": [Path(path)]})
        assert sandbox.messages() == []


@pytest.mark.parametrize("kind", ["folder", "pipe", "device", "socket"])
@virtual
async def test_what_is_no_file_is_refused_and_does_not_hang(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "invoice.pdf"
    with socket.socket(socket.AF_UNIX) as listening:
        if kind == "folder":
            path.mkdir()
        elif kind == "pipe":
            os.mkfifo(path)
        elif kind == "device":
            path.symlink_to("/dev/zero")
        else:
            listening.bind(str(path))
        outcome, _ = await outcome_of(invoice(path))
    assert isinstance(outcome, Refused)
    assert "'invoice.pdf' is no file" in str(outcome.error)
