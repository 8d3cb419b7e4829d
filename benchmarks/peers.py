"""The clients that people would use instead, each in an environment of its own.

What cannot be installed is skipped with a word. They take turns with ours, which runs in a child
process as they do; CPU time alone is compared, since they run on the same core.
"""

import json
import os
import subprocess
import sys
import venv
from collections.abc import Iterator, Mapping
from pathlib import Path

from benchmarks.answers import EMBEDDED_ORDER, PLAIN_ORDER
from benchmarks.figures import Options, Ratio, Row, median
from benchmarks.server import server

OURS = "spapi-messaging"
ASYNC = ("python-amazon-sp-api", "amzn-selling-partner")
PEERS = (*ASYNC, "amzn-sp-api")
CHILD = Path(__file__).with_name("peer_child.py")
_INSTALLING = 300


def installed(peer: str, options: Options) -> Path | None:
    """Return the Python of a peer's environment, which is made if need be; None if it can't be."""
    folder = options.cache / f"{peer}-{sys.version_info.major}.{sys.version_info.minor}"
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    done = folder / "installed"
    if not done.exists() and not options.quick:
        command = [python, "-m", "pip", "install", "-q", "--disable-pip-version-check", peer]
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
    order_id: str,
    *,
    count: int,
    tasks: int = 1,
    paced: bool,
    credentials: Mapping[str, str] | None = None,
) -> dict[str, float] | None:
    """Let a peer work, with credentials for a server that checks them; None if it broke down."""
    command = [python, "-W", "ignore", CHILD, peer, url, order_id, count, tasks, int(paced)]
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
    pythons = {peer: installed(peer, options) for peer in PEERS}
    count, rounds = (100, 3) if options.quick else (300, 5)
    here = Path(sys.executable)
    rows = []
    with server() as addresses:
        for order_id, what in ((PLAIN_ORDER, "1.6 KB"), (EMBEDDED_ORDER, "7.5 KB with schemas")):
            taken: dict[str, list[float]] = {}
            for _ in range(rounds):
                for peer, python in {OURS: here, **pythons}.items():
                    reported = python and run(
                        peer, python, addresses.at_once, order_id, count=count, paced=False
                    )
                    if reported and not reported["failed"]:
                        taken.setdefault(peer, []).append(reported["cpu"] / count * 1e6)
            rows += _rows(what, taken, rounds)
    return rows


def _rows(what: str, taken: dict[str, list[float]], rounds: int) -> Iterator[Row]:
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
                reference=f"{peer}: skipped, not installed or broken",
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
