"""The journal in PostgreSQL: claims, shared commits, its table, and what it never shows."""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from urllib.parse import urlsplit

import psycopg
import pytest
from helpers.bulk_runs import job, named, no_task_left, opened, outcomes_of
from helpers.campaigns import entry
from helpers.postgres_server import PASSWORD

from spapi_messaging import ClaimedError
from spapi_messaging.distributed.journal import PostgresJournal
from spapi_messaging.distributed.table import Address, Reader
from spapi_messaging.errors import JournalError


@pytest.fixture
async def journal(database_url: str) -> AsyncIterator[PostgresJournal]:
    async with PostgresJournal(database_url) as journal:
        yield journal


async def test_an_entry_comes_back_as_it_was(journal: PostgresJournal, database_url: str) -> None:
    full = entry(
        "a",
        state="refused",
        ended_at=1_800_000_001.5,
        request_id="req-1",
        reason="BadRequestError 400",
        evidence="none",
    )
    await journal.write(full)
    await journal.write(entry("b", began_at=1.0))
    assert await journal.find("a") == full
    assert await journal.find("nobody's") is None
    assert await journal.entries() == [entry("b", began_at=1.0), full]
    reader = Reader.of(database_url)
    assert list(reader.entries()) == [entry("b", began_at=1.0), full]
    assert reader.counts() == {
        ("createUnexpectedProblem", "sending"): 1,
        ("createUnexpectedProblem", "refused"): 1,
    }


@pytest.mark.parametrize("text", ["a\0b", "\ud800", "'; DROP TABLE x; --", "%s", "ü" * 300])
async def test_any_text_can_be_a_key_or_an_answer_of_a_server(
    journal: PostgresJournal, text: str
) -> None:
    await journal.write(entry(text, request_id=text))
    found = await journal.find(text)
    assert found is not None
    assert found.order_id == "903-1671087-0812628"
    await journal.write(entry(text, state="sent"))
    assert [each.state for each in await journal.entries()] == ["sent"]


async def test_of_many_who_want_to_send_one_may(database_url: str) -> None:
    """Four journals claim the same 300 keys at once, each in an order of its own."""
    keys = [f"key-{number}" for number in range(300)]
    claims: Counter[str] = Counter()
    rng = random.Random(1)

    async def claim(journal: PostgresJournal, key: str) -> None:
        try:
            await journal.write(entry(key))
        except ClaimedError:
            claims["refused"] += 1
        else:
            claims[key] += 1

    async with AsyncExitStack() as stack:
        journals = [
            await stack.enter_async_context(PostgresJournal(database_url)) for _ in range(4)
        ]
        await asyncio.gather(
            *(claim(journal, key) for journal in journals for key in rng.sample(keys, len(keys)))
        )
    with psycopg.connect(database_url) as connection:
        query = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
        assert connection.execute(query).fetchone() == (0,)
    assert claims.pop("refused") == 900
    assert set(claims) == set(keys)
    assert set(claims.values()) == {1}


async def test_what_ended_is_nobodys_to_write_and_what_was_not_sent_is_anybodys(
    database_url: str,
) -> None:
    async with PostgresJournal(database_url) as one, PostgresJournal(database_url) as two:
        await one.write(entry("sent"))
        await one.write(entry("sent", state="sent"))
        with pytest.raises(ClaimedError):
            await two.write(entry("sent"))
        await one.write(entry("left"))
        await one.write(entry("left", state="not sent"))
        await two.write(entry("left"))
        with pytest.raises(ClaimedError):
            await one.write(entry("left"))
        assert await one.find("sent") == entry("sent", state="sent")


async def test_a_doubt_is_taken_over_by_who_found_it_and_by_nobody_else(database_url: str) -> None:
    async with PostgresJournal(database_url) as one:
        await one.write(entry("a"))
    async with PostgresJournal(database_url) as two, PostgresJournal(database_url) as three:
        with pytest.raises(ClaimedError):
            await two.write(entry("a"))
        assert await two.find("a") == entry("a")
        assert await three.find("a") == entry("a")
        await two.write(entry("a"))
        with pytest.raises(ClaimedError):  # it found another one's
            await three.write(entry("a"))


