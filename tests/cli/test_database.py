"""The commands that look, at a campaign in PostgreSQL instead of a file."""

import asyncio
import json
import re
import sys
import time
from pathlib import Path
from unittest import mock

import attrs
import pytest
from helpers.campaign_worker import queue_app
from helpers.postgres_server import PASSWORD
from typer.testing import CliRunner, Result

from spapi_messaging import Job, UnexpectedProblem
from spapi_messaging.bulk.journal import Entry
from spapi_messaging.cli.app import app
from spapi_messaging.cli.sources import source_of
from spapi_messaging.distributed import PostgresJournal, enqueue
from spapi_messaging.distributed.table import Reader

LONG_AGO = 1_700_000_000.0
STATES = ("sent", "sent", "refused", "not sent", "sending", "sending")


def entries(began_at: float = LONG_AGO) -> list[Entry]:
    return [
        Entry(
            key=f"key-{number}",
            seller="shop-1",
            marketplace="A1PA6795UKMFR9",
            order_id=f"906-{number:07}-0000000",
            operation="createUnexpectedProblem",
            state=state,
            began_at=began_at + number,
        )
        for number, state in enumerate(STATES)
    ]


def fill(url: str, made: list[Entry], campaign: str = "default") -> None:
    async def write() -> None:
        async with PostgresJournal(url, campaign=campaign) as journal:
            for entry in made:
                await journal.write(entry)

    asyncio.run(write())


def invoke(*arguments: object, database: str | None = None, told: str | None = None) -> Result:
    environ = {"SPAPI_MESSAGING_DATABASE": database}
    with mock.patch.object(sys, "argv", ["spapi-messaging"]):  # by which hints name the program
        return CliRunner().invoke(app, [str(each) for each in arguments], env=environ, input=told)


def test_status_by_option_and_by_environment(database_url: str) -> None:
    fill(database_url, entries())
    for done in (
        invoke("status", "--database", database_url),
        invoke("status", database=database_url),
    ):
        assert done.exit_code == 3
        assert "default: 6 messages" in done.stdout
        assert re.search(r"unexpectedProblem +2 +1 +1 +2 +6\n", done.stdout)
        assert "not finished" not in done.stdout


def test_status_of_a_campaign_that_only_waits(database_url: str) -> None:
    async def put() -> None:
        queue = queue_app(database_url)
        async with queue.open_async():
            await queue.schema_manager.apply_schema_async()
            jobs = [
                Job(entry.order_id, UnexpectedProblem(text="x"), seller=f"shop-{number % 2}")
                for number, entry in enumerate(entries())
            ]
            await enqueue(queue, jobs, campaign="spring")

    asyncio.run(put())
    done = invoke("status", "--database", database_url)
    assert done.exit_code == 0
    assert "spring: 0 messages" in done.stdout
    assert "2 batches of 6 messages in all are not finished." in done.stdout


def test_one_campaign_of_several(database_url: str) -> None:
    fill(database_url, entries())
    fill(database_url, entries()[:1], campaign="spring")
    done = invoke("status", "--database", database_url)
    assert done.exit_code == 2
    assert "default, spring" in done.stderr
    done = invoke("status", "--database", database_url, "--campaign", "spring")
    assert done.exit_code == 0
    assert "spring: 1 message\n" in done.stdout


def test_doubts_are_listed_and_settled(database_url: str) -> None:
    fill(database_url, entries())
    done = invoke("doubts", "--database", database_url)
    assert done.exit_code == 3
    assert done.stdout.count("906-") == 2
    done = invoke("doubts", "--settle", "ask", database=database_url, told="sent\nresend\n")
    assert done.exit_code == 0
    found = {entry.key: entry.state for entry in Reader.of(database_url).entries()}
    assert (found["key-4"], found["key-5"]) == ("sent", "not sent")


def test_what_may_be_under_way_is_not_to_be_settled(database_url: str) -> None:
    fill(database_url, entries(time.time() - 60))
    done = invoke("doubts", "--settle", "sent", database=database_url)
    assert done.exit_code == 0
    assert "2 more began less than five minutes ago" in done.stdout
    assert [entry.state for entry in Reader.of(database_url).entries()] == list(STATES)


