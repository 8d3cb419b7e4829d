"""The journal of a campaign in PostgreSQL, for any number of workers at once.

The guarantees are those of the file: 'sending' is committed before a message's first byte, the
outcome after its answer. What waits at the same time is one transaction, so that many messages
cost few commits. While the database is away nothing is sent; a commit that may have been made
or not is made again, which changes nothing where it was.
"""

import asyncio
import uuid
from collections import OrderedDict
from contextlib import suppress
from typing import Any, Self, TypeAlias

import psycopg
from psycopg import sql

from spapi_messaging.bulk import Asked, Entry, Found, OfKey, OfOrder, wait_although_cancelled
from spapi_messaging.distributed import statements, table
from spapi_messaging.distributed.statements import DEFAULT_CAMPAIGN
from spapi_messaging.distributed.table import Address, checked
from spapi_messaging.errors import ClaimedError, JournalError

_Request: TypeAlias = tuple[Asked, "asyncio.Future[Found]"]
_Answer: TypeAlias = Found | JournalError

MAX_AT_ONCE = 500
"""Rows of one transaction: locks are held until its end."""
MAX_PAUSE = 1.0
MAX_ENDED = 10_000
# Connection trouble, no room for one more, shutdown and start, deadlocks and locks that took long.
_PASSING = ("08", "53300", "57P01", "57P02", "57P03", "40", "55P03", "25006")
_UNFIT = (
    *(psycopg.DataError, psycopg.IntegrityError, psycopg.ProgrammingError),
    *(TypeError, ValueError, AttributeError, OverflowError),
)
"""What an entry that no table holds comes to."""


