"""The bar of a run: as wide as its line, a piece for each kind of outcome, the rest to come."""

from collections.abc import Mapping

import attrs
from rich.console import Console, ConsoleOptions, RenderResult
from rich.measure import Measurement
from rich.progress import ProgressColumn, Task
from rich.segment import Segment
from rich.style import Style

from spapi_messaging.cli.view.kinds import counted

_DONE, _OPEN = "━", "━"
_OPEN_COLOURLESS = "─"
_ASCII = ("#", "-")
_OPEN_STYLE = "bright_black"


class OutcomeColumn(ProgressColumn):
    """The column of a Progress whose tasks have the field ``counts``: outcomes by name."""

    def render(self, task: Task) -> "OutcomeBar":
        """Return the bar of a task."""
        return OutcomeBar(task.fields["counts"], total=round(task.total or 0))


@attrs.frozen
class OutcomeBar:
    """A bar of outcomes by name; none is so few that its piece is not seen."""

    counts: Mapping[str, int]
    total: int = attrs.field(kw_only=True)

    def __rich_measure__(self, _: Console, options: ConsoleOptions) -> Measurement:
        return Measurement(1, options.max_width)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        pieces = self.pieces(options.max_width)
        has_colours = console.color_system is not None and not console.no_color
        done, still_open = (
            _ASCII if options.ascii_only else (_DONE, _OPEN if has_colours else _OPEN_COLOURLESS)
        )
        for kind, _ in counted(self.counts):
            yield Segment(done * pieces[kind.key], Style.parse(kind.style))
        rest = options.max_width - sum(pieces.values())
        yield Segment(still_open * rest, Style.parse(_OPEN_STYLE))

    def pieces(self, width: int) -> dict[str, int]:
        """Return how many columns each kind takes; all of them only when all is done."""
        counts = {kind.key: count for kind, count in counted(self.counts)}
        done = sum(counts.values())
        if not done:
            return {}
        filled = width if done >= self.total else min(width * done // self.total, width - 1)
        shared = max(filled - len(counts), 0)
        pieces = {key: 1 + shared * count // done for key, count in counts.items()}
        pieces[max(counts, key=counts.__getitem__)] += shared + len(counts) - sum(pieces.values())
        return pieces
