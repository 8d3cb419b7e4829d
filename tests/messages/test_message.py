"""The eleven message types and their operations, against a table of their own."""

import copy
import inspect
import os
import pickle
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import attrs
import pytest

from spapi_messaging.api import operations
from spapi_messaging.api.operations import OPERATIONS, check_order_id, operation_of
from spapi_messaging.bulk.job import Job
from spapi_messaging.errors import InvalidMessageError
from spapi_messaging.marketplaces import Marketplace
from spapi_messaging.messages import message as messages
from spapi_messaging.messages.attachments import Attachment, File
from spapi_messaging.messages.filetypes import content_type
from spapi_messaging.messages.message import (
    MESSAGE_TYPES,
    ConfirmCustomizationDetails,
    ConfirmDeliveryDetails,
    Invoice,
    Message,
    NegativeFeedbackRemoval,
    Warranty,
)
from spapi_messaging.quota.plan import (
    MESSAGING_QUOTA,
    SANDBOX_QUOTA,
    UPLOADS_QUOTA,
    Quota,
    planned_quota,
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
WITH_TEXT = [(name, longest) for name, longest, _, _ in LIMITS if longest]
WITH_FILES = [(name, fewest) for name, _, _, fewest in LIMITS if fewest is not None]
ANY_TEXT = {"ConfirmCustomizationDetails": "x", "DigitalAccessKey": "x"}


def kind_of(name: str) -> type[Message]:
    kind = getattr(messages, name)
    assert issubclass(kind, Message)
    return kind


def faults_of(kind: type[Message], **fields: Any) -> tuple[str, ...]:
    with pytest.raises(InvalidMessageError) as caught:
        kind(**fields)
    assert caught.value.subject == kind.__name__
    return caught.value.faults


def with_files(name: str, files: Any) -> dict[str, Any]:
    text = {"text": ANY_TEXT[name]} if name in ANY_TEXT else {}
    return text | {"attachments": files}


def test_the_table_has_all_types_and_their_fields() -> None:
    assert [kind.__name__ for kind in MESSAGE_TYPES] == [row[0] for row in LIMITS]
    for name, longest, _, fewest in LIMITS:
        wanted = {"text"} if longest else set()
        wanted |= set() if fewest is None else {"attachments"}
        wanted |= {"coverage_start_date", "coverage_end_date"} if name == "Warranty" else set()
        assert {field.name for field in attrs.fields(kind_of(name))} == wanted, name


@pytest.mark.parametrize(("name", "longest"), WITH_TEXT)
def test_text_limits_count_characters(name: str, longest: int) -> None:
    kind = kind_of(name)
    for text in ("x", "x" * longest, "\N{GRINNING FACE}" * longest, " ", "\n"):
        assert getattr(kind(text=text), "text") == text  # noqa: B009  # not all have one
    for length in (0, longest + 1):
        wanted = f"text has {length} characters; 1 to {longest} are allowed"
        assert wanted in faults_of(kind, text="x" * length)


@pytest.mark.parametrize(("name", "fewest"), WITH_FILES)
def test_attachment_limits(name: str, fewest: int) -> None:
    kind = kind_of(name)
    for count in (fewest, 5):
        assert kind(**with_files(name, [PDF] * count)).attached == (PDF,) * count
    for count in {fewest - 1, 6} - {-1}:
        wanted = f"{count} attachments; {fewest} to 5 are allowed"
        assert wanted in faults_of(kind, **with_files(name, [PDF] * count))


@pytest.mark.parametrize(("name", "longest", "required", "fewest"), LIMITS)
def test_what_may_be_left_out(
    name: str,
    longest: int | None,
    required: bool,
    fewest: int | None,
) -> None:
    kind = kind_of(name)
    needed = {
        parameter.name
        for parameter in inspect.signature(kind).parameters.values()
        if parameter.default is parameter.empty
    }
    assert ("text" in needed) == required
    assert ("attachments" in needed) == (fewest == 1)
    if longest is None and fewest is None:
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
    "files",
    ["a.pdf", b"a.pdf", PDF, UPLOADED, File(b"x", name="a.pdf"), 5],
    ids=lambda files: type(files).__name__,
)
def test_one_attachment_instead_of_a_list(files: object) -> None:
    assert faults_of(Invoice, attachments=files) == (
        "attachments must be a list of Path, File or Attachment",
    )


@pytest.mark.parametrize("make", [list, tuple, iter, dict.fromkeys], ids=range(4))
def test_any_iterable_of_attachments_becomes_a_tuple(make: Any) -> None:
    assert Invoice(attachments=make([PDF, UPLOADED])).attachments == (PDF, UPLOADED)


