"""A journal as one page to look at: no script, no network, nothing but the file itself.

The charts are matplotlib's (the extra ``report``). The page is made of a journal's entries, its
plans and ``now`` alone, so that the same journal gives the same page.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, tzinfo

import attrs

from spapi_messaging.bulk import Entry, Plan
from spapi_messaging.cli.journal_standing import UNDER_WAY
from spapi_messaging.cli.moments import clock, seconds, zone_name
from spapi_messaging.cli.report.figures import (
    IN_DOUBT,
    NOT_SENT,
    OUTCOMES,
    REFUSED,
    SENT,
    Figures,
    figures_of,
)
from spapi_messaging.cli.report.formats import number, share
from spapi_messaging.cli.report.listings import listing
from spapi_messaging.cli.report.next_steps import Commands, doubts_alert, loss_alert, next_steps
from spapi_messaging.cli.report.page import command, in_columns, page, section, text, tile
from spapi_messaging.cli.words import counted

_DEFAULT_BURST = 5
"""Amazon's, of every message."""
_SECONDS_COUNT = 600.0
"""A run that is shorter is told with its seconds."""


@attrs.frozen(kw_only=True)
class Report:
    """What a page is made of, beside the entries.

    ``rate`` and ``burst``: the plan of what has none in the journal, requests a second and at
    once. ``zone``: that of all times, None for this machine's. ``now`` is aware. ``loss`` says
    what is missing of the journal. ``is_in_use``: a run has it open; what began after
    ``moving_since`` may be under way, and is no doubt yet.
    """

    title: str
    now: datetime = attrs.field()
    commands: Commands
    plans: Sequence[Plan] = ()
    rate: float | None = None
    burst: int = _DEFAULT_BURST
    zone: tzinfo | None = None
    loss: str | None = None
    is_in_use: bool = False
    moving_since: float | None = None

    @now.validator
    def _check_now(self, _: "attrs.Attribute[datetime]", now: datetime) -> None:
        if now.tzinfo is None:
            raise ValueError("now has no time zone: datetime.now(UTC) has one")


def render_report(entries: Iterable[Entry], report: Report) -> str:
    """Make the page of a journal's entries, as HTML.

    Raises ModuleNotFoundError without the extra ``report``.
    """
    from spapi_messaging.cli.report import sections
    from spapi_messaging.cli.report.allowance import Allowance
    from spapi_messaging.cli.report.pace import pace

    figures = figures_of(entries, moving_since=report.moving_since)
    is_going_on = report.is_in_use or figures.outcomes[UNDER_WAY] > 0
    doubts = doubts_alert(figures, report.commands, is_going_on=is_going_on)
    alerts = [loss_alert(report.loss), doubts]
    if not figures.total:
        parts = [_header(figures, report, is_going_on), *alerts, _empty(), _footer(figures, report)]
        return page(report.title, parts)
    allowance = Allowance.of(report.plans, rate=report.rate, burst=report.burst)
    listings = (
        listing(figures, outcome, zone=report.zone, export=report.commands.export)
        for outcome in (IN_DOUBT, REFUSED, NOT_SENT)
    )
    return page(
        report.title,
        [
            _header(figures, report, is_going_on),
            *alerts,
            _tiles(figures),
            next_steps(figures, report.commands, is_going_on=is_going_on),
            pace(figures, allowance, report.zone),
            in_columns(sections.cards(figures)),
            sections.sellers(figures),
            *listings,
            _footer(figures, report),
        ],
    )


def _header(figures: Figures, report: Report, is_going_on: bool) -> str:
    zone, moving = report.zone, figures.outcomes[UNDER_WAY]
    told = "There are no messages in this journal yet."
    if figures.total:
        told = f"{number(figures.outcomes[SENT])} of {counted(figures.total, 'message')} sent"
        told += f", {number(moving)} under way" if moving else ""
    if figures.began is not None and figures.ended is not None:
        began, ended = (
            clock(moment, zone, "%Y-%m-%d %H:%M:%S") for moment in (figures.began, figures.ended)
        )
        is_short = figures.ended - figures.began < _SECONDS_COUNT
        if not is_short:
            began, ended = began[:-3], ended[:-3]
        until = ended[11:] if ended[:10] == began[:10] else ended
        told += f" · {began}{'' if began == ended else f' to {until}'}"
        told += f" ({_zone(figures, zone)})"
    lines = [told]
    if is_going_on:
        at = clock(report.now.timestamp(), zone, "%H:%M:%S")
        lines.append(f"A run is going on. This is how it stood at {at}.")
    shown = "\n".join(f"<p>{text(line, 200)}</p>" for line in lines)
    return f"<header>\n<h1>{text(report.title, 200)}</h1>\n{shown}\n</header>"


def _zone(figures: Figures, zone: tzinfo | None) -> str:
    """Name the zone, or both where the clocks were changed meanwhile."""
    moments = [at for at in (figures.began, figures.ended) if at is not None]
    return " to ".join(dict.fromkeys(zone_name(at, zone) for at in moments))


def _empty() -> str:
    return section("Nothing to show", name="empty", note="A run that uses this journal fills it.")


def _footer(figures: Figures, report: Report) -> str:
    now, zone = report.now.timestamp(), report.zone
    made = f"{clock(now, zone, '%Y-%m-%d %H:%M')} ({zone_name(now, zone)})"
    times = ""
    if figures.began is not None:
        times = (
            f"<p>Times are those of {text(_zone(figures, zone))}; another zone: "
            f"{command('--time-zone Europe/Berlin')}.</p>"
        )
    return (
        f"<footer><p>Made by spapi-messaging on {text(made)}. "
        "<b>Sent</b>: Amazon accepted the message. <b>Refused</b>: it was turned down, and would "
        "be again. <b>Not sent</b>: the buyer has nothing, for a reason that may pass. "
        f"<b>In doubt</b>: nobody knows.</p>{times}</footer>"
    )


def _tiles(figures: Figures) -> str:
    counts = [
        tile(
            outcome.capitalize(),
            number(figures.outcomes[outcome]),
            f"of {number(figures.total)}"
            if outcome == SENT
            else share(figures.outcomes[outcome], figures.total),
            outcome=outcome,
        )
        for outcome in OUTCOMES
    ]
    duration = figures.duration
    pause = f"and {seconds(figures.paused)} of pauses" if figures.paused else "first to last"
    took = tile("Time taken", "—" if duration is None else seconds(duration), pause)
    return '<dl class="tiles">\n' + "\n".join([*counts, took, _speed(figures)]) + "\n</dl>"


def _speed(figures: Figures) -> str:
    """Show the mean; of less than a second there is none."""
    per_minute = figures.per_minute
    if per_minute is not None:
        return tile("Speed", number(per_minute), "sent a minute, on average")
    if figures.duration is not None and figures.duration >= 1:
        mean = figures.outcomes[SENT] / figures.duration
        return tile("Speed", number(mean), "sent a second, on average")
    return tile("Speed", "—", "too short to say")
