"""The words of a run's headline, bar and table, where room is short and where it is not."""

import io
import re
from typing import Any

import pytest
from helpers.command_line import order
from hypothesis import given, strategies as st
from rich.console import Console

from spapi_messaging import Job, NotSent, Refused, UnexpectedProblem
from spapi_messaging.api import UPLOAD_DESTINATION
from spapi_messaging.bulk import Summary
from spapi_messaging.cli.moments import stopwatch
from spapi_messaging.cli.view.activity import Activity
from spapi_messaging.cli.view.kinds import KINDS
from spapi_messaging.cli.view.outcome_bar import OutcomeBar
from spapi_messaging.cli.view.outcome_table import outcome_table
from spapi_messaging.cli.view.reasons_seen import ReasonsSeen
from spapi_messaging.cli.view.standing import Standing, allowed_rate, per_second
from spapi_messaging.errors import BadRequestError, NotSentError
from spapi_messaging.messages import MESSAGE_TYPES
from spapi_messaging.transport import RequestEvent

PROBLEM = "createUnexpectedProblem"
KEYS = [kind.key for kind in KINDS]


def summary(counts: dict[str, dict[str, int]] | None = None, **more: Any) -> Summary:
    common = {"rates": {}, "allowed": {}, "elapsed": 0.0, "in_progress": 0, "remaining": None}
    return Summary(**common | {"counts": counts or {}, "warnings": {}} | more)


def headline(done: int, jobs: int, width: int | None = None, **more: Any) -> str:
    how = {"doing": more.pop("doing", None), "is_over": more.pop("is_over", False)}
    counts = {"Sent": done - more.get("doubts", 0), "InDoubt": more.pop("doubts", 0)}
    return Standing(summary=summary({PROBLEM: counts}, **more), jobs=jobs, **how).headline(width)


@pytest.mark.parametrize(
    ("said", "done", "jobs", "more"),
    [
        ("47/400 · 11 % · 8.4/s · 0:42 left · 3 in doubt", 47, 400, {"pace": 8.4, "doubts": 3}),
        ("0/400 · 0 % · asking orders", 0, 400, {"doing": "asking orders"}),
        ("1/400 · <1 %", 1, 400, {}),
        ("399/400 · 99 % · 1.0/s · 0:01 left", 399, 400, {"pace": 1.0}),
        ("1,000/10,000 · 10 % · 0.50/s · 5:00:00 left", 1000, 10_000, {"pace": 0.5}),
        ("10,000/10,000 · 100 % · in 2:46:40", 10_000, 10_000, {"elapsed": 1e4, "is_over": True}),
        ("3/3 · 100 %", 3, 3, {"elapsed": 0.2, "is_over": True}),
        (
            "5/9 · 55 % · 2.5/s · in 0:03",
            5,
            9,
            {"elapsed": 3, "is_over": True, "rates": {"a": 2.5}},
        ),
        ("7/9 · 77 % · Amazon away", 7, 9, {"pace": 1.0, "away": ("a",), "doing": "Amazon away"}),
        ("7/9 · 77 % · 7 sent before", 7, 9, {"skipped": {"sent": 7}}),
        ("0/0", 0, 0, {}),
    ],
)
def test_the_headline_says_what_is_known(
    said: str, done: int, jobs: int, more: dict[str, Any]
) -> None:
    assert headline(done, jobs, **more) == said


def test_the_time_left_is_that_of_the_slower_of_pace_and_quota() -> None:
    assert "1:40 left" in headline(0, 100, pace=1.0, allowed={PROBLEM: 9.0})
    assert "1:40 left" in headline(0, 100, pace=9.0, allowed={PROBLEM: 0.5, "invoice": 0.5})
    assert "left" not in headline(0, 100, allowed={PROBLEM: 1.0}), "nothing was measured"


@given(
    st.integers(0, 10**7),
    st.integers(0, 10**7),
    st.sampled_from([None, "asking for a token", "Amazon is out of reach"]),
    st.integers(0, 10**5),
    st.integers(30, 200),
)
def test_a_headline_fits_and_keeps_what_matters_most(
    done: int, more: int, doing: str | None, doubts: int, width: int
) -> None:
    doubts = min(doubts, done)
    said = headline(done, done + more, width, doing=doing, doubts=doubts, pace=12.3)
    assert len(said) <= width or said.count(" · ") == 1
    assert said.startswith(f"{done:,}/{done + more:,}")
    assert doing is None or doing in said


@pytest.mark.parametrize(
    ("rate", "said"),
    [
        (0.0004, "0.0004"),
        (0.0096, "0.01"),
        (0.05, "0.05"),
        (0.994, "0.99"),
        (0.999, "1.0"),
        (8.44, "8.4"),
        (99.96, "100"),
        (1234, "1,234"),
    ],
)
def test_a_rate_is_as_exact_as_it_can_be_told(rate: float, said: str) -> None:
    assert per_second(rate) == said


def test_a_quota_and_a_duration_are_said_shortly() -> None:
    assert [allowed_rate(rate) for rate in (1, 0.5, 10.0, 1500.0)] == ["1", "0.5", "10", "1,500"]
    assert [allowed_rate(rate) for rate in (0.0167, 0.004, 0.0003)] == ["0.02", "0.004", "0.0003"]
    assert [stopwatch(seconds) for seconds in (0, 41.4, 725, 10_000)] == [
        "0:00",
        "0:41",
        "12:05",
        "2:46:40",
    ]


