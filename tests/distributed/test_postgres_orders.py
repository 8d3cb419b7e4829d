"""The journal in PostgreSQL: entries by order, of older tables, that do not fit, and secrets."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress

import attrs
import psycopg
import pytest
from helpers.bulk_runs import job, named, opened, outcomes_of
from helpers.campaigns import entry
from helpers.postgres_server import PASSWORD

from spapi_messaging import AuthorizationError, Credentials, JournalError, Marketplace, RateLimits
from spapi_messaging.distributed import NotAllSentError, PostgresJournal, Reader
from spapi_messaging.distributed.batch_sender import BatchSender
from spapi_messaging.distributed.campaign_journals import CampaignJournals


@pytest.fixture
async def journal(database_url: str) -> AsyncIterator[PostgresJournal]:
    async with PostgresJournal(database_url) as journal:
        yield journal


async def test_the_entries_of_an_order_are_those_of_the_campaign(database_url: str) -> None:
    order = entry("a").order_id
    async with PostgresJournal(database_url) as one:
        assert await one.of_order(order) == []
        await one.write(entry("a", state="sent"))
        await one.write(entry("b", order_id="903-0000000-0000000"))
        assert await one.of_order(order) == [entry("a", state="sent")]
        async with PostgresJournal(database_url, campaign="spring") as other:
            assert await other.of_order(order) == []
        with psycopg.connect(database_url) as connection:
            query = "SELECT indexdef FROM pg_indexes WHERE tablename = 'spapi_messaging_journal'"
            indexes = [row[0] for row in connection.execute(query)]
    assert any("(campaign, order_id)" in index for index in indexes)


VERSION_1 = """
CREATE TABLE spapi_messaging_journal (
    campaign text NOT NULL, claim text NOT NULL, key text NOT NULL, seller text NOT NULL,
    marketplace text NOT NULL, order_id text NOT NULL, operation text NOT NULL,
    state text NOT NULL, began_at double precision NOT NULL, ended_at double precision,
    request_id text, reason text, evidence text, language text, PRIMARY KEY (campaign, key));
COMMENT ON TABLE spapi_messaging_journal IS 'spapi-messaging journal, version 1';
INSERT INTO spapi_messaging_journal VALUES
    ('default', 'dead', '0123456789abcdef0123456789abcdef', 'shop', 'A1PA6795UKMFR9', '{sent}',
     'createUnexpectedProblem', 'sent', 1.0, 2.0),
    ('default', 'dead', '1123456789abcdef0123456789abcdef', 'shop', 'A1PA6795UKMFR9', '{doubt}',
     'createUnexpectedProblem', 'sending', 1.0, NULL);
