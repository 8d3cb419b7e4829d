"""Every buyer gets his own language, over real sockets against the sandbox."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from helpers.bulk_runs import job, named, opened, order_id, outcomes_of
from helpers.virtual_time import virtual

from spapi_messaging import (
    ActionNotPermittedError,
    Attachment,
    BadRequestError,
    File,
    InDoubt,
    InvalidMessageError,
    Invoice,
    Job,
    LocalizedText,
    NotSent,
    Quota,
    RateLimits,
    Sent,
    UnexpectedProblem,
    UploadError,
    Warranty,
)
from spapi_messaging.bulk.sqlite_file import read_journal
from spapi_messaging.sandbox import Sandbox

ORDER = "903-1671087-0812628"
PROBLEM = UnexpectedProblem.operation
LOCALES = ("de-DE", "en-GB", "fr-FR", "it-IT", "pl-PL")
TEXT = LocalizedText({locale[:2]: f"Text in {locale[:2]}" for locale in LOCALES})
GERMAN_OR_FRENCH = LocalizedText({"de": "Hallo", "fr-CA": "Bonjour"})
PDF = File(b"%PDF-1.4 content", name="paper.pdf")


def reported(sandbox: Sandbox, order: str = ORDER) -> list[Any]:
    return [message.body["text"] for message in sandbox.messages(order)]


@pytest.mark.parametrize("discover", [True, False])
@pytest.mark.parametrize(
    ("locale", "language", "text"),
    [("de-AT", "de", "Hallo"), ("fr-FR", "fr-CA", "Bonjour")],
)
async def test_the_receipt_says_which_language_was_sent(
    discover: bool, locale: str, language: str, text: str
) -> None:
    async with opened() as (sandbox, session):
        sandbox.add_order(ORDER, locale=locale)
        message = UnexpectedProblem(text=GERMAN_OR_FRENCH)
        receipt = await session.send(ORDER, message, discover=discover)
        assert receipt.language == language
        assert reported(sandbox) == [text]


async def test_an_action_takes_a_text_in_several_languages_in_any_form() -> None:
    async with opened() as (sandbox, session):
        sandbox.add_order(
            ORDER,
            actions=["unexpectedProblem", "novelty"],
            custom={"novelty": {}},
            locale="fr-FR",
        )
        actions = (await session.order(ORDER)).actions
        forms: list[Any] = [
            {"text": GERMAN_OR_FRENCH},
            {"text": {"de": "Hallo", "fr-CA": "Bonjour"}},
            UnexpectedProblem(text=GERMAN_OR_FRENCH),
        ]
        receipts = [await actions["unexpectedProblem"](form) for form in forms]
        receipts.append(await actions["novelty"]({"text": GERMAN_OR_FRENCH}))
        assert [receipt.language for receipt in receipts] == ["fr-CA"] * 4
        assert reported(sandbox) == ["Bonjour"] * 4
        assert sandbox.count(ORDER, "GetAttributes") == 1  # once for an order


async def test_a_text_in_one_language_asks_nobody() -> None:
    async with opened() as (sandbox, session):
        sandbox.add_order(ORDER, locale="fr-FR")
        simple = await session.send(ORDER, UnexpectedProblem(text="Hallo"))
        single = await session.send(ORDER, UnexpectedProblem(text=LocalizedText({"de": "Hallo"})))
        assert (simple.language, single.language) == (None, "de")
        assert sandbox.count(ORDER, "GetAttributes") == 0


async def test_a_buyer_who_reads_none_of_them_gets_the_default_or_nothing() -> None:
    async with opened() as (sandbox, session):
        sandbox.add_order(ORDER, locale="sv-SE")
        with pytest.raises(InvalidMessageError) as caught:
            await session.send(ORDER, UnexpectedProblem(text=GERMAN_OR_FRENCH))
        assert "'sv-SE', the text is in de, fr-CA; add one, or a default" in str(caught.value)
        assert sandbox.messages() == []
        fallback = LocalizedText({"de": "Hallo", "en": "Hello"}, default="en")
        receipt = await session.send(ORDER, UnexpectedProblem(text=fallback))
        assert (receipt.language, reported(sandbox)) == ("en", ["Hello"])


async def test_an_unknown_locale_is_no_match() -> None:
    async with opened() as (sandbox, session):
        sandbox.fail_next(status=200, operation="GetAttributes", body=b'{"buyer":{}}', times=2)
        with pytest.raises(InvalidMessageError, match="the buyer's locale is 'unknown'"):
            await session.send(ORDER, UnexpectedProblem(text=GERMAN_OR_FRENCH))
        assert sandbox.messages() == []


async def test_a_buyer_who_cannot_be_asked_gets_nothing() -> None:
    """A default is for those who read another language, not for those who were not asked."""
    text = LocalizedText({"de": "Hallo", "en": "Hello"}, default="en")
    async with opened() as (sandbox, session):
        body = b'{"errors":[{"message":"Invalid amazonOrderId and template combination."}]}'
        sandbox.fail_next(status=403, operation="GetAttributes", body=body)
        with pytest.raises(ActionNotPermittedError):
            await session.send(ORDER, UnexpectedProblem(text=text))
        assert sandbox.messages() == []
        # The failure is not kept.
        assert (await session.send(ORDER, UnexpectedProblem(text=text))).language is not None


async def test_many_at_once_ask_once_and_a_cancelled_one_asks_for_nobody() -> None:
    message = UnexpectedProblem(text=GERMAN_OR_FRENCH)
    async with opened() as (sandbox, session), asyncio.timeout(10):
        sandbox.add_order(ORDER, locale="de-DE")
        sandbox.fail_next(status=None, operation="GetAttributes", hang=True)
        first = asyncio.create_task(session.send(ORDER, message, discover=False))
        await asyncio.wait([first], timeout=0.2)  # it asks, and gets no answer
        others = [
            asyncio.create_task(session.send(ORDER, message, discover=False)) for _ in range(9)
        ]
        await asyncio.sleep(0)
        first.cancel()
        await asyncio.gather(*others)
        assert first.cancelled()
        assert reported(sandbox) == ["Hallo"] * 9
        assert sandbox.count(ORDER, "GetAttributes") == 2  # the cancelled one's, and one more


async def test_outcomes_and_journal_say_which_language(tmp_path: Path) -> None:
    journal = tmp_path / "run.db"
    numbers = {1: "de-AT", 2: "fr-FR", 3: "sv-SE", 4: "fr-BE"}
    async with opened() as (sandbox, session):
        for number, locale in numbers.items():
            sandbox.add_order(order_id(number), locale=locale)
        sandbox.fail_next(operation=PROBLEM, order_id=order_id(4), after_accepting=True)
        jobs = [job(number, UnexpectedProblem(text=GERMAN_OR_FRENCH)) for number in numbers]
        outcomes = await outcomes_of(session.bulk(jobs, journal=journal))
        kinds = {1: "Sent", 2: "Sent", 3: "Refused", 4: "InDoubt"}
        assert named(outcomes) == kinds
        receipts = [each.receipt.language for each in outcomes if isinstance(each, Sent)]
        assert sorted(map(str, receipts)) == ["de", "fr-CA"]
        again = await outcomes_of(session.bulk(jobs, journal=journal))
        assert named(again) == {1: "Skipped", 2: "Skipped", 3: "Skipped", 4: "InDoubt"}
        assert len(sandbox.messages()) == 3
    written = {entry.order_id: entry.language for entry in read_journal(journal)}
    assert written == {order_id(1): "de", order_id(2): "fr-CA", order_id(3): None} | {
        order_id(4): "fr-CA"  # which text the buyer may have
    }
    files = await asyncio.to_thread(lambda: [file.read_bytes() for file in tmp_path.iterdir()])
    assert all(b"Bonjour" not in content for content in files)


@pytest.mark.slow
@virtual
async def test_a_campaign_in_five_languages_reaches_the_quota() -> None:
    """Asking 1,000 buyers for their locales costs no time: it is done while others send."""
    limits = RateLimits(default=Quota(rate=5, burst=10))
    plan = {"rate": 5, "burst": 10, "latency": (0.05, 0.4)}
    count = 1000
    async with opened(limits=limits, plan=plan) as (sandbox, session):
        for number in range(count):
            sandbox.add_order(order_id(number), locale=LOCALES[number % len(LOCALES)])
        jobs = [job(number, UnexpectedProblem(text=TEXT)) for number in range(count)]
        outcomes = await outcomes_of(session.bulk(jobs))
        assert [type(each) for each in outcomes] == [Sent] * count
        for number in range(count):
            language = LOCALES[number % len(LOCALES)][:2]
            assert reported(sandbox, order_id(number)) == [f"Text in {language}"]
        times = [record.at for record in sandbox.requests if record.operation == PROBLEM]
        used = count / (10 + 5 * (times[-1] - times[0]))
        assert used >= 0.99, f"{used:.2%} of the allowance"
        assert sandbox.throttled() == 0


async def test_a_file_of_several_messages_goes_up_once() -> None:
    """Within an action: another action's message may not name its destination."""
    async with opened() as (sandbox, session):
        sandbox.add_order(ORDER, actions=["sendInvoice", "warranty"])
        other = File(b"%PDF-1.4 other", name="paper.pdf")
        for message in (Invoice(attachments=[PDF, PDF]), Invoice(attachments=[PDF])):
            await session.send(ORDER, message)
        assert uploads(sandbox) == 1
        await session.send(ORDER, Invoice(attachments=[other]))
        assert uploads(sandbox) == 2
        await session.send(ORDER, Warranty(attachments=[PDF]))
        assert uploads(sandbox) == 3
        await session.send("903-1671087-0812629", Invoice(attachments=[PDF]))
        assert uploads(sandbox) == 4
        assert [len(message.body["attachments"]) for message in sandbox.messages(ORDER)] == [
            *(2, 1, 1, 1)
        ]


