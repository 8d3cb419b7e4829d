"""Jobs as they wait in the queue: they come out as they went in, or are refused."""

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from helpers.bulk_runs import opened, outcomes_of
from helpers.campaigns import job, order_id
from helpers.virtual_time import virtual

from spapi_messaging import (
    Attachment,
    DigitalAccessKey,
    File,
    InvalidMessageError,
    Invoice,
    Job,
    LocalizedText,
    Marketplace,
    NegativeFeedbackRemoval,
    Refused,
    Sent,
    UnexpectedProblem,
    Warranty,
)
from spapi_messaging.bulk.identity import Identity
from spapi_messaging.distributed.packing import pack, unpack
from spapi_messaging.messages import CheckedPath, ChosenText, LiteralText, each
from spapi_messaging.messages.message import Message
from spapi_messaging.messages.text import Fields, Text

START = datetime(2026, 11, 1, 12, 30, tzinfo=UTC)


def roundtrip(jobs: list[Job]) -> list[Job]:
    return unpack([json.loads(pack(each)) for each in jobs], seller="shop-1")


@pytest.mark.parametrize(
    "message",
    [
        UnexpectedProblem(text="Grüße \N{WAVING HAND SIGN}\0 'and' \"so\" on\n"),
        NegativeFeedbackRemoval(),
        DigitalAccessKey(text="K-1", attachments=[File(b"%PDF-1.4 \x00\xff", name="a.pdf")]),
        Invoice(attachments=[Path("/files/invoice.pdf"), Attachment("dest-1", "b.pdf")]),
        Warranty(
            attachments=[File(b"%PDF-1.4", name="a.pdf")],
            coverage_start_date=START,
            coverage_end_date=START + timedelta(days=1),
        ),
    ],
    ids=lambda message: type(message).__name__,
)
def test_a_job_comes_out_of_the_queue_as_it_went_in(message: Message) -> None:
    simple = Job(order_id(1), message, seller="shop-1")
    full = Job(order_id(1), message, seller="shop-1", key="k\ud800", marketplace=Marketplace.FR)
    assert roundtrip([simple, full]) == [simple, full]


def kinds(job: Job) -> list[type]:
    text = job.message.text_or_none
    return [type(text), *(type(one) for _, one in each(text or ""))]


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("Dear $name, it is late by $days days.", {"name": "Zoë", "days": 3}),
        (LocalizedText({"de": "Hallo $name", "fr-CA": "Salut $name"}), {"name": "Zoë"}),
        (LocalizedText({"de": "Hallo", "en": "Hello"}, default="en"), None),
        ("It costs $5.", None),
        (LiteralText("It is $name, for $5 or $$."), None),
        (LocalizedText({"de": LiteralText("$$ $name"), "fr": "$$"}, default="fr"), None),
        (ChosenText({"fr": LiteralText("Salut $name")}, known_as="0" * 32), None),
    ],
)
def test_languages_and_fields_wait_as_they_are(text: Text, fields: Fields | None) -> None:
    sent = Job(order_id(1), UnexpectedProblem(text=text), seller="shop-1", fields=fields)
    (come,) = roundtrip([sent])
    assert come == sent
    assert come.rendered == sent.rendered
    assert kinds(come) == kinds(sent)
    assert Identity.of(come) == Identity.of(sent)


def test_a_relative_path_is_made_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    sent = Job(order_id(1), Invoice(attachments=[Path("a.pdf")]), seller="shop-1")
    assert roundtrip([sent])[0].message.attached == (tmp_path / "a.pdf",)


def test_dots_behind_a_link_lead_where_the_system_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "far" / "folder").mkdir(parents=True)
    (tmp_path / "link").symlink_to(tmp_path / "far" / "folder")
    (tmp_path / "far" / "a.pdf").write_bytes(b"%PDF-1.4")
    sent = Job(order_id(1), Invoice(attachments=[Path("link/../a.pdf")]), seller="shop-1")
    (attached,) = roundtrip([sent])[0].message.attached
    assert isinstance(attached, CheckedPath)
    assert Path(attached).is_absolute()
    assert Path(attached).read_bytes() == b"%PDF-1.4"


@pytest.mark.parametrize("age", ["young", "old"])
@virtual
async def test_a_file_that_changes_in_the_queue_is_refused(age: str, tmp_path: Path) -> None:
    """It may be another order's by the time a worker sends; other inodes are no change."""
    path = tmp_path / "invoice.pdf"
    contents = [b"%PDF-1.4 the first", b"%PDF-1.4 another"]
    path.write_bytes(contents[0])
    sent = Job(order_id(1), Invoice(attachments=[path]), seller="shop-1")
    packed = json.loads(pack(sent))
    state = packed["message"]["attachments"][0]["state"]
    assert state.keys() == {"size", "modified_at", "digest"}
    if age == "old":
        state["digest"] = None
    before = path.stat()
    for content, kind in zip(contents, (Sent, Refused), strict=True):
        path.unlink()
        path.write_bytes(content)
        if kind is Sent:
            os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
        (job,) = unpack([packed], seller="shop-1")
        async with opened(seller="shop-1") as (sandbox, session):
            outcomes = await outcomes_of(session.bulk([job], discover=False))
            assert [type(outcome) for outcome in outcomes] == [kind]
            got = [message.attachments[0].content for message in sandbox.messages()]
            assert got == contents[:1] * (kind is Sent)


@pytest.mark.parametrize(
    ("wrong", "fault"),
    [
        (Job(order_id(1), UnexpectedProblem(text="x")), "names no seller"),
        (job(1, key="x" * 501), "501 characters"),
        (
            Job(
                order_id(1),
                Invoice(attachments=[File(b"%PDF-" + b"x" * 999_996, name="a.pdf")]),
                seller="s",
            ),
            "1000001 bytes",
        ),
        (Job(order_id(1), type("Own", (UnexpectedProblem,), {})(text="x"), seller="s"), "Own"),
    ],
)
def test_what_cannot_wait_is_refused(wrong: Job, fault: str) -> None:
    with pytest.raises(InvalidMessageError, match=fault):
        pack(wrong)
