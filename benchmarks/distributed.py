"""A campaign on three workers, one of which is killed every few seconds, and what became of it.

    python -m benchmarks.distributed [--sellers 40] [--jobs 4000] [--rate 2] [--kill-every 5]

4,000 messages of 40 sellers go to the sandbox, with each seller's quota enforced and 5 to 30 ms of
latency, in real time. One more seller has credentials that do not work. A killed worker is
started again, as a supervisor would, and PostgreSQL is restarted once. Run it from the
project's folder: the server and the workers are those of the tests.
"""

import argparse
import statistics
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from helpers.killed_campaign import Figures, Plan, run_campaign
from helpers.postgres_server import database, running


def tell(plan: Plan, figures: Figures) -> None:
    """Print the figures."""
    shares = sorted(figures.shares.values())
    doubts = figures.states["sending"]
    print(f"{plan.jobs} messages of {plan.sellers} sellers in {figures.seconds:.0f} s")
    print(f"workers killed: {figures.kills}, ended by themselves: {figures.ended}")
    print(f"accepted by the sandbox: {figures.accepted}, twice: {figures.twice}")
    print(f"outcomes in the journal: {dict(figures.states)}, {figures.rows} jobs")
    print(f"in doubt: {doubts} (window x kills: {plan.window * figures.kills})")
    print(f"429: {figures.throttled}")
    print(f"of the seller whose credentials fail: {dict(figures.bad_states)}")
    print(
        "of the allowance while a worker lived, by seller: "
        f"least {shares[0]:.1%}, median {statistics.median(shares):.1%}, most {shares[-1]:.1%}"
    )


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sellers", type=int, default=40)
    parser.add_argument("--jobs", type=int, default=4000)
    parser.add_argument("--rate", type=float, default=2.0)
    parser.add_argument("--kill-every", type=float, default=5.0)
    parser.add_argument("--batch", type=int, default=200)
    arguments = parser.parse_args()
    plan = Plan(
        workers=3,
        sellers=arguments.sellers,
        bad_sellers=1,
        jobs=arguments.jobs,
        rate=arguments.rate,
        burst=5,
        batch=arguments.batch,
        kill_every=arguments.kill_every,
        stalled_after=5.0,
        deadline=1800,
    )
    with running() as server, database(server.url(), "campaign") as url:
        tell(plan, run_campaign(plan, server, url, server.folder / "workers.log"))


if __name__ == "__main__":
    main()
