"""The commands that help to begin: doctor, sandbox, and what is said of all of them."""

import re
import signal
import subprocess

from helpers.command_line import COMMAND, environment, invoke, order, run
from helpers.paths import README
from typer.main import get_command

from spapi_messaging.cli.app import app
from spapi_messaging.sandbox import Sandbox


def test_attributes_and_doctor(sandbox: Sandbox) -> None:
    done = run("attributes", order(1), sandbox=sandbox)
    assert (done.returncode, done.stdout) == (0, "locale: de-DE\n")
    healthy = run("doctor", sandbox=sandbox)
    assert healthy.returncode == 0
    assert healthy.stdout.count("ok ") == 6
    sandbox.role_missing = True
    ill = invoke("doctor", sandbox=sandbox)
    assert ill.returncode == 1
    assert "BAD role: it is missing" in ill.stdout
    sandbox.refuse_refresh("invalid_grant")
    worse = invoke("doctor", sandbox=sandbox)
    assert worse.returncode == 1
    assert "BAD token" in worse.stdout


def test_doctor_says_when_nobody_answers(sandbox: Sandbox) -> None:
    done = invoke("doctor", sandbox=sandbox, SPAPI_MESSAGING_ENDPOINT="http://127.0.0.1:9")
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
