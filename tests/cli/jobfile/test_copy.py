"""What becomes of a job file while its jobs are sent makes no difference to them."""

import contextlib
import errno
import io
import json
import os
import select
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from helpers.command_line import COMMAND, environment, invoke, order, run, write_jobs
from helpers.job_files import JOB, ORDER, line, written

from spapi_messaging import Invoice, Job
from spapi_messaging.cli.campaign import Campaign
from spapi_messaging.cli.credentials import Accounts
from spapi_messaging.cli.jobfile import JobFile
from spapi_messaging.cli.options import CampaignOptions
from spapi_messaging.errors import OrderFileError
from spapi_messaging.sandbox import Sandbox


def truncate(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 4)


def overwrite(path: Path) -> None:
    write_jobs(path, 50, text="nobody has checked this")


def append(path: Path) -> None:
    with path.open("a") as file:
        for number in range(50, 60):
            row = {"order_id": order(number), "action": "unexpectedProblem", "text": "unchecked"}
            file.write(json.dumps(row) + "\n")


def replace(path: Path) -> None:
    other = path.with_name("other")
    write_jobs(other, 5, text="nobody has checked this")
    other.replace(path)


def delete(path: Path) -> None:
    path.unlink()


@pytest.mark.parametrize("change", [truncate, overwrite, append, replace, delete])
def test_a_file_that_changes_in_the_middle_of_a_run(
    change: Callable[[Path], None], sandbox: Sandbox, tmp_path: Path
) -> None:
    """All of it that was checked is sent, nothing else is, and the change is said."""
    jobs = write_jobs(tmp_path / "jobs.jsonl", 30)
    process = subprocess.Popen(
        [*COMMAND, "bulk", str(jobs), "--rate", "20", "--burst", "2", "--window", "3"],
        env=environment(sandbox),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    deadline = time.monotonic() + 30
    while len(sandbox.messages()) < 5 and time.monotonic() < deadline:
        select.select([], [], [], 0.01)
    change(jobs)
    _, told = process.communicate(timeout=60)
    assert process.returncode == 0
    texts = sorted((message.body or {})["text"] for message in sandbox.messages())
    assert texts == sorted(f"no. {number}" for number in range(30))
    assert f"{jobs} was changed during the run; what was sent is what was checked" in told


WRITER = """
import sys
with open(sys.argv[1], "a") as file:
    while True:
        file.write(" " * 999 + "\\n")
        file.flush()
        print(flush=True)
"""


def test_a_file_that_is_written_while_it_is_copied_is_refused(tmp_path: Path) -> None:
    """Half of a file is as good to look at as a whole one; and its end is not waited for."""
    path = tmp_path / "jobs.jsonl"
    path.write_text(line() + "\n" + (" " * 999 + "\n") * 30_000)
    with subprocess.Popen(
        [sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE
    ) as writer:
        assert writer.stdout is not None
        writer.stdout.readline()
        reader = threading.Thread(target=writer.stdout.read)
        reader.start()
        try:
            with pytest.raises(OrderFileError, match="changed while it was read; begin when what"):
                JobFile(path).check()
        finally:
            writer.kill()
            reader.join()


@contextlib.contextmanager
def no_room(monkeypatch: pytest.MonkeyPatch, folder: Path) -> Iterator[None]:
    class Full(io.BytesIO):
        def write(self, _: Any, /) -> int:
            raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(tempfile, "TemporaryFile", Full)
        patch.setattr(tempfile, "tempdir", str(folder))
        yield


def test_no_room_for_a_copy_is_one_line_that_says_where(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = written(tmp_path, line(), "jsonl")
    with no_room(monkeypatch, tmp_path), pytest.raises(OrderFileError) as caught:
        source.check()
    assert str(caught.value) == (
        f"{tmp_path}: a file is copied there before it is checked, and it takes no copy "
        f"(No space left on device); make room there, or let TMPDIR name another folder"
    )
    assert source.check().jobs == 1


@pytest.mark.skipif(sys.platform != "linux", reason="it is a device of Linux")
def test_a_temporary_folder_that_is_missing_is_one_line(tmp_path: Path) -> None:
    """In a process whose working directory is gone, there is none at all."""
    jobs = write_jobs(tmp_path / "jobs.jsonl", 1)
    program = (
        "import tempfile; tempfile._candidate_tempdir_list = lambda: ['/proc/none']; "
        "from spapi_messaging.cli import main; main()"
    )
    with_credentials = {"LWA_APP_ID": "a", "LWA_CLIENT_SECRET": "b", "SP_API_REFRESH_TOKEN": "c"}
    done = subprocess.run(
        [sys.executable, "-c", program, "bulk", str(jobs)],
        env=environment(None) | with_credentials,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert "the temporary folder: a file is copied there before it is checked" in done.stderr


def test_standard_input_that_is_closed_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    with pytest.raises(OrderFileError, match="standard input: it is closed"):
        JobFile(None, "jsonl").check()


def test_attachments_start_in_the_files_folder_although_it_is_copied(folder: Path) -> None:
    values = {"order_id": ORDER, "action": "invoice", "attachments": ["a.pdf"]}
    with written(folder, json.dumps(values), "jsonl") as source:
        source.check()
        (job,) = source.read()
    assert job == Job(ORDER, Invoice(attachments=[folder / "a.pdf"]))


def test_what_is_valid_no_more_ends_the_run_and_is_never_left_out(tmp_path: Path) -> None:
    """Only a fault of this program or of the temporary folder could make it so."""
    source = written(tmp_path, line(key="a") + "\n" + line(key="b") + "\n", "jsonl")
    source.check()
    assert source._copy is not None
    source._copy.stream.seek(len(line(key="a")) + 2)
    source._copy.stream.write(b"x")
    options = CampaignOptions(file=tmp_path / "jobs.jsonl", marketplace="DE")
    jobs = Campaign(source=source, accounts=Accounts({}, ""), options=options).jobs()
    assert next(jobs).order_id == JOB.order_id
    with pytest.raises(OrderFileError, match="line 2: it was checked, and now it is not JSON"):
        next(jobs)


BROKEN = """
from spapi_messaging.cli import main
from spapi_messaging.cli.jobfile import JobFile
from spapi_messaging.errors import OrderFileError
read = JobFile.read
def broken(self):
    for number, job in enumerate(read(self)):
        if number == 5:
            raise OrderFileError("jobs.jsonl", ("line 6: Input/output error",))
        yield job
JobFile.read = broken
main()
"""


def test_a_copy_that_cannot_be_read_on_ends_the_run_in_words(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    """What is under way by then is sent and written down; the exit code says the rest."""
    jobs = write_jobs(tmp_path / "jobs.jsonl", 10)
    done = run("bulk", jobs, sandbox=sandbox, program=BROKEN)
    assert done.returncode == 2
    assert done.stderr == (
        "spapi-messaging: stopped after 5 of 10: 5 sent\n"
        "spapi-messaging: jobs.jsonl: line 6: Input/output error\n"
    )
    assert len(sandbox.messages()) == 5
    again = invoke("bulk", jobs, sandbox=sandbox)
    assert again.returncode == 0
    assert len(sandbox.messages()) == 10


@pytest.mark.parametrize("device", ["/dev/zero", "/dev/full", "/dev/urandom"])
def test_a_device_is_no_job_file(device: str) -> None:
    """It would fill the disk."""
    with pytest.raises(OrderFileError, match="is a device"):
        list(JobFile(Path(device), "csv").read())
