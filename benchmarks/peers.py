"""The clients that people would use instead, each in an environment of its own.

What cannot be installed is skipped with a word, in a quick run, too. They take turns with ours,
which runs in a child process as they do; CPU time alone is compared, since they run on the same
core. Each order is asked and sent to once.
"""

import json
import os
import subprocess
import sys
import venv
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from benchmarks.answers import EMBEDDED, PLAIN
from benchmarks.figures import Options, Ratio, Row, median
from benchmarks.server import server

OURS = "spapi-messaging"
ASYNC = ("python-amazon-sp-api", "amzn-selling-partner")
PEERS = (*ASYNC, "amzn-sp-api")
CHILD = Path(__file__).with_name("peer_child.py")
_INSTALLING = 300
_GROWS = "amzn-sp-api"
"""Each object that it makes of an answer adds a handler to its log, and each is called later."""


@cache  # a peer that could not be installed is not tried again for the next figure
def installed(peer: str, options: Options) -> Path | None:
    """Return the Python of a peer's environment, which is made if need be; None if it can't be."""
    folder = options.cache / f"{peer}-{sys.version_info.major}.{sys.version_info.minor}"
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    done = folder / "installed"
    if not done.exists():
        command: list[str | Path] = [
            python,
            "-m",
            "pip",
            "install",
            "-q",
            "--disable-pip-version-check",
            peer,
        ]
        try:
            venv.create(folder, with_pip=True, clear=True)
            subprocess.run(command, check=True, capture_output=True, timeout=_INSTALLING)
            done.touch()
        except (OSError, subprocess.SubprocessError):
            return None
    return python if done.exists() else None


def run(
    peer: str,
    python: Path,
    url: str,
    orders: str,
    *,
    count: int,
    tasks: int = 1,
    paced: bool,
    credentials: Mapping[str, str] | None = None,
) -> dict[str, float] | None:
    """Let a peer work, with credentials for a server that checks them; None if it broke down.

    ``orders``: an order's id, or how those of many begin.
    """
    command = [python, "-W", "ignore", CHILD, peer, url, orders, count, tasks, int(paced)]
    environment = {**os.environ, **(credentials or {})}
    try:
        done = subprocess.run(
            [*map(str, command)],
            check=True,
            capture_output=True,
            text=True,
            timeout=900,
            env=environment,
        )
        reported: dict[str, float] = json.loads(done.stdout)
    except (OSError, subprocess.SubprocessError, ValueError):
        return None
    return reported


def measure(options: Options) -> list[Row]:
    """Take turns, and hold our CPU per discover and send against that of each peer."""
    pythons = {OURS: Path(sys.executable), **{peer: installed(peer, options) for peer in PEERS}}
    count, rounds = (50, 3) if options.quick else (150, 5)
    rows: list[Row] = []
    with server() as addresses:
        for prefix, what in ((PLAIN, "1.6 KB"), (EMBEDDED, "7.5 KB with schemas")):
            taken: dict[str, list[float]] = {}
            for _ in range(rounds):
                for peer, python in pythons.items():
                    reported = python and run(
                        peer, python, addresses.at_once, prefix, count=count, paced=False
                    )
                    if reported and not reported["failed"]:
                        taken.setdefault(peer, []).append(reported["cpu"] / count * 1e6)
            lost = {peer: _why(python) for peer, python in pythons.items()}
            rows += _rows(what, taken, rounds, lost)
        rows.append(_growth(pythons, addresses.at_once, 300 if options.quick else 600))
    return rows


def _why(python: Path | None) -> str:
    return "could not be installed" if python is None else "broke down"


def _growth(pythons: Mapping[str, Path | None], url: str, count: int) -> Row:
    """Hold the last hundred sends against the first; ours are the least of several runs."""
    python, own = pythons[_GROWS], pythons[OURS]
    theirs = python and run(_GROWS, python, url, PLAIN, count=count, paced=False)
    runs = [own and run(OURS, own, url, PLAIN, count=count, paced=False) for _ in range(5)]
    whole = [each for each in runs if each]
    assert len(whole) == len(runs)  # a figure of a broken run is none
    mine = {
        when: min(each[when] for each in whole)  # what disturbs only adds
        for when in ("first", "last")
    }
    grown = mine["last"] / mine["first"]
    return Row(
        what=f"first and last 100 of {count:,} sends, 1.6 KB: CPU",
        ours=_span(mine),
        reference=f"{_GROWS} {_span(theirs)}: its log handlers pile up"
        if theirs
        else f"{_GROWS}: skipped, {_why(python)}",
        ratio=f"last/first {grown:.2f}"
        + (f", {_GROWS} {theirs['last'] / theirs['first']:.2f}" if theirs else ""),
    )


def _span(took: Mapping[str, float]) -> str:
    return f"{took['first'] * 1e6:,.0f} and {took['last'] * 1e6:,.0f} µs"


def _rows(
    what: str, taken: dict[str, list[float]], rounds: int, lost: Mapping[str, str]
) -> Iterator[Row]:
    ours = taken[OURS]
    measured = {peer: took for peer, took in taken.items() if len(took) == rounds}
    best = min(
        (peer for peer in ASYNC if peer in measured), key=lambda p: median(measured[p]), default=""
    )
    for peer in PEERS:
        if peer not in measured:
            yield Row(
                what=f"discover + send, {what}: CPU",
                ours=f"{median(ours):.0f} µs",
                reference=f"{peer}: skipped, {lost[peer]}",
            )
            continue
        ratio = Ratio.of(zip(ours, measured[peer], strict=True))
        yield Row(
            what=f"discover + send, {what}: CPU",
            ours=f"{median(ours):.0f} µs",
            reference=f"{peer} {median(measured[peer]):,.0f} µs",
            ratio=str(ratio),
            goal="≤ 0.50" if peer == best else "",
            met=ratio.middle <= 0.5 if peer == best else None,
        )
