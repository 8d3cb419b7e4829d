"""The messages that were not simply sent: equal reasons together, whole, and under each its orders.

Ten thousand doubts are ten thousand rows. A browser lays out only what is unfolded, so they come
in parts, each of them folded, and a page with all of them opens as fast as one with few.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import tzinfo

import attrs

from spapi_messaging.cli.moments import clock
from spapi_messaging.cli.report.figures import IN_DOUBT, NOT_SENT, REFUSED, Figures, Listed, Listing
from spapi_messaging.cli.report.formats import number, share
from spapi_messaging.cli.report.page import command, folded, section, table, text
from spapi_messaging.cli.words import counted

MAX_REASONS = 30
_LONGEST = 1000
"""Characters of a reason: more than a run writes."""
_PART = 500
_UNFOLDED = 10
"""So few orders need not be unfolded."""
_NOTES = {
    REFUSED: "Amazon, or a check before it, turned these down, and would again: mend what the "
    "reason says.",
    NOT_SENT: "The buyers of these have nothing, for reasons that may pass: the next run tries "
    "them again.",
    IN_DOUBT: "The buyers of these may have the message or not, so no run sends them again by "
    "itself.",
}


@attrs.frozen
class _Group:
    """Messages for one reason, or for all that are too rare to be named."""

    reason: str
    count: int
    rows: Sequence[Listed]
    """Those that are listed."""
    is_rest: bool = False


def listing(figures: Figures, outcome: str, *, zone: tzinfo | None, export: str) -> str:
    """List the messages of an outcome by reason; nothing if there are none.

    ``export``: the command that lists all of them.
    """
    found = figures.listings[outcome]
    if not found.reasons:
        return ""
    rows, total = found.rows, found.reasons.total()
    note = f"{counted(total, 'message')}. {_NOTES[outcome]}"
    more = ""
    if total > len(rows):
        note += f" The oldest {number(len(rows))} are listed."
        more = f'<p class="note">All are written by {command(export)}</p>'
    shown = _Lister(outcome, zone, len(figures.sellers) > 1, total)
    groups = "\n".join(map(shown.group, _groups(found, rows)))
    name = outcome.replace(" ", "-")
    return section(
        outcome.capitalize(), more, f'<ol class="reasons">\n{groups}\n</ol>', name=name, note=note
    )


def _groups(found: Listing, rows: Sequence[Listed]) -> Iterator[_Group]:
    """Yield the reasons, the most frequent first, each with its orders, the oldest first."""
    kinds = sorted(found.reasons.items(), key=lambda item: (-item[1], item[0]))
    named = dict(kinds if len(kinds) <= MAX_REASONS else kinds[: MAX_REASONS - 1])
    orders: dict[str | None, list[Listed]] = defaultdict(list)
    for row in rows:
        orders[row.reason if row.reason in named else None].append(row)
    for reason, count in named.items():
        yield _Group(reason, count, orders[reason])
    if len(named) < len(kinds):
        others = found.reasons.total() - sum(named.values())
        label = f"{number(len(kinds) - len(named))} other reasons"
        yield _Group(label, others, orders[None], is_rest=True)


@attrs.frozen
class _Lister:
    """Shows the groups of one outcome."""

    outcome: str
    zone: tzinfo | None
    has_sellers: bool
    total: int

    def group(self, group: _Group) -> str:
        """Show a reason, whole, with its share and its orders."""
        rows = group.rows
        orders = "".join(
            self._part(group, first, rows[first : first + _PART])
            for first in range(0, len(rows), _PART)
        )
        return (
            f'<li><p class="why">{text(group.reason, _LONGEST)}</p>\n<p class="count">'
            f"<span>{number(group.count)} · {share(group.count, self.total)}</span>"
            f'<span class="part" aria-hidden="true">'
            f'<i style="width:{100 * group.count / self.total:.1f}%"></i></span></p>{orders}</li>'
        )

    def _part(self, group: _Group, first: int, rows: Sequence[Listed]) -> str:
        last = first + len(rows)
        label = counted(len(rows), "order")
        if len(group.rows) < group.count:
            label = f"The oldest {number(len(rows))} of {counted(group.count, 'order')}"
        if len(group.rows) > _PART:
            label = f"Orders {number(first + 1)} to {number(last)}"
        columns = [("order", "id"), ("action", "name"), ("since", "id")]
        columns += [("seller", "text")] if self.has_sellers else []
        columns += [("reason", "text")] if group.is_rest else []
        return folded(
            label,
            table(
                f"{label} {self.outcome}: {group.reason}",
                columns,
                (self._row(row, group) for row in rows),
                style="stack",
            ),
            is_open=len(group.rows) <= _UNFOLDED,
        )

    def _row(self, row: Listed, group: _Group) -> list[str]:
        return [
            row.order_id,
            row.action,
            clock(row.at, self.zone),
            *([row.seller] if self.has_sellers else []),
            *([row.reason] if group.is_rest else []),
        ]
