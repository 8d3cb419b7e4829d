"""A rehearsal sends nothing, leaves no trace, and says what the run then does."""

import asyncio
import json
import re
from pathlib import Path
from typing import Any

import attrs
import pytest
from helpers.command_line import FAST, invoke, order, run, write_jobs
from helpers.served import served
from hypothesis import given, settings, strategies as st

from spapi_messaging.bulk import SqliteJournal
from spapi_messaging.sandbox import Sandbox

OPERATION, ACTION = "createUnexpectedProblem", "unexpectedProblem"
ACTIONS = ("unexpectedProblem", "confirmOrderDetails")


def everything_in(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_it_reads_the_journal_and_says_what_the_run_would_do(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    sandbox.fail_next(400, operation=OPERATION, order_id=order(1))
    sandbox.fail_next(503, operation=OPERATION, order_id=order(2), after_accepting=True)
    jobs = write_jobs(tmp_path / "jobs.jsonl", 4)
    assert invoke("bulk", jobs, sandbox=sandbox).returncode == 3
    rows = [json.loads(line) for line in jobs.read_text().splitlines()]
    rows[3]["text"] = "mended"
    rows += [{"order_id": order(n), "action": ACTIONS[0], "text": "new"} for n in (4, 5)]
    jobs.write_text("".join(json.dumps(row) + "\n" for row in rows))
    sandbox.add_order(order(5), closed=True)
    before, discovered = everything_in(tmp_path), sandbox.count(None, "getMessagingActionsForOrder")
    done = invoke("bulk", jobs, "--dry-run", sandbox=sandbox)
    assert done.returncode == 3
    for line in (
        "Nothing was sent. 1 of 6 messages would be sent:",
        f"  {ACTION}: 1",
        "1 would be refused",
        "1 would stay in doubt",
        "2 would be skipped as sent before",
        "1 skipped as refused by an earlier run; --retry-refused tries again:",
        f"  order {order(1)}, {ACTION}: Amazon refused it: Invalid Input (400 InvalidInput)",
        f"  order {order(3)}, {ACTION}",
    ):
        assert line in done.stdout.splitlines()
    assert f"  Order {order(2)}: {ACTION} is in doubt" in done.stdout
    assert sandbox.count(None, "getMessagingActionsForOrder") - discovered == 2
    assert everything_in(tmp_path) == before
    assert len(sandbox.messages()) == 3


def test_no_journal_is_made_where_there_is_none(sandbox: Sandbox, tmp_path: Path) -> None:
    jobs = write_jobs(tmp_path / "jobs.jsonl", 3)
    assert invoke("bulk", jobs, "--dry-run", sandbox=sandbox).returncode == 0
    assert [path.name for path in tmp_path.iterdir()] == ["jobs.jsonl"]


async def test_a_run_that_is_under_way_can_be_rehearsed(sandbox: Sandbox, tmp_path: Path) -> None:
    """It needs no lock, and finds what that run has written down so far."""
    jobs = write_jobs(tmp_path / "jobs.jsonl", 3)
    assert (await asyncio.to_thread(run, "bulk", jobs, sandbox=sandbox)).returncode == 0
    async with SqliteJournal(f"{jobs}.journal") as journal:
        (entry,) = await journal.of_order(order(1))
        await journal.write(attrs.evolve(entry, state="not sent"))
        done = await asyncio.to_thread(run, "bulk", jobs, "--dry-run", sandbox=sandbox)
    assert done.returncode == 0, done.stderr
    assert "1 of 3 messages would be sent" in done.stdout
    assert len(sandbox.messages()) == 3


def test_a_journal_of_no_use_is_found_before_anything_is_asked(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    jobs = write_jobs(tmp_path / "jobs.jsonl", 1)
    other = tmp_path / "other"
    other.write_text("Dear diary, " * 100)
    for command in ([], ["--dry-run"]):
        done = invoke("bulk", jobs, "--journal", other, *command, sandbox=sandbox)
        assert done.returncode == 2
        assert "it is no journal" in done.stderr
        assert done.stderr.count("\n") == 1
    assert sandbox.requests == []


@pytest.mark.parametrize("options", [[], ["--journal"]])
def test_standard_input_can_be_rehearsed(
    options: list[str], sandbox: Sandbox, tmp_path: Path
) -> None:
    """Without a journal, too: then nothing was sent before."""
    jobs = write_jobs(tmp_path / "jobs.jsonl", 2)
    assert invoke("bulk", jobs, sandbox=sandbox).returncode == 0
    typed = write_jobs(jobs, 3).read_text()
    given = [*options, f"{jobs}.journal"] if options else []
    done = invoke(
        "bulk", "-", "--format", "jsonl", "--dry-run", *given, sandbox=sandbox, typed=typed
    )
    assert done.returncode == 0, done.stderr
    assert f"{1 if options else 3} of 3 messages would be sent" in done.stdout


def test_faults_of_the_file_are_told_as_in_a_run(sandbox: Sandbox, tmp_path: Path) -> None:
    jobs = write_jobs(tmp_path / "jobs.jsonl", 2, key="one")
    done = invoke("bulk", jobs, "--dry-run", sandbox=sandbox)
    assert done.returncode == 2
    assert "line 2: its key 'one' is that of line 1, another order" in done.stderr


def test_a_seller_without_credentials_would_not_be_sent(sandbox: Sandbox, tmp_path: Path) -> None:
    jobs = write_jobs(tmp_path / "jobs.jsonl", 1, seller="nobody")
    done = invoke("bulk", jobs, "--dry-run", sandbox=sandbox)
    assert done.returncode == 1
    assert "1 would not be sent\n  Login with Amazon gave no token" in done.stdout
    assert "[sellers.nobody]" in done.stdout


ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "order_id": st.integers(0, 5).map(order),
            "action": st.sampled_from(ACTIONS),
            "text": st.sampled_from(["Hello", "Hallo", " Hello"]),
            "key": st.sampled_from([None, None, None, "a", "b"]),
        }
    ),
    min_size=1,
    max_size=8,
).map(lambda rows: [row | {"key": keyed(row)} for row in rows])
OPTIONS = st.lists(
    st.sampled_from(
        [
            *(["--once", "order"], ["--once", "content"], ["--resend-changed"]),
            *(["--retry-refused"], ["--on-doubt", "resend"], ["--on-doubt", "rediscover"]),
            *(["--no-discover"], ["--window", "1"]),
        ]
    ),
    unique_by=lambda words: words[0],
    max_size=3,
).map(lambda chosen: [word for words in chosen for word in words])