async def test_a_doubt_is_taken_over_only_while_it_is_the_one_that_was_found(
    database_url: str,
) -> None:
    """Its run may have said how it ended, or have sent it again, since it was looked at."""
    async with PostgresJournal(database_url) as run, PostgresJournal(database_url) as other:
        await run.write(entry("ended"))
        await run.write(entry("again"))
        found = await other.of_order(entry("ended").order_id)
        assert {each.key for each in found} == {"ended", "again"}
        await run.write(entry("ended", state="sent"))
        await run.write(entry("again", state="not sent"))
        await run.write(entry("again", began_at=1_900_000_000.0))
        for key in ("ended", "again"):
            with pytest.raises(ClaimedError):
                await other.write(entry(key, state="not sent"))
        assert await other.find("again") == entry("again", began_at=1_900_000_000.0)
        await other.write(entry("again", state="not sent"))


async def test_two_runs_of_one_process_do_not_send_one_message(database_url: str) -> None:
    """They share the journal, and so its claim; what is being sent is another's all the same."""
    async with PostgresJournal(database_url) as journal:
        await journal.write(entry("a", began_at=1.0))
        for state in ("sending", "not sent"):
            with pytest.raises(ClaimedError):
                await journal.write(entry("a", state=state, began_at=2.0))
        await journal.write(entry("a", state="sent", began_at=1.0))
        with pytest.raises(ClaimedError):
            await journal.write(entry("a", began_at=2.0))
        assert await journal.find("a") == entry("a", state="sent", began_at=1.0)
        await journal.write(entry("a", began_at=3.0))  # by choice: it was found


async def test_who_sent_it_has_the_last_word_over_evidence(database_url: str) -> None:
    async with PostgresJournal(database_url) as sender, PostgresJournal(database_url) as other:
        await sender.write(entry("a"))
        await other.find("a")
        await other.write(entry("a", state="sent", evidence="gone"))
        await sender.write(entry("a", state="not sent"))
        assert await other.find("a") == entry("a", state="not sent")


async def test_writers_share_their_commits(journal: PostgresJournal, database_url: str) -> None:
    """Each row has the number of the transaction that wrote it."""

    def transactions() -> int:
        with psycopg.connect(database_url) as connection:
            counted = "SELECT count(DISTINCT xmin::text) FROM spapi_messaging_journal"
            row = connection.execute(counted).fetchone()
            assert row
            return int(row[0])

    await asyncio.gather(*(journal.write(entry(f"key-{number}")) for number in range(400)))
    assert 0 < await asyncio.to_thread(transactions) < 10
    assert len(await journal.entries()) == 400


async def test_a_cancelled_writers_entry_is_written_and_no_task_is_left(database_url: str) -> None:
    with no_task_left():
        async with PostgresJournal(database_url) as journal:
            writer = asyncio.ensure_future(journal.write(entry("a")))
            await asyncio.sleep(0)
            writer.cancel()
        assert writer.cancelled()
    async with PostgresJournal(database_url) as journal:
        assert await journal.find("a") == entry("a")
    with pytest.raises(JournalError, match="not open"):
        await journal.write(entry("a"))


async def test_campaigns_know_nothing_of_each_other(database_url: str) -> None:
    spring = PostgresJournal(database_url, campaign="spring")
    async with spring, PostgresJournal(database_url, campaign="autumn") as autumn:
        await spring.write(entry("a", state="sent"))
        assert await autumn.find("a") is None
        await autumn.write(entry("a"))
        assert await spring.find("a") == entry("a", state="sent")
    with pytest.raises(JournalError, match="autumn, spring"):
        Reader.of(database_url)
    assert list(Reader.of(database_url, "autumn").entries()) == [entry("a")]


async def test_a_commit_is_on_the_disk_whatever_the_database_prefers(database_url: str) -> None:
    with psycopg.connect(database_url, autocommit=True) as admin:
        name = urlsplit(database_url).path[1:]
        admin.execute(f'ALTER DATABASE "{name}" SET synchronous_commit = off'.encode())
    async with PostgresJournal(database_url) as journal:
        assert journal._connection
        shown = await journal._connection.execute("SHOW synchronous_commit")
        assert await shown.fetchone() == ("on",)


async def test_those_who_start_at_once_make_one_table(database_url: str) -> None:
    async def start(number: int) -> None:
        async with PostgresJournal(database_url) as journal:
            await journal.write(entry(str(number)))

    await asyncio.gather(*(start(number) for number in range(8)))
    async with PostgresJournal(database_url) as journal:
        assert len(await journal.entries()) == 8


