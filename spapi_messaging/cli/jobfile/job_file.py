"""The file of a bulk run: jobs or orders, read as a stream and checked as a whole.

A run reads it twice: once to name every bad line before the first message goes out, and once
to send. Both readings are of one copy, so what is sent is what was checked: no line that was
valid then gets lost, and none is sent that was not there. Memory does not grow with the file.
"""

import weakref
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

import attrs

from spapi_messaging.bulk import Job, Once, Repeats
from spapi_messaging.cli.jobfile.attached import (
    FileWarnings,
    ForOrders,
    looking,
    trusting,
    unseen,
)
from spapi_messaging.cli.jobfile.checking import Checked, Checking, LineFault
from spapi_messaging.cli.jobfile.damage import check_template
from spapi_messaging.cli.jobfile.job_maker import JobMaker
from spapi_messaging.cli.jobfile.notes import Notes
from spapi_messaging.cli.jobfile.order_jobs import FolderJobs
from spapi_messaging.cli.jobfile.plan import PlanReading, comparing
from spapi_messaging.cli.jobfile.records import FaultList, Records, Selection
from spapi_messaging.cli.jobfile.sources import Format, Opening
from spapi_messaging.cli.jobfile.values import DateReader
from spapi_messaging.errors import OrderFileError
from spapi_messaging.messages import Text
from spapi_messaging.orderfile import (
    Copy,
    LeftOut,
    copy_of,
    count_left_out,
    fields_in,
    plain_name,
    state_of,
)
from spapi_messaging.redaction import size_only


def _no_look(_line: int, _job: Job) -> str | None:
    return None


