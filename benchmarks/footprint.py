"""What ``import spapi_messaging`` costs beside its libraries alone, and how large it is.

Modules are compiled before anything is measured, as an installer does it.
"""

import json
import os
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import attrs

import spapi_messaging
from benchmarks.figures import Options, Ratio, Row, median

LIBRARIES = "import aiohttp, attrs, cattrs, aiolimiter, uritemplate"
AIOHTTP = "import aiohttp"
OURS = "import spapi_messaging"
BULK = "from spapi_messaging import Job, SellerPool, SqliteJournal"
"""What is loaded when it is first named."""
EXTRAS = ("typer", "rich", "matplotlib", "pytest", "orjson", "jsonschema", "uvloop", "redis")
_CHILD = """
import json, sys, time
began = time.process_time()
{imports}
took = time.process_time() - began
try:
    lines = open("/proc/self/status").read().splitlines()
    held = next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS"))
except OSError:
    held = 0.0
print(json.dumps([took * 1000, held, sorted(sys.modules)]))
"""


@attrs.frozen
class Import:
    """What an import cost in a process of its own: milliseconds, MiB, and what it loaded."""

    took: float
    memory: float
    modules: list[str]


def _imported(imports: str, compiled: str) -> Import:
    command = [sys.executable, "-c", _CHILD.format(imports=imports)]
    environment = {**os.environ, "PYTHONPYCACHEPREFIX": compiled}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    reported = subprocess.run(
        command, check=True, capture_output=True, text=True, env=environment
    ).stdout
    return Import(*json.loads(reported))


@attrs.frozen
class Round:
    """One import of each kind, one after the other."""

    ours: Import
    aiohttp: Import
    libraries: Import
    bulk: Import


def _wheel() -> Path | None:
    """Build the wheel, and return its path; None if it can't be."""
    folder = Path(tempfile.mkdtemp())
    command = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "-w", str(folder), "."]
    try:
        subprocess.run(command, check=True, capture_output=True, timeout=120)
    except (OSError, subprocess.SubprocessError):
        return None
    return next(folder.glob("*.whl"), None)


def measure(options: Options) -> list[Row]:
    """Import in turns, each in a process of its own."""
    with tempfile.TemporaryDirectory() as compiled:
        _imported(OURS, compiled)
        rounds = [
            Round(*(_imported(imports, compiled) for imports in (OURS, AIOHTTP, LIBRARIES, BULK)))
            for _ in range(5 if options.quick else 15)
        ]
    return [_time(rounds), _bulk(rounds), _memory(rounds), _modules(rounds[0]), _size(options)]


def _time(rounds: list[Round]) -> Row:
    more = median(each.ours.took - each.aiohttp.took for each in rounds)
    return Row(
        what="import: CPU above aiohttp's own",
        ours=f"{median(each.ours.took for each in rounds):.0f} ms",
        reference=f"aiohttp alone {median(each.aiohttp.took for each in rounds):.0f} ms, "
        f"all our libraries {median(each.libraries.took for each in rounds):.0f} ms",
        ratio=str(Ratio.of((each.ours.took, each.aiohttp.took) for each in rounds)),
        goal=f"≤ 40 ms more: {more:.0f}",
        met=more <= 40,
    )


def _bulk(rounds: list[Round]) -> Row:
    more = median(each.bulk.took - each.aiohttp.took for each in rounds)
    return Row(
        what="import, with a bulk run and its journal: CPU",
        ours=f"{median(each.bulk.took for each in rounds):.0f} ms",
        reference=f"{more:.0f} ms above aiohttp's own",
        ratio=str(Ratio.of((each.bulk.took, each.aiohttp.took) for each in rounds)),
    )


def _memory(rounds: list[Round]) -> Row:
    more = median(each.ours.memory - each.aiohttp.memory for each in rounds)
    return Row(
        what="import: memory above aiohttp's own",
        ours=f"{median(each.ours.memory for each in rounds):.1f} MiB",
        reference=f"aiohttp alone {median(each.aiohttp.memory for each in rounds):.1f} MiB, "
        f"all our libraries {median(each.libraries.memory for each in rounds):.1f} MiB",
        goal=f"≤ 4 MB more: {more:.1f}",
        met=more <= 4,
    )


def _modules(one: Round) -> Row:
    names = one.ours.modules
    loaded = [name for name in EXTRAS if name in names]
    return Row(
        what="import: modules loaded",
        ours=f"{len(names)}, {sum(n.startswith('spapi_messaging') for n in names)} ours",
        reference=f"aiohttp alone {len(one.aiohttp.modules)}, "
        f"all our libraries {len(one.libraries.modules)}",
        goal=f"no extra, no jsonschema: {', '.join(loaded) or 'none'}",
        met=not loaded,
    )


def _size(options: Options) -> Row:
    package = Path(spapi_messaging.__file__).parent
    wheel = None if options.quick else _wheel()
    size = sum(
        file.stat().st_size
        for file in package.rglob("*")
        if file.is_file() and "__pycache__" not in file.parts
    )
    packed = "not built" if wheel is None else f"{wheel.stat().st_size / 1024:.0f} KiB"
    if wheel is not None:
        size = sum(entry.file_size for entry in zipfile.ZipFile(wheel).infolist())
    return Row(what="wheel, and installed", ours=f"{packed}, {size / 1024:.0f} KiB")
