"""A journal as one page to look at: no script, no network, nothing but the file itself.

The charts are matplotlib's (the extra ``report``). The page is made of a journal's entries and
``now`` alone, so that the same journal gives the same page.
"""

from collections.abc import Iterable
from datetime import datetime

from spapi_messaging.bulk import Entry
from spapi_messaging.cli.report.figures import (
    IN_DOUBT,
    OUTCOMES,
    Figures,
    figures_of,
)
from spapi_messaging.cli.report.formats import clock, number, seconds, share
from spapi_messaging.cli.report.page import in_columns, page, section, text, tile


def render_report(
    entries: Iterable[Entry], *, title: str, rate: float | None, now: datetime
) -> str:
    """Make the page of a journal's entries, as HTML.

    ``rate``: messages a second that all quotas together allow, None if it is not known.
    ``now`` is aware; its time zone is that of all times on the page. Raises
    ModuleNotFoundError without the extra ``report``.
    """
    if now.tzinfo is None:
        raise ValueError("now has no time zone: datetime.now().astimezone() has one")
    from spapi_messaging.cli.report import sections

    figures = figures_of(entries)
    if not figures.total:
        return page(title, [_header(title, figures, now), _empty(), _footer(now)])
    return page(
        title,
        [
            _header(title, figures, now),
            _alert(figures),
            _tiles(figures, rate),
            sections.throughput(figures, rate, now.tzinfo),
            in_columns(sections.cards(figures)),
            sections.sellers(figures),
            sections.doubts(figures, now.tzinfo),
            _footer(now),
        ],
    )


def _header(title: str, figures: Figures, now: datetime) -> str:
    told = "There are no messages in this journal yet."
    if figures.total:
        told = f"{number(figures.total)} {_messages(figures.total)}"
    if figures.began is not None and figures.ended is not None:
        began = clock(figures.began, now.tzinfo, "%Y-%m-%d %H:%M")
        same_day = clock(figures.ended, now.tzinfo, "%Y-%m-%d") == began[:10]
        ended = clock(figures.ended, now.tzinfo, "%H:%M" if same_day else "%Y-%m-%d %H:%M")
        until = "" if began.endswith(ended) else f" to {ended}"
        told += f", {began}{until} ({now.tzname() or 'local time'})"
    return f"<header>\n<h1>{text(title, 200)}</h1>\n<p>{text(told)}</p>\n</header>"


def _empty() -> str:
    return section("Nothing to show", name="empty", note="A run that uses this journal fills it.")


def _footer(now: datetime) -> str:
    made = now.strftime("%Y-%m-%d %H:%M")
    return (
        f"<footer><p>Made by spapi-messaging on {made} {text(now.tzname() or '')}. "
        "<b>Sent</b>: Amazon accepted the message. <b>Refused</b>: it was turned down, and would "
        "be again. <b>Not sent</b>: the buyer has nothing, for a reason that may pass. "
        "<b>In doubt</b>: nobody knows.</p></footer>"
    )


def _alert(figures: Figures) -> str:
    doubts = figures.outcomes[IN_DOUBT]
    if not doubts:
        return ""
    told = "1 message is" if doubts == 1 else f"{number(doubts)} messages are"
    return (
        f'<p class="alert" role="note"><strong>{told} in doubt.</strong> No answer came: the buyer '
        "may have the message or not, and it is never sent again by itself. "
        '<a href="#doubts">See which</a>, and settle each with '
        "<code>spapi-messaging doubts</code>.</p>"
    )


def _tiles(figures: Figures, rate: float | None) -> str:
    counted = [
        tile(
            outcome.capitalize(),
            number(figures.outcomes[outcome]),
            share(figures.outcomes[outcome], figures.total),
            outcome=outcome,
        )
        for outcome in OUTCOMES
    ]
    duration, throughput = figures.duration, figures.per_minute
    pause = f"and {seconds(figures.paused)} of pauses" if figures.paused else "first to last"
    allowed = f"of {number(rate * 60)} allowed" if rate is not None else "sent, on average"
    return (
        '<dl class="tiles">\n'
        + "\n".join(counted)
        + tile("Duration", "—" if duration is None else seconds(duration), pause)
        + tile("Per minute", "—" if throughput is None else number(throughput), allowed)
        + "\n</dl>"
    )


def _messages(count: int) -> str:
    return "message" if count == 1 else "messages"
