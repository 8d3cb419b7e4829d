"""Entries that cannot be: a disk, an editor or another program wrote them, and no run did.

Nothing is told of such an entry as if it were one; who saves what can be saved leaves out of it
what is damaged.
"""

import math
from typing import Any, get_args

import attrs

from spapi_messaging.bulk.journal import Entry, Plan, State
from spapi_messaging.errors import JournalError
from spapi_messaging.redaction import cut

_TEXTS = ("key", "seller", "marketplace", "order_id", "operation")
_FREE = ("request_id", "reason", "evidence", "language", "content")
_STATES = frozenset(get_args(State))
_YEAR_10000 = 253_402_300_800.0
_SHOWN = 100


@attrs.define
class Damage:
    """Counts the damaged entries that were met, and says what was damaged first."""

    first: str | None = None
    count: int = 0

    def mended(self, entry: Entry) -> Entry:
        """Return an entry without what is damaged in it, which is noted."""
        names = damaged_in(entry)
        if not names:
            return entry
        self.first = self.first or _fault(entry, names)
        self.count += 1
        nothing: dict[str, Any] = dict.fromkeys(names)
        return attrs.evolve(entry, **nothing)

    @property
    def fault(self) -> str | None:
        """Say what was damaged, if something was."""
        more = f", and {self.count - 1} more" if self.count > 1 else ""
        return self.first and f"{self.first}{more}"


def damaged_in(entry: Entry) -> list[str]:
    """Return the names of what an entry of a journal cannot hold."""
    values = attrs.asdict(entry)
    names = [name for name in _TEXTS if not isinstance(values[name], str)]
    names += [name for name in _FREE if isinstance(values[name], bytes)]
    names += [] if is_state(values["state"]) else ["state"]
    names += [] if is_time(values["began_at"]) else ["began_at"]
    names += [] if values["ended_at"] is None or is_time(values["ended_at"]) else ["ended_at"]
    return names


def is_state(value: object) -> bool:
    """Say whether a value is a state that a run writes."""
    return isinstance(value, str) and value in _STATES


def undamaged(journal: str, entry: Entry) -> Entry:
    """Return an entry as it is; raises JournalError for one that cannot be."""
    names = damaged_in(entry)
    if names:
        raise JournalError(journal, _fault(entry, names))
    return entry


def undamaged_plan(journal: str, plan: Plan) -> Plan:
    """Return a plan as it is; raises JournalError for one that cannot be."""
    values = attrs.asdict(plan)
    is_sound = (
        all(isinstance(values[name], str) for name in ("seller", "operation"))
        and all(isinstance(values[name], int | float) for name in ("rate", "burst"))
        and is_time(plan.began_at)
        and 0 < plan.rate < math.inf
        and 1 <= plan.burst < math.inf
    )
    if not is_sound:
        name = cut(str(plan.operation), _SHOWN)
        raise JournalError(journal, f"a plan of it is damaged (of operation {name})")
    return plan


def _fault(entry: Entry, names: list[str]) -> str:
    key = "" if "key" in names else f" of key {cut(entry.key, _SHOWN)}"
    return f"an entry of it is damaged ({', '.join(names)}{key})"


def is_time(value: object) -> bool:
    """Say whether a value is a moment that a clock of ours can have shown."""
    return (
        isinstance(value, int | float) and math.isfinite(value) and 0 <= float(value) < _YEAR_10000
    )
