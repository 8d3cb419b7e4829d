"""The bucket that processes share: one script in Redis, one call to take a turn.

The bucket is throttled-py's GCRA, which counts by the server's clock. What it has not is put
around it in the same atomic call: turns are given in advance, so that each process waits for
its own instead of asking again and again; a version voids them all when a 429 came or the rate
was lowered, but those that may be taken without another look still count; and the rate in force
comes with every answer. A rate that is at least doubled voids them, too, since they are due by the
old one, and what was taken leaks on at the new rate; a smaller raise leaves the bucket as it is,
which then holds a little less than it might.

A bucket is as full as the time since its last turn made it. Redis may lose it, so a process that
remembers another one makes a new one empty: what was sent in the meantime is not known.

Source: https://redis.io/docs/latest/develop/programmability/eval-intro/
"""

import hashlib
from typing import Any, TypeAlias

import attrs
from redis.asyncio import Redis
from throttled.asyncio.rate_limiter.gcra import RedisLimitAtomicAction

from spapi_messaging.quota.pace import Pace

Version: TypeAlias = tuple[int, int]
"""Which bucket it is, by the time when Redis first had it, and how often it was emptied."""

KEPT = 3600
"""Seconds for which Redis keeps what is known of a rate that nobody uses."""
BRIEF = 0.25
"""Seconds: a turn that was given no longer before it is due may be taken without another look."""
_AHEAD = 1000
"""Turns given in advance; each process holds one at most."""

# GET, SET and TIME of throttled-py, in a function that sees its own KEYS and ARGV.
_SCRIPT = (
    """
local function gcra(KEYS, ARGV)
"""
    + RedisLimitAtomicAction.SCRIPTS
    + """
end
local bucket, state = KEYS[1], KEYS[2]
local capacity, headroom, ahead = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local take, empty, changed = ARGV[4] == "1", ARGV[5] == "1", ARGV[6] == "1"
local known_epoch, known_rate = tonumber(ARGV[7]), tonumber(ARGV[8])
local brief, kept = tonumber(ARGV[9]), tonumber(ARGV[10])
local own = {rate = ARGV[11], promised = ARGV[12], level = ARGV[13]}

local time = redis.call("TIME")
local now = time[1] + time[2] / 1000000
local stored = redis.call("HMGET", state,
    "epoch", "version", "rate", "promised", "level", "full", "brief")
local epoch, version = tonumber(stored[1]), tonumber(stored[2])
local current = {rate = stored[3] or own.rate, promised = stored[4] or own.promised,
    level = stored[5] or own.level}
local before = 1 / ((tonumber(stored[3]) or (known_rate > 0 and known_rate) or tonumber(own.rate))
    * headroom)
if not epoch then
    epoch, version = time[1] * 1000000 + time[2], 0
    redis.call("HSET", state, "epoch", string.format("%.0f", epoch), "version", 0, "full", "1")
    empty, changed = empty or known_epoch ~= 0, changed or known_epoch ~= 0
elseif known_epoch ~= 0 and known_epoch ~= epoch and stored[6] then
    empty = true
end
if changed then
    local stored_rate = tonumber(stored[3])
    if not stored_rate or stored_rate == known_rate or tonumber(own.rate) < stored_rate then
        current = own
        redis.call("HSET", state, "rate", own.rate, "promised", own.promised, "level", own.level)
    end
end
local interval = 1 / (tonumber(current.rate) * headroom)
local taken = empty and capacity
if not empty and before >= 2 * interval then
    taken = math.min(capacity, tonumber(gcra({bucket}, {before, capacity + ahead, 0})[3]) / before)
end
if taken then
    local unseen = math.ceil(math.max(0, (tonumber(stored[7]) or now) - now) / before)
    redis.call("HDEL", state, "brief", empty and "full" or "brief")
    version = redis.call("HINCRBY", state, "version", 1)
    redis.call("DEL", bucket)
    gcra({bucket}, {interval, capacity + ahead, taken + unseen})
end
local given, wait, total = 0, 0, 0
if take then
    local turn = gcra({bucket}, {interval, capacity + ahead, 1})
    if turn[1] == 0 then
        given, wait = 1, tonumber(turn[3]) - capacity * interval
        total = redis.call("HINCRBY", state, "turns", 1)
        if wait > 0 and wait <= brief then
            redis.call("HSET", state, "brief", now + wait)
        end
    else
        wait = tonumber(turn[4])
    end
end
redis.call("EXPIRE", state, math.ceil(math.max(kept, 2 * capacity * interval)))
return {given, tostring(wait), epoch, version, total,
    current.rate, current.promised, current.level}
"""
)


@attrs.frozen(kw_only=True)
class BucketRequest:
    """What a process asks, and what it knows so far. There is no version where it knows nothing."""

    capacity: int
    headroom: float
    take: bool
    """Whether it wants a turn, now or in advance."""
    empty: bool
    """Whether the bucket is to be emptied: a 429 came, or the rate was lowered."""
    changed: bool
    """Whether the rate is another; a raise counts only if ``rate`` is the latest."""
    version: Version | None
    rate: float | None
    """The rate that was last told."""


@attrs.frozen(kw_only=True)
class BucketReply:
    """What the bucket says."""

    given: bool
    """Whether a turn was given."""
    wait: float
    """Seconds until the turn, or until it is worth asking again; not positive for now."""
    version: Version
    total: int
    """How many turns all processes were given, where one was."""
    rate: float
    promised: float
    level: float | None


class SharedBucket:
    """The bucket of one operation of one seller in Redis.

    Its keys have neither the seller's name nor any of its secrets; they expire.
    """

    def __init__(self, redis: Redis, *, namespace: str, account: str, operation: str) -> None:
        name = hashlib.sha256(f"{account}\0{operation}".encode()).hexdigest()[:32]
        self._keys = [f"{namespace}:{{{name}}}:{part}" for part in ("bucket", "state")]
        self._script = redis.register_script(_SCRIPT)

    async def ask(self, request: BucketRequest, pace: Pace) -> BucketReply:
        """Take a turn, tell of a change, or learn of one; raises what redis-py raises."""
        arguments: list[Any] = [request.capacity, request.headroom, _AHEAD]
        arguments += [int(request.take), int(request.empty), int(request.changed)]
        arguments += [request.version[0] if request.version else 0, request.rate or 0, BRIEF, KEPT]
        arguments += [pace.rate, pace.promised, pace.level or ""]
        given, wait, *version_now, total, rate, promised, level = await self._script(
            self._keys, arguments
        )
        return BucketReply(
            given=bool(given),
            wait=float(wait),
            version=(version_now[0], version_now[1]),
            total=total,
            rate=float(rate),
            promised=float(promised),
            level=float(level) if level else None,
        )
