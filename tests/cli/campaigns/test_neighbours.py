"""A file that was renamed, moved or is sent with the journal forgotten: no buyer gets it again."""

import shlex
from pathlib import Path

import pytest
from helpers.command_line import invoke, write_jobs

from spapi_messaging.sandbox import Sandbox


def sent(sandbox: Sandbox) -> int:
    return len(sandbox.messages())


def test_a_renamed_file_goes_on_with_its_journal_or_not_at_all(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    jobs = write_jobs(tmp_path / "jobs.jsonl", 3)
    assert invoke("bulk", jobs, sandbox=sandbox).returncode == 0
    renamed = jobs.rename(tmp_path / "jobs (1).jsonl")
    write_jobs(renamed, 5)
    for command in (["bulk", renamed], ["bulk", renamed, "--dry-run"]):
        refused = invoke(*command, sandbox=sandbox)
        assert refused.returncode == 2
        assert (
            "jobs.jsonl.journal has 3 of these 5 messages as sent, and 2 not. To go on"
            in refused.stderr
        )
        assert sent(sandbox) == 3
    go_on = refused.stderr.partition("To go on with that run: ")[2].partition("; to write")[0]
    words = shlex.split(go_on.replace(" --dry-run", ""))
    assert invoke(*words[words.index("bulk") :], sandbox=sandbox).returncode == 0
    assert sent(sandbox) == 5


def test_a_journal_that_was_named_last_time_is_found(
    sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also in the working directory, where the file is in another folder."""
    jobs = write_jobs(tmp_path / "jobs.jsonl", 2)
    named = tmp_path / "campaign.db"
    assert invoke("bulk", jobs, "--journal", named, sandbox=sandbox).returncode == 0
    (tmp_path / "folder").mkdir()
    moved = jobs.rename(tmp_path / "folder" / "jobs.jsonl")
    monkeypatch.chdir(tmp_path)
    refused = invoke("bulk", moved, sandbox=sandbox)
    assert refused.returncode == 2
    assert "campaign.db has 2 of these 2 messages as sent" in refused.stderr
    assert sent(sandbox) == 2


def test_another_campaign_beside_it_is_begun(sandbox: Sandbox, tmp_path: Path) -> None:
    jobs = write_jobs(tmp_path / "jobs.jsonl", 2)
    assert invoke("bulk", jobs, sandbox=sandbox).returncode == 0
    other = write_jobs(tmp_path / "other.jsonl", 2, action="confirmOrderDetails")
    assert invoke("bulk", other, sandbox=sandbox).returncode == 0
    assert sent(sandbox) == 4


def test_a_new_journal_that_is_named_is_meant(sandbox: Sandbox, tmp_path: Path) -> None:
    jobs = write_jobs(tmp_path / "jobs.jsonl", 2)
    assert invoke("bulk", jobs, sandbox=sandbox).returncode == 0
    again = invoke("bulk", jobs, "--journal", tmp_path / "again.db", sandbox=sandbox)
    assert again.returncode == 0
    assert "note: " in again.stderr
    assert "jobs.jsonl.journal has 2 of these 2 messages as sent" in again.stderr
    assert sent(sandbox) == 4


@pytest.mark.parametrize(
    "content", [b"", b"SQLite format 3\0", bytes(5000), "Zoë".encode("utf-16")]
)
def test_what_is_no_journal_is_passed_by(sandbox: Sandbox, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "old.journal").write_bytes(content)
    jobs = write_jobs(tmp_path / "jobs.jsonl", 1)
    done = invoke("bulk", jobs, sandbox=sandbox)
    assert (done.returncode, done.stderr) == (0, "")