@pytest.mark.parametrize("name", ["ConfirmCustomizationDetails", "DigitalAccessKey"])
def test_none_instead_of_optional_attachments_is_none_of_them(name: str) -> None:
    assert kind_of(name)(text="x", attachments=None).attached == ()


def test_none_instead_of_required_attachments_is_a_fault() -> None:
    assert faults_of(Invoice, attachments=None) != ()


class Opaque(os.PathLike[str]):
    def __fspath__(self) -> str:
        return "/tmp/no-ending"  # noqa: S108  # never opened


@pytest.mark.parametrize(
    ("item", "fault"),
    [
        ("a.pdf", "an attachment is a Path, File or Attachment, not str"),
        (b"a.pdf", "an attachment is a Path, File or Attachment, not bytes"),
        (None, "an attachment is a Path, File or Attachment, not NoneType"),
        ({"id": 1}, "an attachment is a Path, File or Attachment, not dict"),
        (Path("a.exe"), "attachment 'a.exe' is none of the types"),
        (Path("pdf"), "attachment 'pdf' is none of the types"),
        (Path(".pdf"), "attachment '.pdf' is none of the types"),
        (Opaque(), "attachment 'no-ending' is none of the types"),
        (Path("/"), "attachment name '' is not a plain file name"),
        (File(b"x", name="a/"), "attachment name '' is not a plain file name"),
        (File(b"x", name=""), "attachment name '' is not a plain file name"),
        (File(b"", name="a.pdf"), "attachment 'a.pdf' is empty"),
        (Attachment("dest-1", ""), "attachment name '' is not a plain file name"),
        (Attachment("", "a.pdf"), "attachment 'a.pdf' has no upload destination id"),
        # of the wrong type, as a JSON file of jobs may have them
        (Attachment("dest-1", None), "not a plain file name"),
        (Attachment("dest-1", 5), ""),
        (Attachment(5, "a.pdf"), ""),
        (File("text", name="a.txt"), ""),
        (File(None, name="a.txt"), ""),
        (File(b"x", name=Path("a.txt")), ""),
        (File(b"x", name="a.pdf"), "attachment 'a.pdf' looks like .txt by its content"),
    ],
)
def test_attachment_faults(item: object, fault: str) -> None:
    faults = faults_of(Invoice, attachments=[item])
    assert any(fault in reported for reported in faults), faults


@pytest.mark.parametrize(
    ("name", "media_type"),
    [
        ("a.txt", "text/plain"),
        ("a.pdf", "application/pdf"),
        ("a.PDF", "application/pdf"),
        ("a.doc", "application/msword"),
        (
            "a.docx",
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        ),
        ("a.b.jpg", "image/jpeg"),
        ("a.jpeg", "image/jpeg"),
        ("a.gif", "image/gif"),
        ("Übersicht 1.png", "image/png"),
        ("a.exe", None),
        ("a", None),
        ("", None),
    ],
)
def test_content_types(name: str, media_type: str | None) -> None:
    assert content_type(name) == media_type
    if media_type:
        assert Invoice(attachments=[Path(name)]).attached == (Path(name),)


