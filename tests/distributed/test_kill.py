"""Workers killed with -9, the database restarted: no message twice, none without an outcome."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from helpers.killed_campaign import Plan, run_campaign
from helpers.postgres_server import Server, database


@pytest.fixture
def url(own_postgres: Server) -> Iterator[str]:
    with database(own_postgres.url(), "campaign") as url:
        yield url


@pytest.mark.slow
def test_killed_workers_and_a_restarted_database(
    own_postgres: Server, url: str, tmp_path: Path
) -> None:
    """In small what ``python -m benchmarks.distributed`` has in full."""
    plan = Plan(
        workers=3,
        sellers=9,
        bad_sellers=1,
        jobs=180,
        rate=5,
        burst=5,
        batch=20,
        kill_every=0.7,
        max_kills=3,
        stalled_after=1.5,
    )
    figures = run_campaign(plan, own_postgres, url, tmp_path / "log")
    print(figures)
    assert figures.kills >= 2
    assert figures.twice == 0
    assert figures.rows == 200
    assert figures.bad_states == {"not sent": 20}
    assert set(figures.states) <= {"sent", "sending"}
    assert figures.states.total() == 180
    assert figures.states["sent"] <= figures.accepted
    assert figures.accepted <= figures.states.total()
    assert figures.states["sending"] <= plan.window * figures.kills
    # No seller is left behind. Kills are so often here that the beginnings count, and those take
    # what the machine has left: 0.57 was seen on a busy one. The benchmark holds it to 95 %.
    assert min(figures.shares.values()) > 0.3
