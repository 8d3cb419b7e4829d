"""The report's page, piece by piece: texts are escaped where they become HTML, once."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from html import escape
from importlib.resources import files

from spapi_messaging.cli.report.figures import IN_DOUBT, NOT_SENT, REFUSED, SENT, STANDINGS
from spapi_messaging.cli.report.formats import number
from spapi_messaging.redaction import clipped

_MARKS = {SENT: "✓", REFUSED: "✕", NOT_SENT: "\N{MINUS SIGN}", IN_DOUBT: "?"}
"""A sign for each outcome, for readers to whom its colour tells nothing."""
_MAX_DIGITS = 8
"""As many as fit into a tile; a longer figure is written smaller."""
_CAPITAL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
"""A browser loads nothing and runs nothing for this page, whatever a journal may hold."""


def page(title: str, parts: Iterable[str]) -> str:
    """Put the whole document together."""
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n'
        '<meta name="referrer" content="no-referrer">\n'
        '<link rel="icon" href="data:,">\n'
        f"<title>{text(title, 200)}</title>\n<style>\n{_style()}</style>\n</head>\n<body>\n<main>\n"
        + "\n".join(part for part in parts if part)
        + "\n</main>\n</body>\n</html>\n"
    )


def text(value: str, most: int = 100) -> str:
    """Escape what a journal or a user says, in one line of a bounded length."""
    return escape(clipped(value, most))


def tile(label: str, figure: str, aside: str, *, outcome: str | None = None) -> str:
    """Show a headline figure, with the mark of its outcome if it has one."""
    long = " long" if len(figure) > _MAX_DIGITS else ""
    sign = mark(outcome) if outcome else ""
    return (
        f'<div><dt>{sign}{escape(label)}</dt><dd class="figure{long}">{escape(figure)}</dd>'
        f'<dd class="aside">{escape(aside)}</dd></div>'
    )


def mark(outcome: str) -> str:
    """Return the sign and colour of an outcome, which stand beside its name."""
    name = outcome.replace(" ", "-")
    return f'<span class="mark {name}" aria-hidden="true">{_MARKS[outcome]}</span>'


def legend(items: Iterable[tuple[str, str]]) -> str:
    """Name the colours of a chart: each a mark and a text."""
    listed = "".join(f"<li>{sign} {text(name)}</li>" for sign, name in items)
    return f'<ul class="legend">{listed}</ul>'


def colour(name: str) -> str:
    """Return a patch as an action or a pause has it, or a line as that of what was allowed."""
    return f'<span class="key {name}" aria-hidden="true"></span>'


def command(words: str) -> str:
    """Show a command line that runs as it stands."""
    shown = " ".join(map(_unbroken, clipped(words, 1000).split(" ")))
    return f"<code>{shown}</code>"


def _unbroken(word: str) -> str:
    """Keep an option in one line: a browser would part it at its hyphens."""
    return f"<span>{escape(word)}</span>" if word.startswith("-") else escape(word)


def section(title: str, *parts: str, name: str, note: str = "") -> str:
    """Frame a part of the report under its heading; ``note`` is a line of plain text."""
    told = f'<p class="note">{escape(note)}</p>\n' if note else ""
    body = "\n".join(part for part in parts if part)
    return (
        f'<section id="{name}" aria-labelledby="{name}-h">\n<h2 id="{name}-h">{escape(title)}</h2>'
        f"\n{told}{body}\n</section>"
    )


def in_columns(cards: Iterable[tuple[int, str]]) -> str:
    """Put cards of about so many pixels' height into two columns, each into the shorter one."""
    heights = [0, 0]
    columns: tuple[list[str], list[str]] = ([], [])
    for height, card in cards:
        shorter = heights.index(min(heights))
        heights[shorter] += height
        columns[shorter].append(card)
    inner = (f'<div class="column">\n{"".join(column)}\n</div>' for column in columns)
    return f'<div class="pair">\n{"".join(inner)}\n</div>'


def chart(drawings: str) -> str:
    """Frame a chart's drawings, of which the page shows the one that fits."""
    return f'<div class="chart">\n{drawings}\n</div>'


def table(
    name: str,
    columns: Sequence[tuple[str, str]],
    rows: Iterable[Sequence[str]],
    *,
    caption: str = "",
    style: str = "",
) -> str:
    """Show rows under columns of a name and a kind: n(umber), id, name, text; h heads its row."""
    head = "".join(
        f'<th scope="col" class="{kind}">{_breakable(label)}</th>' for label, kind in columns
    )
    body = "\n".join(
        "<tr>"
        + "".join(_cell(kind, value) for (_, kind), value in zip(columns, row, strict=True))
        + "</tr>"
        for row in rows
    )
    told = f"<caption>{escape(caption)}</caption>" if caption else ""
    return (
        f'<div class="scroll" role="region" aria-label="Table: {text(name, 200)}" tabindex="0">'
        f'<table class="{style}">{told}<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody>'
        "</table></div>"
    )


def folded(summary: str, content: str, *, is_open: bool = False) -> str:
    """Hide what is long, or stands behind a chart, until it is asked for."""
    shown = " open" if is_open else ""
    return f"<details{shown}><summary>{escape(summary)}</summary>{content}</details>"


def outcome_table(name: str, first: str, counted: Mapping[str, Counter[str]]) -> str:
    """Make a table that counts the outcomes there are, a row for each of ``counted``."""
    present = [each for each in STANDINGS if any(counts[each] for counts in counted.values())]
    columns = [(first, "h"), *((outcome, "n") for outcome in present), ("all", "n")]
    rows = []
    for label, counts in counted.items():
        figures = [counts[outcome] for outcome in present]
        rows.append([label, *(number(figure) for figure in (*figures, sum(figures)))])
    return table(name, columns, rows)


def _cell(kind: str, value: str) -> str:
    if kind == "h":
        return f'<th scope="row">{_breakable(value)}</th>'
    told = text(value) if kind == "id" else _breakable(value)
    return f'<td class="{kind}">{told}</td>'


def _breakable(value: str) -> str:
    # confirmCustomizationDetails may be parted where it has a capital, and nowhere else.
    return _CAPITAL.sub("<wbr>", text(value))


@cache
def _style() -> str:
    return files("spapi_messaging.cli.report").joinpath("report.css").read_text("utf-8")
