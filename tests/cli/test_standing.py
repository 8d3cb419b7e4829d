"""How a run stands, by `status`: counts, times, a rate where there is one, and what is next."""

import asyncio
import re
import shlex
import time
from pathlib import Path

import attrs
import pytest
from helpers.command_line import COMMAND, PROGRAM, environment, invoke, run
from helpers.journal_files import made
from helpers.journal_runs import entry
from helpers.terminal import on_a_terminal

from spapi_messaging.bulk import Entry, SqliteJournal, Times
from spapi_messaging.bulk.journal import State
from spapi_messaging.cli.commands.standing import rate_of

BEGAN = 1_800_000_000.0
LINK = "BadRequestError 400 InvalidInput: The message contains a link"


def entries(count: int, state: State = "sent", **changes: object) -> list[Entry]:
    return [
        attrs.evolve(
            entry(f"{state}-{number}", state),
            began_at=BEGAN + number,
            ended_at=None if state == "sending" else BEGAN + number + 1,
            **changes,
        )
        for number in range(count)
    ]


def test_it_has_totals_times_a_rate_and_reasons(tmp_path: Path) -> None:
    path = made(
        tmp_path / "run.db",
        *entries(30),
        *entries(3, "refused", reason=LINK, operation="CreateWarranty"),
        *entries(2, "sending"),
    )
    in_berlin = "import os, time; os.environ['TZ'] = 'Europe/Berlin'; time.tzset(); "
    done = run("status", path, program=in_berlin + PROGRAM)
    assert done.returncode == 3
    assert re.search(r"action +sent +refused +in doubt +total\n", done.stdout)
    assert re.search(r"\nunexpectedProblem +30 +- +2 +32\n", done.stdout)
    assert re.search(r"\nwarranty +- +3 +- +3\n", done.stdout)
    assert re.search(r"\ntotal +30 +3 +2 +35\n", done.stdout)
    assert re.search(r"\nbegan +2027-01-15 09:00:00 CET\n", done.stdout)
    assert re.search(r"\nlast written +2027-01-15 09:00:30 CET\n", done.stdout)
    assert re.search(r"\ntook +30 s\nrate +1.0 sent a second\n", done.stdout)
    assert "3: Amazon refused it: The message contains a link (400 InvalidInput)" in done.stdout
    for command in (f"doubts {path}", f"export {path} -o outcomes.csv"):
        assert f"\n  spapi-messaging {command}\n" in done.stdout


def test_what_is_under_way_is_no_doubt_while_a_run_has_the_journal_open(tmp_path: Path) -> None:
    """Nor is it listed or settled; what has an end, or began long ago, is in doubt."""
    path = tmp_path / "run.db"
    now = time.time()
    old = attrs.evolve(entry("old"), order_id="903-0000000-0000001", began_at=now - 3600)
    ended = attrs.evolve(
        entry("ended"), order_id="903-0000000-0000002", began_at=now, ended_at=now, reason="reset"
    )
    moving = attrs.evolve(entry("moving"), order_id="903-0000000-0000003", began_at=now)

    async def look() -> tuple[str, str, str]:
        async with SqliteJournal(path) as journal:
            for each in (old, ended, moving):
                await journal.write(each)
            words = (("status",), ("doubts",), ("doubts", "--settle", "ask"))
            looks = [await asyncio.to_thread(run, *word, path) for word in words]
        assert [each.returncode for each in looks] == [3, 3, 2]
        return looks[0].stdout, looks[1].stdout, looks[2].stderr

    status, doubts, refused = asyncio.run(look())
    assert "3 messages; a run is going on" in status
    assert re.search(r"in doubt +under way +total\n.*\nunexpectedProblem +2 +1 +3\n", status)
    assert re.findall(r"903-0000000-000000\d", doubts) == [old.order_id, ended.order_id]
    assert "1 more began less than five minutes ago" in doubts
    assert "run.db: another run has it open; settle when it has ended" in refused
    assert re.search(r"in doubt +total|unexpectedProblem +3\n", invoke("status", path).stdout)
    assert invoke("doubts", path).stdout.count("order 903-") == 3


def test_a_run_with_all_sent_but_what_is_under_way_is_well_as_its_help_says(tmp_path: Path) -> None:
    path = tmp_path / "run.db"
    moving = attrs.evolve(entry("moving", "sending"), began_at=time.time())

    async def look() -> int:
        async with SqliteJournal(path) as journal:
            await journal.write(moving)
            return (await asyncio.to_thread(run, "status", path)).returncode

    assert asyncio.run(look()) == 0
    assert "0    all sent, or under way" in invoke("status", "--help").stdout


