"""What a command that looks writes: whole or not at all, and over no journal."""

import asyncio
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from helpers.command_line import COMMAND, environment, invoke, run
from helpers.journal_files import made
from helpers.journal_runs import entry

from spapi_messaging.bulk import SqliteJournal, read_journal

SENT = entry("a", "sent")
Target = Callable[[Path], Path]
WRITERS = ["export", "report"]


def shell(script: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["/bin/bash", "-c", script, "bash", *COMMAND, *map(str, arguments)],
        env=environment(None),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def itself(path: Path) -> Path:
    return path


def symlinked(path: Path) -> Path:
    link = path.with_name("link")
    link.symlink_to(path)
    return link


def linked(path: Path) -> Path:
    link = path.with_name("hard")
    link.hardlink_to(path)
    return link


def another(path: Path) -> Path:
    return made(path.with_name("another.db"))


def beside_another(path: Path) -> Path:
    return Path(f"{another(path)}-wal")


def log(path: Path) -> Path:
    return Path(f"{path}-wal")


def log_of_a_link(path: Path) -> Path:
    link = path.with_name("link to a log")
    link.symlink_to(log(path))
    return link


def lock(path: Path) -> Path:
    return Path(f"{path}-lock")


def index(path: Path) -> Path:
    return Path(f"{path}-shm")


TARGETS = [itself, symlinked, linked, log, log_of_a_link, lock, index, another, beside_another]


@pytest.mark.parametrize("command", WRITERS)
@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.__name__)
def test_no_output_is_written_over_a_journal(command: str, target: Target, tmp_path: Path) -> None:
    """A slip of --output must not cost the only proof of what buyers have."""
    path = made(tmp_path / "run.db")
    output = target(path)
    before = {file: file.read_bytes() for file in tmp_path.iterdir() if file.is_file()}
    done = invoke(command, path, "-o", output)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert {file: file.read_bytes() for file in tmp_path.iterdir() if file.is_file()} == before
    assert read_journal(path) == [SENT]


async def test_no_output_is_written_over_the_log_of_a_run(tmp_path: Path) -> None:
    path = tmp_path / "run.db"
    async with SqliteJournal(path) as journal:
        await journal.write(SENT)
        for output in (path, log(path), lock(path), index(path)):
            done = await asyncio.to_thread(run, "export", path, "-o", output)
            assert done.returncode == 2
        await journal.write(entry("b", "sent"))
    assert len(read_journal(path)) == 2


def test_an_output_is_replaced_with_its_rights_and_by_its_link(tmp_path: Path) -> None:
    path, target, link = made(tmp_path / "run.db"), tmp_path / "out.csv", tmp_path / "link"
    target.write_text("old")
    target.chmod(0o640)
    link.symlink_to(target)
    before = set(tmp_path.iterdir())
    assert invoke("export", path, "-o", link).returncode == 0
    assert link.is_symlink()
    assert SENT.order_id in target.read_text()
    assert target.stat().st_mode & 0o777 == 0o640
    assert set(tmp_path.iterdir()) == before


def test_an_export_that_fails_leaves_the_old_file(tmp_path: Path) -> None:
    """The disk fills up; a limit of the shell stands for it."""
    path = made(tmp_path / "run.db", *(entry(f"{n}", "sent") for n in range(500)))
    target = tmp_path / "out.csv"
    target.write_text("old")
    before = set(tmp_path.iterdir())
    done = shell("trap '' XFSZ; ulimit -f 8; exec \"$@\"", "export", path, "-o", target)
    assert done.returncode == 2
    assert "out.csv: File too large" in done.stderr
    assert target.read_text() == "old"
    assert set(tmp_path.iterdir()) == before


@pytest.mark.parametrize("name", ["/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"])
def test_a_device_is_written_as_it_is(name: str, tmp_path: Path) -> None:
    path = made(tmp_path / "run.db")
    assert SENT.order_id in shell('"$@" | cat', "export", path, "-o", name).stdout
    out = tmp_path / "out.csv"
    assert shell(f'"$@" > {out}', "export", path, "-o", name).returncode == 0
    assert SENT.order_id in out.read_text()
    assert invoke("export", path, "-o", "/dev/null").returncode == 0
    assert Path("/dev/null").is_char_device()


@pytest.mark.parametrize("output", ["/", "", "missing/out.csv", "/dev/full"])
@pytest.mark.parametrize("command", WRITERS)
def test_an_output_that_cannot_be_is_one_line(command: str, output: str, tmp_path: Path) -> None:
    done = invoke(command, made(tmp_path / "run.db"), "-o", output)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("broken", ['"$@" > /dev/full', '"$@" >&-'])
@pytest.mark.parametrize("command", ["export", "status", "doubts", "report"])
def test_output_that_is_lost_is_no_success(command: str, broken: str, tmp_path: Path) -> None:
    path = made(tmp_path / "run.db")
    more = ("-o", tmp_path / "page.html") if command == "report" else ()
    done = shell(broken, command, path, *more)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "standard output cannot be written" in done.stderr


@pytest.mark.parametrize("how", ["sent", "resend", "ask"])
def test_doubts_that_nobody_saw_are_not_settled(how: str, tmp_path: Path) -> None:
    doubt = entry("a")
    path = made(tmp_path / "run.db", doubt)
    done = shell('yes | "$@" > /dev/full', "doubts", path, "--settle", how)
    assert done.returncode == 1
    assert "nothing is settled" in done.stderr
    assert read_journal(path) == [doubt]


def test_standard_output_is_not_the_journal(tmp_path: Path) -> None:
    path = made(tmp_path / "run.db")
    done = shell(f'"$@" >> {path}', "export", path)
    assert done.returncode == 2
    assert read_journal(path) == [SENT]
