"""A bulk run: an outcome for each job, nothing twice, nothing left behind."""

import asyncio
import functools
import gc
import itertools
import weakref
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import pytest
from helpers.bulk_runs import (
    DISCOVERY,
    PROBLEM,
    job,
    jobs,
    named,
    no_task_left,
    number_of,
    opened,
    order_id,
    outcomes_of,
    own_tasks,
    stub_run,
)
from helpers.fault_server import (
    FaultServer,
    Response,
    closes,
    created,
    hangs,
    http,
    resets,
    says,
    says_and_closes,
    serving,
)
from helpers.virtual_time import VirtualLoop, turns, virtual

from spapi_messaging import (
    AccessDeniedError,
    ActionDisabledError,
    ActionNotOfferedError,
    ActionNotPermittedError,
    Attachment,
    AuthorizationError,
    BadRequestError,
    Credentials,
    File,
    InDoubt,
    InDoubtError,
    InvalidMessageError,
    Invoice,
    Job,
    Marketplace,
    Message,
    MessagingSession,
    NegativeFeedbackRemoval,
    NotFoundError,
    NotSent,
    NotSentError,
    Outcome,
    Quota,
    RateLimits,
    Refused,
    Sent,
    ServerError,
    ThrottledError,
    TokenRejectedError,
    UnexpectedProblem,
    UploadError,
)
from spapi_messaging.sandbox import Sandbox

PDF = File(b"%PDF-1.4 content", name="paper.pdf")
BAD, GOOD = order_id(1), order_id(2)
HELLO = UnexpectedProblem(text="hello")

Prepare = Callable[[Sandbox], object]


def failing(**fault: Any) -> Prepare:
    return lambda sandbox: sandbox.fail_next(order_id=BAD, **fault)


def order(**options: Any) -> Prepare:
    return lambda sandbox: sandbox.add_order(BAD, **options)


TOO_LONG = {"unexpectedProblem": {"properties": {"rawMessageBody": {"maxLength": 2}}}}
REJECTED = (
    b'{"errors":[{"code":"Unauthorized","message":"Access to requested resource is denied.",'
    b'"details":"The access token you provided is revoked, malformed or invalid."}]}'
)
NO_ROLE = (
    b'{"errors":[{"code":"Unauthorized","message":"Access to requested resource is denied."}]}'
)

CAUSES: list[tuple[str, Message, Prepare, type[Outcome], type[Exception]]] = [
    ("400", Invoice(attachments=[Attachment("none", "a.pdf")]), order(), Refused, BadRequestError),
    ("403 combination", HELLO, order(closed=True), Refused, ActionNotPermittedError),
    ("404", HELLO, failing(status=404), Refused, NotFoundError),
    ("not offered", HELLO, order(actions=["warranty"]), Refused, ActionNotOfferedError),
    ("empty discovery", HELLO, order(actions=[]), Refused, ActionNotOfferedError),
    ("disabled", HELLO, order(disabled={"unexpectedProblem": "No"}), Refused, ActionDisabledError),
    ("against the schema", HELLO, order(custom=TOO_LONG), Refused, InvalidMessageError),
    (
        "upload",
        Invoice(attachments=[PDF]),
        lambda sandbox: sandbox.fail_next(500, operation="putUpload", times=4),
        NotSent,
        UploadError,
    ),
    ("role missing", HELLO, failing(status=403, body=NO_ROLE), NotSent, AccessDeniedError),
    (
        "bad token",
        HELLO,
        failing(status=403, body=REJECTED, times=2),
        NotSent,
        TokenRejectedError,
    ),
    (
        "discovery down",
        HELLO,
        failing(status=503, operation=DISCOVERY, times=4),
        NotSent,
        ServerError,
    ),
    ("5xx", HELLO, failing(status=503, operation=PROBLEM), InDoubt, InDoubtError),
    ("reset", HELLO, failing(reset=True, operation=PROBLEM), InDoubt, InDoubtError),
    ("timeout", HELLO, failing(hang=True, operation=PROBLEM), InDoubt, InDoubtError),
]


