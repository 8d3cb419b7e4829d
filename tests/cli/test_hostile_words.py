"""Words of others on the screen: one line each, no escapes, and no markup."""

import json
import re
from pathlib import Path
from typing import Self

import pytest
from helpers.command_line import FAST, invoke, order, write_jobs

from spapi_messaging import Job, NotSent, UnexpectedProblem
from spapi_messaging.bulk import Outcome
from spapi_messaging.cli.view import SteadyView
from spapi_messaging.sandbox import Sandbox

EVIL = (
    "\x1b]0;owned\x07\x1b[2J\nsent: order 1\r\u2028\u202e\x9b [red]a[/x] [link=http://e.example]b"
)


def assert_clean(text: str) -> None:
    assert all(line.isprintable() for line in text.split("\n"))
    assert not re.search("^sent: order 1", text, re.MULTILINE)


def test_what_an_order_offers_is_shown_as_it_is(sandbox: Sandbox) -> None:
    sandbox.add_order(order(1), disabled={"unexpectedProblem": EVIL})
    done = invoke("actions", order(1), sandbox=sandbox, COLUMNS="400")
    assert_clean(done.stdout)
    assert "[red]a[/x] [link=http://e.example]b" in done.stdout
    sent = invoke("send", order(1), "unexpectedProblem", "--text", "hello", sandbox=sandbox)
    assert_clean(sent.stderr)
    assert sent.stderr.count("\n") == 1


def test_a_locale_is_shown_as_it_is(sandbox: Sandbox) -> None:
    body = json.dumps({"buyer": {"locale": EVIL}}).encode()
    sandbox.fail_next(200, operation="GetAttributes", body=body)
    done = invoke("attributes", order(1), sandbox=sandbox)
    assert_clean(done.stdout)
    assert done.stdout.count("\n") == 1


def test_a_refusal_is_one_line_of_a_run(sandbox: Sandbox, tmp_path: Path) -> None:
    sandbox.add_order(order(1), disabled={"unexpectedProblem": EVIL})
    jobs = write_jobs(tmp_path / "jobs.jsonl", 3)
    lines = invoke("bulk", jobs, *FAST, sandbox=sandbox)
    assert_clean(lines.stdout)
    assert lines.stdout.count("not sent: ") == 1
    again = invoke("bulk", jobs, *FAST, "--json", "--journal", tmp_path / "j", sandbox=sandbox)
    assert_clean(again.stdout)
    assert len([json.loads(line) for line in again.stdout.splitlines()]) == 3


@pytest.mark.parametrize("name", [f"no{EVIL}.txt", "\udcff\u202e"])
def test_a_file_that_is_not_there_is_named_cleanly(name: str, tmp_path: Path) -> None:
    for arguments in (
        ("send", order(1), "unexpectedProblem", "--text-file", name.replace("/", "")),
        ("actions", order(1), "--credentials", name.replace("/", "")),
        ("bulk", tmp_path / name.replace("/", "")),
    ):
        done = invoke(*arguments)
        assert done.returncode == 2
        assert_clean(done.stderr)
        assert done.stderr.count("\n") == 1


class BrokenView:
    """A view that fails whatever it is asked."""

    def __enter__(self) -> Self:
        raise ZeroDivisionError("Atzr|secret")

    def __exit__(self, *_: object) -> None:
        raise ZeroDivisionError

    def see(self, _outcome: Outcome) -> None:
        raise ZeroDivisionError

    def redraw(self) -> None:
        raise ZeroDivisionError


def test_a_view_that_fails_is_told_of_once(capsys: pytest.CaptureFixture[str]) -> None:
    view = SteadyView(BrokenView())
    with view:
        view.redraw()
        view.see(NotSent(Job(order(1), UnexpectedProblem(text="x")), ConnectionError()))
    told = capsys.readouterr().err
    assert told.count("a fault of spapi-messaging itself") == 1
    assert "the run goes on" in told
    assert "secret" not in told
