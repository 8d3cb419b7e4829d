"""The commands for one order: real sockets, real exit codes."""

import re
import shlex
from collections import Counter
from pathlib import Path

import pytest
from helpers.command_line import COMMAND, environment, invoke, run
from helpers.terminal import on_a_terminal

from spapi_messaging.sandbox import Sandbox

ORDER = "903-1671087-0812628"


@pytest.fixture
def sandbox(sandbox: Sandbox) -> Sandbox:
    sandbox.add_order(ORDER, actions=("unexpectedProblem", "sendInvoice"), locale="de-DE")
    return sandbox


def test_actions_shows_what_an_order_permits(sandbox: Sandbox) -> None:
    sandbox.add_order(ORDER, disabled={"unexpectedProblem": "Too [early]"})
    done = run("actions", ORDER, sandbox=sandbox)
    assert (done.returncode, done.stderr) == (0, "")
    for shown in ("│ invoice ", "Send the invoice", "files (1 to 5)", "disabled: Too [early]"):
        assert shown in done.stdout
    assert "sendInvoice" not in done.stdout, "an action has one name"


@pytest.mark.parametrize("columns", ["40", "80", "120"])
def test_actions_loses_nothing_at_any_width(sandbox: Sandbox, columns: str) -> None:
    title, reason = "Offer " + "a new slot " * 12, "The buyer " + "does not want it " * 12
    sandbox.add_order(
        ORDER,
        actions=("confirmCustomizationDetails", "pickupSlot", "attributes"),
        custom={"pickupSlot": {"title": title}},
        disabled={"confirmCustomizationDetails": reason},
    )
    done = invoke("actions", ORDER, sandbox=sandbox, COLUMNS=columns)
    assert max(len(line) for line in done.stdout.splitlines()[:-1]) <= int(columns)
    words = Counter(re.findall(r"\w+", done.stdout))
    wanted = Counter(re.findall(r"\w+", f"{title} {reason} plain values"))
    assert wanted - words == Counter()
    assert "confirmCustomizationDetails" in done.stdout
    assert "attributes" not in done.stdout, "it is no message"


def test_actions_says_what_to_type_next(sandbox: Sandbox, tmp_path: Path) -> None:
    """The first that is permitted, with the options that were given; it runs as it stands."""
    actions = ("unexpectedProblem", "sendInvoice")
    sandbox.add_order(ORDER, actions=actions, disabled={"unexpectedProblem": None})
    done = invoke("actions", ORDER, "--marketplace", "DE", sandbox=sandbox)
    (line,) = (one for one in done.stdout.splitlines() if "spapi-messaging send" in one)
    assert line.strip() == (
        f"spapi-messaging send {ORDER} invoice --marketplace DE --attach file.pdf"
    )
    (tmp_path / "file.pdf").write_bytes(b"%PDF-1.4 invoice")
    words = line.replace("file.pdf", str(tmp_path / "file.pdf")).split()[1:]
    assert invoke(*words, sandbox=sandbox).returncode == 0
    assert len(sandbox.messages(ORDER)) == 1


def test_what_actions_says_to_type_is_not_broken_by_the_screen(sandbox: Sandbox) -> None:
    environ = environment(sandbox)
    del environ["COLUMNS"]
    drawn = on_a_terminal([*COMMAND, "actions", ORDER], environ, columns=60)
    plain = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", drawn).replace("\r", "")
    typed = plain[plain.index("  spapi-messaging send") :]
    assert max(map(len, typed.splitlines())) <= 60
    assert shlex.split(typed.replace("\\\n", "")) == [
        *("spapi-messaging", "send", ORDER, "unexpectedProblem"),
        *("--marketplace", "DE", "--text-file", "text.txt"),
    ]


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
    assert one.stdout.startswith(f"Sent: order {ORDER}, unexpectedProblem, at ")
    assert re.search(r" at 20\d\d-\d\d-\d\d \d\d:\d\d:\d\d UTC, request id ", one.stdout)
    first, second = sandbox.messages(ORDER)
    assert first.body == {"text": "Grüße, 株式会社"}
    assert second.attachments[0].content == b"%PDF-1.4 invoice"


@pytest.mark.parametrize(
    ("arguments", "code", "reported"),
    [
        (["send", ORDER, "unexpectedProblem"], 2, "give --text or --text-file"),
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
