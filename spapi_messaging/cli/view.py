"""How a run is shown while it goes on: live on a terminal, lines elsewhere, JSON on demand.

A view that fails is told of once, and the run goes on without it.
"""

import json
import sys
from collections import Counter, deque
from collections.abc import Callable
from datetime import timedelta
from typing import Protocol, Self

import attrs
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from spapi_messaging.bulk import Outcome, Sent, Skipped, Summary
from spapi_messaging.cli.settings import DONE, IN_DOUBT, REFUSED, say, tell, tell_fault
from spapi_messaging.cli.words import OUTCOME_NAMES, action_name, reason_of
from spapi_messaging.redaction import printable

_LAST = 5
_REMEMBERED = 1000
"""Lines that are told once, however often they come; those that name an order come once anyway."""


class View(Protocol):
    """Shows a run."""

    def __enter__(self) -> Self:
        """Begin to show."""
        ...

    def __exit__(self, *_: object) -> None:
        """Show how it ended."""
        ...

    def see(self, outcome: Outcome) -> None:
        """Show an outcome."""
        ...

    def redraw(self) -> None:
        """Show how the run stands now."""
        ...


def view_for(
    console: Console, summary: Callable[[], Summary], *, total: int, as_json: bool
) -> View:
    """Choose how a run is shown."""
    if as_json:
        return SteadyView(JsonView())
    kind = LiveView if console.is_terminal else LineView
    return SteadyView(kind(console, summary, total))


def exit_code(summary: Summary) -> int:
    """Return the exit code of a run that came to its end."""
    total = summary.total
    if total.get("InDoubt"):
        return IN_DOUBT
    # What an earlier run refused is no success of this one.
    refused = total.get("Refused") or total.get("NotSent") or summary.skipped.get("refused")
    return REFUSED if refused else DONE


@attrs.define
class SteadyView:
    """Shows a run by another view, for as long as that works."""

    view: View
    _is_broken: bool = attrs.field(default=False, init=False)

    def __enter__(self) -> Self:
        self._try(self.view.__enter__)
        return self

    def __exit__(self, *how: object) -> None:
        self._try(self.view.__exit__, *how)

    def see(self, outcome: Outcome) -> None:
        """Show an outcome."""
        self._try(self.view.see, outcome)

    def redraw(self) -> None:
        """Show how the run stands now."""
        self._try(self.view.redraw)

    def _try(self, show: Callable[..., object], *about: object) -> None:
        if self._is_broken:
            return
        try:
            show(*about)
        except Exception as error:  # noqa: BLE001  # messages go out; no screen is worth a doubt
            self._is_broken = True
            tell_fault(error)
            say("the run goes on, and is not shown")


def json_line(
    said: dict[str, object], outcome: Outcome, more: dict[str, object]
) -> dict[str, object]:
    """Return what is ``said`` of a job, which job it is, ``more``, and why one was skipped."""
    job = outcome.job
    line = said | {
        "order_id": job.order_id,
        "action": job.message.segment,
        "seller": job.seller,
        "key": job.key,
    }
    if isinstance(outcome, Skipped):
        more = more | {"state": outcome.state, "changed": outcome.changed}
    return line | more


def print_json(line: dict[str, object]) -> None:
    """Write an object as a line of its own."""
    # DEL is the one control that JSON need not escape.
    print(json.dumps(line).replace("\x7f", "\\u007f"), flush=True)


