"""Faults of many rows: told once, with their lines."""

from hypothesis import given, strategies as st

from spapi_messaging.orderfile.faults import MAX_KINDS, MAX_RANGES, Faults


def told(*faults: tuple[int, str]) -> list[str]:
    collected = Faults()
    for line, reason in faults:
        collected.add(line, reason)
    return list(collected.lines())


def test_one_fault_names_its_line() -> None:
    assert told((7, "no order")) == ["line 7: no order"]


def test_neighbours_are_a_range() -> None:
    assert told(*((line, "no action") for line in range(2, 22))) == [
        "lines 2\N{EN DASH}21: no action"
    ]


def test_lines_apart_are_listed() -> None:
    lines = told((2, "a"), (5, "a"), (6, "a"), (9, "a"))
    assert lines == ["lines 2, 5\N{EN DASH}6 and 9: a"]


def test_kinds_come_in_the_order_of_their_first_lines() -> None:
    assert told((2, "b"), (3, "a"), (4, "b")) == ["lines 2 and 4: b", "line 3: a"]


def test_more_places_than_anyone_reads_are_counted() -> None:
    lines = told(*((2 * number, "a") for number in range(1, 101)))
    assert lines == [f"lines 2, 4, 6, 8, 10, 12, 14, 16 and {100 - MAX_RANGES} more: a"]


def test_more_kinds_than_anyone_reads_are_counted() -> None:
    """Memory stays bounded in a file whose every row is wrong in its own way."""
    lines = told(*((line, f"fault {line}") for line in range(2, 1002)))
    assert len(lines) == MAX_KINDS + 1
    assert lines[-1] == f"… and {1000 - MAX_KINDS} more faults, of other kinds"


@given(st.lists(st.tuples(st.integers(1, 3), st.sampled_from("abc")), max_size=60))
def test_every_fault_is_counted(steps: list[tuple[int, str]]) -> None:
    collected, line = Faults(), 1
    for step, reason in steps:
        line += step
        collected.add(line, reason)
    assert collected.count == len(steps) == sum(fault.count for fault in collected)
