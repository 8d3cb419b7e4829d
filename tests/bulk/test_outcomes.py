"""Each cause has its outcome: what every fault becomes in a run of many."""

import asyncio
from collections import Counter
from collections.abc import Callable
from typing import Any

import attrs
import pytest
from helpers.bulk_runs import (
    DISCOVERY,
    PROBLEM,
    jobs,
    named,
    opened,
    order_id,
    outcomes_of,
)
from helpers.fault_server import (
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
from helpers.fault_sessions import session_at
from helpers.virtual_time import virtual

from spapi_messaging import (
    AccessDeniedError,
    ActionDisabledError,
    ActionNotOfferedError,
    ActionNotPermittedError,
    Attachment,
    AuthorizationError,
    BadRequestError,
    File,
    InDoubt,
    InDoubtError,
    InvalidMessageError,
    Invoice,
    Job,
    Marketplace,
    Message,
    NegativeFeedbackRemoval,
    NotFoundError,
    NotSent,
    NotSentError,
    Outcome,
    Refused,
    Sent,
    ServerError,
    ThrottledError,
    TokenRejectedError,
    UnexpectedProblem,
    UploadError,
)
from spapi_messaging.api import Endpoint, api_error
from spapi_messaging.bulk.outcomes import outcome_of
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
    ("400", Invoice(attachments=[Attachment("none", "a.pdf")]), order(), NotSent, BadRequestError),
    ("403 combination", HELLO, order(closed=True), Refused, ActionNotPermittedError),
    ("404", HELLO, failing(status=404), Refused, NotFoundError),
    ("not offered", HELLO, order(actions=["warranty"]), NotSent, ActionNotOfferedError),
    ("empty discovery", HELLO, order(actions=[]), NotSent, ActionNotOfferedError),
    ("disabled", HELLO, order(disabled={"unexpectedProblem": "No"}), NotSent, ActionDisabledError),
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
        assert sandbox.token_requests == 1
        sandbox.accept_refresh()
        await asyncio.sleep(60)  # for which a refusal is kept
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
    ("201, not JSON", says(http("201 Created", b"<html>")), "InDoubt"),
    ("400", says(MALFORMED), "Refused"),
    ("400, cut off", says_and_closes(b"HTTP/1.1 400 Bad Request" + CUT), "Refused"),
    ("403, role missing", says(http("403 Forbidden", NO_ROLE)), "NotSent"),
    ("404", says(http("404 Not Found")), "Refused"),
    ("413", says(http("413 Too Large")), "Refused"),
    ("429", says(QUOTA), "again"),
    ("403, token expired", says(EXPIRED), "again"),
]


@pytest.mark.parametrize(
    ("fault", "kind"), [row[1:] for row in FAULTS], ids=[row[0] for row in FAULTS]
)
@virtual
async def test_each_fault_in_a_run_of_200(fault: Response, kind: str) -> None:
    """Five requests meet the fault, one after the other; their jobs are the only ones it is for."""
    # So far apart that the window has moved on: none meets the fault twice.
    faults = [answer for _ in range(5) for answer in (*[created] * 35, fault)]
    async with serving(*faults, created) as server, session_at(server, timeout=20) as session:
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
        session = session_at(server, timeout=20)
        endpoint = Endpoint.parse(server.url.replace("http:", "https:"))
        session._servers = attrs.evolve(session._servers, endpoint=endpoint)
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


@pytest.mark.parametrize("status", [400, 404, 413, 415])
def test_a_page_of_somebody_in_between_is_no_refusal(status: int) -> None:
    """It has no request id of Amazon's, and says nothing against the message."""
    page, job = b"<html>default backend - 404</html>", Job(BAD, HELLO)
    for request_id, kind in ((None, NotSent), ("req-1", Refused)):
        error = api_error(status, page, operation=PROBLEM, order_id=BAD, request_id=request_id)
        assert type(outcome_of(job, error)) is kind
