"""What a check says of keys that several jobs have, and of jobs that are one message."""

import json
import resource
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from helpers.command_line import FAST, invoke, order
from helpers.job_files import JOB, ORDER, line, written
from helpers.paths import ROOT

from spapi_messaging import Job
from spapi_messaging.cli.jobfile import JobFile, LineFault
from spapi_messaging.sandbox import Sandbox

OTHER = {"order_id": "903-1671087-0812629"}


def jsonl(folder: Path, *jobs: dict[str, Any], **options: Any) -> JobFile:
    content = "".join(line(**job) + "\n" for job in jobs)
    return written(folder, content, "jsonl", **options)


@pytest.mark.parametrize(
    ("second", "reported"),
    [
        (
            OTHER,
            "its key 'camp-1' is that of line 1, another order: give each job a key of its own",
        ),
        ({"action": "confirmOrderDetails"}, "line 1, another action of this order"),
    ],
)
def test_one_key_of_two_jobs_is_a_fault_that_names_both_lines(
    second: dict[str, Any], reported: str, folder: Path
) -> None:
    source = jsonl(folder, {"key": "camp-1"}, second | {"key": "camp-1"})
    checked = source.check()
    (fault,) = checked.faults
    assert fault.lines == "2"
    assert reported in fault.reason
    assert list(source.read()) == [Job(JOB.order_id, JOB.message, key="camp-1")]


def test_a_campaigns_name_as_the_key_of_all_is_counted(folder: Path) -> None:
    """Nothing but the first would be sent: 2,999 rows are at fault, and told in one line."""
    jobs = [{"order_id": order(number), "key": "spring"} for number in range(3000)]
    checked = jsonl(folder, *jobs).check()
    assert (checked.jobs, checked.fault_count) == (1, 2999)
    (told,) = checked.fault_lines
    assert told.startswith(
        "lines 2\N{EN DASH}3000: its key 'spring' is that of line 1, another order"
    )


def test_a_key_that_may_be_a_text_is_not_quoted(folder: Path) -> None:
    secret = "Dear Zoë, your code is 1234"
    checked = jsonl(folder, {"key": secret}, OTHER | {"key": secret}).check()
    assert "Zoë" not in checked.faults[0].reason
    assert "<27 characters>" in checked.faults[0].reason


ADVICE = "keep one, or give each a key, or let --once content send both if their content differs"
TO = f"to order {ORDER}: {ADVICE}"


def test_rows_with_keys_of_their_own_are_several_messages(folder: Path) -> None:
    checked = jsonl(folder, {"key": "a"}, {"key": "b"}, {"key": "c"}).check()
    assert (checked.jobs, checked.fault_count) == (3, 0)


def test_the_same_key_for_the_same_job_is_one_row_too_many(folder: Path) -> None:
    checked = jsonl(folder, {"key": "a"}, {"key": "a"}, {"key": "b"}).check()
    assert (checked.jobs, checked.fault_count) == (2, 1)
    assert checked.fault_lines == (f"lines 1 and 2 are both unexpectedProblem {TO}",)


@pytest.mark.parametrize(
    ("once", "jobs", "told"),
    [
        (
            "action",
            3,
            [f"lines 1 and {n} are both unexpectedProblem {TO}" for n in (2, 3)],
        ),
        ("order", 2, [f"lines 1 and {n} are both {TO[3:]}" for n in (2, 3, 4)]),
        ("content", 5, []),
    ],
)
def test_rows_that_are_one_message_are_a_fault_that_names_both(
    once: Any, jobs: int, told: list[str], folder: Path
) -> None:
    """Which of them is meant only a person can tell; equal content is one message, and said."""
    action = {"action": "confirmOrderDetails"}
    source = jsonl(folder, {}, {"text": "Hallo "}, {"text": "Moin"}, action, OTHER)
    checked = source.check(once=once)
    assert (checked.jobs, checked.fault_count) == (jobs, len(told))
    assert list(checked.fault_lines) == told
    assert checked.repeated.lines == ((2,) if once == "content" else ())


def test_one_key_with_two_contents_is_a_fault(folder: Path) -> None:
    checked = jsonl(folder, {"key": "a"}, {"key": "a", "text": "Moin"}).check(once="content")
    (told,) = checked.fault_lines
    assert told.startswith("lines 1 and 2 are both unexpectedProblem to order")
    assert "under the key 'a', with other content" in told


