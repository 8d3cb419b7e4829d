"""The lines of a job file: every bad one says all that is wrong, and quotes no text."""

import csv
import io
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import attrs
import pytest
from helpers.job_files import HEADER, JOB, MIB, ORDER, ROW, Read, line, reason

from spapi_messaging import (
    Attachment,
    Job,
    Marketplace,
    NegativeFeedbackRemoval,
    UnexpectedProblem,
    Warranty,
)
from spapi_messaging.cli.jobfile import JobFile, LineFault
from spapi_messaging.errors import OrderFileError


def left_out(job: Job) -> set[str]:
    return {field.name for field in attrs.fields(Job) if getattr(job, field.name) is None}


def test_a_json_line_has_all_that_a_job_has(read: Read, folder: Path) -> None:
    values = {
        "order_id": ORDER,
        "action": "CreateWarranty",
        "marketplace": "de",
        "seller": "Müller GmbH",
        "key": "k-1",
        "attachments": ["w.pdf", {"uploadDestinationId": "u", "fileName": "x.pdf"}],
        "coverageStartDate": "2026-01-02T00:00:00+00:00",
        "coverage_end_date": "2027-01-02T00:00:00Z",
        "text": None,
        "fields": {"unused": None},
    }
    message = Warranty(
        attachments=[folder / "w.pdf", Attachment("u", "x.pdf")],
        coverage_start_date=datetime(2026, 1, 2, tzinfo=UTC),
        coverage_end_date=datetime(2027, 1, 2, tzinfo=UTC),
    )
    expected = Job(ORDER, message, key="k-1", marketplace=Marketplace.DE, seller="Müller GmbH")
    assert read(json.dumps(values), "jsonl") == [expected]
    assert left_out(expected) == {"fields"}


def test_a_csv_row_has_all_that_a_job_has(read: Read, folder: Path) -> None:
    header = (
        "Order ID;action;Marketplace;seller;key;attachments;coverageStartDate;coverage-end-date;x"
    )
    row = (
        f"{ORDER}; warranty;A1PA6795UKMFR9;s;k;"
        '"a.pdf; b c.png;";2026-01-02T00:00+00:00;2027-01-02T00:00Z;unused'
    )
    message = Warranty(
        attachments=[folder / "a.pdf", folder / "b c.png"],
        coverage_start_date=datetime(2026, 1, 2, tzinfo=UTC),
        coverage_end_date=datetime(2027, 1, 2, tzinfo=UTC),
    )
    expected = Job(ORDER, message, key="k", marketplace=Marketplace.DE, seller="s")
    assert read(f"{header}\n{row}\n") == [expected]
    assert left_out(expected) == {"fields"}


@pytest.mark.parametrize("action", ["updateFeedback", "negativeFeedbackRemoval"])
def test_an_action_goes_by_any_of_its_names(action: str, read: Read) -> None:
    (job,) = read(json.dumps({"order_id": ORDER, "action": action}), "jsonl")
    assert job == Job(ORDER, NegativeFeedbackRemoval())


def test_a_text_keeps_its_lines_and_quotes(read: Read) -> None:
    cell = '"Hallo,\r\nIhr ""Tisch"";\n kommt "'
    (job,) = read(f"{HEADER}{ORDER},unexpectedProblem,{cell}\r\n")
    assert job == Job(ORDER, UnexpectedProblem(text='Hallo,\r\nIhr "Tisch";\n kommt '))


@pytest.mark.parametrize(
    ("content", "reported"),
    [
        ("{}", "order_id is missing; action is missing"),
        ("[]", "not a JSON object"),
        ("7", "not a JSON object"),
        ('{"a": }', "not JSON (column 7: "),
        ('{"order_id": NaN}', "NaN and Infinity are not JSON"),
        ('{"key": ' + "7" * 5000 + "}", "too many digits"),
        ("[" * 100_000, "nested too deep"),
        ('{"text": "a", "text": "b"}', "'text' is given twice"),
        ('{"fields": {"a": 1, "a": 1}}', "'a' is given twice"),
        (line(order_id="1"), "order_id '1' is not 3-7-7 digits"),
        (line(order_id=7), "order_id (a number) is not 3-7-7 digits"),
        (line(action="attributes"), "no action is called 'attributes'"),
        (line(action=7), "no action is called 7; there are confirmCustomizationDetails, "),
        (line(marketplace="XX"), "no marketplace is called 'XX'"),
        (line(marketplace=7), "no marketplace is called 7"),
        (line(seller=""), "seller must be a string of 1 to 200 printable"),
        (line(key="a\nb"), "key must be"),
        (line(key="x" * 201), "key must be"),
        (line(text="x" * 2001), "text has 2001 characters"),
        (line(text=""), "text has 0 characters"),
        (line(text="\ud800"), "lone surrogate"),
        (line(text=None), "text is missing"),
        (line(colour=1), "'colour' is not one of its fields"),
        (line(fields=[]), "fields must be an object"),
    ],
)
def test_a_wrong_json_line_says_what_is_wrong(content: str, reported: str, read: Read) -> None:
    assert reported in reason(read(content, "jsonl"))


@pytest.mark.parametrize(
    ("start", "end", "reported"),
    [
        ("soon", None, "coverage_start_date 'soon'"),
        ("2026-01-01", None, "coverage_start_date has no time zone"),
        (None, 7, "coverage_end_date must be a date in quotes, such as"),
        ("2026-01-02T00:00Z", "2026-01-01T00:00Z", "end_date is before coverage_start_date"),
    ],
)
def test_coverage_dates_say_their_time_zone(
    start: Any, end: Any, reported: str, read: Read
) -> None:
    values = {"order_id": ORDER, "action": "warranty", "attachments": ["w.pdf"]}
    values |= {"coverage_start_date": start, "coverage_end_date": end}
    assert reported in reason(read(json.dumps(values), "jsonl"))


