"""Journals that a disk or a program damaged: told in words of ours, with what to do."""

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from helpers.command_line import invoke, write_jobs
from helpers.journal_files import changed, made
from helpers.journal_runs import entry

from spapi_messaging.bulk.sqlite.words import in_words
from spapi_messaging.sandbox import Sandbox

PAGE = 4096
SQLITES = ("malformed", "not a database", "disk image", "no such", "btree", "*** in", "database or")
"""What SQLite says, and nobody who writes to buyers understands."""


def without_its_end(content: bytes) -> bytes:
    return content[: len(content) // 2]


def overwritten(first: int) -> Callable[[bytes], bytes]:
    def damage(content: bytes) -> bytes:
        return content[:first] + b"\xaa" * (len(content) - first)

    return damage


DAMAGE = {
    "cut": without_its_end,
    "the schema": overwritten(100),
    "all pages after the first": overwritten(PAGE),
    "the size of its pages": lambda content: content[:16] + b"\0\3" + content[18:],
    "prose": lambda _: b"Dear diary, " * 100,
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_every_command_says_that_a_journal_is_damaged_and_what_to_do(
    damage: Callable[[bytes], bytes], sandbox: Sandbox, tmp_path: Path
) -> None:
    path = made(tmp_path / "run.db", *(entry(f"{number}" * 100, "sent") for number in range(200)))
    path.write_bytes(damage(path.read_bytes()))
    jobs = write_jobs(tmp_path / "jobs.jsonl", 1)
    for command in (
        ("status", path),
        ("doubts", path),
        ("export", path),
        ("report", path, "-o", tmp_path / "page.html"),
        ("bulk", jobs, "--journal", path),
    ):
        done = invoke(*command, sandbox=sandbox)
        assert (done.returncode, done.stdout) == (2, "")
        assert "damaged" in done.stderr, command[0]
        assert done.stderr.endswith("bring it back from a copy\n")
        assert not any(words in done.stderr for words in SQLITES)


def test_a_journal_without_its_table_is_said_to_lack_it(tmp_path: Path) -> None:
    path = made(tmp_path / "run.db", entry("a"))
    with sqlite3.connect(path) as database:
        database.execute("DROP TABLE jobs")
    database.close()
    for command in ("status", "doubts", "export"):
        done = invoke(command, path)
        assert done.returncode == 2
        assert done.stderr.endswith("it lacks what a journal has: bring it back from a copy\n")


@pytest.mark.parametrize("state", [None, "odd", b"sent"])
def test_what_may_have_been_a_doubt_is_not_passed_over(state: object, tmp_path: Path) -> None:
    """`Nothing is in doubt` was said of a journal whose damaged entry may be the doubt."""
    path = made(tmp_path / "run.db", entry("a", "sent"))
    changed(path, state=state)
    done = invoke("doubts", path)
    assert (done.returncode, done.stdout) == (2, "")
    assert "an entry of it is damaged (state of key a)" in done.stderr


def test_an_entry_without_a_key_is_not_said_to_have_one(tmp_path: Path) -> None:
    path = made(tmp_path / "run.db", entry("a", "sent"))
    changed(path, key=None)
    done = invoke("export", path, "-o", tmp_path / "out.csv")
    assert "an entry of it is damaged (key)" in done.stderr
    assert "None" not in done.stderr


def test_errors_that_are_not_sqlites_own_keep_their_words() -> None:
    assert in_words(sqlite3.ProgrammingError("it is closed")) == "it is closed"
