"""The thirteen operations against a table of their own: names, paths, plans and order ids."""

import pytest
from helpers.bodies import kind_of

from spapi_messaging.api import operations
from spapi_messaging.api.operations import OPERATIONS, check_order_id, operation_of
from spapi_messaging.errors import InvalidMessageError
from spapi_messaging.quota.plan import (
    MESSAGING_QUOTA,
    SANDBOX_QUOTA,
    UPLOADS_QUOTA,
    Quota,
    planned_quota,
)

ORDER = "903-1671087-0812628"

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
    "D1-1671087-0812628",
    "D011-1671087-0812628",
    "d01-1671087-0812628",
    "S01-1671087-0812628",
    None,
    9031671087,
    b"903-1671087-0812628",
]


@pytest.mark.parametrize("order_id", [*WRONG_IDS, "badOrderId"], ids=ascii)
def test_order_id_is_3_7_7_digits(order_id: object) -> None:
    with pytest.raises(InvalidMessageError) as caught:
        check_order_id(order_id)
    wanted = "3-7-7 digits (of digital goods: D and 2-7-7 digits)"
    assert caught.value.faults == (f"{order_id!r} is not {wanted}",)


@pytest.mark.parametrize("order_id", [ORDER, "000-0000000-0000000", "D01-1671087-0812628"])
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
