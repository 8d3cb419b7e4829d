"""The findings as lines: a mark, the check's name and a sentence, and below it what to do.

On a terminal they are folded at its width; elsewhere each is one line, for who searches them.
"""

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from spapi_messaging.cli.doctor.findings import Finding, Mark
from spapi_messaging.cli.settings import shown, tell
from spapi_messaging.cli.words import counted

_STYLES = {Mark.GOOD: "green", Mark.ODD: "yellow", Mark.BAD: "bold red", Mark.LEFT: "dim"}


def show(screen: Console, finding: Finding) -> None:
    """Show one."""
    mark, line = finding.mark, f"{finding.name}: {finding.sentence}"
    if not screen.is_terminal:
        tell(screen, f"{mark.value} {line}")
        for advice in finding.advice:
            tell(screen, f"    - {advice}")
        return
    rows = _columns()
    rows.add_row(Text(mark.value, _STYLES[mark]), shown(line))
    for advice in finding.advice:
        bullet = _columns()
        bullet.add_row("-", shown(advice))
        rows.add_row("", bullet)
    screen.print(rows)


def sum_up(screen: Console, findings: Sequence[Finding]) -> bool:
    """Say in one line whether all is well."""
    bads = [finding.name for finding in findings if finding.mark is Mark.BAD]
    if bads:
        mark, line = Mark.BAD, f"{counted(len(bads), 'problem')}: {', '.join(dict.fromkeys(bads))}"
    else:
        is_odd = any(finding.mark is Mark.ODD for finding in findings)
        mark, line = Mark.GOOD, f"all is well{'; look at what is marked hm' if is_odd else ''}"
    screen.print(Text(line, _STYLES[mark]), soft_wrap=not screen.is_terminal)
    return not bads


def _columns() -> Table:
    grid = Table.grid(padding=(0, 1, 0, 0))
    grid.add_column()
    grid.add_column(overflow="fold")  # an ellipsis would stand for the end of a path
    return grid