class PostgresJournal:
    """A campaign's journal: ``async with PostgresJournal("postgresql://…") as journal``.

    ``address``: a URL or a connection string; what it leaves out comes from the environment
    (``PGPASSWORD``, ``PGSSLMODE``, …) and from ``~/.pgpass``. ``campaign`` keeps apart what is
    sent in one database: in another campaign the same message is another message. ``patience``:
    seconds for which writers wait for a database that is away, until they raise JournalError.

    The table is made if it is missing. Raises JournalError when it is opened for a database that
    cannot be reached, or a table of another kind or a newer version.
    """

    def __init__(
        self, address: str, *, campaign: str = DEFAULT_CAMPAIGN, patience: float = 60.0
    ) -> None:
        read = Address.read(address)
        del address
        self.campaign = campaign
        self._address = checked(read)
        self._patience = patience
        self._claim = uuid.uuid4().hex
        self._found: dict[str, tuple[str, float]] = {}
        """Of the doubts that were found here, by key: the claim, and when they began. To take one
        over, name both: it is still the doubt that was found."""
        self._ended: OrderedDict[str, tuple[str, float]] = OrderedDict()
        """The same of what had ended, the last that were looked up: to try one again by choice."""
        self._waiting: list[_Request] = []
        self._news = asyncio.Event()
        self._connection: psycopg.AsyncConnection[Any] | None = None
        self._server: asyncio.Task[None] | None = None
        self._closing = False

    def __repr__(self) -> str:
        return f"<PostgresJournal {self.campaign!r} at {self._address.shown}>"

    async def __aenter__(self) -> Self:
        if self._server is not None:
            raise RuntimeError("this journal is open already")
        failure = None
        try:
            async with asyncio.timeout(self._patience):
                connection = await self._connected()
                await table.prepare(connection, self._address.shown)
        except (psycopg.Error, TimeoutError) as error:
            failure = self._address.journal_error(error)
            await self._disconnect()
        except BaseException:
            await self._disconnect()
            raise
        if failure is not None:  # and nothing of libpq's hangs on it
            raise failure
        self._closing = False
        self._server = asyncio.create_task(self._serve(), name="journal")
        return self

    async def __aexit__(self, *_: object) -> None:
        """Write what still waits, and close the connection."""
        server, self._server = self._server, None
        if server is None:
            return
        self._closing = True
        self._news.set()
        try:
            await wait_although_cancelled([server])
        finally:
            await self._disconnect()

    async def find(self, key: str, /) -> Entry | None:
        """Return the entry of a job, if there is one."""
        found = await self._ask(OfKey(key))
        return found[0] if found else None

    async def of_order(self, order_id: str, /) -> list[Entry]:
        """Return all entries of an order in this campaign."""
        return await self._ask(OfOrder(order_id))

    async def write(self, entry: Entry, /) -> None:
        """Write an entry durably; raises ClaimedError if another run has the job.

        A cancelled writer's entry is written all the same.
        """
        await self._ask(entry)

    async def entries(self) -> list[Entry]:
        """Return all entries of the campaign, in the order in which they began."""
        try:
            async with await psycopg.AsyncConnection.connect(self._address.conninfo) as connection:
                found = await connection.execute(statements.ALL, [self.campaign])
                return [statements.entry_of(row) async for row in found]
        except psycopg.Error as error:
            failure = self._address.journal_error(error)
        raise failure

    def _ask(self, asked: Asked) -> "asyncio.Future[Found]":
        if self._server is None or self._server.done():
            raise JournalError(self._address.shown, "it is not open")
        done: asyncio.Future[Found] = asyncio.get_running_loop().create_future()
        self._waiting.append((asked, done))
        self._news.set()
        return done

    async def _serve(self) -> None:
        """Write and find what is asked for, group by group, until all is done and closed."""
        while self._waiting or not self._closing:
            if not self._waiting:
                self._news.clear()
                await self._news.wait()
                continue
            group, self._waiting = self._waiting[:MAX_AT_ONCE], self._waiting[MAX_AT_ONCE:]
            results: list[_Answer] = []
            try:
                results = await self._answers([asked for asked, _ in group])
            except BaseException:
                group, self._waiting = group + self._waiting, []
                raise
            finally:
                self._settle(group, results)

    def _settle(self, group: list[_Request], results: list[_Answer]) -> None:
        stopped = JournalError(self._address.shown, "it was stopped")
        for (_, done), result in zip(group, results or [stopped] * len(group), strict=True):
            if done.done():
                continue  # its writer was cancelled; what was written is true all the same
            if isinstance(result, JournalError):
                done.set_exception(type(result)(result.journal, result.fault))
            else:
                done.set_result(result)

    async def _answers(self, asked: list[Asked]) -> list[_Answer]:
        """Do it in one transaction, and again if the connection was lost, for a while."""
        loop = asyncio.get_running_loop()
        deadline, pause = loop.time() + self._patience, 0.05
        while True:
            try:
                async with asyncio.timeout_at(deadline):
                    return await self._transacted(await self._connected(), asked)
            except (psycopg.Error, TimeoutError, *_UNFIT) as error:
                if _is_unfit(error) and len(asked) > 1:
                    # What no table holds is its own writer's error.
                    return [(await self._answers([item]))[0] for item in asked]
                await self._disconnect()
                if loop.time() + pause >= deadline or not _is_passing(error):
                    return [self._address.journal_error(error)] * len(asked)
            await asyncio.sleep(pause)
            pause = min(pause * 2, MAX_PAUSE)

    async def _transacted(
        self, connection: psycopg.AsyncConnection[Any], asked: list[Asked]
    ) -> list[_Answer]:
        entries = {index: item for index, item in enumerate(asked) if isinstance(item, Entry)}
        keys = [statements.storable(item.key) for item in asked if isinstance(item, OfKey)]
        orders = [statements.storable(item.order_id) for item in asked if isinstance(item, OfOrder)]
        async with connection.transaction():
            written = await self._written(connection, entries) if entries else set()
            of_key = await self._looked_up(connection, statements.FIND, keys)
            of_order = await self._looked_up(connection, statements.OF_ORDER, orders)
        answers: list[_Answer] = []
        for index, item in enumerate(asked):
            match item:
                case OfKey(key):
                    answers.append(of_key.get(statements.storable(key), []))
                case OfOrder(order_id):
                    answers.append(of_order.get(statements.storable(order_id), []))
                case _ if index in written:
                    self._found.pop(statements.storable(item.key), None)
                    self._ended.pop(statements.storable(item.key), None)
                    answers.append([])
                case _:
                    answers.append(ClaimedError(self._address.shown, "another run has the job"))
        return answers

    async def _written(
        self, connection: psycopg.AsyncConnection[Any], entries: dict[int, Entry]
    ) -> set[int]:
        """Write the entries, and return the numbers of those that were this run's to write."""
        # All lock the rows in one order, or two workers could wait for each other.
        numbers = sorted(entries, key=lambda number: entries[number].key)
        rows = []
        for number in numbers:
            row = statements.row_of(entries[number])
            found = self._found.get(row[0]) or self._ended.get(row[0]) or (self._claim, 0.0)
            rows.append((self.campaign, self._claim, *row, self._claim, *found))
        written = set()
        async with connection.cursor() as cursor:
            await cursor.executemany(statements.UPSERT, rows, returning=True)
            for number in numbers:
                if await cursor.fetchone() is not None:
                    written.add(number)
                cursor.nextset()
        return written

    async def _looked_up(
        self, connection: psycopg.AsyncConnection[Any], query: sql.Composed, values: list[str]
    ) -> dict[str, Found]:
        """Find entries by a column's values, and remember the doubts of other runs."""
        found: dict[str, Found] = {}
        if values:
            async for value, claim, *row in await connection.execute(
                query, [self.campaign, values]
            ):
                entry = statements.entry_of(row)
                found.setdefault(value, []).append(entry)
                self._note(entry, (claim, entry.began_at))
        return found

    def _note(self, entry: Entry, found: tuple[str, float]) -> None:
        """Remember whose an entry is that this run may go on with."""
        self._found.pop(entry.key, None)
        self._ended.pop(entry.key, None)
        if entry.state == "sending":
            self._found[entry.key] = found
        elif entry.state != "not sent":
            self._ended[entry.key] = found
            while len(self._ended) > MAX_ENDED:
                self._ended.popitem(last=False)

    async def _connected(self) -> psycopg.AsyncConnection[Any]:
        if self._connection is None:
            # Its transactions are explicit. No prepared statements: a pooler may be in between.
            self._connection = await psycopg.AsyncConnection.connect(
                self._address.conninfo, autocommit=True, prepare_threshold=None
            )
            await self._connection.execute(statements.DURABLE)
        return self._connection

    async def _disconnect(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(psycopg.Error):
                await connection.close()


def _is_unfit(error: Exception) -> bool:
    """Say whether an entry itself is at fault: of a wrong type, incomplete, or too long."""
    too_long = isinstance(error, psycopg.Error) and error.sqlstate == "54000"
    return too_long or isinstance(error, _UNFIT)


def _is_passing(error: Exception) -> bool:
    if not isinstance(error, psycopg.OperationalError) or error.sqlstate is None:
        # What fails outside of the server has no state: a connection that breaks or is refused.
        return isinstance(error, TimeoutError | psycopg.OperationalError)
    return error.sqlstate.startswith(_PASSING)