@pytest.mark.parametrize(
    ("message", "prepare", "kind", "error"),
    [cause[1:] for cause in CAUSES],
    ids=[cause[0] for cause in CAUSES],
)
@virtual
async def test_each_cause_has_its_outcome_and_the_others_go_on(
    message: Message, prepare: Prepare, kind: type[Outcome], error: type[Exception]
) -> None:
    async with opened(timeout=20) as (sandbox, session):
        prepare(sandbox)
        work = [Job(BAD, message), Job(GOOD, HELLO)]
        outcomes = {outcome.job: outcome for outcome in await outcomes_of(session.bulk(work))}
        assert list(map(type, (outcomes[work[0]], outcomes[work[1]]))) == [kind, Sent]
        assert type(outcomes[work[0]].error) is error
        assert len(sandbox.messages(GOOD)) == 1


@virtual
async def test_what_is_offered_no_more_is_refused_by_amazon() -> None:
    """Both jobs were told that it is offered; the second POST is answered 403."""
    async with opened() as (sandbox, session):
        work = [Job(BAD, NegativeFeedbackRemoval(), key=key) for key in "ab"]
        outcomes = await outcomes_of(session.bulk(work))
        assert [type(outcome) for outcome in outcomes] == [Sent, Refused]
        assert len(sandbox.messages(BAD)) == 1


@virtual
async def test_wrong_order_ids_sellers_and_marketplaces_are_refused_here() -> None:
    async with opened() as (sandbox, session):
        work = [Job("12", HELLO), Job(BAD, HELLO, seller="somebody else")]
        outcomes = await outcomes_of(session.bulk(work))
        assert [type(outcome) for outcome in outcomes] == [Refused, Refused]
        assert sandbox.requests == []
        own = Job(GOOD, HELLO, seller=session.account, marketplace=Marketplace.FR)
        assert [type(outcome) for outcome in await outcomes_of(session.bulk([own]))] == [Sent]
        assert sandbox.messages()[0].marketplace == Marketplace.FR.value


@virtual
async def test_bad_credentials_send_nothing_and_end_nothing() -> None:
    async with opened() as (sandbox, session):
        sandbox.refuse_refresh("invalid_grant")
        outcomes = await outcomes_of(session.bulk(jobs(20)))
        assert {type(outcome.error) for outcome in outcomes} == {AuthorizationError}
        assert [type(outcome) for outcome in outcomes] == [NotSent] * 20
        sandbox.accept_refresh()
        assert {type(outcome) for outcome in await outcomes_of(session.bulk(jobs(20)))} == {Sent}


@pytest.mark.parametrize("discover", [True, False])
@virtual
async def test_a_refused_connection_is_not_sent(discover: bool) -> None:
    async with opened() as (sandbox, session):
        await session._open.login.token()
        await sandbox.stop()
        outcomes = await outcomes_of(session.bulk(jobs(5), discover=discover))
        assert {type(outcome) for outcome in outcomes} == {NotSent}
        assert {type(outcome.error) for outcome in outcomes} == {NotSentError}
        assert {record.operation for record in sandbox.requests} == {"token"}


@virtual
async def test_a_server_that_restarts_loses_no_job() -> None:
    async with opened(plan={"latency": 0.1}) as (sandbox, session):
        seen: list[Outcome] = []
        async with session.bulk(jobs(100), window=10) as outcomes:
            async for outcome in outcomes:
                seen.append(outcome)
                if len(seen) == 40:
                    await sandbox.stop()
                    await asyncio.sleep(0.5)
                    await sandbox.start()
        kinds = Counter(named(seen).values())
        assert kinds["Sent"] + kinds["InDoubt"] == 100
        assert kinds["InDoubt"] <= 10
        accepted = Counter(message.order_id for message in sandbox.messages())
        assert max(accepted.values()) == 1


