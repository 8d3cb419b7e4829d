"""The rate that is believed in, from what Amazon's answers tell of it.

1. A rate header is believed at once. A 429 before a raise let pass more than a burst takes it back,
   and what is announced from then on is climbed to.
2. A 429 carries no rate, but tells that Amazon's bucket is empty at this instant: what was admitted
   between two of them *is* the rate of the plan; before the first, what was admitted beyond the
   burst gives a guess. One after fifty successes stands alone, and changes nothing.
3. What N requests measured is wrong by about one of them: it is kept half of one below itself for
   3 N successes, then raised along a cubic, level near it and steep beyond (as CUBIC, RFC 9438).
4. Where nothing was measured, a 429 halves the rate, and every fourth success doubles it.
5. No raise goes beyond what was configured or announced.

So a plan smaller than believed costs a few 429s until it is found out, and then one in some three
hundred requests, while what was measured by few is doubted soon.

An announced raise was once climbed to by doublings, one with each answer. A few answers led as
high, and after each 429 as high again: a header that lied was hammered for ever. Now a lie costs
what is sent in one round trip.

Source: https://developer-docs.amazon.com/sp-api/docs/usage-plans-and-rate-limits
"""

import re

import attrs

_RATE = re.compile(r"[0-9]{1,4}(\.[0-9]{1,9})?")
MIN_RATE = 0.001

_SAME = 0.001
"""Rates that differ by less are the same."""
_ALONE = 50
"""A 429 after so many successes stands alone."""
_BEYOND = 7
"""Requests beyond the burst that speak for an announced raise: a lie admits fewer."""
_FLOOR = 0.01
"""The share of the promised rate below which 429s do not lower it."""
_STEP = 0.5
"""The step down where nothing was measured, and the largest where something was."""

_FEW = 4
"""Successes before the rate doubles, and the fewest that measure anything."""
_GUESS = 12
"""As how many admitted requests a guess counts."""
_MEMORY = 50
"""As how many admitted requests all that was measured before counts, and the most it weighs."""
_HELD = 3
"""How long a rate is held: so many times the requests that measured it."""
_FORGOTTEN = 2
"""A rate is another plan's if so many times as much meets no 429."""
_STAIR = 1.005
"""The smallest raise along the cubic: each changes the bucket."""


