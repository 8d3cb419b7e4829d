"""The check of a whole job file: what is wrong with it, and which of its jobs are one message.

A key is that of one order and action: one that several rows have for different orders is a
fault, since only the first of them would be sent. So are rows with one order and action, of
which one buyer would get an arbitrary one: which of them is meant, only a person can tell. Rows
that say the same, where the content tells messages apart, are one message, and said.
"""

import copy
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

import attrs

from spapi_messaging.bulk import Earlier, Identity, Job, Once, Repeats
from spapi_messaging.cli.jobfile.damage import KEY
from spapi_messaging.cli.jobfile.records import Records
from spapi_messaging.errors import InvalidMessageError, JournalError
from spapi_messaging.orderfile import Fault, Faults, HiddenRows, no_room
from spapi_messaging.redaction import name_or_size

_SHOWN_LINES = 5


@attrs.frozen
class LineFault:
    """A job that cannot be sent: the line where it starts, from 1, and all that is wrong."""

    line: int
    reason: str


@attrs.frozen
class Repeated:
    """Rows that an earlier row stands for: how many, and the first lines of them."""

    count: int = 0
    lines: tuple[int, ...] = ()

    def and_line(self, line: int) -> "Repeated":
        """Count one more."""
        lines = (*self.lines, line) if self.count < _SHOWN_LINES else self.lines
        return Repeated(self.count + 1, lines)


@attrs.frozen(kw_only=True)
class Checked:
    """What a job file holds.

    ``faults``: the first kinds of what is wrong with its rows, equal faults together;
    ``fault_lines``: the same as people read it; ``fault_count``: how many rows are at fault.
    ``repeated``: jobs that say the same as an earlier row. ``hiding``: the first line whose record
    may hold other rows, which nobody can read; None if there is none.
    """

    jobs: int
    faults: tuple[Fault, ...]
    fault_lines: tuple[str, ...]
    fault_count: int
    per_operation: Mapping[str, int]
    """The jobs by the names of their operations."""
    repeated: Repeated = Repeated()
    hiding: int | None = None


@attrs.define
class Checking:
    """Takes the jobs and faults of a file in their order, and says in the end what it holds."""

    once: Once
    repeats: Repeats
    unit: str = "line"
    """What the rows are numbered by."""
    are_orders: bool = False
    """Whether each is another order, all with one action: no two are one message then."""
    _faults: Faults = attrs.field(factory=Faults)
    _fault_count: int = 0
    _hiding: int | None = None
    _twice: list[str] = attrs.field(factory=list, init=False)
    _twice_count: int = attrs.field(default=0, init=False)
    _operations: Counter[str] = attrs.field(factory=Counter, init=False)
    _repeated: Repeated = attrs.field(factory=Repeated, init=False)

    @classmethod
    def of(cls, records: Records, once: Once, repeats: Repeats) -> "Checking":
        """Begin with what is wrong with rows that are in no record."""
        faults = records.faults or Faults()
        count = faults.count
        return cls(
            once=once,
            repeats=repeats,
            unit=records.unit,
            are_orders=records.are_orders,
            faults=copy.deepcopy(faults),
            fault_count=count,
            hiding=records.hiding,
        )

    def add_job(self, line: int, job: Job) -> bool:
        """Take a job; say whether it can be sent, and is not at fault for what it is known by."""
        if self.are_orders and job.key is None:
            self._operations[job.message.operation] += 1
            return True
        try:
            identity = Identity.of(job, self.once)
            earlier = self.repeats.note(identity, line)
        except InvalidMessageError as error:
            self.add_fault(line, error.faults)
            return False
        except JournalError as error:
            raise no_room(error.fault) from None
        if earlier is not None:
            if earlier.is_another_than(identity):
                self.add_fault(line, [_key_of_another(identity, earlier)])
                return False
            if self.once != "content" or earlier.content != identity.content:
                self._add_twice(line, job, identity, earlier)
                return False
            self._repeated = self._repeated.and_line(line)
        self._operations[identity.operation] += 1
        return True

    def add_fault(self, line: int, reasons: Iterable[str]) -> None:
        """Take a line that holds no job that can be sent, and all that is wrong with it."""
        self._fault_count += 1
        for reason in dict.fromkeys(reasons):
            self._faults.add(line, str(reason))
            if isinstance(reason, HiddenRows) and self._hiding is None:
                self._hiding = line

    def checked(self) -> Checked:
        """Say what the file holds."""
        return Checked(
            jobs=self._operations.total(),
            faults=tuple(self._faults),
            fault_lines=(*map(self._in_units, self._faults.lines()), *self._told_twice()),
            fault_count=self._fault_count,
            per_operation=dict(self._operations),
            repeated=self._repeated,
            hiding=self._hiding,
        )

    def _in_units(self, line: str) -> str:
        return f"{self.unit}{line.removeprefix('line')}" if line.startswith("line") else line

    def _add_twice(self, line: int, job: Job, identity: Identity, earlier: Earlier) -> None:
        self._fault_count += 1
        self._twice_count += 1
        if len(self._twice) < _SHOWN_LINES:
            self._twice.append(self._both(line, job.message.segment, identity, earlier))

    def _both(self, line: int, segment: str, identity: Identity, earlier: Earlier) -> str:
        """Name two rows that are one message, and what can be done about it."""
        rows, order = f"{self.unit}s {earlier.number} and {line}", f"order {identity.order_id}"
        if identity.is_given and identity.once == "content":
            what = f"{order} under the key {name_or_size(identity.key, KEY)}, with other content"
            return f"{rows} are both {segment} to {what}: give each a key of its own"
        what = order if identity.once == "order" else f"{segment} to {order}"
        can = "or let --once content send both if their content differs"
        return f"{rows} are both {what}: keep one, or give each a key, {can}"

    def _told_twice(self) -> Iterator[str]:
        yield from self._twice
        if more := self._twice_count - len(self._twice):
            yield f"… and {more} more rows that are one message with an earlier row"


def _key_of_another(identity: Identity, earlier: Earlier) -> str:
    same_order = earlier.order_id == identity.order_id
    whose = "another action of this order" if same_order else "another order"
    return (
        f"its key {name_or_size(identity.key, KEY)} is that of line {earlier.number}, {whose}: "
        f"give each job a key of its own, or none"
    )