@virtual
async def test_without_discovery_no_order_is_asked() -> None:
    async with opened() as (sandbox, session):
        await outcomes_of(session.bulk(jobs(10), discover=False))
        assert (sandbox.count(None, DISCOVERY), sandbox.count(None, PROBLEM)) == (0, 10)
        await outcomes_of(session.bulk(jobs(10)))
        assert (sandbox.count(None, DISCOVERY), sandbox.count(None, PROBLEM)) == (10, 20)


# Outcomes and their summary.


@virtual
async def test_outcomes_come_as_they_happen() -> None:
    loop = asyncio.get_running_loop()
    async with stub_run(jobs(5), lambda order_id: asyncio.sleep(9 - int(order_id[4:11]))) as run:
        seen = [(number_of(outcome.job), round(loop.time())) async for outcome in run]
    assert seen == [(4, 5), (3, 6), (2, 7), (1, 8), (0, 9)]


@virtual
async def test_the_summary_tells_at_any_time_how_the_run_stands() -> None:
    limits = RateLimits(quotas={PROBLEM: Quota(rate=0.5, burst=2)})
    async with opened(limits=limits) as (sandbox, session):
        sandbox.add_order(order_id(0), closed=True)
        async with session.bulk(jobs(22)) as run:
            assert (run.summary.remaining, run.summary.seconds_left) == (22, None)
            assert (run.summary.total, run.summary.elapsed) == ({}, 0)
            seen = 0
            async for _ in run:
                seen += 1
                if seen == 12:
                    break
            summary = run.summary
            assert summary.total == {"Refused": 1, "Sent": 11}
            assert summary.counts == {PROBLEM: {"Refused": 1, "Sent": 11}}
            assert summary.allowed == {PROBLEM: 0.5}
            assert summary.rates[PROBLEM] == pytest.approx(0.5, rel=0.01)
            assert (summary.remaining, summary.in_progress) == (10, 10)
            assert summary.seconds_left == pytest.approx(summary.elapsed * 10 / 12)
            assert (await run.finish()).total == {"Refused": 1, "Sent": 21}
        await asyncio.sleep(1000)
        summary = run.summary
        assert (summary.remaining, summary.seconds_left, summary.in_progress) == (0, 0, 0)
        assert summary.rates[PROBLEM] == pytest.approx(0.5, rel=0.01), "the clock has stopped"
        assert summary.elapsed < 50


@virtual
async def test_without_a_length_nobody_knows_what_is_left() -> None:
    async with stub_run(iter(jobs(3))) as run:
        summary = await run.finish()
    assert (summary.remaining, summary.seconds_left) == (None, None)
    assert summary.total == {"Sent": 3}


# Where jobs come from.


async def later(work: list[Job]) -> AsyncIterator[Job]:
    for item in work:
        await asyncio.sleep(1)
        yield item


@pytest.mark.parametrize("source", [list, tuple, iter, later, lambda work: (item for item in work)])
@pytest.mark.parametrize("count", [0, 1, 7])
@pytest.mark.parametrize("window", [1, 3, 100])
@virtual
async def test_jobs_come_from_any_iterable(
    source: Callable[[list[Job]], Any], count: int, window: int
) -> None:
    with no_task_left():
        outcomes = await outcomes_of(stub_run(source(jobs(count)), window=window))
    assert [outcome.job for outcome in outcomes] == jobs(count)


class Broken(Exception):  # noqa: N818  # it is no error of ours
    """What an iterator raises."""


def breaks(work: list[Job]) -> Iterator[Job]:
    yield from work
    raise Broken


async def breaks_later(work: list[Job]) -> AsyncIterator[Job]:
    for item in work:
        yield item
    await asyncio.sleep(0.5)
    raise Broken