async def test_an_older_table_gets_what_entries_have_now(database_url: str) -> None:
    async with PostgresJournal(database_url) as journal:
        await journal.write(entry("old"))
    with psycopg.connect(database_url) as admin:
        admin.execute("ALTER TABLE spapi_messaging_journal DROP COLUMN evidence")
    async with PostgresJournal(database_url) as journal:
        await journal.write(entry("new", evidence="some", began_at=2e9))
        assert await journal.entries() == [
            entry("old"),
            entry("new", evidence="some", began_at=2e9),
        ]


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ("COMMENT ON TABLE {} IS 'spapi-messaging journal, version 99'", "newer version"),
        ("COMMENT ON TABLE {} IS NULL", "another kind"),
    ],
)
async def test_a_newer_or_a_strange_table_is_left_alone(
    database_url: str, change: str, fault: str
) -> None:
    async with PostgresJournal(database_url):
        pass
    with psycopg.connect(database_url) as admin:
        admin.execute(change.format("spapi_messaging_journal").encode())
    with no_task_left(), pytest.raises(JournalError, match=fault):
        async with PostgresJournal(database_url):
            raise AssertionError


@pytest.mark.parametrize(
    "address",
    [
        "postgresql://me:hunter2@127.0.0.1:1/there",
        "host=127.0.0.1 port=1 user=me password=hunter2",
        "postgresql//me:hunter2@127.0.0.1/there",
        "postgresql://me:hunter2@127.0.0.1:notaport/there",
        "postgresql://me:hunter2@127.0.0.1:1/there?nonsense=1",
    ],
)
async def test_no_error_shows_the_password(address: str) -> None:
    with pytest.raises(JournalError) as caught:
        async with PostgresJournal(address, patience=5) as journal:
            assert "hunter2" not in repr(journal)
    assert "hunter2" not in str(caught.value) + repr(caught.value)
    assert caught.value.__cause__ is None
    with pytest.raises(JournalError) as caught:
        Reader.of(address)
    assert "hunter2" not in str(caught.value)


async def test_a_wrong_password_is_an_error_at_once(postgres: str) -> None:
    wrong = postgres.replace(PASSWORD, "hunter3") if PASSWORD in postgres else postgres
    with pytest.raises(JournalError, match="password authentication failed") as caught:
        async with PostgresJournal(wrong):
            raise AssertionError
    assert "hunter3" not in str(caught.value)


def test_what_a_server_says_is_shown_without_the_password() -> None:
    address = Address.parse("postgresql://me:hunter2@db/x")
    told = address.journal_error(psycopg.OperationalError("no hunter2\nhere"))
    assert told.fault == "no … here"


async def test_a_bulk_run_writes_and_resumes(database_url: str) -> None:
    jobs = [job(number) for number in range(30)]
    async with opened() as (sandbox, session):
        async with PostgresJournal(database_url) as journal:
            first = await outcomes_of(session.bulk(jobs, journal=journal))
        async with PostgresJournal(database_url) as journal:
            second = await outcomes_of(session.bulk(jobs, journal=journal))
        assert set(named(first).values()) == {"Sent"}
        assert set(named(second).values()) == {"Skipped"}
        assert len(sandbox.messages()) == 30


async def test_runs_without_a_lock_send_no_message_twice(database_url: str) -> None:
    """Four runs at once, all with the same jobs: what a lock per seller keeps from happening."""
    jobs = [job(number) for number in range(60)]
    async with opened() as (sandbox, session), AsyncExitStack() as stack:
        journals = [
            await stack.enter_async_context(PostgresJournal(database_url)) for _ in range(4)
        ]
        runs = [session.bulk(jobs, journal=each, discover=False) for each in journals]
        outcomes = await asyncio.gather(*map(outcomes_of, runs))
        kinds = Counter(kind for each in outcomes for kind in named(each).values())
        assert kinds["Sent"] == 60
        assert kinds["Sent"] + kinds["Skipped"] + kinds["InDoubt"] == 240
        orders = Counter(message.order_id for message in sandbox.messages())
        assert set(orders.values()) == {1}
        states = Counter(each.state for each in await journals[0].entries())
    assert states == {"sent": 60}