def test_all_faults_of_a_line_are_named_up_to_ten(read: Read) -> None:
    values = {"order_id": "1", "action": "warranty", "marketplace": "XX", "text": "x", "key": ""}
    values |= {"attachments": ["no.pdf", "empty.pdf"], "coverage_end_date": "x"}
    faults = reason(read(json.dumps(values), "jsonl")).split("; ")
    faults = [fault for fault in faults if not fault.startswith(("there are", "write"))]
    assert [fault.split(" ")[0] for fault in faults] == [
        "order_id",
        "marketplace:",
        "key",
        "warranty",  # takes no text
        "coverage_end_date",
        "attachment",
        "attachment",
    ]
    many = reason(read(line(**{f"x{n}": 1 for n in range(5000)}), "jsonl"))
    assert many.endswith("; and 4990 more")


@pytest.mark.parametrize(
    ("rows", "reported"),
    [
        (f"{ORDER},unexpectedProblem\n", "it has 2 cells; the header has 3"),
        (f"{ORDER},unexpectedProblem,a,b\n", "it has 4 cells; the header has 3"),
        (f"{ORDER},unexpectedProblem, \n", "text is missing"),
        (',unexpectedProblem,"a"b\n', "a quote is not closed"),
        (f'{ORDER},unexpectedProblem,"a\nb\n', "a quote is not closed, or not doubled inside"),
        (f'{ORDER},unexpectedProblem,"a\nb\n', "(the record goes on to line 3)"),
        (f"{ORDER},unexpectedProblem,a\rb\n", "a carriage return stands alone"),
        (f"{ORDER},unexpectedProblem,{'x' * 131_073}\n", "longer than 131072 characters"),
        (f"{ORDER},unexpectedProblem,{'x' * MIB}\n", "longer than 1 MiB"),
    ],
)
def test_a_wrong_row_says_what_is_wrong(rows: str, reported: str, read: Read) -> None:
    assert reported in reason(read(HEADER + rows))


@pytest.mark.parametrize(
    "bad", ['1,2,"a"b\n', f"1,2,{'x' * 140_000}\n", f"1,2,{'x' * MIB}\n", "1\n"]
)
def test_after_a_wrong_row_the_next_is_read(bad: str, read: Read) -> None:
    fault, *jobs = read(HEADER + bad + ROW + ROW)
    assert isinstance(fault, LineFault)
    assert jobs == [JOB, JOB]


def test_a_quote_that_is_never_closed_does_not_swallow_the_file(read: Read) -> None:
    rows = [f'1,2,"{"x" * 100}\n', *["x" * 1000 + "\n"] * 132, ROW]
    first, *_, last = read(HEADER + "".join(rows))
    assert isinstance(first, LineFault)
    assert first.line == 2
    assert first.reason.endswith("is a quote not closed? (the record goes on to line 133)")
    assert last == JOB


def test_a_row_of_more_than_1_mib_over_several_lines_is_a_fault(read: Read) -> None:
    cell = '"' + "x" * 90_000 + '\n",'
    fault, *_ = read(f"{HEADER}{cell * 12}\n{ROW}")
    assert fault == LineFault(2, "it is longer than 1 MiB (the record goes on to line 13)")


def test_a_value_under_no_name_is_a_fault(read: Read) -> None:
    header = "order_id,action,text,,\n"
    assert read(f"{header}{ROW.strip()},,\n") == [JOB]
    assert "cell 5 has a value" in reason(read(f"{header}{ROW.strip()},,x\n"))


def test_odd_order_ids_are_for_the_static_sandbox(read: Read) -> None:
    content = line(order_id="badOrderId")
    assert "is not 3-7-7 digits" in reason(read(content, "jsonl"))
    (job,) = read(content, "jsonl", odd_order_ids=True)
    assert job == Job("badOrderId", UnexpectedProblem(text="Hallo"))
    odder = read(line(order_id="a b"), "jsonl", odd_order_ids=True)
    assert "letters, digits and hyphens" in reason(odder)


SECRET = "Liebe Frau SECRET, Ihr Schlüssel"


@pytest.mark.parametrize(
    "name",
    [
        "order_id",
        "action",
        "marketplace",
        "seller",
        "key",
        "attachments",
        "coverage_start_date",
        "coverage_end_date",
        "fields",
        "text",
        SECRET,
    ],
)
def test_no_reason_quotes_what_may_be_a_text(name: str, read: Read) -> None:
    """A text in the wrong column is a slip that must not end in a log."""
    base = {"order_id": ORDER, "action": "warranty", "attachments": ["w.pdf"], "other": 7}
    for value in (SECRET, [SECRET], {SECRET: SECRET}, SECRET * 100):
        assert "SECRET" not in reason(read(json.dumps(base | {name: value}), "jsonl"))
    row = base | {"attachments": "no.pdf", name: SECRET}
    cells = io.StringIO()
    csv.writer(cells).writerows([row.keys(), row.values()])
    assert "SECRET" not in reason(read(cells.getvalue(), text_template="$no"))


@pytest.mark.parametrize(
    "content", [f'"{SECRET}";"{SECRET}"\n', f'order_id;action;"{SECRET}";"{SECRET}"']
)
def test_no_error_quotes_a_header_that_may_be_a_row(content: str, read: Read) -> None:
    with pytest.raises(OrderFileError) as caught:
        read(content)
    assert "SECRET" not in str(caught.value)
    assert "SECRET" not in repr(JobFile(Path("a.csv"), text_template=SECRET))
