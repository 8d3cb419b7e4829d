"""A text of blanks only, on the command line and in files: nothing is sent."""

from pathlib import Path
from typing import Any

import pytest
from helpers.command_line import invoke, order
from helpers.job_files import Read, line, reason

from spapi_messaging.sandbox import Sandbox


@pytest.mark.parametrize("blanks", ["  ", "\u00a0\n", "\u200b", "\u3164\u2800"], ids=ascii)
def test_the_command_line_sends_no_blanks(blanks: str, sandbox: Sandbox, tmp_path: Path) -> None:
    file = tmp_path / "text.txt"
    file.write_text(blanks, "utf-8")
    for options in (["--text", blanks], ["--text-file", file]):
        done = invoke("send", order(1), "unexpectedProblem", *options, sandbox=sandbox)
        assert done.returncode == 2
        assert "text has" in done.stderr
    assert list(sandbox.messages(order(1))) == []


@pytest.mark.parametrize(
    "row",
    [
        {"text": " \u200b"},
        {"text": {"de": "Hallo", "en": "\u00a0"}},
        {"text": "$x", "fields": {"x": "\u3000"}},
    ],
)
def test_a_job_file_with_blanks_is_at_fault(row: dict[str, Any], read: Read) -> None:
    assert "nothing but blanks" in reason(read(line(**row), "jsonl"))
