"""The eleven message types against a table of their own: their fields and limits."""

import copy
import inspect
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import attrs
import pytest
from helpers.bodies import kind_of
from helpers.pickling import pickled
from helpers.refused import faults_of

from spapi_messaging.bulk.job import Job
from spapi_messaging.errors import InvalidMessageError
from spapi_messaging.marketplaces import Marketplace
from spapi_messaging.messages.attachments import Attachment, File
from spapi_messaging.messages.message import (
    MESSAGE_TYPES,
    ConfirmCustomizationDetails,
    ConfirmDeliveryDetails,
    Message,
    NegativeFeedbackRemoval,
    Warranty,
)
from spapi_messaging.redaction import size_only

ORDER = "903-1671087-0812628"
PDF = Path("a.pdf")
UPLOADED = Attachment("dest-1", "a.pdf")
EARLY, LATE = datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)
TOKYO = datetime(2026, 1, 1, 5, tzinfo=timezone(timedelta(hours=9)))  # 4 hours before EARLY

# type, longest text, is text required, fewest attachments; None: has no such field
LIMITS: list[tuple[str, int | None, bool, int | None]] = [
    ("ConfirmCustomizationDetails", 800, False, 0),
    ("ConfirmDeliveryDetails", 2000, True, None),
    ("LegalDisclosure", None, False, 1),
    ("NegativeFeedbackRemoval", None, False, None),
    ("ConfirmOrderDetails", 2000, True, None),
    ("ConfirmServiceDetails", 2000, True, None),
    ("AmazonMotors", None, False, 1),
    ("Warranty", None, False, 1),
    ("DigitalAccessKey", 400, False, 0),
    ("UnexpectedProblem", 2000, True, None),
    ("Invoice", None, False, 1),
]
WITH_TEXT = [(name, max_length) for name, max_length, _, _ in LIMITS if max_length]
WITH_FILES = [(name, min_count) for name, _, _, min_count in LIMITS if min_count is not None]
ANY_TEXT = {"ConfirmCustomizationDetails": "x", "DigitalAccessKey": "x"}


def with_files(name: str, files: Any) -> dict[str, Any]:
    text = {"text": ANY_TEXT[name]} if name in ANY_TEXT else {}
    return text | {"attachments": files}


def test_the_table_has_all_types_and_their_fields() -> None:
    assert [kind.__name__ for kind in MESSAGE_TYPES] == [row[0] for row in LIMITS]
    for name, max_length, _, min_count in LIMITS:
        wanted = {"text"} if max_length else set()
        wanted |= set() if min_count is None else {"attachments"}
        wanted |= {"coverage_start_date", "coverage_end_date"} if name == "Warranty" else set()
        assert {field.name for field in attrs.fields(kind_of(name))} == wanted, name


@pytest.mark.parametrize(("name", "max_length"), WITH_TEXT)
def test_text_limits_count_characters(name: str, max_length: int) -> None:
    kind = kind_of(name)
    for text in ("x", "x" * max_length, "\N{GRINNING FACE}" * max_length, "?", " x\n"):
        assert kind(text=text).text_or_none == text
    for length in (0, max_length + 1):
        wanted = f"text has {length} characters; 1 to {max_length} are allowed"
        assert wanted in faults_of(kind, text="x" * length)


@pytest.mark.parametrize(("name", "min_count"), WITH_FILES)
def test_attachment_limits(name: str, min_count: int) -> None:
    kind = kind_of(name)
    for count in (min_count, 5):
        assert kind(**with_files(name, [PDF] * count)).attached == (PDF,) * count
    for count in {min_count - 1, 6} - {-1}:
        wanted = f"{count} attachments; {min_count} to 5 are allowed"
        assert wanted in faults_of(kind, **with_files(name, [PDF] * count))


@pytest.mark.parametrize(("name", "max_length", "required", "min_count"), LIMITS)
def test_what_may_be_left_out(
    name: str,
    max_length: int | None,
    required: bool,
    min_count: int | None,
) -> None:
    kind = kind_of(name)
    needed = {
        parameter.name
        for parameter in inspect.signature(kind).parameters.values()
        if parameter.default is parameter.empty
    }
    assert ("text" in needed) == required
    assert ("attachments" in needed) == (min_count == 1)
    if max_length is None and min_count is None:
        assert kind() == kind()
    elif not needed:
        says_nothing = ("it says nothing; give it a text or an attachment",)
        assert faults_of(kind) == says_nothing
        assert faults_of(kind, attachments=[]) == says_nothing
        assert kind(attachments=[PDF]).attached == (PDF,)