def foreign(work: list[Job]) -> list[Any]:
    return [*work, "no job", *work]


async def cancelled_itself(work: list[Job]) -> AsyncIterator[Job]:
    for item in work:
        yield item
    raise asyncio.CancelledError


@pytest.mark.parametrize(
    ("source", "error"),
    [
        (breaks, Broken),
        (breaks_later, Broken),
        (foreign, TypeError),
        (cancelled_itself, RuntimeError),
    ],
)
@virtual
async def test_what_was_pulled_is_finished_before_an_iterators_failure_is_raised(
    source: Callable[[list[Job]], Any], error: type[Exception]
) -> None:
    seen: list[Outcome] = []

    async def consume() -> None:
        async with stub_run(source(jobs(5)), lambda _: asyncio.sleep(1)) as run:
            async for outcome in run:
                seen.append(outcome)  # noqa: PERF401  # what came before the failure

    with no_task_left(), pytest.raises(error):
        await consume()
    assert named(seen) == dict.fromkeys(range(5), "Sent")


@virtual
async def test_jobs_are_pulled_as_the_window_frees() -> None:
    """Never more than the window ahead of the consumer, however fast the jobs are."""
    pulled = itertools.count(1)
    ahead = []

    def source() -> Iterator[Job]:
        for item in jobs(50):
            ahead.append(next(pulled) - taken)
            yield item

    taken = 0
    async with stub_run(source(), window=7) as run:
        await turns(100)
        assert len(ahead) == 7
        async for _ in run:
            taken += 1
            await turns(20)
            assert len(ahead) == min(50, taken + 7)
    assert max(ahead) == 7


@pytest.mark.parametrize("pause", [0.0, 10.0], ids=["while it waits", "at its yield"])
@pytest.mark.parametrize("after", [0, 3])
@virtual
async def test_an_async_generator_is_closed_when_the_block_is_left(
    after: int, pause: float
) -> None:
    closed = []

    async def source() -> AsyncIterator[Job]:
        try:
            for number in itertools.count():
                await asyncio.sleep(1)
                yield job(number)
        finally:
            await asyncio.sleep(1)
            closed.append(True)

    with no_task_left():
        async with stub_run(source(), window=2) as run:
            await turns()
            for _ in range(after):
                await anext(run)
            await asyncio.sleep(pause)
        assert closed == [True]


@virtual
async def test_a_job_that_comes_after_the_end_is_not_begun() -> None:
    """An iterator may swallow its cancellation and give one more."""
    begun: list[str] = []

    async def source() -> AsyncIterator[Job]:
        try:
            await asyncio.sleep(5)
        except asyncio.CancelledError:
            yield job(1)

    async def sending(number: str) -> None:
        begun.append(number)

    async with stub_run(source(), sending):
        await asyncio.sleep(1)
    await asyncio.sleep(10)
    assert begun == []


@virtual
async def test_a_run_is_used_once_and_inside_of_its_block() -> None:
    run = stub_run(jobs(3))
    with pytest.raises(RuntimeError, match="inside"):
        await anext(run)
    async with run:
        with pytest.raises(RuntimeError, match="once"):
            await run.__aenter__()
    with pytest.raises(RuntimeError, match="inside"):
        await anext(run)
    for options in ({"window": 0}, {"on_doubt": "guess"}):
        with pytest.raises(ValueError, match=r"window|on_doubt"):
            stub_run([], **options)


@virtual
async def test_a_job_cancelled_from_outside_is_no_silent_loss() -> None:
    async with stub_run(jobs(3), lambda _: asyncio.sleep(9), window=2) as run:
        await asyncio.sleep(1)
        next(iter(run._tasks)).cancel()
        with pytest.raises(RuntimeError, match="cancelled"):
            await run.finish()


# Leaving early.


