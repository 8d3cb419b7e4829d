"""A second try by choice, and what is left of the first: the buyer has what the buyer has."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from helpers.resumed_runs import HELLO, OPERATION, ORDER, opened, outcome_of, outcomes_of, states
from helpers.virtual_time import virtual

from spapi_messaging import (
    ConfirmOrderDetails,
    InDoubt,
    Job,
    NotSent,
    Outcome,
    Refused,
    Sent,
    Skipped,
    UnexpectedProblem,
)
from spapi_messaging.bulk.journal import Entry
from spapi_messaging.bulk.record import Record, Subject
from spapi_messaging.bulk.sqlite_file import read_journal
from spapi_messaging.bulk.sqlite_journal import SqliteJournal
from spapi_messaging.sandbox import Sandbox

FIRST = Job(ORDER, HELLO)
SECOND = Job(ORDER, UnexpectedProblem(text="We are sorry."))


def not_offered(sandbox: Sandbox) -> None:
    sandbox.add_order(ORDER, ["warranty"])


def refused(sandbox: Sandbox) -> None:
    sandbox.fail_next(400, operation=OPERATION)


def throttled(sandbox: Sandbox) -> None:
    sandbox.fail_next(429, operation=OPERATION, times=9)


def answered(sandbox: Sandbox) -> None:
    sandbox.fail_next(503, operation=OPERATION)


@pytest.mark.parametrize(
    ("becomes", "kind"),
    [(not_offered, NotSent), (refused, Refused), (throttled, NotSent), (answered, InDoubt)],
)
@virtual
async def test_what_was_sent_stays_sent_whatever_becomes_of_other_content(
    tmp_path: Path, becomes: Callable[[Sandbox], None], kind: type[Outcome]
) -> None:
    path = tmp_path / "run.db"
    async with opened(patience=0) as (sandbox, session):
        await outcome_of(session, FIRST, path)
        becomes(sandbox)
        outcome = await outcome_of(session, SECOND, path, resend_changed=True)
        assert type(outcome) is kind
        sandbox.clear_faults()
        sandbox.add_order(ORDER)
        again = await outcome_of(session, FIRST, path)
        assert isinstance(again, InDoubt if kind is InDoubt else Skipped)
        assert len(sandbox.messages()) == 1
        if kind is not InDoubt:
            assert await states(path) == {ORDER: "sent"}
            assert isinstance(await outcome_of(session, SECOND, path, resend_changed=True), Sent)


@virtual
async def test_a_doubt_about_this_content_counts_more_than_another_that_was_sent(
    tmp_path: Path,
) -> None:
    path = tmp_path / "run.db"
    async with opened() as (sandbox, session):
        await outcome_of(session, FIRST, path)
        sandbox.fail_next(503, operation=OPERATION, after_accepting=True)
        assert isinstance(await outcome_of(session, SECOND, path, once="content"), InDoubt)
        for options in ({}, {"resend_changed": True}):
            assert isinstance(await outcome_of(session, SECOND, path, **options), InDoubt)
        assert len(sandbox.messages()) == 2


@virtual
async def test_unchanged_content_is_not_changed_by_another_that_was_sent(tmp_path: Path) -> None:
    path = tmp_path / "run.db"
    async with opened() as (sandbox, session):
        for job in (FIRST, SECOND):
            await outcome_of(session, job, path, once="content")
        for job in (FIRST, SECOND):
            assert await outcome_of(session, job, path, resend_changed=True) == Skipped(job, "sent")
        assert len(sandbox.messages()) == 2


@virtual
async def test_another_action_takes_the_place_of_none_that_was_sent(tmp_path: Path) -> None:
    path, details = tmp_path / "run.db", Job(ORDER, ConfirmOrderDetails(text="hello"))
    options: dict[str, Any] = {"once": "order", "resend_changed": True}
    async with opened() as (sandbox, session):
        assert isinstance(await outcome_of(session, FIRST, path, once="order"), Sent)
        assert isinstance(await outcome_of(session, details, path, **options), Sent)
        for job in (FIRST, details):
            assert isinstance(await outcome_of(session, job, path), Skipped)
        assert len(sandbox.messages()) == 2


@pytest.mark.parametrize("keys", [("5" * 32, "6" * 32), (f"{ORDER}/{OPERATION}/1", "2")])
@virtual
async def test_a_given_key_is_one_whatever_it_looks_like(
    tmp_path: Path, keys: tuple[str, str]
) -> None:
    path = tmp_path / "run.db"
    async with opened() as (sandbox, session):
        for key in keys:
            assert isinstance(await outcome_of(session, Job(ORDER, HELLO, key=key), path), Sent)
        assert len(sandbox.messages()) == 2


@virtual
async def test_a_key_is_the_same_in_another_form(tmp_path: Path) -> None:
    path = tmp_path / "run.db"
    async with opened() as (sandbox, session):
        for key in ("Zoë 1", "Zoe\u0308 1", " Zoë 1 "):
            await outcome_of(session, Job(ORDER, HELLO, key=key), path)
        assert len(sandbox.messages()) == 1


@pytest.mark.parametrize("one_run", [True, False])
@virtual
async def test_other_content_with_a_key_is_another_message_where_content_counts(
    tmp_path: Path, one_run: bool
) -> None:
    path = tmp_path / "run.db"
    keyed = Job(ORDER, SECOND.message, key="second")
    async with opened() as (sandbox, session):
        for jobs in [[FIRST, keyed]] if one_run else [[FIRST], [keyed]]:
            outcomes = await outcomes_of(session, jobs, path, once="content", window=1)
            assert {type(outcome) for outcome in outcomes} == {Sent}
        assert len(sandbox.messages()) == 2


@virtual
async def test_once_an_order_holds_for_jobs_with_keys(tmp_path: Path) -> None:
    path, details = tmp_path / "run.db", ConfirmOrderDetails(text="hello")
    jobs = [FIRST, Job(ORDER, details, key="a"), Job(ORDER, HELLO, key="b")]
    async with opened() as (sandbox, session):
        first = await outcomes_of(session, jobs, path, once="order", window=1)
        assert [type(outcome) for outcome in first] == [Sent, Skipped, Skipped]
        for job in jobs:
            assert isinstance(await outcome_of(session, job, path, once="order"), Skipped)
        assert len(sandbox.messages()) == 1


@pytest.mark.parametrize(
    "body", [b"{}", b'{"message":"Service Unavailable"}', b'{"_links":{"actions":[]}}']
)
@virtual
async def test_an_answer_without_actions_is_no_evidence(tmp_path: Path, body: bytes) -> None:
    path = tmp_path / "run.db"
    async with opened() as (sandbox, session):
        sandbox.fail_next(503, operation=OPERATION)
        assert isinstance(await outcome_of(session, FIRST, path), InDoubt)
        sandbox.fail_next(200, operation="getMessagingActionsForOrder", body=body)
        outcome = await outcome_of(session, FIRST, path, on_doubt="rediscover")
        assert isinstance(outcome, InDoubt)
        assert await states(path) == {ORDER: "sending"}


@virtual
async def test_a_job_with_a_marketplace_that_is_none_is_its_own_outcome(tmp_path: Path) -> None:
    code: Any = "DE"
    async with opened() as (sandbox, session):
        jobs = [Job(ORDER, HELLO, marketplace=code), FIRST]
        outcomes = await outcomes_of(session, jobs, tmp_path / "run.db", window=1)
        assert [type(outcome) for outcome in outcomes] == [Refused, Sent]
        assert len(read_journal(tmp_path / "run.db")) == len(sandbox.messages()) == 1


@virtual
async def test_several_keys_that_come_later_have_an_entry_each(tmp_path: Path) -> None:
    """What was sent without a key is known to all of them, and written over by none."""
    path = tmp_path / "run.db"
    keyed = [
        Job(ORDER, UnexpectedProblem(text=f"part {number}"), key=f"k{number}") for number in (1, 2)
    ]
    async with opened() as (sandbox, session):
        await outcome_of(session, FIRST, path)
        for expected in (Sent, Skipped, Skipped):
            outcomes = await outcomes_of(session, keyed, path, resend_changed=True)
            assert {type(outcome) for outcome in outcomes} == {expected}
        assert isinstance(await outcome_of(session, FIRST, path), Skipped)
        assert len(sandbox.messages()) == 3


@virtual
async def test_entries_of_version_2_stand_for_contents_that_nobody_knows(tmp_path: Path) -> None:
    path = tmp_path / "run.db"
    async with SqliteJournal(path) as journal:
        for key in ("1" * 32, "2" * 32):
            await journal.write(
                Entry(
                    key=key,
                    seller="",
                    marketplace="m",
                    order_id=ORDER,
                    operation=OPERATION,
                    state="not sent",
                    began_at=1.0,
                )
            )
    async with opened() as (sandbox, session):
        for expected in (Sent, Skipped):
            outcomes = await outcomes_of(session, [FIRST, SECOND], path, once="content")
            assert {type(outcome) for outcome in outcomes} == {expected}
        assert len(sandbox.messages()) == 2


@virtual
async def test_what_stands_under_the_key_that_is_written_is_kept_too(tmp_path: Path) -> None:
    """Another action's entry is what is known; this action's own is what is written over."""
    path, details = tmp_path / "run.db", Job(ORDER, ConfirmOrderDetails(text="hello"))
    async with opened(patience=0) as (sandbox, session):
        await outcome_of(session, details, path, once="order")
        await outcome_of(session, FIRST, path)
        sandbox.fail_next(429, operation=OPERATION, times=9)
        await outcome_of(session, SECOND, path, once="order", resend_changed=True)
        sandbox.clear_faults()
        assert isinstance(await outcome_of(session, FIRST, path), Skipped)
        assert len(sandbox.messages()) == 2


async def test_an_entry_began_when_it_was_first_written() -> None:
    """By that a store that many write to knows after an outage whose it is."""
    written: list[Entry] = []
    times = iter(range(10))

    class Store:
        async def find(self, _key: str, /) -> Entry | None:
            return None

        async def write(self, entry: Entry, /) -> None:
            written.append(entry)

    subject = Subject(
        key="k",
        seller="",
        marketplace="m",
        order_id=ORDER,
        operation=OPERATION,
        content=None,
        began_at=0.0,
    )
    record = Record(Store(), lambda: float(next(times)), subject)
    for _ in range(2):
        await record.sending(None)
        await record.ended("not sent")
        record.written = False
    assert {entry.began_at for entry in written} == {0.0}
    assert [entry.state for entry in written] == ["sending", "not sent"] * 2
