"""A command that the program tells a user to type is whole: it goes on where the run stopped."""

import json
import os
import select
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints

import attrs
import pytest
from helpers.command_line import COMMAND, environment, invoke, order, run, write_jobs

from spapi_messaging.cli import hints
from spapi_messaging.cli.options import CampaignOptions
from spapi_messaging.cli.words import quoted
from spapi_messaging.sandbox import Sandbox

JOBS = Path("my jobs.csv")


def parsed(command: str) -> dict[str, Any]:
    """Read a command line as the program itself would."""
    words = shlex.split(command)
    assert words[:2] == ["spapi-messaging", "resume"]
    options: dict[str, Any] = {"file": words[2]}
    rest = iter(words[3:])
    for word in rest:
        name = word.removeprefix("--").replace("-", "_")
        options.setdefault(name, []).append(next(rest) if takes_value(name) else True)
    return options


def takes_value(name: str) -> bool:
    names = {"format": "file_format", "json": "as_json"}
    return get_type_hints(CampaignOptions)[names.get(name, name)] is not bool


def other_value(name: str, kind: Any, default: Any) -> Any:
    """Make a value of an option that is not its default."""
    if get_origin(kind) is Literal:
        return next(one for one in get_args(kind) if one != default)
    kinds = [one for one in get_args(kind) if one is not type(None)] or [kind]
    if get_origin(kinds[0]) is list:
        return [Path("a text.de.txt"), Path("a text.en.txt")]
    if get_origin(kinds[0]) is Literal:
        return get_args(kinds[0])[0]
    values = {bool: True, int: 7, float: 2.5, str: f"it's {name}", Path: Path(f"{name} $x")}
    return values[kinds[0]]


def test_every_option_that_was_given_is_repeated() -> None:
    """Also one that is added one day: all of them are tried, each with a value of its own."""
    kinds = get_type_hints(CampaignOptions)
    given = {
        field.name: other_value(field.name, kinds[field.name], field.default)
        for field in attrs.fields(CampaignOptions)
    }
    options = CampaignOptions(**given | {"file": JOBS})
    told = parsed(hints.command("resume", options))
    names = {"file_format": "format", "as_json": "json"}
    expected = {
        names.get(name, name): [True]
        if value is True
        else [str(one) for one in (value if isinstance(value, list) else [value])]
        for name, value in given.items()
    }
    assert told == expected | {"file": str(JOBS)}


def test_what_was_not_given_is_not_repeated() -> None:
    options = CampaignOptions(file=Path("jobs.csv"), marketplace="DE", rate=10.0)
    assert hints.command("bulk", options) == (
        "spapi-messaging bulk jobs.csv --marketplace DE --rate 10"
    )


@pytest.mark.skipif(os.name == "nt", reason="it is about the shells of other systems")
@pytest.mark.parametrize(
    "word",
    ["plain", "two words", "it's", "a\nb", "\udcff.csv", "-x", "$HOME", "", "Zo\u00eb", "\\"],
)
def test_a_shell_reads_each_word_as_it_was(word: str) -> None:
    shell = "/bin/bash"
    program = "import os, sys; sys.stdout.buffer.write(os.fsencode(sys.argv[1]))"
    command = quoted([sys.executable, "-c", program, word])
    assert "\n" not in command
    done = subprocess.run([shell, "-c", command], capture_output=True, check=True)
    assert done.stdout == os.fsencode(word)


def test_a_file_whose_name_begins_with_a_dash_is_no_option() -> None:
    options = CampaignOptions(file=Path("-jobs.csv"), marketplace="DE")
    assert hints.command("bulk", options).split()[2] == "./-jobs.csv"
    options = CampaignOptions(file=Path("-"), marketplace="DE")
    assert hints.command("bulk", options).split()[2] == "-"


