"""What the plan allowed in each span of a run, so that an honest run never looks like another.

A plan allows ``rate`` messages a second, and as many more at once as its burst has saved up. So a
span is compared with what stood in the seller's bucket when it began and what came in until it
ended: in the first, the whole burst and the rate's part; in a run at full speed, little more than
the rate's part; after a pause, the burst again. Several sellers have a bucket each, and so has
each operation: allowances of several operations are never added up.

Source: https://developer-docs.amazon.com/sp-api/docs/usage-plans-and-rate-limits
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import zip_longest

import attrs

from spapi_messaging.api import DISCOVERY
from spapi_messaging.bulk import Plan
from spapi_messaging.cli.report.timeline import Departures, Span, counts_of
from spapi_messaging.cli.words import action_name

ASKING = DISCOVERY.name
_LATE = 1.0
"""Seconds by which a plan may be written after the message that it was written for."""


@attrs.frozen
class Allowance:
    """The plans of a run by action and seller, the oldest first."""

    plans: Mapping[tuple[str, str], Sequence[Plan]]
    assumed: Plan | None = None
    """For what has none: that of whoever asked for the report."""

    @classmethod
    def of(cls, plans: Iterable[Plan], *, rate: float | None = None, burst: int = 1) -> "Allowance":
        """Sort the plans of a journal; ``rate`` and ``burst`` are for what has none there."""
        found: dict[tuple[str, str], list[Plan]] = defaultdict(list)
        for plan in sorted(plans, key=lambda plan: plan.began_at):
            found[action_name(plan.operation), plan.seller].append(plan)
        assumed = None
        if rate is not None:
            assumed = Plan(began_at=0.0, seller="", operation="", rate=rate, burst=burst)
        return cls(found, assumed)

    def of_action(self, action: str, sellers: Iterable[str]) -> list[Plan]:
        """Return the plans of sellers for an action; [] if that of one is unknown.

        One that was raised tells nothing: Amazon's announcement follows each run's first messages.
        """
        known = [self._of(action, seller) for seller in sellers]
        if not all(known):
            return []
        return [
            plan
            for plans in known
            for plan, after in zip_longest(plans, plans[1:])
            if after is None or after.rate <= plan.rate
        ]

    def in_spans(
        self, action: str, departures: Departures, spans: Sequence[Span]
    ) -> list[float | None]:
        """Return how many messages of an action its sellers might send in each span.

        None where no plan is known, or a seller sent something without a known one.
        """
        sent = {seller: moments for (name, seller), moments in departures.items() if name == action}
        planned = {seller for name, seller in self.plans if name == action}
        allowed = [0.0] * len(spans)
        known, unknown = [False] * len(spans), [False] * len(spans)
        for seller in sent.keys() | planned:
            counts = counts_of(sent.get(seller, ()), spans)
            for index, value in enumerate(_of_one(self._of(action, seller), counts, spans)):
                if value is not None:
                    allowed[index] += value
                    known[index] = True
                elif counts[index]:
                    unknown[index] = True
        return [
            value if is_known and not is_unknown else None
            for value, is_known, is_unknown in zip(allowed, known, unknown, strict=True)
        ]

    def of_seller(
        self, action: str, seller: str, counts: Sequence[int], spans: Sequence[Span]
    ) -> list[float | None]:
        """Return how many messages of an action one seller might send in each span."""
        return list(_of_one(self._of(action, seller), counts, spans))

    def _of(self, action: str, seller: str) -> Sequence[Plan]:
        return self.plans.get((action, seller)) or ([self.assumed] if self.assumed else [])


def _of_one(
    plans: Sequence[Plan], counts: Sequence[int], spans: Sequence[Span]
) -> Iterable[float | None]:
    """Yield what one seller might send in each span, None before its first plan."""
    saved: float | None = None
    before: Span | None = None
    for span, sent in zip(spans, counts, strict=True):
        known = [plan for plan in plans if plan.began_at <= span.end + _LATE]
        if not known:
            yield None
            continue
        # Where a plan changes within a span, the larger one is what it is measured by.
        since = [plan for plan in known if plan.began_at > span.start]
        current = [*known[: len(known) - len(since)][-1:], *since]
        rate, burst = max(plan.rate for plan in current), max(plan.burst for plan in current)
        if saved is None or before is None:
            saved = burst
        else:
            saved = min(burst, saved + rate * (span.start - before.end))
        allowed = saved + rate * (span.end - span.start)
        yield allowed
        saved, before = min(burst, max(allowed - sent, 0)), span
