"""Resuming with a journal: nothing twice, nothing lost, and doubt made visible."""

import asyncio
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import attrs
import pytest
from helpers.resumed_runs import (
    HELLO,
    OPERATION,
    ORDER,
    opened,
    outcome_of,
    outcomes_of,
    states,
)
from helpers.virtual_time import virtual

from spapi_messaging import (
    Credentials,
    InDoubt,
    Job,
    JournalError,
    Marketplace,
    MessagingSession,
    NotSent,
    Refused,
    Sent,
    Skipped,
    UnexpectedProblem,
)
from spapi_messaging.bulk.journal import Entry, State
from spapi_messaging.bulk.sqlite_journal import SqliteJournal
from spapi_messaging.sandbox import Sandbox


@virtual
async def test_the_same_jobs_go_on_where_they_ended(tmp_path: Path) -> None:
    """Sent and refused are skipped, not sent is sent, and in doubt is reported."""
    path = tmp_path / "run.db"
    async with opened(patience=0) as (sandbox, session):
        orders = [f"903-000000{number}-0812628" for number in range(5)]
        for order in orders:
            sandbox.add_order(order)
        faults = {1: {"status": 400}, 2: {"status": 429}, 3: {"status": 503}}
        for number, fault in faults.items():
            sandbox.fail_next(order_id=orders[number], operation=OPERATION, **fault)
        sandbox.fail_next(order_id=orders[4], operation=OPERATION, status=503, after_accepting=True)
        jobs = [Job(order, HELLO) for order in orders]
        first = {outcome.job: outcome for outcome in await outcomes_of(session, jobs, path)}
        assert [type(first[job]) for job in jobs] == [Sent, Refused, NotSent, InDoubt, InDoubt]
        expected: list[State] = ["sent", "refused", "not sent", "sending", "sending"]
        assert [(await states(path))[order] for order in orders] == expected
        for _ in range(2):
            found = {outcome.job: outcome for outcome in await outcomes_of(session, jobs, path)}
            assert found[jobs[0]] == Skipped(jobs[0], "sent")
            assert found[jobs[1]] == Skipped(jobs[1], "refused")
            assert isinstance(found[jobs[3]], InDoubt)
            assert isinstance(found[jobs[4]], InDoubt)
            assert isinstance(found[jobs[2]], Skipped if _ else Sent)
        posts = [sandbox.count(order, OPERATION) for order in orders]
        assert posts == [1, 1, 2, 1, 1]


@virtual
async def test_resend_sends_again_what_is_in_doubt(tmp_path: Path) -> None:
    """And only that: the buyer of an accepted message gets it twice, as documented."""
    path = tmp_path / "run.db"
    async with opened() as (sandbox, session):
        sandbox.fail_next(operation=OPERATION, status=503, after_accepting=True)
        job = Job(ORDER, HELLO)
        assert isinstance(await outcome_of(session, job, path), InDoubt)
        assert isinstance(await outcome_of(session, job, path, on_doubt="resend"), Sent)
        assert await outcome_of(session, job, path, on_doubt="resend") == Skipped(job, "sent")
        assert len(sandbox.messages()) == 2


@virtual
async def test_a_doubt_of_an_earlier_run_says_what_happened_then(tmp_path: Path) -> None:
    """Each run says the same of it."""
    path = tmp_path / "run.db"
    async with opened() as (sandbox, session):
        sandbox.fail_next(operation=OPERATION, status=503, after_accepting=True)
        first = await outcome_of(session, Job(ORDER, HELLO), path)
        for _ in range(2):
            again = await outcome_of(session, Job(ORDER, HELLO), path)
            assert isinstance(first, InDoubt)
            assert isinstance(again, InDoubt)
            assert again.error.cause == f"an earlier run: {first.error.cause}"


@pytest.mark.parametrize("stopped", [False, True])
@virtual
async def test_what_could_not_be_resent_is_in_doubt_still(tmp_path: Path, stopped: bool) -> None:
    """That this attempt did not leave proves nothing of the one before."""
    path = tmp_path / "run.db"
    job = Job(ORDER, HELLO)
    async with opened(patience=0.5) as (sandbox, session):
        sandbox.fail_next(operation=OPERATION, status=503, after_accepting=True)
        assert isinstance(await outcome_of(session, job, path), InDoubt)
        sandbox.fail_next(operation=OPERATION, status=429, times=9, delay=1)
        if stopped:
            async with session.bulk([job], journal=path, on_doubt="resend"):
                await sandbox.arrived(2, order_id=ORDER, operation=OPERATION)
        else:
            outcome = await outcome_of(session, job, path, on_doubt="resend")
            assert isinstance(outcome, InDoubt)
            assert "earlier run" in outcome.error.cause
        sandbox.clear_faults()
        assert await states(path) == {ORDER: "sending"}
        assert isinstance(await outcome_of(session, job, path), InDoubt)
        assert len(sandbox.messages()) == 1


