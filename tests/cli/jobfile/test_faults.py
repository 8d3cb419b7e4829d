"""Faults as people read them: where, which value, what is expected, and equal ones once."""

import tracemalloc
from pathlib import Path

import pytest
from helpers.command_line import order
from helpers.job_files import MIB, ORDER, Read, reason, written

from spapi_messaging.cli.jobfile import near_column

ACTION = "confirmDeliveryDetails"
TO = "\N{EN DASH}"


def told(folder: Path, content: str) -> tuple[str, ...]:
    return written(folder, content, "csv").check().fault_lines


def test_equal_faults_are_one_line(folder: Path) -> None:
    rows = [f"{order(n)},confirmDelivery,Hallo" for n in range(20)]
    content = "\n".join(["order_id,action,text", *rows, f"{order(20)},{ACTION},Hallo"])
    (line,) = told(folder, content)
    said = "column action: no action is called 'confirmDelivery'; did you mean"
    assert line == f"lines 2{TO}21: {said} {ACTION}?"


def test_lines_that_do_not_follow_each_other_are_listed_and_the_rest_counted(folder: Path) -> None:
    actions = ["bad" if n % 2 else ACTION for n in range(100)]
    rows = [f"{order(n)},{action},Hallo" for n, action in enumerate(actions)]
    (line,) = told(folder, "\n".join(["order_id,action,text", *rows]))
    assert line.startswith("lines 3, 5, 7, 9, 11, 13, 15, 17 and 42 more: column action: no action")


def test_each_fault_of_a_row_is_told_with_its_own_kind(folder: Path) -> None:
    rows = [f"{order(1)},bad,DE", f"{order(2)},bad,Germania"]
    lines = told(folder, "\n".join(["order_id,action,marketplace", *rows]))
    assert lines[0].startswith(f"lines 2{TO}3: " if TO in lines[0] else "lines 2 and 3: ")
    assert lines[1].startswith("line 3: column marketplace: no marketplace is called 'Germania'")


def test_memory_stays_bounded_where_every_row_is_wrong_in_its_own_way(folder: Path) -> None:
    rows = [f"{order(n)},wrong{n}x{n},Hallo" for n in range(20_000)]
    source = written(folder, "\n".join(["order_id,action,text", *rows]), "csv")
    source.check()
    tracemalloc.start()
    checked = source.check()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert checked.fault_count == 20_000
    assert len(checked.fault_lines) == 21
    assert checked.fault_lines[-1] == "… and 19980 more faults, of other kinds"
    assert peak < 2 * MIB


@pytest.mark.parametrize(
    ("column", "value", "said"),
    [
        ("action", "Confirm-Delivery-Details", None),
        ("action", "CONFIRMDELIVERYDETAILS", None),
        ("action", "confirmdelivery", f"did you mean {ACTION}?"),
        ("action", "xyzzy", "there are confirmCustomizationDetails, confirmDeliveryDetails, "),
        ("action", "a text of many words here", "no action is called <25 characters>"),
        ("marketplace", "GB", None),
        ("marketplace", "www.amazon.fr", None),
        ("marketplace", "Amazon.dee", "'Amazon.dee'; did you mean DE?"),
        ("marketplace", "Narnia", "no marketplace is called 'Narnia'; there are CA, US, "),
    ],
)
def test_a_value_is_told_with_what_is_expected(
    column: str, value: str, said: str | None, read: Read
) -> None:
    row = {"order_id": ORDER, "action": ACTION, "text": "Hallo"} | {column: value}
    items = read(f"{','.join(row)}\n{','.join(row.values())}\n")
    if said is None:
        assert not hasattr(items[0], "reason")
    else:
        assert f"column {column}: no " in reason(items)
        assert said in reason(items)


@pytest.mark.parametrize(
    ("column", "meant"),
    [
        ("attachement", "attachments"),
        ("atachments", "attachments"),
        ("marketplce", "marketplace"),
        ("coverage start", "coverage_start_date"),
        ("attachments", None),
        ("transaction-type", None),
        ("seller-sku", None),
        ("promise-date", None),
    ],
)
def test_a_column_that_is_nearly_one_of_a_job_is_told(column: str, meant: str | None) -> None:
    assert near_column(column) == meant