@pytest.mark.parametrize("way", ["break", "exception", "timeout", "cancelled"])
@virtual
async def test_leaving_early_sends_nothing_more(way: str) -> None:
    """What is under way is awaited; what waits for its turn is given up."""
    limits = RateLimits(quotas={PROBLEM: Quota(rate=1, burst=3)})
    seen = []
    left_at = 0.0
    loop = asyncio.get_running_loop()

    async def consume(session: MessagingSession) -> None:
        async with session.bulk(jobs(50), window=20) as outcomes:
            async for outcome in outcomes:
                seen.append(outcome)
                if len(seen) == 5 and way == "break":
                    break
                if len(seen) == 5 and way == "exception":
                    raise Broken

    async with opened(limits=limits, plan={"latency": 3.0}) as (sandbox, session):
        await session._open.login.token()
        with no_task_left():
            consumer = asyncio.create_task(consume(session))
            if way == "cancelled":
                await asyncio.sleep(11)
                consumer.cancel()
            try:
                async with asyncio.timeout(11 if way == "timeout" else None):
                    await consumer
            except (Broken, TimeoutError, asyncio.CancelledError):
                assert way != "break"
            left_at = loop.time()
            await turns()
        arrived = sandbox.count(None, PROBLEM)
        accepted = len(sandbox.messages())
        await asyncio.sleep(100)
        assert sandbox.count(None, PROBLEM) == arrived
        assert accepted == arrived, "what was under way was awaited"
        assert len(seen) <= accepted < 12
        assert left_at < 20


@virtual
async def test_grace_is_all_that_is_waited() -> None:
    loop = asyncio.get_running_loop()
    with no_task_left():
        async with stub_run(jobs(9), lambda _: asyncio.sleep(1000), grace=7):
            await asyncio.sleep(1)
        assert loop.time() == pytest.approx(8, abs=0.001)


@virtual
async def test_a_second_cancellation_ends_the_grace() -> None:
    """Once more, and again: each time until no task is alive."""
    ended = 0
    loop = asyncio.get_running_loop()

    async def sending(_: str) -> None:
        nonlocal ended
        try:
            await asyncio.sleep(1000)
        finally:
            await asyncio.sleep(2)
            ended += 1

    async def consume() -> None:
        async with stub_run(jobs(9), sending, grace=50) as run:
            await run.finish()

    with no_task_left():
        consumer = asyncio.create_task(consume())
        for _ in range(3):
            await asyncio.sleep(1)
            consumer.cancel()
        with pytest.raises(asyncio.CancelledError):
            await consumer
        assert (ended, round(loop.time())) == (9, 4)


@virtual
async def test_what_a_cancelled_job_has_yet_to_write_is_not_broken_off() -> None:
    """Neither the end of the grace nor another cancellation interrupts it."""
    written = 0

    async def sending(_: str) -> None:
        nonlocal written
        try:
            await asyncio.sleep(1000)
        finally:
            await asyncio.sleep(5)
            written += 1

    async def consume() -> None:
        async with stub_run(jobs(9), sending, head_sent=False, grace=2) as run:
            await run.finish()

    with no_task_left():
        consumer = asyncio.create_task(consume())
        for _ in range(2):
            await asyncio.sleep(1)
            consumer.cancel()
        with pytest.raises(asyncio.CancelledError):
            await consumer
    assert written == 9


@virtual
async def test_leaving_gives_up_what_waits_after_a_429() -> None:
    """Those that were throttled have their turn before them: it never comes."""
    limits = RateLimits(quotas={PROBLEM: Quota(rate=0.1, burst=10)})
    loop = asyncio.get_running_loop()
    async with opened(limits=limits, plan={"latency": 2.0}) as (sandbox, session):
        sandbox.fail_next(429, operation=PROBLEM, times=1000)
        with no_task_left():
            async with session.bulk(jobs(20), discover=False):
                await sandbox.arrived(9, operation=PROBLEM)
                await turns()
                assert len([task for task in own_tasks() if not task.done()]) > 9
            assert loop.time() < 6, "the answers under way came, and no other turn is waited for"
        arrived = sandbox.count(None, PROBLEM)
        await asyncio.sleep(1000)
        assert (sandbox.count(None, PROBLEM), sandbox.messages()) == (arrived, [])


