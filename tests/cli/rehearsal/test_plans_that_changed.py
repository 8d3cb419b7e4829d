"""A plan that is no longer what somebody looked at is not sent."""

import asyncio
import json
import os
from pathlib import Path
from typing import Any

import pytest
from helpers.command_line import invoke, order
from helpers.plans import file_of, lines_of, row

from spapi_messaging import InvalidMessageError, Job
from spapi_messaging.cli.jobfile import JobFile
from spapi_messaging.sandbox import Sandbox
from spapi_messaging.sending import look_closely

PDF = b"%PDF-1.4 "


@pytest.fixture
def plan(sandbox: Sandbox, tmp_path: Path) -> Path:
    """A plan of three messages, one with a file."""
    (tmp_path / "a.pdf").write_bytes(PDF + b"one")
    invoice = {"order_id": order(2), "action": "invoice", "attachments": ["a.pdf"]}
    jobs = file_of([row(0), row(1), invoice], tmp_path / "jobs.jsonl")
    assert invoke("bulk", jobs, "--plan", tmp_path / "plan.jsonl", sandbox=sandbox).returncode == 0
    return tmp_path / "plan.jsonl"


def refused(plan: Path, sandbox: Sandbox, *options: object) -> str:
    done = invoke("bulk", plan, *options, sandbox=sandbox)
    assert done.returncode == 2, done.stdout
    assert sandbox.messages() == []
    return done.stderr


def test_one_that_was_cut_or_grew_is_refused_as_a_whole(plan: Path, sandbox: Sandbox) -> None:
    whole = plan.read_text("utf-8")
    head, *lines = whole.splitlines(keepends=True)
    kept = {
        "".join([head, *lines[:2]]): "is a plan of 3 messages, and 2 are in it",
        head: "is a plan of 3 messages, and 0 are in it",
        "".join([head, *lines, lines[0]]): "is a plan of 3 messages, and 4 are in it",
        "".join(lines): "line 1 is of a plan, whose first line is missing",
        whole * 2: "line 5: a second plan begins",
        json.dumps(row(0)) + "\n" + whole: "line 2: a second plan begins",
        json.dumps(row(0)) + "\n" + "".join(lines): "line 2 is of a plan, whose first line is",
        whole[:-20]: "line 4: it is not JSON",
    }
    for content, why in kept.items():
        plan.write_text(content, "utf-8")
        for options in ([], ["--skip-invalid"]) if "JSON" not in why else ([],):
            assert why in refused(plan, sandbox, *options)


@pytest.mark.parametrize(
    "change",
    [{"plan": 2}, {"plan": True}, {"plan": "1"}, {"messages": "3"}, {"messages": -1}, {"more": 1}],
)
def test_a_first_line_of_another_kind_is_refused(
    change: dict[str, Any], plan: Path, sandbox: Sandbox
) -> None:
    head, *lines = lines_of(plan)
    file_of([head | change, *lines], plan)
    assert "make it again" in refused(plan, sandbox)


