"""What a shell offers at the Tab key: the program's own answers, and bash with its script."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from helpers.command_line import environment
from rich.text import Text
from typer.main import get_command

from spapi_messaging.cli.app import app
from spapi_messaging.cli.commands import COMMANDS
from spapi_messaging.cli.countries import COUNTRIES
from spapi_messaging.marketplaces import Marketplace
from spapi_messaging.messages import MESSAGE_TYPES

SCRIPT = str(Path(sys.executable).with_name("spapi-messaging"))
ORDER = "903-1671087-0812628"
ACTIONS = [kind.segment for kind in MESSAGE_TYPES]


def answer(folder: Path, **asked: str) -> str:
    done = subprocess.run(
        [SCRIPT],
        env=environment(None) | asked,
        cwd=folder,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
    assert done.stderr == ""
    return done.stdout


def offered(line: str, folder: Path) -> list[str]:
    """Return what bash is told; the line's last word is what was begun."""
    return (
        answer(
            folder,
            _SPAPI_MESSAGING_COMPLETE="complete_bash",
            COMP_WORDS=line,
            COMP_CWORD=str(line.count(" ")),
        )
        .strip()
        .splitlines()
    )


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("se", ["send"]),
        (f"send {ORDER} ", ACTIONS),
        (f"send {ORDER} conf", [name for name in ACTIONS if name.startswith("conf")]),
        (f"send {ORDER} warranty --marketplace D", ["DE"]),
        (f"send {ORDER} warranty -m d", ["de"]),
        ("actions --marketplace ", [one.name for one in Marketplace]),
        ("bulk jobs.csv --action inv", ["invoice"]),
        ("bulk jobs.csv --once ", ["action", "order", "content"]),
        ("bulk jobs.csv --on-doubt re", ["report", "resend", "rediscover"]),
        ("bulk jobs.csv --content w", ["warn"]),
        ("bulk jobs.csv --format c", ["csv"]),
        ("bulk jobs.csv --time-zone Europe/Berl", ["Europe/Berlin"]),
        ("bulk jobs.csv --dr", ["--dry-run"]),
        ("doubts a.journal --settle ", ["ask", "sent", "resend"]),
        ("status ", ["a.journal", "b c.journal"]),
        ("export sub/", ["sub/d.journal"]),
        ("report no/such/", []),
        ("bulk jobs.csv --text-file ", []),
    ],
)
def test_bash_is_offered_what_fits(line: str, words: list[str], tmp_path: Path) -> None:
    """Nothing means that the shell offers its files."""
    (tmp_path / "sub").mkdir()
    for name in ("a.journal", "b c.journal", "jobs.csv", "sub/d.journal", "sub/text.txt"):
        (tmp_path / name).touch()
    assert offered(f"spapi-messaging {line}", tmp_path) == words


def test_fish_and_zsh_are_told_what_a_word_means(tmp_path: Path) -> None:
    asked = {"_TYPER_COMPLETE_ARGS": f"spapi-messaging send {ORDER} dig"}
    fish = {"_SPAPI_MESSAGING_COMPLETE": "complete_fish", "_TYPER_COMPLETE_FISH_ACTION": "get-args"}
    told = answer(tmp_path, **asked, **fish)
    assert told == "digitalAccessKey\ta text (up to 400 characters) or files (up to 5)\n"
    told = answer(tmp_path, _SPAPI_MESSAGING_COMPLETE="complete_zsh", **asked)
    assert '"digitalAccessKey":"a text (up to 400 characters)' in told


def test_a_command_is_one_line_though_its_sentence_is_long(tmp_path: Path) -> None:
    told = answer(
        tmp_path,
        _SPAPI_MESSAGING_COMPLETE="complete_fish",
        _TYPER_COMPLETE_FISH_ACTION="get-args",
        _TYPER_COMPLETE_ARGS="spapi-messaging ",
        COLUMNS="30",
    )
    assert len(told.splitlines()) == len({line.split("\t")[0] for line in told.splitlines()}) == 12


def test_bash_completes_with_the_script_that_is_shown(tmp_path: Path) -> None:
    """As a user installs it: the program is asked by the name under which bash finds it."""
    lines = (
        'eval "$(spapi-messaging --show-completion bash)"',
        f"COMP_WORDS=(spapi-messaging send {ORDER} warr); COMP_CWORD=3",
        "_spapi_messaging_completion spapi-messaging",
        'echo "${COMPREPLY[@]}"; complete -p spapi-messaging',
    )
    done = subprocess.run(
        ["/bin/bash", "-c", "; ".join(lines)],
        env=environment(None) | {"PATH": f"{Path(SCRIPT).parent}{os.pathsep}{os.environ['PATH']}"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stdout.splitlines()[0] == "warranty", done.stderr
    assert "-F _spapi_messaging_completion" in done.stdout


def test_completion_is_installed_for_bash_in_a_home_of_its_own(tmp_path: Path) -> None:
    done = subprocess.run(
        [SCRIPT, "--install-completion", "bash"],
        # Else typer looks at the parents of the process for a shell.
        env=environment(None)
        | {"HOME": str(tmp_path), "_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    (script,) = tmp_path.rglob("spapi-messaging.sh")
    assert "_SPAPI_MESSAGING_COMPLETE=complete_bash" in script.read_text()
    assert str(script) in (tmp_path / ".bashrc").read_text()


def test_every_marketplace_has_its_country() -> None:
    assert list(COUNTRIES) == list(Marketplace)


@pytest.mark.parametrize("name", [one.__name__ for some in COMMANDS.values() for one in some])
def test_what_an_option_means_loses_no_words_at_the_tab_key(name: str) -> None:
    """What stands in brackets is taken for a style, and is not shown."""
    for option in get_command(app).commands[name].params:
        meaning = getattr(option, "help", None) or ""
        assert Text.from_markup(meaning).plain == meaning