class CancellingLoop(VirtualLoop):
    """Cancels a task at one of its turns."""

    victim: "asyncio.Task[None] | None" = None
    left = -1

    def _run_once(self) -> None:
        super()._run_once()
        if self.victim is not None and not self.victim.done():
            self.left -= 1
            if self.left == 0:
                self.victim.cancel()


async def cancelled_at(turn: int) -> bool:
    """Cancel a consumer at a turn of the loop, look at what is left, and say if it was hit."""
    limits = RateLimits(default=Quota(rate=1, burst=2))
    loop = asyncio.get_running_loop()
    assert isinstance(loop, CancellingLoop)
    async with opened(limits=limits, plan={"latency": 0.2}) as (sandbox, session):
        sandbox.fail_next(429, operation=PROBLEM)
        work = [job(0), job(1), job(0, UnexpectedProblem(text="another")), job(2), job(3)]

        async def consume() -> None:
            async with session.bulk(later_or_now(work), window=3, grace=0.15) as outcomes:
                async for _ in outcomes:
                    await asyncio.sleep(0)

        loop.victim, loop.left = asyncio.create_task(consume()), turn
        await asyncio.wait([loop.victim])
        hit = loop.victim.cancelled()
        await turns()
        left = [task for task in own_tasks() if "Login" not in task.get_coro().__qualname__]
        assert left == []
        await asyncio.sleep(0.3)  # what has left arrives
        arrived = sandbox.count(None, PROBLEM)
        await asyncio.sleep(100)
        assert sandbox.count(None, PROBLEM) == arrived
        texts = Counter(str(message.body) for message in sandbox.messages())
        assert set(texts.values()) <= {1}
        assert hit or len(texts) == 5
    assert own_tasks() == set()
    return hit


async def later_or_now(work: list[Job]) -> AsyncIterator[Job]:
    for item in work:
        yield item
        await asyncio.sleep(0)


def test_a_consumer_can_be_cancelled_at_every_turn() -> None:
    """Nothing is sent afterwards, no task is alive, and no message is there twice."""
    hits = 0
    for turn in itertools.count(1):
        with asyncio.Runner(loop_factory=CancellingLoop) as runner:
            if not runner.run(cancelled_at(turn)):
                break
        hits += 1
    assert hits > 80


# Orders that have several jobs.


@virtual
async def test_an_order_with_several_jobs_is_asked_once_while_its_answer_is_fresh() -> None:
    async with opened(plan={"latency": 1.0}) as (sandbox, session):
        first = [job(0, UnexpectedProblem(text=f"text {n}")) for n in range(8)]

        async def source() -> AsyncIterator[Job]:
            for item in first[:4]:
                yield item  # these wait for one answer
            for item in first[4:6]:
                await asyncio.sleep(4)
                yield item  # these find it
            await asyncio.sleep(5)
            assert sandbox.count(None, DISCOVERY) == 1
            for item in first[6:]:
                yield item  # more than 10 s after the answer

        outcomes = await outcomes_of(session.bulk(source()))
        assert [type(outcome) for outcome in outcomes] == [Sent] * 8
        assert sandbox.count(None, DISCOVERY) == 2
        other = [job(0), job(0, marketplace=Marketplace.FR)]
        await outcomes_of(session.bulk(other))
        assert sandbox.count(None, DISCOVERY) == 4, "marketplaces are asked apart, and runs too"


