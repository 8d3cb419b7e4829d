"""Bulk from the command line: real processes, real signals, a real terminal."""

import csv
import fcntl
import json
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from helpers.paths import README, ROOT
from helpers.served import served
from typer.main import get_command
from typer.testing import CliRunner, Result

from spapi_messaging.cli.app import app
from spapi_messaging.sandbox import Sandbox

COMMAND = [sys.executable, "-c", "from spapi_messaging.cli import main; main()"]


def order(number: int) -> str:
    return f"903-0000000-{number:07d}"


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with served(rate=500, burst=100) as sandbox:
        for number in range(60):
            sandbox.add_order(order(number), locale="de-DE")
        yield sandbox


def environment(sandbox: Sandbox | None) -> dict[str, str]:
    environ = {"PATH": os.environ["PATH"], "COLUMNS": "120", "PYTHONPATH": str(ROOT)}
    environ |= {"SPAPI_MESSAGING_MARKETPLACE": "DE", "PYTHONUTF8": "1"}
    return environ | (sandbox.environment if sandbox else {})


def run(
    *arguments: object, sandbox: Sandbox | None = None, told: str = ""
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *map(str, arguments)],
        env=environment(sandbox),
        input=told,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )


def invoke(*arguments: object, sandbox: Sandbox | None = None) -> Result:
    """Run a command within this process: for the many ways to fail, which need no process."""
    missing = dict.fromkeys(("SPAPI_MESSAGING_ENDPOINT", "LWA_APP_ID"))
    environ = missing | environment(sandbox)
    return CliRunner().invoke(app, [str(argument) for argument in arguments], env=environ)


FAST = ("--rate", "500", "--burst", "100")


def write_jobs(path: Path, count: int, **more: Any) -> Path:
    with path.open("w", encoding="utf-8") as file:
        for number in range(count):
            job = {
                "order_id": order(number),
                "action": "unexpectedProblem",
                "text": f"no. {number}",
            }
            file.write(json.dumps(job | more) + "\n")
    return path


def test_a_file_is_sent_once_and_skipped_the_second_time(sandbox: Sandbox, tmp_path: Path) -> None:
    jobs = write_jobs(tmp_path / "jobs.jsonl", 30)
    first = run("bulk", jobs, *FAST, sandbox=sandbox)
    assert (first.returncode, first.stderr) == (0, "")
    assert re.search(r"30 of 30, [\d.]+ sent a second\n", first.stdout)
    assert "createUnexpectedProblem: 30 sent; " in first.stdout
    assert len(sandbox.messages()) == 30
    again = run("bulk", jobs, *FAST, "--json", sandbox=sandbox)
    assert again.returncode == 0
    lines = [json.loads(line) for line in again.stdout.splitlines()]
    assert {line["outcome"] for line in lines} == {"skipped"}
    assert len(sandbox.messages()) == 30
    status = run("status", f"{jobs}.journal")
    assert status.returncode == 0
    assert re.search(r"createUnexpectedProblem\s*│\s*30", status.stdout)


def test_csv_with_a_template(sandbox: Sandbox, tmp_path: Path) -> None:
    jobs, text = tmp_path / "jobs.csv", tmp_path / "text.txt"
    jobs.write_text(
        f"order_id,action,name,day\n{order(1)},confirmDeliveryDetails,Zoë,Monday\n", "utf-8-sig"
    )
    text.write_text("Dear $name, may we come on $day?\n", "utf-8")
    done = run("bulk", jobs, "--text-file", text, sandbox=sandbox)
    assert (done.returncode, done.stderr) == (0, "")
    (accepted,) = sandbox.messages()
    assert accepted.body == {"text": "Dear Zoë, may we come on Monday?"}


def test_one_bad_line_and_nothing_is_sent(sandbox: Sandbox, tmp_path: Path) -> None:
    jobs = write_jobs(tmp_path / "jobs.jsonl", 3)
    with jobs.open("a") as file:
        file.write('{"order_id": "1", "action": "unexpectedProblem", "text": "hello"}\n')
    done = run("bulk", jobs, sandbox=sandbox)
    assert done.returncode == 2
    assert "line 4" in done.stderr
    assert "nothing was sent" in done.stderr
    assert sandbox.messages() == []
    done = run("bulk", jobs, "--skip-invalid", sandbox=sandbox)
    assert done.returncode == 0
    assert len(sandbox.messages()) == 3


