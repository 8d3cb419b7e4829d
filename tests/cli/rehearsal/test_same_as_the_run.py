"""For any mix of orders and earlier runs, a rehearsal and a plan foretell what the run does."""

import json
import shlex
from collections import Counter
from typing import Any

import pytest
from helpers.command_line import FAST, invoke, order
from helpers.plans import file_of, lines_of
from helpers.served import served
from hypothesis import given, settings, strategies as st

from spapi_messaging.sandbox import Sandbox

ORDERS = 8
KINDS = ("open", "open", "open", "closed", "other", "disabled", "japanese", "french")
TEXTS = st.sampled_from(
    ["Hello", "Hallo", {"de": "Hallo $n", "fr": "Salut $n"}, {"de": "Hallo", "fr": "Salut"}]
)
ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "order_id": st.integers(0, ORDERS - 1).map(order),
            "action": st.sampled_from(["unexpectedProblem", "confirmOrderDetails"]),
            "text": TEXTS,
        }
    ).map(lambda row: row | ({"fields": {"n": "N"}} if "$n" in str(row["text"]) else {})),
    min_size=1,
    max_size=10,
)
OPTIONS = st.lists(
    st.sampled_from(
        [
            *(["--once", "order"], ["--once", "content"], ["--resend-changed"]),
            *(["--retry-refused"], ["--on-doubt", "resend"], ["--no-discover"]),
        ]
    ),
    unique_by=lambda words: words[0],
    max_size=3,
).map(lambda chosen: [word for words in chosen for word in words])
CASES = st.fixed_dictionaries(
    {
        "history": ROWS,
        "faults": st.dictionaries(
            st.integers(0, ORDERS - 1), st.sampled_from([400, 503]), max_size=3
        ),
        "rows": ROWS,
        "kinds": st.lists(st.sampled_from(KINDS), min_size=ORDERS, max_size=ORDERS),
        "options": OPTIONS,
    }
)


def become(sandbox: Sandbox, number: int, kind: str) -> None:
    told: dict[str, Any] = {
        "closed": {"closed": True},
        "other": {"actions": ("warranty",)},
        "disabled": {"disabled": {"unexpectedProblem": "Not now."}},
        "japanese": {"locale": "ja-JP"},
        "french": {"locale": "fr-FR"},
    }
    sandbox.add_order(order(number), **{"locale": "de-DE"} | told.get(kind, {}))


def outcomes_of(done: Any) -> Counter[tuple[Any, ...]]:
    """Count what became of which order and action, in the words of a run."""
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    return Counter(
        (
            line.get("outcome") or line["would_be"],
            *(line["order_id"], line["action"], line.get("state"), line.get("changed")),
        )
        for line in lines
        if "summary" not in line
    )


def sent_to(sandbox: Sandbox, since: int) -> list[tuple[str, str, str]]:
    messages = sandbox.messages()[since:]
    return sorted((m.order_id, m.operation, (m.body or {})["text"]) for m in messages)


@settings(max_examples=12, deadline=None)
@given(case=CASES, by_plan=st.booleans())
def test_a_rehearsal_and_its_plan_foretell_the_run(
    case: dict[str, Any], by_plan: bool, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """The run of the plan sends what is in it, and leaves nothing to send for the file's."""
    folder = tmp_path_factory.mktemp("rehearsed")
    given = ["--journal", folder / "journal", *FAST]
    with served(rate=1000, burst=1000) as sandbox:
        for number in range(ORDERS):
            sandbox.add_order(order(number), locale="de-DE")
        for number, status in case["faults"].items():
            sandbox.fail_next(status, order_id=order(number), after_accepting=status == 503)
        invoke("bulk", file_of(case["history"], folder / "1.jsonl"), *given, sandbox=sandbox)
        sandbox.clear_faults()
        # Nobody can foretell what an order says that is not asked.
        if "--no-discover" not in case["options"]:
            for number, kind in enumerate(case["kinds"]):
                become(sandbox, number, kind)
        jobs, plan = file_of(case["rows"], folder / "2.jsonl"), folder / "plan.jsonl"
        options, since = [*given, *case["options"]], len(sandbox.messages())
        rehearsed = invoke("bulk", jobs, *options, "--json", "--plan", plan, sandbox=sandbox)
        assert len(sandbox.messages()) == since
        planned = lines_of(plan)[1:] if plan.exists() else []
        if by_plan and planned:
            words = shlex.split(rehearsed.stderr.splitlines()[-1].partition(": ")[2])
            done = invoke(*words[words.index("bulk") :], sandbox=sandbox)
            assert done.returncode == 0, done.stderr
        else:
            done = invoke("bulk", jobs, *options, "--json", sandbox=sandbox)
            assert outcomes_of(done) == outcomes_of(rehearsed)
            assert done.returncode == rehearsed.returncode
        operations = {"unexpectedProblem": "createUnexpectedProblem"}
        operations["confirmOrderDetails"] = "createConfirmOrderDetails"
        assert sent_to(sandbox, since) == sorted(
            (line["order_id"], operations[line["action"]], line["text"]) for line in planned
        )
        after = len(sandbox.messages())
        again = [word for word in options if word != "--retry-refused"]
        invoke("bulk", jobs, *again, sandbox=sandbox)
        assert len(sandbox.messages()) == after
