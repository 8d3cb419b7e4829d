"""By what a job is known again, and by what it is known to have changed."""

import unicodedata
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from helpers.resumed_runs import HELLO, OPERATION, ORDER

from spapi_messaging import (
    Attachment,
    ConfirmOrderDetails,
    File,
    InvalidMessageError,
    Invoice,
    Job,
    LocalizedText,
    Message,
    NegativeFeedbackRemoval,
    UnexpectedProblem,
    Warranty,
)
from spapi_messaging.bulk.identity import Identity, Once
from spapi_messaging.bulk.journal import Entry, State

OTHER = "903-1671087-0812629"
PDF = File(b"%PDF-1.4", name="a.pdf")
NOT_TEXT: Any = 4.05e15
START = datetime(2026, 1, 1, tzinfo=UTC)
ELSEWHERE = timezone(timedelta(hours=9))


def entry(key: str, state: State = "sent", **values: Any) -> Entry:
    fields: dict[str, Any] = {
        "seller": "",
        "marketplace": "m",
        "order_id": ORDER,
        "operation": OPERATION,
        "began_at": 1.0,
        "content": Identity.of(Job(ORDER, HELLO)).content,
    }
    return Entry(key=key, state=state, **fields | values)


def test_each_once_has_a_key_that_can_be_read() -> None:
    """In another process, too: the values are written down here."""
    job = Job(ORDER, HELLO)
    assert Identity.of(job, "action").key == f"{ORDER}/{OPERATION}"
    assert Identity.of(job, "order").key == f"{ORDER}/*"
    assert Identity.of(job, "content").key == f"{ORDER}/{OPERATION}/{Identity.of(job).content}"
    assert Identity.of(Job(ORDER, HELLO, key="k"), "order").key == "k"
    assert Identity.of(job).content == "db54c689334334a7f09775d8d736b4f1"


def test_the_digest_tells_contents_apart_by_all_that_makes_the_message() -> None:
    others: list[Message] = [
        HELLO,
        ConfirmOrderDetails(text="hello"),
        UnexpectedProblem(text="hello."),
        UnexpectedProblem(text=LocalizedText({"en": "hello"})),
        NegativeFeedbackRemoval(),
        Invoice(attachments=[PDF]),
        Invoice(attachments=[PDF, PDF]),
        Invoice(attachments=[File(b"%PDF-1.5", name="a.pdf")]),
        Invoice(attachments=[File(b"%PDF-1.4", name="b.pdf")]),
        Invoice(attachments=[Path("a.pdf")]),
        Invoice(attachments=[Path("b.pdf")]),
        Invoice(attachments=[Attachment("1", "a.pdf")]),
        Invoice(attachments=[Attachment("2", "a.pdf")]),
        Warranty(attachments=[PDF]),
        Warranty(attachments=[PDF], coverage_start_date=START),
        Warranty(attachments=[PDF], coverage_end_date=START),
    ]
    assert len({Identity.of(Job(ORDER, each)).content for each in others}) == len(others)


