"""The command that makes a report: what it asks for, and what it says when it cannot."""

import asyncio
import re
import time
from pathlib import Path

import attrs
import pytest
from helpers.command_line import PROGRAM, invoke, order, run, write_jobs
from helpers.journal_files import made
from helpers.journal_runs import entry
from helpers.reports import Page
from helpers.served import served

from spapi_messaging.bulk import SqliteJournal

pytest.importorskip("matplotlib")


def text_of(path: Path) -> str:
    return Page.of(path.read_text("utf-8")).text


def test_a_run_that_was_sent_by_the_program_is_compared_with_its_own_plan(tmp_path: Path) -> None:
    jobs, page = write_jobs(tmp_path / "jobs.jsonl", 25), tmp_path / "report.html"
    with served(rate=9, burst=4) as sandbox:
        for number in range(25):
            sandbox.add_order(order(number))
        options = ("--rate", "9", "--burst", "4")
        assert invoke("bulk", jobs, *options, sandbox=sandbox).returncode == 0
    assert invoke("report", f"{jobs}.journal", "-o", page).returncode == 0
    told = text_of(page)
    assert "25 of 25 messages sent" in told
    assert "asking orders9 a second, 4 at once" in told
    found = re.search(
        r"unexpectedProblem9 a second, 4 at once(\d+) of ([\d.]+)25 of ([\d.]+)", told
    )
    assert found is not None
    assert float(found[1]) <= float(found[2])
    assert 25 <= float(found[3]) < 35


IN_NEW_YORK = f"import os, time; os.environ['TZ'] = 'America/New_York'; time.tzset(); {PROGRAM}"


def test_times_are_those_of_the_machine_or_of_the_zone_that_is_given(tmp_path: Path) -> None:
    path, page = made(tmp_path / "run.db", entry("a", "sent", 1_772_366_400.0)), tmp_path / "p.html"
    for zone, told in (
        (("--time-zone", "Asia/Kolkata"), "17:30:00 (IST, UTC+5:30)"),
        (("--time-zone", "+03:00"), "15:00:00 (UTC+3)"),
        ((), "07:00:00 (EST, UTC\N{MINUS SIGN}5)"),
    ):
        done = run("report", path, "-o", page, *zone, program=IN_NEW_YORK)
        assert done.returncode == 0
        assert told in text_of(page)


def test_a_zone_that_there_is_not_is_one_line(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    done = invoke("report", made(tmp_path / "run.db"), "-o", page, "--time-zone", "Europe/Berin")
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "--time-zone" in done.stderr
    assert not page.exists()


UNLOADABLE = """
class Unloadable:
    def find_spec(self, name, path=None, target=None):
        if name == "matplotlib":
            raise ImportError("libz.so.1: cannot open it")
sys.meta_path.insert(0, Unloadable())
"""


@pytest.mark.parametrize(
    ("broken", "told"),
    [
        ("sys.modules['matplotlib'] = None", "it needs matplotlib: pip install"),
        ("sys.modules['numpy'] = None", "it needs numpy: pip install"),
        (UNLOADABLE, "matplotlib cannot be loaded (libz.so.1: cannot open it): pip install"),
    ],
)
def test_what_is_missing_to_draw_is_one_line_and_writes_nothing(
    broken: str, told: str, tmp_path: Path
) -> None:
    path, page = made(tmp_path / "run.db"), tmp_path / "page.html"
    done = run("report", path, "-o", page, program=f"import sys\n{broken}\n{PROGRAM}")
    assert done.returncode == 2
    assert told in done.stderr
    assert "spapi-messaging[report]" in done.stderr
    assert done.stderr.count("\n") == 1
    assert not page.exists()


def test_the_commands_that_go_on_name_the_journal_as_it_was_given(tmp_path: Path) -> None:
    folder = tmp_path / "my shelf"
    folder.mkdir()
    path, page = folder / "jobs.csv.journal", tmp_path / "page.html"
    made(path, entry("a"), entry("b", "not sent"))
    assert invoke("report", path, "-o", page).returncode == 0
    assert f"spapi-messaging resume FILE --journal '{path}'" in text_of(page), "no file of its name"
    (folder / "jobs.csv").touch()
    assert invoke("report", path, "-o", page).returncode == 0
    told = text_of(page)
    assert f"spapi-messaging doubts '{path}' --settle ask" in told
    assert f"spapi-messaging resume '{folder / 'jobs.csv'}'" in told


def test_what_is_under_way_is_no_doubt_while_a_run_has_the_journal_open(tmp_path: Path) -> None:
    """Nor is a command told that would find the journal in use."""
    path, page = tmp_path / "jobs.csv.journal", tmp_path / "page.html"
    now = time.time()
    old = attrs.evolve(entry("old"), began_at=now - 3600)
    moving = [attrs.evolve(entry(f"moving-{number}"), began_at=now) for number in range(2)]
    refused = attrs.evolve(entry("refused", "refused"), began_at=now)

    async def report_meanwhile() -> str:
        async with SqliteJournal(path) as journal:
            for each in (old, *moving, refused):
                await journal.write(each)
            done = await asyncio.to_thread(run, "report", path, "-o", page)
        assert (done.returncode, done.stderr) == (0, "")
        return text_of(page)

    told = asyncio.run(report_meanwhile())
    assert "0 of 4 messages sent, 2 under way · " in told
    assert "A run is going on. This is how it stood at " in told
    assert "1 message is in doubt." in told
    assert "then settle it, when the run has ended: " in told
    assert re.search(r"actionrefusedin doubtunder wayall\n+[a-zA-Z]+1124\n", told)
    assert f"See how the run stands:spapi-messaging status {path}\n" in told
    assert " resume " not in told

    assert invoke("report", path, "-o", page).returncode == 0
    told = text_of(page)
    assert "0 of 4 messages sent · " in told
    assert "3 messages are in doubt." in told
    assert "A run is going on" not in told
    assert "--retry-refused" in told


@pytest.mark.parametrize("name", ["-", "/dev/stdout"])
@pytest.mark.parametrize("command", ["report", "export"])
def test_a_hyphen_is_standard_output_which_holds_nothing_else(
    command: str, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    path = made(tmp_path / "run.db", entry("a", "sent"))
    assert run(command, path, "-o", tmp_path / "file").returncode == 0
    done = run(command, path, "-o", name)
    assert (done.returncode, done.stderr) == (0, "")
    last = (tmp_path / "file").read_text("utf-8-sig").splitlines()[-1]
    assert done.stdout.splitlines()[-1] == last
    assert not (tmp_path / "-").exists()
