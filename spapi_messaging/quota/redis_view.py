"""What one process knows of the shared bucket, and what it has still to tell the others."""

from enum import Flag, auto

import attrs

from spapi_messaging.quota.bucket import HEADROOM
from spapi_messaging.quota.pace import Pace
from spapi_messaging.quota.redis_bucket import KEPT, BucketReply, BucketRequest, Version

__all__ = ["BucketView", "News"]

_SAMPLE = 200.0
"""Turns over which the part of this process is estimated."""


class News(Flag):
    """What the next call to Redis is to tell; taken back if the call fails."""

    NONE = 0
    EMPTIED = auto()
    """A 429 came, the rate was lowered, or requests went past the bucket: it is to be emptied."""
    RAISED = auto()
    """The rate is to be raised for all."""


@attrs.define
class Share:
    """An estimate of which part of all turns is this process's."""

    _own: float = 0.0
    _all_since: float | None = None

    def count(self, total: int) -> float:
        """Count a turn of this process, the one of that number; return the part."""
        if self._all_since is None or total <= self._all_since:
            self._all_since, self._own = total - 1, 0
        self._own += 1
        if total - self._all_since > _SAMPLE:
            self._all_since += (total - self._all_since) / 2
            self._own /= 2
        return min(1.0, self._own / (total - self._all_since))


@attrs.define(kw_only=True)
class BucketView:
    """What is known of the shared bucket: which it is, and the rate that was last told."""

    capacity: int
    pace: Pace
    """Learns the rate that other processes found out, and the share of this one."""
    news: News = News.NONE
    _version: Version | None = None
    _rates: tuple[float, float, float | None] | None = None
    _heard_at: float = 0.0
    _share: Share = attrs.field(factory=Share)

    @property
    def emptied(self) -> bool:
        """Whether others are still to be told to empty it."""
        return News.EMPTIED in self.news

    @property
    def doubled(self) -> bool:
        """Whether the rate in force is at least twice the one that was last told."""
        return self._rates is not None and self.pace.rate >= 2 * self._rates[0]

    def moved(self, now: float) -> None:
        """Go on with a clock that says ``now``."""
        self._heard_at = now

    def request(self, now: float, *, take: bool) -> BucketRequest:
        """Make the next request, with the news."""
        if now - self._heard_at > KEPT:
            self._version = None
        return BucketRequest(
            capacity=self.capacity,
            headroom=HEADROOM,
            take=take,
            empty=self.emptied,
            changed=bool(self.news),
            version=self._version,
            rate=self._rates[0] if self._rates else None,
        )

    def learn(self, reply: BucketReply, asked_at: float) -> None:
        """Believe a reply, and put its rate in force unless news came up that it does not know."""
        self._heard_at = asked_at
        pace, known = self.pace, self._version
        if known is None or reply.version[0] != known[0] or reply.version[1] > known[1]:
            self._version = reply.version
        rates = (reply.rate, reply.promised, reply.level)
        if rates != self._rates and (reply.rate < pace.rate or not self.emptied):
            pace.learned(rate=reply.rate, promised=reply.promised, level=reply.level)
        self._rates = rates
        if reply.given:
            pace.share = self._share.count(reply.total)