"""


async def test_a_table_of_version_1_is_taken_over(database_url: str) -> None:
    """It knew jobs by a hash; what it has as sent counts, and a doubt can be sent again."""
    orders = {"sent": job(0).order_id, "doubt": job(1).order_id}
    with psycopg.connect(database_url) as admin:
        admin.execute(VERSION_1.format(**orders).encode())
    reader = Reader.of(database_url)
    assert [each.content for each in reader.entries()] == [None, None]
    assert [each.order_id for each in reader.doubts(9.0)] == [orders["doubt"]]
    jobs = [job(number) for number in range(3)]
    async with opened() as (sandbox, session), PostgresJournal(database_url) as journal:
        first = await outcomes_of(session.bulk(jobs, journal=journal))
        again = await outcomes_of(session.bulk(jobs, journal=journal, on_doubt="resend"))
        last = await outcomes_of(session.bulk(jobs, journal=journal))
        assert sorted(named(first).values()) == ["InDoubt", "Sent", "Skipped"]
        assert sorted(named(again).values()) == ["Sent", "Skipped", "Skipped"]
        assert set(named(last).values()) == {"Skipped"}
        assert {message.order_id for message in sandbox.messages()} == {
            job(number).order_id for number in (1, 2)
        }
        assert len(await journal.entries()) == 3
    with psycopg.connect(database_url) as connection:
        query = "SELECT obj_description('spapi_messaging_journal'::regclass)"
        assert connection.execute(query).fetchone() == ("spapi-messaging journal, version 2",)


async def test_what_an_older_version_sent_is_not_written_down_as_not_sent(
    database_url: str,
) -> None:
    """A batch that is stopped knows of a job what its run knows, under whatever key."""
    jobs = [job(number, seller="shop") for number in range(3)]
    orders = {"sent": jobs[0].order_id, "doubt": jobs[1].order_id}
    with psycopg.connect(database_url) as admin:
        admin.execute(VERSION_1.format(**orders).encode())

    def nobody(_seller: str) -> Credentials:
        raise AuthorizationError("invalid_grant", "gone")

    sender = BatchSender(
        credentials=nobody,
        marketplace=Marketplace.DE,
        journals=CampaignJournals(database_url),
        limits=RateLimits,
        bulk={"discover": False},
        session={},
    )
    with pytest.raises(NotAllSentError, match="1 of 3 were not sent"):
        await sender.send(jobs, seller="shop", campaign="default")
    entries = list(Reader.of(database_url).entries())
    states = {(each.order_id, each.state) for each in entries}
    assert len(entries) == 3
    assert states == {
        (jobs[0].order_id, "sent"),
        (jobs[1].order_id, "sending"),
        (jobs[2].order_id, "not sent"),
    }


@pytest.mark.parametrize(
    "bad",
    [
        {"order_id": None},
        {"state": "posted"},
        {"began_at": {}},
        {"key": 7},
        {"key": None},
        {"request_id": {}},
        {"reason": {1, 2}},
    ],
    ids=str,
)
async def test_one_bad_entry_takes_nothing_from_its_group(
    journal: PostgresJournal, bad: dict[str, object]
) -> None:
    """Those that are committed with it are; of it, its own writer is told."""
    good = [entry(f"{number:02}") for number in range(20)]
    group = [*good[:10], attrs.evolve(entry("bad"), **bad), *good[10:]]
    ended = await asyncio.gather(*map(journal.write, group), return_exceptions=True)
    assert [number for number, end in enumerate(ended) if end is not None] == [10]
    assert isinstance(ended[10], JournalError)
    assert await journal.entries() == good


def hanging_on(error: BaseException | None) -> Iterator[str]:
    """Yield what a report of an error would show: it, its causes, and all local variables."""
    while error is not None:
        yield repr(error) + str(error)
        at = error.__traceback__
        while at is not None:
            if "spapi_messaging" in at.tb_frame.f_code.co_filename or "psycopg" in str(at.tb_frame):
                for value in at.tb_frame.f_locals.values():
                    with suppress(AttributeError):  # of what is half made
                        yield repr(value)
            at = at.tb_next
        assert error.__cause__ is None
        error = error.__context__


async def refusals_of(address: str) -> list[JournalError]:
    """Ask an address at every door."""

    async def journal() -> None:
        async with PostgresJournal(address, patience=5):
            raise AssertionError

    async def entries() -> None:
        await PostgresJournal(address, patience=5).entries()

    async def reader() -> None:
        Reader.of(address)

    async def counts() -> None:
        Reader.of(address, "default").counts()

    async def read() -> None:
        next(Reader.of(address, "default").entries())

    found = []
    for door in (journal, entries, reader, counts, read):
        with pytest.raises(JournalError) as caught:
            await door()
        found.append(caught.value)
    return found


async def test_no_password_hangs_on_an_error(postgres: str) -> None:
    """Not in what it came from, nor in a variable of a frame of ours or of psycopg's."""
    wrong = postgres.replace(PASSWORD, "hunter3")
    for address in (wrong, "postgresql://me:hunter3@127.0.0.1:1/x", "postgresql//me:hunter3@x"):
        for error in await refusals_of(address):
            assert error.__context__ is None
            assert not [shown for shown in hanging_on(error) if "hunter3" in shown]
