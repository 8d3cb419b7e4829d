"""The job file as a whole: it is never held, and what makes it useless is one clear line."""

import io
import json
import os
import sys
import threading
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from helpers.command_line import order
from helpers.job_files import HEADER, JOB, MIB, ORDER, ROW, Read, line, reason, written

from spapi_messaging import Invoice, Job
from spapi_messaging.cli.jobfile import JobFile, LineFault
from spapi_messaging.errors import OrderFileError
from spapi_messaging.orderfile.tables.lines import MAX_RECORD


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


def test_lines_are_counted_as_an_editor_shows_them(folder: Path) -> None:
    rows = f'{ORDER},unexpectedProblem,"a\nb"\n\n1,unexpectedProblem,"c\nd"\n2,x\n{ROW}'
    source = written(folder, HEADER + rows, "csv")
    assert [item.line for item in source.read() if isinstance(item, LineFault)] == [5, 7]
    source = written(folder, "\n{\n" + line() + "\n[]", "jsonl")
    assert [item.line for item in source.read() if isinstance(item, LineFault)] == [2, 4]


@pytest.mark.parametrize(
    ("content", "ending", "reported"),
    [
        (b"", "csv", "is empty"),
        (b"", "jsonl", "is empty"),
        (b"\n \n", "jsonl", "has no jobs in it"),
        (HEADER.encode(), "csv", "has no jobs in it"),
        (b"a,b\n1,2\n", "csv", "no column order_id, nor amazon-order-id"),
        (b"order_id,text\n", "csv", "no column action (its columns are 'order_id', 'text'); call"),
        (b"order_id,action,Order-ID\n", "csv", "'order_id' and 'Order-ID', which are one name"),
        (b"order_id,action,x,x\n", "csv", "has 'x' twice"),
        (b'order_id,"action"x\n', "csv", "header cannot be read: a quote"),
        (b"x" * (MIB + 1), "csv", "header is longer than 1 MiB"),
        ((HEADER + "\n" + ROW).encode() + b"a,b\0\n", "csv", "NUL byte on line 4"),
        (b"\n{\0}", "jsonl", "NUL byte on line 2"),
        (b"x" * (MIB + 9) + b"\0\n", "jsonl", "NUL byte on line 1"),
        ("\nGrüße".encode("latin-1"), "jsonl", "not utf-8 (line 2, byte 3 of it)"),
        ((HEADER + "é").encode() + b"\xe9\n", "csv", "it is UTF-8, but for line 2, byte 3 of it"),
        (HEADER.encode("utf-16"), "csv", "has no jobs in it"),
    ],
)
def test_a_file_of_no_use_is_one_clear_line(
    content: bytes, ending: str, reported: str, folder: Path
) -> None:
    source = written(folder, content, ending)
    for reading in (lambda: list(source.read()), source.check):
        with pytest.raises(OrderFileError) as caught:
            reading()
        assert reported in str(caught.value)
        assert str(caught.value).startswith(str(source.path))
        assert str(caught.value).isprintable()


@pytest.mark.parametrize(
    ("path", "reported"),
    [
        ("no.csv", "no.csv: No such file or directory"),
        (".", "it is a folder; say what to send"),
        ("a\0.csv", "no file can have this name"),
    ],
)
def test_a_path_of_no_use_is_one_clear_line(path: str, reported: str, folder: Path) -> None:
    with pytest.raises(OrderFileError, match=reported) as caught:
        JobFile(folder / path, "csv").check()
    assert str(caught.value).isprintable()


@pytest.mark.parametrize("content", [line(), f"[{line()},\n{line()}]", HEADER + ROW])
def test_the_format_is_told_by_the_content(content: str, folder: Path) -> None:
    (folder / "jobs.txt").write_text(content)
    assert set(JobFile(folder / "jobs.txt").read()) == {JOB}


def test_the_format_that_is_said_wins(folder: Path) -> None:
    (folder / "jobs.txt").write_text(line())
    assert list(JobFile(folder / "jobs.txt", "jsonl").read()) == [JOB]
    with pytest.raises(OrderFileError, match="its header cannot be read"):
        JobFile(folder / "jobs.txt", "csv").check()


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
    """4 MB of jobs, good and bad, pass through less than a megabyte."""
    text, head = "x" * 2001, HEADER if ending == "csv" else ""
    rows = []
    for number in range(2000):
        for said in (text, "Hallo"):
            values = {"order_id": order(number), "text": said}
            row = f"{order(number)},unexpectedProblem,{said}"
            rows.append(row if ending == "csv" else line(**values))
    source = written(folder, head + "\n".join(rows), ending)
    tracemalloc.start()
    checked = source.check()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (checked.jobs, checked.fault_count) == (2000, 2000)
    assert peak < MIB


def _broken(count: int) -> list[str]:
    """Lines that are each wrong in a way of its own."""
    return ["{" + " " * n + "x" for n in range(count)]


def test_a_check_counts_and_names_the_first_twenty(folder: Path) -> None:
    rows = [line(), line(action="digitalAccessKey"), line(order_id=order(1)), *_broken(25)]
    source = written(folder, "\n".join(rows), "jsonl")
    checked = source.check()
    assert (checked.jobs, checked.fault_count) == (3, 25)
    assert [fault.lines for fault in checked.faults] == [str(n) for n in range(4, 24)]
    assert checked.fault_lines[-1] == "… and 5 more faults, of other kinds"
    assert checked.per_operation == {"createUnexpectedProblem": 2, "createDigitalAccessKey": 1}


def test_a_file_that_changes_after_its_check_is_sent_as_it_was_checked(folder: Path) -> None:
    """And a new check is of what is there then."""
    source = written(folder, line(), "jsonl")
    source.check()
    assert not source.was_changed
    written(folder, line() + line(text="another"), "jsonl")
    assert list(source.read()) == [JOB]
    assert source.was_changed
    assert source.check().fault_count == 1
    assert not source.was_changed


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


def test_columns_that_nothing_uses_are_told(folder: Path) -> None:
    content = f"order_id,action,name,atachments\n{ORDER},unexpectedProblem,x,y\n"
    source = written(folder, content, "csv", text_template="$name")
    assert source.unused_columns == ()
    source.check()
    assert source.unused_columns == ("atachments",)


def test_a_reading_that_is_given_up_closes_its_file(folder: Path) -> None:
    source = written(folder, f"{line()}\n{line()}", "jsonl")
    reading: Iterator[Job | LineFault] = source.read()
    next(reading)
    del reading  # a ResourceWarning would be an error here
