"""The journal in PostgreSQL while its server is away: restarts, lost answers, and patience."""

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import cast
from urllib.parse import urlsplit

import pytest
from helpers.bulk_runs import job, opened, outcomes_of
from helpers.campaigns import entry
from helpers.postgres_server import Server, Stop, database

from spapi_messaging.distributed.journal import PostgresJournal
from spapi_messaging.errors import JournalError


@pytest.fixture
def own_url(own_postgres: Server) -> Iterator[str]:
    with database(own_postgres.url(), "restarted") as url:
        yield url


@pytest.mark.parametrize("how", ["fast", "immediate"])
async def test_writers_wait_for_a_server_that_is_restarted(
    own_postgres: Server, own_url: str, how: Stop
) -> None:
    """One is a crash: what was told to be written is there all the same."""
    told: list[str] = []
    begun, down = asyncio.Event(), threading.Event()

    async def write(journal: PostgresJournal) -> None:
        number = 0
        while not down.is_set() or number < 50:
            for state in ("sending", "sent"):
                await journal.write(entry(f"key-{number}", state=state))
            told.append(f"key-{number}")
            number += 1
            if number == 20:
                begun.set()

    def restart() -> None:
        own_postgres.stop(how)
        own_postgres.start()
        down.set()

    async with PostgresJournal(own_url) as journal:
        writing = asyncio.create_task(write(journal))
        async with asyncio.timeout(10):
            await begun.wait()
        await asyncio.to_thread(restart)
        await writing
        entries = {each.key: each.state for each in await journal.entries()}
    assert set(told) <= set(entries)
    assert {entries[key] for key in told} == {"sent"}


async def test_patience_ends(own_postgres: Server, own_url: str) -> None:
    async with PostgresJournal(own_url, patience=0.3) as journal:
        await journal.write(entry("before"))
        await asyncio.to_thread(own_postgres.stop)
        try:
            with pytest.raises(JournalError):
                await journal.write(entry("away"))
        finally:
            await asyncio.to_thread(own_postgres.start)
        await journal.write(entry("after"))
        assert {each.key for each in await journal.entries()} == {"before", "after"}


@asynccontextmanager
async def cutting(url: str, word: bytes, cuts: list[str]) -> AsyncIterator[str]:
    """Stand before a server, and break connections when ``word`` was done, before its answer.

    One is broken for each of ``cuts``, which is emptied.
    """
    parts = urlsplit(url)
    serving: set[asyncio.Task[None]] = set()

    async def pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        while data := await source.read(65536):
            sink.write(data)

    async def forward(client: asyncio.StreamReader, server: asyncio.StreamWriter) -> bool:
        while data := await client.read(65536):
            server.write(data)
            if word in data and cuts:
                cuts.pop()
                return True
        return False

    async def serve(client: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        serving.add(cast("asyncio.Task[None]", asyncio.current_task()))
        server, forth = await asyncio.open_connection(parts.hostname, parts.port)
        answers = asyncio.create_task(pump(server, back))
        cut = False
        try:
            cut = await forward(client, forth)
        finally:
            answers.cancel()
            await asyncio.wait([answers])
            if cut:
                await server.read(65536)
            for writer in (back, forth):
                writer.transport.abort()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as listener:
        port = listener.sockets[0].getsockname()[1]
        netloc = f"{parts.username}:{parts.password}@127.0.0.1:{port}"
        yield parts._replace(netloc=netloc).geturl() + "?sslmode=disable&gssencmode=disable"
        await asyncio.wait(serving)


async def test_a_commit_whose_answer_is_lost_is_made_again(database_url: str) -> None:
    """And is not taken for another run's."""
    cuts: list[str] = []
    async with cutting(database_url, b"COMMIT", cuts) as url, PostgresJournal(url) as journal:
        for state in ("sending", "sent"):
            cuts += ["once", "twice"]
            await journal.write(entry("a", state=state))
            assert cuts == []
        assert await journal.entries() == [entry("a", state="sent")]


async def test_nothing_is_sent_that_could_not_be_written(
    own_postgres: Server, own_url: str
) -> None:
    async with opened() as (sandbox, session), PostgresJournal(own_url, patience=0.2) as journal:
        await asyncio.to_thread(own_postgres.stop)
        try:
            with pytest.raises(JournalError):
                await outcomes_of(session.bulk([job(1), job(2)], journal=journal))
        finally:
            await asyncio.to_thread(own_postgres.start)
        assert sandbox.messages() == []
