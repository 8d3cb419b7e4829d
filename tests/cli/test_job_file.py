"""Job files: every bad line is named, the file is never held, and no text is quoted."""

import contextlib
import csv
import io
import json
import os
import sys
import threading
import tracemalloc
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import example, given, settings, strategies as st

from spapi_messaging import (
    Attachment,
    ConfirmCustomizationDetails,
    DigitalAccessKey,
    Invoice,
    Job,
    LocalizedText,
    Marketplace,
    NegativeFeedbackRemoval,
    UnexpectedProblem,
    Warranty,
)
from spapi_messaging.cli.jobfile import JobFile, JobFileError, LineFault
from spapi_messaging.cli.jobfile.job_maker import JobMaker
from spapi_messaging.cli.jobfile.records import MAX_RECORD

ORDER = "903-1671087-0812628"
MIB = 1_048_576
GOOD = {"order_id": ORDER, "action": "unexpectedProblem", "text": "Hallo"}
JOB = Job(ORDER, UnexpectedProblem(text="Hallo"))
HEADER = "order_id,action,text\n"
ROW = f"{ORDER},unexpectedProblem,Hallo\n"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with files to attach."""
    folder = tmp_path_factory.mktemp("jobs")
    for name in ("a.pdf", "w.pdf"):
        (folder / name).write_bytes(b"%PDF-1.4")
    (folder / "b c.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    (folder / "page.pdf").write_bytes(b"<!DOCTYPE html><title>502</title>")
    (folder / "empty.pdf").touch()
    (folder / "folder.pdf").mkdir()
    for name in ("half.pdf", "rest.pdf"):
        with (folder / name).open("wb") as file:
            file.write(b"%PDF-1.4")
            file.truncate(5_000_000)
    with (folder / "less.pdf").open("wb") as file:
        file.write(b"%PDF-1.4")
        file.truncate(4_999_999)
    return folder


@pytest.fixture
def read(folder: Path) -> Callable[..., list[Job | LineFault]]:
    def read(content: str | bytes, ending: str = "csv", **options: Any) -> list[Job | LineFault]:
        return list(written(folder, content, ending, **options).read())

    return read


Read = Callable[..., list[Job | LineFault]]


def written(folder: Path, content: str | bytes, ending: str, **options: Any) -> JobFile:
    path = folder / f"jobs.{ending}"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return JobFile(path, **options)


def line(**values: Any) -> str:
    return json.dumps(GOOD | values)


def reason(items: list[Job | LineFault]) -> str:
    """The reason of the only item, which is a fault."""
    (item,) = items
    assert isinstance(item, LineFault)
    return item.reason


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


@pytest.mark.parametrize("action", ["updateFeedback", "negativeFeedbackRemoval"])
def test_an_action_goes_by_any_of_its_names(action: str, read: Read) -> None:
    (job,) = read(json.dumps({"order_id": ORDER, "action": action}), "jsonl")
    assert job == Job(ORDER, NegativeFeedbackRemoval())


@pytest.mark.parametrize(
    ("content", "ending"),
    [
        (line() + "\n\n  \n" + line(), "jsonl"),
        (line() + "\r\n" + line() + "\r\n", "NDJSON"),
        ("\ufeff" + line() + "\n" + line() + "\n", "jsonl"),
        (HEADER + ROW + "\n,,\n" + ROW, "csv"),
        ("\ufeff" + HEADER + ROW + ROW, "CSV"),
        ((HEADER + ROW + ROW).replace("\n", "\r\n"), "csv"),
        ("\n" + HEADER + ROW + ROW.rstrip(), "csv"),
        (f'"text\nof it";Action;"orderId";text\n"a";unexpectedProblem;{ORDER};Hallo\n' * 1, "csv"),
        (f'order_id;"a,b,c,d";action;text\n{ORDER};;unexpectedProblem;Hallo\n', "csv"),
    ],
)
def test_what_a_file_may_look_like(content: str, ending: str, read: Read) -> None:
    """Blank lines, CRLF, a byte order mark, no last line end, either delimiter."""
    assert set(read(content, ending)) == {JOB}


def test_a_text_keeps_its_lines_and_quotes(read: Read) -> None:
    cell = '"Hallo,\r\nIhr ""Tisch"";\n kommt "'
    (job,) = read(f"{HEADER}{ORDER},unexpectedProblem,{cell}\r\n")
    assert job == Job(ORDER, UnexpectedProblem(text='Hallo,\r\nIhr "Tisch";\n kommt '))


def test_lines_are_counted_as_an_editor_shows_them(folder: Path) -> None:
    rows = f'{ORDER},unexpectedProblem,"a\nb"\n\n1,unexpectedProblem,"c\nd"\n2,x\n{ROW}'
    source = written(folder, HEADER + rows, "csv")
    assert [item.line for item in source.read() if isinstance(item, LineFault)] == [5, 7]
    assert source.lines == 8
    source = written(folder, "\n{\n" + line() + "\n[]", "jsonl")
    assert [item.line for item in source.read() if isinstance(item, LineFault)] == [2, 4]
    assert source.lines == 4


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
        (line(order_id=7), "order_id (int) is not 3-7-7 digits"),
        (line(action="attributes"), "no message is called 'attributes'"),
        (line(action=7), "no message is called a int"),
        (line(marketplace="XX"), "no marketplace is called 'XX'"),
        (line(marketplace=7), "no marketplace is called a int"),
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
    ("given", "reported"),
    [
        ([], "0 attachments; 1 to 5"),
        (["a.pdf"] * 6, "6 attachments; 1 to 5"),
        ("a.pdf", "must be a list"),
        ([7], "not int"),
        ([None], "not NoneType"),
        (["no.pdf"], "attachment 1 ('no.pdf'): No such file"),
        (["a.pdf", "empty.pdf"], "attachment 2 ('empty.pdf') is empty"),
        (["folder.pdf"], "('folder.pdf') is no file"),
        (["page.pdf"], "attachment 1 'page.pdf' looks like .html by its content"),
        (["a.exe"], "attachment 1 is none of the types .txt .pdf"),
        (["x\0.pdf"], "('x\\x00.pdf') is no path"),
        (["\ud800.pdf"], "('\\ud800.pdf') is no path"),
        (["x" * 300 + ".pdf"], "name too long"),
        (["x" * 5000 + ".pdf"], "more than 4096 characters"),
        (["half.pdf", "rest.pdf"], "attachments have 10000000 bytes"),
        ([{"id": "x"}], "other names than uploadDestinationId and fileName"),
        ([{"uploadDestinationId": "", "fileName": "x.pdf"}], "no upload destination id"),
    ],
)
def test_attachments_are_looked_at(given: Any, reported: str, read: Read) -> None:
    content = json.dumps({"order_id": ORDER, "action": "invoice", "attachments": given})
    assert reported.lower() in reason(read(content, "jsonl")).lower()


def test_attachments_may_come_close_to_10_mb(read: Read, folder: Path) -> None:
    values = {"order_id": ORDER, "action": "invoice", "attachments": ["half.pdf", "less.pdf"]}
    expected = Job(ORDER, Invoice(attachments=[folder / "half.pdf", folder / "less.pdf"]))
    assert read(json.dumps(values), "jsonl") == [expected]


def test_a_file_that_may_not_be_read_is_named(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = json.dumps({"order_id": ORDER, "action": "invoice", "attachments": ["a.pdf"]})
    source = JobFile(None, "jsonl")
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(content.encode())))
    monkeypatch.chdir(folder)

    def denied(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", denied)
    with source:
        assert "attachment 1 ('a.pdf'): Permission denied" in reason([*source.read()])


@pytest.mark.parametrize(
    ("start", "end", "reported"),
    [
        ("soon", None, "coverage_start_date is not a date and time as in ISO 8601"),
        ("2026-01-01", None, "coverage_start_date has no time zone"),
        (None, 7, "coverage_end_date must be a datetime, not int"),
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
    assert [fault.split(" ")[0] for fault in faults] == [
        "order_id",
        "no",
        "key",
        "'text'",
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


@pytest.mark.parametrize(
    ("content", "ending", "reported"),
    [
        (b"", "csv", "is empty"),
        (b"", "jsonl", "has no jobs in it"),
        (b"\n \n", "jsonl", "has no jobs in it"),
        (HEADER.encode(), "csv", "has no jobs in it"),
        (
            b"a,b\n1,2\n",
            "csv",
            "no column order_id and no column action; the columns are order_id,",
        ),
        (b"order_id,text\n", "csv", "no column action;"),
        (b"order_id,action,Order-ID\n", "csv", "has 'order_id' twice"),
        (b"order_id,action,x,x\n", "csv", "has 'x' twice"),
        (b'order_id,"action"x\n', "csv", "header cannot be read: a quote"),
        (b"order_id,action\r1,2\r", "csv", "a carriage return stands alone"),
        (b"x" * (MIB + 1), "csv", "header is longer than 1 MiB"),
        ((HEADER + "\n" + ROW).encode() + b"a,b\0\n", "csv", "NUL byte on line 4"),
        (b"\n{\0}", "jsonl", "NUL byte on line 2"),
        (b"x" * (MIB + 9) + b"\0\n", "jsonl", "NUL byte on line 1"),
        ("\nGrüße".encode("latin-1"), "jsonl", "not UTF-8 (line 2, byte 3 of it)"),
        ((HEADER + "é").encode("latin-1"), "csv", "not UTF-8 (line 2, byte 1 of it)"),
        (HEADER.encode("utf-16"), "csv", "is UTF-16"),
    ],
)
def test_a_file_of_no_use_is_one_clear_line(
    content: bytes, ending: str, reported: str, folder: Path
) -> None:
    source = written(folder, content, ending)
    for reading in (lambda: list(source.read()), source.check):
        with pytest.raises(JobFileError) as caught:
            reading()
        assert reported in str(caught.value)
        assert str(caught.value).startswith(str(source.path))
        assert str(caught.value).isprintable()


@pytest.mark.parametrize(
    ("path", "reported"),
    [
        ("no.csv", "no.csv: No such file or directory"),
        (".", "is a directory"),
        ("a\0.csv", "no file can have this name"),
    ],
)
def test_a_path_of_no_use_is_one_clear_line(path: str, reported: str, folder: Path) -> None:
    with pytest.raises(JobFileError, match=reported) as caught:
        JobFile(folder / path, "csv").check()
    assert str(caught.value).isprintable()


def test_the_format_has_to_be_known(folder: Path) -> None:
    for path in (folder / "jobs.txt", None):
        with pytest.raises(JobFileError, match="say whether it is jsonl or csv"):
            JobFile(path)
    (folder / "jobs.txt").write_text(line())
    assert list(JobFile(folder / "jobs.txt", "jsonl").read()) == [JOB]


@pytest.mark.parametrize("ending", ["jsonl", "csv"])
def test_a_line_of_10_mb_is_a_fault_and_never_held(ending: str, folder: Path) -> None:
    start = HEADER if ending == "csv" else ""
    good = ROW if ending == "csv" else line()
    source = written(folder, start + "x" * 10_000_000 + "\n" + good, ending)
    list(source.read())
    tracemalloc.start()
    fault, job = source.read()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (fault, job) == (LineFault(2 if start else 1, "it is longer than 1 MiB"), JOB)
    assert peak < 4 * MIB


def test_a_line_of_just_1_mib_is_read(read: Read) -> None:
    bare = line(text="$x", fields={"x": ""})
    longest = line(text="$x", fields={"x": "x" * (MAX_RECORD - len(bare) - 1)}) + "\n"
    assert len(longest) == MIB
    reported = {item.reason for item in read(longest * 2, "jsonl") if isinstance(item, LineFault)}
    assert [one.startswith("text has 1048") for one in reported] == [True]
    assert "longer" in reason(read(" " + longest, "jsonl"))


@pytest.mark.parametrize("ending", ["jsonl", "csv"])
def test_memory_does_not_grow_with_the_file(ending: str, folder: Path) -> None:
    """4 MB of jobs, good and bad, pass through less than half a megabyte."""
    text = "x" * 2001
    head, one = (HEADER, f"{ORDER},unexpectedProblem,{text}\n")
    if ending == "jsonl":
        head, one = "", line(text=text) + "\n"
    good = ROW if ending == "csv" else line() + "\n"
    source = written(folder, head + (one + good) * 2000, ending)
    tracemalloc.start()
    checked = source.check()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (checked.jobs, checked.fault_count) == (2000, 2000)
    assert peak < MIB / 2


def test_attachments_are_remembered_but_not_all_of_them(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked = []
    stat = Path.stat
    monkeypatch.setattr(Path, "stat", lambda path: looked.append(path.name) or stat(path))
    maker = JobMaker(folder=folder)
    values = {"order_id": ORDER, "action": "invoice"}
    for name in ["a.pdf"] * 100 + [f"{n}.pdf" for n in range(1100)]:
        maker.make(values | {"attachments": [name]})
    assert looked.count("a.pdf") == 1
    maker.make(values | {"attachments": ["a.pdf"]})
    assert looked.count("a.pdf") == 2
    maker.make(values | {"attachments": [f"more{n}.pdf" for n in range(6)]})
    assert not any(name.startswith("more") for name in looked)


def test_a_check_counts_and_names_the_first_twenty(folder: Path) -> None:
    rows = [line(), line(action="digitalAccessKey"), line(), *["{"] * 25]
    source = written(folder, "\n".join(rows), "jsonl")
    checked = source.check()
    assert (checked.jobs, checked.fault_count) == (3, 25)
    assert [fault.line for fault in checked.faults] == list(range(4, 24))
    assert checked.per_operation == {"createUnexpectedProblem": 2, "createDigitalAccessKey": 1}
    assert source.lines == 28


def test_a_file_that_changes_after_its_check_is_not_sent(folder: Path) -> None:
    source = written(folder, line(), "jsonl")
    source.check()
    assert list(source.read()) == [JOB]
    written(folder, line() + line(text="another"), "jsonl")
    with pytest.raises(JobFileError, match="was changed after it was checked"):
        list(source.read())
    assert source.check().fault_count == 1


def test_only_one_reading_at_a_time(folder: Path) -> None:
    source = written(folder, f"{line()}\n{line()}", "jsonl")
    first = source.read()
    assert next(first) == JOB
    assert len(list(source.read())) == 2
    with pytest.raises(RuntimeError, match="another reading"):
        next(first)


def test_standard_input_is_read_twice_and_starts_in_the_working_directory(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    content = json.dumps({"order_id": ORDER, "action": "invoice", "attachments": ["a.pdf"]})
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(content.encode())))
    with JobFile(None, "jsonl") as source:
        assert source.check().jobs == 1
        assert list(source.read()) == [Job(ORDER, Invoice(attachments=[Path("a.pdf")]))]
        assert source.name == "standard input"
    with pytest.raises(ValueError, match="closed"):
        list(source.read())


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes here")
def test_a_pipe_is_read_twice_as_well(folder: Path) -> None:
    pipe = folder / "pipe.jsonl"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_text, args=(line(),))
    writer.start()
    with JobFile(pipe) as source:
        assert source.check().jobs == 1
        assert list(source.read()) == [JOB]
    writer.join(timeout=10)


@pytest.mark.parametrize(
    ("columns", "cells", "text"),
    [
        ("name,item", "Anna,Tisch", "Hallo Anna: Tisch $5"),
        ("name,item,other", "株,'a',b", "Hallo 株: 'a' $5"),
    ],
)
def test_the_text_template_is_filled(columns: str, cells: str, text: str, read: Read) -> None:
    rows = f"order_id,action,{columns}\n{ORDER},unexpectedProblem,{cells}\n"
    (job,) = read(rows, text_template="Hallo $name: ${item} $$5")
    assert isinstance(job, Job)
    assert job.rendered == UnexpectedProblem(text=text)


def test_the_text_template_is_for_messages_with_a_text(read: Read, folder: Path) -> None:
    rows = [
        {"action": "invoice", "attachments": ["a.pdf"]},
        {"action": "confirmCustomizationDetails", "fields": {"n": 7}},
        {"action": "digitalAccessKey", "attachments": ["a.pdf"], "fields": {"n": ""}},
    ]
    content = "\n".join(json.dumps({"order_id": ORDER} | row) for row in rows)
    jobs = read(content, "jsonl", text_template="$order_id $n")
    assert [job.rendered for job in jobs if isinstance(job, Job)] == [
        Invoice(attachments=[folder / "a.pdf"]),
        ConfirmCustomizationDetails(text=f"{ORDER} 7"),
        DigitalAccessKey(text=f"{ORDER} ", attachments=[folder / "a.pdf"]),
    ]


@pytest.mark.parametrize(
    ("fields", "reported"),
    [
        ({}, "the field $n of the text has no value"),
        ({"n": None}, "the field $n of the text has no value"),
        ({"N": "x"}, "the field $n of the text has no value"),
        ({"n": 19.90}, "the field $n must be a string, not float"),
        ({"n": True}, "the field $n must be a string, not bool"),
        ({"n": "x", "name": "y"}, "the text has no field $name"),
        ({"n": "x", "Liebe Frau SECRET": "y"}, "the text has no field (no name)"),
        ({"n": "\ud800"}, "lone surrogate"),
        ({"n": "x" * 2000}, "text has 2001 characters"),
    ],
)
def test_a_template_that_cannot_be_filled_is_the_lines_fault(
    fields: dict[str, Any], reported: str, read: Read
) -> None:
    content = json.dumps({"order_id": ORDER, "action": "unexpectedProblem", "fields": fields})
    assert reported in reason(read(content, "jsonl", text_template="-$n"))


def test_an_empty_cell_fills_no_template(read: Read) -> None:
    rows = f"order_id,action,n\n{ORDER},unexpectedProblem, \n"
    assert reason(read(rows, text_template="$n")).startswith(
        "the field $n of the text has no value"
    )


def test_a_text_and_a_template_contradict_each_other(read: Read) -> None:
    for content, ending in ((line(), "jsonl"), (HEADER + ROW, "csv")):
        assert "text is given, and a text template" in reason(
            read(content, ending, text_template="x")
        )


def test_a_malformed_template_fails_when_it_is_given() -> None:
    with pytest.raises(JobFileError, match=r"line 2, col 7; write \$\$ for a dollar sign"):
        JobFile(Path("jobs.csv"), text_template="a\nprice 5 $ off".replace("5 ", ""))


LANGUAGES = {"de": "Hallo $name", "en": "Hello $name"}


def test_a_text_in_several_languages_is_an_object(read: Read) -> None:
    content = line(text=LANGUAGES, default_language="en", fields={"name": "Zoë"})
    (job,) = read(content, "jsonl")
    assert isinstance(job, Job)
    assert job.rendered == UnexpectedProblem(
        text=LocalizedText({"de": "Hallo Zoë", "en": "Hello Zoë"}, default="en")
    )


@pytest.mark.parametrize(
    ("values", "reported"),
    [
        ({"text": {}}, "text: it needs a text in at least one language"),
        ({"text": {"deutsch": "x"}}, "text: 'deutsch' is no language tag"),
        ({"text": {"de": 7}}, "text: the text in 'de' must be a str, not int"),
        ({"text": {"de": ""}}, "text in 'de' has 0 characters; 1 to 2000 are allowed"),
        ({"text": LANGUAGES, "default_language": "fr"}, "the default 'fr' is none"),
        ({"default_language": "fr"}, "default_language is for a text in several languages"),
        ({"text": LANGUAGES}, "the field $name of the text has no value"),
    ],
)
def test_what_is_wrong_with_a_text_in_several_languages(
    values: dict[str, Any], reported: str, read: Read
) -> None:
    assert reported in reason(read(line(**values), "jsonl"))


def test_a_text_cell_is_filled_by_other_columns(read: Read, folder: Path) -> None:
    """And a dollar that begins no field stays what it is where there is none."""
    rows = f"order_id,action,text,name\n{ORDER},unexpectedProblem,%s,Zoë\n"
    for cell, text in (("Hi $name $$5", "Hi Zoë $5"), ("It costs $5 or $$", "It costs $5 or $$")):
        (job,) = read(rows % cell)
        assert isinstance(job, Job)
        assert job.rendered == UnexpectedProblem(text=text)
    source = written(folder, rows % "Hi $name", "csv")
    source.check()
    assert source.unused_columns == ()


def test_columns_that_nothing_uses_are_told(folder: Path) -> None:
    content = f"order_id,action,name,atachments\n{ORDER},unexpectedProblem,x,y\n"
    source = written(folder, content, "csv", text_template="$name")
    assert source.unused_columns == ()
    source.check()
    assert source.unused_columns == ("atachments",)


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


@pytest.mark.parametrize("content", [f"{SECRET},{SECRET}\n", f"order_id,action,{SECRET},{SECRET}"])
def test_no_error_quotes_a_header_that_may_be_a_row(content: str, read: Read) -> None:
    with pytest.raises(JobFileError) as caught:
        read(content)
    assert "SECRET" not in str(caught.value)
    assert "SECRET" not in repr(JobFile(Path("a.csv"), text_template=SECRET))


PLAIN = st.characters(exclude_categories=["Cs", "Cc", "Zs", "Zl", "Zp", "Cf", "Co", "Cn"])
LABELS = st.none() | st.text(PLAIN, min_size=1, max_size=20)
TEXTS = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0$"), min_size=1, max_size=40
).filter(str.strip)
FILES = st.lists(st.sampled_from(["a.pdf", "b c.png", "w.pdf"]), min_size=1, max_size=5)
MOMENTS = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001  # hypothesis wants them naive


def simple(**values: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    common = {
        "order_id": st.from_regex(r"[0-9]{3}-[0-9]{7}-[0-9]{7}", fullmatch=True),
        "marketplace": st.none() | st.sampled_from(Marketplace),
        "seller": LABELS,
        "key": LABELS,
    }
    return st.fixed_dictionaries(common | values)


JOBS = st.lists(
    simple(action=st.just("unexpectedProblem"), text=TEXTS)
    | simple(action=st.just("digitalAccessKey"), text=TEXTS, attachments=FILES)
    | simple(action=st.just("warranty"), attachments=FILES, coverage_start_date=MOMENTS),
    min_size=1,
    max_size=5,
)
TYPES = {
    "unexpectedProblem": UnexpectedProblem,
    "digitalAccessKey": DigitalAccessKey,
    "warranty": Warranty,
}


def made(values: dict[str, Any], folder: Path) -> Job:
    """The job that the values mean, made without the reader."""
    values = dict(values)
    order_id, kind = values.pop("order_id"), TYPES[values.pop("action")]
    common = {name: values.pop(name) for name in ("marketplace", "seller", "key")}
    if "attachments" in values:
        values["attachments"] = [folder / name for name in values["attachments"]]
    return Job(order_id, kind(**values), **common)


def as_json(jobs: list[dict[str, Any]]) -> str:
    lines = []
    for job in jobs:
        moment, place = job.get("coverage_start_date"), job["marketplace"]
        lines.append(job | {"marketplace": place and place.id})
        if moment:
            lines[-1] |= {"coverage_start_date": moment.isoformat()}
    return "".join(json.dumps(each, ensure_ascii=False) + "\n" for each in lines)


def as_csv(jobs: list[dict[str, Any]], delimiter: str, newline: str) -> str:
    written = io.StringIO()
    columns = list(dict.fromkeys(name for job in jobs for name in job))
    # With "\n" as the end of a line, older Pythons write a "\r" in a text without quotes.
    quoting = csv.QUOTE_ALL if newline == "\n" else csv.QUOTE_MINIMAL
    writer = csv.writer(written, delimiter=delimiter, lineterminator=newline, quoting=quoting)
    writer.writerow(columns)
    for job in jobs:
        place, moment = job["marketplace"], job.get("coverage_start_date")
        row = job | {
            "marketplace": place and place.name,
            "attachments": ";".join(job.get("attachments", ())),
            "coverage_start_date": moment and moment.isoformat(),
        }
        writer.writerow([row.get(name) for name in columns])
    return written.getvalue()


@settings(max_examples=60, deadline=None)
@given(jobs=JOBS, delimiter=st.sampled_from(",;"), newline=st.sampled_from(["\n", "\r\n"]))
def test_what_is_written_is_read_back(
    folder: Path, jobs: list[dict[str, Any]], delimiter: str, newline: str
) -> None:
    expected = [made(job, folder) for job in jobs]
    for content, ending in ((as_json(jobs), "jsonl"), (as_csv(jobs, delimiter, newline), "csv")):
        assert list(written(folder, content, ending).read()) == expected


SCRAPS = st.lists(
    st.binary(max_size=20)
    | st.sampled_from([b"\n", b"\r", b'"', b",", b";", b"\\u0000", b"{", b"[", line().encode()])
    | st.sampled_from([ROW.encode(), b"\xef\xbb\xbf", b"order_id,action,attachments,n\n", b"\0"])
    | st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(max_size=5) | st.integers(),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["order_id", "attachments", "fileName", "key", "fields", "n"])
                | st.text(max_size=3),
                inner,
                max_size=3,
            )
        ),
        max_leaves=8,
    ).map(lambda value: json.dumps(GOOD | value if isinstance(value, dict) else value).encode()),
    max_size=8,
).map(b"".join)


@settings(max_examples=150, deadline=None)
@given(content=SCRAPS, header=st.booleans(), template=st.none() | st.just("$n"))
@example(content=b'{"attachments": ["~/\\ud800\\u0000.pdf"]}', header=False, template=None)
def test_no_bytes_raise_anything_but_a_job_file_error(
    folder: Path, content: bytes, header: bool, template: str | None
) -> None:
    for ending, start in (("jsonl", b""), ("csv", HEADER.encode() if header else b"")):
        source = written(folder, start + content, ending, text_template=template)
        items: list[Job | LineFault] = []
        with contextlib.suppress(JobFileError):
            items.extend(source.read())
        faults = [item for item in items if not isinstance(item, Job)]
        assert all(fault.reason and fault.reason.isprintable() for fault in faults)
        assert [fault.line for fault in faults] == sorted({fault.line for fault in faults})


def test_a_reading_that_is_given_up_closes_its_file(folder: Path) -> None:
    source = written(folder, f"{line()}\n{line()}", "jsonl")
    reading: Iterator[Job | LineFault] = source.read()
    next(reading)
    del reading  # a ResourceWarning would be an error here
