"""Texts in several languages, and the fields of texts; nothing here knows a network."""

import copy
import subprocess
import sys
from pathlib import Path
from typing import Any

import attrs
import pytest
from helpers.pickling import pickled
from hypothesis import given, strategies as st

from spapi_messaging import (
    ConfirmDeliveryDetails,
    DigitalAccessKey,
    InvalidMessageError,
    Invoice,
    Job,
    LocalizedText,
    UnexpectedProblem,
)
from spapi_messaging.bulk.identity import Identity

ORDER = "903-1671087-0812628"


def faults(make: Any, *arguments: Any, **options: Any) -> tuple[str, ...]:
    with pytest.raises(InvalidMessageError) as caught:
        make(*arguments, **options)
    return caught.value.faults


@pytest.mark.parametrize(
    ("locale", "languages", "best"),
    [
        ("de-DE", ["en", "de"], "de"),
        ("de-AT", ["en", "de-DE"], "de-DE"),
        ("de-AT", ["de-AT", "de"], "de-AT"),
        ("fr-FR", ["fr-CA", "en"], "fr-CA"),
        ("fr-CA", ["fr", "fr-CA"], "fr-CA"),
        ("en-AU", ["en-US", "en-GB"], "en-GB"),
        ("es-MX", ["es-ES", "es-419"], "es-419"),
        ("pt-BR", ["pt-PT"], "pt-PT"),
        ("zh-TW", ["zh-Hant", "zh-Hans"], "zh-Hant"),
        ("zh-TW", ["zh-CN"], None),  # Hans is not read as Hant
        ("zh-SG", ["zh-CN"], "zh-CN"),
        ("nb-NO", ["no"], "no"),
        ("nb-NO", ["da"], None),
        ("gsw", ["de"], "de"),
        ("ca-ES", ["es"], None),  # CLDR's 20: a second language, and not the buyer's choice
        ("nl-BE", ["af", "de"], None),
        ("sv-SE", ["en"], None),
        ("de_DE", ["de"], "de"),
        ("DE-de", ["de"], "de"),
        ("not a locale", ["de"], None),
        ("x" * 10_000, ["de"], None),
        ("", ["de"], None),
        (None, ["de"], None),
    ],
)
def test_the_buyer_gets_the_nearest_language(
    locale: str | None, languages: list[str], best: str | None
) -> None:
    texts = dict.fromkeys(languages, "x")
    assert LocalizedText(texts).best_for(locale) == best
    fallback = LocalizedText(texts | {"tlh": "y"}, default="tlh")
    assert fallback.best_for(locale) == (best or "tlh")


def test_languages_are_named_as_bcp_47_does() -> None:
    text = LocalizedText({"fr_ca": "a", "ZH-hant-tw": "b"}, default="FR-CA")
    assert text.languages == ("fr-CA", "zh-Hant-TW")
    assert text.default == "fr-CA"
    assert text.variants == {"fr-CA": "a", "zh-Hant-TW": "b"}


@pytest.mark.parametrize(
    ("variants", "options", "named"),
    [
        ({}, {}, "it needs a text in at least one language, such as {'de': '…'}"),
        ("de", {}, "it needs a text in at least one language, such as {'de': '…'}"),
        ({"deutsch": "x"}, {}, "'deutsch' is no language tag, such as 'de' or 'fr-CA'"),
        ({"Liebe Zoë": "x"}, {}, "<9 characters> is no language tag, such as 'de' or 'fr-CA'"),
        ({"de_DE": "x", "de-de": "y"}, {}, "'de-DE' is given twice, in different spellings"),
        ({"de": 5}, {}, "the text in 'de' must be a str, not int"),
        ({"de": "x"}, {"default": "en"}, "the default 'en' is none of its languages"),
        ({"de": "x"}, {"default": 5}, "the default '5' is none of its languages"),
    ],
)
def test_what_is_wrong_with_a_text_is_told_when_it_is_made(
    variants: Any, options: dict[str, Any], named: str
) -> None:
    assert faults(LocalizedText, variants, **options) == (named,)


