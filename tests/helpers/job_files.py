"""What the tests of job files share: a good line, and files made of lines."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from spapi_messaging import Job, UnexpectedProblem
from spapi_messaging.cli.jobfile import JobFile, LineFault

ORDER = "903-1671087-0812628"
MIB = 1_048_576
GOOD = {"order_id": ORDER, "action": "unexpectedProblem", "text": "Hallo"}
JOB = Job(ORDER, UnexpectedProblem(text="Hallo"))
HEADER = "order_id,action,text\n"
ROW = f"{ORDER},unexpectedProblem,Hallo\n"


Read = Callable[..., list[Job | LineFault]]


def written(folder: Path, content: str | bytes, ending: str, **options: Any) -> JobFile:
    path = folder / f"jobs.{ending}"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return JobFile(path, **options)


def line(**values: Any) -> str:
    return json.dumps(GOOD | values)


def reason(items: list[Job | LineFault]) -> str:
    """The reason of the only item, which is a fault."""
    (item,) = items
    assert isinstance(item, LineFault)
    return item.reason