def test_a_dry_run_asks_and_sends_nothing(sandbox: Sandbox, tmp_path: Path) -> None:
    sandbox.add_order(order(1), closed=True)
    sandbox.add_order(order(2), actions=("warranty",))
    jobs = write_jobs(tmp_path / "jobs.jsonl", 5)
    done = run("bulk", jobs, "--dry-run", sandbox=sandbox)
    assert done.returncode == 1
    assert "3 of 5 messages would be sent" in done.stdout
    assert "does not offer" in done.stdout
    assert sandbox.messages() == []
    assert sandbox.count(None, "createUnexpectedProblem") == 0
    assert not Path(f"{jobs}.journal").exists()


def test_outcomes_have_their_exit_codes(sandbox: Sandbox, tmp_path: Path) -> None:
    jobs = write_jobs(tmp_path / "jobs.jsonl", 4)
    sandbox.add_order(order(1), closed=True)
    refused = run("bulk", jobs, sandbox=sandbox)
    assert refused.returncode == 1
    assert "refused: " in refused.stdout
    sandbox.add_order(order(50))
    doubtful = write_jobs(tmp_path / "more.jsonl", 2)
    operation = "createUnexpectedProblem"
    sandbox.fail_next(503, operation=operation, order_id=order(0), after_accepting=True)
    done = run("bulk", doubtful, "--json", sandbox=sandbox)
    assert (done.returncode, done.stderr) == (3, "")
    assert [json.loads(line)["outcome"] for line in done.stdout.splitlines()].count("in doubt") == 1


def test_doubts_are_listed_settled_and_then_followed(sandbox: Sandbox, tmp_path: Path) -> None:
    jobs = write_jobs(tmp_path / "jobs.jsonl", 3)
    operation = "createUnexpectedProblem"
    for number in (0, 1):
        sandbox.fail_next(503, operation=operation, order_id=order(number))
    run("bulk", jobs, sandbox=sandbox)
    journal = f"{jobs}.journal"
    listed = run("doubts", journal)
    assert listed.returncode == 3
    assert all(order(number) in listed.stdout for number in (0, 1))
    assert run("resume", jobs, sandbox=sandbox).returncode == 3
    settled = run("doubts", journal, "--settle", "ask", told="sent\nresend\n")
    assert settled.returncode == 0
    assert "2 settled" in settled.stdout
    assert run("resume", jobs, sandbox=sandbox).returncode == 0
    assert len(sandbox.messages(order(0))) + len(sandbox.messages(order(1))) == 1
    assert run("doubts", journal).returncode == 0


def test_export_has_all_outcomes_and_no_text(sandbox: Sandbox, tmp_path: Path) -> None:
    jobs = write_jobs(tmp_path / "jobs.jsonl", 5)
    sandbox.add_order(order(1), closed=True)
    run("bulk", jobs, sandbox=sandbox)
    as_json = run("export", f"{jobs}.journal", "--format", "json")
    rows = [json.loads(line) for line in as_json.stdout.splitlines()]
    assert sorted(row["state"] for row in rows) == ["refused", *["sent"] * 4]
    assert "no. 3" not in as_json.stdout
    target = tmp_path / "out.csv"
    assert run("export", f"{jobs}.journal", "-o", target).returncode == 0
    with target.open(newline="") as file:
        table = list(csv.DictReader(file))
    assert {row["order_id"] for row in table} == {order(number) for number in range(5)}