@attrs.define(eq=False)
class JobFile:
    """A file of jobs, or of orders that get one action; ``path`` None is standard input.

    ``format``: by default it is found out. ``text_template``: the text of every job that takes
    one, with ``$fields``. ``selection``: what of the file is to be sent, and how it is read.
    ``odd_order_ids`` admits those of the static sandbox; ``may_name_orders`` texts that name
    other orders than their own. Paths of attachments start in the file's folder, or in the
    working directory where there is none. Raises OrderFileError for a template that is malformed
    or names one order for all, and for patterns of attachments that find nothing.

    Close it, or use it as a context manager, to drop the copy that it is read from.
    """

    path: Path | None
    format: Format | None = None
    text_template: Text | None = attrs.field(default=None, repr=size_only)
    selection: Selection = attrs.field(factory=Selection, kw_only=True)
    odd_order_ids: bool = attrs.field(default=False, kw_only=True)
    may_name_orders: bool = attrs.field(default=False, kw_only=True)
    marketplace_needed: bool = attrs.field(default=False, kw_only=True)
    warnings: FileWarnings = attrs.field(factory=FileWarnings, init=False, repr=False)
    """What is to be said of the files that the latest check has looked at."""
    plan: PlanReading | None = attrs.field(default=None, init=False, repr=False)
    """The latest reading of what may be a plan."""
    _used: set[str] = attrs.field(factory=set, init=False, repr=False)
    _copy: Copy | None = attrs.field(default=None, init=False, repr=False)
    _records: Records | None = attrs.field(default=None, init=False, repr=False)
    _reading: object = attrs.field(default=None, init=False, repr=False)
    _notes: Notes | None = attrs.field(default=None, init=False, repr=False)
    _attach: ForOrders = attrs.field(init=False, repr=False)
    _left_out: Counter[str] = attrs.field(factory=Counter, init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        if self.text_template is not None:
            check_template(self.text_template, may_name_orders=self.may_name_orders)
        self._attach = ForOrders.find(self.selection.attach)

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
        self._records = None
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
    def is_folder(self) -> bool:
        """Whether it is a folder of files that are named by their orders."""
        return self.path is not None and self.selection.action is not None and self.path.is_dir()

    @property
    def unused_columns(self) -> tuple[str, ...]:
        """The columns that neither a job nor a text uses; known once read."""
        if self._records is None:
            return ()
        used = self._used | {*self._records.read_columns}
        return tuple(name for name in self._records.columns or () if name not in used)

    @property
    def said(self) -> tuple[str, ...]:
        """What is to be said of how it was read; known once it is checked."""
        # With a limit, the other files may be those of the orders behind it.
        unused = () if self.selection.limit is not None else self._attach.unused()
        return (*(self._records.said if self._records else ()), *unused)

    @property
    def left_out(self) -> Mapping[str, int]:
        """How many rows the check has found that are no orders to write to, by the reason."""
        return self._left_out

    @property
    def was_changed(self) -> bool:
        """Whether the file is no longer what it was when it was copied for the check."""
        if self.path is None or self._copy is None or not self._copy.is_of_a_file:
            return False
        return state_of(self.path) != self._copy.state

    def read(self) -> Iterator[Job | LineFault]:
        """Read the jobs, and a LineFault for each that is not one; one reading at a time.

        After a check, those are left out which it found at fault. Raises OrderFileError when the
        file as a whole is of no use, has no jobs in it, or is not what ``check`` has seen;
        RuntimeError when another reading has begun since.
        """
        records = self._opened()
        at_fault = self._notes.faults() if self._notes else None
        next_fault = next(at_fault, None) if at_fault else None
        for number, (line, made) in enumerate(self._read(records)):
            if isinstance(made, LeftOut):
                continue
            if at_fault is not None and number == next_fault:
                next_fault = next(at_fault, None)
            elif isinstance(made, Job):
                yield made
            elif at_fault is None:
                yield LineFault(line, "; ".join(made))
            else:
                fault = f"line {line}: it was checked, and now {'; '.join(made)}"
                raise OrderFileError(self.name, (fault,))

    def check(
        self, look: Callable[[int, Job], str | None] = _no_look, *, once: Once = "action"
    ) -> Checked:
        """Read the whole file and say what is in it; raises OrderFileError as ``read`` does.

        It is copied first, and later readings are of that copy. ``look`` is called with each job
        and the line where it starts, and may find a fault. ``once``: by what jobs are known.
        """
        self._begin_check()
        self.warnings = FileWarnings()
        records = self._opened()
        notes = Notes.begin()
        weakref.finalize(self, notes.close)
        self._left_out = Counter(records.left_out)
        with Repeats(counts_all=True) as repeats:  # a file is sent with a journal
            checking = Checking.of(records, once, repeats)
            for number, (line, made) in enumerate(self._read(records)):
                if isinstance(made, LeftOut):
                    count_left_out(self._left_out, made.reason)
                elif not self._is_right(line, made, look, checking, notes):
                    notes.add_fault(number)
        self._notes = notes
        return checking.checked()

    def _is_right(
        self,
        line: int,
        made: Job | FaultList,
        look: Callable[[int, Job], str | None],
        checking: Checking,
        notes: Notes,
    ) -> bool:
        if not isinstance(made, Job):
            checking.add_fault(line, made)
            return False
        reason = look(line, made) or unseen(made)
        notes.add_files(made)
        if reason is not None:
            checking.add_fault(line, (reason,))
            return False
        return checking.add_job(line, made)

    def _begin_check(self) -> None:
        """Forget an earlier check; a file, though not a pipe, may be another one by now."""
        self._records = None
        if self._notes is not None:
            self._notes.close()
            self._notes = None
        if self._copy is not None and self._copy.is_of_a_file:
            self._copy.stream.close()
            self._copy = None

    def _read(self, records: Records) -> Iterator[tuple[int, Job | FaultList | LeftOut]]:
        reading = self._reading = object()
        maker = self._maker(records)
        texts = ("--text-file",) if self.text_template else ()
        plan = self.plan = PlanReading(self.name, options=(*texts, *self.selection.options))
        line = 0
        for line, values in plan.records(records.records()):
            if reading is not self._reading:
                raise RuntimeError("another reading of this job file has begun")
            if isinstance(values, dict):
                yield line, plan.make(maker.make, values)
            else:
                yield line, (values,) if isinstance(values, str) else values
        if reading is not self._reading:
            raise RuntimeError("another reading of this job file has begun")
        self._used |= maker.used
        if not line and not records.faults and not records.left_out:
            raise OrderFileError(self.name, ("it has no jobs in it",))

    def _maker(self, records: Records) -> JobMaker:
        try:
            dates = DateReader.of(self.selection.time_zone)
        except ValueError as error:
            raise OrderFileError("--time-zone", (str(error),)) from None
        look = comparing(looking(self._folder, self.warnings))
        return JobMaker(
            look=trusting(self._folder, self._notes.file) if self._notes else look,
            text=self.text_template,
            odd_order_ids=self.odd_order_ids,
            columns=records.columns,
            may_name_orders=self.may_name_orders,
            dates=dates,
            attach=self._attach,
            marketplace_needed=self.marketplace_needed,
        )

    @property
    def _folder(self) -> Path:
        is_beside = self.path is not None and self._copy is not None and self._copy.is_of_a_file
        return self.path.parent if is_beside and self.path else Path()

    def _opened(self) -> Records:
        if self._records is None:
            self._records = self._opened_anew()
        return self._records

    def _opened_anew(self) -> Records:
        if self.path is not None and self.path.is_dir() and not self.is_folder:
            what = "it is a folder; say what to send with its files, as in --action invoice"
            raise OrderFileError(self.name, (what,))
        if self.path is not None and self.is_folder:
            return FolderJobs.of(self.path, self.selection)
        if self._copy is None:
            self._copy = copy_of(self.path, self.name)
            weakref.finalize(self, self._copy.stream.close)
        opening = Opening(
            name=self.name,
            selection=self.selection,
            format=self.format,
            ending=self.path.suffix if self.path else "",
            names=self._names(),
            odd=self.odd_order_ids,
        )
        return opening.open(self._copy.stream)

    def _names(self) -> frozenset[str] | None:
        """Return the plain names of the fields that all messages need, if that is known."""
        text = self.text_template
        fields = [] if text is None else [name for one in fields_in(text) for name in one.names]
        return frozenset(map(plain_name, [*fields, *self._attach.names]))