@attrs.define
class Pace:
    """The rate for one operation of one seller: arithmetic over answers, no clock of its own.

    ``rate`` is in force. ``wanted`` is higher where a raise is due; it is taken with the next
    request that is granted, or at once where somebody waits and it is twice the rate.
    """

    promised: float
    """What was configured or announced."""
    burst: int = attrs.field(default=5, kw_only=True)
    rate: float = attrs.field(init=False)
    wanted: float = attrs.field(init=False)
    share: float = attrs.field(default=1.0, init=False)
    """The part of the plan's requests that pass here, where other processes send too."""
    is_steady: bool = attrs.field(default=False, init=False)
    """Whether a success that announces nothing new need not be told: it would change nothing."""
    _successes: int = attrs.field(default=0, init=False)
    """Since the last 429, or the last raise that was announced."""
    _heard: str | None = attrs.field(default=None, init=False)
    _before: float | None = attrs.field(default=None, init=False)
    """The rate before the one that was announced, as long as no 429 came."""
    _doubted: bool = attrs.field(default=False, init=False)
    """Whether a 429 took an announced rate back, and successes have not led there since."""
    _level: float | None = attrs.field(default=None, init=False)
    _weight: float = attrs.field(default=_GUESS, init=False)
    """How many requests measured the level."""
    _answers_of_round: int = attrs.field(default=0, init=False)
    _met_none: bool = attrs.field(default=True, init=False)
    """Whether no 429 came yet, since the start or an announced raise."""
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
        """Put in force what another process found out.

        How far the rate is below the level tells how many requests measured it.
        """
        self.is_steady = False
        if rate < self.rate:
            self._successes, self._before = 0, None
            if level is not None:
                below = max(1 - rate / level, 1 / (2 * _MEMORY))
                self._weight = max(1 / (2 * below), _FEW)
        elif promised > self.promised:
            self._successes, self._before = 0, self.rate
        if rate != self.rate:
            self.rate = self.wanted = rate
        self.wanted = min(self.wanted, promised)
        self.promised, self._level = promised, level

    def goes_on(self, header: str | None) -> bool:
        """Say that a success with this header changes nothing, as nearly all do."""
        return self.is_steady and (header is None or header == self._heard)

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
        self.is_steady = False
        raised, self.promised = rate > self.promised, rate
        self._empty_since, self._admitted, self._seconds = None, 0, 0
        if not raised:
            self.rate, self.wanted = min(self.rate, rate), min(self.wanted, rate)
        elif not self._doubted:
            if self._before is None or self._successes >= _ALONE:
                self._before = self.rate
            self.wanted, self._level = rate, None
            self._successes, self._met_none = 0, True
        else:
            self._hold(self.rate, _GUESS)
            self.wanted = self.rate

    def succeeded(self) -> None:
        """Want more by a step, if one is due."""
        self._successes += 1
        if self.rate == self.promised:
            self.is_steady = self._successes >= _ALONE and not self._answers_of_round
            return
        if self._level is None:
            if self._successes % _FEW == 0:
                self.wanted = min(max(self.rate * 2, self.wanted), self.promised)
        else:
            rate = self._on_the_cubic(self._level)
            if rate >= self.promised or rate >= self.rate * _STAIR:
                self.wanted = min(rate, self.promised)
            if rate >= self._level * _FORGOTTEN:
                self._level = None
        if self.wanted == self.promised:
            self._doubted = False

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
        if self.is_steady:
            self.idled()  # successes were not counted any more
        alone = self.rate == self.promised and self._successes >= _ALONE
        beyond, before, first = self._successes - self.burst, self._before, self._met_none
        measured = self._measure(now)
        self._successes, self._before = 0, None
        self._met_none = self.is_steady = False
        if alone:
            return
        if before is not None and beyond < _BEYOND:
            self._doubted = True
            self.rate = min(before, self.rate)
            self._hold(self.rate, _GUESS)
        elif first:
            self._guess(beyond, in_flight)
        elif measured is not None:
            self._hold(measured, self._admitted)
        else:
            self._level, self.rate = None, max(self.rate * _STEP, self._floor)
        self.wanted = self.rate

    @property
    def _floor(self) -> float:
        return min(self.rate, self.promised * _FLOOR)

    def _on_the_cubic(self, level: float) -> float:
        way = self._successes / self.share / (_HELD * self._weight) - 1
        return level * (1 + way**3 / (2 * self._weight))

    def _hold(self, level: float, weight: float) -> None:
        self._successes = 0
        self._level = level = min(max(level, self.rate * _STEP, self._floor), self.rate)
        self._weight = min(weight, _MEMORY)
        self.rate = min(self.rate, self._on_the_cubic(level))

    def _guess(self, beyond: int, in_flight: int) -> None:
        """Guess at the rate from how many were admitted beyond the burst.

        One and a half more would have been at the rate that was believed. Where they were fewer
        than the burst, the bucket was not full at the start, and they tell nothing of the rate.
        Answers overtake each other: the more are in flight, the lower end of it is taken.
        """
        if beyond >= -in_flight / 4:
            beyond_doubt = max(0, beyond - in_flight / 2)
            self._hold(self.rate * (beyond_doubt + 0.5) / (beyond_doubt + 2), _GUESS)

    def _measure(self, now: float) -> float | None:
        since, self._empty_since = self._empty_since, now
        if since is None:
            return None
        if self._successes < _FEW <= self._admitted:
            self._admitted = self._seconds = 0  # in quick succession: the plan is another
        # A time in which nothing was admitted was a disturbance, and measures nothing.
        kept = min(1, _MEMORY / self._admitted) if self._admitted else 0
        self._admitted = self._admitted * kept + self._successes / self.share
        self._seconds = self._seconds * kept + now - since
        enough = self._admitted >= _FEW and self._seconds > 0
        return self._admitted / self._seconds if enough else None