def test_ctrl_c_stops_and_resume_goes_on(sandbox: Sandbox, tmp_path: Path) -> None:
    """SIGINT in the middle: 130, the truth in the journal, and each message once in the end."""
    jobs = write_jobs(tmp_path / "jobs.jsonl", 60)
    process = subprocess.Popen(
        [*COMMAND, "bulk", str(jobs), "--rate", "8", "--burst", "2"],
        env=environment(sandbox),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    deadline = time.monotonic() + 30
    while len(sandbox.messages()) < 10 and time.monotonic() < deadline:
        select.select([], [], [], 0.02)
    process.send_signal(signal.SIGINT)
    _, reported = process.communicate(timeout=30)
    assert process.returncode == 130
    assert f"spapi-messaging resume {jobs}" in reported
    assert 10 <= len(sandbox.messages()) < 60
    done = run("resume", jobs, *FAST, sandbox=sandbox)
    assert done.returncode == 0
    texts = sorted((m.body or {})["text"] for m in sandbox.messages())
    assert texts == sorted(f"no. {number}" for number in range(60))


def on_a_terminal(arguments: list[str], environ: dict[str, str]) -> str:
    """Run on a pseudo-terminal of 120 columns, and give all that was drawn."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
    process = subprocess.Popen(
        arguments, env=environ | {"TERM": "xterm-256color"}, stdout=slave, stderr=slave, stdin=slave
    )
    os.close(slave)
    drawn = b""
    while True:
        try:
            chunk = os.read(master, 65536)
        except OSError:
            break
        if not chunk:
            break
        drawn += chunk
    process.wait(30)
    os.close(master)
    return drawn.decode("utf-8", "replace")


def test_the_live_view_shows_progress_rates_and_refusals(sandbox: Sandbox, tmp_path: Path) -> None:
    sandbox.add_order(order(3), closed=True)
    sandbox.announce_rate = False
    jobs = write_jobs(tmp_path / "jobs.jsonl", 40)
    drawn = on_a_terminal(
        [*COMMAND, "bulk", str(jobs), "--rate", "30", "--burst", "5"], environment(sandbox)
    )
    assert "\x1b[" in drawn, "it is redrawn in place"
    last = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", drawn)
    assert re.search(r"40 of 40, \d+\.\d\d sent a second", last)
    assert re.search(r"createUnexpectedProblem +39 +1 ", last)
    assert re.search(r"\d+\.\d\d of 30\.00", last)
    assert f"refused: Order {order(3)}" in last


def test_standard_input_needs_a_journal(sandbox: Sandbox, tmp_path: Path) -> None:
    line = json.dumps({"order_id": order(1), "action": "unexpectedProblem", "text": "hello"})
    done = run("bulk", "-", "--format", "jsonl", sandbox=sandbox, told=line)
    assert (done.returncode, sandbox.messages()) == (2, [])
    journal = tmp_path / "stdin.journal"
    done = run("bulk", "-", "--format", "jsonl", "--journal", journal, sandbox=sandbox, told=line)
    assert done.returncode == 0
    assert len(sandbox.messages()) == 1


def test_many_sellers_from_one_file(sandbox: Sandbox, tmp_path: Path) -> None:
    env = sandbox.environment
    secrets = tmp_path / "credentials.toml"
    secrets.write_text(
        f'client_id = "{env["LWA_APP_ID"]}"\nclient_secret = "{env["LWA_CLIENT_SECRET"]}"\n'
        '[sellers.one]\nrefresh_token = "sandbox-one"\n'
        '[sellers.two]\nrefresh_token = "sandbox-two"\n'
    )
    secrets.chmod(0o644)
    jobs = tmp_path / "jobs.csv"
    sellers = ["one", "two", "nobody"]
    rows = [f"{order(i)},unexpectedProblem,{seller},hello\n" for i, seller in enumerate(sellers)]
    jobs.write_text("order_id,action,seller,text\n" + "".join(rows))
    done = run("bulk", jobs, "--credentials", secrets, sandbox=sandbox)
    assert done.returncode == 1
    assert "others can read" in done.stderr
    assert "[sellers.nobody]" in done.stdout
    assert len({message.seller for message in sandbox.messages()}) == 2


@pytest.mark.parametrize(
    ("content", "reported"),
    [
        (b"", "is empty"),
        (b"a,b\n1,2\n", "order_id"),
        (b"order_id,action,text\n" + b"x" * 10_000_000, "line"),
        ("order_id,action,text\n1,invoice,Gr\u00fc\u00dfe\n".encode("latin-1"), "UTF-8"),
        (b"order_id,action\n\x00\x00,invoice\n", "NUL"),
        (None, "No such file"),
    ],
    ids=["empty", "wrong header", "10 MB line", "Latin-1", "NUL", "missing"],
)
def test_a_useless_file_is_one_clear_line(
    content: bytes | None, reported: str, sandbox: Sandbox, tmp_path: Path
) -> None:
    jobs = tmp_path / "jobs.csv"
    if content is not None:
        jobs.write_bytes(content)
    done = invoke("bulk", jobs, sandbox=sandbox)
    assert done.exit_code == 2
    assert reported in done.stderr
    assert isinstance(done.exception, SystemExit)
    assert sandbox.requests == []


def test_a_directory_is_no_file(sandbox: Sandbox, tmp_path: Path) -> None:
    done = invoke("bulk", tmp_path, "--format", "csv", sandbox=sandbox)
    assert done.exit_code == 2
    assert "directory" in done.stderr.lower()


@pytest.mark.parametrize("command", ["status", "doubts", "export"])
def test_a_journal_that_is_none(command: str, tmp_path: Path) -> None:
    for path in (tmp_path / "missing", tmp_path):
        done = invoke(command, path)
        assert done.exit_code == 2
        assert isinstance(done.exception, SystemExit)
    (tmp_path / "other").write_text("hello")
    assert invoke(command, tmp_path / "other").exit_code == 2


def test_attributes_and_doctor(sandbox: Sandbox) -> None:
    done = run("attributes", order(1), sandbox=sandbox)
    assert (done.returncode, done.stdout) == (0, "locale: de-DE\n")
    healthy = run("doctor", sandbox=sandbox)
    assert healthy.returncode == 0
    assert healthy.stdout.count("ok ") == 6
    sandbox.role_missing = True
    ill = run("doctor", sandbox=sandbox)
    assert ill.returncode == 1
    assert "BAD role: it is missing" in ill.stdout
    sandbox.refuse_refresh("invalid_grant")
    worse = run("doctor", sandbox=sandbox)
    assert worse.returncode == 1
    assert "BAD token" in worse.stdout


def test_doctor_says_when_nobody_answers(sandbox: Sandbox) -> None:
    environ = environment(sandbox) | {"SPAPI_MESSAGING_ENDPOINT": "http://127.0.0.1:9"}
    done = subprocess.run(
        [*COMMAND, "doctor"], env=environ, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 1
    assert "BAD endpoint: http://127.0.0.1:9 cannot be reached" in done.stdout


def test_the_sandbox_command_prints_what_to_set() -> None:
    process = subprocess.Popen(
        [*COMMAND, "sandbox", "--rate", "5"],
        env=environment(None),
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    lines = [process.stdout.readline() for _ in range(5)]
    process.send_signal(signal.SIGTERM)
    process.stdout.close()
    assert process.wait(20) == 0
    assert {line.split("=")[0] for line in lines} == {
        "export SPAPI_MESSAGING_ENDPOINT",
        "export SPAPI_MESSAGING_TOKEN_URL",
        "export SP_API_REFRESH_TOKEN",
        "export LWA_APP_ID",
        "export LWA_CLIENT_SECRET",
    }


def test_every_command_and_option_is_in_the_readme_and_has_an_example() -> None:
    text = README.read_text("utf-8")
    for name, command in get_command(app).commands.items():
        assert re.search(rf"`(spapi-messaging )?{name}[ `]", text), name
        assert f"Example: spapi-messaging {name}" in (command.help or ""), name
        for parameter in command.params:
            for option in (*parameter.opts, *parameter.secondary_opts):
                if option.startswith("-") and option != "--help":
                    assert f"`{option}`" in text or f"`{option} " in text, f"{name} {option}"


def test_texts_of_several_files_are_one_in_the_buyers_language(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    sandbox.add_order(order(1), locale="fr-FR")
    sandbox.add_order(order(2), locale="sv-SE")
    texts = {"de": "Hallo $name", "en": "Hello $name", "fr-CA": "Bonjour $name"}
    options: list[object] = []
    for tag, text in texts.items():
        file = tmp_path / f"text.{tag}.txt"
        file.write_text(text, "utf-8")
        options += ["--text-file", file]
    jobs = tmp_path / "jobs.csv"
    rows = [f"{order(number)},unexpectedProblem,Zoë {number}\n" for number in range(3)]
    jobs.write_text("order_id,action,name\n" + "".join(rows), "utf-8")
    missing = run("bulk", jobs, *options, sandbox=sandbox)
    assert "the buyer's locale is 'sv-SE', the text is in de, en, fr-CA" in missing.stdout
    again = tmp_path / "again.csv"
    again.write_text(jobs.read_text("utf-8"), "utf-8")
    done = run("bulk", again, *options, "--default-language", "en", "--json", sandbox=sandbox)
    assert done.returncode == 0
    languages = {
        line["order_id"]: line["language"] for line in map(json.loads, done.stdout.splitlines())
    }
    assert languages == {order(0): "de", order(1): "fr-CA", order(2): "en"}
    reported = [message.body["text"] for message in sandbox.messages(order(2))]
    assert reported == ["Hello Zoë 2"]


@pytest.mark.parametrize(
    ("names", "options", "reported"),
    [
        (["text.de.txt", "text.txt"], [], "text.txt: name its language, as in text.de.txt"),
        (["a.de.txt", "b.de.txt"], [], "two files are in de"),
        (["a.de.txt", "b.foo1.txt"], [], "'foo1' is no language tag"),
        (["a.de.txt", "b.en.txt"], ["--default-language", "fr"], "the default 'fr' is none"),
        (["a.de.txt"], ["--default-language", "de"], "--default-language is for a text in several"),
    ],
)
def test_text_files_that_are_no_text(
    names: list[str], options: list[str], reported: str, tmp_path: Path
) -> None:
    files: list[object] = []
    for name in names:
        (tmp_path / name).write_text("Hallo", "utf-8")
        files += ["--text-file", tmp_path / name]
    (tmp_path / "jobs.csv").write_text(f"order_id,action\n{order(1)},unexpectedProblem\n", "utf-8")
    done = run("bulk", tmp_path / "jobs.csv", *files, *options)
    assert done.returncode == 2
    assert reported in done.stderr


SLIPS = [
    {"text": "Liebe Zoë,\nSchreiben Sie an <b>shop@example.com</b>, bitte."},
    {"text": "商品について www.instagram.com/shop をご覧ください"},
    {"text": "Ihr Paket\u200b kommt morgen."},
    {"text": "Ihr Paket kommt morgen."},
]


def test_what_a_text_should_not_contain_is_shown_where_it_stands(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    """The caret stands under the place, also behind wide characters, and finds the unseen."""
    jobs = tmp_path / "jobs.jsonl"
    lines = [
        json.dumps({"order_id": order(number), "action": "unexpectedProblem"} | slip)
        for number, slip in enumerate(SLIPS)
    ]
    jobs.write_text("\n".join(lines), "utf-8")
    refused = run("bulk", jobs, "--content", "refuse", sandbox=sandbox)
    assert refused.returncode == 2
    assert "line 4" not in refused.stderr
    assert "nothing was sent: 3 of 4 jobs are invalid" in refused.stderr
    shown = [line.removeprefix("spapi-messaging: ") for line in refused.stderr.splitlines()]
    places = [(shown[n - 1], shown[n]) for n in range(len(shown)) if set(shown[n]) == {" ", "^"}]
    assert (
        "    Schreiben Sie an <b>shop@example.com</b>, bitte.",
        "                        ^^^^^^^^^^^^^^^^",
    ) in places
    assert (
        "    商品について www.instagram.com/shop をご覧ください",
        "                 ^^^^^^^^^^^^^^^^^^^^^^",
    ) in places
    assert ("    Ihr Paket· kommt morgen.", "             ^") in places
    assert not sandbox.messages()
    warned = run("bulk", jobs, sandbox=sandbox)
    assert warned.returncode == 0
    assert "line 3: " in warned.stderr
    quiet = run("bulk", jobs, "--content", "off", sandbox=sandbox)
    assert quiet.stderr == ""


def test_send_shows_what_a_text_should_not_contain(sandbox: Sandbox) -> None:
    arguments = ["send", order(1), "unexpectedProblem", "--text", "Mail me: shop@example.com"]
    refused = run(*arguments, "--content", "refuse", sandbox=sandbox)
    assert refused.returncode == 2
    assert "spapi-messaging:              ^^^^^^^^^^^^^^^^" in refused.stderr
    assert not sandbox.messages()
    assert run(*arguments, sandbox=sandbox).returncode == 0
    assert len(sandbox.messages()) == 1
