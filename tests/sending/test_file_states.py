"""What is noted of a file when its job is made, and what that tells later."""

import os
from pathlib import Path

import pytest
from helpers.bulk_runs import order_id

from spapi_messaging import File, InvalidMessageError, Invoice, Job, LegalDisclosure
from spapi_messaging.messages import CheckedPath, FileState
from spapi_messaging.sending import with_state

PDF = b"%PDF-1.4 the first"


def invoice(path: os.PathLike[str]) -> Job:
    return Job(order_id(1), Invoice(attachments=[path]))


@pytest.mark.parametrize("path", ["a\0.pdf", "folder\0/a.pdf", "\ud800.pdf", "\udfff/a.pdf"])
def test_a_path_that_no_file_can_have_makes_no_message(path: str) -> None:
    with pytest.raises(InvalidMessageError, match="a path that no file can have"):
        Invoice(attachments=[Path(path)])


class InBytes(os.PathLike[bytes]):
    def __fspath__(self) -> bytes:
        return b"a.pdf"


def test_a_path_in_bytes_makes_no_message() -> None:
    with pytest.raises(InvalidMessageError, match="must be a str, not bytes"):
        Invoice(attachments=[InBytes()])


def test_a_file_that_is_old_is_not_read_when_its_job_is_made(tmp_path: Path) -> None:
    """What was written within the last seconds is: its times do not tell two versions apart."""
    path = tmp_path / "invoice.pdf"
    path.write_bytes(PDF)
    young = with_state(path)
    assert isinstance(young, CheckedPath)
    assert young.state.digest is not None
    system = with_state(Path(os.__file__))
    assert isinstance(system, CheckedPath)
    assert system.state.digest is None
    assert system.state.size == Path(os.__file__).stat().st_size


def test_a_young_file_that_cannot_be_read_now_is_known_by_its_times(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "invoice.pdf"
    path.write_bytes(PDF)

    def fails(*_: object, **__: object) -> None:
        raise OSError(24, "Too many open files")

    monkeypatch.setattr(Path, "open", fails)
    young = with_state(path)
    assert isinstance(young, CheckedPath)
    assert (young.state.digest, young.state.size) == (None, len(PDF))


def test_a_path_with_a_state_says_what_the_path_says(tmp_path: Path) -> None:
    path = tmp_path / "invoice.pdf"
    path.write_bytes(PDF)
    job = invoice(path)
    (item,) = job.rendered.attached
    assert job.message.attached == (path,)
    assert job.rendered == job.message
    assert item == path
    assert hash(item) == hash(path)
    assert os.fspath(item) == str(path)
    assert item != "invoice.pdf"
    assert invoice(path) == job
    again = with_state(item)
    assert again is item


def test_only_paths_get_the_state_of_a_file(tmp_path: Path) -> None:
    path = tmp_path / "note.pdf"
    path.write_bytes(PDF)
    memory = File(PDF, name="memory.pdf")
    job = Job(order_id(1), LegalDisclosure(attachments=[memory, path]))
    assert job.rendered.attached[0] is memory
    assert isinstance(job.rendered.attached[1], CheckedPath)
    plain = Job(order_id(1), LegalDisclosure(attachments=[memory]))
    assert plain.rendered is plain.message


SECOND = 10**9


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (123_456_789, 123_456_789, True),
        (123_456_789, 123_456_788, False),
        (123_456_700, 123_456_789, True),
        (123_000_000, 123_456_789, True),
        (5 * SECOND, 5 * SECOND + 123_456_789, True),
        (5 * SECOND, 6 * SECOND + 123_456_789, False),
        (5 * SECOND, 6 * SECOND, False),
    ],
)
def test_times_count_as_finely_as_both_file_systems_tell_them(
    one: int, other: int, same: bool
) -> None:
    """A share tells whole seconds to one machine and nanoseconds to another."""
    first, second = (FileState(size=1, modified_at=each) for each in (one, other))
    assert first.matches(second) is same
    assert second.matches(first) is same
