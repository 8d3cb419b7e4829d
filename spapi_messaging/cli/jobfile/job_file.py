"""The job file of a bulk run: JSON Lines or CSV, read as a stream and checked as a whole.

A run reads it twice: once to name every bad line before the first message goes out, and once
to send. Standard input and pipes cannot be read twice, so they are first copied to a temporary
file without a name, which is gone with the process. Memory does not grow with the file.
"""

import os
import shutil
import stat
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from string import Template
from types import TracebackType
from typing import BinaryIO, Literal, Self

import attrs

from spapi_messaging.bulk import Job
from spapi_messaging.cli.jobfile.job_maker import JobMaker
from spapi_messaging.cli.jobfile.records import (
    Columns,
    JobFileError,
    Lines,
    Record,
    csv_records,
    json_records,
    read_header,
)
from spapi_messaging.messages import Text, each, fields_of
from spapi_messaging.redaction import size_only

Format = Literal["jsonl", "csv"]

_BY_ENDING: Mapping[str, Format] = {".jsonl": "jsonl", ".ndjson": "jsonl", ".csv": "csv"}
_SHOWN_FAULTS = 20


@attrs.frozen
class LineFault:
    """A job that cannot be sent: the line where it starts, from 1, and all that is wrong."""

    line: int
    reason: str


@attrs.frozen(kw_only=True)
class Checked:
    """What a job file holds; ``faults`` has the first 20 of ``fault_count``."""

    jobs: int
    faults: tuple[LineFault, ...]
    fault_count: int
    per_operation: Mapping[str, int]
    """The jobs by the names of their operations."""


def _no_look(_line: int, _job: Job) -> str | None:
    return None


@attrs.define(eq=False)
class JobFile:
    """A file of jobs; ``path`` None is standard input.

    ``format``: by default that of the path's ending, .jsonl, .ndjson or .csv.
    ``text_template``: the text of every job that takes one, a ``string.Template``.
    ``odd_order_ids`` admits those of the static sandbox. Paths of attachments start in the
    file's folder, or in the working directory where there is none.
    Raises JobFileError for an unknown format or a malformed template.

    Close it, or use it as a context manager, to drop the copy of standard input.
    """

    path: Path | None
    format: Format | None = None
    text_template: Text | None = attrs.field(default=None, repr=size_only)
    odd_order_ids: bool = attrs.field(default=False, kw_only=True)
    _format: Format = attrs.field(init=False, repr=False)
    _used: set[str] = attrs.field(factory=set, init=False, repr=False)
    _copy: BinaryIO | None = attrs.field(default=None, init=False, repr=False)
    _lines: Lines | None = attrs.field(default=None, init=False, repr=False)
    _columns: Columns | None = attrs.field(default=None, init=False, repr=False)
    _checked: tuple[int, ...] | None = attrs.field(default=None, init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        ending = self.path.suffix.lower() if self.path else ""
        known = self.format or _BY_ENDING.get(ending)
        if known is None:
            raise JobFileError(
                f"{self.name}: say whether it is jsonl or csv; only the endings "
                f"{', '.join(_BY_ENDING)} tell"
            )
        self._format = known
        if self.text_template is not None:
            self._used.update(_fields_in(self.text_template))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Drop the copy of standard input, if there is one."""
        if self._copy is not None:
            self._copy.close()

    @property
    def name(self) -> str:
        """How messages call it."""
        name = "standard input" if self.path is None else str(self.path)
        return name if name.isprintable() else repr(name)

    @property
    def lines(self) -> int:
        """How many lines the latest reading has read so far."""
        return self._lines.number if self._lines else 0

    @property
    def unused_columns(self) -> tuple[str, ...]:
        """The columns of a CSV file that neither a job nor a text uses; known once read."""
        columns = self._columns.fields if self._columns else ()
        return tuple(name for name in columns if name not in self._used)

    def read(self) -> Iterator[Job | LineFault]:
        """Read the jobs, and a LineFault for each that is not one; one reading at a time.

        Raises JobFileError when the file as a whole is of no use, has no jobs in it, or is
        not what ``check`` has seen; RuntimeError when another reading has begun since.
        """
        stream = self._open()
        try:
            if self._checked not in {None, _state(stream)}:
                raise JobFileError(f"{self.name} was changed after it was checked")
            for line, made in self._read(stream):
                yield LineFault(line, made) if isinstance(made, str) else made
        finally:
            if stream is not self._copy:
                stream.close()

    def check(self, look: Callable[[int, Job], str | None] = _no_look) -> Checked:
        """Read the whole file and say what is in it; raises JobFileError as ``read`` does.

        ``look`` is called with each job and the line where it starts, and may find a fault.
        """
        self._checked = None
        faults: list[LineFault] = []
        operations: Counter[str] = Counter()
        fault_count = 0
        stream = self._open()
        try:
            state = _state(stream)
            for line, made in self._read(stream):
                reason = made if isinstance(made, str) else look(line, made)
                if isinstance(made, Job) and reason is None:
                    operations[made.message.operation] += 1
                    continue
                fault_count += 1
                if fault_count <= _SHOWN_FAULTS:
                    faults.append(LineFault(line, str(reason)))
        finally:
            if stream is not self._copy:
                stream.close()
        self._checked = state
        return Checked(
            jobs=operations.total(),
            faults=tuple(faults),
            fault_count=fault_count,
            per_operation=dict(operations),
        )

    def _read(self, stream: BinaryIO) -> Iterator[tuple[int, Job | str]]:
        lines = self._lines = Lines(stream, self.name)
        folder = self.path.parent if self.path and self._copy is None else Path()
        maker = JobMaker(
            folder=folder,
            text=self.text_template,
            odd_order_ids=self.odd_order_ids,
            lenient=self._format == "csv",
        )
        line = 0
        for line, values in self._records(lines):
            if lines is not self._lines:
                raise RuntimeError("another reading of this job file has begun")
            yield line, values if isinstance(values, str) else maker.make(values)
        self._used |= maker.used
        if not line:
            raise JobFileError(f"{self.name} has no jobs in it")

    def _records(self, lines: Lines) -> Iterator[Record]:
        if self._format == "jsonl":
            return json_records(lines)
        self._columns = read_header(lines)
        return csv_records(lines, self._columns)

    def _open(self) -> BinaryIO:
        if self._copy is None:
            stream = sys.stdin.buffer if self.path is None else self._opened(self.path)
            if self.path and stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
                return stream
            self._copy = tempfile.TemporaryFile()  # noqa: SIM115  # closed by `close`
            shutil.copyfileobj(stream, self._copy)
            if self.path:
                stream.close()
        self._copy.seek(0)
        return self._copy

    def _opened(self, path: Path) -> BinaryIO:
        if path.is_dir():
            raise JobFileError(f"{self.name} is a directory")
        try:
            return path.open("rb")
        except OSError as error:
            fault = error.strerror
        except ValueError:
            fault = "no file can have this name"
        raise JobFileError(f"{self.name}: {fault}")


def _fields_in(text: Text) -> tuple[str, ...]:
    """List the fields of a template; raises JobFileError for a ``$`` that begins none."""
    for _, one in each(text):
        try:
            Template(one).substitute(defaultdict(str))
        except ValueError as error:
            fault = f"{error}; write $$ for a dollar sign"
            raise JobFileError(f"the text template cannot be used: {fault}") from None
    return fields_of(text)


def _state(stream: BinaryIO) -> tuple[int, ...]:
    found = os.fstat(stream.fileno())
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns
