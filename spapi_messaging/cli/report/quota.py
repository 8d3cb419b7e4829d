"""What was sent beside what each operation's plan allowed, in figures."""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import chain

import attrs

from spapi_messaging.cli.report.allowance import ASKING, Allowance
from spapi_messaging.cli.report.figures import SENT, Figures
from spapi_messaging.cli.report.formats import a_second, number, stretch
from spapi_messaging.cli.report.page import command, table, text
from spapi_messaging.cli.report.timeline import Span, Throughput, counts_of

_TITLE = "What the quota allowed"
_NOTE = (
    "The quota as it was configured, or as Amazon announced it if that was more. In a stretch of "
    "time may be sent what the rate gives in it, and what of the burst was saved up before."
)
_OVER_NOTE = (
    " A seller that sent more than its own quota gives has a line of its own, with the stretch"
    " in which it went furthest beyond."
)
_ASKING_NOTE = " Each order is asked before its message, which has a quota of its own."
_SELLERS = 5
"""That are named of an action, those first that went furthest beyond."""
_SLACK, _STRAY = 1.1, 2
"""The journal's times are a little beside the limiter's: no honest seller may be named."""


def quota(figures: Figures, allowance: Allowance, throughput: Throughput) -> str:
    """Compare each action with its plan, where that is known."""
    measured = _Quota(figures, allowance, throughput)
    rows, over = list(measured.rows()), list(measured.sellers_beyond())
    if not rows and not over:
        given = f"{command('--rate')} and {command('--burst')}"
        return (
            '<p class="note">What the quota allowed is not in this journal. With '
            f"{given} the report compares with a quota that you know.</p>"
        )
    unit = f"busiest {stretch(throughput.step)}"
    columns = [("action", "h"), ("quota", "text"), (unit, "n"), ("whole run", "n")]
    note = _NOTE + (_OVER_NOTE if over else "")
    note += _ASKING_NOTE if any(name == ASKING for name, _ in allowance.plans) else ""
    return f'<h3>{_TITLE}</h3>\n<p class="note">{text(note, 500)}</p>\n' + table(
        _TITLE, columns, [*rows, *over]
    )


@attrs.frozen
class _Quota:
    figures: Figures
    allowance: Allowance
    throughput: Throughput

    def rows(self) -> Iterator[list[str]]:
        for action, counts in self.figures.actions.items():
            sellers = [seller for name, seller in self.figures.departures if name == action]
            if counts[SENT] and (plan := self._plan(action, sellers)):
                yield [action, plan, self._busiest(action), self._whole(action)]
        asking = [seller for name, seller in self.allowance.plans if name == ASKING]
        if asking:
            yield ["asking orders", self._plan(ASKING, asking), "", ""]

    def sellers_beyond(self) -> Iterator[list[str]]:
        """Make a row of each seller that idle ones would hide: its sum with theirs is honest."""
        for action in self.figures.actions:
            sellers = [seller for name, seller in self.figures.departures if name == action]
            found = [] if len(sellers) == 1 else [self._worst(action, each) for each in sellers]
            beyond = sorted(filter(None, found), key=lambda each: -each.sent / each.most)
            for each in beyond[:_SELLERS]:
                plan = self._plan(action, [each.seller])
                yield [f"{action}, {each.seller}", plan, _of(each.sent, each.most), ""]

    def _worst(self, action: str, seller: str) -> "_Beyond | None":
        spans = self.throughput.spans
        counts = counts_of(self.figures.departures[action, seller], spans)
        allowed = self.allowance.of_seller(action, seller, counts, spans)
        beyond = [
            _Beyond(seller, sent, most)
            for sent, most in zip(counts, allowed, strict=True)
            if most and sent > most * _SLACK + _STRAY
        ]
        return max(beyond, key=lambda each: each.sent / each.most, default=None)

    def _plan(self, action: str, sellers: Sequence[str]) -> str:
        plans = self.allowance.of_action(action, sellers)
        if not plans:
            return ""
        kinds = {(plan.rate, plan.burst) for plan in plans}
        each = f", for each of {number(len(sellers))} sellers" if len(sellers) > 1 else ""
        if len(kinds) > 1:
            rates = [plan.rate for plan in plans]
            return f"{a_second(min(rates))} to {a_second(max(rates))}{each}"
        rate, burst = kinds.pop()
        return f"{a_second(rate)}, {number(burst)} at once{each}"

    def _busiest(self, action: str) -> str:
        spans = self.throughput.spans
        allowed = self.allowance.in_spans(action, self.figures.departures, spans)
        known = [
            (span.counts[action], most)
            for span, most in zip(spans, allowed, strict=True)
            if most is not None
        ]
        if not known:
            return "unknown"
        sent, most = max(known, key=lambda pair: (pair[0], -pair[1]))
        return _of(sent, most)

    def _whole(self, action: str) -> str:
        spans = [
            Span(start=each.start, end=each.end, counts=Counter())
            for each in self.throughput.stretches
        ]
        allowed = self.allowance.in_spans(action, self.figures.departures, spans)
        if any(
            most is None and sent
            for most, sent in zip(allowed, self._sent(action, spans), strict=True)
        ):
            return "unknown"
        return _of(self.figures.actions[action][SENT], sum(most or 0 for most in allowed))

    def _sent(self, action: str, spans: Sequence[Span]) -> list[int]:
        moments = [at for name, at in self.figures.departures.items() if name[0] == action]
        return counts_of(sorted(chain(*moments)), spans)


@attrs.frozen
class _Beyond:
    """The stretch in which a seller went furthest beyond its own plan."""

    seller: str
    sent: int
    most: float


def _of(sent: int, allowed: float) -> str:
    return f"{number(sent)} of {number(allowed)}"