def uploads(sandbox: Sandbox) -> int:
    return sandbox.count(operation="createUploadDestinationForResource")


GONE = b'{"errors":[{"code":"InvalidInput","message":"Attachment with ID x does not exist"}]}'


async def test_an_upload_that_serves_no_second_time_is_made_anew() -> None:
    """Whether Amazon takes a destination twice is documented nowhere; either is safe."""
    async with opened() as (sandbox, session):
        await session.send(ORDER, Invoice(attachments=[PDF]))
        sandbox.fail_next(status=400, operation="sendInvoice", body=GONE)
        await session.send(ORDER, Invoice(attachments=[PDF]))
        assert uploads(sandbox) == 2
        assert len(sandbox.messages(ORDER)) == 2


async def test_a_fresh_upload_that_is_refused_is_not_made_again() -> None:
    """It says nothing against the message, so a later run may try: it is not sent."""
    async with opened() as (sandbox, session):
        sandbox.fail_next(status=400, operation="sendInvoice", body=GONE, times=5)
        outcomes = await outcomes_of(session.bulk([Job(ORDER, Invoice(attachments=[PDF]))]))
        assert [type(each) for each in outcomes] == [NotSent]
        assert isinstance(outcomes[0].error, UploadError)
        assert "400 (InvalidInput)" in outcomes[0].error.fault
        assert (uploads(sandbox), sandbox.count(operation="sendInvoice")) == (1, 1)


