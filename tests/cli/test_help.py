"""The pages of --help: readable at 40 and 80 columns, and what is to be pasted can be pasted."""

import re
import shlex
from pathlib import Path

import attrs
import pytest
from helpers.command_line import COMMAND, environment, invoke, run
from helpers.terminal import on_a_terminal
from typer.main import get_command

from spapi_messaging.cli.app import app
from spapi_messaging.cli.commands import COMMANDS, EXIT_CODES
from spapi_messaging.cli.jobfile import JOB_CELLS
from spapi_messaging.messages import MESSAGE_TYPES
from spapi_messaging.sandbox import Sandbox

NAMES = [command.__name__ for group in COMMANDS.values() for command in group]
PYTHONS = re.compile(
    r"<\w+|\b(TEXT|PATH|INTEGER|FLOAT) (RANGE)?\[|\[\w+\|\w+|x<=|x>=|list\[|\bstr\b"
)


def page(*arguments: str, columns: int = 80) -> str:
    done = invoke(*arguments, "--help", COLUMNS=str(columns))
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def section(text: str, title: str) -> str:
    return text.partition(f"\n{title}:\n")[2].partition("\n\n")[0]


@pytest.mark.parametrize("columns", [40, 80, 200])
@pytest.mark.parametrize("name", [None, *NAMES])
def test_a_page_fits_its_terminal(name: str | None, columns: int) -> None:
    text = page(*([name] if name else []), columns=columns)
    wide = [line for line in text.splitlines() if len(line) > min(columns, 100)]
    assert [line for line in wide if len(line.split()) > 2] == [], (
        "only one long word may stick out"
    )


@pytest.mark.parametrize("name", [None, *NAMES])
def test_a_page_names_no_types_of_python(name: str | None) -> None:
    assert PYTHONS.search(page(*([name] if name else []))) is None


@pytest.mark.parametrize("name", NAMES)
def test_every_option_has_its_meaning_and_says_what_it_takes(name: str) -> None:
    for option in get_command(app).commands[name].params:
        assert option.help, option.name
        assert option.metavar or option.is_flag, option.name


def test_the_program_lists_each_command_with_its_whole_sentence() -> None:
    text = " ".join(page().split())
    for name, command in get_command(app).commands.items():
        assert f" {name} {command.short_help} " in text, name
        assert len(command.short_help) <= 90, "as a line that a shell shows at the Tab key"
    assert "..." not in text


@pytest.mark.parametrize("columns", [40, 80])
@pytest.mark.parametrize("name", NAMES)
def test_an_example_is_a_command_when_it_is_pasted(name: str, columns: int) -> None:
    text = page(name, columns=columns)
    pasted = section(text, "Example") or section(text, "Examples")
    commands = pasted.replace("\\\n", "").strip().splitlines()
    known = {o for one in get_command(app).commands[name].params for o in one.opts}
    assert commands
    for line in commands:
        program, command, *words = shlex.split(line)
        assert (program, command) == ("spapi-messaging", name)
        assert {word for word in words if word.startswith("-")} <= known


@pytest.mark.parametrize("name", NAMES)
def test_a_page_says_the_exit_codes(name: str) -> None:
    said = section(page(name), "Exit codes")
    codes = {int(line.split()[0]) for line in said.splitlines() if re.match(r"  \d", line)}
    assert codes == set(EXIT_CODES[name])


def test_bulk_says_the_columns_of_a_file_of_jobs() -> None:
    said = section(page("bulk"), "Columns of a file of jobs")
    names = [line.split()[0] for line in said.splitlines() if re.match(r"  \S", line)]
    assert names == [*JOB_CELLS, "any", "in"]
    fields = {field.name for kind in MESSAGE_TYPES for field in attrs.fields(kind)}
    assert fields <= set(JOB_CELLS)


def test_the_version_is_one_line() -> None:
    done = run("--version")
    assert (done.returncode, done.stderr) == (0, "")
    assert re.fullmatch(r"spapi-messaging \d+\.\d+\.\d+ \(Python 3\.\d+\.\d+\)\n", done.stdout)


def test_a_page_has_colours_on_a_terminal_alone() -> None:
    command = [*COMMAND, "send", "--help"]
    environ = environment(None)
    assert "\x1b[36m" in on_a_terminal(command, environ, columns=80)
    assert "\x1b[" not in on_a_terminal(command, environ | {"NO_COLOR": "1"}, columns=80)
    assert "\x1b[" not in run("send", "--help").stdout
    assert "\x1b[" not in run().stderr, "of a program without a command"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--window", "x"], "'--window': it must be a whole number"),
        (["--rate", "x"], "'--rate': it must be a number"),
        (["--window", "0"], "'--window': it must be at least 1"),
        (["--once", "x"], "'--once': 'x' is not one of 'action', 'order', 'content'"),
    ],
)
def test_a_wrong_value_is_said_in_words(arguments: list[str], said: str, tmp_path: Path) -> None:
    done = run("bulk", tmp_path / "jobs.csv", *arguments)
    assert done.returncode == 2
    assert (
        done.stderr
        == f"spapi-messaging: Invalid value for {said}; see: spapi-messaging bulk --help\n"
    )


@pytest.mark.parametrize(
    "arguments", [("sandbox", "--port"), ("bulk", "jobs.csv", "--rate"), ("doctor", "-m")]
)
def test_an_option_without_its_value_names_the_page_of_its_command(
    arguments: tuple[str, ...],
) -> None:
    done = run(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        f"spapi-messaging: Option '{arguments[-1]}' requires an argument; see: "
        f"spapi-messaging {arguments[0]} --help\n"
    )


def test_the_rate_says_that_what_amazon_announces_counts() -> None:
    said = " ".join(page("bulk").split())
    assert "of your plan, for each operation; what Amazon announces takes its place" in said


def test_the_codes_that_send_promises_are_those_it_ends_with(sandbox: Sandbox) -> None:
    order = "903-1671087-0812628"
    sandbox.add_order(order, actions=("unexpectedProblem",))
    send = ("send", order, "unexpectedProblem", "--text", "hello")
    ended = [invoke(*send, sandbox=sandbox).returncode]
    ended.append(
        invoke("send", order, "confirmOrderDetails", "--text", "x", sandbox=sandbox).returncode
    )
    ended.append(invoke("send", order, "unexpectedProblem", sandbox=sandbox).returncode)
    sandbox.fail_next(status=503, operation="createUnexpectedProblem", after_accepting=True)
    ended.append(invoke(*send, sandbox=sandbox).returncode)
    assert ended == [0, 1, 2, 3]
    assert set(ended) <= set(EXIT_CODES["send"])