class JsonView:
    """One JSON object a line on standard output, and nothing else there."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        sys.stdout.flush()

    def see(self, outcome: Outcome) -> None:
        """Write an outcome."""
        more: dict[str, object] = {}
        if isinstance(outcome, Sent):
            more["request_id"] = outcome.receipt.request_id
            more["sent_at"] = outcome.receipt.sent_at.isoformat()
            more["language"] = outcome.receipt.language
        else:
            more["reason"] = reason_of(outcome)
        print_json(json_line({"outcome": OUTCOME_NAMES[type(outcome)]}, outcome, more))

    def redraw(self) -> None:
        """Do nothing: there are only outcomes."""


@attrs.define
class LineView:
    """A line for each message that was not sent, and one for every hundredth outcome.

    What stops a seller is the same for all of his messages, and is told once, with their number.
    """

    console: Console
    summary: Callable[[], Summary]
    total: int
    _seen: int = 0
    _told: Counter[str] = attrs.field(factory=Counter, init=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for line, times in self._told.items():
            if times > 1:
                self._print(f"{times - 1} more {line}")
        self._print(_headline(self.summary(), self.total))
        for operation, *counts, rate in _rows(self.summary()):
            named = zip(counts, OUTCOME_NAMES.values(), strict=True)
            told = ", ".join(f"{count} {name}" for count, name in named if count != "-")
            self._print(f"{operation}: {told}{'' if rate == '-' else f'; {rate} a second'}")

    def see(self, outcome: Outcome) -> None:
        """Write a line where it is worth one."""
        self._seen += 1
        if not isinstance(outcome, Sent | Skipped):
            line = f"{OUTCOME_NAMES[type(outcome)]}: {reason_of(outcome)}"
            if line not in self._told:
                self._print(line)
            if line in self._told or len(self._told) < _REMEMBERED:
                self._told[line] += 1
        if self._seen % 100 == 0:
            self._print(_headline(self.summary(), self.total))

    def redraw(self) -> None:
        """Do nothing: lines stay as they are."""

    def _print(self, line: str) -> None:
        tell(self.console, line)


class LiveView:
    """Progress, rates, outcomes by action and the last refusals, redrawn in place."""

    def __init__(self, console: Console, summary: Callable[[], Summary], total: int) -> None:
        self._summary = summary
        self._total = total
        self._last: deque[str] = deque(maxlen=_LAST)
        # Redrawn by the run's own loop: rich's thread would read counts while they change.
        self._live = Live(get_renderable=self._drawn, console=console, auto_refresh=False)

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._live.refresh()
        self._live.stop()

    def see(self, outcome: Outcome) -> None:
        """Remember what went wrong last."""
        if not isinstance(outcome, Sent | Skipped):
            line = printable(f"{OUTCOME_NAMES[type(outcome)]}: {reason_of(outcome)}")
            if line not in self._last:
                self._last.append(line)

    def redraw(self) -> None:
        """Draw the run as it stands."""
        self._live.refresh()

    def _drawn(self) -> RenderableType:
        summary = self._summary()
        done = sum(summary.total.values())
        table = Table(box=None, padding=(0, 2, 0, 0))
        for column in ("action", *OUTCOME_NAMES.values(), "per second"):
            table.add_column(column, justify="left" if column == "action" else "right")
        for row in _rows(summary):
            table.add_row(*row)
        parts: list[RenderableType] = [
            Text(_headline(summary, self._total)),
            ProgressBar(total=max(self._total, 1), completed=done, width=60),
            table,
        ]
        parts += [
            Text(line, style="yellow", overflow="ellipsis", no_wrap=True) for line in self._last
        ]
        return Group(*parts)


def _headline(summary: Summary, total: int) -> str:
    done = sum(summary.total.values())
    rate = sum(summary.rates.values())
    left = summary.seconds_left
    if left is None and done:
        left = (total - done) * summary.elapsed / done
    unknown = left is None or done >= total
    time_left = "" if unknown else f", {timedelta(seconds=round(left or 0))} left"
    speed = f", {rate:.2f} sent a second" if not done or summary.total.get("Sent") else ""
    before = summary.skipped.get("sent")
    return f"{done} of {total}{speed}{f', {before} sent before' if before else ''}{time_left}"


def _rows(summary: Summary) -> list[tuple[str, ...]]:
    rows = []
    for operation, counts in sorted(summary.counts.items()):
        rate = summary.rates.get(operation)
        allowed = summary.allowed.get(operation)
        rows.append(
            (
                action_name(operation),
                *(str(counts.get(kind.__name__, 0) or "-") for kind in OUTCOME_NAMES),
                f"{rate:.2f} of {allowed:.2f}" if rate and allowed else "-",
            )
        )
    return rows
