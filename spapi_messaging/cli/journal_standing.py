"""How a run stands, by what its journal has."""

from collections import Counter
from collections.abc import Sequence

import attrs

from spapi_messaging.bulk import Entry, InDoubt, ReasonCount, Times
from spapi_messaging.cli.words import OUTCOME_NAMES, state_name

IN_DOUBT, UNDER_WAY = OUTCOME_NAMES[InDoubt], "under way"


@attrs.frozen(kw_only=True)
class JournalStanding:
    """How a run stands, by what is written down.

    ``counts``: entries by operation and by what became of them, where what is in doubt is told
    apart from what is under way. ``is_going_on``: a run has it open. ``batches`` and ``waiting``:
    of a campaign, what is not finished, and the messages in it.
    """

    counts: Counter[tuple[str, str]]
    times: Times
    reasons: Sequence[ReasonCount]
    is_going_on: bool
    batches: int = 0
    waiting: int = 0

    @property
    def total(self) -> Counter[str]:
        """The entries by what became of them, over all operations."""
        total: Counter[str] = Counter()
        for (_, outcome), count in self.counts.items():
            total[outcome] += count
        return total


def standing_name(entry: Entry, moving_since: float | None) -> str:
    """Name what became of an entry as people do; of one that is under way, that it is.

    ``moving_since``: as a source tells it; None if no run is going on.
    """
    began: object = entry.began_at  # None where that is damaged
    is_moving = (
        moving_since is not None
        and entry.ended_at is None
        and isinstance(began, int | float)
        and began >= moving_since
    )
    name = state_name(entry.state)
    return UNDER_WAY if is_moving and name == IN_DOUBT else name


def by_outcome(
    counts: Counter[tuple[str, str]], under_way: Counter[str]
) -> Counter[tuple[str, str]]:
    """Name what became of entries as people do, with what is under way told apart."""
    told = Counter({(name, state_name(state)): count for (name, state), count in counts.items()})
    for name, count in under_way.items():
        moving = min(count, told[name, IN_DOUBT])  # more may have begun between two looks
        told[name, UNDER_WAY] += moving
        told[name, IN_DOUBT] -= moving
    return +told
