"""A plan has what would be sent, and exactly that is sent from it."""

import hashlib
import json
import os
import shlex
import stat
from pathlib import Path
from typing import Any

import pytest
from helpers.command_line import environment, invoke, order
from helpers.plans import ACTION, file_of, lines_of, row

from spapi_messaging.sandbox import Sandbox

FRENCH = {"text": {"de": "Hallo $name", "fr": "Salut $name"}, "fields": {"name": "Zoë"}}


def texts(sandbox: Sandbox) -> list[str]:
    return sorted((message.body or {}).get("text", "") for message in sandbox.messages())


def planned(rows: list[Any], folder: Path, sandbox: Sandbox, *options: object) -> Path:
    """Rehearse a file of rows in a folder, and return the plan."""
    jobs, plan = file_of(rows, folder / "jobs.jsonl"), folder / "plan.jsonl"
    done = invoke("bulk", jobs, "--plan", plan, *options, sandbox=sandbox)
    assert done.returncode in {0, 1}, done.stderr
    assert plan.is_file(), done.stdout
    return plan


def test_it_says_all_that_a_buyer_gets(sandbox: Sandbox, tmp_path: Path) -> None:
    sandbox.add_order(order(1), locale="fr-BE")
    sandbox.add_order(order(3), closed=True)
    content = b"%PDF-1.4 \xe2\x82\xac"
    (tmp_path / "a.pdf").write_bytes(content)
    warranty = {
        "attachments": ["a.pdf", {"uploadDestinationId": "up-1", "fileName": "b.pdf"}],
        "coverage_start_date": "2026-12-01T00:00:00+01:00",
    }
    rows = [
        row(1, **FRENCH),
        row(0, key="k", marketplace="fr"),
        {"order_id": order(2), "action": "warranty"} | warranty,
        row(3),
    ]
    head, *lines = lines_of(planned(rows, tmp_path, sandbox))
    assert head.pop("made_at").startswith("20")
    assert head == {"plan": 1, "messages": 3, "journal": f"{tmp_path}/jobs.jsonl.journal"}
    assert lines[0].pop("content") != lines[0].pop("known_as")
    common = {"plan": 1, "action": ACTION, "marketplace": "DE"}
    file = {
        "path": str(tmp_path / "a.pdf"),
        "name": "a.pdf",
        "size": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
    }
    sent = {"order_id": order(2), "action": "warranty"} | warranty
    assert lines == [
        common | {"order_id": order(1), "language": "fr", "text": "Salut Zoë"},
        common | {"order_id": order(0), "key": "k", "text": "no. 0", "marketplace": "FR"},
        common | sent | {"attachments": [file, warranty["attachments"][1]]},
    ]


