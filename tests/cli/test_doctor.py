"""The commands that help to begin: doctor, sandbox, and what is said of all of them."""

import re
import signal
import subprocess
from pathlib import Path

import pytest
from helpers.command_line import COMMAND, environment, invoke, order, run
from helpers.paths import README
from helpers.terminal import on_a_terminal
from typer.main import get_command

from spapi_messaging.cli.app import app
from spapi_messaging.sandbox import Sandbox

CHECKS = ["program", "marketplace", "servers", "credentials", "endpoint", "login", "clock"]


def test_attributes_and_doctor(sandbox: Sandbox) -> None:
    done = run("attributes", order(1), sandbox=sandbox)
    assert (done.returncode, done.stdout) == (0, "locale: de-DE\n")
    healthy = run("doctor", sandbox=sandbox)
    assert (healthy.returncode, healthy.stderr) == (0, "")
    names = re.findall("^(?:ok |hm ) (\\w+): ", healthy.stdout, re.MULTILINE)
    assert names == [*CHECKS, "token", "role"]
    assert healthy.stdout.splitlines()[-1] == "all is well; look at what is marked hm"
    sandbox.role_missing = True
    ill = invoke("doctor", sandbox=sandbox)
    assert ill.returncode == 1
    assert "BAD role: it is missing" in ill.stdout
    assert ill.stdout.splitlines()[-1] == "1 problem: role"
    sandbox.refuse_refresh("invalid_grant")
    worse = invoke("doctor", sandbox=sandbox, SPAPI_MESSAGING_MARKETPLACE="GER")
    assert worse.returncode == 1
    assert "BAD token" in worse.stdout
    assert worse.stdout.splitlines()[-1] == "2 problems: marketplace, token"


@pytest.mark.parametrize("columns", [40, 80])
def test_the_doctor_is_folded_at_the_width_of_a_terminal(sandbox: Sandbox, columns: int) -> None:
    sandbox.role_missing = True
    environ = environment(sandbox)
    del environ["COLUMNS"]  # which would be more than the terminal has
    drawn = on_a_terminal([*COMMAND, "doctor"], environ, columns=columns)
    assert "\x1b[1;31mBAD\x1b[0m" in drawn
    plain = on_a_terminal([*COMMAND, "doctor"], environ | {"NO_COLOR": "1"}, columns=columns)
    assert "\x1b[1;31m" not in plain
    rows = [
        row.rsplit("\r", 1)[-1] for row in re.sub("\x1b[^A-Za-z]*[A-Za-z]", "", plain).split("\r\n")
    ]
    assert max(map(len, rows)) <= columns
    starts = [row[:4] for row in rows if row.strip() and "asking" not in row]  # while it asks
    assert starts.count("BAD ") == 1
    assert set(starts) <= {"ok  ", "hm  ", "BAD ", "    ", "1 pr"}
    words = " ".join(" ".join(rows).split())
    assert "add the role Buyer Communication" in words


def test_a_long_path_is_shown_whole_on_a_narrow_terminal(sandbox: Sandbox, tmp_path: Path) -> None:
    path = str(tmp_path / f"{'long' * 12}.toml")
    environ = environment(sandbox) | {"NO_COLOR": "1"}
    del environ["COLUMNS"]
    command = [*COMMAND, "doctor", "--credentials", path]
    drawn = re.sub("\x1b[^A-Za-z]*[A-Za-z]", "", on_a_terminal(command, environ, columns=40))
    assert f"BADcredentials:{path}:Nosuchfile" in re.sub(r"\s", "", drawn)


def test_on_a_pipe_each_finding_is_one_line(sandbox: Sandbox) -> None:
    sandbox.role_missing = True
    narrow = invoke("doctor", sandbox=sandbox, COLUMNS="40")
    assert "BAD role: it is missing: Amazon denies access (403)\n" in narrow.stdout


def test_the_sandbox_command_prints_what_to_set() -> None:
    process = subprocess.Popen(
        [*COMMAND, "sandbox", "--rate", "5", "--port", "0"],
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