SAME: list[tuple[Message, Message]] = [
    (UnexpectedProblem(text="one\ntwo"), UnexpectedProblem(text="one\r\ntwo")),
    (UnexpectedProblem(text="one\ntwo"), UnexpectedProblem(text="one\rtwo")),
    (HELLO, UnexpectedProblem(text="\thello \n\u00a0")),
    (
        UnexpectedProblem(text=unicodedata.normalize("NFC", "Zoë ガ")),
        UnexpectedProblem(text=unicodedata.normalize("NFD", "Zoë ガ")),
    ),
    (
        UnexpectedProblem(text=LocalizedText({"de": "Hallo", "en": "Hello "})),
        UnexpectedProblem(text=LocalizedText({"en": "Hello", "de": "Hallo\r\n"})),
    ),
    (Invoice(attachments=[Path("x/a.pdf")]), Invoice(attachments=[Path("y/a.pdf")])),
    (
        Warranty(attachments=[PDF], coverage_start_date=START),
        Warranty(attachments=[PDF], coverage_start_date=START.astimezone(ELSEWHERE)),
    ),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_what_a_file_does_to_a_text_is_no_change(one: Message, other: Message) -> None:
    assert Identity.of(Job(ORDER, one)) == Identity.of(Job(ORDER, other))


@pytest.mark.parametrize(
    ("once", "known"),
    [
        ("action", {"old", "given", "action", "content", "other content"}),
        ("order", {"old", "given", "action", "content", "other content", "operation"}),
        ("content", {"old", "given", "action", "content"}),
    ],
)
def test_what_of_an_order_counts(once: Once, known: set[str]) -> None:
    """Version 2 knew jobs by a hash, and what it has of an order and operation counts."""
    digest = Identity.of(Job(ORDER, HELLO)).content
    entries = {
        "old": entry("df62379f63a41204ea3366a196fb62b0", content=None),
        "given": entry("campaign 7"),
        "action": entry(f"{ORDER}/{OPERATION}"),
        "content": entry(f"{ORDER}/{OPERATION}/{digest}"),
        "other content": entry(f"{ORDER}/{OPERATION}", content="0" * 32),
        "operation": entry(f"{ORDER}/sendInvoice", operation="sendInvoice", content="0" * 32),
        "order": entry(f"{OTHER}/{OPERATION}", order_id=OTHER),
    }
    identity = Identity.of(Job(ORDER, HELLO, seller="shop-2"), once)
    assert {name for name, each in entries.items() if identity.known_as([each])} == known


def test_a_given_key_counts_by_itself_and_beside_what_went_out_without_one() -> None:
    """A key column that is added later writes to nobody again."""
    identity = Identity.of(Job(ORDER, HELLO, key="one"))
    assert identity.known_as([entry("two")]) is None
    assert identity.known_as([entry("one", "not sent")]) == entry("one", "not sent")
    before = entry(f"{ORDER}/{OPERATION}")
    assert identity.known_as([before]) == before
    refused = entry(f"{ORDER}/{OPERATION}", "refused")
    assert identity.known_as([refused]) is None, "a new key is for what was refused, too"
    with pytest.raises(
        InvalidMessageError, match=f"'one' is that of {OPERATION} for order {OTHER}"
    ):
        identity.known_as([entry("one", order_id=OTHER)])
    with pytest.raises(InvalidMessageError, match="'one' is that of sendInvoice"):
        identity.known_as([entry("one", operation="sendInvoice")])


def test_of_several_entries_the_one_counts_that_says_most() -> None:
    identity = Identity.of(Job(ORDER, HELLO))
    states: list[State] = ["not sent", "refused", "sending", "sent"]
    for most in range(1, len(states) + 1):
        entries = [entry(f"key {state}", state) for state in states[:most]]
        for order in (entries, entries[::-1]):
            known = identity.known_as(order)
            assert known is not None
            assert known.state == states[most - 1]


@pytest.mark.parametrize(
    ("reason", "state"),
    [
        ("BadRequestError 400 InvalidInput", "refused"),
        ("ActionNotPermittedError 403 Unauthorized", "refused"),
        ("ApiError 401 Unauthorized", "not sent"),
        ("ActionNotOfferedError", "not sent"),
        ("ActionDisabledError", "not sent"),
        ("InvalidMessageError", "not sent"),
        (None, "not sent"),
    ],
)
def test_what_version_2_refused_too_soon_is_tried_again(reason: str | None, state: State) -> None:
    identity = Identity.of(Job(ORDER, HELLO))
    known = identity.known_as(
        [entry("df62379f63a41204ea3366a196fb62b0", "refused", content=None, reason=reason)]
    )
    assert known is not None
    assert known.state == state


@pytest.mark.parametrize(
    "job",
    [
        Job(NOT_TEXT, HELLO),
        Job("", HELLO),
        Job("9" * 501, HELLO),
        Job("903-1671087\x00", HELLO),
        Job(ORDER, HELLO, key=NOT_TEXT),
        Job(ORDER, HELLO, key=""),
        Job(ORDER, HELLO, key="k" * 501),
        Job(ORDER, HELLO, key="a\x00b"),
        Job(ORDER, HELLO, key="a\ud800b"),
        Job(ORDER, HELLO, seller="a\nb"),
    ],
)
def test_what_no_journal_could_hold_is_at_fault(job: Job) -> None:
    with pytest.raises(InvalidMessageError):
        Identity.of(job)
