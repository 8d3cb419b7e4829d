"""Moments of a journal that this machine's clock cannot show stop no command."""

from pathlib import Path

import attrs
import pytest
from helpers.command_line import PROGRAM, run
from helpers.journal_files import made
from helpers.journal_runs import entry

LAST_SECOND = 253_402_300_799.0
"""Of the year 9999; in Japan it is the next year's, which datetime has no name for."""
IN_TOKYO = "import os, time; os.environ['TZ'] = 'Asia/Tokyo'; time.tzset(); "
IN_NO_NAMED_ZONE = "import os, time; os.environ['TZ'] = '<+03>-3'; time.tzset(); "


@pytest.mark.parametrize(
    ("command", "told"),
    [
        ("status", "last written  unknown"),
        ("doubts", "since unknown"),
        ("export", "9999-12-31T23:59:59+00:00"),
    ],
)
def test_the_end_of_time_is_unknown(command: str, told: str, tmp_path: Path) -> None:
    late = attrs.evolve(entry("a", "sending"), began_at=LAST_SECOND, ended_at=LAST_SECOND)
    done = run(command, made(tmp_path / "run.db", late), program=IN_TOKYO + PROGRAM)
    assert told in done.stdout
    assert done.stderr.count("fault of") == 0


def test_a_zone_without_a_name_is_what_it_is_ahead_of_utc(tmp_path: Path) -> None:
    path = made(tmp_path / "run.db", attrs.evolve(entry("a", "sending"), began_at=1_800_000_000.0))
    done = run("doubts", path, program=IN_NO_NAMED_ZONE + PROGRAM)
    assert "since 2027-01-15 11:00:00 UTC+03" in done.stdout
