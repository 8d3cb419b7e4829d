"""End to end: a session against the sandbox, which is a witness and not the client's friend."""

import asyncio
import base64
import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from helpers.virtual_time import virtual

from spapi_messaging import (
    AccessDeniedError,
    ActionNotPermittedError,
    AmazonMotors,
    Attachment,
    AuthorizationError,
    BadRequestError,
    ConfirmCustomizationDetails,
    ConfirmDeliveryDetails,
    ConfirmOrderDetails,
    ConfirmServiceDetails,
    Credentials,
    DigitalAccessKey,
    File,
    InDoubtError,
    InvalidMessageError,
    Invoice,
    LegalDisclosure,
    Marketplace,
    Message,
    MessagingSession,
    NegativeFeedbackRemoval,
    NotFoundError,
    Quota,
    RateLimits,
    UnexpectedProblem,
    UploadError,
    Warranty,
)
from spapi_messaging.messages.message import MESSAGE_TYPES
from spapi_messaging.sandbox import Sandbox

ORDER = "903-1671087-0812628"
PDF = File(b"%PDF-1.4 content", name="paper.pdf")
START = datetime(2026, 1, 1, tzinfo=UTC)
QUICK = Quota(rate=1000, burst=100)


@asynccontextmanager
async def opened(
    *, enforced: bool = False, **options: Any
) -> AsyncIterator[tuple[Sandbox, MessagingSession]]:
    """Open a session at a sandbox, with quotas out of the way unless they are the subject."""
    plan: dict[str, Any] = {} if enforced else {"rate": float("inf")}
    limits = RateLimits(default=Quota(rate=1, burst=5)) if enforced else RateLimits(default=QUICK)
    async with Sandbox(**plan) as sandbox:
        options = {"endpoint": sandbox.url, "token_url": sandbox.token_url} | options
        async with MessagingSession(
            Credentials.from_env(sandbox.environment),
            **{"marketplace": Marketplace.DE, "limits": limits} | options,
        ) as session:
            yield sandbox, session


EVERY: list[tuple[Message, dict[str, Any]]] = [
    (ConfirmCustomizationDetails(text="Is it Zoë?"), {"text": "Is it Zoë?"}),
    (ConfirmDeliveryDetails(text="When?"), {"text": "When?"}),
    (LegalDisclosure(attachments=[PDF]), {"attachments": ["paper.pdf"]}),
    (NegativeFeedbackRemoval(), {}),
    (ConfirmOrderDetails(text="Which?"), {"text": "Which?"}),
    (ConfirmServiceDetails(text="Where?"), {"text": "Where?"}),
    (AmazonMotors(attachments=[PDF]), {"attachments": ["paper.pdf"]}),
    (
        Warranty(
            attachments=[PDF, PDF],
            coverage_start_date=START,
            coverage_end_date=START + timedelta(days=730),
        ),
        {
            "attachments": ["paper.pdf", "paper.pdf"],
            "coverageStartDate": "2026-01-01T00:00:00+00:00",
            "coverageEndDate": "2028-01-01T00:00:00+00:00",
        },
    ),
    (
        DigitalAccessKey(text="Key: X", attachments=[PDF]),
        {"text": "Key: X", "attachments": ["paper.pdf"]},
    ),
    (UnexpectedProblem(text="\N{BROKEN HEART}" * 2000), {"text": "\N{BROKEN HEART}" * 2000}),
    (Invoice(attachments=[PDF]), {"attachments": ["paper.pdf"]}),
]


def test_every_message_type_is_sent_below() -> None:
    assert [type(message) for message, _ in EVERY] == list(MESSAGE_TYPES)


@pytest.mark.parametrize("discover", [True, False], ids=["discovered", "direct"])
@pytest.mark.parametrize(("message", "body"), EVERY, ids=[type(m).__name__ for m, _ in EVERY])
@virtual
async def test_every_message_arrives_once(
    message: Message, body: dict[str, Any], discover: bool
) -> None:
    async with opened() as (sandbox, session):
        sandbox.add_order(ORDER)
        receipt = await session.send(ORDER, message, discover=discover)
        (accepted,) = sandbox.messages(ORDER)
        arrived = dict(accepted.body or {})
        if "attachments" in arrived:
            assert [item.content for item in accepted.attachments] == [PDF.content] * len(
                arrived["attachments"]
            )
            arrived["attachments"] = [item["fileName"] for item in arrived["attachments"]]
        assert arrived == body
        assert receipt.request_id == accepted.request_id
        assert receipt.operation == type(message).operation
        assert sandbox.count(ORDER, "getMessagingActionsForOrder") == discover
        assert sandbox.leaks == []


@virtual
async def test_the_buyers_language() -> None:
    async with opened() as (sandbox, session):
        sandbox.add_order(ORDER, locale="pl-PL")
        assert (await session.attributes(ORDER)).buyer.locale == "pl-PL"
        order = await session.order(ORDER)
        assert (await order.attributes()).buyer.locale == "pl-PL"


