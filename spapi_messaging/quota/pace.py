"""The rate that is believed in, from what Amazon's answers tell of it.

A rate header lowers the rate at once; it must not be relied on, so it raises it by doublings:
one with each answer that succeeds, or after a 429 with every fourth.

A 429 carries no rate, but it tells that Amazon's bucket is empty at this instant: what was
admitted between two of them *is* the rate of the plan. One alone changes nothing here;
repeated ones lower the rate to what was measured, or by a step where too little was. Successes
raise it to what was configured or announced: by doublings after a blind step, after a
measurement along a cubic, level near the measured rate and steep beyond it (as CUBIC,
RFC 9438). So a plan smaller than believed costs a 429 in about a hundred requests, and a
passing disturbance is forgotten as fast.

Source: https://developer-docs.amazon.com/sp-api/docs/usage-plans-and-rate-limits
"""

import re

import attrs

_RATE = re.compile(r"[0-9]{1,4}(\.[0-9]{1,9})?")
MIN_RATE = 0.001

_SAME = 0.001
"""Rates that differ by less are the same."""
_ALONE = 20
"""A 429 after so many successes stands alone."""
_FLOOR = 0.01
"""The share of the promised rate below which 429s do not lower it."""
_LESS = 0.95
"""The smallest step down."""

_DOUBLING = 4
"""Successes before the rate doubles, and the fewest that measure anything."""
_BLIND = 0.7
"""The step down where nothing was measured."""

_MEMORY = 50
"""As how many admitted requests all that was measured before counts."""
_LEVEL = 50
"""Successes until the cubic is back at the measured rate."""
_DIP = 0.05
"""How far below the measured rate the cubic starts."""
_STAIR = 1.02
"""The smallest raise along the cubic: each changes the bucket."""


@attrs.define
class Pace:
    """The rate for one operation of one seller: arithmetic over answers, no clock of its own.

    ``rate`` is in force. ``wanted`` is higher where a raise is due; it is taken with the next
    request that is granted, because a bucket that was just filled loses nothing by a change,
    or at once where somebody waits and it is twice the rate, because a full slot is more to lose.
    """

    promised: float
    """What was configured or announced."""
    rate: float = attrs.field(init=False)
    wanted: float = attrs.field(init=False)
    share: float = attrs.field(default=1.0, init=False)
    """The part of the plan's requests that pass here, where other processes send too."""
    _successes: int = attrs.field(default=_ALONE, init=False)  # as if the last 429 were long ago
    _heard: str | None = attrs.field(default=None, init=False)
    _believed: bool = attrs.field(default=False, init=False)
    """Whether no 429 came since the rate was announced."""
    _level: float | None = attrs.field(default=None, init=False)
    _answers_of_round: int = attrs.field(default=0, init=False)
    _empty_since: float | None = attrs.field(default=None, init=False)
    _admitted: float = attrs.field(default=0, init=False)
    _seconds: float = attrs.field(default=0, init=False)

    def __attrs_post_init__(self) -> None:
        self.rate = self.wanted = self.promised

    @property
    def level(self) -> float | None:
        """The rate that was measured, where the last step down measured one."""
        return self._level

    def learned(self, *, rate: float, promised: float, level: float | None) -> None:
        """Put in force what another process found out."""
        if rate < self.rate:
            self._successes, self._believed = 0, False
        self.rate = self.wanted = rate
        self.promised, self._level = promised, level

    def goes_on(self, header: str | None) -> bool:
        """Count a success that changes nothing, as nearly all are; False if it may."""
        is_news = header is not None and header != self._heard
        if is_news or self._answers_of_round or self.rate != self.promised:
            return False
        self._successes += 1
        return True

    def answered(self) -> None:
        """Count an answer of whatever kind towards the round of the last 429."""
        if self._answers_of_round:
            self._answers_of_round -= 1

    def idled(self) -> None:
        """Note that a request did not have to wait: Amazon's bucket may be filling up."""
        self._empty_since = None

    def announced(self, header: str) -> None:
        """Believe a rate header, unless it is not a sensible rate."""
        if header == self._heard:
            return  # as nearly all say: it is believed already, or was nothing to believe
        self._heard = header
        rate = float(header) if _RATE.fullmatch(header) else 0
        if rate < MIN_RATE or abs(rate - self.promised) <= _SAME * self.promised:
            return
        self.promised, self._level, self._believed = rate, None, True
        self.rate, self.wanted = min(self.rate, rate), min(self.wanted, rate)

    def succeeded(self) -> None:
        """Want more by a step, if one is due."""
        self._successes += 1
        if self.rate == self.promised:
            return
        if self._level is None:
            if self._believed:
                self.wanted = min(self.wanted * 2, self.promised)
            elif self._successes % _DOUBLING == 0:
                self.wanted = min(self.rate * 2, self.promised)
            return
        rate = self._level * (1 + _DIP * (self._successes / _LEVEL - 1) ** 3)
        if rate >= self.promised:
            self.wanted = self.promised
        elif rate >= self.rate * _STAIR:
            self.wanted = rate

    def raised(self) -> None:
        """Put the wanted rate in force."""
        self.rate = self.wanted

    def throttled(self, now: float, in_flight: int) -> None:
        """Lower the rate, unless this 429 stands alone; those of one round count as one.

        A round is twice what is in flight, since answers overtake each other.
        """
        if self._answers_of_round:
            return
        self._answers_of_round = 2 * in_flight
        alone = self.rate == self.promised and self._successes >= _ALONE
        measured = self._measure(now)
        self._successes, self._believed = 0, False
        if not alone:
            self._lower(measured)
        self.wanted = self.rate

    def _lower(self, measured: float | None) -> None:
        floor = min(self.rate, self.promised * _FLOOR)
        if measured is None:
            self._level = None
            self.rate = max(self.rate * _BLIND, floor)
        else:
            self._level = max(self.rate / 2, min(measured, self.rate * _LESS), floor)
            self.rate = self._level * (1 - _DIP)

    def _measure(self, now: float) -> float | None:
        since, self._empty_since = self._empty_since, now
        if self._successes < _DOUBLING:
            self._admitted = self._seconds = 0
            return None
        if since is not None:
            self._admitted += self._successes / self.share
            self._seconds += now - since
        if not self._seconds:
            return None
        measured = self._admitted / self._seconds
        kept = min(1, _MEMORY / self._admitted)
        self._admitted, self._seconds = self._admitted * kept, self._seconds * kept
        return measured
