"""A file that was renamed, moved or is sent with the journal forgotten: no buyer gets it again."""

import shlex
from pathlib import Path

import pytest
from helpers.command_line import invoke, order, write_jobs

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
            "jobs.jsonl.journal has 3 of these 5 messages as sent, and 2 not\nTo go on"
            in refused.stderr
        )
        assert sent(sandbox) == 3
    go_on = refused.stderr.partition("To go on with that run:\n")[2].partition("\n")[0]
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


def test_what_was_sent_from_a_folder_is_not_sent_from_a_table_again(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    """Though the table has a journal already, of another action."""
    folder = tmp_path / "invoices"
    folder.mkdir()
    for number in range(3):
        sandbox.add_order(order(number))
        (folder / f"{order(number)}.pdf").write_bytes(b"%PDF-1.4")
    table = tmp_path / "orders.csv"
    table.write_text("order-id\n" + "".join(f"{order(number)}\n" for number in range(4)), "utf-8")
    text = tmp_path / "text.txt"
    text.write_text("It is late.", "utf-8")
    problem = ["bulk", table, "--action", "unexpectedProblem", "--text-file", text]
    invoice = ["bulk", table, "--action", "invoice", "--attach", f"{folder}/{{order_id}}.pdf"]
    assert invoke(*problem, sandbox=sandbox).returncode == 0
    assert invoke("bulk", folder, "--action", "invoice", sandbox=sandbox).returncode == 0
    (folder / f"{order(3)}.pdf").write_bytes(b"%PDF-1.4")
    refused = invoke(*invoice, sandbox=sandbox)
    assert refused.returncode == 2
    assert "invoices.journal has 3 of these 4 messages as sent, which " in refused.stderr
    assert sent(sandbox) == 7
    go_on = refused.stderr.partition("To go on with that run:\n")[2].partition("\n")[0]
    words = shlex.split(go_on)
    assert invoke(*words[words.index("bulk") :], sandbox=sandbox).returncode == 0
    assert sent(sandbox) == 8
    assert invoke(*problem, sandbox=sandbox).stderr == ""


def test_a_copy_of_its_own_journal_is_no_other_campaign(sandbox: Sandbox, tmp_path: Path) -> None:
    jobs = write_jobs(tmp_path / "jobs.jsonl", 2)
    assert invoke("bulk", jobs, sandbox=sandbox).returncode == 0
    (tmp_path / "backup").write_bytes((tmp_path / "jobs.jsonl.journal").read_bytes())
    (tmp_path / "damaged").write_bytes((tmp_path / "backup").read_bytes()[:5000])
    write_jobs(jobs, 3)
    again = invoke("bulk", jobs, sandbox=sandbox)
    assert again.returncode == 0, again.stderr
    assert sent(sandbox) == 3


def test_a_damaged_journal_beside_it_is_told_with_what_to_do(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    """Nobody can go on with it, nor tell that these buyers have their messages."""
    jobs = write_jobs(tmp_path / "jobs.jsonl", 2)
    assert invoke("bulk", jobs, sandbox=sandbox).returncode == 0
    damaged = tmp_path / "jobs.jsonl.journal"
    damaged.write_bytes(damaged.read_bytes()[:5000])
    renamed = write_jobs(tmp_path / "renamed.jsonl", 2)
    refused = invoke("bulk", renamed, sandbox=sandbox)
    assert (refused.returncode, sent(sandbox)) == (2, 2)
    assert (
        f"nothing was sent: {damaged} may have some of these messages as sent, and cannot be read: "
        "it is damaged: bring it back from a copy\nTo write to these buyers all the same:\n"
    ) in refused.stderr
    (line,) = [line for line in refused.stderr.splitlines() if line.startswith("  ")]
    again = invoke(*shlex.split(line)[1:], sandbox=sandbox)
    assert (again.returncode, sent(sandbox)) == (0, 4)
    assert again.stderr.startswith(f"spapi-messaging: note: {damaged} may have some of these ")


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


def test_one_message_is_not_told_as_one_of_one(sandbox: Sandbox, tmp_path: Path) -> None:
    assert invoke("bulk", write_jobs(tmp_path / "jobs.jsonl", 1), sandbox=sandbox).returncode == 0
    again = invoke("bulk", write_jobs(tmp_path / "renamed.jsonl", 1), sandbox=sandbox)
    assert "jobs.jsonl.journal has this message as sent\n" in again.stderr


@pytest.mark.parametrize(
    ("first", "told"),
    [
        (2, "has 1 of these 3 messages as sent, 1 in doubt or under way, and 1 not\n"),
        (1, "has 1 of these 3 messages in doubt or under way, and 2 not\n"),
    ],
)
def test_a_doubt_of_another_journal_is_not_told_as_sent(
    sandbox: Sandbox, tmp_path: Path, first: int, told: str
) -> None:
    """Whoever is told that a message is sent does not settle it."""
    sandbox.fail_next(status=503, order_id=order(0), operation="createUnexpectedProblem")
    jobs = write_jobs(tmp_path / "jobs.jsonl", first)
    assert invoke("bulk", jobs, sandbox=sandbox).returncode == 3
    refused = invoke("bulk", write_jobs(tmp_path / "renamed.jsonl", 3), sandbox=sandbox)
    assert refused.returncode == 2
    assert f"jobs.jsonl.journal {told}" in refused.stderr
    assert sent(sandbox) == first - 1
