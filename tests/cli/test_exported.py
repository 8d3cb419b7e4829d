"""The outcomes as a table for people and as objects for programs."""

import asyncio
import csv
import json
import re
import time
from io import StringIO
from pathlib import Path

import attrs
import pytest
from helpers.command_line import invoke, run
from helpers.journal_files import made
from helpers.journal_runs import entry

from spapi_messaging.bulk import SqliteJournal
from spapi_messaging.cli.commands.exported import write_objects
from spapi_messaging.sandbox import Sandbox

LINK = "BadRequestError 400 InvalidInput: The message contains a link"
REFUSED = attrs.evolve(
    entry("a", "refused", 1_800_000_000.25),
    ended_at=1_800_000_001.5,
    reason=LINK,
    seller="Zoë",
    request_id="r-1",
    language="de",
)
DOUBT = attrs.evolve(entry("b", "sending", 1_800_000_002.0), marketplace="A0NEW")


def test_a_table_has_the_words_that_people_read(tmp_path: Path) -> None:
    path, target = made(tmp_path / "run.db", REFUSED, DOUBT), tmp_path / "out.csv"
    assert invoke("export", path, "-o", target).returncode == 0
    with target.open(newline="", encoding="utf-8-sig") as file:
        first, second = csv.DictReader(file)
    assert first == {
        "order_id": REFUSED.order_id,
        "action": "unexpectedProblem",
        "outcome": "refused",
        "reason": "Amazon refused it: The message contains a link (400 InvalidInput)",
        "began_at": "2027-01-15T08:00:00+00:00",
        "ended_at": "2027-01-15T08:00:01+00:00",
        "marketplace": "DE",
        "seller": "Zoë",
        "request_id": "r-1",
        "language": "de",
        "evidence": "",
        "key": "a",
    }
    assert (second["outcome"], second["marketplace"]) == ("in doubt", "A0NEW")
    assert "sending" not in target.read_text("utf-8")


def test_objects_have_what_programs_need_besides(tmp_path: Path) -> None:
    path = made(tmp_path / "run.db", REFUSED, DOUBT)
    refused, doubt = map(json.loads, run("export", path, "--format", "json").stdout.splitlines())
    assert (refused["action"], refused["operation"]) == ("unexpectedProblem", REFUSED.operation)
    assert (refused["outcome"], refused["error"]) == ("refused", "BadRequestError")
    assert (refused["marketplace"], refused["marketplace_id"]) == ("DE", "A1PA6795UKMFR9")
    assert refused["began_at"] == "2027-01-15T08:00:00.250000+00:00"
    assert (doubt["outcome"], doubt["error"], doubt["reason"]) == ("in doubt", None, None)


def test_a_file_says_that_it_is_utf_8_and_a_pipe_is_as_programs_read_it(tmp_path: Path) -> None:
    path, target = made(tmp_path / "run.db", REFUSED), tmp_path / "out.csv"
    invoke("export", path, "-o", target)
    assert target.read_bytes().startswith(b"\xef\xbb\xbforder_id,")
    assert run("export", path).stdout.startswith("order_id,")
    assert run("export", path, "-o", "/dev/stdout").stdout.startswith("order_id,")
    invoke("export", path, "--format", "json", "-o", target)
    assert target.read_bytes().startswith(b"{")


def test_an_exported_table_is_a_file_of_orders(sandbox: Sandbox, tmp_path: Path) -> None:
    """Those that were refused get another message, chosen by their outcome from the table."""
    refused = attrs.evolve(REFUSED, seller="default")
    doubt = attrs.evolve(DOUBT, order_id="903-0000000-0000001", seller="default")
    sandbox.add_order(refused.order_id)
    path, target = made(tmp_path / "run.db", refused, doubt), tmp_path / "out.csv"
    invoke("export", path, "-o", target)
    text = tmp_path / "text.txt"
    text.write_text("We are sorry.")
    words = ["--text-file", text, "--where", "outcome=refused"]
    done = invoke("bulk", target, *words, sandbox=sandbox)
    assert done.returncode == 0, done.stderr
    assert [message.order_id for message in sandbox.messages()] == [refused.order_id]


def test_a_file_that_cannot_be_written_is_invalid_as_its_help_says(tmp_path: Path) -> None:
    path = made(tmp_path / "run.db", REFUSED)
    assert invoke("export", path, "-o", tmp_path / "nowhere" / "out.csv").returncode == 2
    assert re.search(r"\n  2 .*or the file cannot be written\n", invoke("export", "--help").stdout)


def test_help_says_how_an_excel_of_semicolons_opens_it() -> None:
    """A comma is no separator there, so that a double click shows one column."""
    assert "Data > From Text/CSV" in " ".join(invoke("export", "--help").stdout.split())


@pytest.mark.parametrize("file_format", ["csv", "json"])
def test_what_is_under_way_is_no_doubt_while_a_run_has_the_journal_open(
    file_format: str, tmp_path: Path
) -> None:
    """The word is that of `status` and of the report."""
    path, now = tmp_path / "run.db", time.time()
    old = attrs.evolve(entry("old"), began_at=now - 3600)
    ended = attrs.evolve(entry("ended"), began_at=now, ended_at=now, reason="reset")
    moving = attrs.evolve(entry("moving"), began_at=now)
    refused = attrs.evolve(entry("refused", "refused"), began_at=now)

    def outcomes() -> dict[str, str]:
        told = run("export", path, "--format", file_format).stdout.splitlines()
        rows = csv.DictReader(told) if file_format == "csv" else map(json.loads, told)
        return {row["key"]: row["outcome"] for row in rows}

    async def look() -> dict[str, str]:
        async with SqliteJournal(path) as journal:
            for each in (old, ended, moving, refused):
                await journal.write(each)
            return await asyncio.to_thread(outcomes)

    doubts = {"old": "in doubt", "ended": "in doubt", "refused": "refused"}
    assert asyncio.run(look()) == doubts | {"moving": "under way"}
    assert outcomes() == doubts | {"moving": "in doubt"}


def test_a_beginning_that_is_damaged_ends_no_export_while_a_run_is_going_on() -> None:
    file, damaged = StringIO(), attrs.evolve(entry("a"), began_at=None)
    write_objects(file, [damaged], moving_since=1_800_000_000.0)
    assert json.loads(file.getvalue())["outcome"] == "in doubt"
