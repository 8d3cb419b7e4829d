"""What a benchmark gives: rows of a table, each with its reference, its spread and its goal."""

import statistics
from collections.abc import Iterable, Sequence
from pathlib import Path

import attrs


@attrs.frozen(kw_only=True)
class Options:
    """How to measure: quickly or well, and where peers are installed."""

    quick: bool
    cache: Path


@attrs.frozen(kw_only=True)
class Row:
    """One figure: ours, what it is held against, and whether the goal is met.

    ``met`` is None where there is no goal, or nothing was measured.
    """

    what: str
    ours: str
    reference: str = ""
    ratio: str = ""
    goal: str = ""
    met: bool | None = None


@attrs.frozen
class Ratio:
    """The median of paired ratios, with its quartiles."""

    middle: float
    low: float
    high: float
    pairs: int

    @classmethod
    def of(cls, pairs: Iterable[tuple[float, float]]) -> "Ratio":
        """Take the ratio of each pair, and their median."""
        ratios = [ours / theirs for ours, theirs in pairs]
        low, middle, high = statistics.quantiles(ratios, n=4)
        return cls(middle, low, high, len(ratios))

    def __str__(self) -> str:
        return f"{self.middle:.2f} ({self.low:.2f}–{self.high:.2f}, {self.pairs} pairs)"


def median(values: Iterable[float]) -> float:
    """Return the median."""
    return statistics.median(values)


def verdict(*, met: bool | None) -> str:
    """Say whether a goal is met."""
    return {True: "met", False: "missed", None: ""}[met]


COLUMNS = ("figure", "ours", "reference", "ratio", "goal", "")


def cells(rows: Sequence[Row]) -> list[tuple[str, ...]]:
    """Return the table as text."""
    return [
        (row.what, row.ours, row.reference, row.ratio, row.goal, verdict(met=row.met))
        for row in rows
    ]


def as_text(rows: Sequence[Row]) -> str:
    """Return the table for a terminal."""
    table = [COLUMNS, *cells(rows)]
    widths = [max(len(line[column]) for line in table) for column in range(len(COLUMNS))]
    lines = ("  ".join(map(str.ljust, line, widths)).rstrip() for line in table)
    return "\n".join(lines)


def as_markdown(rows: Sequence[Row]) -> str:
    """Return the table for a README."""
    table = [COLUMNS, ("---",) * len(COLUMNS), *cells(rows)]
    escaped = ([cell.replace("|", r"\|") for cell in line] for line in table)
    return "\n".join(f"| {' | '.join(line)} |" for line in escaped)