def test_files_together_stay_below_ten_megabytes() -> None:
    half = File(b"%PDF-" + bytes(4_999_995), name="a.pdf")
    below = File(b"%PDF-" + bytes(4_999_994), name="b.pdf")
    assert Invoice(attachments=[half, below]).attached == (half, below)
    assert faults_of(Invoice, attachments=[half, half]) == (
        "attachments have 10000000 bytes; together they must stay below 10000000",
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
    assert len({message, copy.deepcopy(message), pickle.loads(pickle.dumps(message))}) == 1  # noqa: S301
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


# name in the model, path for the order, type, withdrawn
TABLE: list[tuple[str, str, str | None, str | None]] = [
    ("getMessagingActionsForOrder", "", None, None),
    ("GetAttributes", "/attributes", None, None),
    (
        "confirmCustomizationDetails",
        "/messages/confirmCustomizationDetails",
        "ConfirmCustomizationDetails",
        None,
    ),
    (
        "createConfirmDeliveryDetails",
        "/messages/confirmDeliveryDetails",
        "ConfirmDeliveryDetails",
        None,
    ),
    ("createLegalDisclosure", "/messages/legalDisclosure", "LegalDisclosure", None),
    (
        "createNegativeFeedbackRemoval",
        "/messages/negativeFeedbackRemoval",
        "NegativeFeedbackRemoval",
        "2025-08-04",
    ),
    ("createConfirmOrderDetails", "/messages/confirmOrderDetails", "ConfirmOrderDetails", None),
    (
        "createConfirmServiceDetails",
        "/messages/confirmServiceDetails",
        "ConfirmServiceDetails",
        None,
    ),
    ("CreateAmazonMotors", "/messages/amazonMotors", "AmazonMotors", "2026-01-30"),
    ("CreateWarranty", "/messages/warranty", "Warranty", None),
    ("createDigitalAccessKey", "/messages/digitalAccessKey", "DigitalAccessKey", None),
    ("createUnexpectedProblem", "/messages/unexpectedProblem", "UnexpectedProblem", None),
    ("sendInvoice", "/messages/invoice", "Invoice", None),
]


def test_there_are_thirteen_operations() -> None:
    assert list(OPERATIONS) == [row[0] for row in TABLE]
    assert len(OPERATIONS) == 13


@pytest.mark.parametrize(("name", "tail", "kind", "withdrawn"), TABLE, ids=[r[0] for r in TABLE])
def test_operation(name: str, tail: str, kind: str | None, withdrawn: str | None) -> None:
    operation = OPERATIONS[name]
    assert operation.path(ORDER) == f"/messaging/v1/orders/903-1671087-0812628{tail}"
    plan = planned_quota(operation.name, default=MESSAGING_QUOTA, quotas={})
    assert plan == Quota(rate=1, burst=5)
    assert operation.message_type is (kind_of(kind) if kind else None)
    if kind:
        assert kind_of(kind).withdrawn == withdrawn


@pytest.mark.parametrize(
    ("action", "operation"),
    [
        ("updateFeedback", "createNegativeFeedbackRemoval"),
        ("invoice", "sendInvoice"),
        ("attributes", "GetAttributes"),
        *((name, name) for name, _, kind, _ in TABLE if kind),
        *((tail.rpartition("/")[2], name) for name, tail, kind, _ in TABLE if kind),
        ("somethingNew", None),
        ("Warranty", None),
        ("", None),
        ("getMessagingActionsForOrder", None),
    ],
)
def test_operation_of_an_action(action: str, operation: str | None) -> None:
    found = operation_of(action)
    assert (found.name if found else None) == operation


def test_other_quotas() -> None:
    assert Quota(rate=10, burst=10) == UPLOADS_QUOTA
    assert Quota(rate=5, burst=15) == SANDBOX_QUOTA


@pytest.mark.parametrize(
    ("rate", "burst"),
    [(0, 5), (-1, 5), (float("inf"), 5), (float("nan"), 5), (1, 0), (1, -1)],
)
def test_an_impossible_quota(rate: float, burst: int) -> None:
    with pytest.raises(ValueError, match="a quota needs a positive rate"):
        Quota(rate=rate, burst=burst)


WRONG_IDS = [
    "",
    "903-1671087-081262",
    "903-1671087-08126288",
    "9031-671087-0812628",
    "90316710870812628",
    "903-1671087-0812628 ",
    "903-1671087-0812628\n",
    "903-1671087-081262x",
    "٩٠٣-1671087-0812628",
    "903-1671087-0812628/..",
    None,
    9031671087,
    b"903-1671087-0812628",
]


@pytest.mark.parametrize("order_id", [*WRONG_IDS, "badOrderId"], ids=ascii)
def test_order_id_is_3_7_7_digits(order_id: object) -> None:
    with pytest.raises(InvalidMessageError) as caught:
        check_order_id(order_id)
    assert caught.value.faults == (f"{order_id!r} is not 3-7-7 digits",)


@pytest.mark.parametrize("order_id", [ORDER, "000-0000000-0000000"])
def test_order_ids_that_pass(order_id: str) -> None:
    check_order_id(order_id)
    check_order_id(order_id, odd=True)


@pytest.mark.parametrize("order_id", ["badOrderId", "123-1234567-1234567", "x" * 64])
def test_odd_order_ids_that_pass(order_id: str) -> None:
    check_order_id(order_id, odd=True)


@pytest.mark.parametrize(
    "order_id", ["", "a/b", "..", "a.b", "a%2f", "a b", "a\n", "x" * 65, "ü", None], ids=ascii
)
def test_odd_order_ids_that_do_not_pass(order_id: object) -> None:
    with pytest.raises(InvalidMessageError, match="is not letters, digits and hyphens"):
        check_order_id(order_id, odd=True)


def test_an_order_path_cannot_be_left() -> None:
    assert operations.order_path("a/../b") == "/messaging/v1/orders/a%2F..%2Fb"