def test_a_duration_of_days_is_said_in_days() -> None:
    assert [stopwatch(hours * 3600) for hours in (24, 47.99, 48, 435.3, 7532.5)] == [
        "24:00:00",
        "47:59:24",
        "2 d",
        "18 d 3 h",
        "313 d 20 h",
    ]


@given(
    st.dictionaries(st.sampled_from(KEYS), st.integers(0, 20_000)),
    st.integers(0, 9999),
    st.integers(5, 300),
)
def test_each_kind_has_its_piece_of_the_bar(
    counts: dict[str, int], still_open: int, width: int
) -> None:
    """None is too few to be seen, and it is full when all is done, and not before."""
    done = sum(counts.values())
    pieces = OutcomeBar(counts, total=done + still_open).pieces(width)
    assert {key for key, cells in pieces.items() if cells > 0} == {k for k in counts if counts[k]}
    assert all(cells > 0 for cells in pieces.values())
    if done:
        assert sum(pieces.values()) <= width
        assert (sum(pieces.values()) == width) >= (not still_open)
        if still_open and width > len(KINDS):
            assert sum(pieces.values()) < width


@given(
    counts=st.dictionaries(
        st.sampled_from([kind.operation for kind in MESSAGE_TYPES]),
        st.dictionaries(st.sampled_from(KEYS), st.integers(1, 1_234_567), min_size=1),
        min_size=1,
    ),
    width=st.integers(40, 220),
    has_rates=st.booleans(),
)
def test_a_table_is_never_wider_than_the_terminal(
    counts: dict[str, dict[str, int]], width: int, *, has_rates: bool
) -> None:
    """Nor does it cut a number, or a name of what became of the messages."""
    rates = dict.fromkeys(counts, 0.998) if has_rates else {}
    console = Console(file=io.StringIO(), width=width)
    table = outcome_table(console, summary(counts, rates=rates, allowed=dict.fromkeys(counts, 1.0)))
    assert table is not None
    console.print(table)
    printed = console.file
    assert isinstance(printed, io.StringIO)
    lines = printed.getvalue().splitlines()
    assert max(map(len, lines)) <= width
    assert len(lines) == 1 + len(counts)
    assert lines[0].startswith("action")
    assert "…" not in lines[0]
    assert not any("…" in re.sub(r"^\w+…", "", line) for line in lines)
    if width < 60:
        assert lines[0].split() == ["action", "outcomes"]


def test_nothing_has_no_table() -> None:
    assert outcome_table(Console(width=80), summary()) is None


def test_equal_reasons_are_one_with_their_number() -> None:
    seen = ReasonsSeen()
    error = NotSentError(PROBLEM, "no route", order(1))
    lines = [
        seen.add(NotSent(Job(order(number), UnexpectedProblem(text="x")), error))
        for number, error in ((1, error), (2, NotSentError(PROBLEM, "no route", order(2))))
    ]
    refusal = BadRequestError(
        PROBLEM, 400, code="InvalidInput", message="A link.", order_id=order(3)
    )
    seen.add(Refused(Job(order(3), UnexpectedProblem(text="x")), refusal))
    assert lines[1] is None
    assert order(1) in (lines[0] or "")
    twice, once = seen.last(5)
    assert twice.words(200)[0] == "2 not sent"
    assert order(1) not in twice.words(200)[1]
    assert order(3) in once.words(200)[1]
    assert order(3) not in once.words(40)[1], "where there is little room, why comes first"
    assert seen.last(1) == [once]
    assert seen.last(0) == []


def event(operation: str, status: int | None = 200) -> RequestEvent:
    return RequestEvent(
        operation=operation,
        order_id=order(1),
        attempt=1,
        waited=0,
        took=0,
        status=status,
        request_id=None,
        failure=None,
    )


def test_what_a_run_is_doing_comes_from_its_sessions_and_requests() -> None:
    def doing(activity: Activity, has_tokens: tuple[bool, ...], **more: Any) -> str | None:
        return activity.standing(summary(**{"in_progress": 3} | more), has_tokens).doing

    run = Activity(jobs=9, discovers=True)
    assert doing(run, ()) is None, "the journal is looked into"
    assert doing(run, (False, False)) == "asking for a token"
    assert doing(run, (False, True)) == "asking orders"
    assert doing(Activity(jobs=9, discovers=False), (True,)) == "sending the first"
    run.note(event("getMessagingActionsForOrder"))
    assert doing(run, (True,)) == "asking orders"
    run.note(event(UPLOAD_DESTINATION))
    assert doing(run, (True,)) == "uploading attachments"
    assert doing(run, (True,), counts={PROBLEM: {"Skipped": 2}}) == "uploading attachments"
    assert doing(run, (True,), counts={PROBLEM: {"Sent": 1}}) is None
    run.note(event(PROBLEM, 429))
    assert doing(run, (True,), counts={PROBLEM: {"Sent": 1}}) == "throttled by Amazon"
    assert doing(run, (True,), away=("a",)) == "Amazon is out of reach"
    assert doing(run, (True,) * 3, away=("a", "b")) == "Amazon is out of reach for 2 of 3 sellers"
