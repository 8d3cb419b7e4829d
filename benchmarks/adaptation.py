"""How long to hold a measured rate: the curve of 429s against the share of the optimum.

``python -m benchmarks.adaptation`` prints it for plans that are a part of the 20/s that are
believed and do not say so: medians of 16 seeds on a virtual clock over real sockets, as in
`benchmarks.fidelity`. A rate that N requests measured is held for so many times N: longer costs
fewer 429s, and more sends until a plan is found out that has grown again without a word.
"""

import argparse
import functools
from unittest.mock import patch

from benchmarks.fidelity import SEEDS, Case, ours, plan_at, run
from benchmarks.figures import Row, as_text, median
from spapi_messaging.quota import pace

HELD = (1, 2, 3, 4, 6)
SHARES = (0.25, 0.5, 0.75, 0.95)
BELIEVED = 20


def sends_until_grown() -> int:
    """Count the sends until twice the rate that forty requests measured is in force again."""
    known = pace.Pace(1.0)
    known.throttled(0, in_flight=0)
    for _ in range(40):
        known.succeeded()
    known.throttled(80, in_flight=0)
    sent = 0
    while known.rate < known.promised:
        known.succeeded()
        known.raised()
        sent += 1
    return sent


def cell(share: float, *, count: int, seeds: int) -> str:
    """Return the 429s, and the share that was used of such a plan."""
    case = Case(what="", believed=plan_at(BELIEVED), plan=plan_at(BELIEVED * share), header=None)
    runs = [run(functools.partial(ours, case, count, seed)) for seed in range(seeds)]
    throttled, used = (median(found.throttled for found in runs), median(f.share for f in runs))
    return f"{throttled:g}, {used:.1%}"


def curve(*, count: int, seeds: int) -> list[Row]:
    """Measure each of the plans with each of the times."""
    rows = []
    for held in HELD:
        with patch.object(pace, "_HELD", held):
            cells = [cell(share, count=count, seeds=seeds) for share in SHARES]
            grown = f"{sends_until_grown()} sends until it is doubled"
        rows.append(Row(what=f"held for {held} N", ours=" | ".join(cells), reference=grown))
    return rows


def main() -> None:
    """Print the curve."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.adaptation", description=__doc__)
    parser.add_argument("--count", type=int, default=400, help="messages in each run")
    parser.add_argument("--seeds", type=int, default=SEEDS)
    options = parser.parse_args()
    plans = ", ".join(f"{share:.0%}" for share in SHARES)
    print(f"429s in {options.count} sends and share of the optimum, of plans of {plans} of 20/s")
    print(as_text(curve(count=options.count, seeds=options.seeds)))


if __name__ == "__main__":
    main()