def gone(sandbox: Sandbox) -> None:
    sandbox.add_order(ORDER, ["warranty"])


def disabled(sandbox: Sandbox) -> None:
    sandbox.add_order(ORDER, disabled={"unexpectedProblem": "It was sent. " * 100})


def offered(sandbox: Sandbox) -> None:
    sandbox.add_order(ORDER)


def broken(sandbox: Sandbox) -> None:
    sandbox.fail_next(operation="getMessagingActionsForOrder", status=500, times=99)


def closed(sandbox: Sandbox) -> None:
    sandbox.add_order(ORDER, closed=True)


@pytest.mark.parametrize(
    ("becomes", "evidence"),
    [
        (gone, "the order no longer offers the action"),
        (disabled, "the order has disabled the action (It was sent."),
        (offered, None),
        (broken, None),
        (closed, None),
    ],
)
@virtual
async def test_rediscover_asks_the_order_for_evidence(
    tmp_path: Path, becomes: Callable[[Sandbox], None], evidence: str | None
) -> None:
    path = tmp_path / "run.db"
    async with opened() as (sandbox, session):
        sandbox.fail_next(operation=OPERATION, status=503, after_accepting=True)
        job = Job(ORDER, HELLO)
        assert isinstance(await outcome_of(session, job, path), InDoubt)
        becomes(sandbox)
        posts = len(sandbox.messages())
        outcome = await outcome_of(session, job, path, on_doubt="rediscover")
        assert len(sandbox.messages()) == posts
        if evidence is None:
            assert isinstance(outcome, InDoubt)
            assert await states(path) == {ORDER: "sending"}
            return
        assert isinstance(outcome, Skipped)
        assert outcome.state == "sent"
        assert (outcome.evidence or "").startswith(evidence)
        assert len(outcome.evidence or "") < 300
        asked = sandbox.count(ORDER)
        assert await outcome_of(session, job, path) == outcome  # it is written down
        assert sandbox.count(ORDER) == asked


@virtual
async def test_a_given_key_decides_which_jobs_are_the_same(tmp_path: Path) -> None:
    path = tmp_path / "run.db"
    async with opened() as (sandbox, session):
        jobs = [Job(ORDER, HELLO, key="one"), Job(ORDER, HELLO, key="two")]
        assert [type(o) for o in await outcomes_of(session, jobs, path)] == [Sent, Sent]
        other = Job(ORDER, UnexpectedProblem(text="other"), key="one")
        assert await outcome_of(session, other, path) == Skipped(other, "sent", changed=True)
        assert len(sandbox.messages()) == 2


@virtual
async def test_the_same_job_twice_in_a_run_is_one_message(tmp_path: Path) -> None:
    async with opened() as (sandbox, session):
        job = Job(ORDER, HELLO)
        outcomes = await outcomes_of(session, [job] * 5, tmp_path / "run.db")
        assert Counter(type(outcome) for outcome in outcomes) == {Sent: 1, Skipped: 4}
        assert {o.state for o in outcomes if isinstance(o, Skipped)} <= {"repeated", "sent"}
        assert Skipped(job, "repeated") in outcomes
        assert len(sandbox.messages()) == 1


@virtual
async def test_a_run_does_not_resend_its_own_doubt(tmp_path: Path) -> None:
    """``resend`` is for what an earlier run left; an equal job that comes later is a repetition."""
    async with opened() as (sandbox, session):
        sandbox.fail_next(operation=OPERATION, status=503, after_accepting=True)
        job = Job(ORDER, HELLO)
        outcomes = await outcomes_of(
            session, [job] * 3, tmp_path / "run.db", window=1, on_doubt="resend"
        )
        assert [type(outcome) for outcome in outcomes] == [InDoubt, Skipped, Skipped]
        assert outcomes[1] == Skipped(job, "repeated")
        assert sandbox.count(ORDER, OPERATION) == 1


@virtual
async def test_two_runs_on_one_journal_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "run.db"
    async with opened() as (sandbox, session):
        async with session.bulk([], journal=path):
            with pytest.raises(JournalError, match="another run has it open"):
                await session.bulk([Job(ORDER, HELLO)], journal=path).__aenter__()
        assert sandbox.messages() == []
        assert isinstance(await outcome_of(session, Job(ORDER, HELLO), path), Sent)


