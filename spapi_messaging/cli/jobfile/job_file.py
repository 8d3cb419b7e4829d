"""The job file of a bulk run: JSON Lines or CSV, read as a stream and checked as a whole.

A run reads it twice: once to name every bad line before the first message goes out, and once
to send. Both readings are of one copy, so what is sent is what was checked: no line that was
valid then gets lost, and none is sent that was not there. Memory does not grow with the file.
"""

import weakref
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from string import Template
from types import TracebackType
from typing import Literal, Self

import attrs

from spapi_messaging.bulk import Job, Once, Repeats
from spapi_messaging.cli.jobfile.attached import looking, trusting, unseen
from spapi_messaging.cli.jobfile.checking import Checked, Checking, LineFault
from spapi_messaging.cli.jobfile.copies import Copy, copy_of, state_of
from spapi_messaging.cli.jobfile.damage import named_order
from spapi_messaging.cli.jobfile.job_maker import JobMaker
from spapi_messaging.cli.jobfile.notes import Notes
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


def _no_look(_line: int, _job: Job) -> str | None:
    return None


@attrs.define(eq=False)
class JobFile:
    """A file of jobs; ``path`` None is standard input.

    ``format``: by default that of the path's ending, .jsonl, .ndjson or .csv.
    ``text_template``: the text of every job that takes one, a ``string.Template``.
    ``odd_order_ids`` admits those of the static sandbox; ``may_name_orders`` texts that name
    other orders than their own. Paths of attachments start in the file's folder, or in the
    working directory where there is none. Raises JobFileError for an unknown format, and for a
    template that is malformed or names one order for all.

    Close it, or use it as a context manager, to drop the copy that it is read from.
    """

    path: Path | None
    format: Format | None = None
    text_template: Text | None = attrs.field(default=None, repr=size_only)
    odd_order_ids: bool = attrs.field(default=False, kw_only=True)
    may_name_orders: bool = attrs.field(default=False, kw_only=True)
    _format: Format = attrs.field(init=False, repr=False)
    _used: set[str] = attrs.field(factory=set, init=False, repr=False)
    _copy: Copy | None = attrs.field(default=None, init=False, repr=False)
    _lines: Lines | None = attrs.field(default=None, init=False, repr=False)
    _columns: Columns | None = attrs.field(default=None, init=False, repr=False)
    _notes: Notes | None = attrs.field(default=None, init=False, repr=False)

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
            named = None if self.may_name_orders else named_order(self.text_template, "")
            if named is not None:
                raise JobFileError(
                    f"the text template names the order {named} for all buyers; write $order_id"
                )

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
        """Drop the copy that it is read from, and what the check has noted."""
        if self._copy is not None:
            self._copy.stream.close()
        if self._notes is not None:
            self._notes.close()

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

    @property
    def was_changed(self) -> bool:
        """Whether the file is no longer what it was when it was copied for the check."""
        if self.path is None or self._copy is None or not self._copy.is_of_a_file:
            return False
        return state_of(self.path) != self._copy.state

    def read(self) -> Iterator[Job | LineFault]:
        """Read the jobs, and a LineFault for each that is not one; one reading at a time.

        After a check, those are left out which it found at fault. Raises JobFileError when the
        file as a whole is of no use, has no jobs in it, or is not what ``check`` has seen;
        RuntimeError when another reading has begun since.
        """
        copy = self._copied()
        at_fault = self._notes.faults() if self._notes else None
        next_fault = next(at_fault, None) if at_fault else None
        for line, made in self._read(copy):
            if at_fault is not None and line == next_fault:
                next_fault = next(at_fault, None)
            elif isinstance(made, Job):
                yield made
            elif at_fault is None:
                yield LineFault(line, made)
            else:
                raise JobFileError(f"{self.name}, line {line}: it was checked, and now {made}")

    def check(
        self, look: Callable[[int, Job], str | None] = _no_look, *, once: Once = "action"
    ) -> Checked:
        """Read the whole file and say what is in it; raises JobFileError as ``read`` does.

        It is copied first, and later readings are of that copy. ``look`` is called with each job
        and the line where it starts, and may find a fault. ``once``: by what jobs are known.
        """
        self._begin_check()
        notes = Notes.begin()
        weakref.finalize(self, notes.close)
        with Repeats(counts_all=True) as repeats:  # a file is sent with a journal
            checking = Checking(once, repeats)
            for line, made in self._read(self._copied()):
                reason = made if isinstance(made, str) else look(line, made)
                if reason is None and isinstance(made, Job):
                    reason = unseen(made) or checking.add_job(line, made)
                    notes.add_files(made)
                if reason is not None:
                    notes.add_fault(line)
                    checking.add_fault(line, reason)
        self._notes = notes
        return checking.checked()

    def _begin_check(self) -> None:
        """Forget an earlier check; a file, though not a pipe, may be another one by now."""
        if self._notes is not None:
            self._notes.close()
            self._notes = None
        if self._copy is not None and self._copy.is_of_a_file:
            self._copy.stream.close()
            self._copy = None

    def _read(self, copy: Copy) -> Iterator[tuple[int, Job | str]]:
        lines = self._lines = Lines(copy.stream, self.name)
        folder = self.path.parent if self.path and copy.is_of_a_file else Path()
        maker = JobMaker(
            look=trusting(folder, self._notes.file) if self._notes else looking(folder),
            text=self.text_template,
            odd_order_ids=self.odd_order_ids,
            lenient=self._format == "csv",
            may_name_orders=self.may_name_orders,
        )
        line = 0
        for line, values in self._records(lines):
            self._refuse_another(lines)
            yield line, values if isinstance(values, str) else maker.make(values)
        self._refuse_another(lines)
        self._used |= maker.used
        if not line:
            raise JobFileError(f"{self.name} has no jobs in it")

    def _refuse_another(self, lines: Lines) -> None:
        if lines is not self._lines:
            raise RuntimeError("another reading of this job file has begun")

    def _records(self, lines: Lines) -> Iterator[Record]:
        if self._format == "jsonl":
            return json_records(lines)
        self._columns = read_header(lines)
        return csv_records(lines, self._columns)

    def _copied(self) -> Copy:
        if self._copy is None:
            self._copy = copy_of(self.path, self.name)
            weakref.finalize(self, self._copy.stream.close)
        self._copy.stream.seek(0)
        return self._copy


def _fields_in(text: Text) -> tuple[str, ...]:
    """List the fields of a template; raises JobFileError for a ``$`` that begins none."""
    for _, one in each(text):
        try:
            Template(one).substitute(defaultdict(str))
        except ValueError as error:
            fault = f"{error}; write $$ for a dollar sign"
            raise JobFileError(f"the text template cannot be used: {fault}") from None
    return fields_of(text)
