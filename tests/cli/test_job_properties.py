"""Any job that is written is read back, and no bytes raise anything but an OrderFileError."""

import contextlib
import csv
import io
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from helpers.job_files import GOOD, HEADER, ROW, line, written
from hypothesis import example, given, settings, strategies as st

from spapi_messaging import DigitalAccessKey, Job, Marketplace, UnexpectedProblem, Warranty
from spapi_messaging.cli.jobfile import LineFault
from spapi_messaging.errors import OrderFileError

PLAIN = st.characters(exclude_categories=["Cs", "Cc", "Zs", "Zl", "Zp", "Cf", "Co", "Cn"])
LABELS = st.none() | st.text(PLAIN, min_size=1, max_size=20)
TEXTS = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0$"), min_size=1, max_size=40
).filter(lambda text: any(map(str.isalnum, text)))


FILES = st.lists(st.sampled_from(["a.pdf", "b c.png", "w.pdf"]), min_size=1, max_size=5)
FIRST, LAST = map(datetime.fromisoformat, ("2000-01-01", "2100-01-01"))
MOMENTS = st.datetimes(FIRST, LAST, timezones=st.just(UTC))


def simple(**values: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    common = {
        "order_id": st.from_regex(r"[0-9]{3}-[0-9]{7}-[0-9]{7}", fullmatch=True),
        "marketplace": st.none() | st.sampled_from(Marketplace),
        "seller": LABELS,
        "key": LABELS,
    }
    return st.fixed_dictionaries(common | values)


JOBS = st.lists(
    simple(action=st.just("unexpectedProblem"), text=TEXTS)
    | simple(action=st.just("digitalAccessKey"), text=TEXTS, attachments=FILES)
    | simple(action=st.just("warranty"), attachments=FILES, coverage_start_date=MOMENTS),
    min_size=1,
    max_size=5,
)


TYPES = {
    "unexpectedProblem": UnexpectedProblem,
    "digitalAccessKey": DigitalAccessKey,
    "warranty": Warranty,
}


def made(values: dict[str, Any], folder: Path) -> Job:
    """The job that the values mean, made without the reader."""
    values = dict(values)
    order_id, kind = values.pop("order_id"), TYPES[values.pop("action")]
    common = {name: values.pop(name) for name in ("marketplace", "seller", "key")}
    if "attachments" in values:
        values["attachments"] = [folder / name for name in values["attachments"]]
    return Job(order_id, kind(**values), **common)


def as_json(jobs: list[dict[str, Any]]) -> str:
    lines = []
    for job in jobs:
        moment, place = job.get("coverage_start_date"), job["marketplace"]
        lines.append(job | {"marketplace": place and place.id})
        if moment:
            lines[-1] |= {"coverage_start_date": moment.isoformat()}
    return "".join(json.dumps(each, ensure_ascii=False) + "\n" for each in lines)


def as_csv(jobs: list[dict[str, Any]], delimiter: str, newline: str) -> str:
    written = io.StringIO()
    columns = list(dict.fromkeys(name for job in jobs for name in job))
    # With "\n" as the end of a line, older Pythons write a "\r" in a text without quotes.
    quoting = csv.QUOTE_ALL if newline == "\n" else csv.QUOTE_MINIMAL
    writer = csv.writer(written, delimiter=delimiter, lineterminator=newline, quoting=quoting)
    writer.writerow(columns)
    for job in jobs:
        place, moment = job["marketplace"], job.get("coverage_start_date")
        row = job | {
            "marketplace": place and place.name,
            "attachments": ";".join(job.get("attachments", ())),
            "coverage_start_date": moment and moment.isoformat(),
        }
        writer.writerow([row.get(name) for name in columns])
    return written.getvalue()


@settings(max_examples=60, deadline=None)
@given(jobs=JOBS, delimiter=st.sampled_from(",;"), newline=st.sampled_from(["\n", "\r\n"]))
def test_what_is_written_is_read_back(
    folder: Path, jobs: list[dict[str, Any]], delimiter: str, newline: str
) -> None:
    expected = [made(job, folder) for job in jobs]
    for content, ending in ((as_json(jobs), "jsonl"), (as_csv(jobs, delimiter, newline), "csv")):
        assert list(written(folder, content, ending).read()) == expected


SCRAPS = st.lists(
    st.binary(max_size=20)
    | st.sampled_from([b"\n", b"\r", b'"', b",", b";", b"\\u0000", b"{", b"[", line().encode()])
    | st.sampled_from([ROW.encode(), b"\xef\xbb\xbf", b"order_id,action,attachments,n\n", b"\0"])
    | st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(max_size=5) | st.integers(),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["order_id", "attachments", "fileName", "key", "fields", "n"])
                | st.text(max_size=3),
                inner,
                max_size=3,
            )
        ),
        max_leaves=8,
    ).map(lambda value: json.dumps(GOOD | value if isinstance(value, dict) else value).encode()),
    max_size=8,
).map(b"".join)


@settings(max_examples=150, deadline=None)
@given(content=SCRAPS, header=st.booleans(), template=st.none() | st.just("$n"))
@example(content=b'{"attachments": ["~/\\ud800\\u0000.pdf"]}', header=False, template=None)
def test_no_bytes_raise_anything_but_a_job_file_error(
    folder: Path, content: bytes, header: bool, template: str | None
) -> None:
    for ending, start in (("jsonl", b""), ("csv", HEADER.encode() if header else b"")):
        source = written(folder, start + content, ending, text_template=template)
        items: list[Job | LineFault] = []
        with contextlib.suppress(OrderFileError):
            items.extend(source.read())
        faults = [item for item in items if not isinstance(item, Job)]
        assert all(fault.reason and fault.reason.isprintable() for fault in faults)
        assert [fault.line for fault in faults] == sorted(fault.line for fault in faults)
