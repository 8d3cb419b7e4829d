"""Why a message was not sent: what a journal may hold of it, and how people read it."""

import unicodedata

import pytest
from hypothesis import given, strategies as st

from spapi_messaging import (
    BadRequestError,
    ConfirmOrderDetails,
    File,
    Invoice,
    Job,
    LocalizedText,
    MessagingError,
    NotSentError,
)
from spapi_messaging.bulk.amazons_words import MAX_SENTENCE, amazons_sentence
from spapi_messaging.bulk.reasons import reason_for, reason_in_words
from spapi_messaging.errors import ActionDisabledError, ApiError

ORDER = "903-0000000-0000001"
TEXT = "Grüße an Herrn Kuhlmann, Tel 0171 5550123, rot@haus.example"
JOB = Job(ORDER, ConfirmOrderDetails(text=TEXT))


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("The message contains a link.", "The message contains a link."),
        ("Invalid amazonOrderId and template combination.",) * 2,
        ("The text 'Grüße an' is not allowed.", "The text … is not allowed."),
        ('The text "Grüße is cut off', "The text …"),
        ("The word Kuhlmann is restricted.", "The word … is restricted."),
        ("KUHLMANN, HERRN: not allowed", "…, …: not allowed"),
        ("Remove a@b.example and https://x.example/y now", "Remove … and … now"),
        ("Attachment with ID 7f3c-1b22-99 does not exist.", "Attachment with ID … does not exist."),
        ("Grüße an Herrn", "… an …"),
        ("The buyer's order isn't open; it's closed", "The buyer's order isn't open; it's closed"),
        ("", ""),
        (
            "Text of 2100 characters, at most 2000 in 5 files",
            "Text of 2100 characters, at most 2000 in 5 files",
        ),
    ],
)
def test_of_amazons_sentence_only_amazons_words_are_kept(said: str, kept: str) -> None:
    assert amazons_sentence(said, JOB) == kept


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        (f"The text {unicodedata.normalize('NFD', 'Grüße')} is bad", "The text … is bad"),
        ("The text Grusse an Herrn Kuhlm", "The text … an …"),
        ("The text Kuhl\u200bmann is bad", "The text … is bad"),
        ("The text HerrnKuhlmann is bad", "The text … is bad"),
        ("'Don't call herrn' is bad", "… is bad"),
        ("Buyer Zdenka Novak is bad", "Buyer … is bad"),
        ("ask +49 (171) 555-0123 or 030 1234567", "ask … or …"),
        ("ask zdenka\uff20haus.example", "ask …"),
    ],
)
def test_no_other_form_of_what_is_a_buyers_is_kept(said: str, kept: str) -> None:
    assert amazons_sentence(said, JOB) == kept


def test_the_words_of_all_languages_of_fields_and_of_file_names_are_left_out() -> None:
    text = LocalizedText({"de": "Hallo $vorname", "fr": "Bonjour $vorname"})
    greeting = Job(ORDER, ConfirmOrderDetails(text=text), fields={"vorname": "Zdenka"})
    assert amazons_sentence("Hallo bonjour ZDENKA is bad", greeting) == "… is bad"
    invoice = Job(ORDER, Invoice(attachments=[File(b"%PDF-1.4", name="Zdenka_Beleg.pdf")]))
    assert amazons_sentence("Zdenka Beleg is bad", invoice) == "… is bad"


@given(st.lists(st.sampled_from([*TEXT.split(), "the", "order", '"', "'", "("])))
def test_no_word_of_a_text_gets_into_a_journal(words: list[str]) -> None:
    kept = amazons_sentence(" ".join(words), JOB).casefold()
    assert all(word not in kept for word in ("kuhlmann", "grüße", "0171", "5550123", "rot@haus"))


def test_a_sentence_has_an_end() -> None:
    assert len(amazons_sentence("ab " * 1000, JOB)) == MAX_SENTENCE


@pytest.mark.parametrize(
    ("error", "kept", "words"),
    [
        (
            BadRequestError("sendInvoice", 400, "InvalidInput", "The file is too long."),
            "BadRequestError 400 InvalidInput: The file is too long.",
            "Amazon refused it: The file is too long (400 InvalidInput)",
        ),
        (
            BadRequestError("sendInvoice", 400, "Odd code: with words"),
            "BadRequestError 400",
            "Amazon refused it (400)",
        ),
        (
            ApiError("sendInvoice", 418, "", "I: am (a) pot."),
            "ApiError 418: I: am (a) pot.",
            "It failed: I: am (a) pot (418)",
        ),
        (
            ActionDisabledError(ORDER, "warranty", "Available after the delivery, Kuhlmann."),
            "ActionDisabledError: Available after the delivery, ….",
            (
                "The order offers this action, but Amazon has disabled it: "
                "Available after the delivery, …"
            ),
        ),
        (
            ActionDisabledError(ORDER, "warranty", None),
            "ActionDisabledError",
            "The order offers this action, but Amazon has disabled it",
        ),
        (NotSentError("sendInvoice", "reset"), "NotSentError", "Amazon could not be reached"),
    ],
)
def test_a_reason_is_short_in_a_journal_and_a_sentence_for_people(
    error: MessagingError, kept: str, words: str
) -> None:
    assert reason_for(error, JOB) == kept
    assert reason_in_words(kept) == words


@pytest.mark.parametrize(
    ("kept", "words"),
    [
        ("stopped", "The run was stopped"),
        ("answered 503 with HTML", "answered 503 with HTML"),
        ("BadRequestError 400 InvalidInput", "Amazon refused it (400 InvalidInput)"),
        ("FutureError 499 New: Said.", "It failed: Said (499 New)"),
        ("Error while reading", "Error while reading"),
    ],
)
def test_reasons_of_other_versions_are_read_too(kept: str, words: str) -> None:
    assert reason_in_words(kept) == words


def test_every_error_has_a_sentence() -> None:
    def classes(of: type[MessagingError]) -> list[type[MessagingError]]:
        return [of, *(each for below in of.__subclasses__() for each in classes(below))]

    sentences = {reason_in_words(kind.__name__) for kind in classes(MessagingError)}
    assert all("Error" not in sentence for sentence in sentences)