def test_a_doubt_with_an_end_is_under_way_no_more(database_url: str) -> None:
    """However young it is: its worker has said that nobody knows."""
    now = time.time()
    *_, moving, ended = entries(now - 60)
    fill(database_url, [moving, attrs.evolve(ended, ended_at=now, reason="answered 503")])
    done = invoke("status", database=database_url)
    assert re.search(r"in doubt +under way +total\n.*\nunexpectedProblem +1 +1 +2\n", done.stdout)
    assert "default: 2 messages; a run is going on\n" in done.stdout
    assert "\n  spapi-messaging doubts --campaign default\n" in done.stdout
    listed = invoke("doubts", database=database_url)
    assert ended.order_id in listed.stdout
    assert moving.order_id not in listed.stdout
    assert ": answered 503" in listed.stdout


def test_status_tells_times_and_reasons(database_url: str) -> None:
    made = [attrs.evolve(each, ended_at=each.began_at + 1) for each in entries()]
    fill(database_url, [*made[:3], attrs.evolve(made[3], reason="NotSentError")])
    done = invoke("status", "--database", database_url)
    assert re.search(r"\ntook +4 s\n", done.stdout)
    assert f"1: Amazon could not be reached; order {made[3].order_id}" in done.stdout
    assert "1 for other reasons" in done.stdout, "of one that was refused without a word"
    assert "doubts" not in done.stdout
    assert "export --database URL --campaign default -o outcomes.csv" in done.stdout


def test_export_and_report(database_url: str, tmp_path: Path) -> None:
    fill(database_url, entries())
    done = invoke("export", "--database", database_url, "--format", "json")
    assert done.exit_code == 0
    outcomes = [json.loads(line)["outcome"] for line in done.stdout.splitlines()]
    assert outcomes == ["sent", "sent", "refused", "not sent", "in doubt", "in doubt"]
    done = invoke("report", "--database", database_url, "-o", tmp_path / "report.html")
    assert done.exit_code == 0
    assert "906-0000004-0000000" in (tmp_path / "report.html").read_text("utf-8")


def test_a_report_tells_what_may_be_under_way_on_some_worker(
    database_url: str, tmp_path: Path
) -> None:
    page = tmp_path / "report.html"
    fill(database_url, entries(time.time() - 60))
    assert invoke("report", "-o", page, database=database_url).exit_code == 0
    told = page.read_text("utf-8")
    assert "2 of 6 messages sent, 2 under way" in told
    assert "A run is going on." in told
    assert "in doubt.</strong>" not in told


def test_a_file_goes_before_the_environment(database_url: str, tmp_path: Path) -> None:
    fill(database_url, entries())
    done = invoke("status", tmp_path / "missing", database=database_url)
    assert done.exit_code == 2
    assert "no such file" in done.stderr


@pytest.mark.parametrize("command", ["status", "doubts", "export"])
def test_there_has_to_be_something_to_look_at(command: str, database_url: str) -> None:
    done = invoke(command)
    assert done.exit_code == 2
    assert "JOURNAL" in done.stderr
    done = invoke(command, "--database", database_url)
    assert done.exit_code == 2
    assert "no campaign" in done.stderr
    assert PASSWORD not in done.output


@pytest.mark.parametrize(
    "address",
    ["postgresql://me:hunter2@127.0.0.1:1/x", "me:hunter2@host", "host=x passwrd=hunter2"],
)
def test_no_error_shows_the_password(address: str) -> None:
    done = invoke("status", "--database", address)
    assert done.exit_code == 2
    assert "hunter2" not in done.output + repr(done.exception)
    assert isinstance(done.exception, SystemExit)


def test_a_settled_doubt_was_nobodys_meanwhile(database_url: str) -> None:
    """Its worker says how it ended, between the list and the answer."""

    async def race() -> None:
        made = entries()[4]
        async with PostgresJournal(database_url) as worker:
            await worker.write(made)
            source = source_of(None, database_url, None)
            pending, _ = source.doubts()
            shown = next(pending)
            await worker.write(attrs.evolve(made, state="refused"))
            settled = [(shown, attrs.evolve(shown, state="sent"))]
            assert await source.settle(settled) == settled
            assert (await worker.entries())[0].state == "refused"

    asyncio.run(race())