@virtual
async def test_jobs_of_an_order_share_its_failure() -> None:
    """One refused question, an error for each; a failure is not remembered."""
    async with opened(plan={"latency": 1.0}) as (sandbox, session):
        refused = sandbox.add_order(order_id(0), closed=True)
        work = [job(0, UnexpectedProblem(text=f"text {n}")) for n in range(5)]

        async def source() -> AsyncIterator[Job]:
            for item in work[:4]:
                yield item
            await asyncio.sleep(5)
            refused.closed = False
            yield work[4]

        outcomes = await outcomes_of(session.bulk(source()))
        assert [type(outcome) for outcome in outcomes] == [Refused] * 4 + [Sent]
        errors = [outcome.error for outcome in outcomes if isinstance(outcome, Refused)]
        assert len({id(error) for error in errors}) == 4
        assert {type(error) for error in errors} == {ActionNotPermittedError}
        assert sandbox.count(None, DISCOVERY) == 2


@virtual
async def test_who_waits_for_a_cancelled_question_asks_by_himself() -> None:
    async with opened(plan={"latency": 1.0}) as (sandbox, session):
        work = [job(0, UnexpectedProblem(text=f"text {n}")) for n in range(3)]
        run = session.bulk(work)
        await session._open.login.token()
        orders = run._worker._orders
        asking = [asyncio.create_task(orders.order(session, item)) for item in work]
        await sandbox.arrived(2)
        asking[0].cancel()
        await asyncio.gather(*asking, return_exceptions=True)
        assert [task.cancelled() for task in asking] == [True, False, False]
        assert asking[1].result() is asking[2].result()
        assert sandbox.count(None, DISCOVERY) == 2


@virtual
async def test_answers_are_kept_no_longer_than_they_serve() -> None:
    """Memory holds the orders of ten seconds, not of the run."""
    limits = RateLimits(default=Quota(rate=2, burst=2))
    async with opened(limits=limits) as (_, session):
        run = session.bulk(jobs(100))
        most = 0
        async with run as outcomes:
            async for _ in outcomes:
                most = max(most, len(run._worker._orders._answers._answered))
        assert 15 <= most <= 25


# The fault table, in the middle of a run.

QUOTA = http("429 Too Many", b'{"errors":[{"code":"QuotaExceeded","message":"Quota"}]}')
EXPIRED = http("403 Forbidden", REJECTED.replace(b"is revoked, malformed or invalid", b"expired"))
MALFORMED = http("400 Bad Request", b'{"errors":[{"code":"InvalidInput","message":"No"}]}')
CUT = b"\r\nContent-Length: 500\r\n\r\n{"
FAULTS: list[tuple[str, Response, str]] = [
    ("closed, or a stale keep-alive", closes, "InDoubt"),
    ("reset", resets, "InDoubt"),
    ("hang", hangs, "InDoubt"),
    ("garbage", says_and_closes(b"\x16\x03\x01 this is no HTTP\r\n\r\n"), "InDoubt"),
    ("half a status line", says_and_closes(b"HTTP/1.1 2"), "InDoubt"),
    ("500", says(http("500 Internal Server Error", b"{}")), "InDoubt"),
    ("503 in HTML", says(http("503 Unavailable", b"<html>busy</html>")), "InDoubt"),
    ("307", says(http("307 Temporary", b"", "Location: https://evil.example/")), "InDoubt"),
    ("201, cut off", says_and_closes(b"HTTP/1.1 201 Created" + CUT), "Sent"),
    ("201, not JSON", says(http("201 Created", b"<html>")), "Sent"),
    ("400", says(MALFORMED), "Refused"),
    ("400, cut off", says_and_closes(b"HTTP/1.1 400 Bad Request" + CUT), "Refused"),
    ("403, role missing", says(http("403 Forbidden", NO_ROLE)), "NotSent"),
    ("404", says(http("404 Not Found")), "Refused"),
    ("413", says(http("413 Too Large")), "Refused"),
    ("429", says(QUOTA), "again"),
    ("403, token expired", says(EXPIRED), "again"),
]


