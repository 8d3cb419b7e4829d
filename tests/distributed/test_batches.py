"""Batches: each of one seller, and closed before they are too large."""

from helpers.campaigns import job, order_id
from hypothesis import given, strategies as st

from spapi_messaging import (
    File,
    Invoice,
    Job,
)
from spapi_messaging.distributed.batches import Splitter
from spapi_messaging.distributed.packing import pack


@given(
    sellers=st.lists(st.integers(0, 5), max_size=80),
    size=st.integers(1, 10),
    kept=st.integers(1, 2000),
)
def test_every_job_is_in_one_batch_of_its_seller(sellers: list[int], size: int, kept: int) -> None:
    splitter = Splitter(size, kept)
    batches = []
    for number, seller in enumerate(sellers):
        batches += splitter.add(job(number, f"shop-{seller}"))
        assert splitter._bytes == sum(each.bytes for each in splitter._open.values()) <= kept
    batches += splitter.rest()
    assert all(0 < len(batch.jobs) <= size for batch in batches)
    found: dict[str, list[str]] = {}
    for batch in batches:
        found.setdefault(batch.seller, []).extend(batch.jobs)
    wanted: dict[str, list[str]] = {}
    for number, seller in enumerate(sellers):
        wanted.setdefault(f"shop-{seller}", []).append(pack(job(number, f"shop-{seller}")))
    assert found == wanted


def test_large_files_close_a_batch_before_it_is_full() -> None:
    splitter = Splitter(size=200)
    attached = Invoice(attachments=[File(b"%PDF-" + b"x" * 900_000, name="a.pdf")])
    batches = []
    for number in range(20):
        batches += splitter.add(Job(order_id(number), attached, seller="shop-1"))
    assert [len(batch.jobs) for batch in batches] == [7, 7]