async def test_uploads_that_amazon_never_knows_are_made_anew_once() -> None:
    async with opened() as (sandbox, session):
        await session.send(ORDER, Invoice(attachments=[PDF]))
        sandbox.fail_next(status=400, operation="sendInvoice", body=GONE, times=5)
        with pytest.raises(UploadError, match="does not know the upload"):
            await session.send(ORDER, Invoice(attachments=[PDF]))
        assert (uploads(sandbox), sandbox.count(operation="sendInvoice")) == (2, 3)


async def test_an_attachment_of_the_callers_own_that_is_unknown_is_the_callers_matter() -> None:
    """No new upload of the other files could help."""
    async with opened() as (sandbox, session):
        own = Attachment("their-own", "old.pdf")
        for _ in range(2):
            with pytest.raises(BadRequestError, match="their-own does not exist"):
                await session.send(ORDER, Invoice(attachments=[own, PDF]))
        assert (uploads(sandbox), sandbox.count(operation="sendInvoice")) == (1, 2)


async def test_a_refusal_of_what_an_attachment_is_stays_one() -> None:
    body = b'{"errors":[{"code":"InvalidInput","message":"Attachment type is not allowed"}]}'
    async with opened() as (sandbox, session):
        sandbox.fail_next(status=400, operation="sendInvoice", body=body, times=5)
        with pytest.raises(BadRequestError, match="not allowed"):
            await session.send(ORDER, Invoice(attachments=[PDF]))
        assert (uploads(sandbox), sandbox.count(operation="sendInvoice")) == (1, 1)


async def test_a_doubt_about_a_reused_upload_is_no_second_message() -> None:
    async with opened() as (sandbox, session):
        await session.send(ORDER, Invoice(attachments=[PDF]))
        sandbox.fail_next(operation="sendInvoice", after_accepting=True)
        jobs = [Job(ORDER, Invoice(attachments=[PDF]))]
        assert [type(each) for each in await outcomes_of(session.bulk(jobs))] == [InDoubt]
        assert len(sandbox.messages(ORDER)) == 2
        sandbox.fail_next(status=503, operation="createUploadDestinationForResource", times=9)
        other = Job(ORDER, Invoice(attachments=[File(b"%PDF-2", name="b.pdf")]))
        assert [type(each) for each in await outcomes_of(session.bulk([other]))] == [NotSent]
