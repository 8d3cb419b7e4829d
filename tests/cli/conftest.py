"""What the tests of the command line start from."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from helpers.command_line import order
from helpers.job_files import written
from helpers.reports import EVIL, SAMPLE, doubt, report
from helpers.served import served

from spapi_messaging import Job
from spapi_messaging.cli.jobfile import LineFault
from spapi_messaging.sandbox import Sandbox


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with files to attach."""
    folder = tmp_path_factory.mktemp("jobs")
    for name in ("a.pdf", "w.pdf"):
        (folder / name).write_bytes(b"%PDF-1.4")
    (folder / "b c.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    (folder / "page.pdf").write_bytes(b"<!DOCTYPE html><title>502</title>")
    (folder / "empty.pdf").touch()
    (folder / "folder.pdf").mkdir()
    for name in ("half.pdf", "rest.pdf"):
        with (folder / name).open("wb") as file:
            file.write(b"%PDF-1.4")
            file.truncate(5_000_000)
    with (folder / "less.pdf").open("wb") as file:
        file.write(b"%PDF-1.4")
        file.truncate(4_999_999)
    return folder


@pytest.fixture
def read(folder: Path) -> Callable[..., list[Job | LineFault]]:
    def read(content: str | bytes, ending: str = "csv", **options: Any) -> list[Job | LineFault]:
        return list(written(folder, content, ending, **options).read())

    return read


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with served(rate=500, burst=100) as sandbox:
        for number in range(60):
            sandbox.add_order(order(number), locale="de-DE")
        yield sandbox


@pytest.fixture(scope="session")
def sample() -> str:
    """The page of SAMPLE, made once."""
    return report(SAMPLE)


@pytest.fixture(scope="session")
def two_sellers() -> str:
    """A page with a second seller, whose journal says what no page should repeat as it is."""
    evil = doubt(90, 100, seller="B-SELLER", reason=EVIL, operation=EVIL)
    return report([*SAMPLE, evil], title="campaign.db")