@virtual
async def test_the_feedback_request_is_offered_once() -> None:
    async with opened() as (sandbox, session):
        sandbox.add_order(ORDER)
        order = await session.order(ORDER)
        await order.send(NegativeFeedbackRemoval())
        with pytest.raises(ActionNotPermittedError):
            await order.send(NegativeFeedbackRemoval())
        assert "updateFeedback" not in (await session.order(ORDER)).actions
        assert len(sandbox.messages(ORDER)) == 1


@virtual
async def test_refusals_are_told_apart() -> None:
    async with opened() as (sandbox, session):
        message = UnexpectedProblem(text="hello")
        with pytest.raises(NotFoundError):
            await session.send(ORDER, message)
        sandbox.add_order(ORDER, closed=True)
        with pytest.raises(ActionNotPermittedError):
            await session.send(ORDER, message)
        sandbox.add_order(ORDER)
        sandbox.role_missing = True
        with pytest.raises(AccessDeniedError, match="Buyer Communication"):
            await session.send(ORDER, message)
        sandbox.role_missing = False
        unknown = Attachment("no-such-upload", "a.pdf")
        with pytest.raises(BadRequestError) as caught:
            await session.send(ORDER, Invoice(attachments=[unknown]))
        assert caught.value.request_id == sandbox.requests[-1].request_id
        assert sandbox.messages() == []


@virtual
async def test_expired_and_revoked_tokens_lose_no_message() -> None:
    async with opened() as (sandbox, session):
        sandbox.add_order(ORDER)
        for upset in (sandbox.expire_tokens, sandbox.revoke_tokens):
            await session.send(ORDER, UnexpectedProblem(text="one"))
            upset()
            texts = (UnexpectedProblem(text=f"text {n}") for n in range(20))
            await asyncio.gather(*(session.send(ORDER, text) for text in texts))
        assert len(sandbox.messages()) == 42
        assert sandbox.token_requests == 3
        sandbox.revoke_tokens()
        sandbox.refuse_refresh("invalid_grant")
        with pytest.raises(AuthorizationError):
            await session.send(ORDER, UnexpectedProblem(text="lost"))
        assert len(sandbox.messages()) == 42


@pytest.mark.parametrize(
    "fault", [{"status": 503}, {"status": 500, "body": "html"}, {"hang": True}, {"reset": True}]
)
@pytest.mark.parametrize("after_accepting", [True, False], ids=["accepted", "not accepted"])
@virtual
async def test_in_doubt_whether_or_not_amazon_accepted(
    fault: dict[str, Any], after_accepting: bool
) -> None:
    """The client cannot know, and so it says, and does not send again."""
    async with opened(timeout=30) as (sandbox, session):
        sandbox.add_order(ORDER)
        operation = "createUnexpectedProblem"
        sandbox.fail_next(operation=operation, after_accepting=after_accepting, **fault)
        with pytest.raises(InDoubtError):
            await session.send(ORDER, UnexpectedProblem(text="hello"))
        assert len(sandbox.messages()) == after_accepting
        assert sandbox.count(ORDER, operation) <= 1


@virtual
async def test_sessions_that_share_limits_share_the_quota() -> None:
    """Two sessions of one seller, one bucket: nothing is throttled, and it takes its time."""
    limits = RateLimits(default=Quota(rate=1, burst=5))
    async with opened(enforced=True, limits=limits) as (sandbox, one):
        sandbox.add_order(ORDER)
        async with MessagingSession(
            Credentials.from_env(sandbox.environment),
            marketplace=Marketplace.DE,
            endpoint=sandbox.url,
            token_url=sandbox.token_url,
            limits=limits,
        ) as two:
            loop = asyncio.get_running_loop()
            started = loop.time()
            await asyncio.gather(*(s.attributes(ORDER) for s in [one, two] * 52))
            assert sandbox.throttled() == 0
            assert 100 / 1.001 <= loop.time() - started <= 100 * 1.02


@virtual
async def test_two_sellers_have_a_quota_each() -> None:
    async with opened(enforced=True) as (sandbox, one):
        sandbox.add_order(ORDER)
        other = sandbox.environment | {"SP_API_REFRESH_TOKEN": "sandbox-another-seller"}
        async with MessagingSession(
            Credentials.from_env(other),
            marketplace=Marketplace.DE,
            endpoint=sandbox.url,
            token_url=sandbox.token_url,
            limits=one._limits,
        ) as two:
            loop = asyncio.get_running_loop()
            started = loop.time()
            await asyncio.gather(*(s.attributes(ORDER) for s in [one, two] * 54))
            assert sandbox.throttled() == 0
            assert loop.time() - started <= 51


@virtual
async def test_a_quota_that_others_use_too_delays_and_loses_nothing() -> None:
    """Somebody else spends half of the plan: 429s come, are waited out, and all arrive."""
    async with opened(enforced=True) as (sandbox, session):
        sandbox.add_order(ORDER)
        sandbox.set_quota("createUnexpectedProblem", rate=0.5, burst=5)
        sandbox.announce_rate = False
        sends = (
            session.send(ORDER, UnexpectedProblem(text=f"{n}"), discover=False) for n in range(60)
        )
        await asyncio.gather(*sends)
        texts = [message.body["text"] for message in sandbox.messages()]
        assert sorted(texts, key=int) == [str(n) for n in range(60)]
        assert 0 < sandbox.throttled() < 30


