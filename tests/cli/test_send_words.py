"""What `send` says of wrong input: in the words of its options, before anything is sent."""

import re
from pathlib import Path

import pytest
from helpers.command_line import invoke, run

from spapi_messaging.sandbox import Sandbox

ORDER = "903-1671087-0812628"
PYTHONS = re.compile(
    r"_date|Details? is|datetime|await|\\bstr\\b|Localized|[A-Z][a-z]+Error|create[A-Z]|NoneType"
)


@pytest.fixture
def pdf(tmp_path: Path) -> str:
    (tmp_path / "w.pdf").write_bytes(b"%PDF-1.4 warranty")
    return str(tmp_path / "w.pdf")


@pytest.fixture
def sandbox(sandbox: Sandbox) -> Sandbox:
    actions = ("warranty", "confirmCustomizationDetails", "pickupSlot", "attributes")
    sandbox.add_order(ORDER, actions=actions, custom={"pickupSlot": {}})
    return sandbox


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        ("attributes", 2, f"spapi-messaging attributes {ORDER} --marketplace DE"),
        ("GetAttributes --text x", 2, f"spapi-messaging attributes {ORDER} --marketplace DE"),
        ("warranti --text x", 2, "no action is called 'warranti'; did you mean warranty?"),
        ("pickupslots --text x", 2, "did you mean pickupSlot?"),
        ("invoise --text x", 2, "did you mean invoice?"),
        ("xyz --text x", 2, "there are warranty, confirmCustomizationDetails, pickupSlot\n"),
        ("warranty --text x --attach PDF", 2, "warranty takes no --text"),
        ("confirmOrderDetails --text x --attach PDF", 2, "takes no --attach"),
        ("warranty", 2, "it needs a file: give --attach"),
        ("confirmOrderDetails", 2, "it needs a text: give --text or --text-file"),
        ("confirmCustomizationDetails", 2, "give --text, --text-file or --attach"),
        (
            "warranty --attach PDF --coverage-start 2026-12-05Z --coverage-end 2026-12-01Z",
            2,
            "nothing was sent: --coverage-end is before --coverage-start\n",
        ),
        ("warranty --attach PDF --coverage-start soon", 2, "--coverage-start 'soon'"),
        ("warranty --attach PDF --coverage-start 2026-12-05", 2, "--coverage-start has no time"),
        ("warranty --attach PDF --coverage-start 2026-12-05 --time-zone X", 2, "--time-zone: "),
        ("confirmOrderDetails --text x", 1, "does not offer 'confirmOrderDetails'; it offers "),
    ],
)
def test_a_fault_is_said_in_words_of_the_command_line(
    words: str, code: int, said: str, sandbox: Sandbox, pdf: str
) -> None:
    arguments = words.replace("PDF", pdf).split()
    done = invoke("send", ORDER, *arguments, "--marketplace", "DE", sandbox=sandbox)
    assert (done.returncode, done.stdout) == (code, "")
    assert said in done.stderr
    assert PYTHONS.search(done.stderr) is None, done.stderr
    assert "attributes" not in done.stderr or words.lower().endswith(("attributes", "text x"))
    assert sandbox.messages() == []


def test_what_an_orders_schema_forbids_is_said_with_the_options_names(
    sandbox: Sandbox, pdf: str
) -> None:
    needed = {"warranty": {"required": ["coverageStartDate"]}}
    sandbox.add_order(ORDER, actions=("warranty",), custom=needed)
    done = invoke("send", ORDER, "warranty", "--attach", pdf, sandbox=sandbox)
    assert done.returncode == 2
    assert "--coverage-start" in done.stderr
    assert "coverageStartDate" not in done.stderr


@pytest.mark.parametrize("name", ["WARRANTY", "warranty", "CreateWarranty", "create-warranty"])
def test_an_action_is_found_in_any_spelling(name: str, sandbox: Sandbox, pdf: str) -> None:
    done = invoke("send", ORDER, name, "--attach", pdf, sandbox=sandbox)
    assert (done.returncode, done.stderr) == (0, "")
    assert f"Sent: order {ORDER}, warranty, at " in done.stdout


def test_an_action_that_is_new_at_amazon_takes_what_is_given(sandbox: Sandbox) -> None:
    options = ("--text", "hello", "--coverage-start", "2026-12-05", "--time-zone", "UTC")
    done = invoke("send", ORDER, "pickupSlot", *options, sandbox=sandbox)
    assert (done.returncode, done.stderr) == (0, "")
    (message,) = sandbox.messages(ORDER)
    assert message.body == {"text": "hello", "coverageStartDate": "2026-12-05T00:00:00+00:00"}


def test_send_says_the_time_with_the_zone_of_the_machine(sandbox: Sandbox, pdf: str) -> None:
    program = (
        "import os, time; os.environ['TZ'] = 'Asia/Tokyo'; time.tzset()\n"
        "from spapi_messaging.cli import main; main()"
    )
    send = ("send", ORDER, "warranty", "--attach", pdf)
    done = run(*send, sandbox=sandbox, program=program)
    assert re.search(r", at [0-9-]{10} [0-9:]{8} JST, ", done.stdout)


@pytest.mark.parametrize(
    ("table", "options"),
    [
        (f"order_id,action\n{ORDER},attributes\n", ()),
        (f"order_id\n{ORDER}\n", ("--action", "attributes")),
    ],
)
def test_attributes_is_no_action_of_a_campaign_either(
    table: str, options: tuple[str, ...], sandbox: Sandbox, tmp_path: Path
) -> None:
    (tmp_path / "jobs.csv").write_text(table)
    done = invoke("bulk", tmp_path / "jobs.csv", *options, sandbox=sandbox)
    assert done.returncode == 2
    assert "spapi-messaging attributes ORDER" in done.stderr
    assert sandbox.messages() == []


@pytest.mark.parametrize(
    ("date", "told"),
    [
        ("tomorrow", "--coverage-start 'tomorrow' is no date; write 2026-12-01 or 01.12.2026"),
        (" soon ", "--coverage-start ' soon ' is no date; write 2026-12-01 or 01.12.2026"),
        ("31.02.2026", "--coverage-start '31.02.2026' "),
        ("", "--coverage-start '': the date is missing"),
    ],
)
def test_a_date_that_is_none_is_shown_once(date: str, told: str) -> None:
    done = invoke("send", ORDER, "warranty", "--attach", "w.pdf", "--coverage-start", date)
    assert (done.returncode, done.stdout) == (2, "")
    assert f"nothing was sent: {told}" in done.stderr
    assert "characters>" not in done.stderr
    assert done.stderr.count(f"'{date}'") == 1


@pytest.mark.parametrize("body", [b"oops", b"[]", b"5"])
def test_an_answer_that_cannot_be_understood_is_told_without_its_places(
    sandbox: Sandbox, body: bytes
) -> None:
    sandbox.fail_next(200, operation="getMessagingActionsForOrder", body=body, times=100)
    done = invoke("actions", ORDER, sandbox=sandbox)
    assert (done.returncode, done.stdout) == (1, "")
    assert "Amazon's answer could not be understood; a proxy or a login page" in done.stderr
    assert not any(word in done.stderr for word in ("$", "JSON", " list", " int"))
