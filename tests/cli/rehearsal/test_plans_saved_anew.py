"""A plan that another program has saved is the same plan, of the same campaign, or no plan."""

import json
import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from helpers.command_line import invoke
from helpers.plans import file_of, row

from spapi_messaging.sandbox import Sandbox

TEXT = "Ihre Tür ist da."
SAVED: dict[str, tuple[str, Callable[[str], bytes]]] = {
    "with a byte order mark": ("p.jsonl", lambda text: text.encode("utf-8-sig")),
    "as UTF-16": ("p.jsonl", lambda text: text.encode("utf-16")),
    "with CRLF and blank lines": ("p", lambda text: text.replace("\n", "\r\n\r\n").encode()),
    "below a blank line": ("p.jsonl", lambda text: f"\n \n{text}".encode()),
    "as an array": ("p.json", lambda text: json.dumps(objects(text), indent=2).encode()),
    "as an array of another ending": ("p.txt", lambda text: json.dumps(objects(text)).encode()),
    "over several lines": (
        "p.json",
        lambda text: "\n".join(json.dumps(each, indent=2) for each in objects(text)).encode(),
    ),
    "in an object": ("p.json", lambda text: json.dumps({"jobs": objects(text)}).encode()),
}


def objects(text: str) -> list[object]:
    return [json.loads(line) for line in text.splitlines()]


@pytest.fixture
def plan(sandbox: Sandbox, tmp_path: Path) -> Path:
    """A plan of two messages, in another folder than its file."""
    (tmp_path / "plans").mkdir()
    jobs, plan = tmp_path / "jobs.jsonl", tmp_path / "plans" / "plan.jsonl"
    file_of([row(0, text=TEXT), row(1, text={"de": TEXT, "fr": "Ça"})], jobs)
    done = invoke("bulk", jobs, "--plan", plan, sandbox=sandbox)
    assert done.returncode == 0, done.stderr
    return plan


@pytest.mark.parametrize("how", SAVED)
def test_it_is_of_its_campaign_however_it_was_saved(
    how: str, plan: Path, sandbox: Sandbox, tmp_path: Path
) -> None:
    """What it has sent, its file does not send again."""
    name, saved = SAVED[how]
    again = plan.with_name(name)
    again.write_bytes(saved(plan.read_text("utf-8")))
    for file in (again, tmp_path / "jobs.jsonl"):
        done = invoke("bulk", file, sandbox=sandbox)
        assert done.returncode == 0, done.stderr
    assert [(message.body or {}).get("text") for message in sandbox.messages()] == [TEXT] * 2


def test_from_a_pipe_it_needs_to_be_told_its_journal(
    plan: Path, sandbox: Sandbox, tmp_path: Path
) -> None:
    """Its first line is read too late to choose one."""
    fifo = tmp_path / "plans" / "fifo"
    os.mkfifo(fifo)
    for options, code in (([], 2), (["--journal", tmp_path / "jobs.jsonl.journal"], 0)):
        writer = threading.Thread(target=fifo.write_bytes, args=(plan.read_bytes(),))
        writer.start()
        done = invoke("bulk", fifo, *options, sandbox=sandbox)
        writer.join()
        assert done.returncode == code, done.stderr
        if code:
            assert f"--journal {tmp_path / 'jobs.jsonl.journal'}" in done.stderr
            assert sandbox.messages() == []


def test_it_is_read_in_no_encoding_that_is_told(plan: Path, sandbox: Sandbox) -> None:
    """Buyers would read what nobody has looked at."""
    done = invoke("bulk", plan, "--encoding", "latin-1", sandbox=sandbox)
    assert done.returncode == 2
    assert "leave out --encoding" in done.stderr
    assert sandbox.messages() == []