@attrs.define
class Recorder:
    """Another store, which remembers all that was written in order."""

    entries: dict[str, Entry] = attrs.field(factory=dict)
    written: list[Entry] = attrs.field(factory=list)
    sandbox: Sandbox | None = None
    posts: list[int] = attrs.field(factory=list)

    async def find(self, key: str, /) -> Entry | None:
        return self.entries.get(key)

    async def write(self, entry: Entry, /) -> None:
        await asyncio.sleep(0.01)
        self.entries[entry.key] = entry
        self.written.append(entry)
        if self.sandbox is not None:
            self.posts.append(self.sandbox.count(ORDER, OPERATION))


@pytest.mark.parametrize("discover", [True, False])
@virtual
async def test_a_message_takes_two_commits_the_first_before_it_leaves(discover: bool) -> None:
    """However often it is throttled or its token renewed; and another store may stand behind."""
    async with opened() as (sandbox, session):
        journal = Recorder(sandbox=sandbox)
        sandbox.fail_next(operation=OPERATION, status=429, times=3)
        sandbox.revoke_tokens()
        job = Job(ORDER, HELLO)
        outcome = await outcome_of(session, job, journal, discover=discover)
        assert isinstance(outcome, Sent)
        assert [entry.state for entry in journal.written] == ["sending", "sent"]
        assert journal.posts == [0, 4]
        sending, sent = journal.written
        assert sent.request_id == outcome.receipt.request_id
        assert sent.began_at == sending.began_at
        assert sending.ended_at is None
        assert sent.ended_at is not None
        assert (sent.marketplace, sent.seller) == (Marketplace.DE.id, session.seller)


@virtual
async def test_what_fails_before_anything_is_sent_takes_one_commit() -> None:
    async with opened() as (sandbox, session):
        journal = Recorder()
        sandbox.add_order(ORDER, ["warranty"])
        assert isinstance(await outcome_of(session, Job(ORDER, HELLO), journal), NotSent)
        assert [entry.state for entry in journal.written] == ["not sent"]
        assert journal.written[0].reason == "ActionNotOfferedError"


@virtual
async def test_a_new_authorisation_sends_nothing_twice(tmp_path: Path) -> None:
    """A seller's quotas are kept under the credentials, the jobs are not."""
    journal = tmp_path / "campaign.db"
    async with opened() as (sandbox, session):
        await outcome_of(session, Job(ORDER, HELLO), journal)
        renewed = sandbox.environment | {"SP_API_REFRESH_TOKEN": "sandbox-renewed"}
        async with MessagingSession(
            Credentials.from_env(renewed),
            marketplace=Marketplace.DE,
            endpoint=sandbox.url,
            token_url=sandbox.token_url,
        ) as again:
            assert again.account != session.account
            assert isinstance(await outcome_of(again, Job(ORDER, HELLO), journal), Skipped)
        assert len(sandbox.messages()) == 1


@virtual
async def test_one_open_journal_serves_one_run_at_a_time(tmp_path: Path) -> None:
    """Two would not see what the other has begun, and send it twice."""
    async with opened() as (sandbox, session), SqliteJournal(tmp_path / "campaign.db") as journal:
        async with session.bulk([Job(ORDER, HELLO)], journal=journal) as outcomes:
            with pytest.raises(JournalError, match="another run"):
                await outcomes_of(session, [Job(ORDER, HELLO)], journal)
            await outcomes.finish()
        assert isinstance(await outcome_of(session, Job(ORDER, HELLO), journal), Skipped)
        assert len(sandbox.messages()) == 1


class Slow:
    """A journal that takes its time over 'sending'."""

    def __init__(self) -> None:
        self.states: list[State] = []
        self.asked = asyncio.Event()

    async def find(self, _key: str, /) -> Entry | None:
        return None

    async def write(self, entry: Entry, /) -> None:
        self.states.append(entry.state)
        if entry.state == "sending":
            self.asked.set()
            await asyncio.sleep(5)


@virtual
async def test_leaving_while_sending_is_written_down_sends_nothing() -> None:
    """No byte has left: it is not sent, and that is proven."""
    journal = Slow()
    async with opened() as (sandbox, session):
        async with session.bulk([Job(ORDER, HELLO)], journal=journal, discover=False):
            await journal.asked.wait()
        await asyncio.sleep(60)
        assert journal.states == ["sending", "not sent"]
        assert sandbox.messages() == []
