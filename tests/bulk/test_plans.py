"""The plans of a run are in its journal, so that a report can say what was allowed."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from helpers.bulk_runs import DETAILS, DISCOVERY, PROBLEM, job, jobs, opened, outcomes_of
from helpers.journal_files import made
from helpers.journal_programs import copied_while_open
from helpers.journal_runs import entry
from helpers.virtual_time import virtual

from spapi_messaging import ConfirmOrderDetails, JournalError, Quota, RateLimits
from spapi_messaging.bulk import Entry, JournalReader, Plan, SqliteJournal, read_journal

SLOW, FAST = Quota(rate=1, burst=5), Quota(rate=200, burst=50)


def plan(began_at: float = 1.0, **values: object) -> Plan:
    given = {"seller": "seller", "operation": PROBLEM, "rate": 1.0, "burst": 5} | values
    return Plan(began_at=began_at, **given)  # type-checked by what is read back


def plans_of(path: Path) -> list[Plan]:
    with JournalReader(path) as reader:
        assert reader.loss is None
        return reader.plans()


def rates(path: Path) -> list[tuple[str, float, int]]:
    return [(each.operation, each.rate, each.burst) for each in plans_of(path)]


async def test_a_run_writes_the_plans_of_its_actions_and_of_asking_orders(tmp_path: Path) -> None:
    path = tmp_path / "run.db"
    limits = RateLimits(default=FAST, quotas={DETAILS: Quota(rate=300, burst=7)})
    wanted = [*jobs(20), *(job(100 + n, ConfirmOrderDetails(text="x")) for n in range(20))]
    async with opened(limits=limits) as (_, session):
        await outcomes_of(session.bulk(wanted, journal=path))
        name = session.seller
    assert sorted(rates(path)) == [(DETAILS, 300, 7), (PROBLEM, 200, 50), (DISCOVERY, 200, 50)]
    assert {each.seller for each in plans_of(path)} == {name}
    first = min(each.began_at for each in read_journal(path))
    assert all(abs(each.began_at - first) < 60 for each in plans_of(path))


async def test_a_run_that_asks_no_order_has_no_plan_for_it(tmp_path: Path) -> None:
    async with opened() as (_, session):
        await outcomes_of(session.bulk(jobs(3), journal=tmp_path / "run.db", discover=False))
    assert rates(tmp_path / "run.db") == [(PROBLEM, 1000, 100)]


async def test_a_run_that_sends_nothing_has_no_plan(tmp_path: Path) -> None:
    async with opened(plan={"any_order": ()}) as (_, session):
        await outcomes_of(session.bulk(jobs(3), journal=tmp_path / "run.db"))
    assert rates(tmp_path / "run.db") == []


async def test_a_plan_that_goes_on_is_written_once_however_often_it_is_resumed(
    tmp_path: Path,
) -> None:
    path = tmp_path / "run.db"
    async with SqliteJournal(path) as journal:
        for moment, rate in enumerate([1.0, 1.0, 2.0, 2.0, 1.0, 1.0]):
            await journal.write_plan(plan(moment, rate=rate))
    assert [(each.began_at, each.rate) for each in plans_of(path)] == [(0, 1), (2, 2), (4, 1)]


@virtual
async def test_a_rate_that_amazon_announces_beyond_the_plan_is_a_plan_from_then_on(
    tmp_path: Path,
) -> None:
    path = tmp_path / "run.db"
    async with opened(limits=RateLimits(default=SLOW), plan={"rate": 4, "burst": 5}) as (
        _,
        session,
    ):
        await outcomes_of(session.bulk(jobs(60), journal=path, discover=False))
    assert rates(path)[0] == (PROBLEM, 1, 5)
    assert rates(path)[-1] == (PROBLEM, 4, 5)
    began = [each.began_at for each in plans_of(path)]
    assert began == sorted(began)


@virtual
async def test_a_rate_that_answers_lowered_is_no_plan(tmp_path: Path) -> None:
    path = tmp_path / "run.db"
    limits = RateLimits(default=Quota(rate=4, burst=5))
    async with opened(limits=limits, plan={"rate": 1, "burst": 5}) as (_, session):
        await outcomes_of(session.bulk(jobs(30), journal=path, discover=False))
    assert rates(path) == [(PROBLEM, 4, 5)]


def without_plans(path: Path) -> Path:
    """Make a journal as programs wrote it that kept no plans."""
    made(path, entry("a", "sent"))
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        database.execute("DROP TABLE plans")
    return path


def test_a_journal_without_plans_has_none(tmp_path: Path) -> None:
    assert plans_of(without_plans(tmp_path / "old.db")) == []


def test_a_journal_without_plans_gets_them_with_its_next_run_and_keeps_its_version(
    tmp_path: Path,
) -> None:
    path = without_plans(tmp_path / "old.db")

    async def resume() -> None:
        async with SqliteJournal(path) as journal:
            await journal.write_plan(plan())

    asyncio.run(resume())
    assert plans_of(path) == [plan()]
    assert [each.key for each in read_journal(path)] == ["a"]
    with closing(sqlite3.connect(path)) as database:
        assert database.execute("PRAGMA user_version").fetchone() == (3,)
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)


async def test_a_journal_without_plans_that_was_killed_in_its_next_run_is_whole(
    tmp_path: Path,
) -> None:
    """The table is made in a commit that is counted like all others."""
    path, killed = (
        await asyncio.to_thread(without_plans, tmp_path / "old.db"),
        tmp_path / "killed.db",
    )
    async with SqliteJournal(path) as journal:
        await journal.write_plan(plan())
        await asyncio.to_thread(copied_while_open, path, killed)
    assert plans_of(killed) == [plan()]
    async with SqliteJournal(killed) as journal:
        assert [each.key for each in await journal.entries()] == ["a"]


def test_a_plan_of_a_seller_without_utf_8_form_harms_nobody(tmp_path: Path) -> None:
    async def work() -> None:
        async with SqliteJournal(tmp_path / "run.db") as journal:
            await journal.write_plan(plan(seller="\ud800"))
            await journal.write_plan(plan(seller="\ud800"))

    asyncio.run(work())
    assert [each.seller for each in plans_of(tmp_path / "run.db")] == ["\\ud800"]


CHANGE = "UPDATE plans SET {name} = ?"


@pytest.mark.parametrize(
    ("name", "value"),
    [("rate", "much"), ("rate", 0), ("rate", float("inf")), ("burst", 0), ("seller", b"\0")],
)
def test_a_plan_that_no_run_wrote_is_damage(tmp_path: Path, name: str, value: object) -> None:
    path = tmp_path / "run.db"

    async def work() -> None:
        async with SqliteJournal(path) as journal:
            await journal.write_plan(plan())

    asyncio.run(work())
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        database.execute(CHANGE.format(name=name), [value])
    with pytest.raises(JournalError, match=r"a plan of it is damaged"):
        plans_of(path)


class Store:
    """A journal of a user's own that keeps plans, and may fail to."""

    def __init__(self, failure: Exception | None = None) -> None:
        self.failure = failure
        self.plans: list[Plan] = []
        self.states: list[str] = []
        self.rows: dict[str, Entry] = {}

    async def find(self, key: str, /) -> Entry | None:
        return self.rows.get(key)

    async def write(self, entry: Entry, /) -> None:
        self.rows[entry.key] = entry
        self.states.append(entry.state)

    async def write_plan(self, plan: Plan, /) -> None:
        if self.failure is not None:
            raise self.failure
        self.plans.append(plan)
        self.states.append("planned")


async def test_a_journal_of_a_users_own_may_keep_plans_too() -> None:
    store = Store()
    async with opened() as (_, session):
        await outcomes_of(session.bulk(jobs(3), journal=store, discover=False))
    assert [(each.operation, each.rate, each.burst) for each in store.plans] == [
        (PROBLEM, 1000, 100)
    ]
    assert store.states[:2] == ["planned", "sending"]


async def test_a_store_that_cannot_keep_a_plan_stops_the_run_before_a_message() -> None:
    store = Store(OSError(28, "No space left on device"))
    async with opened() as (sandbox, session):
        with pytest.raises(JournalError, match="write_plan"):
            await outcomes_of(session.bulk(jobs(3), journal=store, discover=False))
    assert [*sandbox.messages()] == []
    assert all(row.state != "sending" for row in store.rows.values())