def test_a_text_is_a_value() -> None:
    """It is compared by what it says, hashes, survives pickling, and can't be changed."""
    text = LocalizedText({"de": "x", "en": "y"}, default="en")
    same = LocalizedText({"en": "y", "de": "x"}, default="en")
    assert text == same
    assert hash(text) == hash(same)
    assert pickled(text) == copy.deepcopy(text) == text
    assert text != LocalizedText({"de": "x", "en": "y"})
    text.variants["de"] = "changed"
    assert text.variants["de"] == "x"
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        text.default = "de"


def test_no_repr_shows_a_text_or_a_field() -> None:
    text = LocalizedText({"de": "Liebe SECRET $name"})
    job = Job(ORDER, UnexpectedProblem(text=text), fields={"name": "SECRET"})
    assert "SECRET" not in repr(text) + repr(job) + repr(job.rendered)
    assert "de" in repr(text)


def test_limits_hold_for_every_language() -> None:
    text = LocalizedText({"de": "x" * 400, "en": "x" * 401, "fr": "", "it": "\ud800"})
    assert faults(DigitalAccessKey, text=text) == (
        "text in 'en' has 401 characters; 1 to 400 are allowed",
        "text in 'fr' has 0 characters; 1 to 400 are allowed",
        "text in 'it' contains a lone surrogate, which has no UTF-8 form",
    )


def rendered(text: Any, fields: Any) -> Any:
    return Job(ORDER, ConfirmDeliveryDetails(text=text), fields=fields).rendered.text_or_none


@pytest.mark.parametrize(
    ("text", "fields", "reported"),
    [
        ("Dear $name", {"name": "Zoë"}, "Dear Zoë"),
        ("${day}s", {"day": "Monday"}, "Mondays"),
        ("No. $n", {"n": 7}, "No. 7"),
        ("$a$a", {"a": "$b $$ ${c}"}, "$b $$ ${c}" * 2),  # a value is no template
        ("$name: $$5", {"name": "Zoë"}, "Zoë: $5"),
        ("It costs $5, or $$", None, "It costs $5, or $$"),
        ("$$5", {}, "$5"),
    ],
)
def test_fields_fill_a_text(text: str, fields: Any, reported: str) -> None:
    assert rendered(text, fields) == reported


def test_fields_fill_every_language() -> None:
    text = LocalizedText({"de": "Hallo $name", "en": "Hello $name, $$5"}, default="en")
    assert rendered(text, {"name": "Zoë"}) == LocalizedText(
        {"de": "Hallo Zoë", "en": "Hello Zoë, $5"}, default="en"
    )


NO_VALUE = "has no value; give it in the job's fields"


@pytest.mark.parametrize(
    ("text", "fields", "named"),
    [
        ("Dear $name", None, [f"the field $name of the text {NO_VALUE}"]),
        ("$a $b $a", {"b": "x"}, [f"the field $a of the text {NO_VALUE}"]),
        ("Hi", {"name": "x"}, ["the text has no field $name"]),
        ("Hi", {"Liebe SECRET": "x"}, ["the text has no field (no name)"]),
        ("$a", {"A": "x"}, [f"the field $a of the text {NO_VALUE}", "the text has no field $A"]),
        ("$a", {"a": 1.5}, ["the field $a must be a string or a whole number"]),
        ("$a", {"a": True}, ["the field $a must be a string or a whole number"]),
        ("$a", {"a": None}, ["the field $a must be a string or a whole number"]),
        (
            "$a costs $5",
            {"a": "x"},
            ["a $ in the text begins no field; write $$ for a dollar sign"],
        ),
        ("-$a", {"a": "x" * 2000}, ["text has 2001 characters; 1 to 2000 are allowed"]),
        ("$a", {"a": ""}, ["text has 0 characters; 1 to 2000 are allowed"]),
        ("$a", {"a": "\udfff"}, ["text contains a lone surrogate, which has no UTF-8 form"]),
    ],
)
def test_wrong_fields_fail_when_the_job_is_made(text: str, fields: Any, named: list[str]) -> None:
    assert list(faults(rendered, text, fields)) == named


