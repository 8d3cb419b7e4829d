"""The commands for one order, and the demonstration: real sockets, real exit codes."""

from pathlib import Path

import pytest
from helpers.command_line import invoke, run

from spapi_messaging.cli.commands.demo import demo_jobs
from spapi_messaging.sandbox import Sandbox

ORDER = "903-1671087-0812628"


@pytest.fixture
def sandbox(sandbox: Sandbox) -> Sandbox:
    sandbox.add_order(ORDER, actions=("unexpectedProblem", "sendInvoice"), locale="de-DE")
    return sandbox


def test_the_demo_sends_what_can_be_sent() -> None:
    """60 jobs, 5 of them refused for five good reasons, nothing throttled, and what is next."""
    done = run("demo")
    assert (done.returncode, done.stderr) == (0, "")
    assert "accepted 55 messages and throttled 0 requests" in done.stdout
    for reason in ("is disabled", "does not offer", "403", "404"):
        assert reason in done.stdout
    assert "LWA_APP_ID" in done.stdout


def test_the_demos_jobs_are_as_promised() -> None:
    jobs = demo_jobs()
    assert len(jobs) == len({job.order_id for job in jobs}) == 60
    assert len({type(job.message) for job in jobs}) == 6


def test_actions_shows_what_an_order_permits(sandbox: Sandbox) -> None:
    sandbox.add_order(ORDER, disabled={"unexpectedProblem": "Too [early]"})
    done = run("actions", ORDER, sandbox=sandbox)
    assert (done.returncode, done.stderr) == (0, "")
    for shown in ("sendInvoice", "Invoice", "UnexpectedProblem", "disabled: Too [early]"):
        assert shown in done.stdout


def test_actions_of_an_order_that_permits_nothing(sandbox: Sandbox) -> None:
    sandbox.add_order(ORDER, actions=())
    done = invoke("actions", ORDER, "--marketplace", "A1PA6795UKMFR9", sandbox=sandbox)
    assert (done.returncode, done.stderr) == (0, "")
    assert "permits no message" in done.stdout


@pytest.mark.parametrize("name", ["de", "Amazon.de", "https://www.amazon.de"])
def test_a_marketplace_may_be_called_as_reports_call_it(sandbox: Sandbox, name: str) -> None:
    done = invoke("actions", ORDER, "--marketplace", name, sandbox=sandbox)
    assert (done.returncode, done.stderr) == (0, "")


def test_send_sends_once(sandbox: Sandbox, tmp_path: Path) -> None:
    text, paper = tmp_path / "text.txt", tmp_path / "invoice.pdf"
    text.write_bytes("\ufeffGrüße, 株式会社\n".encode())
    paper.write_bytes(b"%PDF-1.4 invoice")
    one = run("send", ORDER, "unexpectedProblem", "--text-file", str(text), sandbox=sandbox)
    two = invoke("send", ORDER, "invoice", "--attach", str(paper), sandbox=sandbox)
    assert [(d.returncode, d.stderr) for d in (one, two)] == [(0, ""), (0, "")]
    assert one.stdout.startswith(f"Sent: order {ORDER}, createUnexpectedProblem, at ")
    first, second = sandbox.messages(ORDER)
    assert first.body == {"text": "Grüße, 株式会社"}
    assert second.attachments[0].content == b"%PDF-1.4 invoice"


@pytest.mark.parametrize(
    ("arguments", "code", "reported"),
    [
        (["send", ORDER, "unexpectedProblem"], 2, "text is missing"),
        (["send", ORDER, "warranty", "--attach", "no.pdf"], 1, "does not offer 'warranty'"),
        (["send", ORDER, "invoice", "--attach", "no.pdf"], 2, "No such file"),
        (["send", ORDER, "invoice", "--text-file", "no.txt"], 2, "no.txt: No such file"),
        (["send", "123", "unexpectedProblem", "--text", "x"], 2, "is not 3-7-7 digits"),
        (["send", ORDER, "unexpectedProblem", "--text", "x", "--marketplace", "XX"], 2, "'XX'"),
        (["actions", "111-1111111-1111111"], 1, "404"),
        (["send", ORDER, "invoice", "--text", "x", "--text-file", "y"], 2, "not both"),
        (["nonsense"], 2, "nonsense"),
    ],
)
def test_a_failure_is_one_line_and_a_code(
    arguments: list[str], code: int, reported: str, sandbox: Sandbox
) -> None:
    done = invoke(*arguments, sandbox=sandbox)
    assert done.returncode == code
    assert reported in done.stderr
    assert sandbox.messages() == []


def test_in_doubt_has_a_code_of_its_own(sandbox: Sandbox) -> None:
    sandbox.fail_next(status=503, operation="createUnexpectedProblem", after_accepting=True)
    done = invoke("send", ORDER, "unexpectedProblem", "--text", "hello", sandbox=sandbox)
    assert done.returncode == 3
    assert "in doubt" in done.stderr
    assert len(sandbox.messages()) == 1


def test_without_credentials_it_says_which() -> None:
    done = invoke("actions", ORDER, LWA_APP_ID="x")
    assert done.returncode == 2
    assert "LWA_CLIENT_SECRET, SP_API_REFRESH_TOKEN" in done.stderr
