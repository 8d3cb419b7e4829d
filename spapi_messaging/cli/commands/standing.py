"""How a run stands, as `status` shows it: counts, times, why not all was sent, and what is next."""

from collections.abc import Iterator
from pathlib import Path

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from spapi_messaging.bulk import Times, reason_in_words
from spapi_messaging.cli.hints import program_command, resume_words
from spapi_messaging.cli.journal_standing import IN_DOUBT, UNDER_WAY, JournalStanding
from spapi_messaging.cli.moments import moment, seconds
from spapi_messaging.cli.settings import fits, folded, offered, shown, tell, tell_folded
from spapi_messaging.cli.sources import Source
from spapi_messaging.cli.view import KINDS, per_second
from spapi_messaging.cli.words import action_name, counted, counted_doubts
from spapi_messaging.redaction import printable

_STYLES = {kind.name: kind.style for kind in KINDS} | {UNDER_WAY: "cyan"}
_LABEL = len("last written  ")
_MIN_RATED, _MIN_SECONDS = 10, 10
"""Of fewer messages, or in less time, a rate says more of the burst than of the run."""
_MIN_BUSY = 0.8
"""The share of the tens of seconds in which some were sent; with less, there was a break."""


def show_standing(screen: Console, source: Source, standing: JournalStanding) -> None:
    """Show how a run stands."""
    total = standing.total
    state = "; a run is going on" if standing.is_going_on else ""
    tell_folded(screen, f"{source.name}: {counted(total.total(), 'message')}{state}")
    if total:
        _show_counts(screen, standing)
        tell(screen, "")
    for label, words in _facts(standing):
        tell_folded(screen, f"{label:<{_LABEL}}{words}", " " * _LABEL)
    if total:
        tell(screen, "")
    for line in _next_steps(screen, source, standing):
        tell(screen, line)


def _show_counts(screen: Console, standing: JournalStanding) -> None:
    """Show the counts by action and outcome: as a table, or in lines where it is too wide."""
    names = [name for name in _STYLES if standing.total[name]]
    actions: dict[str, dict[str, int]] = {}
    for (operation, name), count in standing.counts.items():
        of_action = actions.setdefault(printable(action_name(operation)), {})
        of_action[name] = of_action.get(name, 0) + count
    rows = sorted(actions.items())
    if len(rows) > 1:
        rows.append(("total", dict(standing.total)))
    table = _table(names, rows)
    if fits(screen, table):
        screen.print(table)
        return
    for action, counts in rows:
        told = ", ".join(f"{counts[name]:,} {name}" for name in names if counts.get(name))
        tell_folded(screen, f"{action}: {told}", "  ")


def _table(names: list[str], rows: list[tuple[str, dict[str, int]]]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    table.add_column("action", no_wrap=True)
    has_total = len(names) > 1
    for name in [*names, *(["total"] if has_total else [])]:
        table.add_column(name, justify="right", no_wrap=True)
    for number, (action, counts) in enumerate(rows, 1):
        cells = [_cell(counts.get(name, 0), _STYLES[name]) for name in names]
        cells += [_cell(sum(counts.values()), "")] if has_total else []
        is_sum = len(rows) > 1 and number == len(rows)
        table.add_row(shown(action), *cells, style="bold" if is_sum else None)
        if number == len(rows) - 1:
            table.add_section()
    return table


def _cell(count: int, style: str) -> Text:
    return Text(f"{count:,}", style=style) if count else Text("-", style="dim")


def _facts(standing: JournalStanding) -> Iterator[tuple[str, str]]:
    times = standing.times
    if times.began is None or times.last is None:
        return
    yield "began", moment(times.began)
    yield "last written", moment(times.last)
    yield "took", f"{seconds(times.last - times.began)}{' so far' if standing.is_going_on else ''}"
    rate = rate_of(times, standing.total["sent"])
    if rate is not None:
        yield "rate", f"{per_second(rate)} sent a second"


def rate_of(times: Times, sent: int) -> float | None:
    """Return how many messages were sent a second; None where that would say nothing."""
    if sent < _MIN_RATED or times.first_sent is None or times.last_sent is None:
        return None
    took = times.last_sent - times.first_sent
    # A run without a break is seen in one more of them than it has whole ones.
    if took < _MIN_SECONDS or times.tens - 1 < took // 10 * _MIN_BUSY:
        return None
    return (sent - 1) / took


def _next_steps(screen: Console, source: Source, standing: JournalStanding) -> Iterator[str]:
    """Return what there is to do about each kind, with the commands for it."""
    total = standing.total
    if standing.waiting:
        batches = counted(standing.batches, "batch", "batches")
        waiting = f"{batches} of {counted(standing.waiting, 'message')} in all are not finished."
        yield from folded(screen, waiting)
    for state, then in _THEN.items():
        if total[state]:
            yield from folded(screen, f"{total[state]:,} {state}. {then}")
            yield from _why(screen, standing, state)
    if total[IN_DOUBT]:
        yield from folded(screen, f"{counted_doubts(total[IN_DOUBT])}. To see and settle:")
        yield from offered(screen, program_command("doubts", *source.words))
    if total and not standing.is_going_on and len(source.words) == 1:  # a file, and no database
        yield from folded(
            screen,
            "If the run did not come to the end of its file, go on with the options that it was "
            "begun with:",
        )
        yield from offered(screen, program_command("resume", *resume_words(Path(source.words[0]))))
    if total:
        yield "All outcomes:"
        yield from offered(screen, program_command("export", *source.words, "-o", "outcomes.csv"))


_THEN = {
    "refused": "What you mend goes out with the next run of the file; --retry-refused tries "
    "again without a change. Why:",
    "not sent": "The next run of the file tries again. Why:",
}


def _why(screen: Console, standing: JournalStanding, state: str) -> Iterator[str]:
    told = 0
    for found in standing.reasons:
        if found.state == state:
            told += found.count
            which = "order" if found.count == 1 else "such as order"
            why = f"{reason_in_words(found.reason)}; {which} {found.order_id}"
            yield from folded(screen, f"  {found.count:,}: {why}", "    ")
    if told < standing.total[state]:
        yield f"  {standing.total[state] - told:,} for other reasons"