@virtual
async def test_files_are_read_uploaded_and_named(tmp_path: Path) -> None:
    paper = tmp_path / "warranty.pdf"
    paper.write_bytes(b"%PDF-1.4 from a path")
    ready = Attachment("ready-made", "old.pdf")
    async with opened() as (sandbox, session):
        sandbox.add_order(ORDER)
        await session.send(ORDER, Warranty(attachments=[paper, PDF]))
        (accepted,) = sandbox.messages()
        assert [(a.name, a.content) for a in accepted.attachments] == [
            ("warranty.pdf", b"%PDF-1.4 from a path"),
            ("paper.pdf", PDF.content),
        ]
        asked = [r for r in sandbox.requests if r.operation == "createUploadDestinationForResource"]
        resource = f"/messaging/v1/orders/{ORDER}/messages/warranty"
        assert {r.path for r in asked} == {f"/uploads/2020-11-01/uploadDestinations{resource}"}
        digest = base64.b64encode(hashlib.md5(PDF.content, usedforsecurity=False).digest()).decode()
        assert digest in {r.query["contentMD5"][0] for r in asked}
        with pytest.raises(BadRequestError):
            await session.send(ORDER, Warranty(attachments=[ready]))


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (None, "cannot be read: No such file"),
        (b"", "is empty"),
        (b"x" * 10_000_000, "10000000 bytes"),
    ],
)
@virtual
async def test_a_file_that_cannot_go_is_refused_before_anything_is_asked(
    content: bytes | None, fault: str, tmp_path: Path
) -> None:
    paper = tmp_path / "warranty.pdf"
    if content is not None:
        paper.write_bytes(content)
    async with opened() as (sandbox, session):
        sandbox.add_order(ORDER)
        kind = UploadError if content is None else InvalidMessageError
        with pytest.raises(kind, match=fault):
            await session.send(ORDER, Warranty(attachments=[paper]), discover=False)
        assert sandbox.requests == []


@pytest.mark.parametrize(
    "fault",
    [
        {"operation": "createUploadDestinationForResource", "status": 403, "times": 9},
        {"operation": "createUploadDestinationForResource", "status": 500, "times": 9},
        {"operation": "createUploadDestinationForResource", "body": "html", "status": 201},
        {"operation": "putUpload", "status": 403, "times": 9},
    ],
    ids=["destination 403", "destination 500", "destination HTML", "PUT 403"],
)
@virtual
async def test_an_upload_that_fails_sends_nothing(fault: dict[str, Any]) -> None:
    async with opened() as (sandbox, session):
        sandbox.add_order(ORDER)
        sandbox.fail_next(**fault)
        with pytest.raises(UploadError) as caught:
            await session.send(ORDER, Warranty(attachments=[PDF, PDF]))
        assert caught.value.file_name == "paper.pdf"
        assert sandbox.messages() == []
        assert sandbox.count(ORDER, "CreateWarranty") == 0


@virtual
async def test_a_passing_failure_of_an_upload_is_tried_again() -> None:
    async with opened() as (sandbox, session):
        sandbox.add_order(ORDER)
        sandbox.fail_next(operation="createUploadDestinationForResource", status=503)
        sandbox.fail_next(operation="putUpload", reset=True, status=None)
        await session.send(ORDER, Warranty(attachments=[PDF]))
        assert len(sandbox.messages()) == 1


@virtual
async def test_cancelling_an_upload_leaves_no_task() -> None:
    async with opened() as (sandbox, session):
        sandbox.add_order(ORDER)
        sandbox.fail_next(operation="createUploadDestinationForResource", hang=True, times=2)
        before = asyncio.all_tasks()
        sending = asyncio.create_task(
            session.send(ORDER, Warranty(attachments=[PDF, PDF]), discover=False)
        )
        await asyncio.sleep(5)
        sending.cancel()
        with pytest.raises(asyncio.CancelledError):
            await sending
        await asyncio.sleep(1)
        mine = {t for t in asyncio.all_tasks() - before if "Uploads" in repr(t.get_coro())}
        assert mine == set()
        assert sandbox.count(ORDER, "CreateWarranty") == 0


@virtual
async def test_amazons_static_sandbox() -> None:
    """Odd order ids are admitted, schemas are absent, and 400 says InvalidInput."""
    async with (
        Sandbox(static=True) as sandbox,
        MessagingSession(
            Credentials.from_env(sandbox.environment),
            marketplace=Marketplace.US,
            endpoint=sandbox.url,
            token_url=sandbox.token_url,
            static_sandbox=True,
        ) as session,
    ):
        order = await session.order("123-1234567-1234567")
        assert len(order.actions) == 11
        await order.send(UnexpectedProblem(text="My Message"))
        invoice = Invoice(attachments=[Attachment("x", "a.pdf")])
        for odd in ("123-1234567-0000000", "badOrderId"):
            with pytest.raises(BadRequestError) as caught:
                await session.send(odd, invoice, discover=False)
            assert caught.value.code == "InvalidInput"
