"""The outcomes by action, in as many columns as there is room for."""

from collections.abc import Callable, Iterable, Mapping

from rich.console import Console
from rich.table import Table
from rich.text import Text

from spapi_messaging.bulk import Summary
from spapi_messaging.cli.settings import fits
from spapi_messaging.cli.view.kinds import SENT, Kind, counted
from spapi_messaging.cli.view.standing import allowed_rate, per_second
from spapi_messaging.cli.words import action_name

_NARROW = 60
"""Columns below which a table has two: an action, and what became of it."""
_GAP = 2
_SHORTEST_ACTION = 10
_NONE = Text("-", style="bright_black")


def outcome_table(console: Console, summary: Summary) -> Table | None:
    """Return the fullest table that fits, or None where nothing has an outcome yet."""
    if not summary.counts:
        return None
    if console.width < _NARROW:
        return _in_two(summary, console.width)
    for table in (_full(summary, has_rates=True), _full(summary), _full(summary, is_short=True)):
        if fits(console, table):
            return table
    return _in_two(summary, console.width)


def _table(longest_action: int | None = None) -> Table:
    table = Table(box=None, padding=(0, _GAP, 0, 0), pad_edge=False, header_style="bold")
    table.add_column("action", no_wrap=True, overflow="ellipsis", max_width=longest_action)
    return table


def _full(summary: Summary, *, has_rates: bool = False, is_short: bool = False) -> Table:
    """Make a column for each kind that there is, and one for the rates if there are any."""
    kinds = [kind for kind, _ in counted(summary.total)]
    has_rates = has_rates and bool(summary.rates)
    table = _table()
    for kind in kinds:
        name = Text(kind.short if is_short else kind.name, style=kind.style)
        table.add_column(name, justify="right", no_wrap=True)
    if has_rates:
        table.add_column("a second", justify="right", no_wrap=True)
    for operation, counts in sorted(summary.counts.items()):
        cells = [_cell(counts.get(kind.key, 0), kind) for kind in kinds]
        rate = [_rate(summary, operation)] if has_rates else []
        table.add_row(action_name(operation), *cells, *rate)
    return table


def _cell(count: int, kind: Kind) -> Text:
    return Text(f"{count:,}", style=kind.style) if count else _NONE


def _rate(summary: Summary, operation: str) -> Text:
    rate, allowed = summary.rates.get(operation), summary.allowed.get(operation)
    if rate is None:
        return _NONE
    return Text(f"{per_second(rate)}{f' of {allowed_rate(allowed)}' if allowed else ''}")


def _in_two(summary: Summary, width: int) -> Table:
    """Make two columns: by short names if they fit, or what was sent and the rest."""
    names = {operation: action_name(operation) for operation in sorted(summary.counts)}
    longest = max(map(len, names.values()))
    cells, room = _cells(summary, _in_short, width)
    if room < min(longest, _SHORTEST_ACTION):
        cells, room = _cells(summary, _merged, width)
    room = max(room, len("action"))
    table = _table(room)
    table.add_column("outcomes", no_wrap=True, overflow="ellipsis", max_width=width - _GAP - room)
    for operation, name in names.items():
        table.add_row(name, cells[operation])
    return table


def _cells(
    summary: Summary, told: Callable[[Mapping[str, int]], Text], width: int
) -> tuple[dict[str, Text], int]:
    """Return the cells of the second column, and the columns that they leave for the first."""
    cells = {operation: told(counts) for operation, counts in summary.counts.items()}
    return cells, width - _GAP - max(*map(len, cells.values()), len("outcomes"))


def _in_short(counts: Mapping[str, int]) -> Text:
    return _listed((count, kind.short, kind.style) for kind, count in counted(counts))


def _merged(counts: Mapping[str, int]) -> Text:
    sent = counts.get(SENT.key, 0)
    others = sum(counts.values()) - sent
    return _listed([(sent, SENT.short, SENT.style), (others, "other", "yellow")])


def _listed(parts: Iterable[tuple[int, str, str]]) -> Text:
    return Text(" ").join(Text(f"{count:,} {name}", style) for count, name, style in parts if count)