def test_lines_at_fault_are_left_out_of_the_sending_and_no_other(folder: Path) -> None:
    """The second reading yields what the check counted, whatever found the fault."""
    jobs = [{"key": "a"}, OTHER | {"key": "a"}, {"order_id": "1"}, {"text": "no"}, {"key": "b"}]
    source = jsonl(folder, *jobs)
    checked = source.check(lambda line, _: "it is line 4" if line == 4 else None)
    items = list(source.read())
    assert [item.key for item in items if isinstance(item, Job)] == ["a", "b"]
    assert len(items) == checked.jobs == 2
    assert [type(item) for item in jsonl(folder, *jobs).read()].count(LineFault) == 1


MEMORY = """
import resource, sys
from pathlib import Path
from spapi_messaging.cli.jobfile import JobFile
source = JobFile(Path(sys.argv[1]))
next(source.read())
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
checked = source.check()
print(checked.jobs, checked.fault_count, checked.repeated.count)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


@pytest.mark.skipif(not hasattr(resource, "getrusage"), reason="there are no figures here")
def test_memory_does_not_grow_with_the_keys_that_are_known(tmp_path: Path) -> None:
    """60,000 rows with keys, half of them at fault: they would be 20 MB of a dictionary."""
    jobs = tmp_path / "jobs.csv"
    with jobs.open("w") as file:
        file.write("order_id,action,text,key\n")
        for n in range(60_000):
            key = f"a-key-that-takes-some-room-{n // 2}"
            file.write(f"903-{n:07}-0000000,unexpectedProblem,Hello,{key}\n")
    done = subprocess.run(
        [sys.executable, "-c", MEMORY, str(jobs)],
        env={"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    counts, grown = done.stdout.splitlines()
    assert counts == "30000 30000 0"
    assert int(grown) * (1 if sys.platform == "darwin" else 1024) < 8 * 1024 * 1024


def test_a_key_that_the_journal_has_for_another_order_is_a_fault(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    """Found before anything is sent, also by a rehearsal, and nothing is lost in a later file."""
    row = {"action": "unexpectedProblem", "text": "hello", "key": "4711"}
    first, second = tmp_path / "first.jsonl", tmp_path / "second.jsonl"
    first.write_text(json.dumps(row | {"order_id": order(1)}))
    second.write_text(
        json.dumps(row | {"order_id": order(2), "key": "4712"})
        + "\n"
        + json.dumps(row | {"order_id": order(3)})
    )
    journal = ("--journal", tmp_path / "one.journal")
    assert invoke("bulk", first, *journal, sandbox=sandbox).returncode == 0
    for rehearsed in ((), ("--dry-run",)):
        done = invoke("bulk", second, *journal, *rehearsed, sandbox=sandbox)
        assert done.returncode == 2
        assert (
            f"line 2: its key '4711' is that of createUnexpectedProblem for order {order(1)}"
            in (done.stderr)
        )
        assert len(sandbox.messages()) == 1
    done = invoke("bulk", second, *journal, "--skip-invalid", sandbox=sandbox)
    assert done.returncode == 0
    assert [message.order_id for message in sandbox.messages()] == [order(1), order(2)]


def test_a_row_for_each_item_is_told_and_nothing_is_sent(sandbox: Sandbox, tmp_path: Path) -> None:
    jobs = tmp_path / "report.csv"
    rows = [f"{order(n // 3)},unexpectedProblem,item {n % 3}\n" for n in range(30)]
    jobs.write_text("order_id,action,text\n" + "".join(rows))
    done = invoke("bulk", jobs, sandbox=sandbox)
    assert done.returncode == 2
    assert sandbox.messages() == []
    said = done.stderr.splitlines()
    assert f"lines 2 and 3 are both unexpectedProblem to order {order(0)}: {ADVICE}" in said[0]
    assert "… and 15 more rows that are one message with an earlier row" in done.stderr
    done = invoke("bulk", jobs, "--once", "content", *FAST, sandbox=sandbox)
    assert done.returncode == 0
    assert len(sandbox.messages()) == 30
