"""The kinds of outcomes as a person sees them: the same order and colour in bar and table."""

from collections.abc import Iterator, Mapping

import attrs

from spapi_messaging.bulk import InDoubt, NotSent, Outcome, Refused, Sent, Skipped
from spapi_messaging.cli.words import OUTCOME_NAMES


@attrs.frozen
class Kind:
    """A kind of outcome; ``key``: its name in a summary, ``short``: where there is little room."""

    key: str
    name: str
    short: str
    style: str


def _kind(outcome: type[Outcome], short: str, style: str) -> Kind:
    return Kind(outcome.__name__, OUTCOME_NAMES[outcome], short, style)


# The colours are the terminal's own sixteen, which suit its background.
SENT = _kind(Sent, "sent", "green")
KINDS = (
    SENT,
    _kind(Skipped, "skip", "cyan"),
    _kind(Refused, "ref.", "red"),
    _kind(NotSent, "unsent", "yellow"),
    _kind(InDoubt, "doubt", "magenta"),
)


def counted(counts: Mapping[str, int]) -> Iterator[tuple[Kind, int]]:
    """Return the kinds that there are, with their numbers."""
    for kind in KINDS:
        if counts.get(kind.key):
            yield kind, counts[kind.key]


def kind_of(outcome: Outcome) -> Kind:
    """Return the kind of an outcome."""
    return next(kind for kind in KINDS if kind.key == type(outcome).__name__)