@pytest.mark.parametrize("columns", [40, 80])
def test_a_narrow_terminal_reads_lines_in_place_of_a_table(columns: int, tmp_path: Path) -> None:
    states: list[State] = ["sent", "refused", "not sent", "sending"]
    found = [each for state in states for each in entries(5, state)]
    path = made(tmp_path / "j", *found)
    environ = environment(None)
    del environ["COLUMNS"]
    drawn = on_a_terminal([*COMMAND, "status", str(path)], environ, columns=columns)
    plain = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", drawn).replace("\r", "")
    lines = [line for line in plain.splitlines() if str(path) not in line]
    assert max(map(len, lines)) <= columns
    assert "…" not in plain
    said = " ".join(plain.split())
    if columns == 40:
        assert "unexpectedProblem: 5 sent, 5 refused, 5 not sent, 5 in doubt" in said
    else:
        assert "unexpectedProblem 5 5 5 5 20" in said


@pytest.mark.parametrize(
    ("sent", "seconds", "tens", "rate"),
    [
        (101, 100, 10, 1.0),
        (1000, 10_000, 900, 0.0999),
        (9, 100, 10, None),
        (1000, 2, 1, None),
        (101, 100_000, 10, None),
        (287, 37, 3, None),
        (370, 37, 4, 9.97),
        (150, 19, 2, 7.84),
    ],
    ids=[
        *("steady", "slow", "too few", "a burst", "with a break of a day"),
        *("with a break of 22 seconds", "steady and short", "steady and shorter"),
    ],
)
def test_a_rate_is_said_where_it_means_something(
    sent: int, seconds: float, tens: int, rate: float | None
) -> None:
    times = Times(
        began=BEGAN,
        last=BEGAN + seconds,
        first_sent=BEGAN,
        last_sent=BEGAN + seconds,
        tens=tens,
    )
    assert rate_of(times, sent) == (None if rate is None else pytest.approx(rate, rel=0.01))


def test_a_terminal_gets_the_first_doubts_and_a_pipe_gets_all(tmp_path: Path) -> None:
    path = made(tmp_path / "run.db", *entries(300, "sending", reason="answered 503"))
    piped = run("doubts", path)
    assert piped.stdout.count("\n") == piped.stdout.count("order 903-") == 300
    assert (
        "unexpectedProblem, seller seller, since 2027-01-15 08:00:00 UTC: answered 503\n"
        in piped.stdout
    )
    assert "300 in doubt: the buyers may have the message, or not." in piped.stderr
    assert f"\n  spapi-messaging doubts {path} --settle ask\n" in piped.stderr
    drawn = on_a_terminal([*COMMAND, "doubts", str(path)], environment(None))
    assert drawn.count("order 903-") == 20
    assert f"… and 280 more. All of them:\r\n  spapi-messaging doubts {path} | less\r\n" in drawn


def test_who_settles_is_told_what_becomes_of_it_and_what_remains(tmp_path: Path) -> None:
    path = made(tmp_path / "run.db", *entries(4, "sending"))
    done = run("doubts", path, "--settle", "ask", typed="s\nr\nl\nr\n")
    assert done.returncode == 3
    assert (
        "1 of 4: order 903-1671087-0812628, unexpectedProblem, seller seller, since" in done.stdout
    )
    assert "3 settled. 1 as sent, which no run sends again. 2 to be sent again" in done.stdout
    assert done.stdout.endswith("1 remains in doubt.\n")


def test_how_to_go_on_is_said_of_a_journal_that_tells_its_file(tmp_path: Path) -> None:
    """It knows what was begun, and not how long the file is."""
    path = made(tmp_path / "jobs.csv.journal", *entries(3))
    named = f"\n  spapi-messaging resume FILE --journal {path}\n"
    assert named in invoke("status", path).stdout, "there is no such file: it has another name"
    (tmp_path / "jobs.csv").touch()
    resume = f"\n  spapi-messaging resume {tmp_path / 'jobs.csv'}\n"
    assert resume in invoke("status", path).stdout
    other = made(tmp_path / "november.db", *entries(3))
    named = f"\n  spapi-messaging resume FILE --journal {other}\n"
    assert named in invoke("status", other).stdout

    async def while_open() -> str:
        async with SqliteJournal(path):
            return (await asyncio.to_thread(run, "status", path)).stdout

    assert resume not in asyncio.run(while_open())


def test_the_command_that_settles_can_be_pasted_from_a_narrow_terminal(tmp_path: Path) -> None:
    made(tmp_path / "orders of november.journal", *entries(30, "sending"))
    environ = environment(None)
    del environ["COLUMNS"]
    typed = f"cd {tmp_path} && exec {shlex.join(COMMAND)} doubts 'orders of november.journal'"
    drawn = on_a_terminal(["sh", "-c", typed], environ, columns=60)
    plain = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", drawn).replace("\r", "")
    assert max(map(len, plain.splitlines())) <= 60
    told = [line.strip() for line in plain.replace("\\\n", "").splitlines()]
    commands = [shlex.split(line) for line in told if line.startswith("spapi-messaging ")]
    journal = ["spapi-messaging", "doubts", "orders of november.journal"]
    assert commands == [[*journal, "|", "less"], [*journal, "--settle", "ask"]]
