"""What a check found: a mark, a sentence, and what to do."""

from enum import Enum

import attrs


class Mark(Enum):
    """How a check ended, as three letters; only ``BAD`` is a problem."""

    GOOD = "ok "
    ODD = "hm "
    """It may well be meant so."""
    BAD = "BAD"
    LEFT = "-- "
    """It was not checked, or is missed by nobody who does not use it."""


@attrs.frozen
class Finding:
    """What one check found; ``advice``: what to do, one sentence each."""

    mark: Mark
    name: str
    sentence: str
    advice: tuple[str, ...] = ()


def good(name: str, sentence: str) -> Finding:
    """Return that of a check that found nothing to do."""
    return Finding(Mark.GOOD, name, sentence)


def odd(name: str, sentence: str, *advice: str) -> Finding:
    """Return that of a check that found something unusual."""
    return Finding(Mark.ODD, name, sentence, advice)


def bad(name: str, sentence: str, *advice: str) -> Finding:
    """Return that of a check that found a problem."""
    return Finding(Mark.BAD, name, sentence, advice)


def left(name: str, sentence: str, *advice: str) -> Finding:
    """Return that of a check that was not made."""
    return Finding(Mark.LEFT, name, sentence, advice)


def needs(name: str, *others: str) -> Finding:
    """Return that of a check that needs others to be well first."""
    return left(name, f"not checked: it needs {', '.join(others)} to be well")
