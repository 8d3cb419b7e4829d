"""One seller's quota shared by processes through Redis: use, fairness, calls, and a restart.

    python -m benchmarks.shared_quota [--seconds 60] [--runs 3] [--processes 4] [--quick]

In real time, against the sandbox with its quota enforced (20/s, burst 10) and 20 to 100 ms of
latency. Every run is made twice: undisturbed, and with Redis killed by SIGKILL after a third of
the time and started again, empty, two seconds later. Run it from the project's folder: the Redis
server and the processes are those of the tests.
"""

import argparse
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from helpers.redis_server import RedisServer
from helpers.shared_crowd import Crowd, crowd

RATE, BURST = 20.0, 10


def undisturbed(number: int, seconds: float, processes: int) -> Crowd:
    """Run once with a Redis that stays."""
    with tempfile.TemporaryDirectory() as folder, RedisServer(Path(folder)) as server:
        return crowd(
            server.url,
            namespace=f"run-{number}",
            rate=RATE,
            burst=BURST,
            seconds=seconds,
            processes=processes,
        )


def restarted(number: int, seconds: float, processes: int) -> Crowd:
    """Run once with a Redis that is killed and comes back with nothing."""
    with tempfile.TemporaryDirectory() as folder, RedisServer(Path(folder)) as server:

        def kill_and_restart() -> None:
            time.sleep(seconds / 3)
            server.kill()
            time.sleep(2)
            server.start()

        return crowd(
            server.url,
            namespace=f"run-{number}",
            rate=RATE,
            burst=BURST,
            seconds=seconds,
            processes=processes,
            meanwhile=kill_and_restart,
        )


def show(name: str, runs: list[Crowd], *, calls: bool) -> None:
    """Print the median and the worst of several runs."""
    figures = {
        "allowance": (min, [run.allowance for run in runs], "{:.2%}"),
        "429s": (max, [run.throttled / run.requests for run in runs], "{:.3%}"),
        "unfair by": (max, [run.unfairness for run in runs], "{:.1%}"),
    }
    if calls:
        each = [run.calls / len(run.arrivals) for run in runs]
        figures["calls per send"] = (max, each, "{:.3f}")
    sent = sum(len(run.arrivals) for run in runs)
    doubled = sum(run.doubled for run in runs)
    outcomes = sum((run.outcomes for run in runs), Counter())
    lost = outcomes["Sent"] - (sent - doubled)
    print(f"{name}: {sent:,} messages in {len(runs)} runs, {lost} lost, {doubled} doubled")
    print(f"    outcomes        {dict(outcomes)}")
    for label, (worst, values, form) in figures.items():
        middle, last = form.format(median(values)), form.format(worst(values))
        print(f"    {label:<15} median {middle}, worst {last}")


def main() -> None:
    """Run it as often as was asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--processes", type=int, default=4)
    parser.add_argument("--quick", action="store_true", help="one run of ten seconds")
    options = parser.parse_args()
    runs, seconds = (1, 10.0) if options.quick else (options.runs, options.seconds)
    for name, once, calls in (("undisturbed", undisturbed, True), ("restarted", restarted, False)):
        done = [once(number, seconds, options.processes) for number in range(runs)]
        show(f"{name}, {options.processes} processes, {seconds:g} s", done, calls=calls)


if __name__ == "__main__":
    main()