def session_at(server: FaultServer, **options: Any) -> MessagingSession:
    return MessagingSession(
        Credentials("amzn1.app", "client-secret", "Atzr|refresh-secret"),
        marketplace=Marketplace.DE,
        endpoint=server.url,
        token_url=server.token_url,
        limits=RateLimits(default=Quota(rate=1000, burst=100)),
        timeout=20,
        **options,
    )


@pytest.mark.parametrize(
    ("fault", "kind"), [row[1:] for row in FAULTS], ids=[row[0] for row in FAULTS]
)
@virtual
async def test_each_fault_in_a_run_of_200(fault: Response, kind: str) -> None:
    """Five requests meet the fault, one after the other; their jobs are the only ones it is for."""
    faults = [answer for _ in range(5) for answer in (*[created] * 15, fault)]
    async with serving(*faults, created) as server, session_at(server) as session:
        outcomes = await outcomes_of(session.bulk(jobs(200), window=20, discover=False))
        expected = {"Sent": 195 if kind != "Sent" else 200} | ({kind: 5} if kind != "Sent" else {})
        if kind == "again":
            expected = {"Sent": 200}
        assert Counter(named(outcomes).values()) == expected
        posts = Counter(server.posts)
        assert len(posts) == 200
        assert posts.total() == 205 if kind == "again" else max(posts.values()) == 1


@virtual
async def test_an_ssl_server_that_is_none_gets_nothing() -> None:
    async with serving(created) as server:
        session = session_at(server)
        session._endpoint = type(session._endpoint).parse(server.url.replace("http:", "https:"))
        async with session:
            outcomes = await outcomes_of(session.bulk(jobs(20), discover=False))
        assert Counter(named(outcomes).values()) == {"NotSent": 20}
        assert server.posts == []


@pytest.mark.parametrize("upset", ["expire_tokens", "revoke_tokens"])
@virtual
async def test_a_token_that_ends_in_the_middle_loses_no_job(upset: str) -> None:
    async with opened(plan={"latency": (0.05, 0.4)}) as (sandbox, session):
        seen = []
        async with session.bulk(jobs(200), window=40) as outcomes:
            async for outcome in outcomes:
                seen.append(outcome)
                if len(seen) in {50, 120}:
                    getattr(sandbox, upset)()
        assert Counter(named(seen).values()) == {"Sent": 200}
        assert len(sandbox.messages()) == 200
        assert sandbox.token_requests == 3


@virtual
async def test_a_429_is_an_outcome_only_after_the_sessions_patience() -> None:
    async with opened(patience=60) as (sandbox, session):
        sandbox.fail_next(429, operation=PROBLEM, times=3)
        outcomes = await outcomes_of(session.bulk(jobs(20)))
        assert Counter(named(outcomes).values()) == {"Sent": 20}
        sandbox.set_quota(PROBLEM, rate=1e-9, burst=1)
        outcomes = await outcomes_of(session.bulk(jobs(3)))
        assert Counter(named(outcomes).values()) == {"Sent": 1, "NotSent": 2}
        errors = {type(item.error) for item in outcomes if isinstance(item, NotSent)}
        assert errors == {ThrottledError}


# Memory.


@virtual
async def test_a_run_holds_no_more_jobs_than_its_window() -> None:
    """Besides the one that the consumer looks at and the one that is just pulled."""
    alive: dict[int, Any] = {}
    most = 0

    def source() -> Iterator[Job]:
        nonlocal most
        for number in range(20_000):
            item = Job(order_id(number), HELLO)
            alive[number] = weakref.ref(item, functools.partial(alive.pop, number))
            most = max(most, len(alive))
            yield item

    gc.disable()
    try:
        async with stub_run(source(), window=50) as run:
            assert (await run.finish()).total == {"Sent": 20_000}
    finally:
        gc.enable()
    assert 50 <= most <= 53, "and no cycle keeps one until the collector comes"
