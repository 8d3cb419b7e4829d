"""Faults are planted into clean texts of all locales, and each is found by one warning."""

from collections.abc import Iterator

import pytest
from helpers.faults_in_texts import (
    EMAILS,
    HTML,
    INVISIBLE,
    LINKS,
    PHONES,
    SHOUTED,
    UNRELATED,
    found,
)
from helpers.sentences import CLEAN, language_of
from helpers.slips_in_texts import PLANTED_SLIPS

from spapi_messaging import check_text
from spapi_messaging.content import ContentWarning

NO_BLANKS = ("ja", "zh")


def hosts_of(plant: str, locale: str) -> Iterator[tuple[str, int]]:
    """Return clean texts of the locale with the plant before, behind and between, and where."""
    blank = "" if language_of(locale) in NO_BLANKS else " "
    for first, second in zip(CLEAN[locale], CLEAN[locale][1:], strict=False):
        yield f"{plant}\n{first}", 0
        yield f"{first}{blank}{plant}", len(first + blank)
        yield f"{first} {plant} {second}", len(first) + 1
        yield f"{first}\n({plant}).", len(first) + 2


def missed(code: str, plants: dict[str, list[str]]) -> tuple[int, list[str]]:
    """Plant each and count; found is a fault by exactly one warning that covers it."""
    count, failures = 0, []
    for locale, chosen in plants.items():
        for plant in chosen:
            core = plant.strip("()!¡. ") if code not in {"html", *PLANTED_SLIPS} else plant
            if code == "phone":
                core = core[next(at for at, sign in enumerate(core) if sign.isdecimal()) :]
            for text, at in hosts_of(plant, locale):
                count += 1
                start = text.index(core, at)
                warnings = check_text(text, "unexpectedProblem")
                match warnings:
                    case [ContentWarning(code=seen, start=a, end=b)] if seen == code:
                        right = (
                            at - 1 <= a <= start and start + len(core) <= b <= at + len(plant) + 1
                        )
                    case _:
                        right = False
                if not right:
                    failures.append(f"{locale} {plant!r} in {text!r}: {found(text)}")
    return count, failures


def all_locales(plants: list[str]) -> dict[str, list[str]]:
    return dict.fromkeys(CLEAN, plants)


PLANTED = {
    "html": all_locales(HTML),
    "email": all_locales(EMAILS),
    "link": all_locales(LINKS),
    "unrelated-link": all_locales(UNRELATED),
    "invisible": all_locales(INVISIBLE),
    **{code: all_locales(slips) for code, slips in PLANTED_SLIPS.items()},
    "phone": PHONES,
    "all-caps": {
        locale: [SHOUTED[language_of(locale)]] for locale in CLEAN if language_of(locale) in SHOUTED
    },
}


def test_the_data_cover_every_locale() -> None:
    assert len(CLEAN) == 37
    assert min(map(len, CLEAN.values())) >= 5
    assert set(PHONES) == set(CLEAN)
    assert len({text for texts in CLEAN.values() for text in texts}) == sum(
        map(len, CLEAN.values())
    )


def test_clean_texts_raise_no_alarm() -> None:
    pytest.importorskip("py3langid")
    texts = [(locale, text) for locale, texts in CLEAN.items() for text in texts]
    alarms = [
        (locale, text[each.start : each.end], each)
        for locale, text in texts
        for each in check_text(text, "unexpectedProblem", language=locale)
    ]
    assert alarms == [], f"false alarms: {len(alarms)} of {len(texts)}"


@pytest.mark.parametrize("code", PLANTED)
def test_planted_faults_are_found(code: str) -> None:
    count, failures = missed(code, PLANTED[code])
    assert count >= 100
    assert failures == [], f"{code}: found {count - len(failures)} of {count}"
