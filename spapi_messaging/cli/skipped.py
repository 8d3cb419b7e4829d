"""What of a run was skipped and is not simply done: said, counted, and the first of it named."""

from collections import Counter
from collections.abc import Iterator

import attrs

from spapi_messaging.bulk import Outcome, Skipped, reason_in_words

REFUSED_BEFORE, CHANGED, REPEATED, REPEATED_CHANGED = range(4)
_SAID = {
    REFUSED_BEFORE: "{count} skipped as refused by an earlier run; --retry-refused tries again:",
    CHANGED: "{count} skipped as sent before with other content: the buyers have the earlier "
    "text; --resend-changed sends this one, too:",
    REPEATED: "{count} skipped as repeated: an earlier one of this run is the same message",
    REPEATED_CHANGED: "{count} skipped as repeated, with other content: the first of them counts",
}

_NAMED = {REFUSED_BEFORE: 20, CHANGED: 3}
"""How many are named. Each refusal has its reason; a text that was mended has changed for all.

The rest stands in one file, whose check has named the lines.
"""


@attrs.define
class SkippedOnes:
    """Collects what was skipped, by kind; of some the first with their order and reason."""

    _counts: Counter[int] = attrs.field(factory=Counter, init=False)
    _named: dict[int, list[str]] = attrs.field(factory=dict, init=False)

    def see(self, outcome: Outcome) -> None:
        """Take an outcome."""
        kind = _kind_of(outcome)
        if kind is None:
            return
        self._counts[kind] += 1
        named = self._named.setdefault(kind, [])
        if len(named) < _NAMED.get(kind, 0):
            named.append(_line(outcome))

    def lines(self) -> Iterator[str]:
        """Return what is to be said of them."""
        for kind, said in _SAID.items():
            count, named = self._counts[kind], self._named.get(kind, [])
            if not count:
                continue
            yield said.format(count=count)
            yield from named
            if named and count > len(named):
                yield f"  \u2026 and {count - len(named)} more"


def _kind_of(outcome: Outcome) -> int | None:
    match outcome:
        case Skipped(state="refused"):
            return REFUSED_BEFORE
        case Skipped(state="repeated", changed=changed):
            return REPEATED_CHANGED if changed else REPEATED
        case Skipped(changed=True):
            return CHANGED
        case _:
            return None


def _line(outcome: Outcome) -> str:
    job, reason = outcome.job, outcome.reason if isinstance(outcome, Skipped) else None
    why = f": {reason_in_words(reason)}" if reason else ""
    return f"  order {job.order_id}, {job.message.segment}{why}"