def keyed(row: dict[str, Any]) -> str | None:
    """Return a key of this order and action alone, as the check wants it."""
    return row["key"] and f"{row['order_id']}-{row['action']}-{row['key']}"


def file_of(rows: list[dict[str, Any]], path: Path) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def counted(lines: str) -> dict[str, int]:
    """Return what a rehearsal foretells, by the names that outcomes have."""
    patterns = {
        "sent": r"^Nothing was sent. (\d+) of",
        "refused": r"^(\d+) would be refused$",
        "not sent": r"^(\d+) would not be sent$",
        "in doubt": r"^(\d+) would stay in doubt$",
        "skipped as sent": r"^(\d+) would be skipped as sent before$",
        "skipped as refused": r"^(\d+) skipped as refused by",
        "repeated": r"^(\d+) skipped as repeated: ",
        "repeated, changed": r"^(\d+) skipped as repeated, with",
        "changed": r"^(\d+) skipped as sent before with other",
    }
    found = {name: re.search(pattern, lines, re.MULTILINE) for name, pattern in patterns.items()}
    return {name: int(match[1]) for name, match in found.items() if match and match[1] != "0"}


def happened(done: Any) -> dict[str, int]:
    """Return what a run did, by the same names; its JSON has an object for each outcome."""
    counts: dict[str, int] = {}
    for line in map(json.loads, done.stdout.splitlines()):
        name, why = line["outcome"], line.get("reason") or ""
        if name == "skipped":
            kinds = {"sent before": "skipped as sent", "refused before": "skipped as refused"}
            name = next((kinds[kind] for kind in kinds if why.startswith(kind)), "repeated")
        if name != "repeated":
            counts[name] = counts.get(name, 0) + 1
        if why.startswith("sent before with other"):
            counts["changed"] = counts.get("changed", 0) + 1
    told = counted(done.stderr.replace("spapi-messaging: ", ""))
    return counts | {name: count for name, count in told.items() if name.startswith("repeated")}


CASES = st.fixed_dictionaries(
    {
        "history": ROWS,
        "faults": st.dictionaries(st.integers(0, 5), st.sampled_from([400, 503]), max_size=3),
        "rows": ROWS,
        "closed": st.sets(st.integers(0, 5)),
        "options": OPTIONS,
    }
)


def hurt(sandbox: Sandbox, faults: dict[int, int]) -> None:
    """Let orders refuse the next message, or take it and not say so."""
    for number, status in faults.items():
        one = {"operation": OPERATION, "order_id": order(number)}
        sandbox.fail_next(status, **one, after_accepting=status == 503)


@settings(max_examples=15, deadline=None)
@given(case=CASES)
def test_the_forecast_is_what_the_run_then_does(
    case: dict[str, Any], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """For any file, any earlier run of any other file, and whatever is asked to be done again."""
    folder = tmp_path_factory.mktemp("rehearsed")
    options = ["--journal", folder / "journal", *FAST]
    with served(rate=1000, burst=1000) as sandbox:
        for number in range(6):
            sandbox.add_order(order(number), actions=ACTIONS)
        hurt(sandbox, case["faults"])
        invoke("bulk", file_of(case["history"], folder / "1.jsonl"), *options, sandbox=sandbox)
        sandbox.clear_faults()
        # Nobody can foretell what an order says that is not asked.
        for number in case["closed"] if "--no-discover" not in case["options"] else ():
            sandbox.add_order(order(number), closed=True)
        options = [file_of(case["rows"], folder / "2.jsonl"), *options, *case["options"]]
        sent, before = len(sandbox.messages()), everything_in(folder)
        rehearsed = invoke("bulk", *options, "--dry-run", sandbox=sandbox)
        assert len(sandbox.messages()) == sent
        assert everything_in(folder) == before
        done = invoke("bulk", *options, "--json", sandbox=sandbox)
        assert counted(rehearsed.stdout) == happened(done)
        assert rehearsed.returncode == done.returncode
        assert len(sandbox.messages()) - sent == happened(done).get("sent", 0)
