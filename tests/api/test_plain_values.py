"""Plain values to messages, under Python's names or the wire's; every fault is named."""

import json
from datetime import date
from typing import Any

import pytest
from helpers.bodies import BODIES, COVERAGE, END, FILES, START, UPLOADED, kind_of

from spapi_messaging.api import message_from
from spapi_messaging.errors import InvalidMessageError
from spapi_messaging.messages import Warranty

WIRE_FILE = {"uploadDestinationId": "dest-1", "fileName": "a.pdf"}
WARRANTY = Warranty(attachments=[UPLOADED], coverage_start_date=START, coverage_end_date=END)


@pytest.mark.parametrize(
    "values",
    [
        json.loads(f"{{{FILES},{COVERAGE}}}"),
        {"attachments": [UPLOADED], "coverage_start_date": START, "coverage_end_date": END},
        {
            "attachments": (WIRE_FILE,),
            "coverageStartDate": "2026-01-01T01:00:00+01:00",
            "coverage_end_date": "2027-02-03T04:05:06.000789Z",
        },
    ],
    ids=["wire", "python", "mixed"],
)
def test_message_from_plain_values(values: dict[str, Any]) -> None:
    assert message_from(Warranty, values) == WARRANTY


@pytest.mark.parametrize(("name", "fields", "body"), BODIES)
def test_message_from_its_own_body(name: str, fields: dict[str, Any], body: str) -> None:
    made = message_from(kind_of(name), json.loads(body))
    attachments = {"attachments": [UPLOADED]} if "attachments" in body else {}
    assert made == kind_of(name)(**fields | attachments)


@pytest.mark.parametrize(
    ("name", "values", "faults"),
    [
        ("ConfirmDeliveryDetails", {}, ["text is missing"]),
        (
            "ConfirmDeliveryDetails",
            {"text": None},
            ["not NoneType"],
        ),
        ("NegativeFeedbackRemoval", {"text": "x"}, ["'text' is not one of its fields"]),
        (
            "ConfirmDeliveryDetails",
            {"rawMessageBody": "x", "a": 1},
            [
                "'rawMessageBody' is not one of its fields",
                "'a' is not one of its fields",
                "text is missing",
            ],
        ),
        (
            "ConfirmDeliveryDetails",
            {"text": "", "a": 1},
            ["'a' is not one of its fields", "text has 0 characters; 1 to 2000 are allowed"],
        ),
        ("Invoice", {"attachments": []}, ["0 attachments; 1 to 5 are allowed"]),
        ("Invoice", {"attachments": "a.pdf"}, ["attachments must be a list"]),
        ("Invoice", {"attachments": ["a.pdf"]}, ["Path, File or Attachment, not str"]),
        ("Invoice", {"attachments": [{"fileName": "a.pdf"}]}, ["File or Attachment, not dict"]),
        ("Invoice", {"attachments": [WIRE_FILE | {"x": 1}]}, ["File or Attachment, not dict"]),
        ("Invoice", {"attachments": [WIRE_FILE | {"fileName": 5}]}, [""]),
        ("Invoice", {"attachments": [WIRE_FILE | {"uploadDestinationId": 5}]}, [""]),
        (
            "Warranty",
            {"attachments": [WIRE_FILE], "coverageStartDate": "soon", "coverageEndDate": 5},
            [
                "coverage_start_date must be a datetime, not str",
                "coverage_end_date must be a datetime, not int",
            ],
        ),
        (
            "Warranty",
            {"attachments": [WIRE_FILE], "coverageStartDate": "2026-01-01"},
            ["coverage_start_date has no time zone"],
        ),
        (
            "Warranty",
            {"attachments": [WIRE_FILE], "coverage_end_date": date(2026, 1, 1)},
            ["coverage_end_date must be a datetime, not date"],
        ),
    ],
)
def test_message_from_names_every_fault(
    name: str, values: dict[str, Any], faults: list[str]
) -> None:
    with pytest.raises(InvalidMessageError) as caught:
        message_from(kind_of(name), values)
    assert caught.value.subject == name
    for wanted in faults:
        assert any(wanted in fault for fault in caught.value.faults), caught.value.faults


def test_a_field_under_both_of_its_names_is_refused() -> None:
    """Neither is silently preferred."""
    with pytest.raises(InvalidMessageError):
        message_from(
            Warranty,
            {"attachments": [WIRE_FILE], "coverageEndDate": END, "coverage_end_date": START},
        )
