"""The key of a job: what makes two jobs the same."""

from datetime import UTC, datetime
from pathlib import Path

from helpers.resumed_runs import HELLO, ORDER

from spapi_messaging import (
    Attachment,
    ConfirmOrderDetails,
    File,
    Invoice,
    Job,
    NegativeFeedbackRemoval,
    UnexpectedProblem,
    Warranty,
)
from spapi_messaging.bulk.journal import key_of

PDF = File(b"%PDF-1.4", name="a.pdf")


START = datetime(2026, 1, 1, tzinfo=UTC)


def test_the_key_tells_jobs_apart_by_all_that_makes_the_message() -> None:
    job = Job(ORDER, HELLO)
    keys = [
        key_of(job, seller="s", marketplace="m"),
        key_of(job, seller="t", marketplace="m"),
        key_of(job, seller="s", marketplace="n"),
    ]
    others = [
        Job("903-1671087-0812629", HELLO),
        Job(ORDER, ConfirmOrderDetails(text="hello")),
        Job(ORDER, UnexpectedProblem(text="hello.")),
        Job(ORDER, NegativeFeedbackRemoval()),
        Job(ORDER, Invoice(attachments=[PDF])),
        Job(ORDER, Invoice(attachments=[PDF, PDF])),
        Job(ORDER, Invoice(attachments=[File(b"%PDF-1.5", name="a.pdf")])),
        Job(ORDER, Invoice(attachments=[File(b"%PDF-1.4", name="b.pdf")])),
        Job(ORDER, Invoice(attachments=[Path("a.pdf")])),
        Job(ORDER, Invoice(attachments=[Path("b.pdf")])),
        Job(ORDER, Invoice(attachments=[Attachment("1", "a.pdf")])),
        Job(ORDER, Invoice(attachments=[Attachment("2", "a.pdf")])),
        Job(ORDER, Warranty(attachments=[PDF])),
        Job(ORDER, Warranty(attachments=[PDF], coverage_start_date=START)),
        Job(ORDER, Warranty(attachments=[PDF], coverage_end_date=START)),
    ]
    keys += [key_of(other, seller="s", marketplace="m") for other in others]
    assert len(set(keys)) == len(keys)


def test_the_key_of_the_same_job_is_the_same() -> None:
    """In another process, too: the value is written down here."""
    same = [Job(ORDER, UnexpectedProblem(text="hello")) for _ in range(2)]
    keys = {key_of(job, seller="s", marketplace="m") for job in same}
    assert keys == {"df62379f63a41204ea3366a196fb62b0"}
    paths = [Job(ORDER, Invoice(attachments=[Path(p)])) for p in ("x/a.pdf", "y/a.pdf")]
    assert len({key_of(job, seller="s", marketplace="m") for job in paths}) == 1
    given = [Job(ORDER, HELLO, key="k"), Job("903-1671087-0812629", HELLO, key="k")]
    assert {key_of(job, seller="s", marketplace="m") for job in given} == {"k"}
