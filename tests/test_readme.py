"""The README is the product's face: its code runs, and its tables are true."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import attrs
import pytest
from helpers.order_reports import Sale, report
from helpers.paths import README, ROOT
from helpers.redis_server import served_url
from helpers.served import served

import spapi_messaging
from spapi_messaging import errors
from spapi_messaging.cli.jobfile import table_jobs
from spapi_messaging.content.check import Code
from spapi_messaging.messages.message import MESSAGE_TYPES
from spapi_messaging.sandbox import Sandbox
from spapi_messaging.sandbox.scenarios import Scenario

TEXT = README.read_text("utf-8")
OFFERED = ("unexpectedProblem", "warranty", "confirmDeliveryDetails")
ORDER = "903-1671087-0812628"


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)


def programs() -> list[str]:
    """Return the blocks that run alone; those of a chapter's files begin with their name."""
    return [block for block in blocks("python") if not block.startswith("# ")]


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with served(rate=100, burst=100) as sandbox:
        sandbox.add_order(ORDER, actions=OFFERED, locale="de-DE")
        yield sandbox


@pytest.fixture(scope="module")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with served_url(tmp_path_factory.mktemp("redis")) as url:
        yield url


@pytest.mark.parametrize("block", programs(), ids=range(11))
def test_python_blocks_run(block: str, sandbox: Sandbox, redis_url: str, tmp_path: Path) -> None:
    """Each block is a program of its own, run as a user would run it."""
    (tmp_path / "warranty.pdf").write_bytes(b"%PDF-1.4 warranty")
    (tmp_path / "orders.txt").write_bytes(report("all-orders report", sales=[Sale(ORDER)]))
    (tmp_path / "block.py").write_text(block, "utf-8")
    done = subprocess.run(
        [sys.executable, "-W", "error", "block.py"],
        cwd=tmp_path,
        env=sandbox.environment
        | {"PYTHONPATH": str(README.parent), "PYTHONUTF8": "1", "REDIS_URL": redis_url},
        capture_output=True,
        timeout=30,
        check=False,
        text=True,
    )
    assert done.stderr == ""
    assert done.returncode == 0
    assert done.stdout
    assert "nothing reached" not in done.stdout
    assert "look before" not in done.stdout


def test_the_service_chapter_runs(tmp_path: Path) -> None:
    names = ("# service.py", "# test_service.py")
    files = [block for block in blocks("python") if block.startswith(names)]
    for name, block in zip(names, files, strict=True):
        (tmp_path / name.removeprefix("# ")).write_text(block, "utf-8")
    (tmp_path / "pytest.ini").write_text(
        "[pytest]\nasyncio_mode = auto\nasyncio_default_fixture_loop_scope = function\n"
        "filterwarnings = error\n"
    )
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "pytest_spapi_messaging"],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(README.parent), "PYTHONUTF8": "1"},
        capture_output=True,
        timeout=60,
        check=False,
        text=True,
    )
    assert "2 passed" in done.stdout, done.stdout + done.stderr


def test_the_scenario_is_one(tmp_path: Path) -> None:
    (block,) = [block for block in blocks("toml") if "[[orders]]" in block]
    (tmp_path / "scenario.toml").write_text(block, "utf-8")
    scenario = Scenario.load(tmp_path / "scenario.toml")
    sandbox = Sandbox(scenario=scenario)
    assert sandbox.backend.orders[ORDER].locale == "de-DE"
    assert len(sandbox.faults.pending) == 1


def test_the_quick_start_is_two_lines() -> None:
    commands = blocks("sh")
    assert len(commands) == 2
    assert all(command.count("\n") == 1 for command in commands)


def test_each_picture_is_shown_in_both_schemes() -> None:
    shown = re.findall(r"<picture>(.*?)</picture>", TEXT, re.DOTALL)
    for picture in shown:
        dark, light = re.findall(r'(?:srcset|src)="(docs/pictures/[^"]+)"', picture)
        assert dark == light.replace("-light.", "-dark.")
        assert 'media="(prefers-color-scheme: dark)"' in picture
        assert re.search(r'alt="[^"]{20,}"', picture)
        assert all((ROOT / each).is_file() for each in (dark, light))
    drawn = {each.name for each in (ROOT / "docs" / "pictures").iterdir()}
    assert {name for each in shown for name in re.findall(r"pictures/([^\"]+)", each)} == drawn


def test_the_message_table_is_true() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (\w+) \| ([^|]*)\| ([^|]*)\| ([^|]*)\|$", TEXT, re.MULTILINE)
    assert [row[0] for row in rows] == [kind.__name__ for kind in MESSAGE_TYPES]
    for kind, (_, operation, text, attachments, more) in zip(MESSAGE_TYPES, rows, strict=True):
        fields = attrs.fields_dict(kind)
        assert operation == kind.operation
        max_length = fields["text"].metadata["limit"].max_length if "text" in fields else None
        assert text.strip(" ¹") == (f"1\N{EN DASH}{max_length}" if max_length else "")
        min_count = (
            fields["attachments"].metadata["limit"].min_count if "attachments" in fields else None
        )
        assert attachments.strip(" ¹") == ("" if min_count is None else f"{min_count}\N{EN DASH}5")
        assert (kind.withdrawn or "") in more


def test_every_column_of_a_job_file_is_named() -> None:
    (told,) = re.findall(r"Columns:\s(.*?)\. All other", TEXT, re.DOTALL)
    assert re.findall(r"`([a-z_]+)`", told) == list(table_jobs.JOB_CELLS)


def test_every_code_of_a_warning_is_explained() -> None:
    (chapter,) = re.findall(r"^\| code \|(.*?)\n\n", TEXT, re.MULTILINE | re.DOTALL)
    codes = {code for row in chapter.splitlines() for code in re.findall(r"`([a-z-]+)`", row[:30])}
    assert codes == set(get_args(Code))


def test_every_error_is_explained() -> None:
    raised = [name for name in spapi_messaging.__all__ if hasattr(errors, name)]
    groups = {"MessagingError", "MissingRelError", "AmbiguousLinkError", "TemplateError"}
    answered = {"PayloadTooLargeError", "UnsupportedMediaTypeError"}  # "other ApiError"
    assert [n for n in raised if f"`{n}`" not in TEXT and n not in groups | answered] == []