def test_a_field_of_one_language_is_needed_in_all() -> None:
    """What a buyer's language needs is known only when he has been asked, and that is too late."""
    text = LocalizedText({"de": "Hallo $name", "en": "Hello", "fr": "Salut $prenom"})
    assert faults(rendered, text, {"name": "Zoë"}) == (f"the field $prenom of the text {NO_VALUE}",)
    broken = LocalizedText({"de": "Hallo $name", "en": "Only $5"})
    assert faults(rendered, broken, {"name": "Zoë"}) == (
        "a $ in the text begins no field; write $$ for a dollar sign",
    )
    long = LocalizedText({"de": "$name", "en": "Hello $name"})
    assert faults(rendered, long, {"name": "x" * 2000}) == (
        "text in 'en' has 2006 characters; 1 to 2000 are allowed",
    )


def test_fields_without_a_text_have_nothing_to_fill() -> None:
    invoice = Invoice(attachments=[Path("a.pdf")])
    assert Job(ORDER, invoice, fields={}).rendered is invoice
    assert faults(Job, ORDER, invoice, fields={"n": "1"}) == ("the text has no field $n",)


def test_the_error_of_a_job_names_its_order() -> None:
    with pytest.raises(InvalidMessageError, match=ORDER):
        rendered("$name", None)


def test_a_changed_copy_of_a_job_is_filled_from_the_template_again() -> None:
    """Values with dollars in them must not be taken for fields in the second round."""
    job = Job(ORDER, UnexpectedProblem(text="Dear $name"), fields={"name": "$b $$"})
    copied = attrs.evolve(job, seller="shop-2")
    assert copied.rendered == UnexpectedProblem(text="Dear $b $$")
    assert copied.message == job.message


def test_the_digest_is_of_what_is_said_in_all_languages() -> None:
    """Not of the language chosen: a job is known again before its buyer is asked."""

    def digest(text: Any, fields: Any = None) -> str:
        job = Job(ORDER, UnexpectedProblem(text=text), fields=fields)
        return Identity.of(job).content

    texts = [
        "Hi Zoë",
        LocalizedText({"en": "Hi Zoë"}),
        LocalizedText({"de": "Hi Zoë"}),
        LocalizedText({"en": "Hi Zoë", "de": "Hi"}),
        LocalizedText({"en": "Hi Zoë", "de": "Hi"}, default="en"),
        LocalizedText({"en": "Hi Zoë", "de": "Hi"}, default="de"),
    ]
    assert len({digest(text) for text in texts}) == len(texts)
    assert digest("Hi $name", {"name": "Zoë"}) == digest("Hi Zoë")
    assert digest(LocalizedText({"de": "Hi", "en": "Hi Zoë"})) == digest(texts[3])


@given(st.text(max_size=40), st.dictionaries(st.text(max_size=5), st.text(max_size=10), max_size=3))
def test_a_job_is_made_or_refused_and_never_half(text: str, fields: dict[str, str]) -> None:
    """Nothing but InvalidMessageError comes out, and no placeholder of the text stays open."""
    try:
        reported = rendered(f"-{text}", fields)
    except InvalidMessageError:
        return
    assert all(value in reported for name, value in fields.items() if f"${name}" in text)


def test_texts_in_one_language_load_no_language_data() -> None:
    code = (
        "import sys; from spapi_messaging import Job, UnexpectedProblem as P; "
        "Job('903-1671087-0812628', P(text='$n'), fields={'n': 'x'}); "
        "sys.exit('langcodes' in sys.modules)"
    )
    subprocess.run([sys.executable, "-W", "error", "-c", code], check=True)
