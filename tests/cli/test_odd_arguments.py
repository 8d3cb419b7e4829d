"""Whatever stands on a command line: no traceback, one clean line on standard error, and a code."""

import os
import socket
from pathlib import Path

import pytest
from helpers.command_line import environment, order, write_jobs
from helpers.many_commands import Ended, commands

from spapi_messaging.sandbox import Sandbox

EVIL = "\x1b]0;x\x07\x1b[2J\nall sent\u202e"
NUMBERS = ["inf", "nan", "0", "-1", "1e309", EVIL, "9" * 30]
PATHS = ["/", "dir", "bin", "a" * 300, f"no{EVIL}\udcff"]
JOBS = "jobs.jsonl"
STUB = """
class TOMLDecodeError(ValueError): ...
def loads(_): raise ZeroDivisionError("Atzr|secret")
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_jobs(tmp_path / JOBS, 2)
    (tmp_path / "dir").mkdir()
    (tmp_path / "bin").write_bytes(os.urandom(4000) + b"\xff")
    (tmp_path / "big.txt").write_bytes(b"a" * 3_000_000)
    (tmp_path / "utf16.txt").write_bytes("Grüße".encode("utf-16"))
    (tmp_path / "deep.toml").write_text("a=" + "[" * 20_000)
    (tmp_path / "long.toml").write_text("a=" + "1" * 20_000)
    (tmp_path / "types.toml").write_text("client_id=5\nclient_secret=[]\nsellers=5\n")
    for path in tmp_path.glob("*.toml"):
        path.chmod(0o600)
    return tmp_path


def assert_told(lines: list[list[str]], ended: list[Ended], *codes: int) -> None:
    """Each ended with one of the codes, and one line that is clean; a command has its own."""
    for line, end in zip(lines, ended, strict=True):
        assert end.code in codes, (line, end)
        assert "Traceback" not in end.told + end.out, line
        said, *command = end.told.splitlines()
        assert said.isprintable(), (line, end)
        assert all(each.startswith("  spapi-messaging ") for each in command), (line, end)
        assert len(command) <= 1, (line, end)
        told_by = ("spapi-messaging: ", "python -m spapi_messaging.sandbox: ")
        assert end.told.startswith(told_by), (line, end)


def test_numbers_that_are_none(folder: Path) -> None:
    wrong = [
        *(["bulk", JOBS, "--rate", number] for number in NUMBERS),
        *(["bulk", JOBS, "--burst", number] for number in NUMBERS),
        *(["bulk", JOBS, "--window", number] for number in NUMBERS),
        *(["report", "x.journal", "-o", "r.html", "--rate", number] for number in NUMBERS),
        *(
            ["sandbox", "--port", number]
            for number in [*NUMBERS, "70000", "65536"]
            if number != "0"
        ),
        *(["sandbox", "--burst", number] for number in NUMBERS),
        *(["sandbox", "--rate", number] for number in ("nan", "-1", "-inf", "abc", "")),
    ]
    assert_told(wrong, commands(wrong, environment(None), folder), 2)


@pytest.mark.parametrize(
    ("number", "reason"),
    [
        ("nan", "it must be a number"),
        ("-nan", "it must be a number"),
        ("fast", "it must be a number"),
        ("inf", "it must be at most 10000"),
        ("10000.5", "it must be at most 10000"),
        ("0", "it must be at least 0.001"),
        ("-inf", "it must be at least 0.001"),
    ],
)
def test_a_rate_that_is_none_is_told_what_it_must_be(
    number: str, reason: str, folder: Path
) -> None:
    lines = [["bulk", JOBS], ["resume", JOBS], ["report", "x.journal", "-o", "r.html"]]
    wrong = [[*line, "--rate", number] for line in lines]
    ended = commands(wrong, environment(None), folder)
    assert_told(wrong, ended, 2)
    assert all(f"'--rate': {reason}; see:" in end.told for end in ended)


def test_paths_that_lead_nowhere(sandbox: Sandbox, folder: Path) -> None:
    wrong = [
        line
        for path in PATHS
        for line in (
            ["resume", path],
            ["resume", JOBS, "--journal", path],
            ["status", path],
            ["doubts", path, "--settle", "sent"],
            ["export", path],
            ["report", path, "-o", "r.html"],
            ["send", order(1), "unexpectedProblem", "--text-file", path],
            ["actions", order(1), "--credentials", path],
            ["bulk", JOBS, "--credentials", path],
        )
    ]
    assert_told(wrong, commands(wrong, environment(sandbox), folder), 2)
    assert sandbox.messages() == []


def test_files_that_hold_something_else(sandbox: Sandbox, folder: Path) -> None:
    send = ["send", order(1), "unexpectedProblem", "--text-file"]
    wrong = [
        *([*send, name] for name in ("big.txt", "utf16.txt", "/dev/zero", "/dev/full")),
        *(
            ["actions", order(1), "--credentials", name]
            for name in ("deep.toml", "long.toml", "types.toml", "big.txt", "/dev/zero")
        ),
        ["bulk", JOBS, "--journal", "/"],
        ["bulk", JOBS, "--journal", "dir"],
        ["bulk", JOBS, "--journal", "no/such/folder/j"],
    ]
    assert_told(wrong, commands(wrong, environment(sandbox), folder), 2)
    assert sandbox.messages() == []


def test_words_that_are_none(sandbox: Sandbox, folder: Path) -> None:
    wrong = [
        [EVIL],
        [f"--{EVIL}"],
        ["bulk"],
        ["bulk", JOBS, "--on-doubt", EVIL],
        ["bulk", JOBS, "--format", EVIL],
        ["bulk", JOBS, "-m", EVIL],
        ["bulk", JOBS, "--marketplace", ""],
        ["actions", EVIL],
        ["actions", ""],
        ["actions", "9" * 100_000],
        ["attributes", f"{order(1)}\n"],
        ["send", EVIL, "unexpectedProblem", "--text", "x"],
        ["send", order(1), EVIL, "--text", "x"],
        ["send", order(1), "attributes"],
        ["send", order(1), "warranty", "--coverage-start", EVIL, "--attach", "x"],
        ["status", "--database", "service=no-such-service"],
        ["status", "--database", EVIL],
    ]
    assert_told(wrong, commands(wrong, environment(sandbox), folder), 1, 2)
    assert sandbox.messages() == []


def test_a_port_that_is_taken(folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        wrong = [["sandbox", "--port", port]]
        ended = commands(wrong, environment(None), folder)
    assert_told(wrong, ended, 2)
    assert f"port {port}" in ended[0].told
    assert "--port" in ended[0].told.partition(";")[2], "what to do"


def test_credentials_may_have_a_byte_order_mark(sandbox: Sandbox, folder: Path) -> None:
    environ = environment(sandbox)
    names = {"client_id": "LWA_APP_ID", "client_secret": "LWA_CLIENT_SECRET"}
    names["refresh_token"] = "SP_API_REFRESH_TOKEN"
    lines = [f'{name} = "{environ.pop(variable)}"' for name, variable in names.items()]
    (folder / "bom.toml").write_text("\n".join(lines), "utf-8-sig")
    (folder / "bom.toml").chmod(0o600)
    (ended,) = commands([["doctor", "--credentials", "bom.toml"]], environ, folder)
    assert (ended.code, ended.told) == (0, "")


@pytest.mark.parametrize("extra", [{}, {"SPAPI_MESSAGING_DEBUG": "1"}])
def test_a_fault_of_its_own_is_one_line_and_a_code(folder: Path, extra: dict[str, str]) -> None:
    """A module that fails in the midst of a command; the traceback is for who asks for it."""
    (folder / "tomllib.py").write_text(STUB)
    (folder / "own.toml").write_text("")
    (folder / "own.toml").chmod(0o600)
    environ = environment(None) | extra
    (ended,) = commands([["doctor", "--credentials", "own.toml"]], environ, folder, first=folder)
    assert ended.code == 70
    assert (
        "a fault of spapi-messaging itself: ZeroDivisionError in credentials_file.py" in ended.told
    )
    assert ("Traceback" in ended.told) == bool(extra)
    if not extra:
        assert "secret" not in ended.told
        assert ended.told.count("\n") == 1