@pytest.mark.parametrize(
    ("started", "expected"),
    [
        ("-c", ["spapi-messaging"]),
        ("{path}/spapi-messaging", ["spapi-messaging"]),
        ("{other}/spapi-messaging", ["{other}/spapi-messaging"]),
        ("{other}/spapi_messaging/cli/__main__.py", [sys.executable, "-m", "spapi_messaging.cli"]),
    ],
)
def test_the_program_is_called_as_it_was_started(
    started: str, expected: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    places = {"path": str(tmp_path / "bin"), "other": str(tmp_path / "other")}
    (tmp_path / "bin").mkdir()
    program = tmp_path / "bin" / "spapi-messaging"
    program.touch(0o755)
    monkeypatch.setenv("PATH", places["path"])
    monkeypatch.setattr(sys, "argv", [started.format(**places), "bulk"])
    options = CampaignOptions(file=Path("jobs.csv"), marketplace="DE")
    words = shlex.split(hints.command("bulk", options))
    assert words[:-4] == [word.format(**places) for word in expected]


def stopped(arguments: list[str], sandbox: Sandbox, typed: str | None = None) -> str:
    """Run it, stop it by Ctrl-C in the middle, and return the command that it tells."""
    process = subprocess.Popen(
        [*COMMAND, *arguments],
        env=environment(sandbox),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    process.stdin.write(typed or "")
    process.stdin.close()
    process.stdin = None
    deadline = time.monotonic() + 30
    while len(sandbox.messages()) < 5 and time.monotonic() < deadline:
        select.select([], [], [], 0.01)
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=30)
    assert process.returncode == 130
    lines = told.splitlines()
    (place,) = (number for number, line in enumerate(lines) if line.lower().endswith("go on with:"))
    return lines[place + 1].strip()


def pasted(command: str, sandbox: Sandbox, typed: str = "") -> subprocess.CompletedProcess[str]:
    """Give a command to a shell, where the program is found under its name."""
    program = f'spapi-messaging() {{ {shlex.join(COMMAND)} "$@"; }}; '
    return subprocess.run(
        ["/bin/bash", "-c", program + command],
        env=environment(sandbox),
        input=typed,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_the_hint_after_ctrl_c_goes_on_as_it_stands(sandbox: Sandbox, tmp_path: Path) -> None:
    """With the journal, the texts, the marketplace and the rest that the first run had."""
    for number in range(40):
        sandbox.add_order(order(number), locale="fr-FR" if number % 2 else "de-DE")
    jobs = tmp_path / "my jobs.txt"
    rows = [f"{order(n)},unexpectedProblem,{n}\n" for n in range(40)]
    jobs.write_text("order_id,action,number\n" + "".join(rows))
    arguments = ["bulk", str(jobs), "-m", "FR", "--format", "csv", "--default-language", "de"]
    for tag, text in {"de": "Nummer $number", "fr": "Le num\u00e9ro $number"}.items():
        (tmp_path / f"my text.{tag}.txt").write_text(text, "utf-8")
        arguments += ["--text-file", str(tmp_path / f"my text.{tag}.txt")]
    arguments += ["--journal", str(tmp_path / "my journal"), "--rate", "15", "--burst", "2"]
    command = stopped([*arguments, "--no-discover", "--window", "3"], sandbox)
    assert 5 <= len(sandbox.messages()) < 40
    for words in ("--journal", "--rate 15", "--burst 2", "--window 3", "--marketplace FR"):
        assert words in command
    done = pasted(command, sandbox)
    assert (done.returncode, done.stderr) == (0, "")
    texts = sorted((message.body or {})["text"] for message in sandbox.messages())
    both = ("Nummer {}", "Le num\u00e9ro {}")
    assert texts == sorted(both[n % 2].format(n) for n in range(40))
    assert not Path(f"{jobs}.journal").exists()


def test_the_hint_for_standard_input_asks_for_the_same_input(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    typed = write_jobs(tmp_path / "jobs.jsonl", 30).read_text()
    journal = ["--journal", str(tmp_path / "j"), "--rate", "15", "--burst", "2"]
    command = stopped(["bulk", "-", "--format", "jsonl", *journal], sandbox, typed)
    done = pasted(command, sandbox, typed)
    assert done.returncode == 0, done.stderr
    assert len({message.order_id for message in sandbox.messages()}) == 30
    assert len(sandbox.messages()) == 30


def test_a_journal_that_is_missing_is_told_with_the_whole_command(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    jobs = write_jobs(tmp_path / "jobs.jsonl", 2)
    journal = tmp_path / "no journal"
    done = invoke("resume", jobs, "--journal", journal, "--rate", "50", sandbox=sandbox)
    assert done.returncode == 2
    command = done.stderr.partition("to begin:\n  ")[2]
    assert shlex.split(command) == [
        *("spapi-messaging", "bulk", str(jobs), "--marketplace", "DE"),
        *("--journal", str(journal), "--rate", "50"),
    ]
    assert pasted(command, sandbox).returncode == 0
    assert len(sandbox.messages()) == 2


@pytest.mark.parametrize("command", ["bulk", "resume"])
def test_standard_input_needs_a_journal_to_go_on(command: str, sandbox: Sandbox) -> None:
    typed = json.dumps({"order_id": order(1), "action": "unexpectedProblem", "text": "hello"})
    done = invoke(command, "-", "--format", "jsonl", sandbox=sandbox, typed=typed)
    assert done.returncode == 2
    assert "jobs from standard input need --journal PATH" in done.stderr


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_a_signal_during_the_check_is_a_stop_and_no_traceback(
    name: str, sandbox: Sandbox, tmp_path: Path
) -> None:
    program = (
        "import signal; from spapi_messaging.cli import main; "
        "from spapi_messaging.cli.jobfile import JobFile; "
        f"JobFile.check = lambda *_, **__: signal.raise_signal(signal.{name}); main()"
    )
    jobs = write_jobs(tmp_path / "jobs.jsonl", 2)
    done = subprocess.run(
        [sys.executable, "-c", program, "bulk", str(jobs)],
        env=environment(sandbox),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (130, "")
    assert done.stderr == "spapi-messaging: stopped; nothing was sent\n"
    assert sandbox.messages() == []


def test_the_module_is_the_program() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "spapi_messaging.cli", "bulk", "--help"],
        env=environment(None),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0
    assert "--once" in done.stdout


STARTED = (
    "import sys; from spapi_messaging_cli import main; sys.argv[0] = '/else where/spapi-messaging';"
    " main()"
)
"""Started by its path, as from an environment that is not activated."""


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("actions", order(1)), 0, [f"send {order(1)} "]),
        (("send", order(1), "attributes"), 2, [f"attributes {order(1)}"]),
        (("demo",), 0, ["doubts ", "doctor --marketplace DE", "bulk orders.txt"]),
    ],
)
def test_what_is_not_on_the_path_is_told_by_its_path(
    words: tuple[str, ...], code: int, told: list[str], sandbox: Sandbox
) -> None:
    done = run(*words, sandbox=sandbox, program=STARTED)
    assert done.returncode == code
    for command in told:
        assert f"'/else where/spapi-messaging' {command}" in done.stdout + done.stderr


def test_the_sandbox_tells_the_program_as_it_was_started() -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", STARTED, "sandbox", "--port", "0"],
        env=environment(None),
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    lines = [process.stdout.readline() for _ in range(9)]
    process.send_signal(signal.SIGINT)
    process.stdout.close()
    assert process.wait(20) == 0
    assert any(line.startswith("#   '/else where/spapi-messaging' actions ") for line in lines)
