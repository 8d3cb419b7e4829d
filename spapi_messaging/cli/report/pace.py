"""What was sent over time and what was allowed, drawn and as figures.

The allowance is drawn where all that was sent is one action's. Of several actions, each with a
quota of its own, a table tells: a line beside their sum would be the allowance of none.
"""

from collections.abc import Sequence
from datetime import tzinfo
from functools import cached_property

import attrs

from spapi_messaging.cli.moments import clock, seconds
from spapi_messaging.cli.report import charts
from spapi_messaging.cli.report.allowance import Allowance
from spapi_messaging.cli.report.figures import SENT, Figures
from spapi_messaging.cli.report.formats import number, stretch
from spapi_messaging.cli.report.page import chart, colour, folded, legend, section, table
from spapi_messaging.cli.report.quota import quota
from spapi_messaging.cli.report.timeline import Span, Throughput
from spapi_messaging.cli.words import counted

_TITLE = "Messages sent over time"
_SPANS = {charts.NARROW: 30, charts.MIDDLE: 60, charts.WIDE: 120}
_CUTS = {charts.NARROW: 2, charts.MIDDLE: 3, charts.WIDE: 8}
"""As many pauses are bands at most."""
_PAUSES = 50


def pace(figures: Figures, allowance: Allowance, zone: tzinfo | None) -> str:
    """Show what was sent over time, with its pauses, and against what is allowed."""
    if not figures.departures:
        return section(_TITLE, name="pace", note="No message was sent.")
    return _Pace(figures, allowance, zone).section()


@attrs.define(slots=False)
class _Pace:
    figures: Figures
    allowance: Allowance
    zone: tzinfo | None

    @cached_property
    def throughputs(self) -> dict[int, Throughput]:
        found = {
            width: self.figures.throughput(spans=spans, max_cuts=_CUTS[width])
            for width, spans in _SPANS.items()
        }
        return {width: throughput for width, throughput in found.items() if throughput}

    @cached_property
    def widest(self) -> Throughput:
        return self.throughputs[charts.WIDE]

    @cached_property
    def sent(self) -> list[str]:
        """The actions of which something was sent, the most frequent first."""
        return [action for action, counts in self.figures.actions.items() if counts[SENT]]

    @cached_property
    def named(self) -> list[str]:
        """The actions with a colour of their own."""
        most = charts.ACTION_COLOURS
        return self.sent if len(self.sent) <= most else self.sent[: most - 1]

    def section(self) -> str:
        if len(self.widest.spans) == 1:
            return self._in_a_sentence()
        told = self._told()
        drawings = {width: self._drawn(each) for width, each in self.throughputs.items()}
        has_line = any(value is not None for value in drawings[charts.WIDE].allowed or ())
        keys = [(colour(f"action-{index}"), name) for index, name in enumerate(self._labels())]
        keys += [(colour("allowed"), "allowed at the most")] if has_line else []
        keys += [(colour("pause"), "pause")] if self.figures.pauses else []
        drawn = charts.throughput_chart(drawings, zone=self.zone, title=_TITLE, description=told)
        return section(
            _TITLE,
            legend(keys) if len(keys) > 1 else "",
            chart(drawn),
            self._table(),
            self._pauses(),
            quota(self.figures, self.allowance, self.widest),
            name="pace",
            note=told,
        )

    def _in_a_sentence(self) -> str:
        sent, span = self.figures.outcomes[SENT], self.widest.spans[0]
        at = clock(span.start, self.zone)
        within = f", within {seconds(span.end - span.start)}" if sent > 1 else ""
        was = "was" if sent == 1 else "were"
        note = f"{counted(sent, 'message')} {was} sent at {at}{within}."
        told = quota(self.figures, self.allowance, self.widest)
        return section(_TITLE, told, name="pace", note=note)

    def _labels(self) -> list[str]:
        over = len(self.sent) - len(self.named)
        return [*self.named, *([counted(over, "other action")] if over else [])]

    def _told(self) -> str:
        highest = max(span.total for span in self.widest.spans)
        told = f"{counted(highest, 'message')} in the busiest {stretch(self.widest.step)}."
        if self.figures.pauses:
            told += f" {counted(len(self.figures.pauses), 'pause')}, in which nothing happened."
        return told

    def _drawn(self, throughput: Throughput) -> charts.Drawn:
        spans = throughput.spans
        parts = [[span.counts[action] for span in spans] for action in self.named]
        if len(self.named) < len(self.sent):
            parts.append([sum(span.counts[each] for each in self._over) for span in spans])
        one = self.sent[0] if len(self.sent) == 1 else None
        allowed = self._allowed(one, spans) if one is not None else None
        return charts.Drawn(throughput=throughput, parts=parts, allowed=allowed)

    @property
    def _over(self) -> list[str]:
        return self.sent[len(self.named) :]

    def _allowed(self, action: str, spans: Sequence[Span]) -> list[float | None]:
        return self.allowance.in_spans(action, self.figures.departures, spans)

    def _table(self) -> str:
        labels = self._labels()
        columns = [("from", "h"), *((label, "n") for label in labels)]
        columns += [("all", "n")] if len(labels) > 1 else []
        return folded(
            "Show as a table",
            table(
                _TITLE,
                columns,
                map(self._row, self.widest.spans),
                caption=f"Each row is {seconds(self.widest.step)}, or less at the end.",
            ),
        )

    def _row(self, span: Span) -> list[str]:
        counts = [span.counts[action] for action in self.named]
        counts += [sum(span.counts[each] for each in self._over)] if self._over else []
        whole = [span.total] if len(counts) > 1 else []
        return [clock(span.start, self.zone), *map(number, (*counts, *whole))]

    def _pauses(self) -> str:
        found = self.figures.pauses
        if not found:
            return ""
        rows = (
            [clock(each.start, self.zone), clock(each.end, self.zone), seconds(each.length)]
            for each in found[:_PAUSES]
        )
        columns = [("from", "h"), ("until", "id"), ("length", "n")]
        shown = counted(len(found), "pause")
        caption = f"The first {_PAUSES}." if len(found) > _PAUSES else ""
        return folded(
            f"Show the {shown}" if len(found) > 1 else "Show the pause",
            table("Pauses", columns, rows, caption=caption),
        )
