"""Jobs of one run know each other as a journal's entries are known, in any order."""

from itertools import permutations
from pathlib import Path

import pytest
from helpers.resumed_runs import opened

from spapi_messaging import (
    ConfirmDeliveryDetails,
    InvalidMessageError,
    Job,
    Message,
    UnexpectedProblem,
)
from spapi_messaging.bulk import Identity, Once, Repeats

ORDER, OTHER = "903-1671087-0812628", "903-1671087-0812629"
HELLO, HALLO = UnexpectedProblem(text="Hello"), UnexpectedProblem(text="Hallo")
WHEN = ConfirmDeliveryDetails(text="When?")


def went(jobs: list[Job], once: Once = "action", *, counts_all: bool = False) -> list[bool]:
    """Say of each job whether it is one that goes out."""
    with Repeats(counts_all=counts_all) as repeats:
        return [repeats.add(Identity.of(job, once)) is None for job in jobs]


@pytest.mark.parametrize(
    ("once", "expected"),
    [
        ("action", [True, False, True, True]),
        ("order", [True, False, False, True]),
        ("content", [True, True, True, True]),
    ],
)
def test_what_is_once_is_the_choice_of_the_run(once: Once, expected: list[bool]) -> None:
    jobs = [Job(ORDER, HELLO), Job(ORDER, HALLO), Job(ORDER, WHEN), Job(OTHER, HELLO)]
    assert went(jobs, once) == expected
    assert went([*jobs, *jobs], once) == [*expected, False, False, False, False]


def test_keys_tell_messages_of_one_action_apart() -> None:
    assert went([Job(ORDER, HELLO, key=key) for key in ("a", "b", "a")]) == [True, True, False]


def test_a_job_without_a_key_counts_for_those_with_one_as_in_a_journal() -> None:
    """It would know the second by the first: so it must not matter when it is asked."""
    for jobs in permutations([Job(ORDER, HELLO), Job(ORDER, HALLO, key="a")]):
        assert went(list(jobs), counts_all=True) == [True, False]
        assert went(list(jobs)) == [True, True]
    assert went([Job(ORDER, WHEN), Job(ORDER, HELLO, key="a")], counts_all=True) == [True, True]
    jobs = [Job(ORDER, WHEN, key="a"), Job(ORDER, HELLO)]
    assert went(jobs, "order", counts_all=True) == [True, False]
    assert went(jobs, "order") == [True, True]


async def test_a_run_with_a_journal_leaves_no_doubt_about_the_two(tmp_path: Path) -> None:
    """The second was looked up while the first was being sent, and found in doubt."""
    jobs = [Job(ORDER, HELLO), Job(ORDER, HALLO, key="a")]
    for journal, expected in (
        (tmp_path / "run.db", {"Sent": 1, "Skipped": 1}),
        (None, {"Sent": 2}),
    ):
        async with opened() as (sandbox, session):
            sandbox.latency = 0.05
            async with session.bulk(jobs, journal=journal) as outcomes:
                assert (await outcomes.finish()).total == expected


@pytest.mark.parametrize(("order", "message"), [(OTHER, HELLO), (ORDER, WHEN)])
def test_a_key_of_another_job_is_an_error(order: str, message: Message) -> None:
    with Repeats() as repeats:
        repeats.add(Identity.of(Job(ORDER, HELLO, key="k")))
        with pytest.raises(InvalidMessageError, match=f"'k' is that of .* for order {ORDER}"):
            repeats.add(Identity.of(Job(order, message, key="k")))


def test_the_earlier_one_is_known_by_its_number_and_content() -> None:
    with Repeats() as repeats:
        for number, message in enumerate((HELLO, HALLO, HALLO), start=7):
            earlier = repeats.note(Identity.of(Job(ORDER, message)), number)
        assert earlier is not None
        assert (earlier.number, earlier.content) == (7, Identity.of(Job(ORDER, HELLO)).content)
        repeated = repeats.add(Identity.of(Job(ORDER, HALLO)))
        assert repeated is not None
        assert repeated.changed
