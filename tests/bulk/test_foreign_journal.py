"""A journal of a user's own that fails: its failure is none of the network, nor of a message."""

import asyncio
from collections.abc import Sequence

import pytest
from helpers.bulk_runs import job, opened

from spapi_messaging import JournalError
from spapi_messaging.bulk.journal import Entry

FAILURES = [
    ConnectionError("reset"),
    ConnectionResetError(104, "Connection reset by peer"),
    TimeoutError(),
    OSError(5, "Input/output error"),
    KeyError("key"),
    RuntimeError("hunter2"),
]


class Store:
    """A store that fails at one kind of call, after some that went well."""

    def __init__(self, method: str, failure: Exception, after: int) -> None:
        self.rows: dict[str, Entry] = {}
        self.method, self.failure, self.left = method, failure, after

    def _count(self, method: str) -> None:
        if method == self.method:
            self.left -= 1
            if self.left < 0:
                raise self.failure

    async def find(self, key: str, /) -> Entry | None:
        self._count("find")
        return self.rows.get(key)

    async def write(self, entry: Entry, /) -> None:
        self._count("write")
        self.rows[entry.key] = entry


class OrderStore(Store):
    """One that also finds by order."""

    async def of_order(self, order_id: str, /) -> Sequence[Entry]:
        self._count("of_order")
        return [row for row in self.rows.values() if row.order_id == order_id]


@pytest.mark.parametrize("failure", FAILURES, ids=lambda failure: type(failure).__name__)
@pytest.mark.parametrize(
    ("kind", "method"),
    [(Store, "find"), (Store, "write"), (OrderStore, "of_order"), (OrderStore, "write")],
)
async def test_a_store_that_fails_stops_the_run_and_nothing_goes_out_unwritten(
    kind: type[Store], method: str, failure: Exception
) -> None:
    store = kind(method, failure, after=9)
    async with opened() as (sandbox, session):
        before = asyncio.all_tasks()
        with pytest.raises(JournalError) as caught:
            async with session.bulk([job(n) for n in range(40)], journal=store, window=5) as run:
                await run.finish()
        assert caught.value.journal == kind.__name__
        assert method in caught.value.fault
        assert type(failure).__name__ in caught.value.fault
        assert "hunter2" not in str(caught.value)
        sent = [message.order_id for message in sandbox.messages()]
        assert len(sent) == len(set(sent)) < 40
        assert set(sent) <= {row.order_id for row in store.rows.values()}
        await asyncio.sleep(0)
        assert {t for t in asyncio.all_tasks() - before if "bulk" in repr(t.get_coro())} == set()


class Confused(Store):
    """One that finds what no entry is."""

    async def find(self, key: str, /) -> Entry | None:
        found: object = {"key": key, "state": "sent"}
        return found  # type: ignore[return-value]  # as a store without types may


async def test_what_is_no_entry_is_the_stores_fault() -> None:
    async with opened() as (sandbox, session):
        with pytest.raises(JournalError, match="it found a dict, not an Entry"):
            async with session.bulk([job(0)], journal=Confused("", KeyError(), 0)) as run:
                await run.finish()
        assert not sandbox.messages()


async def test_a_given_key_is_looked_up_with_its_order() -> None:
    """Both ways to find it are asked for before either answers."""
    asked: list[str] = []

    class Slow(OrderStore):
        async def find(self, key: str, /) -> Entry | None:
            asked.append("find")
            await asyncio.sleep(0)
            asked.append("found")
            return await super().find(key)

        async def of_order(self, order_id: str, /) -> Sequence[Entry]:
            asked.append("of_order")
            await asyncio.sleep(0)
            return await super().of_order(order_id)

    async with opened() as (_, session):
        slow = Slow("", KeyError(), 0)
        async with session.bulk([job(0, key="a")], journal=slow) as run:
            await run.finish()
    assert asked == ["of_order", "find", "found"]
