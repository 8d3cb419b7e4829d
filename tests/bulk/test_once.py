"""Once: whatever people do to their file between two runs, a buyer is written to once."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import attrs
import pytest
from helpers.resumed_runs import HELLO, OPERATION, ORDER, opened, outcome_of, outcomes_of, states
from helpers.virtual_time import virtual

from spapi_messaging import (
    AuthorizationError,
    ConfirmOrderDetails,
    Credentials,
    InDoubt,
    InvalidMessageError,
    Job,
    LocalizedText,
    Marketplace,
    NotSent,
    Refused,
    SellerPool,
    Sent,
    Skipped,
    UnexpectedProblem,
)
from spapi_messaging.bulk.journal import Entry
from spapi_messaging.sandbox import Sandbox

OTHER = "903-1671087-0812629"
TEXT = "Zoë,\nyour parcel is late."
BEFORE = Job(ORDER, UnexpectedProblem(text=TEXT))


def saying(text: Any, **options: Any) -> Job:
    return Job(ORDER, UnexpectedProblem(text=text), **options)


@pytest.mark.parametrize(
    ("after", "changed"),
    [
        (saying(TEXT.replace("\n", "\r\n")), False),
        (saying(f"{TEXT} "), False),
        (saying(TEXT.replace("ë", "e\u0308")), False),
        (saying("Zoë, your parcel is late."), True),
        (saying(LocalizedText({"en": TEXT, "de": "Zoë, es dauert."})), True),
        (saying("$name,\nyour parcel is late.", fields={"name": "Zoë"}), False),
        (attrs.evolve(BEFORE, marketplace=Marketplace.FR), False),
        (attrs.evolve(BEFORE, key="a key column that was added"), False),
    ],
    ids=["CRLF", "blank", "accents", "typo", "language", "template", "marketplace", "key"],
)
@virtual
async def test_what_was_sent_is_not_sent_again(tmp_path: Path, after: Job, changed: bool) -> None:
    path = tmp_path / "run.db"
    async with opened() as (sandbox, session):
        assert isinstance(await outcome_of(session, BEFORE, path), Sent)
        for again in (after, BEFORE):
            assert await outcome_of(session, again, path) == Skipped(
                again, "sent", changed=changed and again is after
            )
        assert len(sandbox.messages()) == 1


@virtual
async def test_a_seller_that_is_named_later_writes_to_nobody_again(tmp_path: Path) -> None:
    path = tmp_path / "run.db"
    async with opened() as (sandbox, session):
        assert isinstance(await outcome_of(session, BEFORE, path), Sent)
        pool = SellerPool(
            lambda _: Credentials.from_env(sandbox.environment),
            marketplace=Marketplace.DE,
            endpoint=sandbox.url,
            token_url=sandbox.token_url,
        )
        async with pool, pool.bulk([attrs.evolve(BEFORE, seller="shop")], journal=path) as run:
            assert [outcome async for outcome in run] == [
                Skipped(attrs.evolve(BEFORE, seller="shop"), "sent")
            ]
            assert run.summary.skipped == {"sent": 1}
        assert len(sandbox.messages()) == 1


@virtual
async def test_changed_content_is_sent_where_that_is_chosen(tmp_path: Path) -> None:
    """Once: the run after it has that content."""
    path, after = tmp_path / "run.db", saying("We are sorry.")
    async with opened() as (sandbox, session):
        await outcome_of(session, BEFORE, path)
        for expected in (Sent, Skipped):
            assert isinstance(await outcome_of(session, after, path, resend_changed=True), expected)
        assert await outcome_of(session, BEFORE, path) == Skipped(BEFORE, "sent", changed=True)
        assert len(sandbox.messages()) == 2
        assert await states(path) == {ORDER: "sent"}


@pytest.mark.parametrize(
    ("once", "sent"), [("action", [1, 0, 1]), ("order", [1, 0, 0]), ("content", [1, 1, 1])]
)
@pytest.mark.parametrize("runs", ["one run", "one run each", "no journal"])
@virtual
async def test_once_says_by_what_a_job_is_known(
    tmp_path: Path, once: Any, sent: list[int], runs: str
) -> None:
    jobs = [BEFORE, saying("We are sorry."), Job(ORDER, ConfirmOrderDetails(text=TEXT))]
    jobs = [each for job in jobs for each in (job, job)]
    path = None if runs == "no journal" else tmp_path / "run.db"
    async with opened() as (sandbox, session):
        outcomes = []
        for part in [[job] for job in jobs] if runs == "one run each" else [jobs]:
            outcomes += await outcomes_of(session, part, path, once=once)
        by_job = [[o for o in outcomes if o.job is job] for job in jobs[::2]]
        assert [sum(isinstance(o, Sent) for o in each) for each in by_job] == sent
        assert sum(isinstance(o, Skipped) for o in outcomes) == 6 - sum(sent)
        if runs != "one run each":
            assert {o.state for o in outcomes if isinstance(o, Skipped)} == {"repeated"}
        assert len(sandbox.messages()) == sum(sent)


@virtual
async def test_another_once_knows_what_the_first_has_sent(tmp_path: Path) -> None:
    path, details = tmp_path / "run.db", Job(ORDER, ConfirmOrderDetails(text=TEXT))
    async with opened() as (sandbox, session):
        assert isinstance(await outcome_of(session, BEFORE, path, once="content"), Sent)
        assert isinstance(await outcome_of(session, details, path, once="order"), Skipped)
        assert isinstance(await outcome_of(session, details, path, once="action"), Sent)
        for once in ("action", "order", "content"):
            assert isinstance(await outcome_of(session, BEFORE, path, once=once), Skipped)
        assert len(sandbox.messages()) == 2


@pytest.mark.parametrize("journal", [True, False])
@virtual
async def test_a_key_of_several_orders_is_an_error_for_all_but_the_first(
    tmp_path: Path, journal: bool
) -> None:
    path = tmp_path / "run.db" if journal else None
    jobs = [Job(order, HELLO, key="summer") for order in (ORDER, OTHER)]
    async with opened() as (sandbox, session):
        sandbox.add_order(OTHER)
        first, second = await outcomes_of(session, jobs, path, window=1)
        assert isinstance(first, Sent)
        assert isinstance(second, Refused)
        assert isinstance(second.error, InvalidMessageError)
        assert f"'summer' is that of {OPERATION} for order {ORDER}" in str(second.error)
        if path is not None:
            for _ in range(2):
                assert isinstance(await outcome_of(session, jobs[1], path), Refused)
            assert await states(path) == {ORDER: "sent"}
        assert len(sandbox.messages()) == 1


@virtual
async def test_what_was_refused_is_tried_again_by_choice_or_with_other_content(
    tmp_path: Path,
) -> None:
    path = tmp_path / "run.db"
    async with opened() as (sandbox, session):
        sandbox.fail_next(operation=OPERATION, status=400, times=2)
        assert isinstance(await outcome_of(session, BEFORE, path), Refused)
        async with session.bulk([BEFORE], journal=path) as run:
            (skipped,) = [outcome async for outcome in run]
            assert run.summary.skipped == {"refused": 1}
        assert skipped == Skipped(BEFORE, "refused")
        assert (skipped.reason or "").startswith("BadRequestError 400")
        assert isinstance(await outcome_of(session, BEFORE, path, retry_refused=True), Refused)
        assert isinstance(await outcome_of(session, saying("Mended."), path), Sent)
        assert await states(path) == {ORDER: "sent"}


@virtual
async def test_what_the_journal_knows_comes_before_credentials(tmp_path: Path) -> None:
    """A seller whose authorisation is over has been written for, all the same."""
    path = tmp_path / "run.db"
    doubted, unsent = Job(OTHER, HELLO), Job("903-1671087-0812630", HELLO)
    async with opened() as (sandbox, session):
        sandbox.add_order(OTHER)
        await outcome_of(session, BEFORE, path)
        sandbox.fail_next(order_id=OTHER, operation=OPERATION, status=503)
        await outcome_of(session, doubted, path)

        def expired(_: str) -> Credentials:
            raise AuthorizationError("invalid_grant", "expired")

        jobs = [attrs.evolve(job, seller="shop") for job in (BEFORE, doubted, unsent)]
        for on_doubt in ("report", "resend", "rediscover"):
            pool = SellerPool(expired, marketplace=Marketplace.DE)
            async with pool, pool.bulk(jobs, journal=path, on_doubt=on_doubt) as run:
                outcomes = {outcome.job: outcome async for outcome in run}
            assert [type(outcomes[job]) for job in jobs] == [Skipped, InDoubt, NotSent]
        assert await states(path) == {ORDER: "sent", OTHER: "sending"}


def forbidden(sandbox: Sandbox) -> None:
    sandbox.add_order(ORDER, closed=True)


def bad(sandbox: Sandbox) -> None:
    sandbox.fail_next(operation=OPERATION, status=400, times=9)


def gone(sandbox: Sandbox) -> None:
    sandbox.add_order(ORDER, ["warranty"])


def nothing(_sandbox: Sandbox) -> None: ...


@pytest.mark.parametrize(
    ("becomes", "options"),
    [(forbidden, {}), (bad, {}), (gone, {}), (nothing, {"content": "refuse"})],
    ids=["403", "400", "not offered", "content"],
)
@virtual
async def test_a_doubt_that_is_refused_the_second_time_stays_one(
    tmp_path: Path, becomes: Callable[[Sandbox], None], options: dict[str, Any]
) -> None:
    """The buyer may have the first."""
    path, job = tmp_path / "run.db", saying("Write to me@example.com <b>now</b>")
    async with opened() as (sandbox, session):
        sandbox.fail_next(operation=OPERATION, status=503, after_accepting=True)
        assert isinstance(await outcome_of(session, job, path), InDoubt)
        becomes(sandbox)
        for _ in range(2):
            outcome = await outcome_of(session, job, path, on_doubt="resend", **options)
            assert isinstance(outcome, InDoubt)
            assert "an earlier run may have sent it" in outcome.error.cause
        assert await states(path) == {ORDER: "sending"}
        assert len(sandbox.messages()) == 1


@attrs.define
class KeysOnly:
    """Another store, which finds entries by their keys and by nothing else."""

    entries: dict[str, Entry] = attrs.field(factory=dict)

    async def find(self, key: str, /) -> Entry | None:
        return self.entries.get(key)

    async def write(self, entry: Entry, /) -> None:
        self.entries[entry.key] = entry


@virtual
async def test_a_store_that_finds_keys_alone_is_enough_for_one_once() -> None:
    journal = KeysOnly()
    async with opened() as (sandbox, session):
        assert isinstance(await outcome_of(session, BEFORE, journal), Sent)
        after = saying("We are sorry.")
        assert await outcome_of(session, after, journal) == Skipped(after, "sent", changed=True)
        assert len(sandbox.messages()) == 1


@pytest.mark.parametrize("journal", [True, False])
@virtual
async def test_one_bad_job_is_its_own_outcome(tmp_path: Path, journal: bool) -> None:
    odd: Any = None
    odd_bytes: Any = b"k"
    bad_jobs = [
        Job(odd, HELLO),
        Job("", HELLO),
        Job("12 34", HELLO),
        Job(f"{ORDER}\x00", HELLO),
        Job(ORDER, HELLO, key="k" * 501),
        Job(ORDER, HELLO, key="\x00"),
        Job(ORDER, HELLO, key=odd_bytes),
        Job(ORDER, HELLO, seller=odd_bytes),
    ]
    async with opened() as (sandbox, session):
        sandbox.add_order(OTHER)
        jobs = [Job(ORDER, HELLO), *bad_jobs, Job(OTHER, HELLO)]
        path = tmp_path / "run.db" if journal else None
        outcomes = {id(o.job): o for o in await outcomes_of(session, jobs, path)}
        kinds = [type(outcomes[id(job)]) for job in jobs]
        assert kinds == [Sent, *[Refused] * len(bad_jobs), Sent]
        if path is not None:
            assert await states(path) == {ORDER: "sent", OTHER: "sent", "12 34": "refused"}


@pytest.mark.parametrize(
    ("option", "value"), [("once", "seller"), ("once", None), ("once", True), ("on_doubt", "x")]
)
async def test_an_option_that_is_not_there_is_an_error_when_the_run_is_made(
    option: str, value: object
) -> None:
    async with opened() as (_, session):
        with pytest.raises(ValueError, match=f"^{option} is "):
            session.bulk([], **{option: value})