def test_it_is_sent_as_it_stands_and_is_one_campaign_with_its_file(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    """Whichever is sent first, the other finds all of it sent, with the content that it has."""
    sandbox.add_order(order(1), locale="fr-BE")
    plan = planned([row(0), row(1, **FRENCH)], tmp_path, sandbox)
    asked = sandbox.count(None, "GetAttributes")
    done = invoke("bulk", plan, sandbox=sandbox)
    assert done.returncode == 0, done.stderr
    assert "the journal is" in done.stderr
    assert texts(sandbox) == ["Salut Zoë", "no. 0"]
    assert sandbox.count(None, "GetAttributes") == asked, "the language was chosen"
    for file in (plan, tmp_path / "jobs.jsonl"):
        again = invoke("bulk", file, "--json", sandbox=sandbox)
        outcomes = [json.loads(line) for line in again.stdout.splitlines()]
        assert [(one["state"], one["changed"]) for one in outcomes] == [("sent", False)] * 2
    exported = invoke("export", tmp_path / "jobs.jsonl.journal", "--format", "json").stdout
    entries = map(json.loads, exported.splitlines())
    languages = {entry["order_id"]: entry["language"] for entry in entries}
    assert languages == {order(0): None, order(1): "fr"}
    assert len(sandbox.messages()) == 2


@pytest.mark.parametrize("once", ["action", "order", "content"])
def test_by_whatever_messages_are_known_it_repeats_none(
    once: str, sandbox: Sandbox, tmp_path: Path
) -> None:
    rows = [row(0), row(1, **FRENCH)]
    plan = planned(rows, tmp_path, sandbox, "--once", once)
    for file in (plan, tmp_path / "jobs.jsonl", plan):
        assert invoke("bulk", file, "--once", once, sandbox=sandbox).returncode == 0
    assert len(sandbox.messages()) == 2


def test_a_line_that_was_edited_is_known_by_what_it_says(sandbox: Sandbox, tmp_path: Path) -> None:
    plan = planned([row(1, **FRENCH)], tmp_path, sandbox)
    assert invoke("bulk", tmp_path / "jobs.jsonl", sandbox=sandbox).returncode == 0
    head, line = lines_of(plan)
    file_of([head, line | {"text": "Another"}], plan)
    done = invoke("bulk", plan, "--json", sandbox=sandbox)
    assert json.loads(done.stdout)["changed"] is True


@pytest.mark.parametrize("text", ["$name owes $5", "${x} $$", "$", "100 % of $order_id"])
def test_a_dollar_in_it_is_a_dollar(text: str, sandbox: Sandbox, tmp_path: Path) -> None:
    rows = [
        row(0, text="$all", fields={"all": text}),
        row(1, text={"de": "$all"}, fields={"all": text}),
    ]
    plan = planned(rows, tmp_path, sandbox)
    assert [line["text"] for line in lines_of(plan)[1:]] == [text] * 2
    assert invoke("bulk", plan, sandbox=sandbox).returncode == 0
    assert texts(sandbox) == [text] * 2


def test_the_command_to_type_next_sends_it(
    sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the options that still mean something, and with the campaign's journal."""
    text = tmp_path / "text.txt"
    text.write_text("Hello $name")
    jobs = file_of([row(0, text=None, fields={"name": "A"})], tmp_path / "my jobs.jsonl")
    options = ["--text-file", text, "--journal", tmp_path / "a journal", "--resend-changed"]
    options += ["--rate", "400", "--once", "order", "--content", "off", "--dry-run"]
    done = invoke("bulk", jobs, "--plan", tmp_path / "the plan", *options, sandbox=sandbox)
    assert done.returncode == 0, done.stderr
    words = shlex.split(done.stdout.splitlines()[-1])
    words = words[words.index("bulk") :]
    assert words[1] == str(tmp_path / "the plan")
    assert words[words.index("--journal") + 1] == str(tmp_path / "a journal")
    assert {"--resend-changed", "--rate", "--once", "--content", "--format"} <= set(words)
    assert not {"--text-file", "--plan", "--dry-run"} & set(words)
    monkeypatch.chdir(tmp_path)
    assert invoke(*words, sandbox=sandbox).returncode == 0
    assert texts(sandbox) == ["Hello A"]
    assert (tmp_path / "a journal").is_file()


def test_its_owner_alone_can_read_it_whatever_was_there(sandbox: Sandbox, tmp_path: Path) -> None:
    plan = tmp_path / "plan.jsonl"
    plan.write_text("old")
    plan.chmod(0o666)
    before = os.umask(0)
    try:
        planned([row(0)], tmp_path, sandbox)
    finally:
        os.umask(before)
    assert stat.S_IMODE(plan.stat().st_mode) == 0o600
    assert len(lines_of(plan)) == 2
    assert sorted(path.name for path in tmp_path.iterdir()) == ["jobs.jsonl", "plan.jsonl"]


def test_it_is_written_over_nothing_that_is_needed(sandbox: Sandbox, tmp_path: Path) -> None:
    jobs = file_of([row(0, text=None)], tmp_path / "jobs.jsonl")
    text = tmp_path / "text.txt"
    text.write_text("Hello")
    assert invoke("bulk", jobs, "--text-file", text, sandbox=sandbox).returncode == 0
    journal = Path(f"{jobs}.journal")
    (tmp_path / "linked").symlink_to(jobs)
    before = {path: path.read_bytes() for path in (jobs, text, journal)}
    for plan in (jobs, tmp_path / "linked", text, journal, f"{journal}-wal", "/dev/stdout", "-"):
        done = invoke("bulk", jobs, "--plan", plan, "--text-file", text, sandbox=sandbox)
        assert done.returncode == 2, plan
        assert done.stderr.count("\n") == 1
    assert {path: path.read_bytes() for path in before} == before


def test_there_is_none_where_nothing_would_be_sent(sandbox: Sandbox, tmp_path: Path) -> None:
    sandbox.add_order(order(0), closed=True)
    jobs = file_of([row(0)], tmp_path / "jobs.jsonl")
    done = invoke("bulk", jobs, "--plan", tmp_path / "plan.jsonl", sandbox=sandbox)
    assert done.returncode == 1
    assert "No plan was written" in done.stdout
    assert [path.name for path in tmp_path.iterdir()] == ["jobs.jsonl"]


def test_beside_json_it_is_told_of_on_standard_error(sandbox: Sandbox, tmp_path: Path) -> None:
    jobs, plan = file_of([row(0)], tmp_path / "jobs.jsonl"), tmp_path / "plan.jsonl"
    done = invoke("bulk", jobs, "--plan", plan, "--json", sandbox=sandbox)
    assert all(map(json.loads, done.stdout.splitlines()))
    assert f"{plan} has 1 message, and only you can read it" in done.stderr


def test_it_is_in_the_order_of_its_file(sandbox: Sandbox, tmp_path: Path) -> None:
    """Whatever order answers first."""
    sandbox.latency = (0.0, 0.05)
    plan = planned([row(number) for number in range(40)], tmp_path, sandbox, "--rate", "500")
    assert [line["order_id"] for line in lines_of(plan)[1:]] == [order(n) for n in range(40)]


def test_it_is_made_and_sent_by_pipes_and_with_sellers(sandbox: Sandbox, tmp_path: Path) -> None:
    secrets = environment(sandbox)
    account = {
        "client_id": secrets["LWA_APP_ID"],
        "client_secret": secrets["LWA_CLIENT_SECRET"],
        "refresh_token": secrets["SP_API_REFRESH_TOKEN"],
    }
    lines = "".join(f'{name} = "{value}"\n' for name, value in account.items())
    credentials = tmp_path / "credentials.toml"
    credentials.write_text(f'{lines}[sellers.shop]\nrefresh_token = "{account["refresh_token"]}"\n')
    credentials.chmod(0o600)
    plan, given = tmp_path / "plan.jsonl", ["--format", "jsonl", "--credentials", credentials]
    typed = json.dumps(row(0, seller="shop")) + "\n"
    done = invoke("bulk", "-", "--plan", plan, *given, sandbox=sandbox, typed=typed)
    assert done.returncode == 0, done.stderr
    head, line = lines_of(plan)
    assert "journal" not in head
    assert line["seller"] == "shop"
    given += ["--journal", tmp_path / "journal"]
    done = invoke("bulk", "-", *given, sandbox=sandbox, typed=plan.read_text())
    assert done.returncode == 0, done.stderr
    assert len(sandbox.messages()) == 1


def test_what_a_terminal_would_obey_is_written_with_backslashes(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    text = "a\x9bb\u202ec\x7f\U000e0001 ü"
    plan = planned([row(0, text=text)], tmp_path, sandbox, "--content", "off")
    assert all(line.isprintable() for line in plan.read_text("utf-8").splitlines())
    assert "ü" in plan.read_text("utf-8")
    assert lines_of(plan)[1]["text"] == text
