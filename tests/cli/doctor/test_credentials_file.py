"""What the doctor says of a credentials file, whatever it is."""

import subprocess
from pathlib import Path

import pytest
from helpers.command_line import invoke, write_jobs
from helpers.doctor import OWN, doctor

from spapi_messaging.sandbox import Sandbox

NAMES = ("client_id", "client_secret", "refresh_token")


def written(path: Path, text: str | bytes, mode: int = 0o600) -> Path:
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    path.chmod(mode)
    return path


def lines(values: list[str], names: tuple[str, ...] = NAMES) -> str:
    return "".join(f'{name} = "{value}"\n' for name, value in zip(names, values, strict=True))


def own(sandbox: Sandbox) -> list[str]:
    environ = sandbox.environment
    return [environ[name] for name in OWN]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"client_id = amzn1.x\n", "is not TOML"),
        (b"LWA_APP_ID=amzn1.x\n", "is not TOML"),
        ('client_id = "a"\nclient_secret = “b”\n'.encode(), "is not TOML"),
        (b'{"client_id": "a"}', "is not TOML"),
        (b"a=" + b"[" * 20_000, "is not TOML that can be read"),
        (b"a=" + b"1" * 20_000, "is not TOML that can be read"),
        (b"\xff\xfea\0", "not UTF-8 but UTF-16"),
        (b"\x80\x81", "is not UTF-8"),
        (b"%PDF-1.4", "is a document"),
        (b"a" * 2_000_000, "is longer than 1 MiB"),
        (b"", "lacks client_id, client_secret, refresh_token"),
        (b'client_id = "a"\nrefresh_token = "b"\n', "lacks client_secret"),
        (b'client_id = 5\nclient_secret = []\nrefresh_token = "x"', "client_id is no text"),
        (b"sellers = 5\n", "lacks client_id"),
    ],
)
def test_a_file_that_is_none_is_a_line_with_what_to_do(
    sandbox: Sandbox, tmp_path: Path, content: bytes, told: str
) -> None:
    path = written(tmp_path / "own.toml", content)
    done = invoke("doctor", "--credentials", path, sandbox=sandbox)
    assert (done.returncode, done.stderr) == (1, "")
    rows = done.stdout.splitlines()
    line = next(n for n, row in enumerate(rows) if row.startswith("BAD credentials: "))
    assert told in rows[line]
    assert rows[line + 1].startswith("    - "), "what to do"
    assert "ok  endpoint: " in done.stdout


@pytest.mark.parametrize("name", ["no.toml", ".", "a" * 300, "no\x1b]0;x\x07\u202e\nok  x"])
def test_a_path_that_leads_nowhere_is_a_line_of_its_own(
    sandbox: Sandbox, tmp_path: Path, name: str
) -> None:
    done = invoke("doctor", "--credentials", tmp_path / name, sandbox=sandbox)
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.count("BAD credentials: ") == 1
    assert "\nok  x" not in done.stdout
    assert all(row.isprintable() for row in done.stdout.splitlines())


def test_a_file_with_a_byte_order_mark_is_well(sandbox: Sandbox, tmp_path: Path) -> None:
    path = written(tmp_path / "bom.toml", lines(own(sandbox)).encode("utf-8-sig"))
    done = invoke("doctor", "--credentials", path, sandbox=sandbox)
    assert done.returncode == 0
    assert f"ok  credentials: all three are set, from {path}" in done.stdout


def test_a_file_that_others_can_read_is_told_of(sandbox: Sandbox, tmp_path: Path) -> None:
    path = written(tmp_path / "own.toml", lines(own(sandbox)), 0o644)
    done = invoke("doctor", "--credentials", path, sandbox=sandbox)
    assert (done.returncode, done.stderr) == (0, "")
    assert f"hm  credentials: others can read {path}\n    - chmod 600 {path}\n" in done.stdout


def test_a_file_that_a_variable_names_is_told_by_it(sandbox: Sandbox, tmp_path: Path) -> None:
    gone = str(tmp_path / "gone.toml")
    done = invoke("doctor", sandbox=sandbox, SPAPI_MESSAGING_CREDENTIALS=gone)
    assert f"BAD credentials: {gone}: No such file or directory" in done.stdout
    assert "SPAPI_MESSAGING_CREDENTIALS names it: unset it" in done.stdout


def test_a_variable_that_others_call_otherwise_is_recognised(sandbox: Sandbox) -> None:
    done = invoke("doctor", sandbox=sandbox, LWA_APP_ID="", LWA_CLIENT_ID="client-7")
    assert "BAD credentials: the environment lacks LWA_APP_ID" in done.stdout
    assert "LWA_CLIENT_ID is set: here it is called LWA_APP_ID" in done.stdout
    assert "client-7" not in done.stdout


def test_a_seller_of_several_is_named(sandbox: Sandbox, tmp_path: Path) -> None:
    app_id, secret, token = own(sandbox)
    shared = lines([app_id, secret], ("client_id", "client_secret"))
    sellers = "".join(
        f'[sellers.{name}]\nrefresh_token = "{value}"\n'
        for name, value in (("shop-1", token), ("shop-2", f"{token}\\n"))
    )
    path = written(tmp_path / "own.toml", shared + sellers)
    nobody = invoke("doctor", "--credentials", path, sandbox=sandbox)
    assert "lacks refresh_token for a seller without a name" in nobody.stdout
    assert "name one: --seller shop-1, shop-2" in nobody.stdout
    one = invoke("doctor", "--credentials", path, "--seller", "shop-1", sandbox=sandbox)
    assert one.returncode == 0
    assert "all three of shop-1 are set" in one.stdout
    two = invoke("doctor", "--credentials", path, "--seller", "shop-2", sandbox=sandbox)
    fault = "BAD credentials: [sellers.shop-2] refresh_token comes with a line end"
    assert fault in two.stdout
    other = invoke("doctor", "--credentials", path, "--seller", "shop-3", sandbox=sandbox)
    assert "has no [sellers.shop-3]" in other.stdout
    assert [done.returncode for done in (nobody, two, other)] == [1, 1, 1]


def test_what_mends_it_is_a_command_that_a_shell_takes(
    sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    path = written(Path("-my $HOME.toml"), lines(own(sandbox)), 0o644)
    orders = write_jobs(tmp_path / "jobs.jsonl", 1)
    doctor = invoke("doctor", "--credentials", path, sandbox=sandbox)
    bulk = invoke("bulk", orders, "--dry-run", "--credentials", path, sandbox=sandbox)
    command = "chmod 600 './-my $HOME.toml'"
    assert f"\n    - {command}\n" in doctor.stdout
    assert f"; {command}\n" in bulk.stderr
    subprocess.run(["/bin/sh", "-c", command], check=True)
    assert path.stat().st_mode & 0o777 == 0o600


async def test_a_seller_without_a_file_is_sent_to_one(sandbox: Sandbox) -> None:
    found = await doctor(sandbox.environment, seller="shop-2")
    assert found.bads == ["credentials"]
    assert "only a file has several sellers: give --credentials FILE" in found["credentials"]
