"""An attachment is the one that was checked, or its job is an outcome that says so."""

import json
import os
import select
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from helpers.command_line import COMMAND, environment, invoke, order

from spapi_messaging import Job
from spapi_messaging.cli.jobfile import JobFile, LineFault
from spapi_messaging.messages import CheckedPath, FileState
from spapi_messaging.sandbox import Sandbox

COUNT = 12
LAST = COUNT - 1


def invoice_jobs(folder: Path, sandbox: Sandbox) -> Path:
    """Write a job file with an invoice for each order, all of the same size."""
    rows = ["order_id,action,attachments"]
    for number in range(COUNT):
        (folder / f"{number}.pdf").write_bytes(f"%PDF-1.4 of {number:07}".encode())
        sandbox.add_order(order(number), actions=("sendInvoice",))
        rows.append(f"{order(number)},invoice,{number}.pdf")
    (folder / "jobs.csv").write_text("\n".join(rows))
    return folder / "jobs.csv"


def sent_orders(sandbox: Sandbox) -> set[str]:
    return {message.order_id for message in sandbox.messages()}


def state_of(job: Job | LineFault) -> FileState:
    """Return what the only file of a job was."""
    assert isinstance(job, Job)
    (item,) = job.rendered.attached
    assert isinstance(item, CheckedPath)
    return item.state


def overwrite(path: Path) -> None:
    path.write_bytes(b"%PDF-1.4 of 9999999")


def overwrite_unnoticed(path: Path) -> None:
    """As a tool does that restores the times of a file; the inode's own time tells."""
    found = path.stat()
    overwrite(path)
    os.utime(path, ns=(found.st_atime_ns, found.st_mtime_ns))


def replace(path: Path) -> None:
    other = path.with_suffix(".new")
    overwrite(other)
    other.replace(path)


def lengthen(path: Path) -> None:
    with path.open("ab") as file:
        file.write(b"!")


@pytest.mark.parametrize("change", [overwrite, overwrite_unnoticed, replace, lengthen, Path.unlink])
def test_a_file_that_changes_in_the_middle_of_a_run_is_not_sent(
    change: Callable[[Path], None], sandbox: Sandbox, tmp_path: Path
) -> None:
    """Its job is no success; and the next run sends what is checked then."""
    jobs = invoice_jobs(tmp_path, sandbox)
    process = subprocess.Popen(
        [*COMMAND, "bulk", str(jobs), "--rate", "10", "--burst", "2", "--window", "2"],
        env=environment(sandbox),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    deadline = time.monotonic() + 30
    while len(sandbox.messages()) < 2 and time.monotonic() < deadline:
        select.select([], [], [], 0.01)
    change(tmp_path / f"{LAST}.pdf")
    told, _ = process.communicate(timeout=60)
    assert process.returncode == 1
    assert sent_orders(sandbox) == {order(number) for number in range(LAST)}
    assert f"{LAST}.pdf" in told
    (tmp_path / f"{LAST}.pdf").write_bytes(b"%PDF-1.4 the right one")
    assert invoke("bulk", jobs, sandbox=sandbox).returncode == 0
    assert len(sent_orders(sandbox)) == len(sandbox.messages()) == COUNT


def test_a_job_carries_what_its_file_was_at_the_check(sandbox: Sandbox, tmp_path: Path) -> None:
    """However many there are, and whatever they are when the job is read for the sending."""
    jobs = invoice_jobs(tmp_path, sandbox)
    with JobFile(jobs) as source:
        source.check()
        was = [(tmp_path / f"{number}.pdf").stat() for number in range(COUNT)]
        for number in range(COUNT):
            replace(tmp_path / f"{number}.pdf")
        for job, found in zip(source.read(), was, strict=True):
            state = state_of(job)
            assert (state.inode, state.size) == (found.st_ino, found.st_size)


def test_one_path_for_all_counts_as_it_was_first(sandbox: Sandbox, tmp_path: Path) -> None:
    """A program that writes each order's invoice to one path in turn sends nobody another's."""
    jobs = tmp_path / "jobs.jsonl"
    rows = []
    for number in range(3):
        sandbox.add_order(order(number), actions=("sendInvoice",))
        rows.append({"order_id": order(number), "action": "invoice", "attachments": ["it.pdf"]})
    jobs.write_text("".join(json.dumps(row) + "\n" for row in rows))
    overwrite(tmp_path / "it.pdf")
    with JobFile(jobs) as source:
        source.check(lambda line, _: lengthen(tmp_path / "it.pdf") if line == 1 else None)
        states = [state_of(job) for job in source.read()]
    assert len(states) == 3
    assert {state.size for state in states} == {len(b"%PDF-1.4 of 9999999")}
