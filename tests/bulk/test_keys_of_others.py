"""A given key that is the one by which another order's message is known: an error, and no other.

Whichever came last would take the other's place in the journal, and what has no entry is sent.
"""

from pathlib import Path

import pytest
from helpers.resumed_runs import HELLO, OPERATION, ORDER, opened
from helpers.virtual_time import virtual

from spapi_messaging import InvalidMessageError, Job, Refused
from spapi_messaging.bulk.identity import Identity, Once

MINE, OTHER = "902-0000001-0000001", "902-0000002-0000002"


@pytest.mark.parametrize("window", [1, 100])
@pytest.mark.parametrize("given_first", [False, True])
@virtual
async def test_nothing_is_sent_twice(tmp_path: Path, window: int, *, given_first: bool) -> None:
    """In one run, in whatever order, and when it is resumed."""
    jobs = [Job(MINE, HELLO), Job(OTHER, HELLO, key=f"{MINE}/{OPERATION}")]
    if given_first:
        jobs.reverse()
    async with opened() as (sandbox, session):
        for order in (MINE, OTHER):
            sandbox.add_order(order, [OPERATION])
        for _ in range(2):
            run = session.bulk(jobs, journal=tmp_path / "run.db", window=window)
            async with run as outcomes:
                refused = [each async for each in outcomes if isinstance(each, Refused)]
            assert [each.job.order_id for each in refused] == [OTHER]
            assert MINE in str(refused[0].error)
        assert [message.order_id for message in sandbox.messages()] == [MINE]


CONTENT = Identity.of(Job(ORDER, HELLO)).content


@pytest.mark.parametrize(
    ("key", "once"),
    [
        (f"{OTHER}/{OPERATION}", "action"),
        (f" {OTHER}/{OPERATION} ", "content"),
        (f"{OTHER}/{OPERATION}", "order"),
        (f"{OTHER}/*", "action"),
        (f"{OTHER}/*", "order"),
        (f"{OTHER}/{OPERATION}/{CONTENT}", "content"),
        (f"{ORDER}/CreateWarranty", "action"),
        (f"{ORDER}/{OPERATION}/{'0' * 32}", "content"),
        ("D01-0000002-0000002/sendInvoice", "action"),
    ],
)
def test_the_key_of_another_is_refused(key: str, once: Once) -> None:
    with pytest.raises(InvalidMessageError, match="give each job a key of its own"):
        Identity.of(Job(ORDER, HELLO, key=key), once)


@pytest.mark.parametrize(
    ("key", "once"),
    [
        (f"{ORDER}/{OPERATION}", "action"),
        (f"{ORDER}/*", "action"),
        (f"{ORDER}/CreateWarranty", "order"),
        (f"{ORDER}/{OPERATION}/{CONTENT}", "content"),
        (f"{ORDER}/{OPERATION}/{'0' * 32}", "action"),
        (OTHER, "action"),
        (f"{OTHER}/2", "action"),
        (f"spring/{OTHER}/{OPERATION}", "action"),
        ("spring/*", "order"),
    ],
)
def test_a_key_that_is_its_own_or_nobodys_is_not(key: str, once: Once) -> None:
    assert Identity.of(Job(ORDER, HELLO, key=key), once).key == key
