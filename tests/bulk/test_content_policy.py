"""What a run does with texts that Amazon may object to: warn, refuse, or nothing."""

import logging
from pathlib import Path

import pytest
from helpers.bulk_runs import job, named, opened, outcomes_of, stub_run

from spapi_messaging import InvalidMessageError, Job, LocalizedText, Refused, UnexpectedProblem

ORDER = "903-1671087-0812628"
MAIL = UnexpectedProblem(text="Write to SECRET@example.com")
LINK = UnexpectedProblem(text="Track it: https://www.dhl.com/track?id=1")
CLEAN = UnexpectedProblem(text="Your parcel is late.")


async def test_a_warning_is_logged_once_and_counted(log: pytest.LogCaptureFixture) -> None:
    """A campaign of 200,000 with the same slip must not write 200,000 lines."""
    run = stub_run([job(0, CLEAN), *(job(number, MAIL) for number in range(1, 4)), job(4, LINK)])
    outcomes = await outcomes_of(run)
    assert set(named(outcomes).values()) == {"Sent"}
    assert run.summary.warnings == {"email": 3, "link": 1}
    lines = [record for record in log.records if record.levelno == logging.WARNING]
    assert len(lines) == 2
    assert "(email, characters 10 to 27)" in lines[0].getMessage()
    assert "902-0000001-0000000" in lines[0].getMessage()
    assert "SECRET" not in log.text


@pytest.mark.parametrize("discover", [True, False])
async def test_a_refused_text_costs_no_request(discover: bool, tmp_path: Path) -> None:
    """And may go out tomorrow, under another policy, with the same journal."""
    journal = tmp_path / "run.db"
    jobs = [job(1, MAIL), job(2, LINK), job(3, CLEAN)]
    async with opened() as (sandbox, session):
        run = session.bulk(jobs, journal=journal, discover=discover, content="refuse")
        outcomes = await outcomes_of(run)
        assert named(outcomes) == {1: "Refused", 2: "Sent", 3: "Sent"}
        assert run.summary.warnings == {"email": 1, "link": 1}
        (refused,) = [each for each in outcomes if isinstance(each, Refused)]
        assert isinstance(refused.error, InvalidMessageError)
        assert "(email, characters 10 to 27)" in str(refused.error)
        assert "SECRET" not in str(refused.error)
        assert sandbox.count(jobs[0].order_id) == 0
        again = await outcomes_of(session.bulk(jobs, journal=journal, discover=discover))
        assert named(again) == {1: "Sent", 2: "Skipped", 3: "Skipped"}


async def test_what_was_sent_before_is_skipped_and_not_refused(tmp_path: Path) -> None:
    journal = tmp_path / "run.db"
    async with opened() as (_, session):
        await outcomes_of(session.bulk([job(1, MAIL)], journal=journal))
        strict = session.bulk([job(1, MAIL)], journal=journal, content="refuse")
        assert named(await outcomes_of(strict)) == {1: "Skipped"}


async def test_off_looks_at_nothing(log: pytest.LogCaptureFixture) -> None:
    run = stub_run([job(1, MAIL)], content="off")
    assert named(await outcomes_of(run)) == {1: "Sent"}
    assert run.summary.warnings == {}
    assert not [record for record in log.records if record.levelno == logging.WARNING]


def test_another_policy_is_an_error_when_the_run_is_made() -> None:
    with pytest.raises(ValueError, match='"warn", "refuse" or "off", not \'strict\''):
        stub_run([], content="strict")


async def test_every_language_is_looked_at_with_its_fields_filled() -> None:
    text = LocalizedText({"de": "Hallo $name", "en": "Hello <b>$name</b>"})
    jobs = [
        Job(ORDER, UnexpectedProblem(text=text), fields={"name": name}, key=name)
        for name in ("Zoë", "x@example.com")
    ]
    run = stub_run(jobs, content="refuse")
    first, second = await outcomes_of(run)
    assert run.summary.warnings == {"html": 2, "email": 1}
    assert "email" not in str(first)
    assert str(second).count("(email, ") == 2


@pytest.mark.parametrize(
    ("value", "codes"),
    [
        ("Zoë O\u2019Connor-Müller, Tisch 7", {}),
        ("HANNELORE SCHMIDT-KRONENBERG", {}),  # a name in capitals is nobody's shouting
        ("2026-12-24", {}),
        ("24.12.2026", {}),
        ("903-1671087-0812628", {}),
        ("01712345678", {"phone": 1}),
        ("x@example.com", {"email": 1}),
        ("<i>Zoë</i>", {"html": 1}),
        ("Zoë\u200b", {"invisible": 1}),
        ("www.instagram.com/shop", {"unrelated-link": 1}),
    ],
)
async def test_what_fills_a_text_is_looked_at(value: str, codes: dict[str, int]) -> None:
    """Together with what stands before it: a number is one after "telephone"."""
    text = "Please call us by telephone: $value"
    run = stub_run([Job(ORDER, UnexpectedProblem(text=text), fields={"value": value})])
    await outcomes_of(run)
    assert run.summary.warnings == codes


async def test_the_language_of_a_variant_is_judged_without_its_fields() -> None:
    """A German text stays German though a title in it is English."""
    german = "Ihr Paket ist leider beschädigt worden, wir bitten um Entschuldigung dafür: $title"
    title = "The Hitchhiker's Guide to the Galaxy, the complete and unabridged radio scripts " * 3
    right = LocalizedText({"de": german})
    wrong = LocalizedText({"en": german})
    runs = [
        stub_run([Job(ORDER, UnexpectedProblem(text=text), fields={"title": title})])
        for text in (right, wrong)
    ]
    for run in runs:
        await outcomes_of(run)
    assert [run.summary.warnings for run in runs] == [{}, {"language": 1}]
