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

import spapi_messaging
from benchmarks.figures import Options, Ratio, Row, median

LIBRARIES = "import aiohttp, attrs, cattrs, aiolimiter, uritemplate"
AIOHTTP = "import aiohttp"
OURS = "import spapi_messaging"
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


def _child(imports: str, compiled: str) -> tuple[float, float, list[str]]:
    command = [sys.executable, "-c", _CHILD.format(imports=imports)]
    environment = {**os.environ, "PYTHONPYCACHEPREFIX": compiled}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    reported = subprocess.run(
        command, check=True, capture_output=True, text=True, env=environment
    ).stdout
    took, kept, modules = json.loads(reported)
    return took, kept, modules


def _wheel() -> Path | None:
    """Build the wheel, and give its path; None if it can't be."""
    folder = Path(tempfile.mkdtemp())
    command = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "-w", str(folder), "."]
    try:
        subprocess.run(command, check=True, capture_output=True, timeout=120)
    except (OSError, subprocess.SubprocessError):
        return None
    return next(folder.glob("*.whl"), None)


def measure(options: Options) -> list[Row]:
    """Import in turns, each in a process of its own."""
    rounds = 5 if options.quick else 15
    with tempfile.TemporaryDirectory() as compiled:
        _child(OURS, compiled)
        taken = [
            (_child(OURS, compiled), _child(AIOHTTP, compiled), _child(LIBRARIES, compiled))
            for _ in range(rounds)
        ]
    ours, aiohttp, libraries = zip(*taken, strict=True)
    more = median(mine[0] - bare[0] for mine, bare, _ in taken)
    more_memory = median(mine[1] - bare[1] for mine, bare, _ in taken)
    names = ours[0][2]
    loaded = [name for name in EXTRAS if name in names]
    rows = [
        Row(
            what="import: CPU above aiohttp's own",
            ours=f"{median(one[0] for one in ours):.0f} ms",
            reference=f"aiohttp alone {median(one[0] for one in aiohttp):.0f} ms, all our "
            f"libraries {median(one[0] for one in libraries):.0f} ms",
            ratio=str(Ratio.of((mine[0], bare[0]) for mine, bare, _ in taken)),
            goal=f"≤ 60 ms more: {more:.0f}",
            met=more <= 60,
        ),
        Row(
            what="import: memory above aiohttp's own",
            ours=f"{median(one[1] for one in ours):.1f} MiB",
            reference=f"aiohttp alone {median(one[1] for one in aiohttp):.1f} MiB, all our "
            f"libraries {median(one[1] for one in libraries):.1f} MiB",
            goal=f"≤ 4 MB more: {more_memory:.1f}",
            met=more_memory <= 4,
        ),
        Row(
            what="import: modules loaded",
            ours=f"{len(names)}, {sum(n.startswith('spapi_messaging') for n in names)} ours",
            reference=f"aiohttp alone {len(aiohttp[0][2])}, all our libraries "
            f"{len(libraries[0][2])}",
            goal=f"no extra, no jsonschema: {', '.join(loaded) or 'none'}",
            met=not loaded,
        ),
    ]
    return [*rows, _size(options)]


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
