"""The language of a text: judged where it is certain, and the detector is loaded for it alone."""

import subprocess
import sys

import pytest
from helpers.sentences import CLEAN, language_of

from spapi_messaging import check_text

# A sentence or two of one may well be a sentence or two of the other.
CLOSE = [{"nl", "af"}, {"hi", "mr"}, {"da", "sv"}, {"es", "pt"}]


def test_a_text_in_another_language_is_found() -> None:
    pytest.importorskip("py3langid")
    languages = sorted({language_of(locale) for locale in CLEAN})
    count, failures = 0, []
    for locale, texts in CLEAN.items():
        for wanted in languages:
            if wanted == language_of(locale) or {wanted, language_of(locale)} in CLOSE:
                continue
            text = " ".join(texts[:2])
            count += 1
            if [each.code for each in check_text(text, "unexpectedProblem", language=wanted)] != [
                "language"
            ]:
                failures.append((locale, wanted))
    assert count > 600
    assert failures == [], f"language: found {count - len(failures)} of {count}"


def test_parts_of_clean_texts_are_in_no_other_language() -> None:
    pytest.importorskip("py3langid")
    parts = [
        (locale, text[:length])
        for locale, texts in CLEAN.items()
        for text in texts
        for length in (25, 40, 60)
    ]
    alarms = [each for each in parts if check_text(each[1], "unexpectedProblem", language=each[0])]
    assert alarms == [], f"false alarms: {len(alarms)} of {len(parts)}"


@pytest.mark.parametrize(
    ("text", "language"),
    [
        (
            "Må vi levere sofaen torsdag mellom klokka to og fire, eller passer fredag bedre?",
            "nb-NO",
        ),
        (
            "Må vi levere sofaen torsdag mellem klokken to og fire, eller passer fredag bedre?",
            "nb-NO",
        ),
        (
            "Smijemo li dostaviti ormar u petak između dva i četiri sata poslije podne?",
            "sr-Latn-RS",
        ),
        ("Bolehkah kami mengirim lemari Anda pada hari Jumat antara jam dua dan empat?", "ms-MY"),
        ("El libro está disponible para entregar mañana, gracias por su compra.", "gl"),
        ("請問我們可以在星期五下午兩點到四點之間把冰箱送到您府上嗎?", "zh-Hans-CN"),
        ("nuqneH! Ihre Bestellung kommt am Freitag zwischen zwei und vier Uhr.", "tlh"),
        ("Ihre Bestellung kommt am Freitag zwischen zwei und vier Uhr.", ""),
        ("Ihre Bestellung kommt am Freitag zwischen zwei und vier Uhr.", "DE_at"),
        ("Samsung Galaxy Watch Ultra, Sony PlayStation Controller", "de-DE"),
        ("OK, danke!", "fr-FR"),
    ],
)
def test_close_relatives_unknown_tags_and_short_texts_are_not_judged(
    text: str, language: str
) -> None:
    assert check_text(text, "unexpectedProblem", language=language) == []


def test_the_whole_text_is_the_span_of_a_wrong_language() -> None:
    pytest.importorskip("py3langid")
    text = "Dürfen wir Ihnen den Schrank am Freitag zwischen zwei und vier Uhr liefern?"
    (warning,) = check_text(text, "unexpectedProblem", language="fr-FR")
    assert (warning.code, warning.start, warning.end) == ("language", 0, len(text))
    assert "'de'" in warning.message


@pytest.mark.parametrize(
    "code",
    [
        "pass",
        "spapi_messaging.check_text('Guten Tag', 'unexpectedProblem')",
    ],
)
def test_the_detector_is_loaded_when_a_language_is_judged(code: str) -> None:
    absent = "assert not {'py3langid', 'numpy'} & set(sys.modules)"
    run = f"import sys, spapi_messaging; {code}; {absent}"
    subprocess.run([sys.executable, "-W", "error", "-c", run], check=True)


def test_without_the_extra_the_language_is_not_judged() -> None:
    text = "Dürfen wir Ihnen den Schrank am Freitag zwischen zwei und vier Uhr liefern?"
    run = (
        "import sys; sys.modules['py3langid'] = None; import spapi_messaging\n"
        f"assert spapi_messaging.check_text({text!r}, 'unexpectedProblem', language='fr') == []"
    )
    subprocess.run([sys.executable, "-W", "error", "-c", run], check=True)