def test_no_text_may_be_given_beside_it(plan: Path, sandbox: Sandbox, tmp_path: Path) -> None:
    (tmp_path / "text.txt").write_text("Hello")
    assert "leave out --text-file" in refused(plan, sandbox, "--text-file", tmp_path / "text.txt")


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"plan": None}, "it is no line of a plan"),
        ({"plan": 2}, "it is no line of a plan"),
        ({"fields": {"a": "b"}}, "fields has no place in a plan"),
        ({"default_language": "de"}, "default_language has no place in a plan"),
        ({"text": {"de": "Hallo"}}, "text must be a string"),
        ({"text": "x" * 2001}, "2001"),
        ({"text": ""}, "text"),
        ({"language": "no language"}, "language: "),
        ({"language": ["de"]}, "language: "),
        ({"text": None, "language": "de"}, "language is given, and no text"),
        ({"invented": 1}, "'invented' is not one of its fields"),
        ({"order_id": "1"}, "order_id '1' is not"),
        ({"action": "greet"}, "greet"),
        ({"content": "x"}, "content is not a digest"),
        ({"known_as": 5}, "known_as is not a digest"),
    ],
)
def test_a_line_that_breaks_a_rule_is_at_fault(
    change: dict[str, Any], why: str, plan: Path, sandbox: Sandbox
) -> None:
    head, first, *others = lines_of(plan)
    file_of([head, first | change, *others], plan)
    told = refused(plan, sandbox)
    assert "line 2: " in told
    assert why in told


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"size": 11}, "is not the file that it was"),
        ({"sha256": "0" * 64}, "is not the file that it was"),
        ({"sha256": "x"}, "is not described as plans do it"),
        ({"size": True}, "is not described as plans do it"),
        ({"path": 5}, "is not described as plans do it"),
        ({"name": "b.pdf"}, "another name than the plan gives it"),
        ({"path": "/nowhere/a.pdf"}, "No such file"),
        ({"more": 1}, "name, path, sha256, size, and nothing else"),
    ],
)
def test_a_file_that_is_another_is_a_fault_of_its_line(
    change: dict[str, Any], why: str, plan: Path, sandbox: Sandbox
) -> None:
    head, *others, last = lines_of(plan)
    last["attachments"][0] |= change
    file_of([head, *others, last], plan)
    told = refused(plan, sandbox)
    assert "line 4: attachment 1 " in told
    assert why in told


def test_a_bare_path_is_a_fault(plan: Path, sandbox: Sandbox) -> None:
    head, *others, last = lines_of(plan)
    file_of([head, *others, last | {"attachments": ["a.pdf"]}], plan)
    assert "must be an object with name, path, sha256, size" in refused(plan, sandbox)


@pytest.mark.parametrize("content", [PDF + b"two", PDF + b"longer", None])
def test_a_file_that_changed_since_is_not_sent(
    content: bytes | None, plan: Path, sandbox: Sandbox, tmp_path: Path
) -> None:
    file = tmp_path / "a.pdf"
    if content is None:
        file.unlink()
    else:
        file.write_bytes(content)
    assert "line 4: attachment 1 " in refused(plan, sandbox)


def test_a_file_that_is_only_newer_is_sent(plan: Path, sandbox: Sandbox, tmp_path: Path) -> None:
    """Its content counts: a copy has another time."""
    (tmp_path / "a.pdf").unlink()
    (tmp_path / "a.pdf").write_bytes(PDF + b"one")
    assert invoke("bulk", plan, sandbox=sandbox).returncode == 0
    assert len(sandbox.messages()) == 3


def test_a_relative_path_starts_in_the_folder_of_the_plan(
    plan: Path, sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    head, *others, last = lines_of(plan)
    last["attachments"][0]["path"] = "a.pdf"
    file_of([head, *others, last], plan)
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert invoke("bulk", plan, sandbox=sandbox).returncode == 0


def test_a_file_that_changes_after_the_check_is_not_sent_either(plan: Path, tmp_path: Path) -> None:
    """Not even one of the same size and time."""
    file = tmp_path / "a.pdf"
    found = file.stat()
    with JobFile(plan) as source:
        assert source.check().fault_count == 0
        file.write_bytes(PDF + b"two")
        os.utime(file, ns=(found.st_atime_ns, found.st_mtime_ns))
        *_, job = source.read()
    assert isinstance(job, Job)
    with pytest.raises(InvalidMessageError, match="was changed since it was checked"):
        asyncio.run(look_closely(job.rendered.attached, job.order_id))


@pytest.mark.parametrize("named", [False, True])
def test_another_journal_that_knows_its_messages_is_asked(
    named: bool, plan: Path, sandbox: Sandbox, tmp_path: Path
) -> None:
    """Also where the campaign's journal is named, as by the command that was told."""
    other = file_of([row(0), row(1)], tmp_path / "other.jsonl")
    options = ["--journal", tmp_path / "jobs.jsonl.journal"] if named else []
    assert invoke("bulk", other, sandbox=sandbox).returncode == 0
    done = invoke("bulk", plan, *options, sandbox=sandbox)
    assert done.returncode == 2
    assert "other.jsonl.journal has 2 of these 3 messages as sent" in done.stderr
    assert len(sandbox.messages()) == 2
