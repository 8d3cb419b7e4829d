"""Why messages were not sent, each reason once, in the order in which they came."""

import attrs

from spapi_messaging.bulk import Outcome, Sent, Skipped
from spapi_messaging.cli.reasons import in_general
from spapi_messaging.cli.view.kinds import Kind, kind_of
from spapi_messaging.cli.words import told
from spapi_messaging.redaction import printable

_REMEMBERED = 1000
"""Reasons whose number is known, however many there are."""


@attrs.define
class Reason:
    """A reason: of what kind of outcome, and how often."""

    kind: Kind
    in_general: str
    first: str
    """What the first of them says, with its order."""
    count: int = 1

    def words(self, width: int) -> tuple[str, str]:
        """Return the outcome with its number, and why: with the order where one line has room."""
        if self.count > 1:
            return f"{self.count:,} {self.kind.name}", self.in_general
        fits = len(f"{self.kind.name}: {self.first}") <= width
        return self.kind.name, self.first if fits else self.in_general


@attrs.define
class ReasonsSeen:
    """Collects them; those that are equal but for their order are one."""

    _all: dict[tuple[str, str], Reason] = attrs.field(factory=dict, init=False)

    def add(self, outcome: Outcome) -> str | None:
        """Take that of an outcome; return a whole line for the first of its kind."""
        if isinstance(outcome, Sent | Skipped):
            return None
        kind = kind_of(outcome)
        general = printable(in_general(outcome.error, outcome.job.order_id))
        known = self._all.get((kind.key, general))
        if known is not None:
            known.count += 1
            return None
        reason = Reason(kind, general, printable(told(outcome.error)))
        if len(self._all) < _REMEMBERED:
            self._all[kind.key, general] = reason
        return f"{kind.name}: {reason.first}"

    def last(self, most: int) -> list[Reason]:
        """Return the last ones."""
        return list(self._all.values())[-most:] if most > 0 else []
