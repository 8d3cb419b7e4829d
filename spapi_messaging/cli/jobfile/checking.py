"""The check of a whole job file: what is wrong with it, and which of its jobs are one message.

A key is that of one order and action: one that several rows have for different orders is a
fault, since only the first of them would be sent. Rows that are known by the same order and
action, as in a report with a row for each item, are no fault: they are one message, and said.
"""

from collections import Counter
from collections.abc import Mapping

import attrs

from spapi_messaging.bulk import Earlier, Identity, Job, Once, Repeats
from spapi_messaging.cli.jobfile.copies import no_room
from spapi_messaging.cli.jobfile.damage import KEY, HiddenRows
from spapi_messaging.errors import InvalidMessageError, JournalError
from spapi_messaging.redaction import name_or_size

_SHOWN_FAULTS = 20
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
    """What a job file holds; ``faults`` has the first 20 of ``fault_count``.

    ``repeated``: jobs that an earlier row stands for; ``changed``: those of them that say
    something else. ``hiding``: the first line whose record may hold other rows, which nobody
    can read; None if there is none.
    """

    jobs: int
    faults: tuple[LineFault, ...]
    fault_count: int
    per_operation: Mapping[str, int]
    """The jobs by the names of their operations."""
    repeated: Repeated = Repeated()
    changed: Repeated = Repeated()
    hiding: int | None = None


@attrs.define
class Checking:
    """Takes the jobs and faults of a file in their order, and says in the end what it holds."""

    once: Once
    repeats: Repeats
    _faults: list[LineFault] = attrs.field(factory=list, init=False)
    _fault_count: int = attrs.field(default=0, init=False)
    _operations: Counter[str] = attrs.field(factory=Counter, init=False)
    _repeated: Repeated = attrs.field(factory=Repeated, init=False)
    _changed: Repeated = attrs.field(factory=Repeated, init=False)
    _hiding: int | None = attrs.field(default=None, init=False)

    def add_job(self, line: int, job: Job) -> str | None:
        """Take a job, unless its identity is at fault: then say why."""
        try:
            identity = Identity.of(job, self.once)
            earlier = self.repeats.note(identity, line)
        except InvalidMessageError as error:
            return "; ".join(error.faults)
        except JournalError as error:
            raise no_room(error.fault) from None
        if earlier is not None:
            if earlier.is_another_than(identity):
                return _key_of_another(identity, earlier)
            self._repeated = self._repeated.and_line(line)
            if earlier.content != identity.content:
                self._changed = self._changed.and_line(line)
        self._operations[identity.operation] += 1
        return None

    def add_fault(self, line: int, reason: str) -> None:
        """Take a line that holds no job that can be sent."""
        self._fault_count += 1
        if len(self._faults) < _SHOWN_FAULTS:
            self._faults.append(LineFault(line, str(reason)))
        if isinstance(reason, HiddenRows) and self._hiding is None:
            self._hiding = line

    def checked(self) -> Checked:
        """Say what the file holds."""
        return Checked(
            jobs=self._operations.total(),
            faults=tuple(self._faults),
            fault_count=self._fault_count,
            per_operation=dict(self._operations),
            repeated=self._repeated,
            changed=self._changed,
            hiding=self._hiding,
        )


def _key_of_another(identity: Identity, earlier: Earlier) -> str:
    same_order = earlier.order_id == identity.order_id
    whose = "another action of this order" if same_order else "another order"
    return (
        f"its key {name_or_size(identity.key, KEY)} is that of line {earlier.number}, {whose}: "
        f"give each job a key of its own, or none"
    )
