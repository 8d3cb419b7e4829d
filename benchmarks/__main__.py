"""All figures, one table: ``python -m benchmarks``. Run it from the project's folder.

Each figure is measured beside its reference in the same run, in turns. ``--quick`` takes a
few minutes less and is coarser. The first run installs the peers; one that can't be installed
is skipped, and the table says so. ``--profile`` says where the microseconds of a send go.
"""

import argparse
import datetime as dt
import importlib
import json
import os
import platform
import sys
import tempfile
import time
from pathlib import Path

import attrs

from benchmarks import profile
from benchmarks.figures import Options, Row, as_markdown, as_text

FIGURES = (
    "exchange",
    "attachments",
    "peers",
    "fidelity",
    "limiter",
    "bulk",
    "crowds",
    "journal",
    "footprint",
    "sandbox",
)


def machine() -> str:
    """Describe the machine in words."""
    cores = os.cpu_count() or 1
    model = ""
    info = Path("/proc/cpuinfo")
    if info.exists():
        names = [line for line in info.read_text().splitlines() if line.startswith("model name")]
        model = names[0].partition(":")[2].strip() if names else ""
    day = dt.datetime.now(dt.UTC).date().isoformat()
    return (
        f"{day}, {cores} cores {model or platform.machine()}, {platform.system()}, "
        f"Python {platform.python_version()}, load {os.getloadavg()[0]:.1f} at the end"
    )


def cache() -> Path:
    """Return the folder that peers are installed into."""
    home = os.environ.get("XDG_CACHE_HOME")
    base = Path(home) if home else Path(tempfile.gettempdir())
    return base / "spapi-messaging-benchmarks"


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="shorter, and coarser")
    parser.add_argument("--only", choices=FIGURES, action="append", help="this one; repeatable")
    parser.add_argument("--json", type=Path, metavar="PATH", help="write the rows there, too")
    parser.add_argument("--markdown", action="store_true", help="print the table for a README")
    parser.add_argument("--profile", action="store_true", help="say where a send's time goes")
    parser.add_argument("--cache", type=Path, default=cache(), help="where peers are installed")
    return parser.parse_args()


def main() -> None:
    """Measure, print, write."""
    options = arguments()
    if options.profile:
        profile.show(Options(quick=options.quick, cache=options.cache))
        print(machine())
        return
    rows: list[Row] = []
    for name in options.only or FIGURES:
        began = time.perf_counter()
        figure = importlib.import_module(f"benchmarks.{name}")
        rows += figure.measure(Options(quick=options.quick, cache=options.cache))
        print(f"{name}: {time.perf_counter() - began:.0f} s", file=sys.stderr, flush=True)
    print(as_markdown(rows) if options.markdown else as_text(rows))
    print(f"\n{machine()}")
    if options.json:
        report = {"machine": machine(), "rows": [attrs.asdict(row) for row in rows]}
        options.json.write_text(json.dumps(report, indent=2, ensure_ascii=False), "utf-8")


if __name__ == "__main__":
    main()
