"""A folder of files is one campaign, however it is called."""

from pathlib import Path

import pytest
from helpers.command_line import invoke, order

from spapi_messaging.sandbox import Sandbox


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two invoices."""
    folder = tmp_path / "here" / "invoices"
    folder.mkdir(parents=True)
    for number in range(2):
        (folder / f"{order(number)}.pdf").write_bytes(b"%PDF-1.4")
    return folder


@pytest.mark.parametrize(
    ("first", "then"),
    [
        ((".", "."), ("..", "invoices")),
        (("..", "invoices/"), (".", ".")),
        (("..", "invoices"), ("..", "./invoices/../invoices/.")),
        ((".", "../invoices"), (".", "./.")),
        (("../elsewhere", "../invoices"), ("deeper", "..")),
    ],
)
def test_its_journal_is_beside_it_however_it_is_called(
    first: tuple[str, str],
    then: tuple[str, str],
    folder: Path,
    sandbox: Sandbox,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (folder / "deeper").mkdir()
    (folder.parent / "elsewhere").mkdir()
    for where, name in (first, then):
        monkeypatch.chdir(folder / where)
        done = invoke("bulk", name, "--action", "invoice", sandbox=sandbox)
        assert done.returncode == 0, done.stderr
    assert len(sandbox.messages()) == 2
    assert (folder.parent / "invoices.journal").is_file()
    assert {path.suffix for path in folder.iterdir()} == {".pdf", ""}


def test_a_journal_that_was_named_in_it_is_found(
    folder: Path, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    named = ["--journal", "campaign.db"]
    assert invoke("bulk", ".", "--action", "invoice", *named, sandbox=sandbox).returncode == 0
    monkeypatch.chdir(folder.parent)
    refused = invoke("bulk", "invoices", "--action", "invoice", sandbox=sandbox)
    assert refused.returncode == 2
    assert "campaign.db has 2 of these 2 messages as sent" in refused.stderr
