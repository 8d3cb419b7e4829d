"""The attachments that a job file names are looked at before anything is sent."""

import io
import json
from pathlib import Path
from typing import Any

import pytest
from helpers.command_line import invoke, order
from helpers.job_files import ORDER, Read, reason, written
from helpers.word_files import LOCKED_DOCX, OLD_DOC, XLS

from spapi_messaging import Invoice, Job
from spapi_messaging.cli.jobfile import JobFile
from spapi_messaging.cli.jobfile.attached import looking
from spapi_messaging.cli.jobfile.job_maker import JobMaker
from spapi_messaging.sandbox import Sandbox


@pytest.mark.parametrize(
    ("given", "reported"),
    [
        ([], "0 attachments; 1 to 5"),
        (["a.pdf"] * 6, "6 attachments; 1 to 5"),
        ("a.pdf", "must be a list"),
        ([7], "must be a path in quotes, not a number"),
        ([None], "must be a path in quotes, not null"),
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
        (
            [{"uploadDestinationId": "", "fileName": "x.pdf"}],
            "must have strings as its uploadDestinationId",
        ),
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


def test_attachments_are_remembered_but_not_all_of_them(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked = []
    stat = Path.stat
    monkeypatch.setattr(Path, "stat", lambda path: looked.append(path.name) or stat(path))
    maker = JobMaker(look=looking(folder))
    values = {"order_id": ORDER, "action": "invoice"}
    for name in ["a.pdf"] * 100 + [f"{n}.pdf" for n in range(1100)]:
        maker.make(values | {"attachments": [name]})
    assert looked.count("a.pdf") == 1
    maker.make(values | {"attachments": ["a.pdf"]})
    assert looked.count("a.pdf") == 2
    maker.make(values | {"attachments": [f"more{n}.pdf" for n in range(6)]})
    assert not any(name.startswith("more") for name in looked)


def test_a_file_with_a_password_is_said_once_and_is_no_fault(tmp_path: Path) -> None:
    """Compound files are read whole: their kind may stand at their end."""
    for number in range(25):
        (tmp_path / f"{number}.docx").write_bytes(LOCKED_DOCX)
    (tmp_path / "old.docx").write_bytes(OLD_DOC)
    (tmp_path / "x.doc").write_bytes(XLS)
    names = [f"{number}.docx" for number in range(25)] * 2 + ["old.docx", "x.doc"]
    rows = [
        json.dumps({"order_id": order(n), "action": "invoice", "attachments": [name]})
        for n, name in enumerate(names)
    ]
    with written(tmp_path, "\n".join(rows), "jsonl") as source:
        for _ in range(2):
            checked = source.check()
            assert [fault.lines for fault in checked.faults] == ["51", "52"]
            assert "looks like .doc" in checked.faults[0].reason
            assert "an Excel workbook" in checked.faults[1].reason
            lines = list(source.warnings.lines())
            assert len(lines) == 21
            assert lines[0] == (
                "attachment '0.docx' has a password; a buyer could not open it without"
            )
            assert lines[-1] == "… and 5 more such files"


def test_the_command_line_says_what_the_check_of_files_has_found(
    tmp_path: Path, sandbox: Sandbox
) -> None:
    """Before anything goes out, a person reads that the buyer needs a password."""
    (tmp_path / "a.docx").write_bytes(LOCKED_DOCX)
    job = {"order_id": order(0), "action": "invoice", "attachments": ["a.docx"]}
    jobs = tmp_path / "jobs.jsonl"
    jobs.write_text(json.dumps(job), "utf-8")
    done = invoke("bulk", jobs, "--dry-run", sandbox=sandbox)
    assert done.returncode == 0
    assert "attachment 'a.docx' has a password; a buyer could not open it" in done.stderr
