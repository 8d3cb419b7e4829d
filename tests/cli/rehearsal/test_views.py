"""What a person, or a program, is told by a rehearsal."""

import json
import re
from pathlib import Path

import pytest
from helpers.command_line import FAST, invoke, order, write_jobs
from helpers.plans import ACTION, file_of, row
from hypothesis import given, strategies as st

from spapi_messaging.cli.rehearsal.duration import in_words, seconds_at
from spapi_messaging.quota import Quota
from spapi_messaging.sandbox import Sandbox

LONG = "Your parcel is late, and we are sorry for that; it left our warehouse again today. " * 3


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "less than a second"),
        (0.99, "less than a second"),
        (1, "about 1 second"),
        (45.4, "about 45 seconds"),
        (59.9, "about 1 minute"),
        (125, "about 2 minutes 5 seconds"),
        (599, "about 9 minutes 59 seconds"),
        (605, "about 10 minutes"),
        (3599, "about 1 hour"),
        (9995, "about 2 hours 47 minutes"),
        (86_400, "about 24 hours"),
        (200_000, "about 2 days 8 hours"),
    ],
)
def test_a_duration_is_said_in_words(seconds: float, words: str) -> None:
    assert in_words(seconds) == words


@given(st.floats(0, 10**8))
def test_no_duration_is_said_to_be_none(seconds: float) -> None:
    words = in_words(seconds)
    assert not re.search(r"\b0 ", words)
    assert words == "less than a second" or re.fullmatch(r"about \d+ \w+( \d+ \w+)?", words)


def test_the_slowest_operation_of_one_seller_sets_the_pace() -> None:
    """Each seller has a quota of its own, and discovery goes on beside the messages."""
    plan = Quota(rate=2, burst=5)
    sent = {("a", "x"): 105, ("a", "y"): 20, ("b", "x"): 65}
    assert seconds_at(plan, sent, {"a": 105, "b": 65}) == 50
    assert seconds_at(plan, sent, {"a": 205, "b": 65}) == 100
    assert seconds_at(plan, {("a", "x"): 3}, {"a": 3}) == 0


def test_it_says_how_long_it_takes(sandbox: Sandbox, tmp_path: Path) -> None:
    jobs = write_jobs(tmp_path / "jobs.jsonl", 35)
    done = invoke("bulk", jobs, "--dry-run", "--rate", "10", "--burst", "5", sandbox=sandbox)
    assert "It would take about 3 seconds at 10 requests a second, burst 5." in done.stdout
    send = f"spapi-messaging bulk {jobs} --marketplace DE --rate 10"
    assert done.stdout.endswith(f"\n\nTo send what would be sent:\n  {send}\n")
    few = write_jobs(tmp_path / "few.jsonl", 3)
    done = invoke("bulk", few, "--dry-run", sandbox=sandbox)
    assert "It would take less than a second at 1 request a second, burst 5." in done.stdout


def test_the_first_text_of_each_language_is_shown_as_it_is_read(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    """Filled, with its line breaks, folded by the columns that it takes, in the file's order."""
    sandbox.latency = (0.0, 0.05)
    (tmp_path / "a.pdf").write_bytes(b"%PDF-1.4")
    for number, locale in ((2, "fr-FR"), (3, "ja-JP")):
        sandbox.add_order(order(number), locale=locale)
    text = {
        "de": f"Guten Tag $name,\r\n\r\n{LONG}\n\tIhr Händler\x1b[31m",
        "fr": "Bonjour $name",
        "ja": "お届けが遅れております" * 12,
    }
    rows = [row(number, text=text, fields={"name": f"N{number}"}) for number in range(8)]
    rows.append({"order_id": order(9), "action": "invoice", "attachments": ["a.pdf"]})
    done = invoke("bulk", file_of(rows, tmp_path / "jobs.jsonl"), "--dry-run", sandbox=sandbox)
    assert done.returncode == 0, done.stderr
    shown = done.stdout.splitlines()
    assert f"  {ACTION}: 8 (6 in de, 1 in fr, 1 in ja)" in shown
    headings = [line for line in shown if line.startswith("The first ")]
    assert headings == [
        f"The first {ACTION} in de, to order {order(0)}:",
        f"The first {ACTION} in fr, to order {order(2)}:",
        f"The first {ACTION} in ja, to order {order(3)}:",
        f"The first invoice, to order {order(9)}, with a.pdf:",
    ]
    begin = shown.index(headings[0])
    assert shown[begin + 1 : begin + 3] == ["    Guten Tag N0,", ""]
    assert " ".join(map(str.strip, shown[begin + 3 : begin + 7])).startswith(LONG.strip())
    assert "        Ihr Händler\N{REPLACEMENT CHARACTER}[31m" in shown
    assert max(map(len, shown[begin : shown.index("To send what would be sent:")])) <= 80
    japanese = shown[shown.index(headings[2]) + 1 :][:4]
    assert "".join(map(str.strip, japanese)).startswith(text["ja"][:100])
    assert all(2 * len(line.strip()) + 4 <= 80 for line in japanese)
    assert "    (it has no text)" in shown


def test_equal_reasons_are_one_with_its_first_orders(sandbox: Sandbox, tmp_path: Path) -> None:
    for number in range(3, 12):
        sandbox.add_order(order(number), actions=("warranty",))
    sandbox.add_order(order(1), disabled={"unexpectedProblem": "You wrote before."})
    jobs = write_jobs(tmp_path / "jobs.jsonl", 14)
    done = invoke("bulk", jobs, "--dry-run", *FAST, sandbox=sandbox)
    assert done.returncode == 1
    shown = done.stdout.splitlines()
    begin = shown.index("10 would not be sent")
    assert shown[begin + 1] == f"  9: The order does not offer {ACTION!r}; it offers warranty."
    assert shown[begin + 2] == f"    {', '.join(map(order, range(3, 8)))}, …"
    assert shown[begin + 3].startswith(f"  Order {order(1)}: 'unexpectedProblem' is disabled (You")


def test_as_json_it_is_an_object_for_each_job_and_one_that_sums_up(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    sandbox.add_order(order(1), closed=True)
    jobs = file_of([row(0)], tmp_path / "jobs.jsonl")
    assert invoke("bulk", jobs, sandbox=sandbox).returncode == 0
    text = {"de": "Hallo"}
    file_of([row(0, text="x"), row(1), row(2, text=text, key="k")], jobs)
    done = invoke("bulk", jobs, "--dry-run", "--json", *FAST, sandbox=sandbox)
    *lines, last = map(json.loads, done.stdout.splitlines())
    assert done.returncode == 1
    by_order = {(line["order_id"], line["would_be"]): line for line in lines}
    common = {"action": "unexpectedProblem", "seller": "default", "language": None, "key": None}
    skipped = by_order[order(0), "skipped"]
    assert by_order.pop((order(1), "refused"))["reason"].startswith(f"Order {order(1)}: ")
    assert by_order.pop((order(2), "sent")) == common | {
        "would_be": "sent",
        "order_id": order(2),
        "language": "de",
        "key": "k",
        "reason": None,
    }
    assert skipped.keys() == {*common, "would_be", "order_id", "reason", "state", "changed"}
    assert last == {
        "summary": {
            "jobs": 3,
            "done": 3,
            "stopped": False,
            "sent": 1,
            "refused": 1,
            "not sent": 0,
            "in doubt": 0,
            "skipped": 1,
            "skipped_as": {"sent": 1, "changed": 1},
            "actions": {ACTION: 1},
            "seconds": 0.0,
        }
    }