@pytest.mark.parametrize("text", [None, 5, b"x", ["x"], True], ids=lambda text: type(text).__name__)
def test_text_of_another_type(text: object) -> None:
    wanted = f"text must be a str or a LocalizedText, not {type(text).__name__}"
    assert wanted in faults_of(ConfirmDeliveryDetails, text=text)


@pytest.mark.parametrize("text", ["\ud800", "a\udfffb"], ids=ascii)
def test_text_with_a_lone_surrogate(text: str) -> None:
    """JSON could not carry it as UTF-8, so it fails here and not at the socket."""
    assert faults_of(ConfirmDeliveryDetails, text=text) == (
        "text contains a lone surrogate, which has no UTF-8 form",
    )


@pytest.mark.parametrize(
    ("start", "end", "faults"),
    [
        (None, None, ()),
        (EARLY, None, ()),
        (None, LATE, ()),
        (EARLY, LATE, ()),
        (EARLY, EARLY, ()),
        (LATE, EARLY, ("coverage_end_date is before coverage_start_date",)),
        (EARLY, TOKYO, ("coverage_end_date is before coverage_start_date",)),
        (TOKYO, EARLY, ()),
        (
            EARLY.replace(tzinfo=None),
            LATE,
            ("coverage_start_date has no time zone; give an aware datetime",),
        ),
        (
            LATE.replace(tzinfo=None),
            EARLY.replace(tzinfo=None),
            (
                "coverage_start_date has no time zone; give an aware datetime",
                "coverage_end_date has no time zone; give an aware datetime",
            ),
        ),
        ("2026-01-01", LATE, ("coverage_start_date must be a datetime, not str",)),
        (EARLY, LATE.date(), ("coverage_end_date must be a datetime, not date",)),
    ],
)
def test_coverage(start: Any, end: Any, faults: tuple[str, ...]) -> None:
    fields = {"attachments": [PDF], "coverage_start_date": start, "coverage_end_date": end}
    if faults:
        assert faults_of(Warranty, **fields) == faults
    else:
        warranty = Warranty(**fields)
        assert (warranty.coverage_start_date, warranty.coverage_end_date) == (start, end)


def test_every_fault_is_named_in_one_error() -> None:
    faults = faults_of(
        Warranty,
        attachments=[Path("coverage_plan.exe"), "a.pdf", File(b"", name="b.pdf"), *[PDF] * 3],
        coverage_start_date=LATE,
        coverage_end_date=EARLY,
    )
    assert [fault.split(" is none")[0] for fault in faults] == [
        "6 attachments; 1 to 5 are allowed",
        "attachment 'coverage_plan.exe'",
        "an attachment is a Path, File or Attachment, not str",
        "attachment 'b.pdf' is empty",
        "coverage_end_date is before coverage_start_date",
    ]
    both = faults_of(ConfirmCustomizationDetails, text="", attachments=PDF)
    assert [fault.split()[0] for fault in both] == ["text", "attachments"]


def test_no_repr_shows_text_or_content() -> None:
    message = ConfirmCustomizationDetails(
        text="Dear Ms Hopper", attachments=[File(b"Grace Hopper", name="a.txt")]
    )
    shown = repr(Job(ORDER, message))
    assert "Hopper" not in shown
    assert "text=<14 characters>" in shown
    assert "content=<12 bytes>, name='a.txt'" in shown
    assert size_only(None) == "None"


@pytest.mark.parametrize("kind", [*MESSAGE_TYPES, Message], ids=lambda kind: kind.__name__)
def test_fields_are_keyword_only(kind: type[Message]) -> None:
    parameters = inspect.signature(kind).parameters.values()
    assert {parameter.kind for parameter in parameters} <= {inspect.Parameter.KEYWORD_ONLY}


def test_messages_are_frozen_values() -> None:
    message = ConfirmDeliveryDetails(text="x")
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        message.text = "y"
    assert message == ConfirmDeliveryDetails(text="x") != ConfirmDeliveryDetails(text="y")
    assert len({message, copy.deepcopy(message), pickled(message)}) == 1
    with pytest.raises(InvalidMessageError):
        attrs.evolve(message, text="")
    assert NegativeFeedbackRemoval().attached == ()


def test_a_job_takes_its_options_by_keyword() -> None:
    message = NegativeFeedbackRemoval()
    job = Job(ORDER, message, key="k", marketplace=Marketplace.DE, seller="s")
    assert (job.key, job.marketplace, job.seller) == ("k", Marketplace.DE, "s")
    assert Job(ORDER, message) == Job(ORDER, message, key=None, marketplace=None, seller=None)
    with pytest.raises(TypeError):
        Job(ORDER, message, "k")
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        job.key = "l"
