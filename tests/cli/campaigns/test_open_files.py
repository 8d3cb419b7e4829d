"""What has no name of its own needs the journal to be named: it would be lost, or another's."""

import subprocess
import sys
from pathlib import Path

import pytest
from helpers.command_line import PROGRAM, environment, invoke, order

from spapi_messaging.sandbox import Sandbox

TABLE = f"order_id,action,text\n{order(0)},unexpectedProblem,Hallo\n"


@pytest.mark.parametrize("options", [[], ["--journal"]])
def test_standard_input_by_another_name_does(
    options: list[str], sandbox: Sandbox, tmp_path: Path
) -> None:
    """Its name is that of the next pipe, too, and what is kept in /dev is soon gone."""
    given = [*options, str(tmp_path / "journal")] if options else []
    for name in ("/dev/stdin", "/dev/fd/0"):
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM, "bulk", name, *given],
            env=environment(sandbox),
            cwd=tmp_path,
            input=TABLE,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == (0 if given else 2), done.stderr
        assert given or "need --journal PATH" in done.stderr
        assert not Path(f"{name}.journal").exists()
    assert len(sandbox.messages()) == (1 if given else 0)


def test_a_file_of_the_same_name_does_not(sandbox: Sandbox, tmp_path: Path) -> None:
    folder = tmp_path / "dev"
    folder.mkdir()
    table = folder / "stdin"
    table.write_text(TABLE)
    assert invoke("bulk", table, sandbox=sandbox).returncode == 0
    assert (folder / "stdin.journal").is_file()
